/* SPDX-License-Identifier: Apache-2.0 */
#include "compose/candidates.h"

#include <string.h>

#include "base/error.h"
#include "base/parallel.h"
#include "chunker/former-entries.h"
#include "emit/content-key.h"
#include "verify/read-layers.h"
#include "verify/record-entries.h"

typedef struct {
  const VarveCandidatesOptions *options;
  GPtrArray *entries; /* VarveLayerEntries or NULL */
} Candidates;

/* Whether the key that the previous image has for what is live in a layer is that of these objects. */
static gboolean
has_key (const Candidates *self, guint index)
{
  const VarveCandidatesOptions *options = self->options;
  const VarveLayerEntries *entries = self->entries->pdata[index];
  const VarveLedgerLayer *layer = varve_ledger_layer (options->previous->ledger, index);
  VarveDigest key = varve_content_key (options->format, options->inventory,
                                       (const guint32 *)(const void *)entries->objects->data, entries->objects->len);
  if (layer != NULL && layer->has_key)
    return varve_digest_compare (&key, &layer->key) == 0;
  g_autofree char *text = varve_digest_to_string (&key);
  return g_strcmp0 (text, varve_previous_key (options->previous, index + 1)) == 0;
}

static gboolean
has_diff_id (const Candidates *self, guint index)
{
  static const VarveDigest UNKNOWN = { 0 };
  const VarveDigest *diff_id = &g_array_index (self->options->previous->diff_ids, VarveDigest, index + 1);
  return varve_digest_compare (diff_id, &UNKNOWN) != 0;
}

static gboolean
can_read (const Candidates *self)
{
  return self->options->may_read && self->options->previous->image != NULL
         && self->options->format == VARVE_FORMAT_OSTREE;
}

static void
warn_unread (const Candidates *self, const char *message)
{
  g_autofree char *name = varve_escape (self->options->previous->name);
  varve_observer_warn (self->options->observer, "'%s': %s: continuing without this layer", name, message);
}

static gboolean
read_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Candidates *self = data;
  if (self->entries->pdata[index] != NULL)
    return TRUE;
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  VarveReadLayer read = {
    .image = self->options->previous->image,
    .index = (guint)index + 1,
    .role = VARVE_LAYER_CONTENT,
    .findings = findings,
    .observer = self->options->observer,
  };
  g_autoptr (VarveLayerRecord) record = varve_read_layer (&read, cancellable, error);
  if (record == NULL)
    return FALSE;
  if (varve_findings_count (findings, VARVE_SEVERITY_ERROR) == 0)
    {
      self->entries->pdata[index] = varve_record_entries (record, self->options->inventory);
      return TRUE;
    }
  const VarveFinding *first = varve_findings_get (findings, VARVE_SEVERITY_ERROR, 0);
  g_autofree char *message = g_strdup_printf ("%s: %s", first->where, first->message);
  warn_unread (self, message);
  return TRUE;
}

static gboolean
read_changed (Candidates *self, GCancellable *cancellable, GError **error)
{
  guint64 bytes = 0;
  for (guint i = 0; i < self->entries->len; i++)
    if (self->entries->pdata[i] == NULL)
      bytes += varve_manifest_layer (self->options->previous->manifest, i + 1)->size_bytes;
  varve_observer_begin (self->options->observer, "reading layers of the previous image", bytes);
  return varve_parallel_for (self->options->jobs, self->entries->len, read_layer, self, cancellable, error);
}

GPtrArray *
varve_candidates_find (const VarveCandidatesOptions *options, GCancellable *cancellable, GError **error)
{
  guint n_layers = options->previous->manifest->layers->len;
  Candidates self = { .options = options };
  self.entries = varve_former_entries_new (options->plan, options->inventory, options->previous->ledger,
                                           n_layers > 0 ? n_layers - 1 : 0);
  for (guint i = 0; i < self.entries->len; i++)
    if (self.entries->pdata[i] != NULL && (!has_diff_id (&self, i) || !has_key (&self, i)))
      g_clear_pointer (&self.entries->pdata[i], varve_layer_entries_free);
  if (!can_read (&self) || read_changed (&self, cancellable, error))
    return self.entries;
  g_ptr_array_unref (self.entries);
  return NULL;
}

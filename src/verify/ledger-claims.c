/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/ledger-claims.h"

#include <string.h>

#include "base/error.h"
#include "emit/ledger-text.h"
#include "model/image-keys.h"
#include "model/layer-entries.h"
#include "verify/read-layers.h"
#include "verify/stale.h"

typedef struct {
  const VarveImage *image;
  guint index;
  VarveFindings *findings;
} Claims;

/* Of a stale object, as text that orders and compares it. */
typedef struct {
  char *text;
  const char *path; /* for messages */
} Line;

void
varve_layer_facts_clear (VarveLayerFacts *facts)
{
  g_clear_pointer (&facts->stale, g_ptr_array_unref);
}

VarveLedger *
varve_ledger_claims_read (const VarveImage *image, VarveFindings *findings)
{
  g_autoptr (GError) error = NULL;
  const char *text = varve_string_map_get (image->manifest->annotations, VARVE_ANNOTATION_LEDGER);
  if (text == NULL)
    return NULL;
  g_autoptr (VarveLedger) ledger = varve_ledger_from_text (text, &error);
  if (ledger != NULL && varve_ledger_check_layers (ledger, image->manifest->layers->len, &error))
    return g_steal_pointer (&ledger);
  varve_findings_add (findings, VARVE_SEVERITY_ERROR, "image.ledger", "manifest", "%s", error->message);
  return NULL;
}

guint
varve_ledger_claims_first (const VarveImage *image)
{
  gboolean is_plain = varve_config_label (image->config, VARVE_LABEL_FINAL_DIFF_ID) == NULL;
  gboolean has_folders = varve_string_map_get (image->manifest->annotations, VARVE_ANNOTATION_COMMIT) != NULL;
  return is_plain && !has_folders ? 0 : 1;
}

static void
claims_fault (const Claims *claims, const char *message)
{
  g_autofree char *place = varve_layer_place (claims->image, claims->index);
  varve_findings_add (claims->findings, VARVE_SEVERITY_ERROR, "layer.ledger", place,
                      "the ledger %s: do not use this image with --previous", message);
}

static void
stale_fault (const Claims *claims, const char *what, const char *path)
{
  g_autofree char *escaped = varve_escape (path), *message = g_strdup_printf ("%s: '%s'", what, escaped);
  claims_fault (claims, message);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Each path with its length, so that no two lists of paths have the same text. */
static char *
text_of (const VarveStaleObject *stale)
{
  g_autofree const char **paths = g_memdup2 (stale->paths, (g_strv_length (stale->paths) + 1) * sizeof *paths);
  guint n_paths = g_strv_length (stale->paths);
  GString *text = g_string_new (NULL);
  qsort (paths, n_paths, sizeof *paths, compare_strings);
  for (guint i = 0; i < n_paths; i++)
    g_string_append_printf (text, "%" G_GSIZE_FORMAT ":%s", strlen (paths[i]), paths[i]);
  g_string_append_printf (text, " %" G_GUINT64_FORMAT " %08x", stale->size_bytes, stale->mark);
  return g_string_free (text, FALSE);
}

static void
add_lines (GArray *lines, const VarveStaleObject *stale, VarveStaleComparison comparison)
{
  if (comparison == VARVE_STALE_EXACT)
    {
      Line line = { text_of (stale), stale->paths[0] != NULL ? stale->paths[0] : "an object without a path" };
      g_array_append_val (lines, line);
      return;
    }
  for (char **path = stale->paths; *path != NULL; path++)
    {
      Line line = { g_strdup (*path), *path };
      g_array_append_val (lines, line);
    }
}

static void
line_clear (gpointer line)
{
  g_free (((Line *)line)->text);
}

static GArray *
lines_of (const GPtrArray *stale, VarveStaleComparison comparison)
{
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (Line));
  g_array_set_clear_func (lines, line_clear);
  for (guint i = 0; i < stale->len; i++)
    add_lines (lines, stale->pdata[i], comparison);
  g_array_sort (lines, compare_strings);
  return lines;
}

static void
compare_stale (const Claims *claims, const GPtrArray *claimed, const GPtrArray *found, VarveStaleComparison comparison)
{
  g_autoptr (GArray) left = lines_of (claimed, comparison), right = lines_of (found, comparison);
  guint i = 0;
  while (i < left->len && i < right->len
         && strcmp (g_array_index (left, Line, i).text, g_array_index (right, Line, i).text) == 0)
    i++;
  const Line *extra = i < left->len ? &g_array_index (left, Line, i) : NULL;
  const Line *lacking = i < right->len ? &g_array_index (right, Line, i) : NULL;
  if (lacking != NULL && (extra == NULL || strcmp (lacking->text, extra->text) < 0))
    stale_fault (claims, "does not list a stale object of the layer", lacking->path);
  else if (extra != NULL)
    stale_fault (claims, "lists a stale object that the layer does not have so", extra->path);
}

void
varve_ledger_claims_check (const VarveImage *image, const VarveLedger *ledger, guint index,
                           const VarveLayerFacts *facts, VarveStaleComparison comparison, VarveFindings *findings)
{
  guint first = varve_ledger_claims_first (image);
  g_return_if_fail (index >= first);
  Claims claims = { image, index, findings };
  const VarveLedgerLayer *layer = varve_ledger_layer (ledger, index - first);
  if (layer == NULL)
    {
      if (varve_stale_is_declared (varve_manifest_layer (image->manifest, index)))
        claims_fault (&claims, "lacks this layer, which has stale objects");
      return;
    }
  gboolean is_claimed = layer->has_key || (layer->stale != NULL && layer->stale->len > 0);
  if (facts->stale == NULL)
    {
      if (is_claimed)
        claims_fault (&claims, "describes a layer that no build can keep");
      return;
    }
  if (layer->has_key && varve_digest_compare (&layer->key, &facts->key) != 0)
    claims_fault (&claims, "has the key of another content");
  if (layer->stale != NULL)
    compare_stale (&claims, layer->stale, facts->stale, comparison);
}

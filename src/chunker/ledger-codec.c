/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that has failed returns zeros from then on, so errors are checked only at the end. */
#include "chunker/ledger-codec.h"

#include <string.h>

#include "base/error.h"

static const guint8 MAGIC[] = { 'V', 'L' };
enum {
  FORMAT = 3,
  FORMAT_WITHOUT_PROBABILITIES = 1,
  VARINT_MAX_BYTES = 10,
  LAYER_MAX = 65536,
};
/* Of a layer. */
enum { FLAG_KNOWN = 1, FLAG_KEY = 2 };

static void
put_number (GByteArray *out, guint64 value)
{
  do
    {
      guint8 byte = (guint8)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
      g_byte_array_append (out, &byte, 1);
      value >>= 7;
    }
  while (value > 0);
}

static void
put_signed (GByteArray *out, gint64 value)
{
  put_number (out, (guint64)value << 1 ^ (guint64)(value >> 63));
}

static void
put_text (GByteArray *out, const char *text)
{
  put_number (out, strlen (text));
  g_byte_array_append (out, (const guint8 *)text, (guint)strlen (text));
}

static gsize
shared_bytes (const char *a, const char *b)
{
  gsize n = 0;
  while (a[n] != '\0' && a[n] == b[n])
    n++;
  return n;
}

static void
put_runs (GByteArray *out, const GArray *runs)
{
  put_number (out, runs != NULL ? runs->len : 0);
  for (guint i = 0; runs != NULL && i < runs->len; i++)
    {
      put_number (out, g_array_index (runs, VarveLedgerRun, i).layer);
      put_number (out, g_array_index (runs, VarveLedgerRun, i).n_objects);
    }
}

/* What follows is never empty. */
static gsize
shared_with_path (const char *before, const char *path)
{
  gsize shared = shared_bytes (before, path);
  return shared - (path[shared] == '\0' && shared > 0);
}

/* What a stale object is written as a difference to. */
typedef struct {
  const char *path;
  gint64 since;
} StaleBefore;

static gint64
newest_time (const VarveLedger *ledger)
{
  return ledger->times->len > 0 ? g_array_index (ledger->times, gint64, 0) : 0;
}

static void
put_stale (GByteArray *out, const VarveStaleObject *stale, StaleBefore *before)
{
  guint32 mark = GUINT32_TO_BE (stale->mark);
  g_byte_array_append (out, (const guint8 *)&mark, sizeof mark);
  put_signed (out, (gint64)((guint64)stale->since - (guint64)before->since));
  before->since = stale->since;
  put_number (out, stale->size_bytes);
  put_number (out, g_strv_length (stale->paths));
  for (char **path = stale->paths; *path != NULL; path++)
    {
      gsize shared = shared_with_path (before->path, *path);
      put_number (out, shared);
      put_text (out, *path + shared);
      before->path = *path;
    }
}

static void
put_layer (GByteArray *out, const VarveLedgerLayer *layer, StaleBefore *before)
{
  gboolean is_known = layer->stale != NULL;
  put_number (out, (is_known ? FLAG_KNOWN : 0) | (layer->has_key ? FLAG_KEY : 0));
  if (layer->has_key)
    g_byte_array_append (out, layer->key.bytes, sizeof layer->key.bytes);
  if (!is_known)
    return;
  put_number (out, layer->stale->len);
  for (guint i = 0; i < layer->stale->len; i++)
    put_stale (out, layer->stale->pdata[i], before);
}

static void
put_entry (GByteArray *out, const VarveLedgerEntry *entry, const char *component_before)
{
  gsize shared = shared_bytes (component_before, entry->component);
  put_number (out, shared);
  put_text (out, entry->component + shared);
  put_number (out, entry->subtree != NULL);
  if (entry->subtree != NULL)
    put_text (out, entry->subtree);
  guint64 digest = GUINT64_TO_BE (entry->digest);
  g_byte_array_append (out, (const guint8 *)&digest, sizeof digest);
  put_number (out, entry->raw_bytes);
  put_number (out, entry->size_bytes);
  put_number (out, entry->layer != VARVE_NO_LAYER ? (guint64)entry->layer + 1 : 0);
  if (entry->layer != VARVE_NO_LAYER)
    {
      put_number (out, entry->probability != VARVE_LEDGER_NO_PROBABILITY ? (guint64)entry->probability + 1 : 0);
      put_runs (out, entry->runs);
    }
  put_number (out, entry->n_steps);
  for (guint step = 0; step < entry->n_steps; step += 8)
    {
      guint8 bits = (guint8)(entry->changed.words[step / 64] >> (step % 64));
      g_byte_array_append (out, &bits, 1);
    }
}

GBytes *
varve_ledger_to_bytes (const VarveLedger *ledger)
{
  GByteArray *out = g_byte_array_new ();
  const guint8 format = FORMAT;
  g_byte_array_append (out, MAGIC, sizeof MAGIC);
  g_byte_array_append (out, &format, 1);
  put_number (out, ledger->times->len);
  gint64 before = 0;
  for (guint i = 0; i < ledger->times->len; i++)
    {
      gint64 time = g_array_index (ledger->times, gint64, i);
      put_signed (out, (gint64)((guint64)time - (guint64)before));
      before = time;
    }
  put_number (out, ledger->entries->len);
  for (guint32 i = 0; i < ledger->entries->len; i++)
    put_entry (out, varve_ledger_entry (ledger, i), i > 0 ? varve_ledger_entry (ledger, i - 1)->component : "");
  StaleBefore before_stale = { "", newest_time (ledger) };
  put_number (out, ledger->layers->len);
  for (guint32 i = 0; i < ledger->layers->len; i++)
    put_layer (out, varve_ledger_layer (ledger, i), &before_stale);
  return g_byte_array_free_to_bytes (out);
}

typedef struct {
  const guint8 *data;
  gsize left;
  guint8 format;
  gsize names_bytes;   /* of the names read so far */
  const char *problem; /* the first; NULL: none so far */
} Reader;

static void
reader_fail (Reader *reader, const char *problem)
{
  if (reader->problem == NULL)
    reader->problem = problem;
  reader->left = 0;
}

static guint8
get_byte (Reader *reader)
{
  if (reader->left == 0)
    {
      reader_fail (reader, "truncated");
      return 0;
    }
  reader->left--;
  return *reader->data++;
}

static guint64
get_number (Reader *reader)
{
  guint64 value = 0;
  for (guint i = 0; i < VARINT_MAX_BYTES; i++)
    {
      guint8 byte = get_byte (reader);
      if (i == VARINT_MAX_BYTES - 1 && byte > 1)
        break;
      value |= (guint64)(byte & 0x7f) << (7 * i);
      if ((byte & 0x80) != 0)
        continue;
      if (byte == 0 && i > 0)
        reader_fail (reader, "overlong number");
      return value;
    }
  reader_fail (reader, "number of more than 64 bits");
  return 0;
}

static guint64
get_number_up_to (Reader *reader, guint64 most, const char *problem)
{
  guint64 value = get_number (reader);
  if (value <= most)
    return value;
  reader_fail (reader, problem);
  return 0;
}

static gint64
get_signed (Reader *reader)
{
  guint64 value = get_number (reader);
  return (gint64)(value >> 1 ^ (~(value & 1) + 1));
}

/* @shared bytes of @before, then the text that follows. */
static char *
get_text (Reader *reader, const char *before, gsize shared)
{
  gsize length = get_number_up_to (reader, VARVE_LEDGER_NAME_MAX_BYTES, "name too long");
  if (length > reader->left || shared + length > VARVE_LEDGER_NAME_MAX_BYTES)
    {
      reader_fail (reader, "name too long");
      return g_strdup ("");
    }
  GString *text = g_string_new_len (before, (gssize)shared);
  g_string_append_len (text, (const char *)reader->data, (gssize)length);
  reader->data += length;
  reader->left -= length;
  reader->names_bytes += text->len;
  if (reader->names_bytes > VARVE_LEDGER_NAMES_MAX_BYTES)
    reader_fail (reader, "names too long in total");
  if (text->len == 0 || strlen (text->str) != text->len || !g_utf8_validate (text->str, -1, NULL))
    reader_fail (reader, "name empty, with a NUL, or not UTF-8");
  return g_string_free (text, FALSE);
}

static void
get_times (Reader *reader, VarveLedger *ledger)
{
  guint64 n = get_number_up_to (reader, VARVE_LEDGER_BUILDS_MAX, "too many builds");
  gint64 time = 0;
  for (guint64 i = 0; i < n && reader->problem == NULL; i++)
    {
      time = (gint64)((guint64)time + (guint64)get_signed (reader));
      g_array_append_val (ledger->times, time);
    }
}

static void
get_events (Reader *reader, VarveLedgerEntry *entry, guint32 n_steps)
{
  for (guint step = 0; step < n_steps; step += 8)
    entry->changed.words[step / 64] |= (guint64)get_byte (reader) << (step % 64);
  if (!varve_events_equal (entry->changed, varve_events_newest (entry->changed, n_steps)))
    reader_fail (reader, "entry with a change before its first build");
  entry->n_steps = n_steps;
}

static void
get_runs (Reader *reader, VarveLedgerEntry *entry)
{
  guint64 n = get_number_up_to (reader, VARVE_LEDGER_RUNS_MAX, "too many runs");
  if (n == 0)
    return;
  entry->runs = g_array_new (FALSE, FALSE, sizeof (VarveLedgerRun));
  for (guint64 i = 0; i < n && reader->problem == NULL; i++)
    {
      VarveLedgerRun run;
      run.layer = (guint32)get_number_up_to (reader, LAYER_MAX, "layer number too large");
      run.n_objects = (guint32)get_number_up_to (reader, G_MAXUINT32, "too many objects");
      const VarveLedgerRun *last = i > 0 ? &g_array_index (entry->runs, VarveLedgerRun, i - 1) : NULL;
      if (n == 1 || (last != NULL && (last->layer == run.layer || (last->n_objects == 0) != (run.n_objects == 0))))
        reader_fail (reader, "runs of objects that do not alternate");
      g_array_append_val (entry->runs, run);
    }
}

static void
get_place (Reader *reader, VarveLedgerEntry *entry)
{
  guint64 layer = get_number_up_to (reader, LAYER_MAX, "layer number too large"), probability = 0;
  if (layer > 0 && reader->format != FORMAT_WITHOUT_PROBABILITIES)
    probability = get_number_up_to (reader, VARVE_PROBABILITY_ONE + 1, "probability above one");
  if (layer > 0 && reader->format == FORMAT)
    get_runs (reader, entry);
  entry->layer = layer > 0 ? (guint32)layer - 1 : VARVE_NO_LAYER;
  entry->probability = probability > 0 ? (guint32)probability - 1 : VARVE_LEDGER_NO_PROBABILITY;
}

static void
get_entry (Reader *reader, VarveLedger *ledger)
{
  guint32 index = ledger->entries->len;
  const char *before = index > 0 ? varve_ledger_entry (ledger, index - 1)->component : "";
  gsize shared = get_number_up_to (reader, strlen (before), "shared prefix longer than the previous name");
  g_autofree char *component = get_text (reader, before, shared);
  if (before[shared] != '\0' && before[shared] == component[MIN (shared, strlen (component))])
    reader_fail (reader, "shared prefix shorter than possible");
  gboolean has_subtree = get_number_up_to (reader, 1, "flag other than 0 or 1") == 1;
  g_autofree char *subtree = has_subtree ? get_text (reader, "", 0) : NULL;
  VarveLedgerEntry *entry = varve_ledger_add (ledger, component, subtree);
  for (guint i = 0; i < sizeof entry->digest; i++)
    entry->digest = entry->digest << 8 | get_byte (reader);
  entry->raw_bytes = get_number (reader);
  entry->size_bytes = get_number (reader);
  get_place (reader, entry);
  get_events (
      reader, entry,
      (guint32)get_number_up_to (reader, varve_ledger_n_steps (ledger), "entry with more steps than the ledger"));
  if (index == 0)
    return;
  const VarveLedgerEntry *last = varve_ledger_entry (ledger, index - 1);
  int order = strcmp (last->component, entry->component);
  if (order > 0 || (order == 0 && g_strcmp0 (last->subtree, entry->subtree) >= 0))
    reader_fail (reader, "entries not in order");
}

static guint32
get_mark (Reader *reader)
{
  guint32 mark = 0;
  for (guint i = 0; i < sizeof mark; i++)
    mark = mark << 8 | get_byte (reader);
  return mark;
}

typedef struct {
  guint64 n_left; /* how many more paths there may be */
  char *path;     /* the last one read, and the time of its object */
  gint64 since;
} StaleReader;

static VarveStaleObject *
get_stale (Reader *reader, StaleReader *self)
{
  guint32 mark = get_mark (reader);
  self->since = (gint64)((guint64)self->since + (guint64)get_signed (reader));
  guint64 size_bytes = get_number (reader), n = get_number_up_to (reader, self->n_left, "too many paths");
  if (self->n_left == 0)
    reader_fail (reader, "too many paths");
  self->n_left -= self->n_left > 0 ? MAX (n, 1) : 0;
  GPtrArray *paths = g_ptr_array_new ();
  for (guint64 i = 0; i < n && reader->problem == NULL; i++)
    {
      gsize shared = get_number_up_to (reader, strlen (self->path), "shared prefix longer than the previous path");
      g_autofree char *last = self->path;
      self->path = get_text (reader, last, shared);
      if (shared != shared_with_path (last, self->path))
        reader_fail (reader, "shared prefix other than the longest");
      g_ptr_array_add (paths, g_strdup (self->path));
    }
  VarveStaleObject *stale = varve_stale_object_new (paths, size_bytes, mark);
  stale->since = self->since;
  return stale;
}

static void
get_layer (Reader *reader, VarveLedger *ledger, StaleReader *self)
{
  VarveLedgerLayer *layer = varve_ledger_add_layer (ledger);
  guint64 flags = get_number_up_to (reader, FLAG_KNOWN | FLAG_KEY, "unknown flag");
  layer->has_key = (flags & FLAG_KEY) != 0;
  for (guint i = 0; layer->has_key && i < sizeof layer->key.bytes; i++)
    layer->key.bytes[i] = get_byte (reader);
  if ((flags & FLAG_KNOWN) == 0)
    {
      g_clear_pointer (&layer->stale, g_ptr_array_unref);
      return;
    }
  guint64 n = get_number_up_to (reader, self->n_left, "too many stale objects");
  for (guint64 i = 0; i < n && reader->problem == NULL; i++)
    g_ptr_array_add (layer->stale, get_stale (reader, self));
}

static void
get_layers (Reader *reader, VarveLedger *ledger)
{
  guint64 n = get_number_up_to (reader, LAYER_MAX, "too many layers");
  StaleReader stale = { VARVE_LEDGER_STALE_PATHS_MAX, g_strdup (""), newest_time (ledger) };
  for (guint64 i = 0; i < n && reader->problem == NULL; i++)
    get_layer (reader, ledger, &stale);
  g_free (stale.path);
}

static gboolean
check_format (Reader *reader, GError **error)
{
  guint8 magic[sizeof MAGIC];
  for (guint i = 0; i < sizeof magic; i++)
    magic[i] = get_byte (reader);
  reader->format = get_byte (reader);
  if (reader->problem != NULL || memcmp (magic, MAGIC, sizeof magic) != 0)
    g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "ledger: bad magic");
  else if (reader->format < FORMAT_WITHOUT_PROBABILITIES || reader->format > FORMAT)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "ledger: format %u, expected %d to %d", reader->format,
                 FORMAT_WITHOUT_PROBABILITIES, FORMAT);
  else
    return TRUE;
  return FALSE;
}

VarveLedger *
varve_ledger_from_bytes (GBytes *bytes, GError **error)
{
  Reader reader = { 0 };
  reader.data = g_bytes_get_data (bytes, &reader.left);
  if (!check_format (&reader, error))
    return NULL;
  g_autoptr (VarveLedger) ledger = varve_ledger_new ();
  get_times (&reader, ledger);
  guint64 n = get_number (&reader);
  if (n > VARVE_LEDGER_ENTRIES_MAX && reader.problem == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "ledger: %" G_GUINT64_FORMAT " entries, at most %u", n,
                   VARVE_LEDGER_ENTRIES_MAX);
      return NULL;
    }
  for (guint64 i = 0; i < n && reader.problem == NULL; i++)
    get_entry (&reader, ledger);
  if (reader.problem == NULL && reader.format == FORMAT)
    get_layers (&reader, ledger);
  if (reader.problem == NULL && reader.left > 0)
    reader_fail (&reader, "trailing data");
  if (reader.problem == NULL)
    return g_steal_pointer (&ledger);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "ledger: %s", reader.problem);
  return NULL;
}

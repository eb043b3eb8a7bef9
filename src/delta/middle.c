/* SPDX-License-Identifier: Apache-2.0 */
#include "delta/middle.h"

#include <string.h>

#include "base/error.h"
#include "base/parallel.h"
#include "codec/codec.h"
#include "emit/decompress.h"
#include "oci/blob-aside.h"

/* A file's place tells the layer too. No layer is that large. */
enum { LAYER_SHIFT = 40, UNKNOWN_BYTE = 0xff };

void
varve_middle_free (VarveMiddle *middle)
{
  for (guint i = 0; i < middle->delta->target->layers->len; i++)
    {
      g_clear_pointer (&middle->layers[i].own, varve_script_free);
      g_clear_pointer (&middle->layers[i].plain, varve_script_free);
    }
  g_free (middle->layers);
  g_clear_pointer (&middle->files, varve_image_files_free);
  g_clear_pointer (&middle->chains, varve_chains_free);
  g_clear_pointer (&middle->spool, varve_extent_file_free);
  g_free (middle);
}

typedef struct {
  VarveMiddle *middle;
  const VarveMiddleOptions *options;
  GPtrArray *maps; /* VarveTarMap; NULL for a reused layer */
} Work;

static GInputStream *
fetch (const Work *work, const VarveDeltaEntry *entry, GCancellable *cancellable, GError **error)
{
  VarveBlobAside aside = { .folder = work->options->work_path };
  return varve_blob_aside (&aside, work->middle->delta->blobs, entry->descriptor, cancellable, error);
}

/* A layer that the delta contains is known bytes. */
static VarveScript *
read_carried (const Work *work, const VarveDeltaEntry *entry, GCancellable *cancellable, GError **error)
{
  enum { BUFFER_BYTES = 1 << 16 };
  g_autoptr (GInputStream) blob = fetch (work, entry, cancellable, error);
  g_autoptr (VarveDecompressor) decompressor
      = blob != NULL ? varve_decompressor_new (entry->descriptor->media_type, blob, NULL, "layer", error) : NULL;
  if (decompressor == NULL)
    return NULL;
  varve_decompressor_set_cancellable (decompressor, cancellable);
  VarveExtentFile *spool = work->middle->spool;
  g_autoptr (VarveExtentFileWriter) writer = varve_extent_file_writer_new (spool, varve_extent_file_free_bytes (spool));
  g_autofree guint8 *buffer = g_malloc (BUFFER_BYTES);
  VarveDecompressed sums;
  VarveExtent tar;
  gssize n;
  do
    {
      n = varve_decompressor_read (decompressor, buffer, BUFFER_BYTES, error);
      if (n < 0 || !varve_extent_file_writer_write (writer, buffer, (gsize)n, error))
        return NULL;
    }
  while (n > 0);
  if (!varve_decompressor_finish (decompressor, &sums, error) || !varve_extent_file_writer_finish (writer, &tar, error))
    return NULL;
  if (varve_digest_compare (&sums.diff_id, varve_config_diff_id (work->middle->delta->config, entry->layer)) == 0)
    return varve_script_new_known (spool, tar, error);
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the layer in the delta has another diff ID");
  return NULL;
}

static gboolean
read_entry (const Work *work, guint layer, VarveDeltaEntryKind kind, VarveScript **out_script,
            GCancellable *cancellable, GError **error)
{
  const VarveDeltaEntry *entry = varve_delta_find (work->middle->delta, layer, kind);
  if (entry == NULL)
    return TRUE;
  GError *failure = NULL;
  g_autoptr (GInputStream) blob = kind != VARVE_DELTA_ENTRY_LAYER ? fetch (work, entry, cancellable, &failure) : NULL;
  if (kind == VARVE_DELTA_ENTRY_LAYER)
    *out_script = read_carried (work, entry, cancellable, &failure);
  else if (blob != NULL)
    *out_script = varve_script_read (blob, work->middle->chains, work->middle->spool, cancellable, &failure);
  gboolean is_optional = kind == VARVE_DELTA_ENTRY_VARVE;
  if (failure == NULL)
    return TRUE;
  if (is_optional && g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED))
    {
      varve_observer_warn (work->options->observer, "layer %u of the first delta: the varve entry is not used: %s",
                           layer, failure->message);
      g_error_free (failure);
      return TRUE;
    }
  g_propagate_error (error, failure);
  return FALSE;
}

/* Reads the tar of a script. Bytes that are not in the delta are no valid header. */
typedef struct {
  VarveExtentFile *spool;
  VarveScriptReader *reader;
  guint64 at;
  GCancellable *cancellable;
} Headers;

static gssize
headers_read (gpointer source, void *buffer, gsize size_bytes, GError **error)
{
  Headers *headers = source;
  VarvePart part;
  if (g_cancellable_set_error_if_cancelled (headers->cancellable, error))
    return -1;
  if (headers->at == varve_script_size_bytes (varve_script_reader_script (headers->reader)))
    return 0;
  if (!varve_script_reader_find (headers->reader, headers->at, &part, error))
    return -1;
  guint64 skip = headers->at - part.at;
  gsize n = (gsize)MIN (size_bytes, part.size_bytes - skip);
  if (part.kind != VARVE_PART_DATA)
    memset (buffer, UNKNOWN_BYTE, n);
  else if (!varve_extent_file_read (headers->spool, part.data_at + skip, buffer, n, error))
    return -1;
  headers->at += n;
  return (gssize)n;
}

/* The metadata of a commit is taken from the former layer of that kind, headers and all, and has no names that a delta
 * could open. */
static gboolean
is_of_layers_only (const Work *work, const VarveScript *script)
{
  g_autoptr (VarveScriptReader) reader = varve_script_reader_new (script);
  VarvePart part = { 0 };
  gboolean has_source = FALSE;
  for (guint64 at = 0; at < varve_script_size_bytes (script); at = part.at + part.size_bytes)
    {
      if (!varve_script_reader_find (reader, at, &part, NULL) || part.kind == VARVE_PART_ENCODED)
        return FALSE;
      if (part.kind == VARVE_PART_DATA)
        continue;
      if (!varve_chains_is_layer (work->middle->chains, part.way))
        return FALSE;
      has_source = TRUE;
    }
  return has_source;
}

static VarveTarMap *
read_names (const Work *work, guint layer, GCancellable *cancellable, GError **error)
{
  const VarveMiddleLayer *scripts = &work->middle->layers[layer];
  const VarveScript *script = scripts->plain != NULL ? scripts->plain : scripts->own;
  g_autoptr (VarveScriptReader) reader = varve_script_reader_new (script);
  Headers headers = { .spool = work->middle->spool, .reader = reader, .cancellable = cancellable };
  VarveExtent tar = { .at = (guint64)layer << LAYER_SHIFT, .size_bytes = varve_script_size_bytes (script) };
  GError *failure = NULL;
  VarveTarMap *map = varve_tar_map_of_headers (headers_read, &headers, tar, &failure);
  if (map != NULL)
    return map;
  if (varve_codec_error_is_about_data (failure) && is_of_layers_only (work, script))
    {
      g_error_free (failure);
      return varve_tar_map_new (tar);
    }
  g_propagate_prefixed_error (error, failure, "the names of its files, which the delta does not have: ");
  return NULL;
}

/* Places of files are those in one of the scripts, and are looked up in the other one. */
static gboolean
check_sizes (const VarveMiddleLayer *scripts, GError **error)
{
  if (scripts->own == NULL || scripts->plain == NULL
      || varve_script_size_bytes (scripts->own) == varve_script_size_bytes (scripts->plain))
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "its two entries give layers of different sizes, %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " bytes",
               varve_script_size_bytes (scripts->own), varve_script_size_bytes (scripts->plain));
  return FALSE;
}

static gboolean
read_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *work = data;
  guint layer = (guint)index;
  VarveMiddleLayer *scripts = &work->middle->layers[layer];
  gboolean done = read_entry (work, layer, VARVE_DELTA_ENTRY_VARVE, &scripts->own, cancellable, error)
                  && read_entry (work, layer, VARVE_DELTA_ENTRY_TARDIFF, &scripts->plain, cancellable, error)
                  && (scripts->plain != NULL
                      || read_entry (work, layer, VARVE_DELTA_ENTRY_LAYER, &scripts->plain, cancellable, error))
                  && check_sizes (scripts, error);
  if (done && (scripts->own != NULL || scripts->plain != NULL))
    done = (work->maps->pdata[layer] = read_names (work, layer, cancellable, error)) != NULL;
  if (!done)
    g_prefix_error (error, "layer %u of the first delta: ", layer);
  return done;
}

/* A layer is rebuilt or reused: nothing else can be said to be in the old image. */
static gboolean
check_layers (const VarveMiddle *middle, GError **error)
{
  for (guint i = 0; i < middle->delta->target->layers->len; i++)
    if (middle->layers[i].own == NULL && middle->layers[i].plain == NULL
        && !g_hash_table_contains (middle->delta->reused, varve_config_diff_id (middle->delta->config, i)))
      {
        g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                     "layer %u of the first delta has no entry that can be merged, and is not said to be reused", i);
        return FALSE;
      }
  return TRUE;
}

static void
map_free (gpointer map)
{
  if (map != NULL)
    varve_tar_map_free (map);
}

VarveMiddle *
varve_middle_read (const VarveDelta *delta, const VarveMiddleOptions *options, GCancellable *cancellable,
                   GError **error)
{
  guint n_layers = delta->target->layers->len;
  g_autoptr (VarveMiddle) middle = g_new0 (VarveMiddle, 1);
  g_autoptr (GPtrArray) maps = g_ptr_array_new_with_free_func (map_free);
  middle->delta = delta;
  middle->layers = g_new0 (VarveMiddleLayer, n_layers + 1);
  middle->chains = varve_chains_new ();
  middle->spool = varve_extent_file_new (options->work_path, error);
  g_ptr_array_set_size (maps, (int)n_layers);
  Work work = { .middle = middle, .options = options, .maps = maps };
  varve_observer_begin (options->observer, "reading the first delta", 0);
  if (middle->spool == NULL || !varve_parallel_for (options->jobs, n_layers, read_layer, &work, cancellable, error)
      || !check_layers (middle, error))
    return NULL;
  middle->files = varve_image_files_of_maps (maps);
  return g_steal_pointer (&middle);
}

/* What no rebuilt layer has is in a reused one, and has the same name in the old image. */
static VarveMiddleFile
find_file (gconstpointer data, const char *name)
{
  const VarveMiddle *middle = data;
  const VarveImageFile *file = g_hash_table_lookup (middle->files->by_name, name);
  VarveMiddleFile found = { 0 };
  if (file == NULL)
    return found;
  found.layer = &middle->layers[file->content.at >> LAYER_SHIFT];
  found.content = file->content;
  found.content.at &= (1ull << LAYER_SHIFT) - 1;
  return found;
}

static VarveMiddleFile
find_layer (gconstpointer data, const VarveDigest *diff_id)
{
  const VarveMiddle *middle = data;
  VarveMiddleFile found = { 0 };
  for (guint i = 0; i < middle->delta->target->layers->len && found.layer == NULL; i++)
    {
      const VarveMiddleLayer *layer = &middle->layers[i];
      const VarveScript *script = layer->plain != NULL ? layer->plain : layer->own;
      if (script == NULL || varve_digest_compare (varve_config_diff_id (middle->delta->config, i), diff_id) != 0)
        continue;
      found.layer = layer;
      found.content.size_bytes = varve_script_size_bytes (script);
    }
  return found;
}

VarveMiddleImage
varve_middle_image (const VarveMiddle *middle)
{
  return (VarveMiddleImage){ .find_file = find_file, .find_layer = find_layer, .data = middle };
}

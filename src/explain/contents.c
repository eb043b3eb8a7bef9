/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an image's layers, or a commit's inventory, into tables of objects and paths. */
#include "explain/contents.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/parallel.h"
#include "emit/compress.h"
#include "emit/ostree-tar.h"
#include "model/image-keys.h"
#include "model/whiteout.h"
#include "verify/image-rules.h"
#include "verify/read-layers.h"

enum { PIECE_BYTES = 64 << 10 };

void
varve_contents_free (VarveContents *contents)
{
  g_hash_table_unref (contents->paths);
  g_hash_table_unref (contents->objects);
  g_free (contents);
}

static VarveContents *
contents_new (void)
{
  VarveContents *contents = g_new0 (VarveContents, 1);
  contents->objects = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, NULL, g_free);
  contents->paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return contents;
}

const VarveContentObject *
varve_contents_find_object (const VarveContents *contents, const VarveDigest *checksum)
{
  return g_hash_table_lookup (contents->objects, checksum);
}

const VarveContentPath *
varve_contents_find_path (const VarveContents *contents, const char *path)
{
  return g_hash_table_lookup (contents->paths, path);
}

static VarveContentObject *
contents_add_object (VarveContents *contents, const VarveDigest *checksum, guint64 size_bytes)
{
  VarveContentObject *object = g_hash_table_lookup (contents->objects, checksum);
  if (object != NULL)
    return object;
  object = g_new0 (VarveContentObject, 1);
  *object = (VarveContentObject){ .checksum = *checksum, .size_bytes = size_bytes };
  g_hash_table_insert (contents->objects, &object->checksum, object);
  return object;
}

/* What a later layer shows at a path hides what an earlier one has there. */
static void
contents_add_path (VarveContents *contents, const char *path, const VarveContentObject *object, guint layer)
{
  g_autofree char *name = varve_ostree_tar_commit_path (path);
  const VarveContentPath *known = varve_contents_find_path (contents, name);
  if (known != NULL && known->layer > layer)
    return;
  VarveContentPath *entry = g_new0 (VarveContentPath, 1);
  *entry = (VarveContentPath){ .object = object, .layer = layer };
  g_hash_table_replace (contents->paths, g_steal_pointer (&name), entry);
}

/* Measuring compressed contents. */

static gboolean
measure_write (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  *(guint64 *)data += size_bytes;
  return TRUE;
}

static gboolean
measure_compressed (GInputStream *content, guint64 size_bytes, guint64 *out_bytes, GCancellable *cancellable,
                    GError **error)
{
  VarveCompressOptions options = VARVE_COMPRESS_OPTIONS_INIT;
  VarveSink sink = { .write = measure_write, .data = out_bytes };
  options.level = VARVE_CONTENTS_LEVEL;
  *out_bytes = 0;
  g_autoptr (VarveCompressor) compressor = varve_compressor_new (&options, size_bytes, &sink, error);
  g_autofree guint8 *buffer = g_malloc (PIECE_BYTES);
  while (compressor != NULL)
    {
      gssize n = g_input_stream_read (content, buffer, PIECE_BYTES, cancellable, error);
      if (n < 0 || (n > 0 && !varve_compressor_write (compressor, buffer, (gsize)n, error)))
        return FALSE;
      if (n == 0)
        return varve_compressor_finish (compressor, error);
    }
  return FALSE;
}

/* Images. */

typedef struct {
  const VarveReadContents *read;
  guint n_ostree_layers;
  GHashTable *shared;    /* VarveDigest: diff IDs of layers that are not read */
  GMutex mutex;          /* of what follows */
  GHashTable *whiteouts; /* the path that is removed -> GUINT_TO_POINTER of the layer that does it */
  VarveContents *contents;
} Reading;

static gboolean
take_content (gpointer data, const VarveLayerContent *content, GCancellable *cancellable, GError **error)
{
  Reading *reading = data;
  const VarveContents *known = reading->read->known;
  guint64 compressed_bytes = 0;
  if (known != NULL && content->stream != NULL && varve_contents_find_object (known, &content->checksum) == NULL
      && !measure_compressed (content->stream, content->size_bytes, &compressed_bytes, cancellable, error))
    return FALSE;
  g_mutex_lock (&reading->mutex);
  contents_add_object (reading->contents, &content->checksum, content->size_bytes)->compressed_bytes = compressed_bytes;
  g_mutex_unlock (&reading->mutex);
  return TRUE;
}

/* Whether a later layer removes the path or a directory above it. */
static gboolean
is_removed (gpointer path, gpointer value, gpointer whiteouts)
{
  g_autofree char *above = g_strdup (path);
  for (char *slash = above + strlen (above); slash != NULL; slash = strrchr (above, '/'))
    {
      *slash = '\0';
      if (GPOINTER_TO_UINT (g_hash_table_lookup (whiteouts, above)) > ((VarveContentPath *)value)->layer)
        return TRUE;
    }
  return FALSE;
}

static void
take_whiteout (Reading *reading, const char *path, guint layer)
{
  g_autofree char *removed = varve_whiteout_removed (path);
  if (removed == NULL)
    return;
  char *name = varve_ostree_tar_commit_path (removed);
  guint known = GPOINTER_TO_UINT (g_hash_table_lookup (reading->whiteouts, name));
  g_hash_table_replace (reading->whiteouts, name, GUINT_TO_POINTER (MAX (known, layer)));
}

static void
take_paths (Reading *reading, const VarveLayerRecord *record, guint layer)
{
  for (guint i = 0; i < record->paths->len; i++)
    {
      const VarveLayerPath *path = &g_array_index (record->paths, VarveLayerPath, i);
      if (path->type == VARVE_TAR_HARD_LINK)
        contents_add_path (reading->contents, path->path,
                           g_hash_table_lookup (reading->contents->objects, &path->object), layer);
      else if (path->type == VARVE_TAR_FILE && varve_whiteout_parse (path->path, NULL) == VARVE_WHITEOUT_FILE)
        take_whiteout (reading, path->path, layer);
      else if (path->type == VARVE_TAR_FILE)
        contents_add_path (reading->contents, path->path, NULL, layer);
    }
}

/* Fails with the first error among the findings. */
static gboolean
check_findings (VarveFindings *findings, GError **error)
{
  if (varve_findings_kept (findings, VARVE_SEVERITY_ERROR) == 0)
    return TRUE;
  const VarveFinding *finding = varve_findings_get (findings, VARVE_SEVERITY_ERROR, 0);
  gboolean is_missing = strcmp (finding->rule, "layer.missing") == 0;
  g_set_error (error, VARVE_ERROR, is_missing ? VARVE_ERROR_NOT_FOUND : VARVE_ERROR_CORRUPT, "%s: %s", finding->where,
               finding->message);
  return FALSE;
}

static gboolean
read_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Reading *reading = data;
  const VarveImage *image = reading->read->image;
  if (g_hash_table_contains (reading->shared, varve_config_diff_id (image->config, (guint)index)))
    return TRUE;
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  VarveObjectSink sink = { .content = take_content, .data = reading };
  VarveReadLayer layer = {
    .image = image,
    .index = (guint)index,
    .role = index == 0 ? VARVE_LAYER_COMMIT : VARVE_LAYER_CONTENT,
    .sink = &sink,
    .findings = findings,
    .observer = reading->read->observer,
  };
  g_autoptr (VarveLayerRecord) record = varve_read_layer (&layer, cancellable, error);
  if (record == NULL || !check_findings (findings, error))
    return FALSE;
  g_mutex_lock (&reading->mutex);
  take_paths (reading, record, (guint)index);
  g_mutex_unlock (&reading->mutex);
  return TRUE;
}

static guint64
find_shared (Reading *reading)
{
  const VarveImage *image = reading->read->image, *except = reading->read->except;
  guint64 bytes = 0;
  for (guint i = 0; except != NULL && i < except->manifest->layers->len; i++)
    g_hash_table_add (reading->shared, (gpointer)varve_config_diff_id (except->config, i));
  for (guint i = 0; i < reading->n_ostree_layers; i++)
    if (!g_hash_table_contains (reading->shared, varve_config_diff_id (image->config, i)))
      bytes += varve_manifest_layer (image->manifest, i)->size_bytes;
  return bytes;
}

VarveContents *
varve_contents_of_image (const VarveReadContents *read, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  VarveImageShape shape;
  if (varve_config_label (read->image->config, VARVE_LABEL_FINAL_DIFF_ID) == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                           "not an image of an OSTree commit: no label 'ostree.final-diffid'");
      return NULL;
    }
  if (!varve_image_rules_check (read->image, findings, &shape))
    {
      check_findings (findings, error);
      return NULL;
    }
  g_autoptr (VarveContents) contents = contents_new ();
  g_autoptr (GHashTable) shared = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
  g_autoptr (GHashTable) whiteouts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Reading reading = {
    .read = read,
    .n_ostree_layers = shape.n_ostree_layers,
    .shared = shared,
    .whiteouts = whiteouts,
    .contents = contents,
  };
  guint64 bytes = find_shared (&reading);
  g_mutex_init (&reading.mutex);
  varve_observer_begin (read->observer, "reading layers", bytes);
  gboolean done = varve_parallel_for (read->jobs, shape.n_ostree_layers, read_layer, &reading, cancellable, error);
  g_mutex_clear (&reading.mutex);
  g_hash_table_foreach_remove (contents->paths, is_removed, whiteouts);
  return done ? g_steal_pointer (&contents) : NULL;
}

/* Commits. */

typedef struct {
  const VarveCommitContents *read;
  VarveContentObject **objects; /* of the inventory, by index */
} CommitReading;

static gboolean
measure_object (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  CommitReading *reading = data;
  VarveContentObject *object = reading->objects[index];
  if (object->size_bytes == 0 || varve_contents_find_object (reading->read->known, &object->checksum) != NULL)
    return TRUE;
  VarveSource *source = reading->read->source;
  g_autoptr (GInputStream) content = source->open_content (source, &object->checksum, cancellable, error);
  varve_observer_advance (reading->read->observer, object->size_bytes);
  return content != NULL
         && measure_compressed (content, object->size_bytes, &object->compressed_bytes, cancellable, error);
}

VarveContents *
varve_contents_of_commit (const VarveCommitContents *read, GCancellable *cancellable, GError **error)
{
  const VarveInventory *inventory = read->inventory;
  g_autoptr (VarveContents) contents = contents_new ();
  g_autofree VarveContentObject **objects = g_new (VarveContentObject *, MAX (inventory->n_objects, 1));
  guint64 bytes = 0;
  for (guint32 i = 0; i < inventory->n_objects; i++)
    {
      objects[i] = contents_add_object (contents, &inventory->objects[i].checksum, inventory->objects[i].size_bytes);
      if (read->known != NULL && varve_contents_find_object (read->known, &objects[i]->checksum) == NULL)
        bytes += objects[i]->size_bytes;
    }
  for (guint32 i = 0; i < inventory->n_files; i++)
    contents_add_path (contents, inventory->files[i].path, objects[inventory->files[i].object], 0);
  CommitReading reading = { read, objects };
  if (read->known == NULL)
    return g_steal_pointer (&contents);
  varve_observer_begin (read->observer, "compressing changed objects", bytes);
  if (!varve_parallel_for (read->jobs, inventory->n_objects, measure_object, &reading, cancellable, error))
    return NULL;
  return g_steal_pointer (&contents);
}

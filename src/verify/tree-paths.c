/* SPDX-License-Identifier: Apache-2.0 */
/* Collects the commit's paths under their names in a tar, then looks up each entry of the layers. */
#include "verify/tree-paths.h"

#include <string.h>
#include <sys/stat.h>

#include "base/fasthash.h"
#include "emit/tar.h"
#include "model/whiteout.h"
#include "verify/commit-tree.h"
#include "verify/stale.h"

enum { STRING_CHUNK_BYTES = 1 << 16 };

typedef struct {
  const char *path;
  gboolean is_directory, is_seen;
  guint last_layer;       /* the last one that has a file here, counted from 1; 0: none, or no layer is stale */
  VarveDigest checksum;   /* of a file's object */
  guint32 uid, gid, mode; /* of a directory */
} TreePath;

/* A path of a stale layer that the commit does not have. */
typedef struct {
  const char *path;
  guint layer;
} StalePath;

typedef struct {
  GPtrArray *records;
  VarveFindings *findings;
  gboolean has_stale;       /* any layer may be stale */
  GHashTable *live;         /* set of const VarveDigest *: objects that the layer being checked shows */
  GHashTable *without_path; /* set of VarveDigest: objects of the commit that layers show nowhere */
  GHashTable *whiteouts;    /* path -> its last layer, counted from 1 */
  GArray *stale_paths;      /* StalePath */
  GStringChunk *strings;
  GArray *paths;       /* TreePath, in the order of the commit */
  GHashTable *by_path; /* path -> index + 1 */
} Tree;

static void G_GNUC_PRINTF (5, 6)
    tree_fault (Tree *tree, const char *rule, const char *place, const char *path, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *where = g_strconcat (place, ": ", path[0] != '\0' ? path : "./", NULL);
  varve_findings_add (tree->findings, VARVE_SEVERITY_ERROR, rule, where, "%s", message);
}

static gboolean
is_in (const char *path, const char *directory)
{
  gsize length = strlen (directory);
  return strncmp (path, directory, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* In a layer, /sysroot has only the repository. */
static void
tree_add (Tree *tree, const char *path, const TreePath *entry)
{
  if (is_in (path, "sysroot"))
    {
      if (!entry->is_directory)
        g_hash_table_add (tree->without_path, g_memdup2 (&entry->checksum, sizeof entry->checksum));
      return;
    }
  const char *visible = is_in (path, "usr/etc") ? path + strlen ("usr/") : path;
  TreePath copy = *entry;
  copy.path = g_string_chunk_insert (tree->strings, visible);
  if (g_hash_table_contains (tree->by_path, visible))
    {
      tree_fault (tree, "commit.etc", "commit", path, "in both /etc and /usr/etc: an image can have only one");
      return;
    }
  g_array_append_val (tree->paths, copy);
  g_hash_table_insert (tree->by_path, (gpointer)copy.path, GUINT_TO_POINTER (tree->paths->len));
}

static void
tree_add_directory (gpointer data, const char *path, const VarveDigest *checksum, const VarveDirmeta *dirmeta)
{
  TreePath entry = { .is_directory = TRUE, .uid = dirmeta->uid, .gid = dirmeta->gid, .mode = dirmeta->mode & 07777 };
  tree_add (data, path, &entry);
}

static void
tree_add_file (gpointer data, const char *path, const VarveDigest *checksum)
{
  TreePath entry = { .checksum = *checksum };
  tree_add (data, path, &entry);
}

static TreePath *
tree_find (Tree *tree, const char *path)
{
  gpointer index = g_hash_table_lookup (tree->by_path, path);
  return index != NULL ? &g_array_index (tree->paths, TreePath, GPOINTER_TO_UINT (index) - 1) : NULL;
}

static void
tree_check_directory (Tree *tree, TreePath *expected, const VarveLayerPath *actual, guint layer, const char *place)
{
  if (actual->uid != expected->uid || actual->gid != expected->gid || actual->mode != expected->mode)
    tree_fault (tree, "path.header", place, actual->path,
                "directory with mode %04o and owner %u:%u, expected %04o and %u:%u", actual->mode, actual->uid,
                actual->gid, expected->mode, expected->uid, expected->gid);
  expected->is_seen = expected->is_seen || layer == 0;
}

static const VarveLayerObject *
tree_find_object (Tree *tree, guint layer, const VarveDigest *checksum)
{
  const VarveLayerObject *object = varve_layer_record_find (tree->records->pdata[layer], checksum);
  for (guint i = 0; i < tree->records->len && object == NULL; i++)
    object = varve_layer_record_find (tree->records->pdata[i], checksum);
  return object;
}

/* An entry that is not a link can only represent an empty file with the same header. */
static void
tree_check_empty_file (Tree *tree, const TreePath *expected, const VarveLayerPath *actual, guint layer,
                       const char *place)
{
  const VarveLayerObject *object = tree_find_object (tree, layer, &expected->checksum);
  if (object == NULL)
    return; /* varve_commit_objects_check() reports it */
  if (!S_ISREG (object->mode) || object->size_bytes > 0)
    tree_fault (tree, "path.object", place, actual->path, "an empty file, expected the commit's object");
  else if (actual->uid != object->uid || actual->gid != object->gid || actual->mode != (object->mode & 07777))
    tree_fault (tree, "path.header", place, actual->path, "mode or owner differs from the commit's file");
  if (varve_layer_record_find (tree->records->pdata[layer], &expected->checksum) == NULL)
    varve_findings_add (tree->findings, VARVE_SEVERITY_NOTE, "path.apart", place,
                        "an empty file in another layer than its object");
}

static void
tree_check_file (Tree *tree, TreePath *expected, const VarveLayerPath *actual, guint layer, const char *place)
{
  if (expected->is_seen)
    varve_findings_add (tree->findings, VARVE_SEVERITY_NOTE, "path.repeated", place,
                        "a file that an earlier layer has as well");
  expected->is_seen = TRUE;
  g_hash_table_add (tree->live, &expected->checksum);
  if (actual->type == VARVE_TAR_FILE)
    {
      tree_check_empty_file (tree, expected, actual, layer, place);
      return;
    }
  if (varve_digest_compare (&actual->object, &expected->checksum) == 0)
    return;
  g_autofree char *found = varve_digest_to_hex (&actual->object), *wanted = varve_digest_to_hex (&expected->checksum);
  tree_fault (tree, "path.object", place, actual->path, "a link to object %s, expected %s", found, wanted);
}

/* Exporters add it where the commit lacks it. */
static gboolean
is_added_directory (const VarveLayerPath *path, guint layer)
{
  return layer == 0 && path->type == VARVE_TAR_DIRECTORY && strcmp (path->path, "var/tmp") == 0 && path->mode == 01777
         && path->uid == 0 && path->gid == 0;
}

/* The path that a whiteout removes; NULL for all other entries. */
static char *
hidden_path (const VarveLayerPath *path)
{
  const char *name;
  if (path->type != VARVE_TAR_FILE || varve_whiteout_parse (path->path, &name) != VARVE_WHITEOUT_FILE)
    return NULL;
  const char *slash = strrchr (path->path, '/');
  return slash != NULL ? g_strdup_printf ("%.*s/%s", (int)(slash - path->path), path->path, name) : g_strdup (name);
}

static void
tree_check_whiteout (Tree *tree, const VarveLayerPath *actual, const char *hidden, guint layer, const char *place)
{
  if (tree_find (tree, hidden) != NULL)
    tree_fault (tree, "path.whiteout", place, actual->path, "a whiteout of a path that the commit has");
  else
    g_hash_table_insert (tree->whiteouts, g_string_chunk_insert (tree->strings, hidden), GUINT_TO_POINTER (layer + 1));
}

static void
tree_check_unknown (Tree *tree, const VarveLayerPath *actual, guint layer, const char *place)
{
  const VarveLayerRecord *record = tree->records->pdata[layer];
  g_autofree char *hidden = tree->has_stale ? hidden_path (actual) : NULL;
  StalePath stale = { actual->path, layer };
  if (hidden != NULL)
    tree_check_whiteout (tree, actual, hidden, layer, place);
  else if (record->may_be_stale && actual->type != VARVE_TAR_DIRECTORY)
    g_array_append_val (tree->stale_paths, stale);
  else if (!is_added_directory (actual, layer))
    tree_fault (tree, "path.unknown", place, actual->path, "not in the commit");
}

/* A path that the commit does not have, or a directory above it. */
static void
tree_check_stale_path (Tree *tree, const StalePath *stale)
{
  const char *place = ((VarveLayerRecord *)tree->records->pdata[stale->layer])->place;
  g_autofree char *path = g_strdup (stale->path);
  gboolean is_hidden = FALSE;
  for (char *end = path + strlen (path); end != NULL; end = strrchr (path, '/'))
    {
      *end = '\0';
      const TreePath *expected = tree_find (tree, path);
      is_hidden |= GPOINTER_TO_UINT (g_hash_table_lookup (tree->whiteouts, path)) > stale->layer + 1;
      if (expected != NULL && !expected->is_directory)
        tree_fault (tree, "path.type", place, stale->path, "below '/%s', which is a file of the commit", path);
    }
  if (!is_hidden)
    tree_fault (tree, "path.unknown", place, stale->path, "not in the commit, and no later layer has a whiteout of it");
}

static void
tree_check_path (Tree *tree, const VarveLayerPath *actual, guint layer)
{
  const VarveLayerRecord *record = tree->records->pdata[layer];
  const char *place = record->place;
  TreePath *expected = tree_find (tree, actual->path);
  if (expected == NULL)
    {
      tree_check_unknown (tree, actual, layer, place);
      return;
    }
  if (varve_whiteout_parse (actual->path, NULL) != VARVE_WHITEOUT_NONE)
    varve_findings_add (tree->findings, VARVE_SEVERITY_NOTE, "path.whiteout", place,
                        "a file whose name is that of a whiteout: containers hide it, hosts show it");
  if (expected->is_directory != (actual->type == VARVE_TAR_DIRECTORY))
    tree_fault (tree, "path.type", place, actual->path, "expected a %s", expected->is_directory ? "directory" : "file");
  else if (expected->is_directory)
    tree_check_directory (tree, expected, actual, layer, place);
  else if (!record->may_be_stale || expected->last_layer == layer + 1)
    tree_check_file (tree, expected, actual, layer, place);
}

static void
tree_find_last_layers (Tree *tree)
{
  for (guint i = 0; i < tree->records->len; i++)
    tree->has_stale |= ((const VarveLayerRecord *)tree->records->pdata[i])->may_be_stale;
  for (guint i = 0; i < tree->records->len && tree->has_stale; i++)
    {
      const VarveLayerRecord *record = tree->records->pdata[i];
      for (guint j = 0; j < record->paths->len; j++)
        {
          const VarveLayerPath *path = &g_array_index (record->paths, VarveLayerPath, j);
          TreePath *expected = path->type != VARVE_TAR_DIRECTORY ? tree_find (tree, path->path) : NULL;
          if (expected != NULL)
            expected->last_layer = i + 1;
        }
    }
}

static void
tree_check_layer (Tree *tree, const VarveImage *image, guint index)
{
  const VarveLayerRecord *record = tree->records->pdata[index];
  g_hash_table_remove_all (tree->live);
  for (guint i = 0; i < record->paths->len; i++)
    tree_check_path (tree, &g_array_index (record->paths, VarveLayerPath, i), index);
  for (guint i = 0; i < record->objects->len; i++)
    {
      VarveLayerObject *object = &g_array_index (record->objects, VarveLayerObject, i);
      if (record->may_be_stale && g_hash_table_contains (tree->without_path, &object->checksum))
        g_hash_table_add (tree->live, &object->checksum);
      object->is_live = !record->may_be_stale || g_hash_table_contains (tree->live, &object->checksum);
    }
  if (!record->may_be_stale)
    return;
  varve_stale_check (record, varve_manifest_layer (image->manifest, index), tree->live, tree->findings);
}

static void
tree_check_all (Tree *tree, const VarveImage *image)
{
  tree_find_last_layers (tree);
  for (guint i = 0; i < tree->records->len; i++)
    tree_check_layer (tree, image, i);
  for (guint i = 0; i < tree->stale_paths->len; i++)
    tree_check_stale_path (tree, &g_array_index (tree->stale_paths, StalePath, i));
  for (guint i = 0; i < tree->paths->len; i++)
    {
      const TreePath *path = &g_array_index (tree->paths, TreePath, i);
      if (!path->is_seen)
        tree_fault (tree, "path.missing", "commit", path->path,
                    path->is_directory ? "the commit layer has no such directory" : "no layer has this file");
    }
}

void
varve_tree_paths_check (const VarveImage *image, GPtrArray *records, VarveFindings *findings)
{
  g_return_if_fail (records->len > 0 && ((const VarveLayerRecord *)records->pdata[0])->has_commit);
  Tree tree = {
    .records = records,
    .findings = findings,
    .strings = g_string_chunk_new (STRING_CHUNK_BYTES),
    .paths = g_array_new (FALSE, FALSE, sizeof (TreePath)),
    .by_path = g_hash_table_new (varve_fasthash_string, g_str_equal),
    .live = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal),
    .without_path = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL),
    .whiteouts = g_hash_table_new (varve_fasthash_string, g_str_equal),
    .stale_paths = g_array_new (FALSE, FALSE, sizeof (StalePath)),
  };
  VarveTreeVisitor visitor = { .directory = tree_add_directory, .file = tree_add_file, .data = &tree };
  if (varve_commit_tree_visit (records->pdata[0], &visitor, NULL)) /* varve_commit_objects_check() reports a failure */
    tree_check_all (&tree, image);
  g_hash_table_unref (tree.by_path);
  g_hash_table_unref (tree.live);
  g_hash_table_unref (tree.without_path);
  g_hash_table_unref (tree.whiteouts);
  g_array_unref (tree.stale_paths);
  g_array_unref (tree.paths);
  g_string_chunk_free (tree.strings);
}

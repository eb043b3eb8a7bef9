/* SPDX-License-Identifier: Apache-2.0 */
/* Importers ignore these entries, but other readers unpack them: podman refuses duplicate paths, and a container shows
 * what the links refer to. */
#include "verify/layer-paths.h"

#include <string.h>
#include <sys/stat.h>

#include "base/fasthash.h"
#include "emit/tar.h"
#include "model/whiteout.h"
#include "verify/object-name.h"

static const char REPO_CONFIG[] = "[core]\nrepo_version=1\nmode=bare-split-xattrs\n";
static const char *const ABOVE_OBJECTS[]
    = { "sysroot", "sysroot/ostree", VARVE_LAYER_REPO, VARVE_LAYER_REPO "/objects" };
static const char *const AFTER_OBJECTS[] = {
  VARVE_LAYER_REPO "/extensions",   VARVE_LAYER_REPO "/refs",         VARVE_LAYER_REPO "/refs/heads",
  VARVE_LAYER_REPO "/refs/mirrors", VARVE_LAYER_REPO "/refs/remotes", VARVE_LAYER_REPO "/state",
  VARVE_LAYER_REPO "/tmp",          VARVE_LAYER_REPO "/tmp/cache",
};
enum { N_FAN_OUT = 256, N_SKELETON = G_N_ELEMENTS (ABOVE_OBJECTS) + N_FAN_OUT + G_N_ELEMENTS (AFTER_OBJECTS) + 1 };
enum { REPO_FILE_MAX_BYTES = 1 << 16 };

struct _VarveLayerPaths {
  VarveLayerRecord *record;
  VarveFindings *findings;
  GHashTable *seen; /* clean paths, in the record's strings */
  guint n_skeleton; /* entries so far in the usual order */
  gboolean skeleton_is_odd;
};

VarveLayerPaths *
varve_layer_paths_new (VarveLayerRecord *record, VarveFindings *findings)
{
  VarveLayerPaths *self = g_new0 (VarveLayerPaths, 1);
  self->record = record;
  self->findings = findings;
  self->seen = g_hash_table_new (varve_fasthash_string, g_str_equal);
  return self;
}

void
varve_layer_paths_free (VarveLayerPaths *self)
{
  g_hash_table_unref (self->seen);
  g_free (self);
}

static void
path_fault (VarveLayerPaths *self, VarveTarReader *reader, const char *rule, const char *message)
{
  varve_findings_add (self->findings, VARVE_SEVERITY_ERROR, rule, varve_tar_reader_where (reader), "%s", message);
}

static void
path_note (VarveLayerPaths *self, VarveTarReader *reader, const char *rule, const char *message)
{
  varve_findings_add (self->findings, VARVE_SEVERITY_NOTE, rule, varve_tar_reader_where (reader), "%s", message);
}

static void
judge_name (VarveLayerPaths *self, const VarveTarReadEntry *entry, const char *clean, VarveTarReader *reader)
{
  const char *expected = clean[0] == '\0' ? "./" : clean;
  if (strcmp (entry->name, expected) != 0)
    path_note (self, reader, "path.form", "the name is not in its canonical form");
  if (!g_utf8_validate (clean, -1, NULL))
    path_fault (self, reader, "path.not-utf8", "the name is not UTF-8");
}

char *
varve_layer_paths_clean (VarveLayerPaths *self, const VarveTarReadEntry *entry, VarveTarReader *reader)
{
  g_autofree char *clean = varve_tar_clean_name (entry->name);
  if (clean == NULL)
    {
      path_fault (self, reader, "path.form", "the name has a component '..'");
      return NULL;
    }
  judge_name (self, entry, clean, reader);
  if (g_hash_table_contains (self->seen, clean))
    path_fault (self, reader, "tar.duplicate-path", "duplicate entry in this layer");
  else
    g_hash_table_add (self->seen, g_string_chunk_insert (self->record->strings, clean));
  return g_steal_pointer (&clean);
}

static gboolean
is_in (const char *path, const char *directory)
{
  gsize length = strlen (directory);
  return strncmp (path, directory, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

gboolean
varve_layer_paths_is_repo (const VarveTarReadEntry *entry, const char *clean)
{
  gboolean is_plain = entry->name[0] != '/' && !g_str_has_prefix (entry->name, "./");
  return is_plain && entry->type != VARVE_TAR_DIRECTORY && is_in (clean, VARVE_LAYER_REPO);
}

/* The skeleton. */

/* The name of the skeleton's entry @index. */
static void
skeleton_name (guint index, char *out_name, gsize size_bytes)
{
  if (index < G_N_ELEMENTS (ABOVE_OBJECTS))
    g_strlcpy (out_name, ABOVE_OBJECTS[index], size_bytes);
  else if (index < G_N_ELEMENTS (ABOVE_OBJECTS) + N_FAN_OUT)
    g_snprintf (out_name, size_bytes, VARVE_LAYER_REPO "/objects/%02x", index - (guint)G_N_ELEMENTS (ABOVE_OBJECTS));
  else if (index < N_SKELETON - 1)
    g_strlcpy (out_name, AFTER_OBJECTS[index - G_N_ELEMENTS (ABOVE_OBJECTS) - N_FAN_OUT], size_bytes);
  else
    g_strlcpy (out_name, VARVE_LAYER_REPO "/config", size_bytes);
}

static void
judge_skeleton (VarveLayerPaths *self, const VarveTarReadEntry *entry, const char *clean, VarveTarReader *reader)
{
  char expected[64];
  skeleton_name (MIN (self->n_skeleton, N_SKELETON - 1), expected, sizeof expected);
  if (self->n_skeleton < N_SKELETON && strcmp (clean, expected) == 0)
    self->n_skeleton++;
  else if (!self->skeleton_is_odd)
    {
      self->skeleton_is_odd = TRUE;
      path_note (self, reader, "repo.structure", "the folders of the repository are unusual, or in an unusual order");
    }
  guint64 mode = entry->type == VARVE_TAR_DIRECTORY ? 0755 : 0644;
  if (entry->uid != 0 || entry->gid != 0 || (entry->mode & 07777) != mode)
    path_fault (self, reader, "repo.structure",
                "expected owner 0:0, folders with mode 0755 and 'config' with mode 0644");
}

static gboolean
take_config (VarveLayerPaths *self, const VarveTarReadEntry *entry, const char *clean, VarveTarReader *reader,
             GError **error)
{
  judge_skeleton (self, entry, clean, reader);
  g_autoptr (GBytes) content = varve_tar_reader_load (reader, REPO_FILE_MAX_BYTES, error);
  if (content == NULL)
    return FALSE;
  gsize size_bytes;
  const void *data = g_bytes_get_data (content, &size_bytes);
  if (entry->type != VARVE_TAR_FILE || size_bytes != strlen (REPO_CONFIG)
      || memcmp (data, REPO_CONFIG, size_bytes) != 0)
    path_fault (self, reader, "repo.config", "expected the config of a repository of mode bare-split-xattrs");
  return TRUE;
}

gboolean
varve_layer_paths_take_repo (VarveLayerPaths *self, const VarveTarReadEntry *entry, const char *clean,
                             VarveTarReader *reader, GError **error)
{
  if (strcmp (clean, VARVE_LAYER_REPO "/config") == 0)
    return take_config (self, entry, clean, reader, error);
  if (is_in (clean, VARVE_LAYER_REPO "/refs"))
    path_note (self, reader, "repo.refs", "a ref: importers ignore it");
  else
    path_fault (self, reader, "repo.name", "expected an object, 'config' or a ref");
  return TRUE;
}

/* The files that a host shows. */

static gboolean
has_header_of (const VarveTarReadEntry *entry, const VarveLayerObject *object)
{
  return entry->uid == object->uid && entry->gid == object->gid && (entry->mode & 07777) == (object->mode & 07777);
}

/* FALSE for an entry that cannot be recorded. */
static gboolean
take_link (VarveLayerPaths *self, const VarveTarReadEntry *entry, VarveLayerPath *path, VarveTarReader *reader)
{
  VarveObjectName target;
  const VarveLayerObject *object = NULL;
  if (varve_object_name_parse (entry->link_name, &target, NULL) && target.kind == VARVE_OBJECT_FILE)
    object = varve_layer_record_find (self->record, &target.checksum);
  if (object == NULL)
    {
      path_fault (self, reader, "path.link", "the target of the hard link is not an earlier file object of this layer");
      return FALSE;
    }
  if (!has_header_of (entry, object))
    path_fault (self, reader, "path.header", "mode or owner differs from the object's");
  path->object = target.checksum;
  return TRUE;
}

/* Empty files are no links, but follow their object. */
static void
take_empty_file (const VarveLayerPaths *self, VarveLayerPath *path)
{
  guint n = self->record->objects->len;
  const VarveLayerObject *last = n > 0 ? &g_array_index (self->record->objects, VarveLayerObject, n - 1) : NULL;
  if (last != NULL && S_ISREG (last->mode) && last->size_bytes == 0)
    path->object = last->checksum;
}

void
varve_layer_paths_take (VarveLayerPaths *self, const VarveTarReadEntry *entry, const char *clean,
                        VarveTarReader *reader)
{
  if (is_in (clean, "sysroot") && entry->type == VARVE_TAR_DIRECTORY)
    {
      judge_skeleton (self, entry, clean, reader);
      return;
    }
  if (is_in (clean, "sysroot"))
    {
      path_fault (self, reader, "repo.name", "a file in /sysroot outside of the repository");
      return;
    }
  VarveLayerPath path = {
    .path = clean,
    .type = entry->type,
    .uid = (guint32)MIN (entry->uid, G_MAXUINT32),
    .gid = (guint32)MIN (entry->gid, G_MAXUINT32),
    .mode = (guint32)(entry->mode & 07777),
  };
  if (entry->type == VARVE_TAR_HARD_LINK && !take_link (self, entry, &path, reader))
    return;
  if (entry->type == VARVE_TAR_FILE)
    take_empty_file (self, &path);
  if (entry->type == VARVE_TAR_FILE && entry->size_bytes > 0)
    path_fault (self, reader, "path.content", "a file with content: expected a hard link to its object");
  else if (entry->type != VARVE_TAR_HARD_LINK && entry->type != VARVE_TAR_FILE && entry->type != VARVE_TAR_DIRECTORY)
    path_fault (self, reader, "path.type", "expected a hard link to an object, an empty file or a directory");
  else
    varve_layer_record_add_path (self->record, &path);
}

void
varve_layer_paths_finish (VarveLayerPaths *self)
{
  gboolean has_objects = self->record->objects->len > 0; /* a layer may have whiteouts alone */
  if (has_objects && self->n_skeleton < N_SKELETON && !self->skeleton_is_odd)
    varve_findings_add (self->findings, VARVE_SEVERITY_NOTE, "repo.structure", self->record->place,
                        "the layer does not start with all folders of the repository");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* libostree checks the checksum of what it writes; here its errors get our code and the name of the object. */
#include "ostree/importer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ostree.h>

#include "base/error.h"
#include "ostree/importer-handle.h"
#include "ostree/reachable-objects.h"
#include "ostree/staging.h"

struct _VarveImporter {
  OstreeRepo *repo;
  char *repo_path;
  gboolean in_transaction;
  gint n_written; /* atomic: objects */
};

/* libostree first opens a leftover that it continues with, then locks it: meanwhile no other thread removes it. */
static GMutex staging_mutex;

static gboolean
begin_transaction (VarveImporter *importer, GCancellable *cancellable, GError **error)
{
  g_mutex_lock (&staging_mutex);
  varve_staging_remove_leftovers (importer->repo_path);
  importer->in_transaction = ostree_repo_prepare_transaction (importer->repo, NULL, cancellable, error);
  g_mutex_unlock (&staging_mutex);
  return importer->in_transaction;
}

/* libostree keeps what is staged, for a later transaction. */
static void
abort_transaction (VarveImporter *importer)
{
  ostree_repo_abort_transaction (importer->repo, NULL, NULL);
  g_mutex_lock (&staging_mutex);
  varve_staging_remove_leftovers (importer->repo_path);
  g_mutex_unlock (&staging_mutex);
}

VarveImporter *
varve_importer_begin (const char *repo_path, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveImporter) importer = g_new0 (VarveImporter, 1);
  importer->repo = ostree_repo_open_at (AT_FDCWD, repo_path, cancellable, error);
  if (importer->repo == NULL)
    {
      g_prefix_error (error, "opening repository '%s': ", repo_path);
      return NULL;
    }
  importer->repo_path = g_strdup (repo_path);
  if (!begin_transaction (importer, cancellable, error))
    {
      g_prefix_error (error, "writing to repository '%s': ", repo_path);
      return NULL;
    }
  return g_steal_pointer (&importer);
}

void
varve_importer_free (VarveImporter *importer)
{
  if (importer->in_transaction)
    abort_transaction (importer);
  g_clear_object (&importer->repo);
  g_free (importer->repo_path);
  g_free (importer);
}

static gboolean
has_object (VarveImporter *importer, OstreeObjectType type, const char *hex, gboolean *out_has,
            GCancellable *cancellable, GError **error)
{
  return ostree_repo_has_object (importer->repo, type, hex, out_has, cancellable, error);
}

static GFileInfo *
info_of (const VarveImporterContent *content)
{
  const VarveContentHeader *header = content->header;
  gboolean is_symlink = S_ISLNK (header->mode);
  GFileInfo *info = g_file_info_new ();
  g_file_info_set_attribute_uint32 (info, G_FILE_ATTRIBUTE_STANDARD_TYPE,
                                    is_symlink ? G_FILE_TYPE_SYMBOLIC_LINK : G_FILE_TYPE_REGULAR);
  g_file_info_set_attribute_boolean (info, G_FILE_ATTRIBUTE_STANDARD_IS_SYMLINK, is_symlink);
  g_file_info_set_size (info, (goffset)content->size_bytes);
  g_file_info_set_attribute_uint32 (info, G_FILE_ATTRIBUTE_UNIX_UID, header->uid);
  g_file_info_set_attribute_uint32 (info, G_FILE_ATTRIBUTE_UNIX_GID, header->gid);
  g_file_info_set_attribute_uint32 (info, G_FILE_ATTRIBUTE_UNIX_MODE, header->mode);
  if (is_symlink)
    g_file_info_set_symlink_target (info, header->symlink_target);
  return info;
}

static gboolean
write_content (VarveImporter *importer, const char *hex, const VarveImporterContent *content, GCancellable *cancellable,
               GError **error)
{
  gboolean has;
  if (!has_object (importer, OSTREE_OBJECT_TYPE_FILE, hex, &has, cancellable, error))
    return FALSE;
  if (has)
    return TRUE;
  g_autoptr (GFileInfo) info = info_of (content);
  g_autoptr (GVariant) xattrs
      = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE ("a(ayay)"), content->header->xattrs, FALSE));
  g_autoptr (GInputStream) object = NULL;
  guint64 object_bytes;
  g_autofree guchar *checksum = NULL;
  g_atomic_int_inc (&importer->n_written);
  return ostree_raw_file_to_content_stream (content->stream, info, xattrs, &object, &object_bytes, cancellable, error)
         && ostree_repo_write_content (importer->repo, hex, object, object_bytes, &checksum, cancellable, error);
}

/* libostree has the code G_IO_ERROR_FAILED for a wrong checksum and most other errors. */
static void
object_error_adopt (GError **error, const char *hex, const char *kind)
{
  if (error == NULL || *error == NULL)
    return;
  if (strstr ((*error)->message, "Corrupted") != NULL)
    {
      g_autofree char *message = g_strdup ((*error)->message);
      g_clear_error (error);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s", message);
    }
  g_prefix_error (error, "writing object %s.%s: ", hex, kind);
}

gboolean
varve_importer_write_content (VarveImporter *importer, const VarveDigest *checksum, const VarveImporterContent *content,
                              GCancellable *cancellable, GError **error)
{
  g_autofree char *hex = varve_digest_to_hex (checksum);
  GError *failure = NULL;
  if (write_content (importer, hex, content, cancellable, &failure))
    return TRUE;
  object_error_adopt (&failure, hex, "file");
  g_propagate_error (error, failure);
  return FALSE;
}

static const struct {
  OstreeObjectType type;
  const char *variant_type, *name;
} KINDS[] = {
  [VARVE_METADATA_COMMIT] = { OSTREE_OBJECT_TYPE_COMMIT, "(a{sv}aya(say)sstayay)", "commit" },
  [VARVE_METADATA_COMMITMETA] = { OSTREE_OBJECT_TYPE_COMMIT_META, "a{sv}", "commitmeta" },
  [VARVE_METADATA_DIRTREE] = { OSTREE_OBJECT_TYPE_DIR_TREE, "(a(say)a(sayay))", "dirtree" },
  [VARVE_METADATA_DIRMETA] = { OSTREE_OBJECT_TYPE_DIR_META, "(uuua(ayay))", "dirmeta" },
};

static gboolean
write_metadata (VarveImporter *importer, VarveMetadataKind kind, const char *hex, GBytes *raw,
                GCancellable *cancellable, GError **error)
{
  g_autoptr (GVariant) variant
      = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (KINDS[kind].variant_type), raw, FALSE));
  if (kind == VARVE_METADATA_COMMITMETA)
    return ostree_repo_write_commit_detached_metadata (importer->repo, hex, variant, cancellable, error);
  gboolean has;
  if (!has_object (importer, KINDS[kind].type, hex, &has, cancellable, error))
    return FALSE;
  g_autofree guchar *checksum = NULL;
  if (!has)
    g_atomic_int_inc (&importer->n_written);
  return has
         || ostree_repo_write_metadata (importer->repo, KINDS[kind].type, hex, variant, &checksum, cancellable, error);
}

gboolean
varve_importer_write_metadata (VarveImporter *importer, VarveMetadataKind kind, const VarveDigest *checksum,
                               GBytes *raw, GCancellable *cancellable, GError **error)
{
  g_autofree char *hex = varve_digest_to_hex (checksum);
  GError *failure = NULL;
  if (write_metadata (importer, kind, hex, raw, cancellable, &failure))
    return TRUE;
  object_error_adopt (&failure, hex, KINDS[kind].name);
  g_propagate_error (error, failure);
  return FALSE;
}

OstreeRepo *
varve_importer_handle (VarveImporter *importer)
{
  g_atomic_int_inc (&importer->n_written); /* what is written through it is not seen here */
  return importer->repo;
}

gboolean
varve_importer_check_tree (VarveImporter *importer, const VarveDigest *dirtree, const VarveDigest *dirmeta,
                           GCancellable *cancellable, GError **error)
{
  return varve_reachable_objects_check (importer->repo, dirtree, dirmeta, cancellable, error);
}

gboolean
varve_importer_check_ref (const char *ref, GError **error)
{
  g_autofree char *remote = NULL, *name = NULL;
  if (ostree_parse_refspec (ref, &remote, &name, NULL) && remote == NULL)
    return TRUE;
  g_autofree char *escaped = varve_escape (ref);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "'%s' is not a ref name", escaped);
  return FALSE;
}

/* libostree would sync each of up to 256 folders that have objects, at each commit of a transaction. One sync of the
 * file system makes durable what is staged, before it has a name that later runs trust, and the names of all earlier
 * ones. */
static gboolean
sync_staged (VarveImporter *importer, GError **error)
{
  return g_atomic_int_get (&importer->n_written) == 0 || syncfs (ostree_repo_get_dfd (importer->repo)) == 0
         || varve_set_errno (error, errno, "syncing the repository's file system");
}

static gboolean
commit_transaction (VarveImporter *importer, GCancellable *cancellable, GError **error)
{
  gboolean syncs = !ostree_repo_get_disable_fsync (importer->repo);
  if (syncs && !sync_staged (importer, error))
    return FALSE;
  ostree_repo_set_disable_fsync (importer->repo, TRUE);
  gboolean done = ostree_repo_commit_transaction (importer->repo, NULL, cancellable, error);
  ostree_repo_set_disable_fsync (importer->repo, !syncs);
  importer->in_transaction = !done;
  return done;
}

/* So that the ref is durable only after the name of its commit. */
static gboolean
sync_name_of_commit (VarveImporter *importer, const char *hex, GError **error)
{
  g_autofree char *folder = g_strdup_printf ("objects/%.2s", hex);
  if (ostree_repo_get_disable_fsync (importer->repo))
    return TRUE;
  int fd = openat (ostree_repo_get_dfd (importer->repo), folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean is_good = fd >= 0 && fsync (fd) == 0;
  if (!is_good)
    varve_set_errno (error, errno, "syncing '%s' of the repository", folder);
  if (fd >= 0)
    close (fd);
  return is_good;
}

/* Under a lock, so that no prune removes the commit before its ref exists. */
static gboolean
commit_with_ref (VarveImporter *importer, const char *hex, const char *ref, GCancellable *cancellable, GError **error)
{
  g_autoptr (OstreeRepoAutoLock) lock
      = ostree_repo_auto_lock_push (importer->repo, OSTREE_REPO_LOCK_SHARED, cancellable, error);
  return lock != NULL && commit_transaction (importer, cancellable, error)
         && ostree_repo_mark_commit_partial (importer->repo, hex, FALSE,
                                             error) /* an earlier fetch may have marked it partial */
         && sync_name_of_commit (importer, hex, error)
         && (ref == NULL || ostree_repo_set_ref_immediate (importer->repo, NULL, ref, hex, cancellable, error));
}

gboolean
varve_importer_commit (VarveImporter *importer, const VarveDigest *commit, const char *ref, GCancellable *cancellable,
                       GError **error)
{
  g_autofree char *hex = commit != NULL ? varve_digest_to_hex (commit) : NULL;
  if (ref != NULL && !varve_importer_check_ref (ref, error))
    return FALSE;
  if (hex != NULL ? commit_with_ref (importer, hex, ref, cancellable, error)
                  : commit_transaction (importer, cancellable, error))
    return TRUE;
  g_prefix_error (error, "committing the transaction: ");
  return FALSE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reads through libostree, which handles all repository modes and parent repositories. */
#include "ostree/repo.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.h"
#include "ostree/repo-handle.h"
#include "ostree/sign.h"

struct _VarveRepo {
  VarveSource source; /* first: a VarveSource * is cast to a VarveRepo * */
  OstreeRepo *ostree;
  const char *content_suffix; /* of the file that holds a content object */
  VarveDigest signed_commit;
  GBytes *signed_commitmeta; /* NULL until varve_repo_sign() */
};

/* libostree has G_IO_ERROR_NOT_FOUND for missing objects and refs; our callers test our own code. */
static void
adopt_not_found (GError **error)
{
  if (error == NULL || *error == NULL || !g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return;
  GError *ours = g_error_new_literal (VARVE_ERROR, VARVE_ERROR_NOT_FOUND, (*error)->message);
  g_clear_error (error);
  *error = ours;
}

static GInputStream *
open_content (VarveSource *source, const VarveDigest *checksum, GCancellable *cancellable, GError **error)
{
  VarveRepo *repo = (VarveRepo *)source;
  g_autofree char *hex = varve_digest_to_hex (checksum);
  GInputStream *content = NULL;
  if (!ostree_repo_load_file (repo->ostree, hex, &content, NULL, NULL, cancellable, error))
    {
      adopt_not_found (error);
      g_prefix_error (error, "reading object %s.file: ", hex);
      return NULL;
    }
  if (content == NULL)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "object %s.file: no content: expected a regular file", hex);
  return content;
}

/* Only in this repository, not in its parent repositories. */
static int
open_object_file (VarveRepo *repo, const VarveDigest *checksum)
{
  g_autofree char *hex = varve_digest_to_hex (checksum);
  g_autofree char *path = g_strdup_printf ("objects/%.2s/%s%s", hex, hex + 2, repo->content_suffix);
  return openat (ostree_repo_get_dfd (repo->ostree), path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
}

/* In all bare modes the object's file is the content; libostree would read its header a second time. */
static int
open_content_fd (VarveSource *source, const VarveDigest *checksum, GError **error)
{
  VarveRepo *repo = (VarveRepo *)source;
  return ostree_repo_get_mode (repo->ostree) != OSTREE_REPO_MODE_ARCHIVE ? open_object_file (repo, checksum) : -1;
}

static GBytes *
load_commitmeta (VarveRepo *repo, const char *hex, GError **error)
{
  g_autoptr (GVariant) metadata = NULL;
  if (!ostree_repo_read_commit_detached_metadata (repo->ostree, hex, &metadata, NULL, error))
    {
      g_prefix_error (error, "reading the detached metadata of commit %s: ", hex);
      return NULL;
    }
  return metadata != NULL ? g_variant_get_data_as_bytes (metadata) : NULL;
}

static const OstreeObjectType METADATA_TYPES[] = {
  [VARVE_METADATA_COMMIT] = OSTREE_OBJECT_TYPE_COMMIT,
  [VARVE_METADATA_COMMITMETA] = OSTREE_OBJECT_TYPE_COMMIT_META,
  [VARVE_METADATA_DIRTREE] = OSTREE_OBJECT_TYPE_DIR_TREE,
  [VARVE_METADATA_DIRMETA] = OSTREE_OBJECT_TYPE_DIR_META,
};

static GBytes *
load_metadata (VarveSource *source, VarveMetadataKind kind, const VarveDigest *checksum, GError **error)
{
  VarveRepo *repo = (VarveRepo *)source;
  g_autofree char *hex = varve_digest_to_hex (checksum);
  if (kind == VARVE_METADATA_COMMITMETA && repo->signed_commitmeta != NULL
      && varve_digest_compare (checksum, &repo->signed_commit) == 0)
    return g_bytes_ref (repo->signed_commitmeta);
  if (kind == VARVE_METADATA_COMMITMETA)
    return load_commitmeta (repo, hex, error);
  OstreeObjectType type = METADATA_TYPES[kind];
  g_autoptr (GVariant) variant = NULL;
  if (!ostree_repo_load_variant (repo->ostree, type, hex, &variant, error))
    {
      adopt_not_found (error);
      g_prefix_error (error, "reading object %s.%s: ", hex, ostree_object_type_to_string (type));
      return NULL;
    }
  return g_variant_get_data_as_bytes (variant);
}

static void
read_ahead (VarveSource *source, const VarveDigest *checksum)
{
  int fd = open_object_file ((VarveRepo *)source, checksum);
  if (fd < 0)
    return;
  posix_fadvise (fd, 0, 0, POSIX_FADV_WILLNEED);
  close (fd);
}

static gboolean
load_header (VarveSource *source, VarveObject *object, GBytes **out_xattrs, char **out_target,
             GCancellable *cancellable, GError **error)
{
  return varve_repo_load_header ((VarveRepo *)source, object, out_xattrs, out_target, cancellable, error);
}

VarveRepo *
varve_repo_open (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (OstreeRepo) ostree = ostree_repo_open_at (AT_FDCWD, path, cancellable, error);
  if (ostree == NULL)
    {
      g_autofree char *escaped = varve_escape (path);
      adopt_not_found (error);
      g_prefix_error (error, "opening repository '%s': ", escaped);
      return NULL;
    }
  VarveRepo *repo = g_new0 (VarveRepo, 1);
  repo->source = (VarveSource){
    .open_content = open_content,
    .open_content_fd = open_content_fd,
    .load_metadata = load_metadata,
    .load_header = load_header,
    .read_ahead = read_ahead,
  };
  repo->content_suffix = ostree_repo_get_mode (ostree) == OSTREE_REPO_MODE_ARCHIVE ? ".filez" : ".file";
  repo->ostree = g_steal_pointer (&ostree);
  return repo;
}

void
varve_repo_free (VarveRepo *repo)
{
  g_object_unref (repo->ostree);
  g_clear_pointer (&repo->signed_commitmeta, g_bytes_unref);
  g_free (repo);
}

OstreeRepo *
varve_repo_handle (VarveRepo *repo)
{
  return repo->ostree;
}

VarveSource *
varve_repo_source (VarveRepo *repo)
{
  return &repo->source;
}

gboolean
varve_repo_resolve (VarveRepo *repo, const char *ref, VarveDigest *out_commit, GError **error)
{
  g_autofree char *checksum = NULL;
  g_autofree char *escaped = varve_escape (ref);
  if (!ostree_repo_resolve_rev (repo->ostree, ref, FALSE, &checksum, error))
    {
      adopt_not_found (error);
      g_prefix_error (error, "'%s' is neither a ref nor a commit of the repository: ", escaped);
      return FALSE;
    }
  return varve_digest_from_hex (checksum, out_commit, error);
}

static int
compare_refs (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

gboolean
varve_repo_each_ref (VarveRepo *repo, const char *prefix, void (*func) (const char *ref, gpointer data), gpointer data,
                     GError **error)
{
  g_autoptr (GHashTable) refs = NULL;
  guint n;
  if (!ostree_repo_list_refs_ext (repo->ostree, prefix, &refs, OSTREE_REPO_LIST_REFS_EXT_NONE, NULL, error))
    return FALSE;
  g_autofree gpointer *names = g_hash_table_get_keys_as_array (refs, &n);
  g_qsort_with_data (names, (int)n, sizeof *names, compare_refs, NULL);
  for (guint i = 0; i < n; i++)
    func (names[i], data);
  return TRUE;
}

gboolean
varve_repo_check_complete (VarveRepo *repo, const VarveDigest *commit, GError **error)
{
  g_autofree char *hex = varve_digest_to_hex (commit);
  OstreeRepoCommitState state = OSTREE_REPO_COMMIT_STATE_NORMAL;
  if (!ostree_repo_load_commit (repo->ostree, hex, NULL, &state, error))
    {
      adopt_not_found (error);
      g_prefix_error (error, "reading object %s.commit: ", hex);
      return FALSE;
    }
  if ((state & OSTREE_REPO_COMMIT_STATE_PARTIAL) == 0)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND,
               "partial commit: some of its objects were never fetched: pull all of it again");
  return FALSE;
}

gboolean
varve_repo_sign (VarveRepo *repo, const VarveDigest *commit, const char *const *keys, GCancellable *cancellable,
                 GError **error)
{
  GError *failure = NULL;
  g_autoptr (GBytes) raw = load_metadata (&repo->source, VARVE_METADATA_COMMIT, commit, &failure);
  g_autoptr (GBytes) commitmeta
      = raw != NULL ? load_metadata (&repo->source, VARVE_METADATA_COMMITMETA, commit, &failure) : NULL;
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  GBytes *signed_commitmeta = varve_sign_commit (commit, raw, commitmeta, keys, cancellable, error);
  if (signed_commitmeta == NULL)
    return FALSE;
  g_clear_pointer (&repo->signed_commitmeta, g_bytes_unref);
  repo->signed_commitmeta = signed_commitmeta;
  repo->signed_commit = *commit;
  return TRUE;
}

/* Metadata of bare-user repositories, in an xattr: (uuua(ayay)), big endian; the last member has no framing.
 * Source: libostree, ostree-repo.c, OSTREE_FILEMETA_XATTR. */
enum { FILEMETA_NUMBERS = 3, FILEMETA_BUFFER_BYTES = 4096 };

static gboolean
read_filemeta (int fd, VarveObject *object, GBytes **out_xattrs)
{
  guint8 filemeta[FILEMETA_BUFFER_BYTES];
  guint32 numbers[FILEMETA_NUMBERS];
  ssize_t size_bytes = fgetxattr (fd, "user.ostreemeta", filemeta, sizeof filemeta);
  if (size_bytes < (ssize_t)sizeof numbers)
    return FALSE;
  memcpy (numbers, filemeta, sizeof numbers);
  object->uid = GUINT32_FROM_BE (numbers[0]);
  object->gid = GUINT32_FROM_BE (numbers[1]);
  object->mode = GUINT32_FROM_BE (numbers[2]);
  *out_xattrs = g_bytes_new (filemeta + sizeof numbers, (gsize)size_bytes - sizeof numbers);
  return TRUE;
}

/* A symlink's object is a regular file that contains the target. */
static gboolean
read_target (int fd, gsize size_bytes, char **out_target)
{
  g_autofree char *target = g_malloc (size_bytes + 1);
  if (size_bytes > PATH_MAX || read (fd, target, size_bytes + 1) != (ssize_t)size_bytes
      || memchr (target, '\0', size_bytes) != NULL)
    return FALSE;
  target[size_bytes] = '\0';
  *out_target = g_steal_pointer (&target);
  return TRUE;
}

/* For a bare-user repository: takes a fifth of the time of libostree, which creates a GFileInfo under a global lock.
 * FALSE for anything unusual, which libostree then reports. */
static gboolean
load_bare_user_header (VarveRepo *repo, VarveObject *object, GBytes **out_xattrs, char **out_target)
{
  struct stat status;
  int fd = open_object_file (repo, &object->checksum);
  if (fd < 0)
    return FALSE;
  g_autoptr (GBytes) xattrs = NULL;
  g_autofree char *target = NULL;
  gboolean done
      = fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && read_filemeta (fd, object, &xattrs)
        && (S_ISREG (object->mode) || (S_ISLNK (object->mode) && read_target (fd, (gsize)status.st_size, &target)));
  close (fd);
  if (!done)
    return FALSE;
  object->size_bytes = target == NULL ? (guint64)status.st_size : 0;
  *out_xattrs = g_steal_pointer (&xattrs);
  *out_target = g_steal_pointer (&target);
  return TRUE;
}

gboolean
varve_repo_load_header (VarveRepo *repo, VarveObject *object, GBytes **out_xattrs, char **out_target,
                        GCancellable *cancellable, GError **error)
{
  if (ostree_repo_get_mode (repo->ostree) == OSTREE_REPO_MODE_BARE_USER
      && load_bare_user_header (repo, object, out_xattrs, out_target))
    return TRUE;
  g_autofree char *hex = varve_digest_to_hex (&object->checksum);
  g_autoptr (GFileInfo) info = NULL;
  g_autoptr (GVariant) xattrs = NULL;
  if (!ostree_repo_load_file (repo->ostree, hex, NULL, &info, &xattrs, cancellable, error))
    {
      adopt_not_found (error);
      g_prefix_error (error, "reading object %s.file: ", hex);
      return FALSE;
    }
  gboolean is_symlink = g_file_info_get_file_type (info) == G_FILE_TYPE_SYMBOLIC_LINK;
  if (!is_symlink && g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "object %s.file: neither a regular file nor a symlink",
                   hex);
      return FALSE;
    }
  object->uid = g_file_info_get_attribute_uint32 (info, "unix::uid");
  object->gid = g_file_info_get_attribute_uint32 (info, "unix::gid");
  object->mode = g_file_info_get_attribute_uint32 (info, "unix::mode");
  object->size_bytes = is_symlink ? 0 : (guint64)g_file_info_get_size (info);
  *out_target = is_symlink ? g_strdup (g_file_info_get_symlink_target (info)) : NULL;
  *out_xattrs = xattrs != NULL ? g_variant_get_data_as_bytes (xattrs) : g_bytes_new_static ("", 0);
  return TRUE;
}

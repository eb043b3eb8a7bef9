/* SPDX-License-Identifier: Apache-2.0 */
/* libostree signs only a commit in a repository, and writes the signature there: so the commit object alone is copied
 * into a temporary repository. */
#include "ostree/sign.h"

#include <fcntl.h>
#include <string.h>

#include <ostree.h>

#include "base/error.h"
#include "base/tempfile.h"
#include "base/temporary-folder.h"
#include "model/image-keys.h"

enum { KEY_FILE_MAX_BYTES = 64 * 1024 };

static GVariant *
as_variant (GBytes *bytes, const char *type)
{
  return g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), bytes, FALSE));
}

static gboolean
sign_with_gpg (OstreeRepo *repo, const char *hex, const char *key_id, GCancellable *cancellable, GError **error)
{
  return ostree_repo_sign_commit (repo, hex, key_id, NULL, cancellable, error);
}

/* The first line of the file, which must not appear in messages. */
static char *
read_key (const char *path, GError **error)
{
  g_autoptr (GBytes) content = varve_read_file (AT_FDCWD, path, KEY_FILE_MAX_BYTES, error);
  if (content == NULL)
    return NULL;
  gsize size_bytes = g_bytes_get_size (content);
  char *key = size_bytes > 0 ? g_strndup (g_bytes_get_data (content, NULL), size_bytes) : g_strdup ("");
  key[strcspn (key, "\r\n")] = '\0';
  return key;
}

static gboolean
sign_with_file (OstreeRepo *repo, const char *hex, const char *type, const char *path, GCancellable *cancellable,
                GError **error)
{
  g_autoptr (OstreeSign) sign = ostree_sign_get_by_name (type, error);
  g_autofree char *key = sign != NULL ? read_key (path, error) : NULL;
  if (key == NULL)
    return FALSE;
  g_autoptr (GVariant) secret = g_variant_ref_sink (g_variant_new_string (key));
  gboolean done = ostree_sign_set_sk (sign, secret, error) && ostree_sign_commit (sign, repo, hex, cancellable, error);
  memset (key, 0, strlen (key));
  return done;
}

static gboolean
sign_with (OstreeRepo *repo, const char *hex, const char *key, GCancellable *cancellable, GError **error)
{
  const char *equals = strchr (key, '=');
  g_autofree char *escaped = varve_escape (key);
  if (equals == NULL || equals == key || equals[1] == '\0')
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "'%s': expected gpg=KEY-ID or TYPE=FILE, as ed25519=FILE",
                   escaped);
      return FALSE;
    }
  g_autofree char *type = g_strndup (key, (gsize)(equals - key));
  gboolean done = strcmp (type, "gpg") == 0 ? sign_with_gpg (repo, hex, equals + 1, cancellable, error)
                                            : sign_with_file (repo, hex, type, equals + 1, cancellable, error);
  if (!done)
    g_prefix_error (error, "signing with '%s': ", escaped);
  return done;
}

static gboolean
copy_commit (OstreeRepo *repo, const char *hex, GBytes *commit_raw, GBytes *commitmeta, GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GVariant) commit = as_variant (commit_raw, "(a{sv}aya(say)sstayay)");
  if (!ostree_repo_write_metadata_trusted (repo, OSTREE_OBJECT_TYPE_COMMIT, hex, commit, cancellable, error))
    return FALSE;
  if (commitmeta == NULL)
    return TRUE;
  g_autoptr (GVariant) metadata = as_variant (commitmeta, "a{sv}");
  return ostree_repo_write_commit_detached_metadata (repo, hex, metadata, cancellable, error);
}

static gboolean
sign_with_all (OstreeRepo *repo, const char *hex, const char *const *keys, GCancellable *cancellable, GError **error)
{
  for (; *keys != NULL; keys++)
    if (!sign_with (repo, hex, *keys, cancellable, error))
      return FALSE;
  return TRUE;
}

GBytes *
varve_sign_commit (const VarveDigest *commit, GBytes *commit_raw, GBytes *commitmeta, const char *const *keys,
                   GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (keys != NULL, NULL);
  g_autoptr (VarveTemporaryFolder) folder = varve_temporary_folder_new (NULL, error);
  if (folder == NULL)
    return NULL;
  g_autofree char *hex = varve_digest_to_hex (commit);
  g_autoptr (OstreeRepo) repo = ostree_repo_create_at (AT_FDCWD, varve_temporary_folder_path (folder),
                                                       OSTREE_REPO_MODE_ARCHIVE, NULL, cancellable, error);
  g_autoptr (GVariant) metadata = NULL;
  if (repo == NULL || !copy_commit (repo, hex, commit_raw, commitmeta, cancellable, error)
      || !sign_with_all (repo, hex, keys, cancellable, error)
      || !ostree_repo_read_commit_detached_metadata (repo, hex, &metadata, cancellable, error))
    return NULL;
  gsize size_bytes = g_variant_get_size (metadata);
  return g_bytes_new (g_variant_get_data (metadata), size_bytes); /* a copy: its file is removed */
}

static gboolean
is_signatures (const char *key, GVariant *value)
{
  return (strcmp (key, VARVE_KEY_GPG_SIGNATURES) == 0 || g_str_has_prefix (key, VARVE_KEY_SIGNATURES_PREFIX))
         && g_variant_is_of_type (value, G_VARIANT_TYPE ("aay"));
}

/* Whether @longer starts with all of @shorter, which may be NULL. */
static gboolean
list_begins_with (GVariant *longer, GVariant *shorter)
{
  if (shorter == NULL)
    return TRUE;
  if (!g_variant_is_of_type (shorter, G_VARIANT_TYPE ("aay"))
      || g_variant_n_children (shorter) > g_variant_n_children (longer))
    return FALSE;
  for (gsize i = 0; i < g_variant_n_children (shorter); i++)
    {
      g_autoptr (GVariant) one = g_variant_get_child_value (longer, i), other = g_variant_get_child_value (shorter, i);
      if (!g_variant_equal (one, other))
        return FALSE;
    }
  return TRUE;
}

gboolean
varve_sign_only_adds (GBytes *with, GBytes *without)
{
  g_autoptr (GVariant) all = as_variant (with, "a{sv}");
  g_autoptr (GVariant) some
      = without != NULL ? as_variant (without, "a{sv}") : g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  gsize n_common = 0;
  GVariantIter iterator;
  const char *key;
  GVariant *entry;
  g_variant_iter_init (&iterator, all);
  while (g_variant_iter_next (&iterator, "{&sv}", &key, &entry))
    {
      g_autoptr (GVariant) value = entry;
      g_autoptr (GVariant) other = g_variant_lookup_value (some, key, NULL);
      n_common += other != NULL;
      gboolean is_good = is_signatures (key, value) ? list_begins_with (value, other)
                                                    : other != NULL && g_variant_equal (value, other);
      if (!is_good)
        return FALSE;
    }
  return n_common == g_variant_n_children (some);
}

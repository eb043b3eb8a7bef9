/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the source of a delta: an image, a commit of a repository, or a folder. */
#include "delta/delta-base.h"

#include <string.h>

#include "base/error.h"
#include "model/image-keys.h"
#include "ostree/commit.h"

void
varve_delta_base_close (VarveOpenBase *base)
{
  g_clear_pointer (&base->tree, varve_old_tree_free);
  g_clear_pointer (&base->files, varve_image_files_free);
  g_clear_pointer (&base->spool, varve_extent_file_free);
  g_clear_pointer (&base->repo, varve_repo_free);
  g_free (base);
}

static gboolean
base_open_image (VarveOpenBase *open, const VarveDelta *delta, const VarveImage *image,
                 const VarveOpenBaseOptions *options, GCancellable *cancellable, GError **error)
{
  if (varve_digest_compare (&image->manifest->config->digest, &delta->source_config) != 0)
    {
      g_autofree char *expected = varve_digest_to_string (&delta->source_config);
      g_autofree char *found = varve_digest_to_string (&image->manifest->config->digest);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                   "the delta is for another image: the config is %s, expected %s", found, expected);
      return FALSE;
    }
  open->spool = varve_extent_file_new (options->work_path, error);
  if (open->spool == NULL)
    return FALSE;
  VarveImageFilesOptions files_options
      = { .kind = VARVE_TAR_MAP_PLAIN, .jobs = options->jobs, .spool = open->spool, .observer = options->observer };
  open->files = varve_image_files_read (image, &files_options, cancellable, error);
  if (open->files == NULL)
    return FALSE;
  open->tree = varve_old_tree_of_image (open->files);
  return TRUE;
}

/* The refs of images that bootc and rpm-ostree pulled. */
#define IMAGE_REFS "ostree/container/image"

typedef struct {
  const VarveDigest *config;
  VarveRepo *repo;
  gboolean found;
  VarveDigest commit;
} Search;

static void
search_ref (const char *ref, gpointer data)
{
  Search *search = data;
  VarveDigest digest;
  if (search->found || !varve_repo_resolve (search->repo, ref, &digest, NULL))
    return;
  VarveSource *source = varve_repo_source (search->repo);
  g_autoptr (GBytes) raw = source->load_metadata (source, VARVE_METADATA_COMMIT, &digest, NULL);
  g_autoptr (VarveCommit) commit = raw != NULL ? varve_commit_parse (raw, NULL) : NULL;
  const char *text = commit != NULL ? varve_commit_find_string (commit, VARVE_STORED_MANIFEST) : NULL;
  g_autoptr (GBytes) bytes = text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
  g_autoptr (VarveManifest) manifest = bytes != NULL ? varve_manifest_from_bytes (bytes, NULL) : NULL;
  search->found = manifest != NULL && varve_digest_compare (&manifest->config->digest, search->config) == 0;
  if (search->found)
    search->commit = digest;
}

gboolean
varve_delta_base_find (VarveRepo *repo, const char *source_commit, const VarveDigest *source_config, gboolean *out_has,
                       VarveDigest *out_commit, GError **error)
{
  Search search = { .config = source_config, .repo = repo };
  search.found = source_commit != NULL && varve_digest_from_hex (source_commit, &search.commit, NULL)
                 && varve_repo_check_complete (repo, &search.commit, NULL);
  if (!search.found && !varve_repo_each_ref (repo, IMAGE_REFS, search_ref, &search, error))
    return FALSE;
  *out_has = search.found;
  *out_commit = search.commit;
  return TRUE;
}

static gboolean
base_find_commit (VarveRepo *repo, const VarveDelta *delta, const char *ref, VarveDigest *out_commit, GError **error)
{
  if (ref != NULL)
    return varve_repo_resolve (repo, ref, out_commit, error);
  gboolean has;
  VarveDigest commit;
  const char *named = varve_string_map_get (delta->manifest->annotations, VARVE_DELTA_SOURCE_COMMIT);
  if (!varve_delta_base_find (repo, named, &delta->source_config, &has, &commit, error))
    return FALSE;
  *out_commit = commit;
  if (has)
    return TRUE;
  g_autofree char *config = varve_digest_to_string (&delta->source_config);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND,
               "the repository has neither the commit nor the image that the delta is for (config %s)", config);
  return FALSE;
}

static gboolean
base_open_repo (VarveOpenBase *open, const VarveDelta *delta, const VarveDeltaBase *base,
                const VarveOpenBaseOptions *options, GCancellable *cancellable, GError **error)
{
  VarveDigest commit;
  open->repo = varve_repo_open (base->repo_path, cancellable, error);
  if (open->repo == NULL || !base_find_commit (open->repo, delta, base->ref, &commit, error)
      || !varve_repo_check_complete (open->repo, &commit, error))
    return FALSE;
  open->tree = varve_old_tree_of_commit (open->repo, &commit, options->work_path, options->jobs, cancellable, error);
  return open->tree != NULL;
}

VarveOpenBase *
varve_delta_base_open (const VarveDelta *delta, const VarveDeltaBase *base, const VarveOpenBaseOptions *options,
                       GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail ((base->image != NULL) + (base->repo_path != NULL) + (base->folder != NULL) == 1, NULL);
  g_autoptr (VarveOpenBase) open = g_new0 (VarveOpenBase, 1);
  varve_observer_begin (options->observer, "reading the base", 0);
  gboolean done = FALSE;
  if (base->image != NULL)
    done = base_open_image (open, delta, base->image, options, cancellable, error);
  else if (base->repo_path != NULL)
    done = base_open_repo (open, delta, base, options, cancellable, error);
  else
    done = (open->tree = varve_old_tree_of_folder (base->folder, error)) != NULL;
  return done ? g_steal_pointer (&open) : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print-notes.h"

#include <stdio.h>

#include "model/image-keys.h"
#include "release/packaged-tree.h"
#include "release/release-notes.h"

typedef struct {
  const char *name;
  VarveImage *image;
  VarvePackagedTree *tree;
} Release;

static void
release_clear (Release *release)
{
  g_clear_pointer (&release->tree, varve_packaged_tree_free);
  g_clear_pointer (&release->image, varve_image_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Release, release_clear)

/* What its users call it. */
static const char *
version_of (const VarveImage *image, const char *name)
{
  const char *version = varve_config_label (image->config, VARVE_LABEL_IMAGE_VERSION);
  return version != NULL ? version : name;
}

static gboolean
open_release (VarveSession *session, const VarveNotesArguments *arguments, const char *name, Release *out_release,
              GError **error)
{
  out_release->name = name;
  out_release->image = varve_image_options_open (arguments->images, session, name, arguments->architecture, error);
  return out_release->image != NULL;
}

/* From the repository, where there is one, or else from the layers. */
static gboolean
read_packages (VarveSession *session, const VarveNotesArguments *arguments, Release *release, GError **error)
{
  VarveReadPackagedTree read = { .jobs = varve_session_jobs (session) };
  if (arguments->packages != NULL && !varve_packages_kind_from_string (arguments->packages, &read.packages, error))
    return FALSE;
  read.image = release->image;
  read.image_name = release->name;
  read.repo_path = arguments->repo;
  read.rootfs = (VarveRootfsOptions){ .owner_uid = VARVE_OWNER_AS_FOUND, .owner_gid = VARVE_OWNER_AS_FOUND };
  release->tree = varve_packaged_tree_read (&read, session->observer, session->cancellable, error);
  return release->tree != NULL;
}

static void
former_free (gpointer data)
{
  VarveFormerRelease *former = data;
  g_free (former->name);
  g_free (former);
}

/* What hosts on older images download. */
static GPtrArray *
compare_former (VarveSession *session, const VarveNotesArguments *arguments, const Release *new, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (former_free);
  for (guint i = 0; arguments->also != NULL && arguments->also[i] != NULL; i++)
    {
      g_auto (Release) old = { 0 };
      if (!open_release (session, arguments, arguments->also[i], &old, error))
        return NULL;
      g_autoptr (VarveDiff) diff = varve_diff_new (old.image, old.name, new->image, new->name, error);
      if (diff == NULL)
        return NULL;
      VarveFormerRelease *former = g_new0 (VarveFormerRelease, 1);
      former->name = g_strdup (version_of (old.image, old.name));
      former->bytes = diff->by_digest.bytes;
      former->layers = diff->by_digest.layers;
      g_ptr_array_add (list, former);
    }
  return g_steal_pointer (&list);
}

static VarveExplanation *
explain (VarveSession *session, const VarveNotesArguments *arguments, const Release *old, const Release *new,
         GError **error)
{
  VarveExplanationOptions options = {
    .old = old->image,
    .new = new->image,
    .old_name = old->name,
    .new_name = new->name,
    .repo_path = arguments->repo,
    .owners = VARVE_OWNERS_OPTIONS_INIT,
    .jobs = varve_session_jobs (session),
  };
  return varve_explanation_new (&options, session->observer, session->cancellable, error);
}

static VarveExplanation *
make_notes (VarveSession *session, const VarveNotesArguments *arguments, char **out_text, GError **error)
{
  g_auto (Release) old = { 0 }, new = { 0 };
  if (!open_release (session, arguments, arguments->old, &old, error)
      || !open_release (session, arguments, arguments->new, &new, error))
    return NULL;
  g_autoptr (GPtrArray) former = compare_former (session, arguments, &new, error);
  if (former == NULL || !read_packages (session, arguments, &old, error)
      || !read_packages (session, arguments, &new, error))
    return NULL;
  VarveExplanation *explanation = explain (session, arguments, &old, &new, error);
  if (explanation == NULL)
    return NULL;
  VarveReleaseNotes notes = {
    .old_version = version_of (old.image, old.name),
    .new_version = version_of (new.image, new.name),
    .explanation = explanation,
    .old_packages = varve_packaged_tree_packages (old.tree),
    .new_packages = varve_packaged_tree_packages (new.tree),
    .former = former,
  };
  *out_text = varve_release_notes_to_markdown (&notes);
  return explanation;
}

VarveExplanation *
varve_print_notes (VarveSession *session, const VarveNotesArguments *arguments, GError **error)
{
  g_autofree char *text = NULL;
  varve_session_start (session);
  VarveExplanation *explanation = make_notes (session, arguments, &text, error);
  varve_session_stop (session);
  if (explanation != NULL)
    fputs (text, stdout);
  return explanation;
}

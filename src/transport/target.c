/* SPDX-License-Identifier: Apache-2.0 */
/* A layout is written in place, an archive and everything that skopeo writes through a layout of its own. */
#include "transport/target.h"

#include "base/error.h"
#include "base/temporary-folder.h"
#include "oci/layout-lock.h"
#include "skopeo/skopeo.h"

struct _VarveTarget {
  VarveReference *reference;
  VarveLayout *layout; /* exactly one of this and the next is set */
  VarveArchive *archive;
  VarveTemporaryFolder *scratch; /* the folder of the layout, when it is pushed */
};

static gboolean
target_open_scratch (VarveTarget *target, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  /* A missing skopeo is an error now, not after the work. */
  g_autoptr (VarveSkopeo) trial = varve_skopeo_new (target->reference->access, error);
  target->scratch = trial != NULL ? varve_temporary_folder_new (NULL, error) : NULL;
  if (target->scratch == NULL)
    return FALSE;
  g_autofree char *path = g_build_filename (varve_temporary_folder_path (target->scratch), "image", NULL);
  target->layout = varve_layout_open (path, observer, cancellable, error);
  return target->layout != NULL;
}

static gboolean
target_open (VarveTarget *target, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  switch (target->reference->transport)
    {
    case VARVE_TRANSPORT_OCI:
      target->layout = varve_layout_open (target->reference->path, observer, cancellable, error);
      return target->layout != NULL;
    case VARVE_TRANSPORT_OCI_ARCHIVE:
      target->archive = varve_archive_create (target->reference->path, observer, cancellable, error);
      return target->archive != NULL;
    case VARVE_TRANSPORT_DOCKER:
    case VARVE_TRANSPORT_CONTAINERS_STORAGE:
    case VARVE_TRANSPORT_DIR:
      return target_open_scratch (target, observer, cancellable, error);
    }
  g_return_val_if_reached (FALSE);
}

VarveTarget *
varve_target_open (const VarveReference *reference, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  if (reference->ref != NULL && reference->ref[0] == '@')
    {
      g_autofree char *escaped = varve_escape (reference->text);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "'%s' cannot be written to: expected %s", escaped,
                   varve_reference_is_oci (reference) ? "a ref name after the path" : "a tag");
      return NULL;
    }
  g_autoptr (VarveTarget) target = g_new0 (VarveTarget, 1);
  target->reference = varve_reference_copy (reference);
  return target_open (target, observer, cancellable, error) ? g_steal_pointer (&target) : NULL;
}

void
varve_target_free (VarveTarget *target)
{
  g_clear_pointer (&target->layout, varve_layout_free);
  g_clear_pointer (&target->archive, varve_archive_free);
  g_clear_pointer (&target->scratch, varve_temporary_folder_free);
  varve_reference_free (target->reference);
  g_free (target);
}

void
varve_target_set_lock_timeout (guint seconds)
{
  varve_layout_lock_set_timeout (seconds);
}

VarveLayout *
varve_target_layout (VarveTarget *target)
{
  return target->layout != NULL ? target->layout : varve_archive_layout (target->archive);
}

gboolean
varve_target_has_layers_of (const VarveTarget *target, const char *image)
{
  g_autoptr (VarveReference) other = varve_reference_parse (image, NULL);
  return other != NULL && other->transport == VARVE_TRANSPORT_DOCKER
         && target->reference->transport == VARVE_TRANSPORT_DOCKER
         && g_str_equal (other->path, target->reference->path);
}

static gboolean
target_push (VarveTarget *target, GCancellable *cancellable, GError **error)
{
  g_autofree char *text = g_strconcat ("oci:", varve_layout_path (target->layout), NULL);
  VarveReference source
      = { .text = text, .transport = VARVE_TRANSPORT_OCI, .path = (char *)varve_layout_path (target->layout) };
  VarvePushOptions options = { 0 };
  g_auto (VarvePushResult) result = { 0 };
  return varve_push (&source, target->reference, &options, &result, cancellable, error);
}

gboolean
varve_target_add_entry (VarveTarget *target, const VarveDescriptor *manifest, const char *ref, GError **error)
{
  return varve_layout_publish (varve_target_layout (target), manifest, ref, error);
}

gboolean
varve_target_add_unnamed (VarveTarget *target, const VarveDescriptor *manifest, GError **error)
{
  return varve_layout_publish_unnamed (varve_target_layout (target), manifest, error);
}

gboolean
varve_target_deliver (VarveTarget *target, VarveArchiveKind kind, GCancellable *cancellable, GError **error)
{
  if (target->scratch != NULL)
    return target_push (target, cancellable, error);
  return target->archive == NULL || varve_archive_finish (target->archive, NULL, kind, cancellable, error);
}

gboolean
varve_target_publish (VarveTarget *target, const VarveDescriptor *manifest, VarveArchiveKind kind,
                      GCancellable *cancellable, GError **error)
{
  const char *ref = target->scratch == NULL ? target->reference->ref : NULL;
  return varve_target_add_entry (target, manifest, ref, error)
         && varve_target_deliver (target, kind, cancellable, error);
}

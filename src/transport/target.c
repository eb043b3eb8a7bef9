/* One way to write both kinds of place. */
#include "transport/target.h"

#include "base/error.h"

struct _VarveTarget {
  VarveLayout *layout;   /* exactly one of the two is set */
  VarveArchive *archive;
  char *ref;
};

VarveTarget *
varve_target_open (const VarveReference *reference, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  if (reference->ref != NULL && reference->ref[0] == '@')
    {
      g_autofree char *escaped = varve_escape (reference->text);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                   "'%s' cannot be written to: expected a ref name after the path",
                   escaped);
      return NULL;
    }
  g_autoptr (VarveTarget) target = g_new0 (VarveTarget, 1);
  target->ref = g_strdup (reference->ref);
  switch (reference->transport)
    {
    case VARVE_TRANSPORT_OCI:
      target->layout = varve_layout_open (reference->path, observer, cancellable, error);
      break;
    case VARVE_TRANSPORT_OCI_ARCHIVE:
      target->archive = varve_archive_create (reference->path, observer, cancellable, error);
      break;
    case VARVE_TRANSPORT_DOCKER:
    case VARVE_TRANSPORT_CONTAINERS_STORAGE:
    case VARVE_TRANSPORT_DIR:
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "'%s' cannot be written to", reference->text);
      break;
    }
  return target->layout != NULL || target->archive != NULL ? g_steal_pointer (&target) : NULL;
}

void
varve_target_free (VarveTarget *target)
{
  g_clear_pointer (&target->layout, varve_layout_free);
  g_clear_pointer (&target->archive, varve_archive_free);
  g_free (target->ref);
  g_free (target);
}

VarveLayout *
varve_target_layout (VarveTarget *target)
{
  return target->layout != NULL ? target->layout : varve_archive_layout (target->archive);
}

gboolean
varve_target_publish (VarveTarget *target, const VarveDescriptor *manifest, VarveArchiveKind kind,
                      GCancellable *cancellable, GError **error)
{
  if (!varve_layout_publish (varve_target_layout (target), manifest, target->ref, error))
    return FALSE;
  return target->archive == NULL || varve_archive_finish (target->archive, NULL, kind, cancellable, error);
}

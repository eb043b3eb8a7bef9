#include "build/draft.h"

#include "base/error.h"
#include "chunker/atoms.h"
#include "ostree/walk.h"

static gboolean
open_commit (VarveDraft *draft, const VarveDraftOptions *options, VarveDigest *out_checksum, GCancellable *cancellable, GError **error)
{
  draft->repo = varve_repo_open (options->repo_path, cancellable, error);
  if (draft->repo == NULL || !varve_repo_resolve (draft->repo, options->ref, out_checksum, error))
    return FALSE;
  VarveSource *source = varve_repo_source (draft->repo);
  g_autoptr (GBytes) raw = source->load_metadata (source, VARVE_METADATA_COMMIT, out_checksum, error);
  draft->commit = raw != NULL ? varve_commit_parse (raw, error) : NULL;
  if (draft->commit != NULL)
    return TRUE;
  g_autofree char *hex = varve_digest_to_hex (out_checksum);
  g_prefix_error (error, "commit %s: ", hex);
  return FALSE;
}

static void
judge (VarveDraft *draft, const VarveComponents *components, guint32 max_layers)
{
  VarveAtomsOptions atoms = VARVE_ATOMS_OPTIONS_INIT;
  atoms.now = (gint64)MIN (draft->commit->timestamp, (guint64)G_MAXINT64);
  draft->plan = varve_atoms_new (draft->inventory, components, &atoms);
  VarvePackOptions pack = VARVE_PACK_OPTIONS_INIT;
  pack.max_layers = max_layers;
  varve_pack (draft->plan, &pack);
  draft->objects = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  for (guint i = 0; i < draft->plan->layers->len; i++)
    g_ptr_array_add (draft->objects, varve_plan_layer_objects (draft->plan, varve_plan_layer (draft->plan, i)));
}

VarveDraft *
varve_draft_new (const VarveDraftOptions *options, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveDraft) draft = g_new0 (VarveDraft, 1);
  VarveDigest checksum;
  if (!open_commit (draft, options, &checksum, cancellable, error))
    return NULL;
  draft->inventory = varve_walk (draft->repo, &checksum, options->jobs, observer, cancellable, error);
  if (draft->inventory == NULL)
    return NULL;
  varve_observer_begin (observer, "reading package databases", 0);
  g_autoptr (VarveComponents) components
      = varve_owners_read (draft->inventory, varve_repo_source (draft->repo), &options->owners, observer, cancellable, error);
  if (components == NULL)
    return NULL;
  varve_observer_begin (observer, "planning layers", 0);
  judge (draft, components, options->max_layers);
  return g_steal_pointer (&draft);
}

void
varve_draft_free (VarveDraft *draft)
{
  g_clear_pointer (&draft->objects, g_ptr_array_unref);
  g_clear_pointer (&draft->plan, varve_plan_free);
  g_clear_pointer (&draft->inventory, varve_inventory_free);
  g_clear_pointer (&draft->commit, varve_commit_free);
  g_clear_pointer (&draft->repo, varve_repo_free);
  g_free (draft);
}

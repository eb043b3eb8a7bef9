/* SPDX-License-Identifier: Apache-2.0 */
#include "host/prefetch-rebuild.h"

#include <string.h>

#include "verify/read-layers.h"

/* Most errors begin with the place of the layer, which the warning has once. */
static void
rebuild_warn (const VarvePrefetchRebuild *self, guint index, const GError *failure)
{
  g_autofree char *place = varve_layer_place (self->image, index), *prefix = g_strconcat (place, ": ", NULL);
  const char *reason = failure->message;
  if (g_str_has_prefix (reason, prefix))
    reason += strlen (prefix);
  varve_observer_warn (self->observer, "%s: fetching it, because it cannot be rebuilt: %s", place, reason);
}

gboolean
varve_prefetch_rebuild (const VarvePrefetchRebuild *self, guint index, VarvePrefetchTakeFunc take, gpointer data,
                        GCancellable *cancellable)
{
  const VarveTarSource *tars = self->tars;
  VarvePrefetchLayer *layer = &g_array_index (self->result->layers, VarvePrefetchLayer, index);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GInputStream) tar = tars != NULL ? tars->open_tar (tars->data, index, cancellable, &failure) : NULL;
  VarvePrefetchStreams streams = { .tar = tar };
  if (tar != NULL && take (data, index, &streams, cancellable, &failure))
    {
      if (layer->state == VARVE_PREFETCH_FETCHED)
        layer->state = VARVE_PREFETCH_REBUILT;
      varve_observer_advance (self->observer, layer->size_bytes);
      return TRUE;
    }
  if (failure != NULL && !g_cancellable_is_cancelled (cancellable))
    rebuild_warn (self, index, failure);
  return FALSE;
}

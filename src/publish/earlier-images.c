/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/earlier-images.h"

#include "base/error.h"
#include "model/image-keys.h"
#include "transport/open-image.h"

/* The image for the same platform that is under the tag; NULL without an error when there is none. */
static gboolean
open_current (const VarveReference *target, const VarveImage *image, VarveImage **out_current, GError **error)
{
  g_autoptr (GError) failure = NULL;
  *out_current = varve_open_image (target, image->config->architecture, &failure);
  if (*out_current != NULL || g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static void
add_current (GPtrArray *list, const VarveImage *current)
{
  const char *version = varve_config_label (current->config, VARVE_LABEL_IMAGE_VERSION);
  if (version == NULL)
    version = varve_string_map_get (current->manifest->annotations, VARVE_LABEL_IMAGE_VERSION);
  g_ptr_array_add (list, varve_predecessor_new (&current->descriptor->digest, version, current->config->created));
}

static void
remove_image (GPtrArray *list, const VarveDigest *digest)
{
  for (guint i = list->len; i > 0; i--)
    if (varve_digest_compare (&((const VarvePredecessor *)list->pdata[i - 1])->digest, digest) == 0)
      g_ptr_array_remove_index (list, i - 1);
}

/* What the image under the tag says is only a hint. */
static GPtrArray *
read_former (const VarveReference *target, const VarveImage *current)
{
  g_autoptr (GError) failure = NULL;
  GPtrArray *former = current != NULL ? varve_predecessors_read (current->manifest, &failure) : NULL;
  if (failure != NULL)
    varve_observer_warn (target->access != NULL ? target->access->observer : NULL,
                         "'%s': the list of the images before it cannot be used: %s", target->text, failure->message);
  return former != NULL ? former : varve_predecessors_new ();
}

/* Newest first. A new image that does not know the image under the tag was not made after it, so what that one lists is
 * newer than what it lists itself. */
GPtrArray *
varve_earlier_images (const VarveReference *target, const VarveImage *image, GError **error)
{
  g_autoptr (VarveImage) current = NULL;
  g_autoptr (GPtrArray) own = varve_predecessors_read (image->manifest, error);
  if (own == NULL || !open_current (target, image, &current, error))
    return NULL;
  g_autoptr (GPtrArray) former = read_former (target, current);
  g_autoptr (GPtrArray) list = varve_predecessors_new ();
  gboolean knows_current = current == NULL || varve_predecessors_have (own, &current->descriptor->digest);
  if (!knows_current)
    add_current (list, current);
  varve_predecessors_append (list, knows_current ? own : former);
  varve_predecessors_append (list, knows_current ? former : own);
  remove_image (list, &image->descriptor->digest);
  return g_steal_pointer (&list);
}

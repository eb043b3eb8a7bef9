/* SPDX-License-Identifier: Apache-2.0 */
#include "compose/past-images.h"

#include "base/error.h"
#include "compose/image-ledger.h"
#include "model/image-keys.h"
#include "rootfs/input-image.h"
#include "transport/open-image.h"
#include "verify/image-rules.h"

enum { DAY_SECONDS = 24 * 60 * 60 };

static void
past_image_free (gpointer data)
{
  VarvePastImage *past = data;
  g_clear_pointer (&past->ledger, varve_ledger_free);
  g_clear_pointer (&past->image, varve_image_free);
  g_free (past->name);
  g_free (past);
}

/* A ledger describes the image that a build wrote, without layers on top. podman and buildah hand the annotations of a
 * base on to the images that they build on it, but not those of its layers. */
static gboolean
has_layers_on_top (const VarveImage *image)
{
  VarveImageShape shape;
  guint n_layers = image->manifest->layers->len;
  if (varve_config_label (image->config, VARVE_LABEL_FINAL_DIFF_ID) == NULL)
    return n_layers > 0
           && varve_descriptor_annotation (varve_manifest_layer (image->manifest, n_layers - 1),
                                           VARVE_ANNOTATION_DIFF_ID)
                  == NULL;
  return !varve_image_rules_check (image, NULL, &shape) || shape.n_ostree_layers != n_layers;
}

static gboolean
past_image_read (VarvePastImage *past, const VarvePastImagesOptions *options, GError **error)
{
  g_autoptr (VarveReference) reference = varve_reference_parse (past->name, error);
  if (reference == NULL)
    return FALSE;
  varve_reference_set_access (reference, options->access);
  past->image = varve_open_image (reference, options->architecture, error);
  if (past->image == NULL)
    return FALSE;
  past->time = varve_input_image_time (past->image);
  if (has_layers_on_top (past->image))
    return TRUE;
  past->ledger = varve_image_ledger_read (past->image->manifest, error);
  if (past->ledger == NULL)
    return FALSE;
  if (!varve_image_ledger_is_exact (past->ledger))
    g_clear_pointer (&past->ledger, varve_ledger_free);
  return TRUE;
}

static gboolean
is_known (const GPtrArray *images, const VarvePastImage *past)
{
  for (guint i = 0; i < images->len; i++)
    {
      const VarvePastImage *known = images->pdata[i];
      if (varve_digest_compare (&known->image->descriptor->digest, &past->image->descriptor->digest) == 0)
        return TRUE;
    }
  return FALSE;
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  const VarvePastImage *left = *(VarvePastImage *const *)a, *right = *(VarvePastImage *const *)b;
  return (left->time < right->time) - (left->time > right->time);
}

/* The images are in the order of their names, newest first. */
static void
settle_times (GPtrArray *images, gint64 now)
{
  gboolean have_times = TRUE;
  for (guint i = 0; i < images->len; i++)
    have_times = have_times && ((VarvePastImage *)images->pdata[i])->time > 0;
  if (have_times)
    g_ptr_array_sort (images, compare_newest_first); /* which is stable */
  for (guint i = 0; i < images->len; i++)
    {
      VarvePastImage *past = images->pdata[i];
      if (past->time <= 0 || past->time >= now)
        past->time = now - DAY_SECONDS;
      now = past->time;
    }
}

static gboolean
add_image (GPtrArray *images, const char *name, const VarvePastImagesOptions *options, GError **error)
{
  VarvePastImage *past = g_new0 (VarvePastImage, 1);
  past->name = g_strdup (name);
  gboolean done = past_image_read (past, options, error);
  if (done && !is_known (images, past))
    g_ptr_array_insert (images, 0, past);
  else
    past_image_free (past);
  return done;
}

GPtrArray *
varve_past_images_open (const VarvePastImagesOptions *options, gint64 now, GError **error)
{
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func (past_image_free);
  for (const char *const *name = options->names; name != NULL && *name != NULL; name++)
    if (!add_image (images, *name, options, error))
      {
        g_autofree char *escaped = varve_escape (*name);
        g_prefix_error (error, "older image '%s': ", escaped);
        return NULL;
      }
  settle_times (images, now);
  if (images->len > VARVE_LEDGER_BUILDS_MAX - 1)
    g_ptr_array_set_size (images, VARVE_LEDGER_BUILDS_MAX - 1);
  return g_steal_pointer (&images);
}

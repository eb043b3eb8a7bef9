/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for manifest and config; which layers belong to the commit is decided by ostree.final-diffid. */
#include "verify/image-rules.h"

#include <string.h>

#include "base/error.h"
#include "model/image-keys.h"
#include "verify/read-layers.h"

static const char WHERE_MANIFEST[] = "manifest", WHERE_CONFIG[] = "config";

static gboolean G_GNUC_PRINTF (4, 5)
    image_fault (VarveFindings *findings, const char *rule, const char *where, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  varve_findings_add (findings, VARVE_SEVERITY_ERROR, rule, where, "%s", message);
  return FALSE;
}

/* As in importers, the first layer with that diff ID is the last one of the commit. */
static gboolean
find_final (const VarveImage *image, VarveFindings *findings, guint *out_index)
{
  const char *label = varve_config_label (image->config, VARVE_LABEL_FINAL_DIFF_ID);
  VarveDigest final;
  guint n_found = 0;
  if (label == NULL)
    return image_fault (findings, "image.final-diffid", WHERE_CONFIG, "no label '%s': not an image of an OSTree commit",
                        VARVE_LABEL_FINAL_DIFF_ID);
  g_autoptr (GError) error = NULL;
  if (!varve_digest_from_string (label, &final, &error))
    return image_fault (findings, "image.final-diffid", WHERE_CONFIG, "the label '%s': %s", VARVE_LABEL_FINAL_DIFF_ID,
                        error->message);
  for (guint i = 0; i < image->config->diff_ids->len; i++)
    if (varve_digest_compare (varve_config_diff_id (image->config, i), &final) == 0 && n_found++ == 0)
      *out_index = i;
  if (n_found == 0)
    return image_fault (findings, "image.final-diffid", WHERE_CONFIG, "no layer has the diff ID %s of the label '%s'",
                        label, VARVE_LABEL_FINAL_DIFF_ID);
  if (n_found > 1)
    return image_fault (findings, "image.final-diffid", WHERE_CONFIG,
                        "%u layers have the diff ID of the label '%s', expected one: importers ignore all layers after "
                        "the first of them",
                        n_found, VARVE_LABEL_FINAL_DIFF_ID);
  return TRUE;
}

/* Importers compare digests, too: a repeated descriptor of the last layer misleads them whatever its diff ID. */
static void
judge_repeated (const VarveImage *image, guint final, VarveFindings *findings)
{
  const VarveDescriptor *target = varve_manifest_layer (image->manifest, final);
  for (guint i = final + 1; i < image->manifest->layers->len; i++)
    if (varve_digest_compare (&varve_manifest_layer (image->manifest, i)->digest, &target->digest) == 0)
      {
        g_autofree char *place = varve_layer_place (image, i);
        image_fault (findings, "image.final-diffid", place, "duplicate of the last layer of the commit");
      }
}

static guint
count_history (const VarveConfig *config)
{
  guint n = 0;
  for (guint i = 0; i < config->history->len; i++)
    n += varve_config_history (config, i)->empty_layer ? 0 : 1;
  return n;
}

static void
judge_config (const VarveImage *image, VarveFindings *findings)
{
  guint n_layers = image->manifest->layers->len, n_history = count_history (image->config);
  if (n_history < n_layers)
    image_fault (findings, "image.history", WHERE_CONFIG,
                 "%u history entries for %u layers: bootc refuses an incomplete history", n_history, n_layers);
  else if (n_history > n_layers)
    varve_findings_add (findings, VARVE_SEVERITY_NOTE, "image.history", WHERE_CONFIG,
                        "%u history entries for %u layers", n_history, n_layers);
  if (varve_config_label (image->config, VARVE_LABEL_BOOTC) == NULL
      && varve_config_label (image->config, VARVE_KEY_BOOTABLE) == NULL)
    varve_findings_add (
        findings, VARVE_SEVERITY_NOTE, "image.labels", WHERE_CONFIG,
        "neither label 'containers.bootc' nor 'ostree.bootable': hosts treat the image as not bootable");
  if (varve_config_label (image->config, VARVE_LABEL_COMMIT) == NULL)
    varve_findings_add (findings, VARVE_SEVERITY_NOTE, "image.labels", WHERE_CONFIG, "no label 'ostree.commit'");
  g_autoptr (GDateTime) created
      = image->config->created != NULL ? g_date_time_new_from_iso8601 (image->config->created, NULL) : NULL;
  if (created == NULL)
    varve_findings_add (findings, VARVE_SEVERITY_NOTE, "image.created", WHERE_CONFIG, "no valid time in 'created'");
}

static void
judge_layer (const VarveImage *image, guint index, gboolean is_ostree, VarveFindings *findings)
{
  static const char *const MEDIA_TYPES[] = { VARVE_MEDIA_TYPE_LAYER,
                                             VARVE_MEDIA_TYPE_LAYER_GZIP,
                                             VARVE_MEDIA_TYPE_LAYER_ZSTD,
                                             VARVE_MEDIA_TYPE_LAYER_DOCKER,
                                             VARVE_MEDIA_TYPE_LAYER_DOCKER_GZIP,
                                             VARVE_MEDIA_TYPE_LAYER_DOCKER_ZSTD,
                                             NULL };
  const VarveDescriptor *descriptor = varve_manifest_layer (image->manifest, index);
  g_autofree char *place = varve_layer_place (image, index);
  g_autofree char *media_type = varve_escape (descriptor->media_type);
  if (!g_strv_contains (MEDIA_TYPES, descriptor->media_type))
    image_fault (findings, "layer.media-type", place, "media type '%s' is unknown to importers", media_type);
  if (is_ostree && index > 0 && varve_descriptor_annotation (descriptor, VARVE_ANNOTATION_COMPONENTS) == NULL)
    varve_findings_add (findings, VARVE_SEVERITY_NOTE, "layer.components", place, "no annotation '%s'",
                        VARVE_ANNOTATION_COMPONENTS);
}

static gboolean
judge_counts (const VarveImage *image, VarveFindings *findings)
{
  guint n_layers = image->manifest->layers->len, n_diff_ids = image->config->diff_ids->len;
  if (n_layers == 0 || n_layers > VARVE_IMAGE_LAYERS_MAX)
    return image_fault (findings, "image.layers", WHERE_MANIFEST, "%u layers: expected 1 to %u", n_layers,
                        VARVE_IMAGE_LAYERS_MAX);
  return n_diff_ids == n_layers
         || image_fault (findings, "image.layers", WHERE_CONFIG, "%u diff IDs for %u layers", n_diff_ids, n_layers);
}

gboolean
varve_image_rules_check_plain (const VarveImage *image, VarveFindings *findings)
{
  if (!judge_counts (image, findings))
    return FALSE;
  judge_config (image, findings);
  for (guint i = 0; i < image->manifest->layers->len; i++)
    judge_layer (image, i, FALSE, findings);
  return TRUE;
}

gboolean
varve_image_rules_check (const VarveImage *image, VarveFindings *findings, VarveImageShape *out_shape)
{
  guint n_layers = image->manifest->layers->len, final = 0;
  if (!judge_counts (image, findings))
    return FALSE;
  gboolean has_final = find_final (image, findings, &final);
  judge_config (image, findings);
  for (guint i = 0; i < n_layers; i++)
    judge_layer (image, i, has_final && i <= final, findings);
  if (!has_final)
    return FALSE;
  judge_repeated (image, final, findings);
  if (final + 1 < n_layers)
    varve_findings_add (findings, VARVE_SEVERITY_NOTE, "image.derived-layers", WHERE_MANIFEST,
                        "%u layer%s on top of the commit's: only %s checked", n_layers - final - 1,
                        n_layers - final - 1 == 1 ? "" : "s",
                        n_layers - final - 1 == 1 ? "its digests are" : "their digests are");
  out_shape->n_ostree_layers = final + 1;
  return TRUE;
}

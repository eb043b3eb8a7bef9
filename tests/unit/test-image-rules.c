/* SPDX-License-Identifier: Apache-2.0 */
/* verify/image-rules: each rule for manifest and config, and which layers belong to the commit. */
#include "verify/image-rules.h"

#include "tests/unit/image-fixture.h"

static char *
list (VarveFindings *findings)
{
  static const VarveSeverity SEVERITIES[] = { VARVE_SEVERITY_ERROR, VARVE_SEVERITY_NOTE };
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint s = 0; s < G_N_ELEMENTS (SEVERITIES); s++)
    for (guint i = 0; i < varve_findings_kept (findings, SEVERITIES[s]); i++)
      {
        const VarveFinding *finding = varve_findings_get (findings, SEVERITIES[s], i);
        g_test_message ("%s: %s: %s", finding->rule, finding->where, finding->message);
        g_string_append_printf (text, "%s%s%s", text->len > 0 ? " " : "", s == 0 ? "" : "note:", finding->rule);
      }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static VarveDescriptor *
layer_of (VarveImage *image, guint index)
{
  return image->manifest->layers->pdata[index];
}

static void
set_final (VarveImage *image, guint index)
{
  g_autofree char *text = varve_digest_to_string (varve_config_diff_id (image->config, index));
  varve_config_set_label (image->config, "ostree.final-diffid", text);
}

/* A layer on top, a copy of @index's descriptor and diff ID with @digest's first byte changed by one each. */
static void
add_layer (VarveImage *image, guint index, guint8 digest, guint8 diff_id)
{
  VarveDescriptor *descriptor = varve_descriptor_copy (layer_of (image, index));
  VarveDigest other = *varve_config_diff_id (image->config, index);
  descriptor->digest.bytes[0] ^= digest;
  other.bytes[0] ^= diff_id;
  g_ptr_array_add (image->manifest->layers, descriptor);
  varve_config_add_layer (image->config, &other, "2026-01-01T00:00:00Z", "test");
}

static void
keep (VarveImage *image)
{
}

static void
no_final (VarveImage *image)
{
  varve_config_set_label (image->config, "ostree.final-diffid", NULL);
}

static void
final_is_text (VarveImage *image)
{
  varve_config_set_label (image->config, "ostree.final-diffid", "sha256:0");
}

static void
final_is_unknown (VarveImage *image)
{
  VarveDigest other = *varve_config_diff_id (image->config, 0);
  other.bytes[0] ^= 1;
  g_autofree char *text = varve_digest_to_string (&other);
  varve_config_set_label (image->config, "ostree.final-diffid", text);
}

static void
derived (VarveImage *image)
{
  add_layer (image, 1, 1, 1);
}

static void
final_diff_id_twice (VarveImage *image)
{
  add_layer (image, 1, 1, 0);
}

static void
final_digest_twice (VarveImage *image)
{
  add_layer (image, 1, 0, 1);
}

static void
only_commit_layer (VarveImage *image)
{
  set_final (image, 0);
}

static void
no_layers (VarveImage *image)
{
  g_ptr_array_set_size (image->manifest->layers, 0);
}

static void
too_many_layers (VarveImage *image)
{
  for (guint i = image->manifest->layers->len; i <= VARVE_IMAGE_LAYERS_MAX; i++)
    add_layer (image, 0, 1, 1);
}

static void
one_diff_id_too_few (VarveImage *image)
{
  g_array_set_size (image->config->diff_ids, 1);
}

static void
short_history (VarveImage *image)
{
  g_ptr_array_set_size (image->config->history, 1);
}

static void
no_labels (VarveImage *image)
{
  varve_config_set_label (image->config, "containers.bootc", NULL);
  varve_config_set_label (image->config, "ostree.commit", NULL);
}

static void
bootable_by_ostree (VarveImage *image)
{
  varve_config_set_label (image->config, "containers.bootc", NULL);
  varve_config_set_label (image->config, "ostree.bootable", "true");
}

static void
no_time (VarveImage *image)
{
  g_free (image->config->created);
  image->config->created = g_strdup ("yesterday");
}

static void
unknown_media_type (VarveImage *image)
{
  g_free (layer_of (image, 1)->media_type);
  layer_of (image, 1)->media_type = g_strdup ("application/x-lzip");
}

static void
no_components (VarveImage *image)
{
  for (guint i = 0; i < image->manifest->layers->len; i++)
    g_tree_remove (layer_of (image, i)->annotations, "ostree.components");
}

static void
test_rules (void)
{
  static const struct {
    const char *name;
    void (*change) (VarveImage *image);
    guint n_ostree_layers; /* 0: the layers' kinds are unknown */
    const char *findings;
  } CASES[] = {
    { "valid", keep, 2, "" },
    { "no label", no_final, 0, "image.final-diffid" },
    { "no digest", final_is_text, 0, "image.final-diffid" },
    { "unknown diff ID", final_is_unknown, 0, "image.final-diffid" },
    { "derived", derived, 2, "note:image.derived-layers" },
    { "diff ID twice", final_diff_id_twice, 0, "image.final-diffid" },
    { "digest twice", final_digest_twice, 2, "image.final-diffid note:image.derived-layers" },
    { "only the commit layer", only_commit_layer, 1, "note:image.derived-layers" },
    { "no layers", no_layers, 0, "image.layers" },
    { "too many layers", too_many_layers, 0, "image.layers" },
    { "diff IDs", one_diff_id_too_few, 0, "image.layers" },
    { "history", short_history, 2, "image.history" },
    { "labels", no_labels, 2, "note:image.labels note:image.labels" },
    { "ostree.bootable", bootable_by_ostree, 2, "" },
    { "created", no_time, 2, "note:image.created" },
    { "media type", unknown_media_type, 2, "layer.media-type" },
    { "components", no_components, 2, "note:layer.components" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("case: %s", CASES[i].name);
      g_autoptr (Fixture) fixture = fixture_new ();
      g_autoptr (VarveImage) image = fixture_image (fixture);
      g_autoptr (VarveFindings) findings = varve_findings_new ();
      VarveImageShape shape = { 0 };
      CASES[i].change (image);
      g_assert_cmpint (varve_image_rules_check (image, findings, &shape), ==, CASES[i].n_ostree_layers > 0);
      g_assert_cmpuint (shape.n_ostree_layers, ==, CASES[i].n_ostree_layers);
      g_autofree char *found = list (findings);
      g_assert_cmpstr (found, ==, CASES[i].findings);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image-rules/rules", test_rules);
  return g_test_run ();
}

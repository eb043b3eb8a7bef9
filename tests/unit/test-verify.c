/* SPDX-License-Identifier: Apache-2.0 */
/* verify/verify: a valid image has no findings, and each broken rule is found by its name. */
#include "verify/verify.h"

#include "base/error.h"
#include "model/image-keys.h"
#include "tests/unit/verify-fixture.h"

static void
test_good (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) image = fixture_image (fixture);
  for (guint jobs = 1; jobs < 4; jobs++)
    {
      g_autoptr (VarveFindings) findings = verify (image, jobs);
      g_autofree char *errors = list (findings, VARVE_SEVERITY_ERROR), *notes = list (findings, VARVE_SEVERITY_NOTE);
      g_assert_cmpstr (errors, ==, "");
      g_assert_cmpstr (notes, ==, "");
    }
}

/* Only the key of the layer's own content is right. */
static void
test_content_key (void)
{
  for (guint layer = 0; layer < 2; layer++)
    {
      g_autoptr (Fixture) fixture = fixture_new ();
      g_autoptr (VarveImage) image = fixture_image (fixture);
      VarveDescriptor *descriptor = g_ptr_array_index (image->manifest->layers, layer);
      varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_CONTENT_KEY, "sha256:0");
      g_autoptr (VarveFindings) wrong = verify (image, 1);
      g_autofree char *errors = list (wrong, VARVE_SEVERITY_ERROR);
      g_assert_cmpstr (errors, ==, "layer.content-key ");
      const char *message = varve_findings_get (wrong, VARVE_SEVERITY_ERROR, 0)->message;
      g_autofree char *key = g_strndup (strstr (message, "sha256:"), strlen ("sha256:") + VARVE_DIGEST_HEX_LENGTH);
      varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_CONTENT_KEY, key);
      g_autoptr (VarveFindings) right = verify (image, 1);
      g_assert_cmpuint (varve_findings_count (right, VARVE_SEVERITY_ERROR), ==, 0);
    }
}

/* Changes of the layers. */

static void
set_content (FixtureEntry *entry, const char *content)
{
  g_clear_pointer (&entry->content, g_bytes_unref);
  entry->content = g_bytes_new (content, strlen (content));
}

static void
object_changed (Fixture *fixture)
{
  set_content (fixture_get_object (fixture, 1, &fixture->tool, "file"), "evil");
}

static void
owner_changed (Fixture *fixture)
{
  fixture_get_object (fixture, 1, &fixture->tool, "file")->mode = 0700;
}

static void
symlink_changed (Fixture *fixture)
{
  FixtureEntry *entry = fixture_get_object (fixture, 1, &fixture->symlink, "file");
  g_free (entry->link_name);
  entry->link_name = g_strdup ("./tool");
}

static void
path_dropped (Fixture *fixture)
{
  g_ptr_array_remove_index (fixture->layers[1], fixture_find (fixture, 1, "usr/bin/again"));
}

static void
path_redirected (Fixture *fixture)
{
  FixtureEntry *entry = fixture_get (fixture, 1, "etc/conf");
  g_free (entry->link_name);
  entry->link_name = fixture_object_name (&fixture->tool, "file");
}

static void
path_before_object (Fixture *fixture)
{
  gpointer entry = g_ptr_array_steal_index (fixture->layers[1], fixture_find (fixture, 1, "etc/conf"));
  g_ptr_array_insert (fixture->layers[1], 270, entry);
}

static void
path_with_other_mode (Fixture *fixture)
{
  fixture_get (fixture, 1, "etc/conf")->mode = 04755;
}

static void
path_unmapped (Fixture *fixture)
{
  set_name (fixture_get (fixture, 1, "etc/conf"), "usr/etc/conf");
}

static void
path_twice (Fixture *fixture)
{
  fixture_add (fixture, 0, '5', "usr/bin", NULL, 0755, NULL);
}

static void
path_twice_uncleaned (Fixture *fixture)
{
  fixture_add (fixture, 0, '5', "usr//./bin/", NULL, 0755, NULL);
}

static void
path_whiteout (Fixture *fixture)
{
  fixture_add (fixture, 1, '0', "usr/.wh.bin", NULL, 0644, NULL);
}

static void
path_upwards (Fixture *fixture)
{
  fixture_add (fixture, 1, '0', "usr/../etc/shadow", NULL, 0644, NULL);
}

static void
path_with_content (Fixture *fixture)
{
  FixtureEntry *entry = fixture_get (fixture, 1, "usr/empty");
  set_content (entry, "not empty");
}

static void
path_device (Fixture *fixture)
{
  fixture_add (fixture, 1, '3', "usr/null", NULL, 0666, NULL);
}

static void
path_not_utf8 (Fixture *fixture)
{
  fixture_add (fixture, 1, '0', "usr/\xff", NULL, 0644, NULL);
}

static void
directory_with_other_mode (Fixture *fixture)
{
  fixture_get (fixture, 0, "usr/bin")->mode = 0700;
}

static void
directory_dropped (Fixture *fixture)
{
  g_ptr_array_remove_index (fixture->layers[0], fixture_find (fixture, 0, "usr/bin"));
}

static void
directory_in_later_layer (Fixture *fixture)
{
  fixture_add (fixture, 1, '5', "usr/bin", NULL, 0711, NULL);
}

static void
object_dropped (Fixture *fixture)
{
  static const char *const SUFFIXES[] = { "file-xattrs-link", "file" };
  for (guint i = 0; i < G_N_ELEMENTS (SUFFIXES); i++)
    {
      g_autofree char *name = fixture_object_name (&fixture->conf, SUFFIXES[i]);
      g_ptr_array_remove_index (fixture->layers[1], fixture_find (fixture, 1, name));
    }
  g_ptr_array_remove_index (fixture->layers[1], fixture_find (fixture, 1, "etc/conf"));
}

static void
dirtree_dropped (Fixture *fixture)
{
  g_ptr_array_remove_index (fixture->layers[0], fixture_find (fixture, 0, ".dirtree") + 1); /* that of /sysroot */
}

static void
object_added (Fixture *fixture)
{
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  fixture_add_file (fixture, 1, "more", NULL, none, (const char *const[]){ NULL });
}

static void
metadata_added (Fixture *fixture)
{
  VarveDigest conf = fixture->conf;
  fixture_add_dirtree (fixture, fixture_dirtree ((FixtureName[]){ { "x", conf } }, 1, NULL, 0));
}

static void
metadata_in_component (Fixture *fixture)
{
  fixture_add_object (fixture, 1, &fixture->commit, "commitmeta", fixture_commitmeta ());
}

static void
metadata_changed (Fixture *fixture)
{
  set_content (fixture_get (fixture, 0, ".dirmeta"), "other");
}

static void
metadata_not_valid (Fixture *fixture)
{
  GBytes *raw = g_bytes_new_static ("nonsense", 8);
  VarveDigest digest = fixture_digest (raw);
  fixture_add_object (fixture, 0, &digest, "dirtree", raw);
}

static void
commit_not_first (Fixture *fixture)
{
  gpointer entry = g_ptr_array_steal_index (fixture->layers[0], fixture_find (fixture, 0, ".commit"));
  g_ptr_array_add (fixture->layers[0], entry);
}

static void
commitmeta_later (Fixture *fixture)
{
  gpointer entry = g_ptr_array_steal_index (fixture->layers[0], fixture_find (fixture, 0, ".commitmeta"));
  g_ptr_array_add (fixture->layers[0], entry);
}

static void
xattrs_dropped (Fixture *fixture)
{
  g_ptr_array_remove_index (fixture->layers[1], fixture_find (fixture, 1, ".file-xattrs-link"));
}

static void
xattrs_of_another (Fixture *fixture)
{
  FixtureEntry *entry = fixture_get_object (fixture, 1, &fixture->tool, "file-xattrs-link");
  VarveDigest other = varve_digest_of ("x", 1);
  g_free (entry->name);
  entry->name = fixture_object_name (&other, "file-xattrs-link");
}

static void
xattrs_dangling (Fixture *fixture)
{
  VarveDigest other = varve_digest_of ("x", 1);
  fixture_add_object (fixture, 1, &other, "file-xattrs-link", NULL);
}

static void
xattrs_link_to_nowhere (Fixture *fixture)
{
  FixtureEntry *entry = fixture_get_object (fixture, 1, &fixture->tool, "file-xattrs-link");
  entry->type = '1';
  entry->link_name = fixture_object_name (&fixture->tool, "file-xattrs");
  g_clear_pointer (&entry->content, g_bytes_unref);
}

static void
xattrs_unsorted (Fixture *fixture)
{
  FixtureEntry *entry = fixture_get_object (fixture, 1, &fixture->tool, "file-xattrs-link");
  g_autoptr (GVariant) variant
      = g_variant_ref_sink (g_variant_new_parsed ("[(b'user.b', [byte 0x78]), (b'user.a', [byte 0x78])]"));
  g_bytes_unref (entry->content);
  entry->content = g_variant_get_data_as_bytes (variant);
}

static void
pax_differs (Fixture *fixture)
{
  FixtureEntry *entry = fixture_get_object (fixture, 1, &fixture->tool, "file");
  g_bytes_unref (entry->pax);
  entry->pax = g_bytes_new_static ("25 SCHILY.xattr.user.a=y\n", 25);
}

static void
object_is_hard_link (Fixture *fixture)
{
  FixtureEntry *entry = fixture_get_object (fixture, 1, &fixture->conf, "file");
  entry->type = '1';
  entry->link_name = g_strdup ("usr/bin/tool");
  g_clear_pointer (&entry->content, g_bytes_unref);
}

static void
object_name_unknown (Fixture *fixture)
{
  fixture_add (fixture, 1, '0', "sysroot/ostree/repo/objects/ab/cd.file", NULL, 0644, NULL);
}

static void
object_behind_dot (Fixture *fixture)
{
  FixtureEntry *entry = fixture_get_object (fixture, 1, &fixture->conf, "file");
  g_autofree char *name = g_strconcat ("./", entry->name, NULL);
  set_name (entry, name);
}

static void
config_changed (Fixture *fixture)
{
  set_content (fixture_get (fixture, 1, "repo/config"), "[core]\n");
}

static void
skeleton_writable (Fixture *fixture)
{
  fixture_get (fixture, 1, "repo/objects")->mode = 0777;
}

static void
test_layers (void)
{
  const struct {
    void (*change) (Fixture *fixture);
    const char *errors;
  } cases[] = {
    { object_changed, "object.checksum path.link path.link closure.missing path.missing path.missing " },
    { owner_changed, "object.checksum path.link path.link closure.missing path.missing path.missing " },
    { symlink_changed, "object.checksum path.link closure.missing path.missing " },
    { path_dropped, "path.missing " },
    { path_redirected, "path.object " },
    { path_before_object, "path.link path.missing " },
    { path_with_other_mode, "path.header " },
    { path_unmapped, "path.unknown path.missing " },
    { path_twice, "tar.duplicate-path " },
    { path_twice_uncleaned, "tar.duplicate-path " },
    { path_whiteout, "path.unknown " },
    { path_upwards, "path.form " },
    { path_with_content, "path.content path.missing " },
    { path_device, "path.type " },
    { path_not_utf8, "path.not-utf8 path.unknown " },
    { directory_with_other_mode, "path.header " },
    { directory_dropped, "path.missing " },
    { directory_in_later_layer, "path.header " },
    { object_dropped, "closure.missing path.missing " },
    { dirtree_dropped, "closure.missing " },
    { object_added, "closure.extra " },
    { metadata_added, "closure.extra " },
    { metadata_in_component, "object.metadata-in-component " },
    { metadata_changed, "object.checksum closure.missing path.unknown path.unknown path.unknown path.unknown " },
    { metadata_not_valid, "object.content " },
    { commit_not_first, "object.order object.order " },
    { commitmeta_later, "object.order " },
    { xattrs_dropped, "object.xattrs-missing path.link path.link closure.missing path.missing path.missing " },
    { xattrs_of_another, "object.xattrs-mismatch path.link path.link closure.missing path.missing path.missing " },
    { xattrs_dangling, "object.xattrs-dangling " },
    { xattrs_link_to_nowhere,
      "object.xattrs-link object.xattrs-missing path.link path.link closure.missing path.missing path.missing " },
    { xattrs_unsorted, "object.xattrs path.link path.link closure.missing path.missing path.missing " },
    { pax_differs, "object.pax-xattrs " },
    { object_is_hard_link, "object.type path.link closure.missing path.missing " },
    { object_name_unknown, "repo.name " },
    { object_behind_dot, "repo.name path.link object.xattrs-dangling closure.missing path.missing " },
    { config_changed, "repo.config " },
    { skeleton_writable, "repo.structure " },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      g_autoptr (Fixture) fixture = fixture_new ();
      cases[i].change (fixture);
      g_autoptr (VarveImage) image = fixture_image (fixture);
      g_autoptr (VarveFindings) findings = verify (image, 2);
      g_autofree char *errors = list (findings, VARVE_SEVERITY_ERROR);
      g_assert_cmpstr (errors, ==, cases[i].errors);
    }
}

/* What importers take, though varve does not write it. */

static void
shared_xattrs (Fixture *fixture)
{
  FixtureEntry *entry = fixture_get_object (fixture, 1, &fixture->tool, "file-xattrs-link");
  GBytes *xattrs = g_steal_pointer (&entry->content);
  VarveDigest digest = fixture_digest (xattrs);
  g_autofree char *name = fixture_object_name (&digest, "file-xattrs");
  g_ptr_array_insert (fixture->layers[1], (gint)fixture_find (fixture, 1, ".file-xattrs-link"),
                      fixture_entry ('0', name, NULL, 0644, xattrs));
  entry->type = '1';
  entry->link_name = g_steal_pointer (&name);
}

static void
without_pax (Fixture *fixture)
{
  g_clear_pointer (&fixture_get_object (fixture, 1, &fixture->tool, "file")->pax, g_bytes_unref);
}

static void
with_parents (Fixture *fixture)
{
  g_ptr_array_insert (fixture->layers[1], 269, fixture_entry ('5', "usr", NULL, 0755, NULL));
  g_ptr_array_insert (fixture->layers[1], 270, fixture_entry ('5', "usr/bin", NULL, 0755, NULL));
}

static void
with_repeated_path (Fixture *fixture)
{
  fixture->n_layers = 3;
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  fixture_add_skeleton (fixture, 2);
  fixture_add_file (fixture, 2, "conf", NULL, none, (const char *const[]){ "etc/conf", NULL });
}

static void
test_notes (void)
{
  const struct {
    void (*change) (Fixture *fixture);
    const char *notes;
  } cases[] = {
    { shared_xattrs, "" },
    { without_pax, "object.pax-missing " },
    { with_parents, "" },
    { with_repeated_path, "path.repeated " },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Fixture) fixture = fixture_new ();
      cases[i].change (fixture);
      g_autoptr (VarveImage) image = fixture_image (fixture);
      g_autoptr (VarveFindings) findings = verify (image, 2);
      g_autofree char *errors = list (findings, VARVE_SEVERITY_ERROR), *notes = list (findings, VARVE_SEVERITY_NOTE);
      g_assert_cmpstr (errors, ==, "");
      g_assert_cmpstr (notes, ==, cases[i].notes);
    }
}

/* Changes of manifest and config. */

static VarveDescriptor *
layer_of (VarveImage *image, guint index)
{
  return image->manifest->layers->pdata[index];
}

static void
digest_changed (VarveImage *image)
{
  layer_of (image, 1)->digest.bytes[0] ^= 1;
}

static void
size_changed (VarveImage *image)
{
  layer_of (image, 1)->size_bytes++;
}

static void
diff_id_changed (VarveImage *image)
{
  g_array_index (image->config->diff_ids, VarveDigest, 0).bytes[0] ^= 1;
}

static void
blob_truncated (VarveImage *image)
{
  GPtrArray *layers = ((FixtureBlobs *)image->blobs)->layers;
  GBytes *cut = g_bytes_new_from_bytes (layers->pdata[1], 0, g_bytes_get_size (layers->pdata[1]) - 1024);
  g_bytes_unref (layers->pdata[1]);
  layers->pdata[1] = cut;
}

static void
media_type_unknown (VarveImage *image)
{
  g_free (layer_of (image, 1)->media_type);
  layer_of (image, 1)->media_type = g_strdup ("text/plain");
}

static void
not_gzip (VarveImage *image)
{
  g_free (layer_of (image, 1)->media_type);
  layer_of (image, 1)->media_type = g_strdup (VARVE_MEDIA_TYPE_LAYER_GZIP);
}

static void
label_dropped (VarveImage *image)
{
  varve_config_set_label (image->config, "ostree.final-diffid", NULL);
}

static void
label_of_no_layer (VarveImage *image)
{
  varve_config_set_label (image->config, "ostree.final-diffid",
                          "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
label_repeated (VarveImage *image)
{
  g_array_index (image->config->diff_ids, VarveDigest, 0) = g_array_index (image->config->diff_ids, VarveDigest, 1);
}

static void
commit_label_wrong (VarveImage *image)
{
  varve_config_set_label (image->config, "ostree.commit", "0000");
}

static void
history_truncated (VarveImage *image)
{
  g_ptr_array_set_size (image->config->history, 1);
}

static void
diff_ids_truncated (VarveImage *image)
{
  g_array_set_size (image->config->diff_ids, 1);
}

static void
test_image (void)
{
  const struct {
    void (*change) (VarveImage *image);
    const char *errors;
  } cases[] = {
    { digest_changed, "layer.digest " },
    { size_changed, "layer.size " },
    { diff_id_changed, "layer.diff-id " },
    { blob_truncated, "layer.unreadable layer.size layer.digest layer.diff-id " },
    { media_type_unknown, "layer.media-type layer.unreadable " },
    { not_gzip, "layer.unreadable " },
    { label_dropped, "image.final-diffid " },
    { label_of_no_layer, "image.final-diffid " },
    { label_repeated, "image.final-diffid layer.diff-id " },
    { commit_label_wrong, "image.labels " },
    { history_truncated, "image.history " },
    { diff_ids_truncated, "image.layers " },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      g_autoptr (Fixture) fixture = fixture_new ();
      g_autoptr (VarveImage) image = fixture_image (fixture);
      cases[i].change (image);
      g_autoptr (VarveFindings) findings = verify (image, 2);
      g_autofree char *errors = list (findings, VARVE_SEVERITY_ERROR);
      g_assert_cmpstr (errors, ==, cases[i].errors);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verify/good", test_good);
  g_test_add_func ("/verify/content-key", test_content_key);
  g_test_add_func ("/verify/layers", test_layers);
  g_test_add_func ("/verify/notes", test_notes);
  g_test_add_func ("/verify/image", test_image);
  return g_test_run ();
}

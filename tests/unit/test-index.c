/* SPDX-License-Identifier: Apache-2.0 */
/* oci/index: which entry is replaced, and that the others stay as they are. */
#include "oci/index.h"

#include <string.h>

#include "base/error.h"

#define DIGEST_A "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define DIGEST_B "sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define REF "\"annotations\":{\"org.opencontainers.image.ref.name\":\"%s\"}"

static VarveIndex *
read_text (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  return varve_index_from_bytes (bytes, error);
}

static char *
write_text (const VarveIndex *index)
{
  g_autoptr (GBytes) bytes = varve_index_to_bytes (index);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
set (VarveIndex *index, const char *text, const char *ref)
{
  g_autoptr (GError) error = NULL;
  VarveDigest digest = varve_digest_of (text, strlen (text));
  g_autoptr (VarveDescriptor) descriptor = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &digest, strlen (text));
  g_assert_true (varve_index_set (index, descriptor, ref, &error));
  g_assert_no_error (error);
}

static void
test_bytes (void)
{
  g_autoptr (VarveIndex) index = varve_index_new ();
  set (index, "", "latest");
  g_autofree char *text = write_text (index);
  g_assert_cmpstr (text, ==,
                   "{\"manifests\":[{\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\"},"
                   "\"digest\":\"" DIGEST_A "\",\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                   "\"size\":0}],\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"schemaVersion\":2}");
}

static void
test_others_stay (void)
{
  static const char OTHER[]
      = "{\"annotations\":{\"org.opencontainers.image.ref.name\":\"other\"},\"artifactType\":\"a/b\","
        "\"data\":\"e30=\",\"digest\":\"" DIGEST_A "\",\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
        "\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\",\"os.version\":\"1\"},"
        "\"size\":2,\"x.y\":[1.0,null]}";
  g_autofree char *text
      = g_strdup_printf ("{\"annotations\":{\"k\":\"v\"},\"manifests\":[%s],\"schemaVersion\":2}", OTHER);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveIndex) index = read_text (text, &error);
  g_assert_no_error (error);
  g_assert_nonnull (varve_index_find_ref (index, "other"));
  g_assert_null (varve_index_find_ref (index, "latest"));
  set (index, "1", "latest");
  set (index, "2", "latest");
  g_assert_cmpuint (index->manifests->len, ==, 2);
  g_assert_cmpuint (varve_index_entry (index, 1)->size_bytes, ==, 1);
  g_autofree char *written = write_text (index);
  g_assert_nonnull (strstr (written, OTHER));
  g_assert_true (g_str_has_prefix (written, "{\"annotations\":{\"k\":\"v\"},\"manifests\":[{"));

  set (index, "3", "other"); /* takes the place, with nothing of what stood there */
  g_assert_cmpuint (index->manifests->len, ==, 2);
  g_autofree char *replaced = write_text (index);
  g_assert_null (strstr (replaced, "x.y"));
}

static void
test_nameless (void)
{
  g_autoptr (VarveIndex) index = varve_index_new ();
  set (index, "a", "named");
  set (index, "b", NULL);
  set (index, "c", NULL); /* the only nameless one is replaced */
  g_assert_cmpuint (index->manifests->len, ==, 2);
  VarveDigest digest = varve_digest_of ("d", 1);
  g_autoptr (VarveDescriptor) second = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &digest, 1);
  g_assert_true (varve_index_add (index, second, NULL));
  set (index, "e", NULL); /* one of two is not */
  g_assert_cmpuint (index->manifests->len, ==, 4);
  set (index, "d", NULL); /* but the same digest is not entered twice */
  g_assert_cmpuint (index->manifests->len, ==, 4);
  set (index, "a", NULL); /* a named one keeps its name */
  g_assert_cmpuint (index->manifests->len, ==, 5);
  g_assert_nonnull (varve_index_find_ref (index, "named"));
}

static void
test_name_twice (void)
{
  g_autofree char *entry
      = g_strdup_printf ("{\"digest\":\"" DIGEST_A "\",\"mediaType\":\"a/b\",\"size\":0," REF "}", "n");
  g_autofree char *text = g_strdup_printf ("{\"manifests\":[%s,%s,%s],\"schemaVersion\":2}", entry, entry, entry);
  g_autoptr (VarveIndex) index = read_text (text, NULL);
  set (index, "1", "n");
  g_assert_cmpuint (index->manifests->len, ==, 1);
  g_assert_cmpuint (varve_index_entry (index, 0)->size_bytes, ==, 1);
}

static void
test_platform (void)
{
  static const char TEXT[] = "{\"schemaVersion\":2,\"manifests\":["
                             "{\"digest\":\"" DIGEST_A "\",\"mediaType\":\"a/b\",\"size\":1,"
                             "\"platform\":{\"architecture\":\"arm\",\"os\":\"windows\"}},"
                             "{\"digest\":\"" DIGEST_A "\",\"mediaType\":\"a/b\",\"size\":2,"
                             "\"platform\":{\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":\"v6\"}},"
                             "{\"digest\":\"" DIGEST_A "\",\"mediaType\":\"a/b\",\"size\":3,"
                             "\"platform\":{\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":\"v7\"}}]}";
  g_autoptr (VarveIndex) index = read_text (TEXT, NULL);
  g_assert_cmpuint (varve_index_find_platform (index, "arm", NULL)->size_bytes, ==, 2);
  g_assert_cmpuint (varve_index_find_platform (index, "arm", "v7")->size_bytes, ==, 3);
  g_assert_null (varve_index_find_platform (index, "amd64", NULL));
}

static void
test_refs (void)
{
  static const char *const RIGHT[] = { "a", "latest", "1.0", "a/b", "quay/x:y", "a--b", "A_b+c@d", "x.y-z/w" };
  static const char *const WRONG[] = {
    "", "-a", "a-", "a/", "/a", "a//b", "a..b", "a---b", "a b", "a\nb", "ä", "@0", "../x", "a-_b",
  };
  for (guint i = 0; i < G_N_ELEMENTS (RIGHT); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_true (varve_index_check_ref (RIGHT[i], &error));
      g_assert_no_error (error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", WRONG[i]);
      g_assert_false (varve_index_check_ref (WRONG[i], &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_USAGE);
    }
  g_autofree char *long_ref = g_strnfill (256, 'a');
  g_assert_false (varve_index_check_ref (long_ref, NULL));
}

static void
test_full (void)
{
  VarveDigest digest = varve_digest_of ("", 0);
  g_autoptr (VarveDescriptor) descriptor = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &digest, 0);
  g_autoptr (VarveIndex) index = varve_index_new ();
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < VARVE_DOCUMENT_MAX_ENTRIES; i++)
    g_assert_true (varve_index_add (index, descriptor, NULL));
  g_assert_false (varve_index_set (index, descriptor, "one-more", &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
}

static void
test_refused (void)
{
  static const struct {
    const char *text, *message;
  } WRONG[] = {
    { "{\"schemaVersion\":2,\"layers\":[],\"manifests\":[]}", "index: both 'layers' and 'manifests' are present" },
    { "{\"schemaVersion\":2,\"mediaType\":\"" VARVE_MEDIA_TYPE_MANIFEST "\",\"manifests\":[]}",
      "index: mediaType is '" VARVE_MEDIA_TYPE_MANIFEST "': expected '" VARVE_MEDIA_TYPE_INDEX "'" },
    { "{\"schemaVersion\":2,\"manifests\":{}}", "index: 'manifests' is of type object: expected array" },
    { "{\"schemaVersion\":2,\"manifests\":[],\"Manifests\":[]}",
      "index: found the key 'Manifests': expected 'manifests'" },
    { "{\"schemaVersion\":2,\"manifests\":[{\"platform\":{\"OS\":\"\"}}]}",
      "index: 'manifests': entry 0: 'platform': found the key 'OS': expected 'os'" },
    { "{\"schemaVersion\":2,\"manifests\":[{}]}", "index: entry 0: 'mediaType' is missing" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (read_text (WRONG[i].text, &error));
      g_assert_nonnull (error);
      g_assert_cmpstr (error->message, ==, WRONG[i].message);
    }
}

static gboolean
set_platform (VarveIndex *index, const char *os, const char *architecture, const char *variant)
{
  g_autoptr (GError) error = NULL;
  VarveDigest digest = varve_digest_of (architecture, strlen (architecture));
  g_autoptr (VarveDescriptor) descriptor = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &digest, 1);
  descriptor->os = g_strdup (os);
  descriptor->architecture = g_strdup (architecture);
  descriptor->variant = g_strdup (variant);
  gboolean replaced;
  g_assert_true (varve_index_set_platform (index, descriptor, &replaced, &error));
  g_assert_no_error (error);
  return replaced;
}

static char *
list_platforms (const VarveIndex *index)
{
  GString *list = g_string_new (NULL);
  for (guint i = 0; i < index->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (index, i);
      g_string_append_printf (list, "%s/%s/%s ", entry->os != NULL ? entry->os : "",
                              entry->architecture != NULL ? entry->architecture : "",
                              entry->variant != NULL ? entry->variant : "");
    }
  return g_string_free (list, FALSE);
}

/* The same images in any order give the same index; what is for no platform stays, behind. */
static void
test_set_platform (void)
{
  static const struct {
    const char *os, *architecture, *variant;
  } IMAGES[] = {
    { "linux", "arm", "v7" }, { "linux", "amd64", NULL },   { "linux", "arm", "v6" },
    { "linux", "arm", NULL }, { "freebsd", "amd64", NULL },
  };
  static const char EXPECTED[] = "freebsd/amd64/ linux/amd64/ linux/arm/ linux/arm/v6 linux/arm/v7 ";
  for (guint start = 0; start < G_N_ELEMENTS (IMAGES); start++)
    {
      g_autoptr (VarveIndex) index = varve_index_new ();
      for (guint i = 0; i < G_N_ELEMENTS (IMAGES); i++)
        {
          guint at = (start + i) % G_N_ELEMENTS (IMAGES);
          g_assert_false (set_platform (index, IMAGES[at].os, IMAGES[at].architecture, IMAGES[at].variant));
        }
      g_autofree char *list = list_platforms (index);
      g_assert_cmpstr (list, ==, EXPECTED);
      g_assert_true (set_platform (index, "linux", "arm", "v6"));
      g_assert_cmpuint (index->manifests->len, ==, G_N_ELEMENTS (IMAGES));
    }
  g_autoptr (VarveIndex) index = varve_index_new ();
  set (index, "attestation", "named");
  g_assert_false (set_platform (index, "unknown", "unknown", NULL));
  g_assert_false (set_platform (index, "unknown", "unknown", NULL));
  g_assert_false (set_platform (index, "linux", "amd64", NULL));
  g_autofree char *list = list_platforms (index);
  g_assert_cmpstr (list, ==, "linux/amd64/ // unknown/unknown/ unknown/unknown/ ");
}

static void
test_annotate (void)
{
  g_autoptr (VarveIndex) index = varve_index_new ();
  varve_index_annotate (index, "b", "1");
  varve_index_annotate (index, "a", "2");
  varve_index_annotate (index, "b", "3");
  g_autofree char *text = write_text (index);
  g_assert_cmpstr (text, ==,
                   "{\"annotations\":{\"a\":\"2\",\"b\":\"3\"},\"manifests\":[],"
                   "\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"schemaVersion\":2}");
}

/* An attestation goes with the image that it is about, and never counts as an image. */
static void
test_attestations (void)
{
  static const char TEXT[] = "{\"schemaVersion\":2,\"manifests\":["
                             "{\"digest\":\"" DIGEST_A "\",\"mediaType\":\"a/b\",\"size\":1},"
                             "{\"digest\":\"" DIGEST_B "\",\"mediaType\":\"a/b\",\"size\":2,"
                             "\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\","
                             "\"vnd.docker.reference.digest\":\"" DIGEST_A "\"},"
                             "\"platform\":{\"architecture\":\"unknown\",\"os\":\"unknown\"}}]}";
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveIndex) index = read_text (TEXT, NULL);
  g_autoptr (VarveDescriptor) attestation = varve_descriptor_copy (varve_index_entry (index, 1));
  g_assert_true (varve_index_only_image (index) == varve_index_entry (index, 0));
  g_assert_true (varve_index_attests (attestation, &varve_index_entry (index, 0)->digest));
  g_assert_true (varve_index_set (index, attestation, NULL, &error)); /* not in place of the image */
  g_assert_cmpuint (index->manifests->len, ==, 2);
  set (index, "c", NULL);
  g_assert_cmpuint (index->manifests->len, ==, 1);
  g_assert_true (varve_index_add_unnamed (index, attestation, &error));
  g_assert_true (varve_index_add_unnamed (index, attestation, &error));
  g_assert_cmpuint (index->manifests->len, ==, 2);
  g_assert_cmpuint (varve_index_count_images (index), ==, 1);
}

/* An entry of a list of referrers; a removed one is not written any more. */
static void
test_referrers (void)
{
  VarveDigest one = varve_digest_of ("1", 1), two = varve_digest_of ("2", 1);
  g_autoptr (VarveIndex) index = varve_index_new ();
  g_autoptr (VarveDescriptor) first = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &one, 1),
                              second = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &two, 1);
  g_autoptr (GError) error = NULL;
  first->artifact_type = g_strdup ("a/b");
  g_assert_true (varve_index_add (index, first, &error));
  g_assert_true (varve_index_add (index, second, &error));
  g_autoptr (GBytes) bytes = varve_index_to_bytes (index);
  g_autoptr (VarveIndex) again = varve_index_from_bytes (bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (varve_index_entry (again, 0)->artifact_type, ==, "a/b");
  g_assert_null (varve_index_entry (again, 1)->artifact_type);
  g_assert_true (varve_index_remove (again, &two));
  g_assert_false (varve_index_remove (again, &two));
  g_assert_false (varve_index_has (again, &two));
  g_assert_true (varve_index_has (again, &one));
  g_autoptr (GBytes) shorter = varve_index_to_bytes (again);
  g_autofree char *text = g_strndup (g_bytes_get_data (shorter, NULL), g_bytes_get_size (shorter));
  g_autofree char *removed = varve_digest_to_string (&two);
  g_assert_null (strstr (text, removed));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/index/bytes", test_bytes);
  g_test_add_func ("/index/others-stay", test_others_stay);
  g_test_add_func ("/index/nameless", test_nameless);
  g_test_add_func ("/index/name-twice", test_name_twice);
  g_test_add_func ("/index/platform", test_platform);
  g_test_add_func ("/index/set-platform", test_set_platform);
  g_test_add_func ("/index/annotate", test_annotate);
  g_test_add_func ("/index/attestations", test_attestations);
  g_test_add_func ("/index/refs", test_refs);
  g_test_add_func ("/index/full", test_full);
  g_test_add_func ("/index/refused", test_refused);
  g_test_add_func ("/index/referrers", test_referrers);
  return g_test_run ();
}

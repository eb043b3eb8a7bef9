/* SPDX-License-Identifier: Apache-2.0 */
/* oci/descriptor and oci/manifest: the bytes that are written, and what is not read. */
#include "oci/manifest.h"

#include <string.h>

#include "base/error.h"

#define DIGEST_A "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define CONFIG "\"config\":{\"mediaType\":\"" VARVE_MEDIA_TYPE_CONFIG "\",\"digest\":\"" DIGEST_A "\",\"size\":2}"
#define LAYER(members) "{\"mediaType\":\"" VARVE_MEDIA_TYPE_LAYER "\"," members "}"
#define MANIFEST(layers) "{\"schemaVersion\":2," CONFIG ",\"layers\":[" layers "]}"

static VarveManifest *
read_text (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  return varve_manifest_from_bytes (bytes, error);
}

static void
test_bytes (void)
{
  VarveDigest digest = varve_digest_of ("", 0);
  g_autoptr (VarveManifest) manifest = varve_manifest_new ();
  manifest->config = varve_descriptor_new (VARVE_MEDIA_TYPE_CONFIG, &digest, 2);
  VarveDescriptor *layer = varve_descriptor_new (VARVE_MEDIA_TYPE_LAYER_ZSTD, &digest, 3);
  varve_descriptor_annotate (layer, "ostree.components", "b,\xff");
  g_ptr_array_add (manifest->layers, layer);
  varve_manifest_annotate (manifest, "z", "1");
  varve_manifest_annotate (manifest, "a/b", "ä\"");
  g_autoptr (GBytes) bytes = varve_manifest_to_bytes (manifest);
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_assert_cmpstr (text, ==,
                   "{\"annotations\":{\"a/b\":\"ä\\\"\",\"z\":\"1\"},"
                   "\"config\":{\"digest\":\"" DIGEST_A "\",\"mediaType\":\"application/vnd.oci.image.config.v1+json\","
                   "\"size\":2},"
                   "\"layers\":[{\"annotations\":{\"ostree.components\":\"b,\xef\xbf\xbd\"},"
                   "\"digest\":\"" DIGEST_A "\","
                   "\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+zstd\",\"size\":3}],"
                   "\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"schemaVersion\":2}");
}

static void
test_round_trip (void)
{
  static const char TEXT[]
      = "{\"annotations\":{\"k\":\"v\"},\"artifactType\":\"application/spdx+json\"," CONFIG ",\"layers\":["
        "{\"mediaType\":\"application/vnd.docker.image.rootfs.diff.tar.gzip\",\"size\":9007199254740992,"
        "\"digest\":\"" DIGEST_A "\",\"data\":\"\",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\","
        "\"variant\":\"v7\"}}],\"schemaVersion\":2,\"mediaType\":\"" VARVE_MEDIA_TYPE_MANIFEST_DOCKER "\","
        "\"subject\":{\"mediaType\":\"a/b\",\"digest\":\"" DIGEST_A "\",\"size\":0}}";
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveManifest) first = read_text (TEXT, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) bytes = varve_manifest_to_bytes (first);
  g_autoptr (VarveManifest) manifest = varve_manifest_from_bytes (bytes, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) again = varve_manifest_to_bytes (manifest);
  g_assert_true (g_bytes_equal (bytes, again));
  g_assert_cmpstr (manifest->artifact_type, ==, "application/spdx+json");
  g_assert_cmpstr (manifest->subject->media_type, ==, "a/b");
  g_assert_cmpstr (varve_string_map_get (manifest->annotations, "k"), ==, "v");
  g_assert_cmpuint (manifest->layers->len, ==, 1);
  const VarveDescriptor *layer = varve_manifest_layer (manifest, 0);
  g_assert_cmpuint (layer->size_bytes, ==, G_GUINT64_CONSTANT (1) << 53);
  g_assert_cmpstr (layer->variant, ==, "v7");
  g_assert_null (varve_descriptor_annotation (layer, "k"));
}

static void
test_copy (void)
{
  VarveDigest digest = varve_digest_of ("", 0);
  g_autoptr (VarveDescriptor) descriptor = varve_descriptor_new ("a/b", &digest, 3);
  varve_descriptor_annotate (descriptor, "k", "v");
  descriptor->os = g_strdup ("linux");
  g_autoptr (VarveDescriptor) copy = varve_descriptor_copy (descriptor);
  varve_descriptor_annotate (descriptor, "k", "w");
  g_assert_cmpstr (varve_descriptor_annotation (copy, "k"), ==, "v");
  g_assert_cmpstr (copy->os, ==, "linux");
}

static void
test_refused (void)
{
  static const struct {
    const char *text;
    VarveError code;
    const char *message;
  } WRONG[] = {
    { "[]", VARVE_ERROR_CORRUPT, "manifest: type is array: expected object" },
    { "{\"schemaVersion\":1}", VARVE_ERROR_UNSUPPORTED, "manifest: schemaVersion is 1: expected 2" },
    { "{" CONFIG ",\"layers\":[]}", VARVE_ERROR_CORRUPT, "manifest: 'schemaVersion' is missing" },
    { "{\"schemaVersion\":\"2\"}", VARVE_ERROR_CORRUPT, "manifest: 'schemaVersion' is of type string: expected int" },
    { "{\"schemaVersion\":2,\"mediaType\":\"" VARVE_MEDIA_TYPE_INDEX "\"}", VARVE_ERROR_UNSUPPORTED,
      "manifest: mediaType is '" VARVE_MEDIA_TYPE_INDEX "': expected '" VARVE_MEDIA_TYPE_MANIFEST "'" },
    { "{\"schemaVersion\":2,\"manifests\":[]," CONFIG ",\"layers\":[]}", VARVE_ERROR_CORRUPT,
      "manifest: both 'manifests' and 'layers' are present" },
    { "{\"schemaVersion\":2,\"manifests\":[]}", VARVE_ERROR_CORRUPT,
      "manifest: 'manifests' is present instead of 'layers'" },
    { "{\"schemaVersion\":2," CONFIG "}", VARVE_ERROR_CORRUPT, "manifest: 'layers' is missing" },
    { "{\"schemaVersion\":2,\"layers\":[]}", VARVE_ERROR_CORRUPT, "manifest: 'config' is missing" },
    { MANIFEST ("7"), VARVE_ERROR_CORRUPT, "manifest: layer 0: descriptor: type is int: expected object" },
    { MANIFEST ("null"), VARVE_ERROR_CORRUPT, "manifest: layer 0: descriptor: type is null: expected object" },
    { MANIFEST (LAYER ("\"size\":1,\"digest\":\"sha256:../../../../etc/passwd\"")), VARVE_ERROR_CORRUPT,
      "manifest: layer 0: '../../../../etc/passwd' is not a digest: expected 64 lower-case hexadecimal digits" },
    { MANIFEST (LAYER ("\"size\":1,\"digest\":\"md5:00\"")), VARVE_ERROR_CORRUPT,
      "manifest: layer 0: 'md5:00' is not a digest: expected 'sha256:' and 64 lower-case hexadecimal digits" },
    { MANIFEST (LAYER ("\"size\":1,\"digest\":\"a\\u0000b\"")), VARVE_ERROR_CORRUPT,
      "manifest: layer 0: 'digest' contains a NUL byte" },
    { MANIFEST (LAYER ("\"digest\":\"" DIGEST_A "\"")), VARVE_ERROR_CORRUPT, "manifest: layer 0: 'size' is missing" },
    { MANIFEST (LAYER ("\"size\":-1,\"digest\":\"" DIGEST_A "\"")), VARVE_ERROR_CORRUPT,
      "manifest: layer 0: 'size' is out of range" },
    { MANIFEST (LAYER ("\"size\":9007199254740993,\"digest\":\"" DIGEST_A "\"")), VARVE_ERROR_LIMIT,
      "manifest: layer 0: 'size' is 9007199254740993: the limit is 9007199254740992" },
    { MANIFEST (LAYER ("\"size\":1.5,\"digest\":\"" DIGEST_A "\"")), VARVE_ERROR_CORRUPT,
      "manifest: layer 0: 'size' is of type double: expected int" },
    { MANIFEST (LAYER ("\"size\":1,\"digest\":\"" DIGEST_A "\",\"urls\":[\"file:///etc/passwd\"]")),
      VARVE_ERROR_UNSUPPORTED, "manifest: layer 0: 'urls' is set: blobs outside the repository are not supported" },
    { MANIFEST (LAYER ("\"size\":1,\"digest\":\"" DIGEST_A "\",\"annotations\":{\"k\":1}")), VARVE_ERROR_CORRUPT,
      "manifest: layer 0: 'annotations': 'k' is of type int: expected string" },
    { MANIFEST (LAYER ("\"size\":1,\"digest\":\"" DIGEST_A "\",\"platform\":{\"os\":[]}")), VARVE_ERROR_CORRUPT,
      "manifest: layer 0: 'platform': 'os' is of type array: expected string" },
    { "{\"schemaVersion\":2," CONFIG ",\"layers\":[],\"Layers\":[]}", VARVE_ERROR_CORRUPT,
      "manifest: found the key 'Layers': expected 'layers'" },
    { "{\"schemaVersion\":2," CONFIG ",\"layers\":[],\"Manifests\":[]}", VARVE_ERROR_CORRUPT,
      "manifest: found the key 'Manifests': expected 'manifests'" },
    { "{\"schemaVersion\":2," CONFIG ",\"layers\":[],\"layers\":[]}", VARVE_ERROR_CORRUPT,
      "manifest: not valid JSON: duplicate key 'layers'" },
    { MANIFEST (LAYER ("\"size\":1,\"Size\":2,\"digest\":\"" DIGEST_A "\"")), VARVE_ERROR_CORRUPT,
      "manifest: 'layers': entry 0: found the key 'Size': expected 'size'" },
    { MANIFEST ("{\"mediaType\":\"a b\"}"), VARVE_ERROR_CORRUPT, "manifest: layer 0: 'a b' is not a media type" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", WRONG[i].text);
      g_assert_null (read_text (WRONG[i].text, &error));
      g_assert_error (error, VARVE_ERROR, (int)WRONG[i].code);
      g_assert_cmpstr (error->message, ==, WRONG[i].message);
    }
}

static void
test_limits (void)
{
  g_autoptr (GString) layers = g_string_new (LAYER ("\"size\":1,\"digest\":\"" DIGEST_A "\""));
  for (guint i = 0; i < VARVE_DOCUMENT_MAX_ENTRIES; i++)
    g_string_append (layers, "," LAYER ("\"size\":1,\"digest\":\"" DIGEST_A "\""));
  g_autofree char *many = g_strdup_printf ("{\"schemaVersion\":2," CONFIG ",\"layers\":[%s]}", layers->str);
  g_autoptr (GError) error = NULL;
  g_assert_null (read_text (many, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
  g_assert_cmpstr (error->message, ==, "manifest: 'layers' has 1001 entries: the limit is 1000");
  g_clear_error (&error);

  g_autofree char *large = g_strnfill (VARVE_DOCUMENT_MAX_BYTES + 1, ' ');
  g_assert_null (read_text (large, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
  g_clear_error (&error);

  g_autofree char *open = g_strnfill (100, '[');
  g_autofree char *close = g_strnfill (100, ']');
  g_autofree char *deep = g_strdup_printf ("{\"schemaVersion\":2,\"x\":%s%s}", open, close);
  g_assert_null (read_text (deep, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_assert_cmpstr (error->message, ==, "manifest: not valid JSON: nesting too deep");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/manifest/bytes", test_bytes);
  g_test_add_func ("/manifest/round-trip", test_round_trip);
  g_test_add_func ("/manifest/descriptor-copy", test_copy);
  g_test_add_func ("/manifest/refused", test_refused);
  g_test_add_func ("/manifest/limits", test_limits);
  return g_test_run ();
}

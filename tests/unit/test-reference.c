/* SPDX-License-Identifier: Apache-2.0 */
/* transport/reference: what users type. */
#include "skopeo/reference.h"

#include "base/error.h"

static void
test_in_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveReference) inside = varve_reference_in_folder ("/a/b", "c:d", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (inside->path, ==, "/a/b");
  g_assert_cmpstr (inside->ref, ==, "c:d");
  g_autoptr (VarveReference) none = varve_reference_in_folder ("/a:b", "c", &error);
  g_assert_null (none);
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_USAGE);
}

static void
test_parts (void)
{
  static const struct {
    const char *text;
    VarveTransport transport;
    const char *path, *ref;
  } RIGHT[] = {
    { "oci:dir", VARVE_TRANSPORT_OCI, "dir", NULL },
    { "oci:/a/b:latest", VARVE_TRANSPORT_OCI, "/a/b", "latest" },
    { "oci:dir:name:1.0", VARVE_TRANSPORT_OCI, "dir", "name:1.0" },
    { "oci:dir:@1", VARVE_TRANSPORT_OCI, "dir", "@1" },
    { "oci-archive:x.tar:v1", VARVE_TRANSPORT_OCI_ARCHIVE, "x.tar", "v1" },
    { "docker://localhost/x", VARVE_TRANSPORT_DOCKER, "localhost/x", NULL },
    { "docker://example.org/a/b__c/d--e.f:V1.0_x-y", VARVE_TRANSPORT_DOCKER, "example.org/a/b__c/d--e.f", "V1.0_x-y" },
    { "docker://127.0.0.1:5000/x", VARVE_TRANSPORT_DOCKER, "127.0.0.1:5000/x", NULL },
    { "docker://[::1]:5000/x:t", VARVE_TRANSPORT_DOCKER, "[::1]:5000/x", "t" },
    { "docker://h:1/x@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", VARVE_TRANSPORT_DOCKER,
      "h:1/x", "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
    { "containers-storage:[overlay@/a+/b]localhost/x:y", VARVE_TRANSPORT_CONTAINERS_STORAGE,
      "[overlay@/a+/b]localhost/x:y", NULL },
    { "dir:/a:b", VARVE_TRANSPORT_DIR, "/a:b", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (RIGHT); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveReference) reference = varve_reference_parse (RIGHT[i].text, &error);
      g_assert_no_error (error);
      g_assert_cmpint (reference->transport, ==, RIGHT[i].transport);
      g_assert_cmpstr (reference->path, ==, RIGHT[i].path);
      g_assert_cmpstr (reference->ref, ==, RIGHT[i].ref);
      g_assert_cmpstr (reference->text, ==, RIGHT[i].text);
    }
}

#define DOCKER "expected docker://HOST/NAME[:TAG|@DIGEST]"
#define ANY                                                                                                            \
  "expected oci:DIR[:REF], oci-archive:FILE[:REF], docker://HOST/NAME[:TAG|@DIGEST], containers-storage:NAME or "      \
  "dir:DIR"
#define NAME " has an invalid repository name (lower-case letters, digits, single separators): " DOCKER

static void
test_refused (void)
{
  static const struct {
    const char *text;
    VarveError code;
    const char *message;
  } WRONG[] = {
    { "foo", VARVE_ERROR_USAGE, "'foo' is not an image reference: " ANY },
    { "", VARVE_ERROR_USAGE, "'' is not an image reference: " ANY },
    { "oci:", VARVE_ERROR_USAGE, "'oci:' has no path: expected oci:DIR[:REF] or oci-archive:FILE[:REF]" },
    { "oci::x", VARVE_ERROR_USAGE, "'oci::x' has no path: expected oci:DIR[:REF] or oci-archive:FILE[:REF]" },
    { "oci:d:", VARVE_ERROR_USAGE, "'oci:d:' has no ref after ':': expected oci:DIR[:REF] or oci-archive:FILE[:REF]" },
    { "oci:d:../x", VARVE_ERROR_USAGE,
      "'oci:d:../x': '../x' is not a ref name: expected letters and digits with single '-', '.', '_', ':', '@', '+' or "
      "'/' between them, at most 255 bytes" },
    { "docker-daemon:x", VARVE_ERROR_UNSUPPORTED, "'docker-daemon:x' has an unsupported transport: " ANY },
    { "docker:x", VARVE_ERROR_USAGE, "'docker:x' has no '//' after 'docker:': " DOCKER },
    { "docker://", VARVE_ERROR_USAGE, "'docker://' has no host or no repository: " DOCKER },
    { "docker://fedora", VARVE_ERROR_USAGE, "'docker://fedora' has no host or no repository: " DOCKER },
    { "docker://library/fedora", VARVE_ERROR_USAGE, "'docker://library/fedora' has no host: " DOCKER },
    { "docker://h:5000", VARVE_ERROR_USAGE, "'docker://h:5000' has no host or no repository: " DOCKER },
    { "docker://h:0/x", VARVE_ERROR_USAGE, "'docker://h:0/x' has an invalid port: " DOCKER },
    { "docker://h:65536/x", VARVE_ERROR_USAGE, "'docker://h:65536/x' has an invalid port: " DOCKER },
    { "docker://-h.x/x", VARVE_ERROR_USAGE, "'docker://-h.x/x' has an invalid host: " DOCKER },
    { "docker://a..b/x", VARVE_ERROR_USAGE, "'docker://a..b/x' has an invalid host: " DOCKER },
    { "docker://[::1/x", VARVE_ERROR_USAGE, "'docker://[::1/x' has an invalid host: " DOCKER },
    { "docker:///etc/passwd", VARVE_ERROR_USAGE, "'docker:///etc/passwd' has an invalid host: " DOCKER },
    { "docker://h:1/X", VARVE_ERROR_USAGE, "'docker://h:1/X'" NAME },
    { "docker://h:1/a//b", VARVE_ERROR_USAGE, "'docker://h:1/a//b'" NAME },
    { "docker://h:1/../b", VARVE_ERROR_USAGE, "'docker://h:1/../b'" NAME },
    { "docker://h:1/a-", VARVE_ERROR_USAGE, "'docker://h:1/a-'" NAME },
    { "docker://h:1/a?b", VARVE_ERROR_USAGE, "'docker://h:1/a?b'" NAME },
    { "docker://h:1/a:", VARVE_ERROR_USAGE, "'docker://h:1/a:' has an invalid tag: " DOCKER },
    { "docker://h:1/a:-x", VARVE_ERROR_USAGE, "'docker://h:1/a:-x' has an invalid tag: " DOCKER },
    { "docker://h:1/a:x y", VARVE_ERROR_USAGE, "'docker://h:1/a:x y' has an invalid tag: " DOCKER },
    { "docker://h:1/a:x@sha256:00", VARVE_ERROR_USAGE,
      "'docker://h:1/a:x@sha256:00' has both a tag and a digest: " DOCKER },
    { "docker://h:1/a@sha256:../../x", VARVE_ERROR_USAGE,
      "'docker://h:1/a@sha256:../../x' has an invalid digest: " DOCKER
      " with DIGEST sha256: and 64 hexadecimal digits" },
    { "docker://user:secret@h:1/a", VARVE_ERROR_USAGE,
      "'docker://…@…': an image name cannot have a user name: use --authfile or --creds" },
    { "containers-storage:", VARVE_ERROR_USAGE,
      "'containers-storage:' has no name or path: expected containers-storage:NAME" },
    { "dir:", VARVE_ERROR_USAGE, "'dir:' has no name or path: expected dir:DIR" },
    { "dir:a\nb", VARVE_ERROR_USAGE, "'dir:a\\x0ab' has a control character: " ANY },
    { "dir:\xff", VARVE_ERROR_USAGE, "'dir:\\xff' is not UTF-8: " ANY },
  };
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (varve_reference_parse (WRONG[i].text, &error));
      g_assert_error (error, VARVE_ERROR, (int)WRONG[i].code);
      g_assert_cmpstr (error->message, ==, WRONG[i].message);
    }
}

static void
test_docker (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveReference) reference = varve_reference_parse ("docker://h.example:5000/a/b:x", &error);
  g_assert_no_error (error);
  g_autofree char *host = varve_reference_host (reference);
  g_assert_cmpstr (host, ==, "h.example:5000");
  g_autoptr (VarveReference) other = varve_reference_with_ref (reference, "v2");
  g_assert_cmpstr (other->text, ==, "docker://h.example:5000/a/b:v2");
  g_autoptr (VarveReference) exact = varve_reference_with_ref (reference, "@sha256:00");
  g_assert_cmpstr (exact->text, ==, "docker://h.example:5000/a/b@sha256:00");
}

static void
test_tag_length (void)
{
  g_autofree char *longest = g_strnfill (128, 'a'), *longer = g_strnfill (129, 'a');
  g_assert_true (varve_reference_check_tag (longest, NULL));
  g_assert_false (varve_reference_check_tag (longer, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reference/in-folder", test_in_folder);
  g_test_add_func ("/reference/parts", test_parts);
  g_test_add_func ("/reference/refused", test_refused);
  g_test_add_func ("/reference/docker", test_docker);
  g_test_add_func ("/reference/tag-length", test_tag_length);
  return g_test_run ();
}

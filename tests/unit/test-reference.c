/* transport/reference: what users type. */
#include "transport/reference.h"

#include "base/error.h"

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

static void
test_refused (void)
{
  static const struct {
    const char *text;
    VarveError code;
    const char *message;
  } WRONG[] = {
    { "foo", VARVE_ERROR_USAGE,
      "'foo' is not an image reference: expected oci:DIR[:REF] or oci-archive:FILE[:REF]" },
    { "", VARVE_ERROR_USAGE, "'' is not an image reference: expected oci:DIR[:REF] or oci-archive:FILE[:REF]" },
    { "oci:", VARVE_ERROR_USAGE, "'oci:' names no path: expected oci:DIR[:REF] or oci-archive:FILE[:REF]" },
    { "oci::x", VARVE_ERROR_USAGE, "'oci::x' names no path: expected oci:DIR[:REF] or oci-archive:FILE[:REF]" },
    { "oci:d:", VARVE_ERROR_USAGE,
      "'oci:d:' ends in ':' without a ref: expected oci:DIR[:REF] or oci-archive:FILE[:REF]" },
    { "oci:d:../x", VARVE_ERROR_USAGE,
      "'oci:d:../x': '../x' is not a ref name: expected letters and digits with single '-', '.', '_', ':', '@', '+' or "
      "'/' between them, at most 255 bytes" },
    { "docker://localhost/x", VARVE_ERROR_UNSUPPORTED,
      "'docker://localhost/x' is of a transport that is not supported yet: expected oci:DIR[:REF] or "
      "oci-archive:FILE[:REF]" },
    { "containers-storage:x", VARVE_ERROR_UNSUPPORTED,
      "'containers-storage:x' is of a transport that is not supported yet: expected oci:DIR[:REF] or "
      "oci-archive:FILE[:REF]" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (varve_reference_parse (WRONG[i].text, &error));
      g_assert_error (error, VARVE_ERROR, (int)WRONG[i].code);
      g_assert_cmpstr (error->message, ==, WRONG[i].message);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reference/parts", test_parts);
  g_test_add_func ("/reference/refused", test_refused);
  return g_test_run ();
}

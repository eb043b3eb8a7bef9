/* transport/host-reference, build/bootc-status and build/unified-storage: what a host says of its image. */
#include "host/host-reference.h"

#include <string.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "host/bootc-status.h"
#include "host/unified-storage.h"

static void
test_parse (void)
{
  static const struct {
    const char *text;
    VarveHostSignature signature;
    const char *remote, *image;
  } CASES[] = {
    { "ostree-unverified-registry:quay.io/os/os:1", VARVE_HOST_UNVERIFIED, NULL, "docker://quay.io/os/os:1" },
    { "ostree-unverified-image:registry:quay.io/os", VARVE_HOST_UNVERIFIED, NULL, "docker://quay.io/os" },
    { "ostree-unverified-image:docker://quay.io/os", VARVE_HOST_UNVERIFIED, NULL, "docker://quay.io/os" },
    { "ostree-unverified-image:oci:/srv/os:x", VARVE_HOST_UNVERIFIED, NULL, "oci:/srv/os:x" },
    { "ostree-unverified-image:containers-storage:localhost/os", VARVE_HOST_UNVERIFIED, NULL,
      "containers-storage:localhost/os" },
    { "ostree-image-signed:docker://quay.io/os", VARVE_HOST_POLICY, NULL, "docker://quay.io/os" },
    { "ostree-remote-registry:fedora:quay.io/os:1", VARVE_HOST_REMOTE, "fedora", "docker://quay.io/os:1" },
    { "ostree-remote-image:fedora:oci-archive:/srv/os", VARVE_HOST_REMOTE, "fedora", "oci-archive:/srv/os" },
  };
  static const char *const WRONG[] = { "",
                                       "quay.io/os",
                                       "docker://quay.io/os",
                                       "ostree-unverified-registry:",
                                       "ostree-unverified-image:oci",
                                       "ostree-unverified-image:docker:quay.io/os",
                                       "ostree-unverified-image:ftp:x",
                                       "ostree-remote-registry:x",
                                       "ostree-remote-registry::x",
                                       "ostree-remote-image:r:oci",
                                       "ostree-remote-image:r:oci:" };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveHostReference) reference = varve_host_reference_parse (CASES[i].text, &error);
      g_assert_no_error (error);
      g_assert_cmpint (reference->signature, ==, CASES[i].signature);
      g_assert_cmpstr (reference->remote, ==, CASES[i].remote);
      g_assert_cmpstr (reference->image, ==, CASES[i].image);
    }
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (varve_host_reference_parse (WRONG[i], &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED);
    }
}

static VarveBootcStatus *
parse_status (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  return varve_bootc_status_parse (bytes, error);
}

static void
test_bootc_status (void)
{
  static const char BOOTED[]
      = "{\"apiVersion\":\"org.containers.bootc/"
        "v1\",\"kind\":\"BootcHost\",\"metadata\":{\"name\":\"host\"},\"spec\":{\"bootOrder\":\"default\","
        "\"image\":{\"image\":\"quay.io/os/"
        "os:1\",\"transport\":\"registry\",\"signature\":%s}},\"status\":{\"staged\":null,\"booted\":{\"image\":"
        "null,\"incompatible\":false,\"composefs\":%s},\"rollback\":null,\"type\":\"bootcHost\"}}";
  static const struct {
    const char *signature, *composefs;
    VarveHostSignature expected;
    const char *remote;
  } CASES[] = {
    { "null", "null", VARVE_HOST_UNVERIFIED, NULL },
    { "\"insecure\"", "null", VARVE_HOST_UNVERIFIED, NULL },
    { "\"containerPolicy\"", "null", VARVE_HOST_POLICY, NULL },
    { "{\"ostreeRemote\":\"fedora\"}", "{\"verity\":\"ab\"}", VARVE_HOST_REMOTE, "fedora" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      g_autofree char *text = g_strdup_printf (BOOTED, CASES[i].signature, CASES[i].composefs);
#pragma GCC diagnostic pop
      g_autoptr (VarveBootcStatus) status = parse_status (text, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (status->reference->image, ==, "docker://quay.io/os/os:1");
      g_assert_cmpint (status->reference->signature, ==, CASES[i].expected);
      g_assert_cmpstr (status->reference->remote, ==, CASES[i].remote);
      g_assert_cmpint (status->is_composefs, ==, i == 3);
    }
  g_autoptr (VarveBootcStatus) none = parse_status ("{\"spec\":{\"image\":null},\"status\":{\"booted\":null}}", NULL);
  g_assert_null (none->reference);
  static const char *const WRONG[]
      = { "", "{\"spec\":7}", "{\"spec\":{\"image\":{\"image\":\"x\"}}}",
          "{\"spec\":{\"image\":{\"image\":\"x\",\"transport\":\"registry\",\"signature\":\"odd\"}}}",
          "{\"spec\":{\"image\":{\"image\":\"x\",\"transport\":\"registry\",\"signature\":{}}}}" };
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (parse_status (WRONG[i], &error));
      g_assert_nonnull (error);
    }
}

static void
test_unified_storage (void)
{
  static const struct {
    const char *list, *image;
    gboolean has;
  } CASES[] = {
    { "[{\"id\":\"x\",\"names\":[\"quay.io/os:latest\"]}]", "docker://quay.io/os", TRUE },
    { "[{\"id\":\"x\",\"names\":[\"quay.io/os:latest\"]}]", "docker://quay.io/os:1", FALSE },
    { "[{\"id\":\"x\"},{\"id\":\"y\",\"names\":[7,\"quay.io:443/os:1\"]},7]", "docker://quay.io:443/os:1", TRUE },
    { "[{\"id\":\"y\",\"names\":[\"quay.io:443/os:latest\"]}]", "docker://quay.io:443/os", TRUE },
    { "[]", "docker://quay.io/os", FALSE },
    { "{}", "docker://quay.io/os", FALSE },
  };
  g_autofree char *folder = g_dir_make_tmp ("varve-test-XXXXXX", NULL),
                  *images = g_build_filename (folder, "overlay-images", NULL);
  g_autofree char *path = g_build_filename (images, "images.json", NULL);
  gboolean has = TRUE;
  g_assert_true (varve_unified_storage_has (folder, "docker://x/y", &has, NULL));
  g_assert_false (has);
  g_assert_cmpint (g_mkdir (images, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_true (g_file_set_contents (path, CASES[i].list, -1, NULL));
      g_assert_true (varve_unified_storage_has (folder, CASES[i].image, &has, &error));
      g_assert_cmpint (has, ==, CASES[i].has);
    }
  g_assert_true (g_file_set_contents (path, "[", -1, NULL));
  g_assert_false (varve_unified_storage_has (folder, "docker://x/y", &has, NULL));
  g_unlink (path);
  g_rmdir (images);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host-reference/parse", test_parse);
  g_test_add_func ("/host-reference/bootc-status", test_bootc_status);
  g_test_add_func ("/host-reference/unified-storage", test_unified_storage);
  return g_test_run ();
}

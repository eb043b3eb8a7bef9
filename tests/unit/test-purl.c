/* SPDX-License-Identifier: Apache-2.0 */
/* release/purl, os-release and uuid: against the examples of the specifications. */
#include "release/purl.h"

#include <string.h>

#include "release/uuid.h"

static void
parse_os (const char *text, VarveOsRelease *out_os)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  varve_os_release_parse (bytes, out_os);
}

typedef struct {
  VarvePackageType type;
  const char *os, *name, *version, *architecture, *source_name, *source_version;
  const char *purl, *source_purl;
} Case;

/* The first ones are examples of PURL-TYPES, with the distribution that os-release adds. */
static const Case CASES[] = {
  { VARVE_PACKAGE_DEB, "ID=debian\nVERSION_CODENAME=jessie\n", "curl", "7.50.3-1", "i386", NULL, NULL,
    "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=debian-jessie", NULL },
  { VARVE_PACKAGE_DEB, "ID=debian\n", "attr", "1:2.4.47-2+b1", "amd64", "attr", "1:2.4.47-2",
    "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64&distro=debian&upstream=attr%401:2.4.47-2",
    "pkg:deb/debian/attr@1:2.4.47-2?arch=source&distro=debian" },
  { VARVE_PACKAGE_RPM, "ID=fedora\nVERSION_ID=25\n", "curl", "7.50.3-1.fc25", "i386", "curl", "7.50.3-1.fc25",
    "pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&distro=fedora-25&upstream=curl-7.50.3-1.fc25.src.rpm",
    "pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=src&distro=fedora-25" },
  { VARVE_PACKAGE_RPM, "ID=centos\n", "Lake", "1:2-3", "noarch", NULL, NULL,
    "pkg:rpm/centos/Lake@2-3?arch=noarch&distro=centos&epoch=1", NULL },
  { VARVE_PACKAGE_ALPM, "ID=arch\nBUILD_ID=rolling\n", "containers-common", "1:0.47.4-4", "x86_64", NULL, NULL,
    "pkg:alpm/arch/containers-common@1:0.47.4-4?arch=x86_64&distro=arch-rolling", NULL },
  { VARVE_PACKAGE_APK, "ID=alpine\nVERSION_ID=3.20.1\n", "libcurl", "7.83.0-r0", "x86", "curl", "7.83.0-r0",
    "pkg:apk/alpine/libcurl@7.83.0-r0?arch=x86&distro=alpine-3.20.1&upstream=curl", NULL },
  { VARVE_PACKAGE_DEB, "", "a b/c?d#e", "1~2@3%", "am&d", NULL, NULL,
    "pkg:deb/a%20b%2Fc%3Fd%23e@1~2%403%25?arch=am%26d", NULL },
  { VARVE_PACKAGE_DEB, "", "x", NULL, "amd64", NULL, NULL, NULL, NULL },
};

static void
test_purls (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      const Case *test = &CASES[i];
      g_auto (VarveOsRelease) os;
      parse_os (test->os, &os);
      g_autoptr (VarvePackage) package = varve_package_new (test->type);
      varve_package_set (&package->name, test->name);
      varve_package_set (&package->version, test->version);
      varve_package_set (&package->architecture, test->architecture);
      varve_package_set (&package->source_name, test->source_name);
      varve_package_set (&package->source_version, test->source_version);
      g_autofree char *purl = varve_purl_of_package (package, &os), *source = varve_purl_of_source (package, &os);
      g_assert_cmpstr (purl, ==, test->purl);
      g_assert_cmpstr (source, ==, test->source_purl);
    }
}

static void
test_os_release (void)
{
  g_auto (VarveOsRelease) os;
  parse_os ("# a remark\nPRETTY_NAME=\"Lake 'OS' 12\"\n ID=no\nID='lake'\nNAME=Lake\\ OS\nVERSION_ID=\"12\nnonsense\n",
            &os);
  g_assert_cmpstr (os.id, ==, "lake");
  g_assert_cmpstr (os.pretty_name, ==, "Lake 'OS' 12");
  g_assert_cmpstr (os.name, ==, "Lake OS");
  g_assert_cmpstr (os.version_id, ==, "\"12");
  g_assert_null (os.build_id);
}

/* RFC 9562 has no such example; this value is what Python's uuid.uuid5() gives. */
static void
test_uuid (void)
{
  g_autofree char *uuid = varve_uuid_of_url ("http://www.example.com/");
  g_assert_cmpstr (uuid, ==, "fcde3c85-2270-590f-9e7c-ee003d65e0e2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/purl/purls", test_purls);
  g_test_add_func ("/purl/os-release", test_os_release);
  g_test_add_func ("/purl/uuid", test_uuid);
  return g_test_run ();
}

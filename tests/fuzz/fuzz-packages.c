/* SPDX-License-Identifier: Apache-2.0 */
/* Package databases and what else says who owns what. The first byte chooses the parser. */
#include "tests/fuzz/fuzz.h"

#include "model/pyc-header.h"
#include "packages/apk.h"
#include "packages/dpkg-changelog.h"
#include "packages/dpkg-copyright.h"
#include "packages/dpkg-status.h"
#include "packages/mapping.h"
#include "packages/pacman.h"
#include "packages/path-glob.h"
#include "packages/rpm-source.h"
#include "packages/user-component.h"
#include "release/licence.h"
#include "release/os-release.h"

static void
take_path (const char *path, gpointer data)
{
  *(gsize *)data += strlen (path);
}

static gboolean
take_package (const VarveApkPackage *package, gpointer data, GError **error)
{
  for (guint i = 0; i < package->paths->len; i++)
    take_path (package->paths->pdata[i], data);
  return TRUE;
}

static void
read_mapping (GBytes *bytes)
{
  g_autoptr (GPtrArray) rules = varve_mapping_parse (bytes, NULL);
  for (guint i = 0; rules != NULL && i < rules->len; i++)
    {
      const VarveMappingRule *rule = rules->pdata[i];
      (void)varve_path_glob_match (rule->glob, "usr/lib/x86_64-linux-gnu/libaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.so.6");
      g_assert (varve_path_glob_literal_folder (rule->glob) <= strlen (rule->glob));
    }
}

static void
read_texts (GBytes *bytes)
{
  g_autofree char *text
      = g_strndup (g_bytes_get_size (bytes) > 0 ? g_bytes_get_data (bytes, NULL) : "", g_bytes_get_size (bytes));
  gint64 time;
  g_free (varve_rpm_source_name (text));
  g_free (varve_rpm_source_version (text));
  (void)varve_dpkg_parse_date (text, &time);
}

/* Whatever the licences are called, they join to a valid expression. */
static void
read_copyright (GBytes *bytes)
{
  g_auto (VarveLicenceRefs) refs;
  varve_licence_refs_init (&refs);
  g_autoptr (GPtrArray) licences = varve_dpkg_parse_copyright (bytes);
  g_autofree char *joined = varve_licences_join (licences, &refs), *again = varve_licence_parse (joined);
  g_assert (licences->len == 0 || g_strcmp0 (joined, again) == 0);
}

static void
read_os_release (GBytes *bytes)
{
  g_auto (VarveOsRelease) os;
  varve_os_release_parse (bytes, &os);
  g_free (varve_os_release_distro (&os));
}

static void
read_bytecode (GBytes *bytes)
{
  gsize size_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &size_bytes);
  g_autofree char *path = g_strndup (size_bytes > 0 ? (const char *)data : "", size_bytes);
  gboolean is_beside;
  VarvePycHeader header = varve_pyc_header_parse (data, size_bytes);
  g_assert (header.kind != VARVE_PYC_TIMED || size_bytes >= 8);
  g_autofree char *source = varve_pyc_source (path, &is_beside);
  g_assert (source == NULL || strlen (source) < strlen (path));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data + (size > 0), size - (size > 0));
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GArray) times = NULL;
  g_auto (VarvePacmanPackage) package = { 0 };
  g_autofree char *name = NULL;
  gsize total = 0;
  gboolean done = TRUE;
  switch (size > 0 ? data[0] : '0')
    {
    case '0':
      list = varve_dpkg_parse_status (bytes, NULL);
      break;
    case '1':
      (void)varve_dpkg_parse_list (bytes, take_path, &total);
      break;
    case '2':
      (void)varve_dpkg_parse_md5sums (bytes, take_path, &total);
      break;
    case '3':
      list = varve_dpkg_parse_diversions (bytes, NULL);
      break;
    case '4':
      times = varve_dpkg_parse_changelog (bytes, NULL);
      break;
    case '5':
      done = varve_pacman_parse_desc (bytes, &package, NULL);
      break;
    case '6':
      (void)varve_pacman_parse_files (bytes, take_path, &total);
      break;
    case '7':
      done = varve_apk_parse_installed (bytes, take_package, &total, NULL);
      break;
    case '8':
      read_mapping (bytes);
      break;
    case '9':
      done = varve_user_component_parse (bytes, &name, NULL);
      break;
    case 'c':
      read_copyright (bytes);
      break;
    case 'o':
      read_os_release (bytes);
      break;
    case 'p':
      read_bytecode (bytes);
      break;
    default:
      read_texts (bytes);
      break;
    }
  return done ? 0 : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "release/purl.h"

#include <string.h>

/* Percent-encodes all but what the specification leaves: a colon stays, too. */
static void
append_encoded (GString *purl, const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (g_ascii_isalnum (*p) || strchr (".-_~:", *p) != NULL)
      g_string_append_c (purl, *p);
    else
      g_string_append_printf (purl, "%%%02X", (guchar)*p);
}

static void
append_lower (GString *purl, const char *text)
{
  g_autofree char *lower = g_ascii_strdown (text, -1);
  append_encoded (purl, lower);
}

/* An rpm has its epoch in a qualifier. */
static const char *
skip_epoch (const VarvePackage *package, const char *version, gsize *out_epoch_length)
{
  gsize digits = package->type == VARVE_PACKAGE_RPM ? strspn (version, "0123456789") : 0;
  *out_epoch_length = digits > 0 && version[digits] == ':' ? digits : 0;
  return *out_epoch_length > 0 ? version + digits + 1 : version;
}

static GString *
begin (const VarvePackage *package, const VarveOsRelease *os, const char *name, const char *version)
{
  static const char *const TYPES[] = {
    [VARVE_PACKAGE_RPM] = "rpm",
    [VARVE_PACKAGE_DEB] = "deb",
    [VARVE_PACKAGE_ALPM] = "alpm",
    [VARVE_PACKAGE_APK] = "apk",
  };
  GString *purl = g_string_new ("pkg:");
  g_string_append_printf (purl, "%s/", TYPES[package->type]);
  if (os->id != NULL)
    {
      append_lower (purl, os->id);
      g_string_append_c (purl, '/');
    }
  if (package->type == VARVE_PACKAGE_RPM)
    append_encoded (purl, name);
  else
    append_lower (purl, name);
  g_string_append_c (purl, '@');
  append_encoded (purl, version);
  return purl;
}

static void
append_qualifier (GString *purl, const char *key, const char *value)
{
  if (value == NULL)
    return;
  g_string_append_printf (purl, "%c%s=", strchr (purl->str, '?') == NULL ? '?' : '&', key);
  append_encoded (purl, value);
}

/* As scanners expect it: the file's name of a source rpm; else the name, with its version where that differs. */
static char *
upstream_of (const VarvePackage *package)
{
  if (package->source_name == NULL)
    return NULL;
  if (package->type == VARVE_PACKAGE_RPM)
    return package->source_version != NULL
               ? g_strdup_printf ("%s-%s.src.rpm", package->source_name, package->source_version)
               : NULL;
  if (package->source_version != NULL && g_strcmp0 (package->source_version, package->version) != 0)
    return g_strdup_printf ("%s@%s", package->source_name, package->source_version);
  return strcmp (package->source_name, package->name) != 0 ? g_strdup (package->source_name) : NULL;
}

char *
varve_purl_of_package (const VarvePackage *package, const VarveOsRelease *os)
{
  if (package->name == NULL || package->version == NULL)
    return NULL;
  gsize epoch_length;
  const char *version = skip_epoch (package, package->version, &epoch_length);
  g_autofree char *epoch = epoch_length > 0 ? g_strndup (package->version, epoch_length) : NULL;
  g_autofree char *distro = varve_os_release_distro (os), *upstream = upstream_of (package);
  GString *purl = begin (package, os, package->name, version);
  append_qualifier (purl, "arch", package->architecture);
  append_qualifier (purl, "distro", distro);
  append_qualifier (purl, "epoch", epoch);
  append_qualifier (purl, "upstream", upstream);
  return g_string_free (purl, FALSE);
}

char *
varve_purl_of_source (const VarvePackage *package, const VarveOsRelease *os)
{
  gboolean has_type = package->type == VARVE_PACKAGE_DEB || package->type == VARVE_PACKAGE_RPM;
  if (!has_type || package->source_name == NULL || package->source_version == NULL)
    return NULL;
  gsize epoch_length;
  const char *version = skip_epoch (package, package->source_version, &epoch_length);
  g_autofree char *distro = varve_os_release_distro (os);
  GString *purl = begin (package, os, package->source_name, version);
  append_qualifier (purl, "arch", package->type == VARVE_PACKAGE_DEB ? "source" : "src");
  append_qualifier (purl, "distro", distro);
  return g_string_free (purl, FALSE);
}

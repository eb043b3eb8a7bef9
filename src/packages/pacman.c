/* SPDX-License-Identifier: Apache-2.0 */
/* The database has a directory for each package, with its description in one file and its paths in another. */
#include "packages/pacman.h"

#include <string.h>

#include "base/error.h"
#include "packages/database.h"
#include "packages/text-lines.h"

#define DESC_MAX_BYTES (16u << 20)
#define FILES_MAX_BYTES (64u << 20)

static const char *const PLACES[] = {
  "usr/lib/sysimage/lib/pacman",
  "usr/lib/sysimage/pacman",
  "usr/lib/sysimage/var/lib/pacman",
  "usr/lib/pacman",
  "usr/share/pacman",
  "var/lib/pacman",
  NULL,
};
static const char *const MARKERS[] = { "local", NULL };

void
varve_pacman_package_clear (VarvePacmanPackage *package)
{
  g_clear_pointer (&package->name, g_free);
  g_clear_pointer (&package->base, g_free);
  g_clear_pointer (&package->version, g_free);
  g_clear_pointer (&package->architecture, g_free);
  g_clear_pointer (&package->packager, g_free);
  g_clear_pointer (&package->url, g_free);
  g_clear_pointer (&package->summary, g_free);
  g_clear_pointer (&package->licences, g_ptr_array_unref);
}

static void
take_licence (VarvePacmanPackage *package, const char *value)
{
  if (package->licences == NULL)
    package->licences = g_ptr_array_new_with_free_func (g_free);
  if (package->licences->len < VARVE_PACKAGE_LICENCES_MAX)
    g_ptr_array_add (package->licences, g_strdup (value));
}

/* The first value of a field counts. */
static void
take_value (VarvePacmanPackage *package, const char *field, const char *value)
{
  const struct {
    const char *name;
    char **value;
  } FIELDS[] = {
    { "%NAME%", &package->name },         { "%BASE%", &package->base },         { "%VERSION%", &package->version },
    { "%ARCH%", &package->architecture }, { "%PACKAGER%", &package->packager }, { "%URL%", &package->url },
    { "%DESC%", &package->summary },
  };
  for (guint i = 0; i < G_N_ELEMENTS (FIELDS); i++)
    if (strcmp (field, FIELDS[i].name) == 0 && *FIELDS[i].value == NULL)
      *FIELDS[i].value = g_strdup (value);
  if (strcmp (field, "%LICENSE%") == 0)
    take_licence (package, value);
  else if (strcmp (field, "%BUILDDATE%") == 0)
    package->build_time = MAX (0, g_ascii_strtoll (value, NULL, 10));
}

gboolean
varve_pacman_parse_desc (GBytes *bytes, VarvePacmanPackage *out_package, GError **error)
{
  g_auto (VarvePacmanPackage) package = { 0 };
  g_autoptr (VarveTextLines) lines = varve_text_lines_new (bytes);
  g_autofree char *field = g_strdup ("");
  while (varve_text_lines_next (lines))
    {
      gboolean is_field = field[0] == '\0' && lines->text[0] == '%';
      if (is_field || lines->length_bytes == 0)
        {
          g_free (field);
          field = g_strdup (lines->text);
        }
      else if (varve_text_lines_is_string (lines))
        take_value (&package, field, lines->text);
    }
  if (package.name == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "no '%NAME%' field");
      return FALSE;
    }
  *out_package = package;
  package = (VarvePacmanPackage){ 0 };
  return TRUE;
}

guint
varve_pacman_parse_files (GBytes *bytes, void (*func) (const char *path, gpointer data), gpointer data)
{
  g_autoptr (VarveTextLines) lines = varve_text_lines_new (bytes);
  gboolean is_inside = FALSE, is_between = TRUE;
  guint n_wrong = 0;
  while (varve_text_lines_next (lines))
    {
      if (lines->length_bytes == 0 || is_between)
        {
          is_between = lines->length_bytes == 0;
          is_inside = strcmp (lines->text, "%FILES%") == 0;
        }
      else if (is_inside && !varve_text_lines_is_path (lines))
        n_wrong++;
      else if (is_inside && lines->text[lines->length_bytes - 1] != '/')
        func (lines->text, data);
    }
  return n_wrong;
}

typedef struct {
  VarvePackageTree *tree;
  VarveClaims *claims;
  guint32 component;
} Reading;

static void
claim_path (const char *path, gpointer data)
{
  Reading *reading = data;
  guint32 file = varve_package_tree_find_listed (reading->tree, path);
  if (file != VARVE_NO_INDEX)
    varve_claims_own (reading->claims, reading->component, file);
}

static gboolean
claim_files (Reading *reading, guint32 files, GError **error)
{
  g_autoptr (GBytes) bytes = varve_package_tree_read (reading->tree, files, FILES_MAX_BYTES, error);
  if (bytes == NULL)
    return FALSE;
  guint n_wrong = varve_pacman_parse_files (bytes, claim_path, reading);
  g_autofree char *path = varve_escape (reading->tree->inventory->files[files].path);
  if (n_wrong > 0)
    varve_package_tree_warn (reading->tree, "'%s': %u lines are not paths and are skipped", path, n_wrong);
  return TRUE;
}

static void
record_package (VarveClaims *claims, const VarvePacmanPackage *package)
{
  if (!varve_claims_records_packages (claims))
    return;
  VarvePackage *record = varve_package_new (VARVE_PACKAGE_ALPM);
  varve_package_set (&record->name, package->name);
  varve_package_set (&record->version, package->version);
  varve_package_set (&record->architecture, package->architecture);
  varve_package_set (&record->source_name, package->base);
  varve_package_set (&record->source_version, package->base != NULL ? package->version : NULL);
  varve_package_set (&record->maintainer, package->packager);
  varve_package_set (&record->homepage, package->url);
  varve_package_set (&record->summary, package->summary);
  for (guint i = 0; package->licences != NULL && i < package->licences->len; i++)
    varve_package_add_licence (record, package->licences->pdata[i]);
  varve_claims_begin_package (claims, record);
}

static gboolean
read_package (Reading *reading, guint32 directory, guint32 desc, GError **error)
{
  g_autoptr (GBytes) bytes = varve_package_tree_read (reading->tree, desc, DESC_MAX_BYTES, error);
  if (bytes == NULL)
    return FALSE;
  g_auto (VarvePacmanPackage) package = { 0 };
  g_autofree char *path = varve_escape (reading->tree->inventory->files[desc].path);
  if (!varve_pacman_parse_desc (bytes, &package, error))
    {
      g_prefix_error (error, "'%s': ", path);
      return FALSE;
    }
  record_package (reading->claims, &package);
  reading->component = varve_package_component (reading->tree, reading->claims, desc,
                                                package.base != NULL ? package.base : package.name);
  if (reading->component == VARVE_NO_INDEX)
    return TRUE;
  varve_claims_add_build (reading->claims, reading->component, package.build_time);
  guint32 files = varve_package_tree_find_file_in (reading->tree, directory, "files");
  if (files != VARVE_NO_INDEX)
    return claim_files (reading, files, error);
  varve_package_tree_warn (reading->tree, "'%s': its list of files is missing: expected 'files' beside it", path);
  return TRUE;
}

static gboolean
read_pacman (VarvePackageTree *tree, guint32 directory, VarveClaims *claims, GError **error)
{
  Reading reading = { .tree = tree, .claims = claims };
  const VarveInventory *inventory = tree->inventory;
  guint32 local = varve_package_tree_find_directory_in (tree, directory, "local");
  guint32 end = local != VARVE_NO_INDEX ? inventory->directories[local].end_directory : 0;
  for (guint32 i = local + 1; i < end; i = inventory->directories[i].end_directory)
    {
      guint32 desc = varve_package_tree_find_file_in (tree, i, "desc");
      g_autofree char *path = varve_escape (inventory->directories[i].path);
      if (desc == VARVE_NO_INDEX)
        varve_package_tree_warn (tree, "'%s': skipped: expected a file 'desc' in it", path);
      else if (!read_package (&reading, i, desc, error))
        return FALSE;
    }
  return TRUE;
}

const VarvePackageDatabase varve_pacman_database
    = { .kind = VARVE_PACKAGES_PACMAN, .name = "pacman", .places = PLACES, .markers = MARKERS, .read = read_pacman };

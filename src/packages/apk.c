/* SPDX-License-Identifier: Apache-2.0 */
/* The database is one text file. A record is read whole before it is reported, because its origin may be on any line.
 */
#include "packages/apk.h"

#include <string.h>

#include "base/error.h"
#include "packages/database.h"
#include "packages/text-lines.h"

#define INSTALLED_MAX_BYTES (256u << 20)
#define PATHS_OF_PACKAGE_MAX_BYTES (64u << 20)

static const char *const PLACES[]
    = { "usr/lib/apk/db", "lib/apk/db", "usr/lib/sysimage/apk/db", "var/lib/apk/db", NULL };
static const char *const MARKERS[] = { "installed", NULL };

typedef struct {
  char *name, *origin, *folder;
  char *version, *architecture, *licence, *maintainer, *homepage, *summary;
  gint64 build_time;
  GPtrArray *paths;
  gsize paths_bytes;
  gboolean has_lines;
} Record;

static void
record_clear (Record *record)
{
  g_clear_pointer (&record->name, g_free);
  g_clear_pointer (&record->origin, g_free);
  g_clear_pointer (&record->folder, g_free);
  g_clear_pointer (&record->version, g_free);
  g_clear_pointer (&record->architecture, g_free);
  g_clear_pointer (&record->licence, g_free);
  g_clear_pointer (&record->maintainer, g_free);
  g_clear_pointer (&record->homepage, g_free);
  g_clear_pointer (&record->summary, g_free);
  g_clear_pointer (&record->paths, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Record, record_clear)

static void
record_init (Record *record)
{
  *record = (Record){ .folder = g_strdup (""), .paths = g_ptr_array_new_with_free_func (g_free) };
}

static void
record_set (char **text, const char *value)
{
  g_free (*text);
  *text = g_strdup (value);
}

/* A folder is listed once but is part of the path of each of its files, so short lines can take much memory. */
static gboolean
record_add_path (Record *record, const char *name, guint line, GError **error)
{
  gsize path_bytes = strlen (record->folder) + 1 + strlen (name);
  if (path_bytes > VARVE_LISTED_PATH_MAX_BYTES)
    return TRUE; /* too long to be in a tree */
  record->paths_bytes += path_bytes;
  if (record->paths_bytes > PATHS_OF_PACKAGE_MAX_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "line %u: the paths of one package are more than %u bytes",
                   line, PATHS_OF_PACKAGE_MAX_BYTES);
      return FALSE;
    }
  g_ptr_array_add (record->paths, g_strconcat (record->folder, "/", name, NULL));
  return TRUE;
}

/* The field that a line of this letter sets; NULL for other lines. */
static char **
record_field (Record *record, char letter)
{
  switch (letter)
    {
    case 'P':
      return &record->name;
    case 'o':
      return &record->origin;
    case 'F':
      return &record->folder;
    case 'V':
      return &record->version;
    case 'A':
      return &record->architecture;
    case 'L':
      return &record->licence;
    case 'm':
      return &record->maintainer;
    case 'U':
      return &record->homepage;
    case 'T':
      return &record->summary;
    default:
      return NULL;
    }
}

static gboolean
record_read_line (Record *record, const VarveTextLines *lines, GError **error)
{
  const char *line = lines->text;
  if (lines->length_bytes < 2 || line[1] != ':' || !varve_text_lines_is_string (lines))
    {
      g_autofree char *text = varve_escape (line);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "line %u: '%s' is not of the form 'X:value'", lines->number,
                   text);
      return FALSE;
    }
  const char *value = line + 2;
  record->has_lines = TRUE;
  char **field = record_field (record, line[0]);
  if (field != NULL)
    record_set (field, value);
  else if (line[0] == 't')
    record->build_time = MAX (0, g_ascii_strtoll (value, NULL, 10));
  return line[0] != 'R' || record_add_path (record, value, lines->number, error);
}

static gboolean
record_end (Record *record, guint line, VarveApkPackageFunc func, gpointer data, GError **error)
{
  g_auto (Record) ended = *record;
  record_init (record);
  if (!ended.has_lines)
    return TRUE;
  if (ended.name == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                   "line %u: the record that ends here has no name (expected a 'P:' line)", line);
      return FALSE;
    }
  VarveApkPackage package = {
    .name = ended.name,
    .origin = ended.origin,
    .version = ended.version,
    .architecture = ended.architecture,
    .licence = ended.licence,
    .maintainer = ended.maintainer,
    .homepage = ended.homepage,
    .summary = ended.summary,
    .build_time = ended.build_time,
    .paths = ended.paths,
  };
  return func (&package, data, error);
}

gboolean
varve_apk_parse_installed (GBytes *bytes, VarveApkPackageFunc func, gpointer data, GError **error)
{
  g_autoptr (VarveTextLines) lines = varve_text_lines_new (bytes);
  g_auto (Record) record = { 0 };
  record_init (&record);
  while (varve_text_lines_next (lines))
    {
      gboolean is_good = lines->length_bytes == 0 ? record_end (&record, lines->number, func, data, error)
                                                  : record_read_line (&record, lines, error);
      if (!is_good)
        return FALSE;
    }
  return record_end (&record, lines->number, func, data, error);
}

typedef struct {
  VarvePackageTree *tree;
  VarveClaims *claims;
  guint32 installed;
} Reading;

static void
record_package (VarveClaims *claims, const VarveApkPackage *package)
{
  if (!varve_claims_records_packages (claims))
    return;
  VarvePackage *record = varve_package_new (VARVE_PACKAGE_APK);
  varve_package_set (&record->name, package->name);
  varve_package_set (&record->version, package->version);
  varve_package_set (&record->architecture, package->architecture);
  varve_package_set (&record->source_name, package->origin);
  varve_package_set (&record->source_version, package->origin != NULL ? package->version : NULL);
  varve_package_set (&record->maintainer, package->maintainer);
  varve_package_set (&record->homepage, package->homepage);
  varve_package_set (&record->summary, package->summary);
  if (package->licence != NULL)
    varve_package_add_licence (record, package->licence);
  varve_claims_begin_package (claims, record);
}

static gboolean
claim_package (const VarveApkPackage *package, gpointer data, GError **error)
{
  Reading *reading = data;
  record_package (reading->claims, package);
  gboolean has_origin = package->origin != NULL && package->origin[0] != '\0';
  guint32 component = varve_package_component (reading->tree, reading->claims, reading->installed,
                                               has_origin ? package->origin : package->name);
  if (component == VARVE_NO_INDEX)
    return TRUE;
  varve_claims_add_build (reading->claims, component, package->build_time);
  for (guint i = 0; i < package->paths->len; i++)
    {
      guint32 file = varve_package_tree_find_listed (reading->tree, g_ptr_array_index (package->paths, i));
      if (file != VARVE_NO_INDEX)
        varve_claims_own (reading->claims, component, file);
    }
  return TRUE;
}

static gboolean
read_apk (VarvePackageTree *tree, guint32 directory, VarveClaims *claims, GError **error)
{
  guint32 installed = varve_package_tree_find_file_in (tree, directory, "installed");
  if (installed == VARVE_NO_INDEX)
    return TRUE;
  g_autoptr (GBytes) bytes = varve_package_tree_read (tree, installed, INSTALLED_MAX_BYTES, error);
  if (bytes == NULL)
    return FALSE;
  Reading reading = { .tree = tree, .claims = claims, .installed = installed };
  g_autofree char *path = varve_escape (tree->inventory->files[installed].path);
  if (varve_apk_parse_installed (bytes, claim_package, &reading, error))
    return TRUE;
  g_prefix_error (error, "'%s': ", path);
  return FALSE;
}

const VarvePackageDatabase varve_apk_database
    = { .kind = VARVE_PACKAGES_APK, .name = "apk", .places = PLACES, .markers = MARKERS, .read = read_apk };

/* SPDX-License-Identifier: Apache-2.0 */
/* A few fields are read; other fields and all continuation lines are skipped unparsed. */
#include "packages/dpkg-status.h"

#include <string.h>

#include "base/error.h"
#include "packages/text-lines.h"

enum { PACKAGES_MAX = 100000, MD5_HEX_DIGITS = 32 };

static void
package_free (gpointer data)
{
  VarveDpkgPackage *package = data;
  g_free (package->name);
  g_free (package->architecture);
  g_free (package->source);
  g_free (package->version);
  g_free (package->source_version);
  g_free (package->maintainer);
  g_free (package->homepage);
  g_free (package->summary);
  g_free (package);
}

static void
diversion_free (gpointer data)
{
  VarveDpkgDiversion *diversion = data;
  g_free (diversion->from);
  g_free (diversion->to);
  g_free (diversion->package);
  g_free (diversion);
}

static gboolean
line_fail (const VarveTextLines *lines, const char *expected, GError **error)
{
  g_autofree char *text = varve_escape (lines->text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "line %u: '%s' is not %s", lines->number, text, expected);
  return FALSE;
}

typedef struct {
  char *name, *architecture, *source, *status, *version, *maintainer, *homepage, *description;
} Paragraph;

static void
paragraph_clear (Paragraph *paragraph)
{
  g_free (paragraph->name);
  g_free (paragraph->architecture);
  g_free (paragraph->source);
  g_free (paragraph->status);
  g_free (paragraph->version);
  g_free (paragraph->maintainer);
  g_free (paragraph->homepage);
  g_free (paragraph->description);
  *paragraph = (Paragraph){ 0 };
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Paragraph, paragraph_clear)

static char **
paragraph_field (Paragraph *paragraph, const char *line, gsize name_length)
{
  const struct {
    const char *name;
    char **value;
  } FIELDS[] = {
    { "Package", &paragraph->name },      { "Architecture", &paragraph->architecture },
    { "Source", &paragraph->source },     { "Status", &paragraph->status },
    { "Version", &paragraph->version },   { "Maintainer", &paragraph->maintainer },
    { "Homepage", &paragraph->homepage }, { "Description", &paragraph->description },
  };
  for (guint i = 0; i < G_N_ELEMENTS (FIELDS); i++)
    if (strlen (FIELDS[i].name) == name_length && g_ascii_strncasecmp (FIELDS[i].name, line, name_length) == 0)
      return FIELDS[i].value;
  return NULL;
}

static gboolean
paragraph_read_field (Paragraph *paragraph, const VarveTextLines *lines, GError **error)
{
  const char *colon = strchr (lines->text, ':');
  if (colon == NULL || colon == lines->text || !varve_text_lines_is_string (lines))
    return line_fail (lines, "a field, 'Name: value'", error);
  char **field = paragraph_field (paragraph, lines->text, (gsize)(colon - lines->text));
  if (field == NULL)
    return TRUE;
  g_free (*field);
  *field = g_strstrip (g_strdup (colon + 1));
  return TRUE;
}

/* The state is the last word of "install ok installed". */
static gboolean
has_files (const char *status)
{
  if (status == NULL)
    return TRUE;
  const char *space = strrchr (status, ' ');
  const char *state = space != NULL ? space + 1 : status;
  return strcmp (state, "not-installed") != 0 && strcmp (state, "config-files") != 0;
}

/* Of "glibc (2.36-9)"; NULL without one. */
static char *
parse_source_version (const char *source)
{
  const char *open = source != NULL ? strchr (source, '(') : NULL;
  gsize length = open != NULL ? strcspn (open + 1, ")") : 0;
  return length > 0 ? g_strstrip (g_strndup (open + 1, length)) : NULL;
}

static gboolean
paragraph_end (GPtrArray *packages, Paragraph *paragraph, GError **error)
{
  g_auto (Paragraph) ended = *paragraph;
  *paragraph = (Paragraph){ 0 };
  if (ended.name == NULL || ended.name[0] == '\0' || !has_files (ended.status))
    return TRUE;
  if (packages->len >= PACKAGES_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than %d packages", PACKAGES_MAX);
      return FALSE;
    }
  VarveDpkgPackage *package = g_new0 (VarveDpkgPackage, 1);
  package->name = g_steal_pointer (&ended.name);
  package->architecture = ended.architecture != NULL ? g_steal_pointer (&ended.architecture) : g_strdup ("");
  gsize source_length = ended.source != NULL ? strcspn (ended.source, " (\t") : 0; /* "glibc (2.36-9)" */
  package->source = source_length > 0 ? g_strndup (ended.source, source_length) : g_strdup (package->name);
  package->source_version = parse_source_version (ended.source);
  package->version = g_steal_pointer (&ended.version);
  package->maintainer = g_steal_pointer (&ended.maintainer);
  package->homepage = g_steal_pointer (&ended.homepage);
  package->summary = g_steal_pointer (&ended.description);
  g_ptr_array_add (packages, package);
  return TRUE;
}

GPtrArray *
varve_dpkg_parse_status (GBytes *bytes, GError **error)
{
  g_autoptr (GPtrArray) packages = g_ptr_array_new_with_free_func (package_free);
  g_autoptr (VarveTextLines) lines = varve_text_lines_new (bytes);
  g_auto (Paragraph) paragraph = { 0 };
  while (varve_text_lines_next (lines))
    {
      gboolean is_blank = lines->text[strspn (lines->text, " \t\r")] == '\0' && varve_text_lines_is_string (lines);
      if (is_blank && !paragraph_end (packages, &paragraph, error))
        return NULL;
      if (is_blank || lines->text[0] == ' ' || lines->text[0] == '\t' || lines->text[0] == '#')
        continue;
      if (!paragraph_read_field (&paragraph, lines, error))
        return NULL;
    }
  return paragraph_end (packages, &paragraph, error) ? g_steal_pointer (&packages) : NULL;
}

guint
varve_dpkg_parse_list (GBytes *bytes, VarveDpkgPathFunc func, gpointer data)
{
  g_autoptr (VarveTextLines) lines = varve_text_lines_new (bytes);
  guint n_wrong = 0;
  while (varve_text_lines_next (lines))
    if (varve_text_lines_is_path (lines) && lines->text[0] == '/')
      func (lines->text, data);
    else
      n_wrong++;
  return n_wrong;
}

guint
varve_dpkg_parse_md5sums (GBytes *bytes, VarveDpkgPathFunc func, gpointer data)
{
  g_autoptr (VarveTextLines) lines = varve_text_lines_new (bytes);
  guint n_wrong = 0;
  while (varve_text_lines_next (lines))
    {
      gsize n_digits = strspn (lines->text, "0123456789abcdef");
      gsize n_spaces = strspn (lines->text + n_digits, " *");
      if (varve_text_lines_is_path (lines) && n_digits == MD5_HEX_DIGITS && n_spaces > 0
          && lines->length_bytes > n_digits + n_spaces)
        func (lines->text + n_digits + n_spaces, data);
      else
        n_wrong++;
    }
  return n_wrong;
}

/* The next line of a record. */
static char *
read_record_line (VarveTextLines *lines, GError **error)
{
  if (!varve_text_lines_next (lines))
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "line %u: the last record is cut off", lines->number + 1);
      return NULL;
    }
  if (!varve_text_lines_is_path (lines))
    {
      line_fail (lines, "a line of a record: path, path, package", error);
      return NULL;
    }
  return g_strdup (lines->text);
}

GPtrArray *
varve_dpkg_parse_diversions (GBytes *bytes, GError **error)
{
  g_autoptr (GPtrArray) diversions = g_ptr_array_new_with_free_func (diversion_free);
  g_autoptr (VarveTextLines) lines = varve_text_lines_new (bytes);
  while (varve_text_lines_next (lines))
    {
      if (!varve_text_lines_is_path (lines))
        {
          line_fail (lines, "a line of a record: path, path, package", error);
          return NULL;
        }
      VarveDpkgDiversion *diversion = g_new0 (VarveDpkgDiversion, 1);
      g_ptr_array_add (diversions, diversion);
      diversion->from = g_strdup (lines->text);
      diversion->to = read_record_line (lines, error);
      if (diversion->to == NULL)
        return NULL;
      diversion->package = read_record_line (lines, error);
      if (diversion->package == NULL)
        return NULL;
    }
  return g_steal_pointer (&diversions);
}

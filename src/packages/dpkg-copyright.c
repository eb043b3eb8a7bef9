/* SPDX-License-Identifier: Apache-2.0 */
/* Only the first line of a field counts: the text of a licence follows in continuation lines. A paragraph with a
 * licence but without files only gives its text. */
#include "packages/dpkg-copyright.h"

#include <string.h>

#include "packages/text-lines.h"

enum { LICENCES_MAX = 256, EXPRESSION_MAX_BYTES = 4096 };

static const char FORMAT[] = "copyright-format/1";

/* The short names of section 7.1.1 that SPDX spells otherwise. */
static const struct {
  const char *name, *spdx;
} NAMES[] = {
  { "Artistic", "Artistic-1.0" },
  { "BSD-2-clause", "BSD-2-Clause" },
  { "BSD-3-clause", "BSD-3-Clause" },
  { "BSD-4-clause", "BSD-4-Clause" },
  { "CC0", "CC0-1.0" },
  { "Expat", "MIT" },
  { "Perl", "Artistic-1.0-Perl OR GPL-1.0-or-later" },
};

/* "GPL-2+" is GPL-2.0-or-later, "LGPL-2.1" is LGPL-2.1-only; NULL for other names. */
static char *
gnu_to_spdx (const char *name)
{
  static const char *const FAMILIES[] = { "GPL-", "LGPL-", "AGPL-", "GFDL-" };
  gboolean is_gnu = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (FAMILIES); i++)
    is_gnu = is_gnu || g_str_has_prefix (name, FAMILIES[i]);
  const char *version = is_gnu ? strchr (name, '-') + 1 : "";
  gsize digits = strspn (version, "0123456789.");
  gboolean is_later = strcmp (version + digits, "+") == 0;
  if (digits == 0 || (version[digits] != '\0' && !is_later))
    return NULL;
  const char *minor = memchr (version, '.', digits) == NULL ? ".0" : "";
  return g_strdup_printf ("%.*s%s%s", (int)(version - name + (gssize)digits), name, minor,
                          is_later ? "-or-later" : "-only");
}

static char *
name_to_spdx (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    if (strcmp (name, NAMES[i].name) == 0)
      return g_strdup (NAMES[i].spdx);
  char *gnu = gnu_to_spdx (name);
  return gnu != NULL ? gnu : g_strdup (name);
}

static gboolean
is_operator (const char *word)
{
  return g_ascii_strcasecmp (word, "and") == 0 || g_ascii_strcasecmp (word, "or") == 0;
}

static gboolean
has_exception (char *const *words)
{
  for (; *words != NULL; words++)
    if (g_ascii_strcasecmp (*words, "with") == 0)
      return TRUE;
  return FALSE;
}

/* "A or B, and C": a comma binds less than the words do, so the parts between commas get parentheses. Without a word
 * after a comma its meaning is unknown, and the text stays as it is. So does a name with an exception, because SPDX has
 * identifiers for few of these. */
static char *
expression_to_spdx (const char *text)
{
  g_autoptr (GString) spdx = g_string_new (NULL);
  g_auto (GStrv) words = g_strsplit_set (text, " \t", -1);
  if (has_exception (words))
    return g_strdup (text);
  gboolean has_comma = strchr (text, ',') != NULL;
  if (has_comma)
    g_string_append_c (spdx, '(');
  for (char **word = words; *word != NULL; word++)
    {
      gsize length = strlen (*word);
      gboolean ends_part = length > 0 && (*word)[length - 1] == ',';
      if (ends_part)
        (*word)[length - 1] = '\0';
      gboolean begins_part = spdx->len == 0 || spdx->str[spdx->len - 1] == '(';
      if (ends_part && (*word)[0] == '\0' && begins_part)
        return g_strdup (text);
      if ((*word)[0] != '\0')
        {
          g_autofree char *name = is_operator (*word) ? g_ascii_strup (*word, -1) : name_to_spdx (*word);
          gboolean is_compound = !is_operator (*word) && strchr (name, ' ') != NULL && words[1] != NULL;
          g_string_append_printf (spdx, "%s%s%s%s", begins_part ? "" : " ", is_compound ? "(" : "", name,
                                  is_compound ? ")" : "");
        }
      if (!ends_part)
        continue;
      while (word[1] != NULL && word[1][0] == '\0')
        word++;
      if (word[1] == NULL || !is_operator (word[1]))
        return g_strdup (text);
      g_autofree char *operator= g_ascii_strup (word[1], -1);
      g_string_append_printf (spdx, ") %s (", operator);
      word++;
    }
  if (has_comma && g_str_has_suffix (spdx->str, "("))
    return g_strdup (text);
  if (has_comma)
    g_string_append_c (spdx, ')');
  return g_string_free (g_steal_pointer (&spdx), FALSE);
}

typedef struct {
  GPtrArray *licences;
  char *licence; /* of the open paragraph */
  gboolean is_header, has_files, has_fields;
} Scan;

static void
scan_end_paragraph (Scan *scan)
{
  if (scan->licence != NULL && (scan->has_files || scan->is_header) && scan->licences->len < LICENCES_MAX)
    {
      g_autofree char *spdx = expression_to_spdx (scan->licence);
      if (spdx[0] != '\0' && !g_ptr_array_find_with_equal_func (scan->licences, spdx, g_str_equal, NULL))
        g_ptr_array_add (scan->licences, g_steal_pointer (&spdx));
    }
  g_clear_pointer (&scan->licence, g_free);
  scan->is_header = scan->is_header && !scan->has_fields;
  scan->has_files = scan->has_fields = FALSE;
}

static gboolean
is_field (const char *line, const char *name)
{
  gsize length = strlen (name);
  return g_ascii_strncasecmp (line, name, length) == 0 && line[length] == ':';
}

static void
scan_line (Scan *scan, const char *line)
{
  scan->has_fields = TRUE;
  if (is_field (line, "Files"))
    scan->has_files = TRUE;
  else if (is_field (line, "License") && scan->licence == NULL)
    scan->licence = g_strstrip (g_strndup (line + strlen ("License:"), EXPRESSION_MAX_BYTES));
}

GPtrArray *
varve_dpkg_parse_copyright (GBytes *bytes)
{
  GPtrArray *licences = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (VarveTextLines) lines = varve_text_lines_new (bytes);
  Scan scan = { .licences = licences, .is_header = TRUE };
  gboolean is_first = TRUE;
  while (varve_text_lines_next (lines))
    {
      gboolean is_blank = lines->text[strspn (lines->text, " \t\r")] == '\0';
      if (is_first && !is_blank && (!is_field (lines->text, "Format") || strstr (lines->text, FORMAT) == NULL))
        break;
      is_first = is_first && is_blank;
      if (is_blank)
        scan_end_paragraph (&scan);
      else if (lines->text[0] != ' ' && lines->text[0] != '\t' && lines->text[0] != '#')
        scan_line (&scan, lines->text);
    }
  scan_end_paragraph (&scan);
  return licences;
}

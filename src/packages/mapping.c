/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule is tried on every file, also on files that a later rule gets, so that a rule without any match is
 * reported. Most attempts fail at the first letters. */
#include "packages/mapping.h"

#include <fcntl.h>
#include <string.h>

#include "base/error.h"
#include "base/tempfile.h"
#include "packages/component-name.h"
#include "packages/path-glob.h"
#include "packages/text-lines.h"

static void
rule_free (gpointer data)
{
  VarveMappingRule *rule = data;
  g_free (rule->component);
  g_free (rule->glob);
  g_free (rule);
}

static VarveMappingRule *
parse_rule (const char *text, guint line, GError **error)
{
  const char *tab = strchr (text, '\t');
  if (tab == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "expected 'component TAB glob', found no tab");
      return NULL;
    }
  g_autofree char *component = g_strndup (text, (gsize)(tab - text));
  const char *glob = tab + 1 + strspn (tab + 1, "/\t");
  if (!varve_component_name_check (component, error) || !varve_path_glob_check (glob, error))
    return NULL;
  VarveMappingRule *rule = g_new0 (VarveMappingRule, 1);
  *rule = (VarveMappingRule){ .component = g_steal_pointer (&component), .glob = g_strdup (glob), .line = line };
  return rule;
}

/* Empty lines and comments add no rule. */
static gboolean
parse_line (GPtrArray *rules, const VarveTextLines *lines, GError **error)
{
  if (!varve_text_lines_is_string (lines))
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "contains a NUL");
      return FALSE;
    }
  gboolean has_return = g_str_has_suffix (lines->text, "\r");
  g_autofree char *text = g_strndup (lines->text, lines->length_bytes - has_return);
  if (text[0] == '#' || text[strspn (text, " \t")] == '\0')
    return TRUE;
  if (rules->len >= VARVE_MAPPING_MAX_LINES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than %u rules", VARVE_MAPPING_MAX_LINES);
      return FALSE;
    }
  VarveMappingRule *rule = parse_rule (text, lines->number, error);
  if (rule == NULL)
    return FALSE;
  g_ptr_array_add (rules, rule);
  return TRUE;
}

GPtrArray *
varve_mapping_parse (GBytes *bytes, GError **error)
{
  g_autoptr (GPtrArray) rules = g_ptr_array_new_with_free_func (rule_free);
  g_autoptr (VarveTextLines) lines = varve_text_lines_new (bytes);
  while (varve_text_lines_next (lines))
    if (!parse_line (rules, lines, error))
      {
        g_prefix_error (error, "line %u: ", lines->number);
        return NULL;
      }
  return g_steal_pointer (&rules);
}

/* The glob with the symlinks of its literal directories followed; NULL when they lead out of the tree. */
static char *
canonical_glob (VarvePackageTree *tree, const char *glob)
{
  gsize length = varve_path_glob_literal_folder (glob);
  if (length == 0)
    return g_strdup (glob);
  g_autofree char *folder = g_strndup (glob, length);
  g_autofree char *followed = g_strconcat (folder, ".", NULL);
  g_autofree char *canonical = varve_inventory_resolve (tree->inventory, followed);
  if (canonical == NULL)
    return NULL;
  /* The literal directories must stay literal in the new glob. */
  gboolean has_special = strpbrk (canonical, "*?[\\") != NULL;
  return has_special ? g_strdup (glob) : g_strconcat (canonical, canonical[0] != '\0' ? "/" : "", glob + length, NULL);
}

/* Whether anything matched. */
static gboolean
claim_matches (VarvePackageTree *tree, const char *glob, guint32 component, VarveClaims *claims)
{
  gboolean has_match = FALSE;
  for (guint32 i = 0; i < tree->inventory->n_files; i++)
    if (varve_path_glob_match (glob, tree->inventory->files[i].path))
      {
        varve_claims_assign (claims, component, i);
        has_match = TRUE;
      }
  return has_match;
}

static GPtrArray *
read_rules (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = varve_read_file (AT_FDCWD, path, VARVE_MAPPING_MAX_BYTES, error);
  if (bytes == NULL)
    return NULL;
  GPtrArray *rules = varve_mapping_parse (bytes, error);
  if (rules == NULL)
    g_prefix_error (error, "'%s': ", path);
  return rules;
}

gboolean
varve_mapping_claim (VarvePackageTree *tree, const char *path, VarveClaims *claims, GError **error)
{
  g_autoptr (GPtrArray) rules = read_rules (path, error);
  if (rules == NULL)
    {
      g_prefix_error (error, "mapping: ");
      return FALSE;
    }
  for (guint i = 0; i < rules->len; i++)
    {
      const VarveMappingRule *rule = g_ptr_array_index (rules, i);
      if (g_cancellable_set_error_if_cancelled (tree->cancellable, error))
        return FALSE;
      g_autofree char *glob = canonical_glob (tree, rule->glob);
      guint32 component = varve_claims_component (claims, rule->component, VARVE_COMPONENT_EXCLUSIVE);
      g_autofree char *escaped = varve_escape (rule->glob);
      if (glob == NULL || !claim_matches (tree, glob, component, claims))
        varve_package_tree_warn (tree, "mapping: '%s': line %u: '/%s' matches nothing", path, rule->line, escaped);
    }
  return TRUE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "release/release-notes.h"

#include <string.h>

#include "release/markdown.h"
#include "release/package-changes.h"

/* What a reader of a release page looks at. */
enum { ROWS_MAX = 100, CAUSES_MAX = 5, NOISE_MAX = 8, PACKAGES_MAX = 3 };

static void
append_more (GString *out, guint all, guint shown)
{
  if (all > shown)
    g_string_append_printf (out, "\n… and %u more.\n", all - shown);
}

static void
append_sizes (GString *out, const VarveReleaseNotes *notes)
{
  const VarveDiff *diff = notes->explanation->diff;
  g_string_append (out, "A host on ");
  varve_markdown_append_code (out, notes->old_version);
  g_string_append (out, " downloads **");
  varve_markdown_append_size (out, diff->by_digest.bytes);
  g_string_append_printf (out, "** (%u of %u layers)", diff->by_digest.layers, diff->n_layers);
  for (guint i = 0; i < notes->former->len; i++)
    {
      const VarveFormerRelease *former = notes->former->pdata[i];
      g_string_append (out, ", one on ");
      varve_markdown_append_code (out, former->name);
      g_string_append_c (out, ' ');
      varve_markdown_append_size (out, former->bytes);
    }
  g_string_append (out, ", a new host ");
  varve_markdown_append_size (out, diff->image_bytes);
  g_string_append (out, ".\n");
}

/* The names, unless the only one is that of the source. */
static void
append_packages (GString *out, const VarvePackageChange *change)
{
  varve_markdown_append_code_cell (out, change->source);
  if (change->packages->len == 1 && strcmp (change->packages->pdata[0], change->source) == 0)
    return;
  g_string_append (out, " (");
  for (guint i = 0; i < MIN (change->packages->len, PACKAGES_MAX); i++)
    {
      g_string_append (out, i > 0 ? ", " : "");
      varve_markdown_append_code_cell (out, change->packages->pdata[i]);
    }
  if (change->packages->len > PACKAGES_MAX)
    g_string_append_printf (out, ", %u more", change->packages->len - PACKAGES_MAX);
  g_string_append_c (out, ')');
}

static void
append_cell (GString *out, const char *text)
{
  g_string_append_c (out, ' ');
  if (text != NULL)
    varve_markdown_append_code_cell (out, text);
  g_string_append (out, " |");
}

static void
append_row (GString *out, const VarvePackageChange *change)
{
  g_string_append (out, "| ");
  append_packages (out, change);
  g_string_append (out, " |");
  if (change->kind != VARVE_PACKAGE_ADDED)
    append_cell (out, change->old_version);
  if (change->kind != VARVE_PACKAGE_REMOVED)
    {
      append_cell (out, change->new_version);
      g_string_append_c (out, ' ');
      if (change->size_bytes > 0)
        varve_markdown_append_size (out, change->size_bytes);
      g_string_append (out, " |");
    }
  g_string_append_c (out, '\n');
}

static void
append_changes (GString *out, const GPtrArray *changes, VarvePackageChangeKind kind)
{
  static const struct {
    const char *title, *head;
  } TABLES[] = {
    [VARVE_PACKAGE_UPDATED] = { "Updated", "| package | from | to | download |\n|---|---|---|--:|\n" },
    [VARVE_PACKAGE_ADDED] = { "Added", "| package | version | download |\n|---|---|--:|\n" },
    [VARVE_PACKAGE_REMOVED] = { "Removed", "| package | version |\n|---|---|\n" },
  };
  guint all = 0, shown = 0;
  for (guint i = 0; i < changes->len; i++)
    all += ((const VarvePackageChange *)changes->pdata[i])->kind == kind;
  if (all == 0)
    return;
  g_string_append_printf (out, "\n### %s (%u)\n\n%s", TABLES[kind].title, all, TABLES[kind].head);
  for (guint i = 0; i < changes->len && shown < ROWS_MAX; i++)
    {
      const VarvePackageChange *change = changes->pdata[i];
      if (change->kind != kind)
        continue;
      append_row (out, change);
      shown++;
    }
  append_more (out, all, shown);
}

typedef struct {
  char *name; /* of a component; NULL: @text says what it is */
  const char *text;
  guint64 bytes;
} Cause;

static void
cause_free (gpointer data)
{
  g_free (((Cause *)data)->name);
  g_free (data);
}

typedef struct {
  GPtrArray *list;               /* Cause */
  GHashTable *by_name, *by_text; /* -> Cause */
} Causes;

static void
add_cause (Causes *causes, const char *name, const char *text, guint64 bytes)
{
  GHashTable *table = name != NULL ? causes->by_name : causes->by_text;
  Cause *known = g_hash_table_lookup (table, name != NULL ? name : text);
  if (known != NULL)
    known->bytes += bytes;
  if (known != NULL || bytes == 0)
    return;
  Cause *cause = g_new0 (Cause, 1);
  *cause = (Cause){ .name = g_strdup (name), .text = text, .bytes = bytes };
  g_ptr_array_add (causes->list, cause);
  g_hash_table_insert (table, (gpointer)(name != NULL ? cause->name : text), cause);
}

static guint64
add_components (Causes *causes, const GPtrArray *components, gboolean is_changed)
{
  guint64 bytes = 0;
  for (guint i = 0; i < components->len; i++)
    {
      const VarveDiffComponent *component = components->pdata[i];
      add_cause (causes, is_changed ? component->name : NULL, is_changed ? NULL : "unchanged files in the same layers",
                 component->size_bytes);
      bytes += component->size_bytes;
    }
  return bytes;
}

static int
compare_causes (gconstpointer a, gconstpointer b)
{
  const Cause *first = *(Cause *const *)a, *second = *(Cause *const *)b;
  if (first->bytes != second->bytes)
    return first->bytes > second->bytes ? -1 : 1;
  int order = g_strcmp0 (first->name, second->name);
  return order != 0 ? order : g_strcmp0 (first->text, second->text);
}

/* Every byte of the download has one cause. */
static GPtrArray *
find_causes (const VarveDiff *diff)
{
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal),
                         by_text = g_hash_table_new (g_str_hash, g_str_equal);
  Causes causes = { g_ptr_array_new_with_free_func (cause_free), by_name, by_text };
  for (guint i = 0; i < diff->layers->len; i++)
    {
      const VarveDiffLayer *layer = varve_diff_layer (diff, i);
      if (!layer->is_new_digest)
        continue;
      guint64 explained = 0;
      const char *rest = layer->is_commit ? "the list of all files" : "other contents of these layers";
      if (!layer->is_new_diff_id)
        rest = "layers that were only compressed again";
      else
        explained = add_components (&causes, layer->changed, TRUE) + add_components (&causes, layer->moved, FALSE);
      add_cause (&causes, NULL, rest, layer->size_bytes > explained ? layer->size_bytes - explained : 0);
    }
  g_ptr_array_sort (causes.list, compare_causes);
  return causes.list;
}

static void
append_causes (GString *out, const VarveDiff *diff)
{
  g_autoptr (GPtrArray) causes = find_causes (diff);
  guint64 rest = 0;
  if (causes->len == 0)
    return;
  g_string_append (out, "\n### Largest parts of the download\n\n");
  for (guint i = 0; i < causes->len; i++)
    {
      const Cause *cause = causes->pdata[i];
      rest += i >= CAUSES_MAX ? cause->bytes : 0;
      if (i >= CAUSES_MAX)
        continue;
      g_string_append (out, "- ");
      varve_markdown_append_size (out, cause->bytes);
      g_string_append (out, " ");
      if (cause->name != NULL)
        varve_markdown_append_code (out, cause->name);
      else
        g_string_append (out, cause->text);
      g_string_append_c (out, '\n');
    }
  if (rest == 0)
    return;
  g_string_append (out, "- ");
  varve_markdown_append_size (out, rest);
  g_string_append_printf (out, " the other %u\n", causes->len - CAUSES_MAX);
}

static void
append_noise (GString *out, const VarveNoiseReport *noise)
{
  if (noise == NULL || noise->list->len == 0)
    return;
  g_string_append (out, "\n### Changed without a package\n\n");
  for (guint i = 0; i < MIN (noise->list->len, NOISE_MAX); i++)
    {
      const VarveNoise *one = noise->list->pdata[i];
      g_string_append (out, "- ");
      varve_markdown_append_code (out, one->component);
      if (one->size_bytes > 0)
        {
          g_string_append (out, ", ");
          varve_markdown_append_size (out, one->size_bytes);
        }
      g_string_append_printf (out, ": %s\n",
                              one->kernel_changed ? "made anew, because the kernel changed"
                                                  : varve_noise_kind_to_string (one->kind));
    }
  append_more (out, noise->list->len, NOISE_MAX);
}

char *
varve_release_notes_to_markdown (const VarveReleaseNotes *notes)
{
  const VarveDiff *diff = notes->explanation->diff;
  g_autoptr (GPtrArray) changes = varve_package_changes_find (notes->old_packages, notes->new_packages, diff);
  GString *out = g_string_new ("## ");
  varve_markdown_append_code (out, notes->old_version);
  g_string_append (out, " → ");
  varve_markdown_append_code (out, notes->new_version);
  g_string_append (out, "\n\n");
  append_sizes (out, notes);
  if (changes->len == 0)
    g_string_append (out, "\nNo package changed.\n");
  append_changes (out, changes, VARVE_PACKAGE_UPDATED);
  append_changes (out, changes, VARVE_PACKAGE_ADDED);
  append_changes (out, changes, VARVE_PACKAGE_REMOVED);
  append_causes (out, diff);
  append_noise (out, notes->explanation->noise);
  return g_string_free (out, FALSE);
}

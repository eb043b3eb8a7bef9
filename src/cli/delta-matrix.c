/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/delta-matrix.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "cli/print.h"
#include "transport/open-image.h"

enum { DIGITS = 12 };

/* A cell of the matrix: one run of `varve delta create`. */
typedef struct {
  const char *from, *to, *architecture;
  const VarveImage *old, *new;
} Cell;

static char *
cell_name (const Cell *cell)
{
  g_autofree char *old = varve_digest_to_hex (&cell->old->descriptor->digest),
                  *new = varve_digest_to_hex (&cell->new->descriptor->digest);
  return g_strdup_printf ("delta-%s-%.*s-%.*s", cell->architecture, DIGITS, old, DIGITS, new);
}

/* GitHub makes an object of each member of "include". Tekton's arrays have only strings. */
static gboolean
cell_add (const Cell *cell, const char *form, json_object *list, GError **error)
{
  g_autofree char *name = cell_name (cell);
  if (strcmp (form, "github") == 0)
    {
      json_object *item = json_object_new_object ();
      varve_json_add_string (item, "from", cell->from);
      varve_json_add_string (item, "to", cell->to);
      varve_json_add_string (item, "arch", cell->architecture);
      varve_json_add_string (item, "delta", name);
      json_object_array_add (list, item);
      return TRUE;
    }
  const char *texts[] = { cell->from, cell->to };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (strpbrk (texts[i], " \t\n") != NULL)
      {
        g_autofree char *escaped = varve_escape (texts[i]);
        g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                     "'%s': a space cannot be in an image's name with --matrix tekton, whose fields are separated by "
                     "spaces",
                     escaped);
        return FALSE;
      }
  g_autofree char *text = g_strdup_printf ("%s %s %s %s", cell->from, cell->to, cell->architecture, name);
  json_object_array_add (list, json_object_new_string (text));
  return TRUE;
}

/* It is outside data, and jobs of others put it into their commands. */
static gboolean
check_architecture (const char *architecture, GError **error)
{
  gsize length = strspn (architecture, "abcdefghijklmnopqrstuvwxyz0123456789_");
  if (length > 0 && architecture[length] == '\0')
    return TRUE;
  g_autofree char *escaped = varve_escape (architecture);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
               "the image is for architecture '%s': expected only small letters, digits and underscores", escaped);
  return FALSE;
}

/* Adds a cell for each image before the last. An image that is the last one already needs no delta. */
static gboolean
add_architecture (const VarveImageOptions *images, VarveSession *session, char **names,
                  const VarveDeltaMatrixOptions *options, const char *architecture, json_object *list, GError **error)
{
  guint n = g_strv_length (names), first = n - 1 - MIN (n - 1, (guint)options->n_last);
  g_autoptr (VarveImage) new = varve_delta_place_open_image (images, session, names[n - 1], architecture, error);
  if (new == NULL || !check_architecture (new->config->architecture, error))
    return FALSE;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = first; i < n - 1; i++)
    {
      g_autoptr (VarveImage) old = varve_delta_place_open_image (images, session, names[i], architecture, error);
      if (old == NULL)
        return FALSE;
      Cell cell
          = { .from = names[i], .to = names[n - 1], .architecture = new->config->architecture, .old = old, .new = new };
      if (varve_digest_compare (&old->descriptor->digest, &new->descriptor->digest) != 0
          && g_hash_table_add (seen, cell_name (&cell)) && !cell_add (&cell, options->form, list, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
varve_delta_matrix_print (const VarveImageOptions *images, VarveSession *session, char **names,
                          const VarveDeltaMatrixOptions *options, GError **error)
{
  if (strcmp (options->form, "github") != 0 && strcmp (options->form, "tekton") != 0)
    {
      g_autofree char *escaped = varve_escape (options->form);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--matrix '%s': expected github or tekton", escaped);
      return FALSE;
    }
  if (options->n_last < 1)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--last %d: expected at least 1", options->n_last);
      return FALSE;
    }
  g_autoptr (json_object) list = json_object_new_array ();
  g_auto (GStrv) architectures = g_strsplit (options->architectures != NULL ? options->architectures : "", ",", -1);
  gboolean has_none = architectures[0] == NULL;
  for (guint i = 0; has_none || architectures[i] != NULL; i++)
    {
      const char *architecture = has_none ? NULL : varve_open_architecture (architectures[i], error);
      if ((!has_none && architecture == NULL)
          || !add_architecture (images, session, names, options, architecture, list, error))
        return FALSE;
      if (has_none)
        break;
    }
  if (strcmp (options->form, "tekton") == 0)
    {
      varve_print_json (list);
      return TRUE;
    }
  g_autoptr (json_object) matrix = json_object_new_object ();
  json_object_object_add (matrix, "include", g_steal_pointer (&list));
  varve_print_json (matrix);
  return TRUE;
}

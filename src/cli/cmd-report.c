/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/tempfile.h"
#include "bench/image-row.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print.h"
#include "cli/text-file.h"
#include "explain/explanation.h"
#include "page/page.h"

enum { DOCUMENT_MAX_BYTES = 256 << 20 };

typedef struct {
  VarveImageOptions images;
  char *architecture, *repo;
} Arguments;

static void
input_clear (gpointer data)
{
  VarvePageInput *input = data;
  g_free (input->name);
  g_clear_pointer (&input->document, json_object_put);
}

static void
add_input (GArray *inputs, char *name, json_object *document)
{
  g_array_append_vals (inputs, &(VarvePageInput){ name, document }, 1);
}

static gboolean
read_document (GArray *inputs, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = varve_read_file (AT_FDCWD, path, DOCUMENT_MAX_BYTES, error);
  g_autoptr (json_object) document = bytes != NULL ? varve_json_parse (bytes, DOCUMENT_MAX_BYTES, error) : NULL;
  if (document != NULL && varve_page_check (document, error))
    {
      add_input (inputs, g_path_get_basename (path), g_steal_pointer (&document));
      return TRUE;
    }
  g_autofree char *escaped = varve_escape (path);
  if (bytes != NULL)
    g_prefix_error (error, "'%s': ", escaped);
  return FALSE;
}

/* Measures a series of images, and explains its last update. */
static gboolean
add_images (VarveSession *session, const Arguments *arguments, GArray *inputs, const GPtrArray *names, GError **error)
{
  g_autoptr (VarveImageRow) row = varve_image_row_new ();
  for (guint i = 0; i < names->len; i++)
    {
      VarveImage *image
          = varve_image_options_open (&arguments->images, session, names->pdata[i], arguments->architecture, error);
      if (image == NULL)
        return FALSE;
      varve_image_row_add (row, names->pdata[i], image);
    }
  if (!varve_image_row_measure (row, error))
    return FALSE;
  const VarveImageRowEntry *old = varve_image_row_entry (row, names->len - 2),
                           *new = varve_image_row_entry (row, names->len - 1);
  VarveExplanationOptions options = {
    .old = old->image,
    .new = new->image,
    .old_name = old->name,
    .new_name = new->name,
    .repo_path = arguments->repo,
    .owners = VARVE_OWNERS_OPTIONS_INIT,
    .jobs = varve_session_jobs (session),
  };
  g_autoptr (VarveExplanation) explanation
      = varve_explanation_new (&options, session->observer, session->cancellable, error);
  if (explanation == NULL)
    return FALSE;
  if (names->len > 2)
    add_input (inputs, g_strdup_printf ("%u images, oldest first", names->len), varve_image_row_to_json (row));
  add_input (inputs, g_strdup_printf ("%s → %s", old->label, new->label), varve_explanation_to_json (explanation));
  return TRUE;
}

static gboolean
collect (VarveSession *session, const Arguments *arguments, char **names, GArray *inputs, GError **error)
{
  g_autoptr (GPtrArray) images = g_ptr_array_new ();
  for (char **name = names; *name != NULL; name++)
    if (varve_reference_is_image (*name))
      g_ptr_array_add (images, *name);
    else if (!read_document (inputs, *name, error))
      return FALSE;
  if (images->len == 1)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "only one image: expected two or more, oldest first");
      return FALSE;
    }
  return images->len == 0 || add_images (session, arguments, inputs, images, error);
}

static int
report (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  const char *path = operands[0];
  g_autofree char *escaped = varve_escape (path);
  if (!g_str_has_suffix (path, ".html") && !g_str_has_suffix (path, ".htm"))
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "'%s': expected the page to write, a name that ends in .html",
                   escaped);
      return 1;
    }
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (VarvePageInput));
  g_array_set_clear_func (inputs, input_clear);
  varve_session_start (session);
  gboolean done = collect (session, arguments, operands + 1, inputs, error);
  varve_session_stop (session);
  if (!done)
    return 1;
  g_autofree char *text = varve_page_render (inputs);
  if (!varve_write_text_file (path, text, error))
    return 1;
  return 0;
}

int
varve_cmd_report (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &arguments.repo,
      "For images: repository with their commits, read instead of blobs", "REPO" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture,
      "Architecture to take from an index (this machine's)", "ARCH" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "FILE.html JSON..., or FILE.html IMAGE IMAGE...",
    .summary = "Writes an HTML page with plots of the --json output of 'diff', 'explain OLD NEW', 'inspect', 'plan', "
               "'build' and 'bench',\n"
               "or of a series of images, oldest first. The page is one file without scripts and fetches nothing.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JOBS,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = G_MAXINT,
  };
  return varve_session_run (session, &syntax, argc, argv, report, &arguments);
}

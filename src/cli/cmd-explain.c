/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print-explanation.h"
#include "cli/print.h"

typedef struct {
  VarveImageOptions images;
  char *architecture, *repo, *mapping;
} Arguments;

/* The places of what the tree has; empty where the name is only of something stale. */
static GPtrArray *
find_places (VarveSession *session, const VarveLocationOptions *options, guint n_stale, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  varve_session_start (session);
  g_autoptr (GPtrArray) places = varve_location_find (options, session->observer, session->cancellable, &local_error);
  varve_session_stop (session);
  if (places == NULL && n_stale > 0 && g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    return g_ptr_array_new ();
  if (places == NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return g_steal_pointer (&places);
}

static json_object *
places_to_json (const char *image_name, const GPtrArray *places, const GPtrArray *stale)
{
  json_object *json = json_object_new_object (), *list = json_object_new_array (),
              *stale_list = json_object_new_array ();
  varve_json_add_string (json, "image", image_name);
  json_object_object_add (json, "places", list);
  json_object_object_add (json, "stale", stale_list);
  for (guint i = 0; i < places->len; i++)
    json_object_array_add (list, varve_location_to_json (places->pdata[i]));
  for (guint i = 0; i < stale->len; i++)
    json_object_array_add (stale_list, varve_stale_place_to_json (stale->pdata[i]));
  return json;
}

static void
print_places (const GPtrArray *places, const GPtrArray *stale)
{
  for (guint i = 0; i < places->len + stale->len; i++)
    {
      if (i > 0)
        puts ("");
      if (i < places->len)
        varve_print_place (places->pdata[i]);
      else
        varve_print_stale_place (stale->pdata[i - places->len]);
    }
}

static int
explain_place (VarveSession *session, const Arguments *arguments, const char *image_name, const char *name,
               GError **error)
{
  g_autoptr (VarveImage) image
      = varve_image_options_open (&arguments->images, session, image_name, arguments->architecture, error);
  g_autoptr (GPtrArray) stale = image != NULL ? varve_stale_places_find (image, name, error) : NULL;
  if (stale == NULL)
    return 1;
  VarveLocationOptions options = {
    .image = image,
    .name = name,
    .repo_path = arguments->repo,
    .owners = VARVE_OWNERS_OPTIONS_INIT,
    .jobs = varve_session_jobs (session),
  };
  options.owners.mapping_path = arguments->mapping;
  g_autoptr (GPtrArray) places = find_places (session, &options, stale->len, error);
  if (places == NULL)
    return 1;
  g_autoptr (json_object) json = places_to_json (image_name, places, stale);
  if (session->json)
    varve_print_json (json);
  else
    print_places (places, stale);
  return 0;
}

static int
explain_update (VarveSession *session, const Arguments *arguments, char **names, GError **error)
{
  g_autoptr (VarveImage) old
      = varve_image_options_open (&arguments->images, session, names[0], arguments->architecture, error);
  g_autoptr (VarveImage) new
      = old != NULL ? varve_image_options_open (&arguments->images, session, names[1], arguments->architecture, error)
                    : NULL;
  if (new == NULL)
    return 1;
  VarveExplanationOptions options = {
    .old = old,
    .new = new,
    .old_name = names[0],
    .new_name = names[1],
    .name = names[2],
    .repo_path = arguments->repo,
    .owners = VARVE_OWNERS_OPTIONS_INIT,
    .jobs = varve_session_jobs (session),
  };
  options.owners.mapping_path = arguments->mapping;
  varve_session_start (session);
  g_autoptr (VarveExplanation) explanation
      = varve_explanation_new (&options, session->observer, session->cancellable, error);
  varve_session_stop (session);
  if (explanation == NULL)
    return 1;
  g_autoptr (json_object) json = varve_explanation_to_json (explanation);
  if (session->json)
    varve_print_json (json);
  else
    varve_print_explanation (explanation);
  return 0;
}

static int
explain (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  gboolean is_update = varve_reference_is_image (operands[1]);
  if (!is_update && operands[2] != NULL)
    {
      g_autofree char *escaped = varve_escape (operands[1]);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                   "'%s' is not an image: expected IMAGE PATH|COMPONENT|LAYER, or OLD NEW [PATH|COMPONENT]", escaped);
      return 1;
    }
  return is_update ? explain_update (session, arguments, operands, error)
                   : explain_place (session, arguments, operands[0], operands[1], error);
}

int
varve_cmd_explain (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &arguments.repo,
      "Repository with the images' commits: adds details, and is read instead of blobs", "REPO" },
    { "mapping", 0, 0, G_OPTION_ARG_FILENAME, &arguments.mapping,
      "With --repo: mapping that the images were built with", "FILE" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture,
      "Architecture to take from an index (this machine's)", "ARCH" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE PATH|COMPONENT|LAYER, or OLD NEW [PATH|COMPONENT]",
    .summary = "Shows which layer contains a path or component, and why; or what a layer contains. With two images: "
               "shows why each layer changed,\n"
               "which files changed although their package did not, and how to fix that.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = 3,
  };
  return varve_session_run (session, &syntax, argc, argv, explain, &arguments);
}

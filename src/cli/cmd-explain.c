#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "build/explanation.h"
#include "build/place.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print.h"

typedef struct {
  VarveImageOptions images;
  char *architecture, *repo, *mapping;
} Arguments;

static double
percent (guint64 part, guint64 whole)
{
  return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

/* Where something is. */

static void
print_changes (const VarvePlace *place)
{
  printf ("history     changed in %u of the last %u builds", place->changes->len, place->n_steps);
  for (guint i = 0; i < place->changes->len; i++)
    {
      g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (g_array_index (place->changes, gint64, i));
      g_autofree char *date = time != NULL ? g_date_time_format (time, "%Y-%m-%d") : NULL;
      if (date != NULL)
        printf ("%s%s", i == 0 ? ": " : ", ", date);
    }
  puts ("");
}

static void
print_place (const VarvePlace *place, gsize width)
{
  g_autofree char *layer_size = varve_format_size (place->layer_bytes), *size = varve_format_size (place->size_bytes);
  g_autofree char *digest = varve_digest_to_string (&place->digest), *neighbours = varve_format_names (place->neighbours, width - 12);
  g_autofree char *path = place->path != NULL ? varve_escape (place->path) : NULL, *component = NULL;
  component = varve_escape (place->component != NULL ? place->component : "(one of those in the layer; --repo tells which)");
  if (path != NULL)
    printf ("path        %s\n", path);
  printf ("component   %s\nlayer       %u, %s, %s\n", component, place->layer, layer_size, digest);
  if (place->neighbours->len > 0)
    printf ("%-11s %s\n", place->component != NULL ? "with" : "components", neighbours);
  if (!place->has_history)
    return;
  printf ("size        %s, %.0f %% of the layer\n", size, percent (place->size_bytes, place->layer_bytes));
  print_changes (place);
  printf ("chance      %.1f %% of changing before the next build\n", percent (place->probability, VARVE_PROBABILITY_ONE));
  for (guint i = 0; i < place->reasons->len; i++)
    {
      g_autofree char *text = varve_escape (place->reasons->pdata[i]);
      printf ("%-11s %s\n", i == 0 ? "why there" : "", text);
    }
}

static int
explain_place (VarveSession *session, const Arguments *arguments, const char *image_name, const char *name, GError **error)
{
  g_autoptr (VarveImage) image = varve_image_options_open (&arguments->images, session, image_name, arguments->architecture, error);
  if (image == NULL)
    return 1;
  VarvePlaceOptions options = {
    .image = image,
    .name = name,
    .repo_path = arguments->repo,
    .owners = VARVE_OWNERS_OPTIONS_INIT,
    .jobs = varve_session_jobs (session),
  };
  options.owners.mapping_path = arguments->mapping;
  varve_session_start (session);
  g_autoptr (GPtrArray) places = varve_place_find (&options, session->observer, session->cancellable, error);
  varve_session_stop (session);
  if (places == NULL)
    return 1;
  g_autoptr (json_object) json = json_object_new_object ();
  json_object *list = json_object_new_array ();
  varve_json_add_string (json, "image", image_name);
  json_object_object_add (json, "places", list);
  for (guint i = 0; i < places->len; i++)
    json_object_array_add (list, varve_place_to_json (places->pdata[i]));
  if (session->json)
    varve_print_json (json);
  for (guint i = 0; !session->json && i < places->len; i++)
    {
      if (i > 0)
        puts ("");
      print_place (places->pdata[i], varve_terminal_width ());
    }
  return 0;
}

/* What changed between two images. */

static void
print_components (const char *what, const GPtrArray *components, gboolean with_sizes)
{
  enum { SHOWN_MAX = 8 };
  for (guint i = 0; i < MIN (components->len, SHOWN_MAX); i++)
    {
      const VarveDiffComponent *component = components->pdata[i];
      g_autofree char *name = varve_escape (component->name), *size = varve_format_size (component->size_bytes);
      printf ("    %-8s %9s  %s\n", component->is_added ? "new" : what, with_sizes ? size : "", name);
    }
  if (components->len > SHOWN_MAX)
    printf ("    %-8s %9s  and %u more\n", what, "", components->len - SHOWN_MAX);
}

static void
print_layers (const VarveDiff *diff)
{
  for (guint i = 0; i < diff->layers->len; i++)
    {
      const VarveDiffLayer *layer = varve_diff_layer (diff, i);
      g_autofree char *size = varve_format_size (layer->size_bytes);
      printf ("layer %u, %s%s\n", layer->index, size,
              layer->is_commit             ? ": the commit, its metadata and directories"
              : !layer->is_new_diff_id     ? ": the same content, compressed anew"
              : layer->changed->len == 0 && layer->moved->len > 0 ? ": nothing in it changed, it was only packed anew"
                                           : "");
      print_components ("changed", layer->changed, diff->is_exact);
      print_components ("moved", layer->moved, diff->is_exact);
    }
}

static void
print_cause (const VarveNoiseCause *cause, gsize width)
{
  g_autofree char *raw = varve_format_size (cause->raw_bytes), *paths = varve_format_names (cause->paths, width > 40 ? width - 14 : 40);
  printf ("    %u file%s of %s: %s%s\n", cause->files, cause->files == 1 ? "" : "s", raw, paths,
          cause->files > cause->paths->len ? ", …" : "");
  if (cause->culprit != NULL)
    printf ("      why         %s\n      what to do  %s\n", cause->culprit->cause, cause->culprit->advice);
}

static void
print_noise (const VarveNoise *noise, const VarveDiff *diff, gsize width)
{
  g_autofree char *name = varve_escape (noise->component), *size = varve_format_size (noise->size_bytes);
  if (noise->size_bytes > 0)
    printf ("  %s: %s, %.1f %% of the update (%s)\n", name, size, percent (noise->size_bytes, diff->by_digest.bytes),
            varve_noise_kind_to_string (noise->kind));
  else
    printf ("  %s (%s)\n", name, varve_noise_kind_to_string (noise->kind));
  if (noise->kernel_changed)
    puts ("    the kernel changed too, so this time it had to");
  if (noise->is_packed)
    puts ("    it is compressed inside: neither the layer's compression nor a delta finds anything in it");
  for (guint i = 0; i < noise->causes->len; i++)
    print_cause (noise->causes->pdata[i], width);
}

static void
print_explanation (const VarveDiff *diff, const VarveNoiseReport *noise)
{
  guint64 bytes = 0;
  g_autofree char *update = varve_format_size (diff->by_digest.bytes);
  printf ("The update downloads %s in %u of %u layers.\n\n", update, diff->by_digest.layers, diff->n_layers);
  print_layers (diff);
  if (noise == NULL)
    return;
  for (guint i = 0; i < noise->list->len; i++)
    bytes += ((VarveNoise *)noise->list->pdata[i])->size_bytes;
  g_autofree char *size = varve_format_size (bytes);
  if (noise->list->len == 0)
    printf ("\nNothing changed without its package.\n");
  else
    printf ("\nChanged without a package: %s, %.1f %% of the update\n", size, percent (bytes, diff->by_digest.bytes));
  for (guint i = 0; i < noise->list->len; i++)
    print_noise (noise->list->pdata[i], diff, varve_terminal_width ());
  if (!noise->knows_packages)
    puts ("\nPackages whose files changed without a new build are told with --repo.");
}

static int
explain_update (VarveSession *session, const Arguments *arguments, char **names, GError **error)
{
  g_autoptr (VarveImage) old = varve_image_options_open (&arguments->images, session, names[0], arguments->architecture, error);
  g_autoptr (VarveImage) new = old != NULL ? varve_image_options_open (&arguments->images, session, names[1], arguments->architecture, error) : NULL;
  if (new == NULL)
    return 1;
  VarveExplanationOptions options = {
    .old = old,
    .new = new,
    .old_name = names[0],
    .new_name = names[1],
    .repo_path = arguments->repo,
    .owners = VARVE_OWNERS_OPTIONS_INIT,
    .jobs = varve_session_jobs (session),
  };
  options.owners.mapping_path = arguments->mapping;
  varve_session_start (session);
  g_autoptr (VarveExplanation) explanation = varve_explanation_new (&options, session->observer, session->cancellable, error);
  varve_session_stop (session);
  if (explanation == NULL)
    return 1;
  g_autoptr (json_object) json = varve_explanation_to_json (explanation);
  if (session->json)
    varve_print_json (json);
  else
    print_explanation (explanation->diff, explanation->noise);
  return 0;
}

static int
explain (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  return varve_reference_is_image (operands[1]) ? explain_update (session, arguments, operands, error)
                                : explain_place (session, arguments, operands[0], operands[1], error);
}

int
varve_cmd_explain (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &arguments.repo, "A repository with the commits: tells more, and is read instead of blobs", "REPO" },
    { "mapping", 0, 0, G_OPTION_ARG_FILENAME, &arguments.mapping, "With --repo: the mapping that the images were built with", "FILE" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture, "Which image of an index to take (this machine's)", "ARCH" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE PATH|COMPONENT, or OLD NEW",
    .summary = "Tells in which layer something is and why there; or, of two images, why each layer changed, what changed\n"
               "although its package did not, and what to do about it.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = 2,
  };
  return varve_session_run (session, &syntax, argc, argv, explain, &arguments);
}

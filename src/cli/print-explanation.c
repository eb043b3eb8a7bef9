/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print-explanation.h"

#include <stdio.h>

#include "base/error.h"
#include "cli/print.h"

static double
percent (guint64 part, guint64 whole)
{
  return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

/* The location of a path or component. */

static void
print_changes (const VarveLocation *place)
{
  if (place->n_steps == 0)
    {
      puts ("history     no earlier builds recorded");
      return;
    }
  printf ("history     changed in %u of the last %u builds", place->changes->len, place->n_steps);
  for (guint i = 0; i < place->changes->len; i++)
    {
      g_autofree char *date = varve_format_day (g_array_index (place->changes, gint64, i));
      if (date != NULL)
        printf ("%s%s", i == 0 ? ": " : ", ", date);
    }
  puts ("");
}

void
varve_print_place (const VarveLocation *place)
{
  g_autofree char *layer_size = varve_format_size (place->layer_bytes), *size = varve_format_size (place->size_bytes);
  g_autofree char *digest = varve_digest_to_string (&place->digest), *files = varve_format_size (place->file_bytes),
                  *stale = varve_format_size (place->stale.size_bytes);
  g_autofree char *neighbours = varve_format_names (place->neighbours, varve_terminal_width () - 12);
  g_autofree char *path = place->path != NULL ? varve_escape (place->path) : NULL, *component = NULL;
  gboolean is_layer = place->path == NULL && place->component == NULL;
  component = varve_escape (place->component != NULL ? place->component
                                                     : "(one of those in the layer; use --repo to see which)");
  if (path != NULL)
    printf ("path        %s\n", path);
  if (place->n_files > 0)
    printf ("files       %u below it, %s uncompressed\n", place->n_files, files);
  if (!is_layer)
    printf ("component   %s\n", component);
  printf ("layer       %u, %s, %s\n", place->layer, layer_size, digest);
  if (place->stale.n_objects > 0)
    printf ("%-11s with %s of contents that are stale\n", "", stale);
  if (place->neighbours->len > 0)
    printf ("%-11s %s\n", place->component != NULL ? "with" : "components", neighbours);
  if (place->times != NULL)
    printf ("times       %s\n", place->times);
  if (!place->has_history)
    return;
  printf ("size        %s, %.0f %% of the layer\n", size, percent (place->size_bytes, place->layer_bytes));
  print_changes (place);
  if (place->probability >= 0)
    printf ("chance      %.1f %% to change by the next build\n",
            percent ((guint64)place->probability, VARVE_PROBABILITY_ONE));
  else if (place->layer_probability >= 0)
    printf ("chance      %.1f %% that anything in the layer changes by the next build\n",
            percent ((guint64)place->layer_probability, VARVE_PROBABILITY_ONE));
  for (guint i = 0; i < place->reasons->len; i++)
    {
      g_autofree char *text = varve_escape (place->reasons->pdata[i]);
      printf ("%-11s %s\n", i == 0 ? "reason" : "", text);
    }
}

enum { STALE_PATHS_SHOWN_MAX = 20 };

/* Returns how many paths have been met so far. */
static guint
print_stale_paths (const VarveStaleObject *stale, guint n_before)
{
  g_autofree char *day = varve_format_day (stale->since);
  guint n = n_before;
  for (char **path = stale->paths; *path != NULL; path++, n++)
    {
      g_autofree char *escaped = varve_escape (*path);
      if (n < STALE_PATHS_SHOWN_MAX)
        printf ("%-11s %-10s  /%s\n", n == 0 ? "since" : "", day != NULL ? day : "", escaped);
    }
  return n;
}

void
varve_print_stale_place (const VarveStalePlace *place)
{
  g_autofree char *digest = varve_digest_to_string (&place->digest),
                  *size = varve_format_size (place->found.size_bytes),
                  *objects = varve_format_count (place->found.n_objects, "object");
  guint n_paths = 0;
  printf ("stale       %s of %s in layer %u, %s\n", size, objects, place->layer, digest);
  puts ("            in its blob, but shown neither to hosts nor to containers");
  for (guint i = 0; i < place->objects->len; i++)
    n_paths = print_stale_paths (place->objects->pdata[i], n_paths);
  if (n_paths > STALE_PATHS_SHOWN_MAX)
    printf ("%-11s and %u more (all with --json)\n", "", n_paths - STALE_PATHS_SHOWN_MAX);
}

/* The changes between two images. */

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

static const char *
layer_remark (const VarveDiffLayer *layer)
{
  if (layer->is_commit)
    return ": the commit, its metadata and directories";
  if (layer->is_whiteouts)
    return ": whiteouts, which hide what is stale from containers";
  if (!layer->is_new_diff_id)
    return ": same content, compressed again";
  if (layer->changed->len == 0 && layer->moved->len > 0)
    return ": nothing in it changed, only packed differently";
  return "";
}

static void
print_layer (const VarveDiffLayer *layer, const VarveDiff *diff)
{
  g_autofree char *size = varve_format_size (layer->size_bytes);
  printf ("layer %u, %s%s\n", layer->index, size, layer_remark (layer));
  print_components ("changed", layer->changed, diff->is_exact);
  print_components ("moved", layer->moved, diff->is_exact);
}

static void
print_cause (const VarveNoiseCause *cause, gsize width)
{
  g_autofree char *raw = varve_format_size (cause->raw_bytes),
                  *paths = varve_format_names (cause->paths, width > 40 ? width - 14 : 40);
  printf ("    %u file%s of %s: %s%s\n", cause->files, cause->files == 1 ? "" : "s", raw, paths,
          cause->files > cause->paths->len ? ", …" : "");
  if (cause->known != NULL)
    printf ("      cause  %s\n      fix    %s\n", cause->known->cause, cause->known->advice);
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
    puts ("    the kernel changed too, so this change was necessary");
  if (noise->is_packed)
    puts ("    compressed inside: the layer's compression does not make it smaller");
  for (guint i = 0; i < noise->causes->len; i++)
    print_cause (noise->causes->pdata[i], width);
}

static void
print_noises (const VarveNoiseReport *noise, const VarveDiff *diff)
{
  guint64 bytes = 0;
  for (guint i = 0; i < noise->list->len; i++)
    bytes += ((VarveNoise *)noise->list->pdata[i])->size_bytes;
  g_autofree char *size = varve_format_size (bytes);
  if (noise->list->len == 0)
    printf ("\nNothing changed without a change of its package.\n");
  else
    printf ("\nChanged without a change of its package: %s, %.1f %% of the update\n", size,
            percent (bytes, diff->by_digest.bytes));
  for (guint i = 0; i < noise->list->len; i++)
    print_noise (noise->list->pdata[i], diff, varve_terminal_width ());
  if (!noise->knows_packages)
    puts ("\nUse --repo to find packages whose files changed without a new build.");
}

static void
print_places (const VarveExplanation *explanation)
{
  for (guint i = 0; i < explanation->places->len; i++)
    {
      const VarveLocation *place = explanation->places->pdata[i];
      const VarveDiffLayer *layer = varve_diff_find_layer (explanation->diff, place->layer);
      varve_print_place (place);
      puts (layer != NULL ? "\nThe update downloads its layer:"
                          : "\nBoth images have its layer: the update does not download it.");
      if (layer != NULL)
        print_layer (layer, explanation->diff);
      if (i + 1 < explanation->places->len)
        puts ("");
    }
  if (explanation->noise != NULL && explanation->noise->list->len > 0)
    print_noises (explanation->noise, explanation->diff);
}

void
varve_print_explanation (const VarveExplanation *explanation)
{
  const VarveDiff *diff = explanation->diff;
  if (explanation->places != NULL)
    {
      print_places (explanation);
      return;
    }
  g_autofree char *update = varve_format_size (diff->by_digest.bytes);
  printf ("The update downloads %s in %u of %u layer%s.\n\n", update, diff->by_digest.layers, diff->n_layers,
          diff->n_layers == 1 ? "" : "s");
  for (guint i = 0; i < diff->layers->len; i++)
    print_layer (varve_diff_layer (diff, i), diff);
  if (explanation->noise != NULL)
    print_noises (explanation->noise, diff);
}

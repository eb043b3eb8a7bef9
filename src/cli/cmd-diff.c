/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "cli/byte-size.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print-notes.h"
#include "cli/print.h"
#include "explain/comparison.h"
#include "explain/partial-pull.h"

enum { LAYER_COLUMNS = 17 };

typedef struct {
  VarveImageOptions images;
  char *architecture, *repo, *max_bytes, *packages;
  char **also;
  gboolean no_objects, markdown;
} Arguments;

static void
print_client (const char *name, const VarveDiffClient *client, const VarveDiff *diff)
{
  g_autofree char *bytes = varve_format_size (client->bytes);
  printf ("%-12s %9s  %u of %u layer%s\n", name, bytes, client->layers, diff->n_layers, diff->n_layers == 1 ? "" : "s");
}

static void
print_stale (const VarveDiff *diff)
{
  g_autofree char *size = varve_format_size (diff->stale.size_bytes), *kept = varve_format_size (diff->kept.bytes),
                  *layers = varve_format_count (diff->stale.n_layers, "layer"),
                  *new_size = varve_format_size (diff->new_stale_bytes),
                  *kept_layers = varve_format_count (diff->kept.layers, "layer");
  if (diff->stale.n_objects > 0)
    printf ("%-12s %9s  of the new image, in %s (%.1f %%), %s since the old image\n", "stale", size, layers,
            100 * varve_stale_share (&diff->stale), new_size);
  if (diff->kept.layers > 0)
    printf ("%-12s %9s  in %s that the update makes partly stale, not downloaded again\n", "kept", kept, kept_layers);
}

static void
print_bounds (const VarveDiff *diff)
{
  g_autofree char *packages = varve_format_size (diff->package_bytes),
                  *objects = varve_format_size (diff->object_bytes);
  g_autofree char *whole = varve_format_size (diff->image_bytes),
                  *commit = varve_format_size (diff->commit_layer_bytes);
  if (diff->is_exact)
    printf ("%-12s %9s  %u component%s changed\n", "components", packages, diff->packages,
            diff->packages == 1 ? "" : "s");
  if (diff->has_objects)
    printf ("%-12s %9s  %" G_GUINT64_FORMAT " object%s changed, each compressed separately\n", "objects", objects,
            diff->objects, diff->objects == 1 ? "" : "s");
  printf ("%-12s %9s  for a host without any layer\n", "whole image", whole);
  print_stale (diff);
  if (varve_diff_ratio (diff) > 0)
    printf ("\nThe update is %.3f × the changed components, without the commit layer (%s).\n", varve_diff_ratio (diff),
            commit);
}

static char *
name_components (const GPtrArray *components, gsize width)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < components->len; i++)
    g_ptr_array_add (names, ((VarveDiffComponent *)components->pdata[i])->name);
  return varve_format_names (names, width);
}

static void
print_layer (const VarveDiffLayer *layer, gsize width)
{
  g_autofree char *size = varve_format_size (layer->size_bytes);
  printf ("%5u %9s  ", layer->index, size);
  if (layer->is_commit)
    puts ("(the commit: metadata and directories)");
  else if (layer->is_whiteouts)
    puts ("(whiteouts: hide what is stale from containers)");
  else if (!layer->is_new_diff_id)
    puts ("(same content, compressed again)");
  else if (layer->changed->len == 0 && layer->moved->len == 0)
    puts ("-");
  else if (layer->changed->len == 0)
    puts ("(nothing; only packed differently)");
  else
    {
      g_autofree char *changed = name_components (layer->changed, width - LAYER_COLUMNS);
      puts (changed);
    }
  if (layer->moved->len == 0 || !layer->is_new_diff_id)
    return;
  g_autofree char *moved = name_components (layer->moved, width - LAYER_COLUMNS - strlen ("unchanged: "));
  printf ("%*s%s%s\n", LAYER_COLUMNS, "", "unchanged: ", moved);
}

static void
print_diff (const VarveDiff *diff)
{
  gsize width = varve_terminal_width ();
  print_client ("by digest", &diff->by_digest, diff);
  print_client ("by diff ID", &diff->by_diff_id, diff);
  if (diff->has_partial)
    print_client ("in parts", &diff->by_parts, diff);
  print_bounds (diff);
  if (diff->layers->len == 0)
    return;
  printf ("\n%5s %9s  %s\n", "LAYER", "SIZE", diff->is_exact ? "CHANGED" : "CHANGED (by component names)");
  for (guint i = 0; i < diff->layers->len; i++)
    print_layer (varve_diff_layer (diff, i), width);
}

/* Without the blobs, as in a thin layout, there is no per-object lower bound. */
static gboolean
add_objects (VarveSession *session, const VarveComparisonOptions *options, VarveDiff *diff, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (VarveComparison) comparison
      = varve_comparison_new (options, session->observer, session->cancellable, &local_error);
  if (comparison != NULL)
    {
      varve_comparison_bound (comparison, diff);
      return TRUE;
    }
  gboolean is_asked = options->repo_path != NULL;
  gboolean is_absent = g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND)
                       || g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED);
  if (is_asked || !is_absent)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  varve_observer_warn (session->observer, "%s: continuing without the per-object lower bound", local_error->message);
  return TRUE;
}

/* Without layers, or for a damaged table of contents, there is no answer, but all else can be said. */
static gboolean
add_parts (VarveSession *session, const VarveImage *old, const VarveImage *new, VarveDiff *diff, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  if (varve_partial_pull_add (old, new, diff, session->cancellable, &local_error))
    return TRUE;
  static const VarveError WARNINGS[]
      = { VARVE_ERROR_NOT_FOUND, VARVE_ERROR_CORRUPT, VARVE_ERROR_LIMIT, VARVE_ERROR_UNSUPPORTED };
  gboolean is_warning = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (WARNINGS); i++)
    is_warning = is_warning || g_error_matches (local_error, VARVE_ERROR, (gint)WARNINGS[i]);
  if (!is_warning)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  varve_observer_warn (session->observer, "%s: continuing without the download of clients that fetch parts of layers",
                       local_error->message);
  return TRUE;
}

static VarveDiff *
compare (VarveSession *session, const Arguments *arguments, char **names, GError **error)
{
  g_autoptr (VarveImage) old
      = varve_image_options_open (&arguments->images, session, names[0], arguments->architecture, error);
  g_autoptr (VarveImage) new
      = old != NULL ? varve_image_options_open (&arguments->images, session, names[1], arguments->architecture, error)
                    : NULL;
  g_autoptr (VarveDiff) diff = new != NULL ? varve_diff_new (old, names[0], new, names[1], error) : NULL;
  VarveComparisonOptions options
      = { .old = old, .new = new, .repo_path = arguments->repo, .jobs = varve_session_jobs (session) };
  gboolean is_remote = g_str_has_prefix (names[0], "docker:") || g_str_has_prefix (names[1], "docker:");
  gboolean wants_objects = arguments->repo != NULL || (!arguments->no_objects && !is_remote);
  if (diff == NULL || (!is_remote && !add_parts (session, old, new, diff, error))
      || (wants_objects && !add_objects (session, &options, diff, error)))
    return NULL;
  return g_steal_pointer (&diff);
}

static int
answer (const Arguments *arguments, const VarveDiff *diff, guint64 max_bytes)
{
  if (diff->by_digest.bytes <= max_bytes)
    return 0;
  fprintf (stderr, "varve diff: the update downloads %" G_GUINT64_FORMAT " bytes: expected at most %s (--max-bytes)\n",
           diff->by_digest.bytes, arguments->max_bytes);
  return VARVE_EXIT_ANSWER_NO;
}

static int
print_notes (VarveSession *session, const Arguments *arguments, char **operands, guint64 max_bytes, GError **error)
{
  VarveNotesArguments notes = {
    .images = &arguments->images,
    .old = operands[0],
    .new = operands[1],
    .also = arguments->also,
    .repo = arguments->repo,
    .architecture = arguments->architecture,
    .packages = arguments->packages,
  };
  g_autoptr (VarveExplanation) explanation = varve_print_notes (session, &notes, error);
  return explanation != NULL ? answer (arguments, explanation->diff, max_bytes) : 1;
}

static int
diff (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  guint64 max_bytes = G_MAXUINT64;
  if (arguments->max_bytes != NULL && !varve_byte_size_parse (arguments->max_bytes, "--max-bytes", &max_bytes, error))
    return 1;
  if (!arguments->markdown && (arguments->also != NULL || arguments->packages != NULL))
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--also and --packages require --markdown");
      return 1;
    }
  if (arguments->markdown)
    return print_notes (session, arguments, operands, max_bytes, error);
  varve_session_start (session);
  g_autoptr (VarveDiff) diff = compare (session, arguments, operands, error);
  varve_session_stop (session);
  if (diff == NULL)
    return 1;
  g_autoptr (json_object) json = varve_diff_to_json (diff);
  if (session->json)
    varve_print_json (json);
  else
    print_diff (diff);
  return answer (arguments, diff, max_bytes);
}

int
varve_cmd_diff (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "max-bytes", 0, 0, G_OPTION_ARG_FILENAME, &arguments.max_bytes,
      "Exit with status 3 if the download by digest exceeds N bytes", "N" },
    { "markdown", 0, 0, G_OPTION_ARG_NONE, &arguments.markdown,
      "Write release notes: packages, versions, bytes, causes", NULL },
    { "also", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments.also,
      "With --markdown: also what a host on this older image downloads; repeatable", "IMAGE" },
    { "packages", 0, 0, G_OPTION_ARG_FILENAME, &arguments.packages,
      "With --markdown: package database: auto, rpm, dpkg, pacman or apk; auto", "KIND" },
    { "no-objects", 0, 0, G_OPTION_ARG_NONE, &arguments.no_objects,
      "Read manifests only and omit the per-object lower bound (default for docker:// without --repo)", NULL },
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &arguments.repo,
      "Read objects from this repository instead of the images' blobs", "REPO" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture,
      "Architecture to take from an index (this machine's)", "ARCH" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "OLD NEW",
    .summary = "Shows what a host with image OLD downloads for NEW, compared with what changed, and why.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = 2,
  };
  return varve_session_run (session, &syntax, argc, argv, diff, &arguments);
}

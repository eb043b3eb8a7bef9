/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "cli/byte-size.h"
#include "cli/commands.h"
#include "cli/delta-place.h"
#include "cli/print.h"
#include "delta/apply.h"

typedef struct {
  char *from, *ref, *architecture, *work, *memory;
  double max_cpu;
  VarveImageOptions images;
} Arguments;

/* Tells IMAGE, REPO and DIR apart: a repository is a folder with objects/ and config, an image is no folder. */
static gboolean
open_base (VarveSession *session, const Arguments *arguments, VarveDeltaBase *out_base, VarveImage **out_image,
           GError **error)
{
  const char *from = arguments->from;
  if (from == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                           "missing --from: expected the image, repository or folder to apply the delta to");
      return FALSE;
    }
  g_autofree char *objects = g_build_filename (from, "objects", NULL),
                  *config = g_build_filename (from, "config", NULL);
  gboolean is_folder = g_file_test (from, G_FILE_TEST_IS_DIR);
  gboolean is_repo = is_folder && g_file_test (objects, G_FILE_TEST_IS_DIR) && g_file_test (config, G_FILE_TEST_EXISTS);
  *out_base = (VarveDeltaBase){ .ref = arguments->ref };
  if (is_repo)
    out_base->repo_path = from;
  else if (is_folder)
    out_base->folder = from;
  else
    out_base->image = *out_image
        = varve_delta_place_open_image (&arguments->images, session, from, arguments->architecture, error);
  return is_folder || *out_image != NULL;
}

static void
print_applied (const VarveDelta *delta, const VarveApplyResult *result, const char *target)
{
  g_autofree char *digest = varve_digest_to_string (&result->digest),
                  *wanted = varve_digest_to_string (&delta->target_descriptor->digest);
  g_autofree char *used = varve_format_size (result->download_bytes);
  guint counts[VARVE_APPLY_ABSENT + 1] = { 0 };
  for (guint i = 0; i < result->layers->len; i++)
    counts[g_array_index (result->layers, VarveApplyLayer, i).state]++;
  printf ("image   %s\ndigest  %s%s\n", target, digest, result->is_identical ? ": identical to the new image" : "");
  if (!result->is_identical)
    printf ("target  %s: only the diff IDs are identical\n", wanted);
  printf ("used    %s of the delta\nlayers  %u", used, result->layers->len);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    if (counts[i] > 0)
      printf (", %u %s", counts[i], varve_apply_state_to_string ((VarveApplyState)i));
  puts ("");
  guint n_absent = counts[VARVE_APPLY_ABSENT];
  if (n_absent > 0)
    printf ("note    thin: %u layer%s of the old image %s left out, because a repository or folder has no blobs; hosts "
            "find %s by the diff ID\n",
            n_absent, n_absent == 1 ? "" : "s", n_absent == 1 ? "is" : "are", n_absent == 1 ? "it" : "them");
}

static json_object *
applied_to_json (const VarveDelta *delta, const VarveApplyResult *result, const char *target)
{
  json_object *json = json_object_new_object (), *layers = json_object_new_array ();
  g_autofree char *digest = varve_digest_to_string (&result->digest),
                  *wanted = varve_digest_to_string (&delta->target_descriptor->digest);
  varve_json_add_string (json, "image", target);
  varve_json_add_string (json, "digest", digest);
  varve_json_add_string (json, "target", wanted);
  json_object_object_add (json, "identical", json_object_new_boolean (result->is_identical));
  varve_json_add_size (json, "used_bytes", result->download_bytes);
  for (guint i = 0; i < result->layers->len; i++)
    {
      const VarveApplyLayer *layer = &g_array_index (result->layers, VarveApplyLayer, i);
      json_object *item = json_object_new_object ();
      g_autofree char *layer_digest = varve_digest_to_string (&layer->digest);
      g_autofree char *diff_id = varve_digest_to_string (varve_config_diff_id (delta->config, i));
      varve_json_add_string (item, "digest", layer_digest);
      varve_json_add_string (item, "diff_id", diff_id);
      varve_json_add_size (item, "size_bytes", layer->size_bytes);
      varve_json_add_string (item, "state", varve_apply_state_to_string (layer->state));
      if (layer->kind >= 0)
        varve_json_add_string (item, "kind", varve_delta_entry_kind_to_string ((VarveDeltaEntryKind)layer->kind));
      json_object_array_add (layers, item);
    }
  json_object_object_add (json, "layers", layers);
  return json;
}

static int
apply (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  VarveApplyOptions options
      = { .jobs = varve_session_jobs (session), .max_cpu_seconds = arguments->max_cpu, .work_path = arguments->work };
  guint64 memory_bytes;
  if (arguments->memory != NULL && !varve_byte_size_parse (arguments->memory, "--max-memory", &memory_bytes, error))
    return 1;
  g_autoptr (VarveBudget) memory = arguments->memory != NULL ? varve_budget_new (memory_bytes) : NULL;
  options.memory = memory;
  options.observer = session->observer;
  g_autoptr (VarveReference) target
      = varve_delta_place_parse (&arguments->images, session, VARVE_SIDE_DESTINATION, operands[1], error);
  g_autoptr (VarveImage) image = NULL;
  VarveDeltaBase base;
  if (target == NULL || !open_base (session, arguments, &base, &image, error))
    return 1;
  g_autoptr (VarveDelta) delta
      = varve_delta_place_open (&arguments->images, session, VARVE_SIDE_SOURCE, operands[0], error);
  if (delta == NULL)
    return 1;
  varve_session_start (session);
  VarveApplyResult *result = varve_delta_apply (delta, &base, target, &options, session->cancellable, error);
  varve_session_stop (session);
  if (result == NULL)
    return 1;
  g_autoptr (json_object) json = applied_to_json (delta, result, target->text);
  if (session->json)
    varve_print_json (json);
  else
    print_applied (delta, result, target->text);
  varve_apply_result_free (result);
  return 0;
}

int
varve_cmd_delta_apply (VarveSession *session, int argc, char **argv)
{
  VarveApplyOptions defaults = VARVE_APPLY_OPTIONS_INIT;
  Arguments arguments
      = { .max_cpu = defaults.max_cpu_seconds, .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_TWO_SIDES) };
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_FILENAME, &arguments.from,
      "Old image, repository with its commit, or folder with its tree", "IMAGE|REPO|DIR" },
    { "ref", 0, 0, G_OPTION_ARG_FILENAME, &arguments.ref, "Old commit in the repository (the one that the delta names)",
      "REF" },
    { "max-cpu", 0, 0, G_OPTION_ARG_DOUBLE, &arguments.max_cpu,
      "Skip entries whose encoders take more CPU time (no limit)", "SECONDS" },
    { "max-memory", 0, 0, G_OPTION_ARG_FILENAME, &arguments.memory,
      "Skip entries whose encoders need more memory, in bytes (no limit)", "N" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture,
      "Architecture to take from an index (this machine's)", "ARCH" },
    { "work-dir", 0, 0, G_OPTION_ARG_FILENAME, &arguments.work, "Folder for temporary files ($TMPDIR, else /var/tmp)",
      "DIR" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "--from IMAGE|REPO|DIR DELTA TARGET",
    .summary = "Rebuilds the new image from the old one and a delta. The diff IDs are identical; the digests are too\n"
               "if the compression can be reproduced.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS | VARVE_OPTIONS_LOCK,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = 2,
  };
  return varve_session_run (session, &syntax, argc, argv, apply, &arguments);
}

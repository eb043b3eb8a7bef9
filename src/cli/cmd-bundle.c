/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "cli/byte-size.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print.h"
#include "publish/bundle.h"

typedef struct {
  VarveImageOptions images;
  char **from;
  char *architecture, *memory, *work;
  double max_cpu;
  gboolean layers;
} Arguments;

static json_object *
entry_to_json (const VarveBundled *entry)
{
  json_object *json = json_object_new_object ();
  g_autofree char *digest = varve_digest_to_string (&entry->digest);
  varve_json_add_string (json, "kind", varve_bundled_kind_to_string (entry->kind));
  varve_json_add_string (json, "name", entry->name);
  varve_json_add_string (json, "digest", digest);
  if (entry->artifact_type != NULL)
    varve_json_add_string (json, "artifact_type", entry->artifact_type);
  return json;
}

static void
print_json (const char *folder, const VarveBundleResult *result)
{
  g_autoptr (json_object) json = json_object_new_object ();
  json_object *entries = json_object_new_array ();
  const VarveBundled *image = result->entries->pdata[result->entries->len - 1];
  g_autofree char *digest = varve_digest_to_string (&image->digest);
  varve_json_add_string (json, "folder", folder);
  varve_json_add_string (json, "digest", digest);
  for (guint i = 0; i < result->entries->len; i++)
    json_object_array_add (entries, entry_to_json (result->entries->pdata[i]));
  json_object_object_add (json, "entries", entries);
  varve_json_add_size (json, "layers", result->n_layers);
  varve_json_add_size (json, "layers_bytes", result->layers_bytes);
  varve_json_add_size (json, "total_bytes", result->total_bytes);
  varve_print_json (json);
}

static void
print_table (const char *folder, const VarveBundleResult *result)
{
  g_autofree char *layers = varve_format_size (result->layers_bytes), *total = varve_format_size (result->total_bytes);
  printf ("folder   %s\n", folder);
  for (guint i = 0; i < result->entries->len; i++)
    {
      const VarveBundled *entry = result->entries->pdata[i];
      g_autofree char *digest = varve_digest_to_string (&entry->digest);
      g_autofree char *type = entry->artifact_type != NULL && entry->kind == VARVE_BUNDLED_ATTACHED
                                  ? varve_escape (entry->artifact_type)
                                  : g_strdup ("");
      printf ("%-15s  %.19s  %s  %s\n", varve_bundled_kind_to_string (entry->kind), digest, entry->name, type);
    }
  printf ("layers   %u, %s\ntotal    %s\n", result->n_layers, layers, total);
}

static gboolean
parse_references (const Arguments *arguments, VarveSession *session, GPtrArray *froms, GError **error)
{
  for (guint i = 0; arguments->from != NULL && arguments->from[i] != NULL; i++)
    {
      VarveReference *from
          = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_SOURCE, arguments->from[i], error);
      if (from == NULL)
        return FALSE;
      g_ptr_array_add (froms, from);
    }
  return TRUE;
}

static gboolean
make_options (const Arguments *arguments, VarveSession *session, VarveBundleOptions *options, GError **error)
{
  options->kind = arguments->layers ? VARVE_BUNDLE_LAYERS : VARVE_BUNDLE_DELTAS;
  options->architecture = arguments->architecture;
  options->create.jobs = varve_session_jobs (session);
  options->create.work_path = arguments->work;
  options->create.max_cpu_seconds = arguments->max_cpu;
  options->create.observer = session->observer;
  guint64 memory_bytes = options->create.max_memory_bytes;
  if (arguments->memory != NULL && !varve_byte_size_parse (arguments->memory, "--max-memory", &memory_bytes, error))
    return FALSE;
  options->create.max_memory_bytes = MIN (memory_bytes, options->create.max_memory_bytes);
  return TRUE;
}

static int
bundle (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  const char *folder = operands[1];
  VarveBundleOptions options = { .create = VARVE_DELTA_CREATE_OPTIONS_INIT };
  g_autoptr (GPtrArray) froms = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_reference_free);
  if (!varve_reference_check_folder (folder, error))
    return 1;
  g_autoptr (VarveReference) image
      = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_SOURCE, operands[0], error);
  if (image == NULL || !parse_references (arguments, session, froms, error)
      || !make_options (arguments, session, &options, error))
    return 1;
  g_auto (VarveBundleResult) result = { 0 };
  varve_session_start (session);
  gboolean done = varve_bundle (image, folder, froms, &options, &result, session->cancellable, error);
  varve_session_stop (session);
  if (!done)
    return 1;
  if (session->json)
    print_json (folder, &result);
  else
    print_table (folder, &result);
  return 0;
}

int
varve_cmd_bundle (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .max_cpu = -1, .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments.from,
      "An image that hosts have: put a delta from it into DIR; repeatable", "IMAGE" },
    { "layers", 0, 0, G_OPTION_ARG_NONE, &arguments.layers,
      "Also put all layers into DIR, for hosts that have none of these images", NULL },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture,
      "Architecture to take from an index (this machine's)", "ARCH" },
    { "max-cpu", 0, 0, G_OPTION_ARG_DOUBLE, &arguments.max_cpu,
      "Limit the CPU time of encoders when the delta is applied (no limit)", "SECONDS" },
    { "max-memory", 0, 0, G_OPTION_ARG_FILENAME, &arguments.memory,
      "Limit the memory of encoders when the delta is applied (1 GiB)", "N" },
    { "work-dir", 0, 0, G_OPTION_ARG_FILENAME, &arguments.work, "Folder for temporary files ($TMPDIR, else /var/tmp)",
      "DIR" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE DIR",
    .summary
    = "Puts into a folder what hosts without a network need to get an image: deltas from the images that they\n"
      "have, manifest and config, and what is attached to the image: signatures, SBOMs. prefetch --from reads "
      "it.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS | VARVE_OPTIONS_LOCK,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = 2,
  };
  return varve_session_run (session, &syntax, argc, argv, bundle, &arguments);
}

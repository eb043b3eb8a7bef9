/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print.h"
#include "cli/text-file.h"
#include "transport/platform-index.h"

typedef struct {
  VarveImageOptions images;
  char **annotations;
  char *digest_file;
  gboolean is_new;
} Arguments;

static const char *const STATES[]
    = { [VARVE_ENTRY_KEPT] = "kept", [VARVE_ENTRY_ADDED] = "added", [VARVE_ENTRY_REPLACED] = "replaced" };

static const char *
state_of (const VarvePlatformIndexResult *result, guint position)
{
  return STATES[g_array_index (result->states, VarveEntryState, position)];
}

static void
print_json (const char *image, const char *digest, const VarvePlatformIndexResult *result)
{
  g_autoptr (json_object) json = json_object_new_object ();
  json_object *list = json_object_new_array ();
  for (guint i = 0; i < result->index->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (result->index, i);
      g_autofree char *entry_digest = varve_digest_to_string (&entry->digest);
      json_object *item = json_object_new_object ();
      varve_json_add_string (item, "digest", entry_digest);
      varve_json_add_string (item, "os", entry->os);
      varve_json_add_string (item, "architecture", entry->architecture);
      varve_json_add_string (item, "variant", entry->variant);
      varve_json_add_string (item, "state", state_of (result, i));
      json_object_array_add (list, item);
    }
  varve_json_add_string (json, "image", image);
  varve_json_add_string (json, "digest", digest);
  json_object_object_add (json, "images", list);
  varve_print_json (json);
}

static void
print_text (const char *image, const char *digest, const VarvePlatformIndexResult *result)
{
  printf ("image   %s\ndigest  %s\n\n%-20s %-8s  %s\n", image, digest, "PLATFORM", "", "DIGEST");
  for (guint i = 0; i < result->index->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (result->index, i);
      g_autofree char *entry_digest = varve_digest_to_string (&entry->digest);
      g_autofree char *platform = g_strdup_printf (
          "%s/%s%s%s", entry->os != NULL ? entry->os : "-", entry->architecture != NULL ? entry->architecture : "-",
          entry->variant != NULL ? "/" : "", entry->variant != NULL ? entry->variant : "");
      g_autofree char *escaped = varve_escape (varve_index_is_image (entry) ? platform : "(attestation)");
      printf ("%-20s %-8s  %s\n", escaped, state_of (result, i), entry_digest);
    }
}

static GPtrArray *
parse_sources (VarveSession *session, const Arguments *arguments, char **operands, guint n, GError **error)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_reference_free);
  for (guint i = 0; i < n; i++)
    {
      VarveReference *source
          = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_SOURCE, operands[i], error);
      if (source == NULL)
        return NULL;
      g_ptr_array_add (sources, source);
    }
  return g_steal_pointer (&sources);
}

static int
make_index (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  guint n = g_strv_length (operands);
  g_autoptr (GPtrArray) sources = parse_sources (session, arguments, operands, n - 1, error);
  g_autoptr (VarveReference) target = NULL;
  if (sources != NULL)
    target = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_DESTINATION, operands[n - 1], error);
  if (target == NULL)
    return 1;
  VarvePlatformIndexOptions options = {
    .mode = arguments->is_new ? VARVE_INDEX_NEW : VARVE_INDEX_ADD,
    .annotations = (const char *const *)arguments->annotations,
    .jobs = varve_session_streams (session),
    .observer = session->observer,
    .cancellable = session->cancellable,
  };
  g_auto (VarvePlatformIndexResult) result = { 0 };
  varve_session_start (session);
  gboolean made = varve_platform_index (sources, target, &options, &result, error);
  varve_session_stop (session);
  if (!made)
    return 1;
  g_autofree char *digest = varve_digest_to_string (&result.digest);
  if (!varve_write_digest_file (arguments->digest_file, digest, error))
    return 1;
  if (session->json)
    print_json (target->text, digest, &result);
  else
    print_text (target->text, digest, &result);
  return 0;
}

int
varve_cmd_index (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_TWO_SIDES) };
  const GOptionEntry entries[] = {
    { "annotation", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments.annotations,
      "Set an annotation of the index; repeatable", "KEY=VALUE" },
    { "new", 0, 0, G_OPTION_ARG_NONE, &arguments.is_new, "Replace an existing index instead of adding to it", NULL },
    { "digest-file", 0, 0, G_OPTION_ARG_FILENAME, &arguments.digest_file, "Write the digest of the index to this file",
      "FILE" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE… IMAGE",
    .summary = "Creates an index, the last IMAGE, of one image for each architecture.\n"
               "Images are added to an existing index; an image for the same platform is replaced.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS | VARVE_OPTIONS_LOCK,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = VARVE_DOCUMENT_MAX_ENTRIES,
  };
  return varve_session_run (session, &syntax, argc, argv, make_index, &arguments);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print.h"
#include "compose/report.h"
#include "transport/open-image.h"

typedef struct {
  VarveImageOptions images;
  char *architecture;
} Arguments;

static void
print_field (const char *name, const char *value)
{
  if (value == NULL)
    return;
  g_autofree char *escaped = varve_escape (value);
  printf ("%-13s %s\n", name, escaped);
}

static void
print_report (const VarveReport *report)
{
  g_autofree char *size = varve_format_size (varve_report_size_bytes (report));
  VarveStaleTotal total = varve_report_stale (report);
  g_autofree char *stale = varve_format_stale (&total);
  print_field ("image", report->image);
  print_field ("digest", report->digest);
  print_field ("commit", report->commit);
  print_field ("version", report->version);
  print_field ("architecture", report->architecture);
  print_field ("created", report->created);
  printf ("%-13s %u, %s\n", "layers", report->layers->len, size);
  print_field ("stale", stale);
  puts ("");
  varve_print_layers (report);
  puts ("\nLABELS");
  json_object_object_foreach (report->labels, key, value)
  {
    g_autofree char *escaped_key = varve_escape (key), *escaped = varve_escape (json_object_get_string (value));
    printf ("  %s=%s\n", escaped_key, escaped);
  }
}

static int
inspect (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  g_autoptr (VarveReference) reference
      = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_SOURCE, operands[0], error);
  varve_session_start (session);
  g_autoptr (VarveImage) image
      = reference != NULL ? varve_open_image (reference, arguments->architecture, error) : NULL;
  varve_session_stop (session);
  if (image == NULL)
    return 1;
  g_autoptr (VarveReport) report = varve_report_of_image (image, reference->text);
  g_autoptr (json_object) json = varve_report_to_json (report);
  if (session->json)
    varve_print_json (json);
  else
    print_report (report);
  return 0;
}

int
varve_cmd_inspect (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture,
      "Architecture to take from an index (this machine's)", "ARCH" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE",
    .summary = "Shows an image's labels and its layers with size, share, chance of change and components.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON,
    .images = &arguments.images,
    .min_arguments = 1,
    .max_arguments = 1,
  };
  return varve_session_run (session, &syntax, argc, argv, inspect, &arguments);
}

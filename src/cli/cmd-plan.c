/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/build-options.h"
#include "cli/commands.h"
#include "cli/print.h"

static void
print_plan (const VarveDraft *draft, const VarveReport *report)
{
  g_autofree char *expected = varve_format_size (varve_pack_expected_bytes (draft->plan));
  g_autofree char *objects = varve_format_count (draft->inventory->n_objects, "object"),
                  *components = varve_format_count (draft->plan->atoms->len, "component"),
                  *layers = varve_format_count (draft->plan->layers->len, "layer");
  guint n_reused = varve_report_state_layers (report, VARVE_LAYER_REUSED);
  g_autofree char *reused = varve_format_count (n_reused, "layer");
  VarveStaleTotal total = varve_report_stale (report);
  g_autofree char *stale = varve_format_stale (&total), *kept = varve_format_kept (report);
  varve_print_layers (report);
  printf ("\n%s of %s in %s and the commit layer; expected download of the next update: %s\n", objects, components,
          layers, expected);
  if (draft->previous != NULL)
    printf ("%s, marked =, %s reused from %s\n", reused, n_reused == 1 ? "is" : "are", draft->previous->name);
  if (kept != NULL)
    printf ("stale: %s; kept %s\n", stale, kept);
  if (report->remembered_steps > 0)
    printf ("change rates learned from %d step%s between builds\n", report->remembered_steps,
            report->remembered_steps == 1 ? "" : "s");
}

static int
plan (VarveSession *session, gpointer data, char **operands, GError **error)
{
  VarveBuildArguments *arguments = data;
  const char *image;
  if (!varve_build_arguments_finish (arguments, session, operands, &image, error))
    return 1;
  g_autoptr (VarveReference) target = image != NULL ? varve_reference_parse (image, error) : NULL;
  if (image != NULL && target == NULL)
    return 1;
  varve_session_start (session);
  g_autoptr (VarveDraft) draft
      = varve_draft_new (&arguments->build.draft, session->observer, session->cancellable, error);
  varve_session_stop (session);
  if (draft == NULL)
    return 1;
  g_autoptr (VarveReport) report = varve_report_of_draft (draft);
  g_autoptr (json_object) json = varve_report_to_json (report);
  if (session->json)
    varve_print_json (json);
  else
    print_plan (draft, report);
  return 0;
}

int
varve_cmd_plan (VarveSession *session, int argc, char **argv)
{
  VarveBuildArguments arguments;
  GOptionEntry entries[VARVE_BUILD_ENTRIES_MAX];
  varve_build_arguments_init (&arguments, entries);
  VarveSyntax syntax = {
    .parameters = "--repo REPO REF|COMMIT [IMAGE] | --rootfs DIR [IMAGE] | --from IMAGE [IMAGE]",
    .summary = "Shows the layers that build would create, without writing them.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .images = &arguments.images,
    .min_arguments = 0,
    .max_arguments = 2,
  };
  int status = varve_session_run (session, &syntax, argc, argv, plan, &arguments);
  varve_build_arguments_clear (&arguments);
  return status;
}

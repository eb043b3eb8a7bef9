/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "bench/fleet-series.h"
#include "cli/commands.h"
#include "cli/delta-place.h"
#include "cli/print.h"
#include "transport/open-image.h"

enum { HOSTS_MAX_BYTES = 1 << 20 };

typedef struct {
  VarveImageOptions images;
  char *architecture, *hosts, *deltas;
  int interval;
  double ratio;
} Arguments;

static GArray *
read_hosts (const char *hosts, GError **error)
{
  GArray *named = varve_fleet_groups_named (hosts != NULL ? hosts : "mixed");
  if (named != NULL)
    return named;
  g_autofree char *text = NULL, *escaped = varve_escape (hosts);
  g_autoptr (GError) failure = NULL;
  gsize size_bytes = 0;
  if (!g_file_get_contents (hosts, &text, &size_bytes, &failure) || size_bytes > HOSTS_MAX_BYTES
      || strlen (text) != size_bytes)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                   "--hosts '%s': expected daily, weekly, monthly, mixed, or a text file of at most %d bytes%s%s",
                   escaped, HOSTS_MAX_BYTES, failure != NULL ? ": " : "", failure != NULL ? failure->message : "");
      return NULL;
    }
  GArray *groups = varve_fleet_groups_parse (text, error);
  if (groups == NULL)
    g_prefix_error (error, "'%s': ", escaped);
  return groups;
}

static GPtrArray *
open_images (VarveSession *session, const Arguments *arguments, char **names, GError **error)
{
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_image_free);
  for (char **name = names; *name != NULL; name++)
    {
      VarveImage *image = varve_image_options_open (&arguments->images, session, *name, arguments->architecture, error);
      if (image == NULL)
        return NULL;
      g_ptr_array_add (images, image);
    }
  return g_steal_pointer (&images);
}

/* All deltas of a layout. Its other entries are passed over. */
static GPtrArray *
open_deltas (VarveSession *session, const Arguments *arguments, GError **error)
{
  g_autoptr (GPtrArray) deltas = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_delta_free);
  if (arguments->deltas == NULL)
    return g_steal_pointer (&deltas);
  g_autoptr (VarveReference) reference
      = varve_delta_place_parse (&arguments->images, session, VARVE_SIDE_SOURCE, arguments->deltas, error);
  g_autoptr (VarveBlobs) blobs = reference != NULL ? varve_open_layout (reference, error) : NULL;
  g_autoptr (GBytes) bytes = blobs != NULL ? varve_blobs_load_index (blobs, error) : NULL;
  g_autoptr (VarveIndex) index = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  for (guint i = 0; index != NULL && i < index->manifests->len; i++)
    {
      g_autofree char *ref = g_strdup_printf ("@%u", i);
      g_autoptr (GError) failure = NULL;
      VarveBlobs *own = varve_open_layout (reference, error);
      VarveDelta *delta = own != NULL ? varve_delta_open (own, ref, &failure) : NULL;
      if (own == NULL)
        return NULL;
      if (delta != NULL)
        g_ptr_array_add (deltas, delta);
      else if (!g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return NULL;
        }
    }
  return index != NULL ? g_steal_pointer (&deltas) : NULL;
}

static void
print_fleet (const VarveFleet *fleet, const VarveFleetInput *input)
{
  guint n = input->series.n, days = input->series.days[n - 1];
  printf ("%u releases in %u days, %.0f updates", n, days, fleet->updates);
  for (guint lag = 1; lag < MIN (n, 6u); lag++)
    printf ("%s%.0f %% over %u", lag == 1 ? ": " : ", ", 100 * fleet->by_lag[lag] / MAX (fleet->updates, 1), lag);
  printf ("\ndeltas: %u measured; %.0f %% of the updates are estimates: %.3f of the layers\n", input->n_measured,
          100 * fleet->estimated / MAX (fleet->updates, 1), input->ratio);
  g_autofree char *layers = varve_format_size (input->series.layer_bytes);
  printf ("CPU and the sizes of merged deltas are estimates; the registry has %s of layers\n\n", layers);
  puts ("                                                  DELTAS IN REGISTRY      CPU");
  puts ("POLICY                     EGRESS  AN UPDATE  BY DELTA       ALL  NEWEST ONLY  BUILDER   AN UPDATE");
  for (guint i = 0; i < fleet->results->len; i++)
    {
      const VarveFleetResult *result = &g_array_index (fleet->results, VarveFleetResult, i);
      double updates = MAX (fleet->updates, 1);
      g_autofree char *name = varve_fleet_policy_name (&result->policy);
      g_autofree char *egress = varve_format_size ((guint64)result->egress_bytes),
                      *update = varve_format_size ((guint64)(result->egress_bytes / updates)),
                      *stored = varve_format_size (result->stored_bytes - input->series.layer_bytes),
                      *current = varve_format_size (result->stored_current_bytes - input->series.layer_bytes);
      printf ("%-23s %9s  %9s  %6.1f %%  %8s  %11s  %5.0f s  %8.1f s\n", name, egress, update,
              100 * result->delta_updates / updates, stored, current, result->builder_seconds,
              result->host_seconds / updates);
    }
}

static int
fleet (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  if (arguments->interval < 0 || arguments->interval > (int)VARVE_FLEET_EVERY_DAYS_MAX || arguments->ratio < 0)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "expected --interval up to %u days and --ratio above 0",
                   VARVE_FLEET_EVERY_DAYS_MAX);
      return 1;
    }
  g_autoptr (GArray) groups = read_hosts (arguments->hosts, error);
  g_autoptr (GPtrArray) images = groups != NULL ? open_images (session, arguments, operands, error) : NULL;
  g_autoptr (GPtrArray) deltas = images != NULL ? open_deltas (session, arguments, error) : NULL;
  if (deltas == NULL)
    return 1;
  VarveFleetSeriesOptions options
      = { .images = images, .deltas = deltas, .interval_days = (guint)arguments->interval, .ratio = arguments->ratio };
  g_autoptr (VarveFleetInput) input = varve_fleet_input_new (&options, error);
  if (input == NULL)
    return 1;
  const VarveFleetSeries *series = &input->series;
  g_autoptr (VarveFleet) result = varve_fleet_run (series, groups, series->days[series->n - 1] / (series->n - 1));
  g_autoptr (json_object) json = varve_fleet_to_json (result);
  varve_json_add_size (json, "deltas_measured", input->n_measured);
  varve_json_add_fraction (json, "ratio", input->ratio);
  if (session->json)
    varve_print_json (json);
  else
    print_fleet (result, input);
  return 0;
}

int
varve_cmd_bench_fleet (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "hosts", 0, 0, G_OPTION_ARG_FILENAME, &arguments.hosts,
      "Who updates when: daily, weekly, monthly, mixed, or a file with lines of HOSTS EVERY_DAYS [SKIP_PERCENT] "
      "(mixed)",
      "FILE" },
    { "deltas", 0, 0, G_OPTION_ARG_FILENAME, &arguments.deltas,
      "A layout with deltas between the images, to be measured", "LAYOUT" },
    { "ratio", 0, 0, G_OPTION_ARG_DOUBLE, &arguments.ratio,
      "Size of a delta that is not measured, as a part of the layers (that of the measured ones, else 0.1)", "R" },
    { "interval", 0, 0, G_OPTION_ARG_INT, &arguments.interval,
      "Days between two releases (by the images' times of creation)", "DAYS" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture, "Which image of an index to take (this machine's)",
      "ARCH" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE IMAGE...",
    .summary = "Simulates a fleet of hosts over a series of images, oldest first: what each way of publishing deltas\n"
               "costs in egress, registry storage and CPU. Only manifests and configs are read.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = G_MAXINT,
  };
  return varve_session_run (session, &syntax, argc, argv, fleet, &arguments);
}

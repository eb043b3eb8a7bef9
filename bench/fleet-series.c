/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/fleet-series.h"

#include "base/error.h"
#include "delta/delta-report.h"

#define DAY_MICROSECONDS (24 * G_TIME_SPAN_HOUR)

/* The model of what is not measured. Measured with releases of Debian one to six weeks apart, of which 163 to 172 MB of
 * layers changed: deltas have 0.05 to 0.08 of that, a merged one 1.05 of the direct one; on one core, creating takes 64
 * to 82 s, merging 39 to 45 s. A host unpacks, hashes and writes the same tars with a delta as with layers. */
#define RATIO_DEFAULT 0.1
#define MERGED_RATIO 1.05
#define CREATE_SECONDS_PER_BYTE (1.0 / 2.2e6)
#define MERGE_SECONDS_PER_BYTE (1.0 / 4e6)
#define HOST_SECONDS_PER_BYTE (1.0 / 40e6)

void
varve_fleet_input_free (VarveFleetInput *input)
{
  g_free ((gpointer)input->series.days);
  g_free (input->series.layers);
  g_free (input->series.deltas);
  g_free (input->series.merged);
  g_free (input);
}

static gboolean
read_days (const VarveFleetSeriesOptions *options, guint *days, GError **error)
{
  g_autoptr (GDateTime) first = NULL;
  for (guint i = 0; i < options->images->len; i++)
    {
      const VarveImage *image = options->images->pdata[i];
      days[i] = i * options->interval_days;
      if (options->interval_days > 0)
        continue;
      const char *created = image->config->created;
      g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
      g_autoptr (GDateTime) time = created != NULL ? g_date_time_new_from_iso8601 (created, utc) : NULL;
      GTimeSpan since = first != NULL && time != NULL ? g_date_time_difference (time, first) / DAY_MICROSECONDS : 0;
      if (time == NULL || since < 0 || since > G_MAXINT16 || (i > 0 && (guint)since <= days[i - 1]))
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                       "image %u was created at '%s', expected a day after the image before: name the images oldest "
                       "first, or give --interval DAYS",
                       i + 1, created != NULL ? created : "");
          return FALSE;
        }
      days[i] = (guint)since;
      if (first == NULL)
        first = g_steal_pointer (&time);
    }
  return TRUE;
}

/* What a host downloads without deltas: by digest, as importers find layers. */
static guint64
layer_bytes_between (GHashTable *old, const VarveImage *new)
{
  guint64 bytes = g_bytes_get_size (new->manifest_bytes) + g_bytes_get_size (new->config_bytes);
  for (guint i = 0; i < new->manifest->layers->len; i++)
    {
      const VarveDescriptor *layer = varve_manifest_layer (new->manifest, i);
      bytes += g_hash_table_contains (old, &layer->digest) ? 0 : layer->size_bytes;
    }
  return bytes;
}

static GHashTable *
layers_of (const VarveImage *image)
{
  GHashTable *layers = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
  for (guint i = 0; i < image->manifest->layers->len; i++)
    g_hash_table_add (layers, (gpointer)&varve_manifest_layer (image->manifest, i)->digest);
  return layers;
}

static void
price_layers (const VarveFleetSeriesOptions *options, VarveFleetSeries *series)
{
  g_autoptr (GHashTable) stored = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
  for (guint from = 0; from < series->n; from++)
    {
      const VarveImage *image = options->images->pdata[from];
      g_autoptr (GHashTable) old = layers_of (image);
      for (guint to = from + 1; to < series->n; to++)
        {
          VarveFleetCost *cost = &series->layers[(gsize)from * series->n + to];
          cost->bytes = layer_bytes_between (old, options->images->pdata[to]);
          cost->host_seconds = (double)cost->bytes * HOST_SECONDS_PER_BYTE;
        }
      for (guint i = 0; i < image->manifest->layers->len; i++)
        {
          const VarveDescriptor *layer = varve_manifest_layer (image->manifest, i);
          if (g_hash_table_add (stored, (gpointer)&layer->digest))
            series->layer_bytes += layer->size_bytes;
        }
    }
}

/* The update that a delta is for; FALSE where it is for none of these. */
static gboolean
find_update (const VarveFleetSeriesOptions *options, const VarveDelta *delta, guint *out_from, guint *out_to)
{
  for (guint from = 0; from < options->images->len; from++)
    for (guint to = from + 1; to < options->images->len; to++)
      if (varve_delta_is_between (delta, options->images->pdata[from], options->images->pdata[to]))
        {
          *out_from = from;
          *out_to = to;
          return TRUE;
        }
  return FALSE;
}

typedef struct {
  double layer_bytes, delta_bytes, encode_seconds; /* of the measured updates */
} Measured;

/* Of several deltas for one update the smallest counts. */
static Measured
price_measured (const VarveFleetSeriesOptions *options, VarveFleetInput *input)
{
  VarveFleetSeries *series = &input->series;
  g_autofree double *encode_seconds = g_new0 (double, (gsize)series->n * series->n);
  for (guint i = 0; i < options->deltas->len; i++)
    {
      const VarveDelta *delta = options->deltas->pdata[i];
      guint from, to;
      if (!find_update (options, delta, &from, &to))
        continue;
      gsize at = (gsize)from * series->n + to;
      VarveFleetCost *cost = &series->deltas[at];
      guint64 bytes = varve_delta_download_bytes (delta, VARVE_DELTA_CLIENT_VARVE);
      if (cost->bytes > 0 && cost->bytes <= bytes)
        continue;
      input->n_measured += cost->bytes == 0;
      cost->bytes = bytes;
      cost->host_seconds = varve_delta_encode_seconds (delta) + series->layers[at].host_seconds;
      encode_seconds[at] = varve_delta_encode_seconds (delta);
    }
  Measured sum = { 0 };
  for (gsize at = 0; at < (gsize)series->n * series->n; at++)
    if (series->deltas[at].bytes > 0)
      {
        sum.layer_bytes += (double)series->layers[at].bytes;
        sum.delta_bytes += (double)series->deltas[at].bytes;
        sum.encode_seconds += encode_seconds[at];
      }
  return sum;
}

static void
price_deltas (const VarveFleetSeriesOptions *options, VarveFleetInput *input)
{
  VarveFleetSeries *series = &input->series;
  Measured measured = price_measured (options, input);
  double seconds = measured.layer_bytes > 0 ? measured.encode_seconds / measured.layer_bytes : 0;
  input->ratio = measured.layer_bytes > 0 ? measured.delta_bytes / measured.layer_bytes : RATIO_DEFAULT;
  if (options->ratio > 0)
    input->ratio = options->ratio;
  for (guint from = 0; from < series->n; from++)
    for (guint to = from + 1; to < series->n; to++)
      {
        gsize at = (gsize)from * series->n + to;
        double layer_bytes = (double)series->layers[at].bytes;
        VarveFleetCost *delta = &series->deltas[at], *merged = &series->merged[at];
        if (delta->bytes == 0)
          *delta = (VarveFleetCost){ .bytes = (guint64)(layer_bytes * input->ratio),
                                     .host_seconds = layer_bytes * seconds + series->layers[at].host_seconds,
                                     .is_estimate = TRUE };
        delta->builder_seconds = layer_bytes * CREATE_SECONDS_PER_BYTE;
        *merged = *delta;
        merged->bytes = (guint64)((double)delta->bytes * MERGED_RATIO);
        merged->builder_seconds = layer_bytes * MERGE_SECONDS_PER_BYTE;
      }
}

VarveFleetInput *
varve_fleet_input_new (const VarveFleetSeriesOptions *options, GError **error)
{
  guint n = options->images->len;
  if (n < 2 || n > VARVE_FLEET_RELEASES_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "%u images: expected 2 to %u", n, VARVE_FLEET_RELEASES_MAX);
      return NULL;
    }
  g_autofree guint *days = g_new0 (guint, n);
  if (!read_days (options, days, error))
    return NULL;
  VarveFleetInput *input = g_new0 (VarveFleetInput, 1);
  input->series.n = n;
  input->series.days = g_steal_pointer (&days);
  input->series.layers = g_new0 (VarveFleetCost, (gsize)n * n);
  input->series.deltas = g_new0 (VarveFleetCost, (gsize)n * n);
  input->series.merged = g_new0 (VarveFleetCost, (gsize)n * n);
  price_layers (options, &input->series);
  price_deltas (options, input);
  return input;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/recipe-trial.h"

#include <string.h>

#include "base/error.h"
#include "codec/recipe-memory.h"

typedef struct {
  VarveExtentFile *spool;
  VarveExtent expected; /* the rest of the bytes to compare with */
  guint8 *buffer;
  GCancellable *cancellable;
} Comparison;

enum {
  COMPARED_AT_ONCE = 1 << 16,
  BEGINNING_BYTES = 4 << 20,     /* of plain bytes, enough to find most wrong recipes */
  BEGINNING_END_BYTES = 1 << 17, /* of their encoding, that may differ at its end */
  BEGINNING_STEP_BYTES = 1 << 10,
};

static gboolean
trial_set_differs (GError **error)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the encoded bytes differ");
  return FALSE;
}

/* The first byte that differs ends the trial. */
static gboolean
trial_compare (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  Comparison *comparison = data;
  const guint8 *next = bytes;
  while (size_bytes > 0)
    {
      gsize n = MIN (size_bytes, COMPARED_AT_ONCE);
      if (n > comparison->expected.size_bytes)
        return trial_set_differs (error);
      if (g_cancellable_set_error_if_cancelled (comparison->cancellable, error)
          || !varve_extent_file_read (comparison->spool, comparison->expected.at, comparison->buffer, n, error))
        return FALSE;
      if (memcmp (comparison->buffer, next, n) != 0)
        return trial_set_differs (error);
      comparison->expected.at += n;
      comparison->expected.size_bytes -= n;
      next += n;
      size_bytes -= n;
    }
  return TRUE;
}

/* Whether appliers accept the recipe. */
static gboolean
is_affordable (const char *recipe, guint64 plain_bytes)
{
  VarveRecipeMemory memory = varve_recipe_memory (recipe);
  return varve_recipe_memory_bytes (&memory, plain_bytes) <= VARVE_RECIPE_MEMORY_MAX_BYTES;
}

typedef struct {
  VarveEncoder *encoder;
  GCancellable *cancellable;
} TrialInput;

static gboolean
trial_write (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  const TrialInput *input = data;
  return !g_cancellable_set_error_if_cancelled (input->cancellable, error)
         && input->encoder->write (input->encoder, bytes, size_bytes, error);
}

/* Encodes the beginning of the plain bytes. The end of the result may differ from the stream, which continues there. */
typedef struct {
  Comparison *comparison;
  guint64 size_bytes, equal_bytes;
  gboolean differs;
} Beginning;

static gboolean
trial_compare_beginning (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  Beginning *beginning = data;
  const guint8 *next = bytes;
  beginning->size_bytes += size_bytes;
  for (gsize at = 0; at < size_bytes && !beginning->differs; at += BEGINNING_STEP_BYTES)
    {
      GError *failure = NULL;
      gsize n = MIN (size_bytes - at, BEGINNING_STEP_BYTES);
      if (trial_compare (beginning->comparison, next + at, n, &failure))
        beginning->equal_bytes += n;
      else if (varve_codec_error_is_about_data (failure))
        beginning->differs = TRUE;
      else
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      g_clear_error (&failure);
    }
  return TRUE;
}

static VarveEncoder *
trial_encoder_new (const VarveRecipeTrial *trial, const char *recipe, const VarveSink *compared,
                   GCancellable *cancellable, GError **error)
{
  VarveEncoderOptions options = { .work_path = varve_extent_file_folder (trial->spool), .cancellable = cancellable };
  return varve_codec_encoder_new (recipe, &options, compared, error);
}

/* Most wrong recipes are found here: some encoders give no result for a long time. */
static gboolean
trial_check_beginning (const VarveRecipeTrial *trial, const char *recipe, Comparison comparison, GError **error)
{
  if (trial->plain.size_bytes <= 2 * BEGINNING_BYTES)
    return TRUE;
  Beginning beginning = { .comparison = &comparison };
  VarveSink compared = { .write = trial_compare_beginning, .data = &beginning };
  g_autoptr (VarveEncoder) encoder = trial_encoder_new (trial, recipe, &compared, comparison.cancellable, error);
  if (encoder == NULL || encoder->flush == NULL)
    return encoder != NULL;
  TrialInput input = { .encoder = encoder, .cancellable = comparison.cancellable };
  VarveSink sink = { .write = trial_write, .data = &input };
  VarveExtent first = { .at = trial->plain.at, .size_bytes = BEGINNING_BYTES };
  if (!varve_extent_file_pour (trial->spool, first, &sink, error) || !encoder->flush (encoder, error))
    return FALSE;
  return beginning.equal_bytes + MIN (beginning.size_bytes / 2, BEGINNING_END_BYTES) >= beginning.size_bytes
         || trial_set_differs (error);
}

static gboolean
trial_check_all (const VarveRecipeTrial *trial, const char *recipe, Comparison comparison, GError **error)
{
  VarveSink compared = { .write = trial_compare, .data = &comparison };
  g_autoptr (VarveEncoder) encoder = trial_encoder_new (trial, recipe, &compared, comparison.cancellable, error);
  if (encoder == NULL)
    return FALSE;
  TrialInput input = { .encoder = encoder, .cancellable = comparison.cancellable };
  VarveSink sink = { .write = trial_write, .data = &input };
  if (!varve_extent_file_pour (trial->spool, trial->plain, &sink, error) || !encoder->finish (encoder, error))
    return FALSE;
  return comparison.expected.size_bytes == 0 || trial_set_differs (error);
}

gboolean
varve_recipe_try (const VarveRecipeTrial *trial, char **out_recipe, GCancellable *cancellable, GError **error)
{
  gsize head_bytes;
  const guint8 *head = g_bytes_get_data (trial->head, &head_bytes);
  g_autoptr (GPtrArray) guesses = trial->codec->guess (head, head_bytes, trial->plain.size_bytes);
  g_autofree guint8 *buffer = g_malloc (COMPARED_AT_ONCE);
  Comparison comparison
      = { .spool = trial->spool, .expected = trial->encoded, .buffer = buffer, .cancellable = cancellable };
  for (guint i = 0; i < guesses->len; i++)
    {
      const char *recipe = guesses->pdata[i];
      GError *failure = NULL;
      if (!is_affordable (recipe, trial->plain.size_bytes))
        continue;
      if (trial_check_beginning (trial, recipe, comparison, &failure)
          && trial_check_all (trial, recipe, comparison, &failure))
        {
          *out_recipe = g_strdup (recipe);
          return TRUE;
        }
      if (!varve_codec_error_is_about_data (failure))
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      g_clear_error (&failure);
    }
  *out_recipe = NULL;
  return TRUE;
}

/* Input bytes per second on one core of an Intel server: xz of kernel modules and a kernel, gzip of manual pages, zstd
 * of an initramfs. */
double
varve_recipe_seconds (const char *recipe, guint64 plain_bytes)
{
  static const struct {
    const char *prefix;
    guint level_max;
    double bytes_per_second;
  } SPEEDS[] = {
    { "xz;", 3, 10e6 },   { "xz;", 9, 2.7e6 },    { "gzip;", 4, 60e6 }, { "gzip;", 7, 25e6 },
    { "gzip;", 9, 10e6 }, { "zstd;", 5, 200e6 },  { "zstd;", 9, 33e6 }, { "zstd;", 15, 10e6 },
    { "zstd;", 18, 4e6 }, { "zstd;", 22, 2.3e6 }, { "lz4;", 2, 400e6 }, { "lz4;", 12, 30e6 },
  };
  g_autofree char *preset = varve_recipe_text (recipe, "preset"), *level = varve_recipe_text (recipe, "level");
  const char *number = "9";
  if (preset != NULL)
    number = preset;
  else if (level != NULL)
    number = level;
  guint64 value = g_ascii_strtoull (number, NULL, 10);
  for (guint i = 0; i < G_N_ELEMENTS (SPEEDS); i++)
    if (g_str_has_prefix (recipe, SPEEDS[i].prefix) && value <= SPEEDS[i].level_max)
      return (double)plain_bytes / SPEEDS[i].bytes_per_second;
  return (double)plain_bytes / 2e6;
}

#include "codec/recipe-trial.h"

#include <string.h>

#include "base/error.h"
#include "codec/recipe-memory.h"

typedef struct {
  VarveExtentFile *spool;
  VarveExtent expected; /* what is still to come */
  guint8 *buffer;
  GCancellable *cancellable;
} Comparison;

enum {
  COMPARED_AT_ONCE = 1 << 16,
  BEGINNING_BYTES = 4 << 20,     /* of plain bytes: what they are encoded to shows most wrong recipes */
  BEGINNING_END_BYTES = 1 << 17, /* what may differ at its end, where the whole stream goes on */
  BEGINNING_STEP_BYTES = 1 << 10,
};

/* The first byte that differs ends the trial. */
static gboolean
compare (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  Comparison *comparison = data;
  const guint8 *next = bytes;
  while (size_bytes > 0)
    {
      gsize n = MIN (size_bytes, COMPARED_AT_ONCE);
      if (n > comparison->expected.size_bytes || g_cancellable_is_cancelled (comparison->cancellable)
          || !varve_extent_file_read (comparison->spool, comparison->expected.at, comparison->buffer, n, error)
          || memcmp (comparison->buffer, next, n) != 0)
        {
          if (error == NULL || *error == NULL)
            g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "other bytes");
          return FALSE;
        }
      comparison->expected.at += n;
      comparison->expected.size_bytes -= n;
      next += n;
      size_bytes -= n;
    }
  return TRUE;
}

/* Whether an applier would follow it. */
static gboolean
is_affordable (const char *recipe, guint64 plain_bytes)
{
  VarveRecipeMemory memory = varve_recipe_memory (recipe);
  return varve_recipe_memory_bytes (&memory, plain_bytes) <= VARVE_RECIPE_MEMORY_MAX_BYTES;
}

static gboolean
write_to_encoder (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  VarveEncoder *encoder = data;
  return encoder->write (encoder, bytes, size_bytes, error);
}

/* Whether what comes first is what was expected: the end of it may differ, since the stream goes on there. */
typedef struct {
  Comparison *comparison;
  guint64 size_bytes, equal_bytes;
  gboolean differs;
} Beginning;

static gboolean
compare_beginning (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  Beginning *beginning = data;
  const guint8 *next = bytes;
  beginning->size_bytes += size_bytes;
  for (gsize at = 0; at < size_bytes && !beginning->differs; at += BEGINNING_STEP_BYTES)
    {
      gsize n = MIN (size_bytes - at, BEGINNING_STEP_BYTES);
      beginning->differs = !compare (beginning->comparison, next + at, n, NULL);
      beginning->equal_bytes += beginning->differs ? 0 : n;
    }
  return TRUE;
}

/* A filter in front of the trial, which is long for encoders that give nothing for a long time. */
static gboolean
begins_likewise (const char *recipe, VarveExtentFile *spool, VarveExtent plain, Comparison comparison)
{
  if (plain.size_bytes <= 2 * BEGINNING_BYTES)
    return TRUE;
  Beginning beginning = { .comparison = &comparison };
  VarveSink compared = { .write = compare_beginning, .data = &beginning };
  g_autoptr (VarveEncoder) encoder
      = varve_codec_encoder_new (recipe, varve_extent_file_folder (spool), &compared, NULL);
  if (encoder == NULL || encoder->flush == NULL)
    return encoder != NULL;
  VarveSink sink = { .write = write_to_encoder, .data = encoder };
  VarveExtent first = { .at = plain.at, .size_bytes = BEGINNING_BYTES };
  return varve_extent_file_pour (spool, first, &sink, NULL) && encoder->flush (encoder, NULL)
         && beginning.equal_bytes + MIN (beginning.size_bytes / 2, BEGINNING_END_BYTES) >= beginning.size_bytes;
}

static gboolean
reproduces (const char *recipe, VarveExtentFile *spool, VarveExtent plain, Comparison *comparison)
{
  VarveSink compared = { .write = compare, .data = comparison };
  g_autoptr (VarveEncoder) encoder
      = varve_codec_encoder_new (recipe, varve_extent_file_folder (spool), &compared, NULL);
  if (encoder == NULL)
    return FALSE;
  VarveSink sink = { .write = write_to_encoder, .data = encoder };
  return varve_extent_file_pour (spool, plain, &sink, NULL) && encoder->finish (encoder, NULL)
         && comparison->expected.size_bytes == 0;
}

char *
varve_recipe_try (VarveExtentFile *spool, const VarveCodec *codec, GBytes *head, VarveExtent plain, VarveExtent encoded,
                  GCancellable *cancellable)
{
  gsize head_bytes;
  const guint8 *head_data = g_bytes_get_data (head, &head_bytes);
  g_autoptr (GPtrArray) guesses = codec->guess (head_data, head_bytes, plain.size_bytes);
  g_autofree guint8 *buffer = g_malloc (COMPARED_AT_ONCE);
  for (guint i = 0; i < guesses->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      Comparison comparison = { .spool = spool, .expected = encoded, .buffer = buffer, .cancellable = cancellable };
      if (is_affordable (guesses->pdata[i], plain.size_bytes)
          && begins_likewise (guesses->pdata[i], spool, plain, comparison)
          && reproduces (guesses->pdata[i], spool, plain, &comparison))
        return g_strdup (guesses->pdata[i]);
    }
  return NULL;
}

/* Bytes of input a second, measured on one core of an Intel server: xz of modules and of a kernel, gzip of manual
 * pages, zstd of an initramfs. */
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
  const char *number = preset != NULL ? preset : level != NULL ? level : "9";
  guint64 value = g_ascii_strtoull (number, NULL, 10);
  for (guint i = 0; i < G_N_ELEMENTS (SPEEDS); i++)
    if (g_str_has_prefix (recipe, SPEEDS[i].prefix) && value <= SPEEDS[i].level_max)
      return (double)plain_bytes / SPEEDS[i].bytes_per_second;
  return (double)plain_bytes / 2e6;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A script is a sorted array of records in the spool, with an index of every so many in memory. */
#include "delta/script.h"

#include "base/error.h"
#include "codec/codec.h"

enum {
  BLOCK = 512, /* records that are read at once */
  /* Each has 32 bytes in a temporary file. An update of a desktop's kernel has 2 million. */
  RECORDS_MAX = 1 << 27,
  INNER_MAX = 1 << 20, /* of one entry; a kernel has 4,000 compressed modules */
};

/* No layer of the field comes near. */
#define STREAM_MAX_BYTES (64ull << 30)

typedef struct {
  guint64 at;
  guint64 source_at; /* of COPY and ADD */
  guint64 data_at;   /* of DATA and ADD: from the beginning of the script's data */
  guint32 which;     /* the way of COPY and ADD; the number of ENCODED's inner script */
  guint32 kind;
} Record;

struct _VarveScript {
  VarveExtentFile *spool;
  VarveExtent records;
  guint64 n_records;
  GArray *index; /* guint64: at of each BLOCKth record */
  guint64 size_bytes;
  char *recipe;
  const VarveScript *root; /* the script of the entry: has the next two */
  GPtrArray *inner;        /* VarveScript of each encoder in the entry */
  guint64 data_at;         /* in the spool */
};

static VarveScript *
script_new (VarveExtentFile *spool, const VarveScript *root)
{
  VarveScript *script = g_new0 (VarveScript, 1);
  script->spool = spool;
  script->index = g_array_new (FALSE, FALSE, sizeof (guint64));
  script->root = root != NULL ? root : script;
  if (root == NULL)
    script->inner = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_script_free);
  return script;
}

void
varve_script_free (VarveScript *script)
{
  g_array_unref (script->index);
  g_clear_pointer (&script->inner, g_ptr_array_unref);
  g_free (script->recipe);
  g_free (script);
}

guint64
varve_script_size_bytes (const VarveScript *script)
{
  return script->size_bytes;
}

const char *
varve_script_recipe (const VarveScript *script)
{
  return script->recipe;
}

/* Writes the records of one script. */
typedef struct {
  VarveScript *script;
  VarveExtentFileWriter *writer;
  Record last; /* not written yet, because the next part may continue it */
  gboolean has_last;
} Level;

/* Level 0 is the tar, the others are the inputs of open encoders. */
typedef struct {
  VarveExtentFile *spool;
  VarveChains *chains;
  GCancellable *cancellable;
  VarveTardiffReader *reader;
  VarveScript *root;
  Level levels[VARVE_TARDIFF_ENCODERS_MAX + 1];
  guint depth;
  VarveExtentFileWriter *data;
  guint64 data_bytes;
  guint64 n_records;
  gboolean has_source;
  guint32 way;
  guint64 position;
} Reading;

static gboolean
script_fail (VarveError code, GError **error, const char *message)
{
  g_set_error_literal (error, VARVE_ERROR, code, message);
  return FALSE;
}

static gboolean
level_flush (Level *level, GError **error)
{
  VarveScript *script = level->script;
  if (!level->has_last)
    return TRUE;
  if (script->n_records % BLOCK == 0)
    g_array_append_val (script->index, level->last.at);
  script->n_records++;
  level->has_last = FALSE;
  return varve_extent_file_writer_write (level->writer, &level->last, sizeof level->last, error);
}

/* Whether a part goes on where the last one of the level ends. */
static gboolean
level_continues (const Level *level, const Record *next)
{
  const Record *last = &level->last;
  guint64 size_bytes = next->at - last->at;
  return level->has_last && last->kind == next->kind && next->kind != VARVE_PART_ENCODED && last->which == next->which
         && (next->kind == VARVE_PART_DATA || last->source_at + size_bytes == next->source_at)
         && (next->kind == VARVE_PART_COPY || last->data_at + size_bytes == next->data_at);
}

static gboolean
reading_append (Reading *reading, Record record, guint64 size_bytes, GError **error)
{
  Level *level = &reading->levels[reading->depth];
  record.at = level->script->size_bytes;
  if (size_bytes == 0)
    return TRUE;
  if (size_bytes > STREAM_MAX_BYTES - record.at)
    return script_fail (VARVE_ERROR_LIMIT, error, "the ops give more than the limit of 64 GiB");
  level->script->size_bytes += size_bytes;
  if (level_continues (level, &record))
    return TRUE;
  if (++reading->n_records > RECORDS_MAX)
    return script_fail (VARVE_ERROR_LIMIT, error, "more ops than the limit");
  if (!level_flush (level, error))
    return FALSE;
  level->last = record;
  level->has_last = TRUE;
  return TRUE;
}

static void
level_begin (Reading *reading, VarveScript *script)
{
  Level *level = &reading->levels[reading->depth];
  *level = (Level){ .script = script };
  level->writer = varve_extent_file_writer_new (reading->spool, (guint64)RECORDS_MAX * sizeof (Record));
}

static gboolean
level_end (Level *level, GError **error)
{
  gboolean done
      = level_flush (level, error) && varve_extent_file_writer_finish (level->writer, &level->script->records, error);
  g_clear_pointer (&level->writer, varve_extent_file_writer_free);
  return done;
}

static gboolean
reading_keep_data (Reading *reading, GError **error)
{
  const guint8 *data;
  gsize n;
  do
    {
      if (g_cancellable_set_error_if_cancelled (reading->cancellable, error)
          || !varve_tardiff_reader_chunk (reading->reader, G_MAXSIZE, &data, &n, error)
          || (n > 0 && !varve_extent_file_writer_write (reading->data, data, n, error)))
        return FALSE;
      reading->data_bytes += n;
    }
  while (n > 0);
  return TRUE;
}

static gboolean
reading_part (Reading *reading, const VarveOp *op, GError **error)
{
  Record record = { .kind = VARVE_PART_DATA, .data_at = reading->data_bytes };
  if (op->kind != VARVE_OP_DATA)
    {
      if (!reading->has_source || op->size_bytes > G_MAXINT64 - reading->position)
        return script_fail (VARVE_ERROR_CORRUPT, error, "Copy or AddData without a source, or beyond its end");
      record.kind = op->kind == VARVE_OP_COPY ? VARVE_PART_COPY : VARVE_PART_ADD;
      record.which = reading->way;
      record.source_at = reading->position;
      reading->position += op->size_bytes;
    }
  return reading_append (reading, record, op->size_bytes, error)
         && (op->kind == VARVE_OP_COPY || reading_keep_data (reading, error));
}

static gboolean
reading_encode (Reading *reading, const char *recipe, GError **error)
{
  if (reading->depth == VARVE_TARDIFF_ENCODERS_MAX)
    return script_fail (VARVE_ERROR_LIMIT, error, "more than the limit of nested encoders");
  if (reading->root->inner->len == INNER_MAX)
    return script_fail (VARVE_ERROR_LIMIT, error, "more encoders than the limit");
  VarveScript *inner = script_new (reading->spool, reading->root);
  inner->recipe = g_strdup (recipe);
  g_ptr_array_add (reading->root->inner, inner);
  reading->depth++;
  level_begin (reading, inner);
  return TRUE;
}

/* The number of an inner script in its root is found again by its place, because scripts may nest. */
static guint32
inner_number (const Reading *reading, const VarveScript *inner)
{
  guint32 i = reading->root->inner->len;
  while (reading->root->inner->pdata[--i] != inner)
    ;
  return i;
}

static gboolean
reading_end (Reading *reading, GError **error)
{
  Level *level = &reading->levels[reading->depth];
  guint64 size_bytes;
  if (reading->depth == 0)
    return script_fail (VARVE_ERROR_CORRUPT, error, "End without Encode");
  if (!level_end (level, error))
    return FALSE;
  reading->depth--;
  if (!varve_recipe_number (level->script->recipe, VARVE_TARDIFF_RECIPE_BYTES, 1, STREAM_MAX_BYTES, &size_bytes, NULL))
    return script_fail (VARVE_ERROR_UNSUPPORTED, error,
                        "a recipe without the size of its output (made by an earlier varve)");
  Record record = { .kind = VARVE_PART_ENCODED, .which = inner_number (reading, level->script) };
  return reading_append (reading, record, size_bytes, error);
}

static gboolean
reading_source (Reading *reading, const VarveOp *op, GError **error)
{
  if (op->kind == VARVE_OP_DECODE && !reading->has_source)
    return script_fail (VARVE_ERROR_CORRUPT, error, "Decode without a source");
  reading->position = 0;
  reading->has_source = TRUE;
  return varve_chains_follow (reading->chains, reading->way, op, &reading->way, error);
}

static gboolean
reading_op (Reading *reading, const VarveOp *op, GError **error)
{
  switch (op->kind)
    {
    case VARVE_OP_DATA:
    case VARVE_OP_COPY:
    case VARVE_OP_ADD:
      return reading_part (reading, op, error);
    case VARVE_OP_OPEN:
    case VARVE_OP_LAYER:
    case VARVE_OP_DECODE:
      return reading_source (reading, op, error);
    case VARVE_OP_SEEK:
      reading->position = op->size_bytes;
      return TRUE;
    case VARVE_OP_ENCODE:
      return reading_encode (reading, op->text, error);
    case VARVE_OP_END:
      return reading_end (reading, error);
    }
  g_return_val_if_reached (FALSE);
}

static gboolean
reading_ops (Reading *reading, GError **error)
{
  VarveOp op;
  VarveOpResult result;
  while ((result = varve_tardiff_reader_next (reading->reader, &op, error)) == VARVE_OP_RESULT_OP)
    if (!reading_op (reading, &op, error))
      return FALSE;
  if (result == VARVE_OP_RESULT_END && reading->depth > 0)
    return script_fail (VARVE_ERROR_CORRUPT, error, "Encode without End");
  VarveExtent data;
  if (result != VARVE_OP_RESULT_END || !level_end (&reading->levels[0], error)
      || !varve_extent_file_writer_finish (reading->data, &data, error))
    return FALSE;
  reading->root->data_at = data.at;
  return TRUE;
}

VarveScript *
varve_script_read (GInputStream *blob, VarveChains *chains, VarveExtentFile *spool, GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (VarveTardiffReader) reader = varve_tardiff_reader_new (blob, cancellable, error);
  if (reader == NULL)
    return NULL;
  g_autoptr (VarveScript) script = script_new (spool, NULL);
  guint64 free_bytes = varve_extent_file_free_bytes (spool);
  g_autoptr (VarveExtentFileWriter) data = varve_extent_file_writer_new (spool, MIN (free_bytes, STREAM_MAX_BYTES));
  Reading reading = {
    .spool = spool, .chains = chains, .cancellable = cancellable, .reader = reader, .root = script, .data = data
  };
  level_begin (&reading, script);
  gboolean done = reading_ops (&reading, error);
  for (guint i = 0; i < G_N_ELEMENTS (reading.levels); i++)
    g_clear_pointer (&reading.levels[i].writer, varve_extent_file_writer_free);
  return done ? g_steal_pointer (&script) : NULL;
}

VarveScript *
varve_script_new_known (VarveExtentFile *spool, VarveExtent content, GError **error)
{
  g_autoptr (VarveScript) script = script_new (spool, NULL);
  Reading reading = { .spool = spool, .root = script };
  Record record = { .kind = VARVE_PART_DATA };
  level_begin (&reading, script);
  gboolean done = reading_append (&reading, record, content.size_bytes, error) && level_end (&reading.levels[0], error);
  g_clear_pointer (&reading.levels[0].writer, varve_extent_file_writer_free);
  script->data_at = content.at;
  return done ? g_steal_pointer (&script) : NULL;
}

struct _VarveScriptReader {
  const VarveScript *script;
  Record *block;
  guint64 n_block;
  guint64 first;     /* number of the block's first record */
  guint64 block_end; /* where the block's last part ends */
};

VarveScriptReader *
varve_script_reader_new (const VarveScript *script)
{
  VarveScriptReader *reader = g_new0 (VarveScriptReader, 1);
  reader->script = script;
  return reader;
}

void
varve_script_reader_free (VarveScriptReader *reader)
{
  g_free (reader->block);
  g_free (reader);
}

const VarveScript *
varve_script_reader_script (const VarveScriptReader *reader)
{
  return reader->script;
}

static gboolean
reader_load (VarveScriptReader *reader, guint64 at, GError **error)
{
  const VarveScript *script = reader->script;
  guint low = 0, high = script->index->len;
  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;
      if (g_array_index (script->index, guint64, middle) <= at)
        low = middle;
      else
        high = middle;
    }
  guint64 first = (guint64)low * BLOCK;
  if (reader->block == NULL)
    reader->block = g_new (Record, MIN (script->n_records, BLOCK));
  reader->first = first;
  reader->n_block = MIN (script->n_records - first, BLOCK);
  reader->block_end
      = low + 1 < script->index->len ? g_array_index (script->index, guint64, low + 1) : script->size_bytes;
  return varve_extent_file_read (script->spool, script->records.at + first * sizeof (Record), reader->block,
                                 reader->n_block * sizeof (Record), error);
}

gboolean
varve_script_reader_find (VarveScriptReader *reader, guint64 at, VarvePart *out_part, GError **error)
{
  const VarveScript *script = reader->script;
  g_return_val_if_fail (at < script->size_bytes, FALSE);
  if ((reader->n_block == 0 || at < reader->block[0].at || at >= reader->block_end) && !reader_load (reader, at, error))
    {
      reader->n_block = 0;
      return FALSE;
    }
  guint64 low = 0, high = reader->n_block;
  while (high - low > 1)
    {
      guint64 middle = low + (high - low) / 2;
      if (reader->block[middle].at <= at)
        low = middle;
      else
        high = middle;
    }
  const Record *record = &reader->block[low];
  guint64 end = low + 1 < reader->n_block ? reader->block[low + 1].at : reader->block_end;
  *out_part = (VarvePart){ .kind = (VarvePartKind)record->kind,
                           .at = record->at,
                           .size_bytes = end - record->at,
                           .data_at = script->root->data_at + record->data_at,
                           .source_at = record->source_at,
                           .way = record->which };
  if (record->kind == VARVE_PART_ENCODED)
    out_part->inner = script->root->inner->pdata[record->which];
  return TRUE;
}

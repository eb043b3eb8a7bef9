/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/digest.h"
#include "base/sink.h"
#include "delta/op-stream.h"

/* Writes and reads the ops of a delta entry.
 *
 * The first five are tar-diff version 1 ("tardf1", github.com/containers/tar-diff, file-format.md). Those from 16 on
 * exist in varve's format only (docs/delta-format.md). An op is a byte, a size as LEB128, and for some ops that many
 * bytes of data. */

#define VARVE_TARDIFF_MAGIC "tardf1\n"    /* with its NUL, eight bytes */
#define VARVE_TARDIFF_OWN_MAGIC "varved1" /* of varve's format, eight bytes too */

typedef enum {
  VARVE_OP_DATA = 0,    /* emit these bytes */
  VARVE_OP_OPEN = 1,    /* the data names a file of the old tree; its position is 0 */
  VARVE_OP_COPY = 2,    /* emit size bytes of it */
  VARVE_OP_ADD = 3,     /* emit size bytes of it, adding a byte of the data to each */
  VARVE_OP_SEEK = 4,    /* the position becomes size */
  VARVE_OP_DECODE = 16, /* the decoded piece of the open file becomes the open file */
  VARVE_OP_ENCODE = 17, /* emitted bytes go through the encoder that the data describes */
  VARVE_OP_END = 18,    /* ends the innermost encoder */
  VARVE_OP_LAYER = 19,  /* the tar of the old image's layer with this diff ID becomes the open file */
} VarveOpKind;

#define VARVE_TARDIFF_NAME_MAX_BYTES 4096u
#define VARVE_TARDIFF_ADD_MAX_BYTES (100u << 20)
#define VARVE_TARDIFF_RECIPE_MAX_BYTES 255u
#define VARVE_TARDIFF_ENCODERS_MAX 4u
/* The key of a recipe with the size of the encoder's output, for who has the ops but not the files. */
#define VARVE_TARDIFF_RECIPE_BYTES "bytes"

/* Writes ops to a sink, not compressed. Merges adjacent data and adjacent copies, and omits seeks to the present
 * position. */
typedef struct _VarveTardiffWriter VarveTardiffWriter;

VarveTardiffWriter *varve_tardiff_writer_new (const VarveSink *out);
void varve_tardiff_writer_free (VarveTardiffWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTardiffWriter, varve_tardiff_writer_free)

gboolean varve_tardiff_writer_data (VarveTardiffWriter *writer, const void *data, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Any size is allowed: several ops are written where one is too small. */
gboolean varve_tardiff_writer_open (VarveTardiffWriter *writer, const char *name, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Of an applier in the open file. */
guint64 varve_tardiff_writer_position (const VarveTardiffWriter *writer);
gboolean varve_tardiff_writer_seek (VarveTardiffWriter *writer, guint64 position, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_tardiff_writer_copy (VarveTardiffWriter *writer, guint64 size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_tardiff_writer_add (VarveTardiffWriter *writer, const guint8 *differences, gsize size_bytes,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Decodes the piece at @at of the open file with @codec (a VarveCodecId). */
gboolean varve_tardiff_writer_decode (VarveTardiffWriter *writer, guint8 codec, guint64 at, guint64 size_bytes,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Opens the tar of the layer with this diff ID. */
gboolean varve_tardiff_writer_layer (VarveTardiffWriter *writer, const VarveDigest *diff_id, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_tardiff_writer_encode (VarveTardiffWriter *writer, const char *recipe, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_tardiff_writer_end (VarveTardiffWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_tardiff_writer_finish (VarveTardiffWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads ops from outside: every size is checked before it is used. */
typedef struct _VarveTardiffReader VarveTardiffReader;

typedef struct {
  VarveOpKind kind;
  guint64 size_bytes;            /* of DATA, COPY, ADD; the position of SEEK */
  const char *text;              /* the name of OPEN, cleaned; the recipe of ENCODE; valid until the next op */
  guint8 codec;                  /* of DECODE */
  guint64 piece_at, piece_bytes; /* of DECODE */
  VarveDigest diff_id;           /* of LAYER */
} VarveOp;

/* UNSUPPORTED for an unknown magic. */
VarveTardiffReader *varve_tardiff_reader_new (GInputStream *blob, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_tardiff_reader_free (VarveTardiffReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTardiffReader, varve_tardiff_reader_free)

typedef enum {
  VARVE_OP_RESULT_OP,
  VARVE_OP_RESULT_END,
  VARVE_OP_RESULT_ERROR,
} VarveOpResult;

/* The data of the previous op must have been read to its end. */
VarveOpResult varve_tardiff_reader_next (VarveTardiffReader *reader, VarveOp *out_op, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The next part of the data of DATA or ADD, at most @max_bytes, valid until the next call; no bytes at the end. */
gboolean varve_tardiff_reader_chunk (VarveTardiffReader *reader, gsize max_bytes, const guint8 **out_data,
                                     gsize *out_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A name without empty, "." and ".." components, as appliers clean it; NULL when nothing is left. The caller frees the
 * result. */
char *varve_tardiff_clean_name (const char *name);

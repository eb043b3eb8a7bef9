/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/sink.h"

/* Compression formats that a delta can decode and encode again to exactly the same bytes.
 *
 * An encoder follows a recipe: text of at most 255 bytes, "xz;version=5.4.1;threads=1;…". docs/delta-format.md lists
 * the keys. A recipe names the program or library that it was tried with. */

typedef enum {
  VARVE_CODEC_XZ = 1,
  VARVE_CODEC_GZIP = 2, /* encoders do not write its header */
  VARVE_CODEC_ZSTD = 3,
  VARVE_CODEC_LZ4 = 4, /* the legacy frame, as Linux reads it */
} VarveCodecId;

/* The limit of what one stream may decode to. */
#define VARVE_CODEC_DECODED_MAX_BYTES (4ull << 30)

typedef struct {
  /* Reads up to @size_bytes; 0 at the end, -1 with @error. */
  gssize (*read) (gpointer data, void *buffer, gsize size_bytes, GError **error);
  gpointer data;
} VarveCodecInput;

typedef struct {
  guint64 used_bytes;   /* of the input */
  guint64 header_bytes; /* of these: the header, which an encoder does not write */
} VarveDecodedStream;

/* Encodes what is written to it, into the sink that it was made with. */
typedef struct _VarveEncoder VarveEncoder;
struct _VarveEncoder {
  gboolean (*write) (VarveEncoder *encoder, const void *data, gsize size_bytes, GError **error);
  gboolean (*finish) (VarveEncoder *encoder, GError **error);
  /* Writes out all input so far. Later output is no longer what the recipe gives. NULL where an encoder does not hold
   * input back. */
  gboolean (*flush) (VarveEncoder *encoder, GError **error);
  void (*free) (VarveEncoder *encoder);
};
void varve_encoder_free (VarveEncoder *encoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveEncoder, varve_encoder_free)

typedef struct {
  const char *work_path;     /* the folder of temporary files; NULL: varve_temporary_parent() */
  GCancellable *cancellable; /* ends programs that an encoder runs; may be NULL */
} VarveEncoderOptions;

typedef struct {
  VarveCodecId id;
  const char *name;
  gsize magic_bytes;
  const char *magic;
  /* Decodes one stream at the front of the input, and ignores trailing data. */
  gboolean (*decode) (const VarveCodecInput *input, const VarveSink *out, VarveDecodedStream *out_stream,
                      GError **error);
  /* Recipes that may have made this stream, the likeliest first: GPtrArray of char *, empty when there is none. @head
   * is the beginning of the stream, @plain_bytes the size of what it decodes to. */
  GPtrArray *(*guess) (const guint8 *head, gsize head_bytes, guint64 plain_bytes);
  /* UNSUPPORTED where what is installed here cannot follow the recipe. */
  VarveEncoder *(*encoder_new) (const char *recipe, const VarveEncoderOptions *options, const VarveSink *out,
                                GError **error);
} VarveCodec;

/* NULL for an unknown codec and one that this build lacks. */
const VarveCodec *varve_codec_find (guint8 id);
/* By the first bytes of a file; NULL when no codec matches. */
const VarveCodec *varve_codec_recognise (const guint8 *head, gsize head_bytes);
/* By the name at the front of @recipe, which is checked. */
VarveEncoder *varve_codec_encoder_new (const char *recipe, const VarveEncoderOptions *options, const VarveSink *out,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the data or the recipe is at fault (CORRUPT, UNSUPPORTED, LIMIT). Otherwise the system failed or the work was
 * cancelled, and another recipe or no recipe is not an answer. */
gboolean varve_codec_error_is_about_data (const GError *error);

/* The number of a key. CORRUPT where it is missing or not from @min to @max. */
gboolean varve_recipe_number (const char *recipe, const char *key, guint64 min, guint64 max, guint64 *out_value,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The text of a key, or NULL; the caller frees it. */
char *varve_recipe_text (const char *recipe, const char *key);

/* For codec.c only. NULL where the library was not found at build time. */
const VarveCodec *varve_codec_xz (void);
const VarveCodec *varve_codec_gzip (void);
const VarveCodec *varve_codec_zstd (void);
const VarveCodec *varve_codec_lz4 (void);

#pragma once

#include <gio/gio.h>

#include "base/sink.h"

/* The compressions that a delta looks through: decoding, and encoding again to the very same bytes.
 *
 * What an encoder needs for that is a recipe: text of at most 255 bytes, "xz;version=5.4.1;threads=1;…", whose keys are
 * in docs/delta-format.md. A recipe names the program or library that it was tried with. */

typedef enum {
  VARVE_CODEC_XZ = 1,
  VARVE_CODEC_GZIP = 2, /* its header is not part of what is encoded */
  VARVE_CODEC_ZSTD = 3,
  VARVE_CODEC_LZ4 = 4, /* the legacy frame, as Linux takes it */
} VarveCodecId;

/* No decoder here gives more. */
#define VARVE_CODEC_DECODED_MAX_BYTES (4ull << 30)

/* Up to @size_bytes; 0 at the end, -1 with @error. */
typedef struct {
  gssize (*read) (gpointer data, void *buffer, gsize size_bytes, GError **error);
  gpointer data;
} VarveCodecInput;

typedef struct {
  guint64 used_bytes;   /* of the input */
  guint64 header_bytes; /* of these: what an encoder does not make */
} VarveDecodedStream;

/* An encoder takes what is written to it, and gives the result to the sink that it was made with. */
typedef struct _VarveEncoder VarveEncoder;
struct _VarveEncoder {
  gboolean (*write) (VarveEncoder *encoder, const void *data, gsize size_bytes, GError **error);
  gboolean (*finish) (VarveEncoder *encoder, GError **error);
  /* Gives what was taken so far; what comes after is no longer what the recipe makes. NULL where the encoder gives it
   * without. */
  gboolean (*flush) (VarveEncoder *encoder, GError **error);
  void (*free) (VarveEncoder *encoder);
};
void varve_encoder_free (VarveEncoder *encoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveEncoder, varve_encoder_free)

typedef struct {
  const char *work_path;     /* the folder of temporary files; NULL: varve_temporary_folder() */
  GCancellable *cancellable; /* ends programs that an encoder runs; may be NULL */
} VarveEncoderOptions;

typedef struct {
  VarveCodecId id;
  const char *name;
  gsize magic_bytes;
  const char *magic;
  /* One stream from the front of the input. What follows it is left alone. */
  gboolean (*decode) (const VarveCodecInput *input, const VarveSink *out, VarveDecodedStream *out_stream,
                      GError **error);
  /* Recipes that may have made this stream, the likeliest first: GPtrArray of char *. @head is its beginning,
   * @plain_bytes what it decodes to. Empty when it is none that can be made. */
  GPtrArray *(*guess) (const guint8 *head, gsize head_bytes, guint64 plain_bytes);
  /* UNSUPPORTED where what is installed here cannot follow the recipe. */
  VarveEncoder *(*encoder_new) (const char *recipe, const VarveEncoderOptions *options, const VarveSink *out,
                                GError **error);
} VarveCodec;

/* NULL when there is none, or it was left out of this build. */
const VarveCodec *varve_codec_find (guint8 id);
/* By the first bytes of a file. */
const VarveCodec *varve_codec_recognise (const guint8 *head, gsize head_bytes);
/* By the name at the front of a recipe: checks its form. */
VarveEncoder *varve_codec_encoder_new (const char *recipe, const VarveEncoderOptions *options, const VarveSink *out,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the data or the recipe is at fault (CORRUPT, UNSUPPORTED, LIMIT). Otherwise the system failed or the work was
 * cancelled, and another recipe or no recipe is not an answer. */
gboolean varve_codec_error_is_about_data (const GError *error);

/* The number that a recipe gives for a key, which must be from @min to @max; else CORRUPT. */
gboolean varve_recipe_number (const char *recipe, const char *key, guint64 min, guint64 max, guint64 *out_value,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The text for a key, or NULL; the caller frees it. */
char *varve_recipe_text (const char *recipe, const char *key);

/* Only for codec.c: NULL where the library was not found at build time. */
const VarveCodec *varve_codec_xz (void);
const VarveCodec *varve_codec_gzip (void);
const VarveCodec *varve_codec_zstd (void);
const VarveCodec *varve_codec_lz4 (void);

#pragma once

#include <gio/gio.h>

#include "base/extent-file.h"
#include "codec/codec.h"

/* What is inside a file: compressed streams, the members of cpio archives, the payload of a kernel image, and what is
 * inside these.
 *
 * A list in the order of the bytes. RAW pieces are what it all comes down to; BEGIN and END enclose what a compressed
 * stream decodes to. All pieces of one level together are the stream of that level. */

typedef enum {
  VARVE_PIECE_RAW,
  VARVE_PIECE_BEGIN,
  VARVE_PIECE_END,
} VarvePieceKind;

typedef struct {
  VarvePieceKind kind;
  VarveExtent
      content; /* in the spool: the bytes; of BEGIN those that are compressed, without a header that no encoder makes */
  guint64 at;  /* in the stream of its level */
  const char *name; /* of the cpio member that it is or is in; NULL elsewhere */
  /* of BEGIN */
  guint8 codec;         /* of VarveCodecId */
  guint32 end;          /* the place of its END */
  guint64 header_bytes; /* that stand before it, and that decoding begins with */
  guint64 plain_bytes;
  char *recipe; /* NULL where none was asked for */
} VarvePiece;

typedef struct {
  GArray *pieces; /* VarvePiece */
  GStringChunk *strings;
} VarveAnatomy;

#define VARVE_ANATOMY_DEPTH_MAX 4u

typedef enum {
  VARVE_ANATOMY_DECODE,  /* of an old file */
  VARVE_ANATOMY_RECIPES, /* of a new one: streams that no recipe gives back, bit for bit, stay RAW */
} VarveAnatomyKind;

/* What is decoded goes into the same spool. A file that is damaged inside is RAW from there on; an error only where the
 * system fails. */
VarveAnatomy *varve_anatomy_new (VarveExtentFile *spool, VarveExtent file, VarveAnatomyKind kind,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_anatomy_free (VarveAnatomy *anatomy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveAnatomy, varve_anatomy_free)

/* Whether there is anything in it but itself. */
gboolean varve_anatomy_is_deep (const VarveAnatomy *anatomy);
/* By its first bytes: whether varve_anatomy_new() may find more in it. */
gboolean varve_anatomy_is_promising (const guint8 *head, gsize head_bytes);
enum { VARVE_ANATOMY_HEAD_BYTES = 4096 };

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/extent-file.h"
#include "codec/codec.h"
#include "codec/pe.h"

/* What is inside a file: compressed streams, members of cpio archives, the payload of a kernel image, the sections of a
 * unified kernel image, and what is inside these.
 *
 * A list of pieces in the order of the bytes. BEGIN and END enclose what a compressed stream decodes to. The bytes
 * themselves are in RAW pieces. All pieces of one level together are the stream of that level. SECTION has no bytes of
 * its own: it stands before the pieces of a section, and tells what these are together. */

typedef enum {
  VARVE_PIECE_RAW,
  VARVE_PIECE_BEGIN,
  VARVE_PIECE_END,
  VARVE_PIECE_SECTION,
} VarvePieceKind;

/* Names of pieces: of sections, and of kernels and initramfs that could be these sections. No path begins with '/'. */
#define VARVE_PIECE_LINUX "/" VARVE_PE_LINUX
#define VARVE_PIECE_INITRD "/" VARVE_PE_INITRD

typedef struct {
  VarvePieceKind kind;
  VarveExtent
      content;      /* in the spool; of BEGIN the compressed bytes, without a header that the encoder does not write */
  guint64 at;       /* offset in the stream of its level */
  const char *name; /* of the cpio member or, after a '/', of the PE section that it is or is in; else NULL */
  /* Of BEGIN and SECTION only. */
  guint64 hash; /* of content: varve_fasthash_64() */
  guint32 end;  /* index of its END, or of the section's last piece */
  /* Of BEGIN only. */
  guint8 codec;         /* a VarveCodecId */
  guint64 header_bytes; /* of the header before content, where decoding starts */
  guint64 plain_bytes;
  char *recipe; /* NULL with VARVE_ANATOMY_DECODE */
} VarvePiece;

typedef struct {
  GArray *pieces; /* VarvePiece */
  GStringChunk *strings;
  const char *role; /* VARVE_PIECE_LINUX of a kernel, VARVE_PIECE_INITRD of an initramfs; else NULL */
} VarveAnatomy;

#define VARVE_ANATOMY_DEPTH_MAX 4u

typedef enum {
  VARVE_ANATOMY_DECODE,  /* for old files */
  VARVE_ANATOMY_RECIPES, /* for new files: a stream that no recipe reproduces bit for bit stays RAW */
} VarveAnatomyKind;

typedef struct {
  VarveAnatomyKind kind;
  /* Whether nothing inside a section of these bytes is wanted: it is then one RAW piece. NULL: never. */
  gboolean (*is_known) (gpointer data, guint64 hash, guint64 size_bytes);
  gpointer data;
} VarveAnatomyOptions;

/* Decoded bytes go into the same spool. A damaged stream is RAW. An error means that the system failed or that the work
 * was cancelled. */
VarveAnatomy *varve_anatomy_new (VarveExtentFile *spool, VarveExtent file, const VarveAnatomyOptions *options,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_anatomy_free (VarveAnatomy *anatomy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveAnatomy, varve_anatomy_free)

/* Whether there is more than one piece, or a role. */
gboolean varve_anatomy_is_deep (const VarveAnatomy *anatomy);
/* Whether varve_anatomy_new() may find any of that, judged by the first VARVE_ANATOMY_HEAD_BYTES. */
gboolean varve_anatomy_is_promising (const guint8 *head, gsize head_bytes);
enum { VARVE_ANATOMY_HEAD_BYTES = 4096 };

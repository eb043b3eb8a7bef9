/* SPDX-License-Identifier: Apache-2.0 */
/* Splits a file into its compressed streams and archive members. Formats: cpio "newc" (Linux,
 * Documentation/driver-api/early-userspace/buffer-format.rst), the x86 boot protocol (Documentation/arch/x86/boot.rst).
 */
#include "codec/anatomy.h"

#include <string.h>

#include "base/error.h"
#include "codec/recipe-trial.h"

enum {
  CPIO_HEADER_BYTES = 110,
  CPIO_NAME_MAX_BYTES = 4096,
  STREAM_MIN_BYTES = 256, /* a smaller stream is not worth the ops that decode and encode it */
  PIECES_MAX = 1 << 20,
  BOOT_SECTORS_AT = 0x1f1,
  BOOT_FLAG_AT = 0x1fe,
  BOOT_MAGIC_AT = 0x202,
  BOOT_PAYLOAD_AT = 0x248,
};

typedef struct {
  VarveAnatomy *anatomy;
  VarveExtentFile *spool;
  VarveAnatomyKind kind;
  GCancellable *cancellable;
} Dissection;

/* A part of one level's stream. */
typedef struct {
  VarveExtent content;
  guint64 at;
  const char *name;
  guint depth;
} Part;

static gboolean dissect_part (Dissection *dissection, Part part, GError **error);

void
varve_anatomy_free (VarveAnatomy *anatomy)
{
  for (guint i = 0; i < anatomy->pieces->len; i++)
    g_free (g_array_index (anatomy->pieces, VarvePiece, i).recipe);
  g_array_unref (anatomy->pieces);
  g_string_chunk_free (anatomy->strings);
  g_free (anatomy);
}

gboolean
varve_anatomy_is_deep (const VarveAnatomy *anatomy)
{
  return anatomy->pieces->len > 1;
}

static gboolean
is_cpio (const guint8 *head, gsize head_bytes)
{
  return head_bytes >= CPIO_HEADER_BYTES && (memcmp (head, "070701", 6) == 0 || memcmp (head, "070702", 6) == 0);
}

static gboolean
is_kernel (const guint8 *head, gsize head_bytes)
{
  return head_bytes > BOOT_PAYLOAD_AT + 8 && memcmp (head + BOOT_MAGIC_AT, "HdrS", 4) == 0 && head[BOOT_FLAG_AT] == 0x55
         && head[BOOT_FLAG_AT + 1] == 0xaa;
}

gboolean
varve_anatomy_is_promising (const guint8 *head, gsize head_bytes)
{
  return is_cpio (head, head_bytes) || is_kernel (head, head_bytes) || varve_codec_recognise (head, head_bytes) != NULL;
}

static Part
part_slice (const Part *part, guint64 from, guint64 size_bytes, const char *name)
{
  return (Part){
    .content = { .at = part->content.at + from, .size_bytes = size_bytes },
    .at = part->at + from,
    .name = name,
    .depth = part->depth,
  };
}

static void
pieces_add_raw (Dissection *dissection, Part part)
{
  GArray *pieces = dissection->anatomy->pieces;
  VarvePiece piece = { .kind = VARVE_PIECE_RAW, .content = part.content, .at = part.at, .name = part.name };
  VarvePiece *last = pieces->len > 0 ? &g_array_index (pieces, VarvePiece, pieces->len - 1) : NULL;
  if (part.content.size_bytes == 0)
    return;
  if (last != NULL && last->kind == VARVE_PIECE_RAW && last->name == NULL && part.name == NULL
      && last->content.at + last->content.size_bytes == part.content.at
      && last->at + last->content.size_bytes == part.at)
    last->content.size_bytes += part.content.size_bytes;
  else
    g_array_append_val (pieces, piece);
}

typedef struct {
  VarveExtentFile *spool;
  VarveExtent left;
  GCancellable *cancellable;
} Feed;

static gssize
feed_read (gpointer data, void *buffer, gsize size_bytes, GError **error)
{
  Feed *feed = data;
  gsize n = (gsize)MIN (size_bytes, feed->left.size_bytes);
  if (g_cancellable_set_error_if_cancelled (feed->cancellable, error)
      || !varve_extent_file_read (feed->spool, feed->left.at, buffer, n, error))
    return -1;
  feed->left.at += n;
  feed->left.size_bytes -= n;
  return (gssize)n;
}

/* What a compressed stream decodes to. */
typedef struct {
  gboolean is_valid; /* else nothing could be decoded */
  VarveExtent plain;
  VarveDecodedStream stream;
} Decoded;

static gboolean
dissect_decode (Dissection *dissection, const VarveCodec *codec, const Part *part, Decoded *out_decoded, GError **error)
{
  g_autoptr (VarveExtentFileWriter) writer
      = varve_extent_file_writer_new (dissection->spool, VARVE_CODEC_DECODED_MAX_BYTES);
  Feed feed = { .spool = dissection->spool, .left = part->content, .cancellable = dissection->cancellable };
  VarveCodecInput input = { .read = feed_read, .data = &feed };
  GError *failure = NULL;
  *out_decoded = (Decoded){ 0 };
  if (codec->decode (&input, varve_extent_file_writer_sink (writer), &out_decoded->stream, &failure)
      && varve_extent_file_writer_finish (writer, &out_decoded->plain, &failure))
    {
      out_decoded->is_valid = out_decoded->stream.used_bytes <= part->content.size_bytes
                              && out_decoded->stream.header_bytes < out_decoded->stream.used_bytes;
      return TRUE;
    }
  if (!varve_codec_error_is_about_data (failure))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  g_error_free (failure);
  return TRUE;
}

static void
pieces_add_begin (Dissection *dissection, const VarveCodec *codec, const Part *encoded, const Decoded *decoded,
                  char *recipe)
{
  VarvePiece begin = {
    .kind = VARVE_PIECE_BEGIN,
    .content = encoded->content,
    .at = encoded->at,
    .name = encoded->name,
    .codec = (guint8)codec->id,
    .header_bytes = decoded->stream.header_bytes,
    .plain_bytes = decoded->plain.size_bytes,
    .recipe = recipe,
  };
  g_array_append_val (dissection->anatomy->pieces, begin);
}

/* Looks for a compressed stream at the front of the part. *@out_used is 0 where none can be decoded (and encoded). */
static gboolean
dissect_stream (Dissection *dissection, const Part *part, GBytes *head, guint64 *out_used, GError **error)
{
  *out_used = 0;
  const VarveCodec *codec = varve_codec_recognise (g_bytes_get_data (head, NULL), g_bytes_get_size (head));
  if (codec == NULL || part->depth >= VARVE_ANATOMY_DEPTH_MAX || part->content.size_bytes < STREAM_MIN_BYTES)
    return TRUE;
  Decoded decoded;
  if (!dissect_decode (dissection, codec, part, &decoded, error))
    return FALSE;
  if (!decoded.is_valid)
    return TRUE;
  guint64 header_bytes = decoded.stream.header_bytes;
  Part encoded = part_slice (part, header_bytes, decoded.stream.used_bytes - header_bytes, part->name);
  char *recipe = NULL;
  if (dissection->kind == VARVE_ANATOMY_RECIPES)
    {
      VarveRecipeTrial trial = {
        .spool = dissection->spool, .codec = codec, .head = head, .plain = decoded.plain, .encoded = encoded.content
      };
      if (!varve_recipe_try (&trial, &recipe, dissection->cancellable, error))
        return FALSE;
      if (recipe == NULL)
        return TRUE;
    }
  GArray *pieces = dissection->anatomy->pieces;
  pieces_add_raw (dissection, part_slice (part, 0, header_bytes, NULL));
  guint begin = pieces->len;
  pieces_add_begin (dissection, codec, &encoded, &decoded, recipe);
  if (!dissect_part (dissection, (Part){ .content = decoded.plain, .name = part->name, .depth = part->depth + 1 },
                     error))
    return FALSE;
  VarvePiece end = { .kind = VARVE_PIECE_END };
  g_array_index (pieces, VarvePiece, begin).end = pieces->len;
  g_array_append_val (pieces, end);
  *out_used = decoded.stream.used_bytes;
  return TRUE;
}

static guint32
read_u32 (const guint8 *at)
{
  return at[0] | (guint32)at[1] << 8 | (guint32)at[2] << 16 | (guint32)at[3] << 24;
}

/* The compressed kernel follows the sectors of the setup code; its last four bytes are the plain size. */
static gboolean
dissect_kernel (Dissection *dissection, const Part *part, const guint8 *head, GError **error)
{
  guint64 sectors = head[BOOT_SECTORS_AT] != 0 ? head[BOOT_SECTORS_AT] : 4;
  guint64 from = (sectors + 1) * 512 + read_u32 (head + BOOT_PAYLOAD_AT);
  guint64 size_bytes = read_u32 (head + BOOT_PAYLOAD_AT + 4);
  if (size_bytes <= 4 || from > part->content.size_bytes || size_bytes > part->content.size_bytes - from)
    {
      pieces_add_raw (dissection, *part);
      return TRUE;
    }
  pieces_add_raw (dissection, part_slice (part, 0, from, part->name));
  if (!dissect_part (dissection, part_slice (part, from, size_bytes - 4, part->name), error))
    return FALSE;
  guint64 rest = from + size_bytes - 4;
  pieces_add_raw (dissection, part_slice (part, rest, part->content.size_bytes - rest, NULL));
  return TRUE;
}

static gboolean
cpio_read_hex (const guint8 *header, gsize field, guint64 *out_value)
{
  char digits[9] = { 0 };
  memcpy (digits, header + 6 + 8 * field, 8);
  return g_ascii_string_to_unsigned (digits, 16, 0, G_MAXUINT32, out_value, NULL);
}

typedef struct {
  gboolean is_found; /* else there is no member */
  guint64 data_from, data_bytes, next;
  const char *name;
  gboolean is_trailer;
} CpioMember;

static gboolean
cpio_read_member (Dissection *dissection, const Part *part, guint64 from, CpioMember *out_member, GError **error)
{
  guint8 header[CPIO_HEADER_BYTES];
  guint64 size_bytes, name_bytes, left = part->content.size_bytes - from;
  *out_member = (CpioMember){ 0 };
  if (left < CPIO_HEADER_BYTES)
    return TRUE;
  if (!varve_extent_file_read (dissection->spool, part->content.at + from, header, sizeof header, error))
    return FALSE;
  if (!is_cpio (header, sizeof header) || !cpio_read_hex (header, 6, &size_bytes)
      || !cpio_read_hex (header, 11, &name_bytes) || name_bytes == 0 || name_bytes > CPIO_NAME_MAX_BYTES
      || name_bytes > left - CPIO_HEADER_BYTES)
    return TRUE;
  g_autofree char *name = g_malloc0 (name_bytes + 1);
  if (!varve_extent_file_read (dissection->spool, part->content.at + from + CPIO_HEADER_BYTES, name, name_bytes, error))
    return FALSE;
  guint64 data_from = (from + CPIO_HEADER_BYTES + name_bytes + 3) / 4 * 4;
  if (data_from > part->content.size_bytes || size_bytes > part->content.size_bytes - data_from)
    return TRUE;
  *out_member = (CpioMember){
    .is_found = TRUE,
    .data_from = data_from,
    .data_bytes = size_bytes,
    .next = MIN ((data_from + size_bytes + 3) / 4 * 4, part->content.size_bytes),
    .name = g_string_chunk_insert (dissection->anatomy->strings, g_str_has_prefix (name, "./") ? name + 2 : name),
    .is_trailer = strcmp (name, "TRAILER!!!") == 0,
  };
  return TRUE;
}

/* Moves *@at past the zero bytes between two archives. */
static gboolean
cpio_skip_zeros (Dissection *dissection, const Part *part, guint64 *at, GError **error)
{
  guint8 buffer[512];
  while (*at < part->content.size_bytes)
    {
      gsize n = (gsize)MIN (sizeof buffer, part->content.size_bytes - *at);
      if (!varve_extent_file_read (dissection->spool, part->content.at + *at, buffer, n, error))
        return FALSE;
      for (gsize i = 0; i < n; i++)
        if (buffer[i] != 0)
          {
            *at += i;
            return TRUE;
          }
      *at += n;
    }
  return TRUE;
}

static gboolean
dissect_cpio_member (Dissection *dissection, const Part *part, guint64 at, const CpioMember *member, GError **error)
{
  pieces_add_raw (dissection, part_slice (part, at, member->data_from - at, NULL));
  if (member->data_bytes > 0
      && !dissect_part (dissection, part_slice (part, member->data_from, member->data_bytes, member->name), error))
    return FALSE;
  guint64 end = member->data_from + member->data_bytes;
  pieces_add_raw (dissection, part_slice (part, end, member->next - end, NULL));
  return TRUE;
}

static gboolean
dissect_cpio (Dissection *dissection, const Part *part, GError **error)
{
  guint64 at = 0;
  CpioMember member = { .is_found = TRUE };
  while (member.is_found && !member.is_trailer && dissection->anatomy->pieces->len < PIECES_MAX)
    {
      if (!cpio_read_member (dissection, part, at, &member, error)
          || (member.is_found && !dissect_cpio_member (dissection, part, at, &member, error)))
        return FALSE;
      at = member.is_found ? member.next : at;
    }
  guint64 rest = at;
  if (member.is_trailer && !cpio_skip_zeros (dissection, part, &rest, error))
    return FALSE;
  pieces_add_raw (dissection, part_slice (part, at, rest - at, NULL));
  Part after = part_slice (part, rest, part->content.size_bytes - rest, part->name);
  after.depth++; /* limits the number of archives in a row */
  if (member.is_trailer)
    return dissect_part (dissection, after, error);
  pieces_add_raw (dissection, after);
  return TRUE;
}

static gboolean
dissect_part (Dissection *dissection, Part part, GError **error)
{
  gsize head_bytes = (gsize)MIN (part.content.size_bytes, VARVE_ANATOMY_HEAD_BYTES);
  g_autofree guint8 *head = g_malloc0 (head_bytes + 1);
  if (g_cancellable_set_error_if_cancelled (dissection->cancellable, error)
      || !varve_extent_file_read (dissection->spool, part.content.at, head, head_bytes, error))
    return FALSE;
  if (dissection->anatomy->pieces->len < PIECES_MAX && is_cpio (head, head_bytes)
      && part.depth < VARVE_ANATOMY_DEPTH_MAX)
    return dissect_cpio (dissection, &part, error);
  if (is_kernel (head, head_bytes) && part.depth == 0)
    return dissect_kernel (dissection, &part, head, error);
  guint64 used;
  g_autoptr (GBytes) head_copy = g_bytes_new_take (g_steal_pointer (&head), head_bytes);
  if (!dissect_stream (dissection, &part, head_copy, &used, error))
    return FALSE;
  pieces_add_raw (dissection, part_slice (&part, used, part.content.size_bytes - used, used == 0 ? part.name : NULL));
  return TRUE;
}

VarveAnatomy *
varve_anatomy_new (VarveExtentFile *spool, VarveExtent file, VarveAnatomyKind kind, GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (VarveAnatomy) anatomy = g_new0 (VarveAnatomy, 1);
  anatomy->pieces = g_array_new (FALSE, FALSE, sizeof (VarvePiece));
  anatomy->strings = g_string_chunk_new (1 << 12);
  Dissection dissection = { .anatomy = anatomy, .spool = spool, .kind = kind, .cancellable = cancellable };
  return dissect_part (&dissection, (Part){ .content = file }, error) ? g_steal_pointer (&anatomy) : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Splits a file into its compressed streams, archive members and sections. cpio "newc": Linux,
 * Documentation/driver-api/early-userspace/buffer-format.rst. */
#include "codec/anatomy.h"

#include <string.h>

#include "base/error.h"
#include "codec/kernel-image.h"
#include "codec/recipe-trial.h"

enum {
  CPIO_HEADER_BYTES = 110,
  CPIO_NAME_MAX_BYTES = 4096,
  STREAM_MIN_BYTES = 256, /* a smaller stream is not worth the ops that decode and encode it */
  PIECES_MAX = 1 << 20,
  ARCHIVES_MAX = 64, /* in a row */
};

typedef struct {
  VarveAnatomy *anatomy;
  VarveExtentFile *spool;
  const VarveAnatomyOptions *options;
  GCancellable *cancellable;
} Dissection;

/* A part of one level's stream. */
typedef struct {
  VarveExtent content;
  guint64 at;
  const char *name;
  const char *section; /* that it is in, or NULL: the name of what has no name of its own */
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
  return anatomy->pieces->len > 1 || anatomy->role != NULL;
}

static gboolean
is_cpio (const guint8 *head, gsize head_bytes)
{
  return head_bytes >= CPIO_HEADER_BYTES && (memcmp (head, "070701", 6) == 0 || memcmp (head, "070702", 6) == 0);
}

gboolean
varve_anatomy_is_promising (const guint8 *head, gsize head_bytes)
{
  return is_cpio (head, head_bytes) || varve_kernel_image_recognise (head, head_bytes)
         || varve_pe_recognise (head, head_bytes) || varve_codec_recognise (head, head_bytes) != NULL;
}

static Part
part_slice (const Part *part, guint64 from, guint64 size_bytes, const char *name)
{
  return (Part){
    .content = { .at = part->content.at + from, .size_bytes = size_bytes },
    .at = part->at + from,
    .name = name != NULL ? name : part->section,
    .section = part->section,
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
  if (last != NULL && last->kind == VARVE_PIECE_RAW && last->name == part.name
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

/* Takes @recipe. */
static gboolean
pieces_add_begin (Dissection *dissection, const VarveCodec *codec, const Part *encoded, const Decoded *decoded,
                  char *recipe, GError **error)
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
  gboolean done
      = varve_extent_file_hash (dissection->spool, encoded->content, dissection->cancellable, &begin.hash, error);
  g_array_append_val (dissection->anatomy->pieces, begin);
  return done;
}

/* What stands at the front of a part. */
typedef struct {
  guint64 used_bytes;  /* for which there are pieces now; 0: nothing was recognised */
  gboolean is_archive; /* another one may follow */
} Front;

/* A file that is decoded, or whose archive or kernel is. */
static void
anatomy_set_role (Dissection *dissection, const Part *part, const char *role)
{
  if (part->name == NULL && part->at == 0 && part->depth <= 1 && dissection->anatomy->role == NULL)
    dissection->anatomy->role = role;
}

/* Pieces of a stream that was decoded. */
static gboolean
dissect_decoded (Dissection *dissection, const VarveCodec *codec, const Part *part, const Decoded *decoded,
                 char *recipe, Front *out_front, GError **error)
{
  guint64 header_bytes = decoded->stream.header_bytes;
  Part encoded = part_slice (part, header_bytes, decoded->stream.used_bytes - header_bytes, part->name);
  Part plain = { .content = decoded->plain, .name = part->name, .section = part->section, .depth = part->depth + 1 };
  guint8 head[CPIO_HEADER_BYTES];
  GArray *pieces = dissection->anatomy->pieces;
  pieces_add_raw (dissection, part_slice (part, 0, header_bytes, NULL));
  guint begin = pieces->len;
  if (!pieces_add_begin (dissection, codec, &encoded, decoded, recipe, error)
      || !varve_extent_file_read (dissection->spool, plain.content.at, head,
                                  MIN (sizeof head, plain.content.size_bytes), error)
      || !dissect_part (dissection, plain, error))
    return FALSE;
  VarvePiece end = { .kind = VARVE_PIECE_END };
  g_array_index (pieces, VarvePiece, begin).end = pieces->len;
  g_array_append_val (pieces, end);
  out_front->used_bytes = decoded->stream.used_bytes;
  out_front->is_archive = is_cpio (head, MIN (sizeof head, plain.content.size_bytes));
  return TRUE;
}

/* A compressed stream that can be decoded (and encoded). */
static gboolean
dissect_stream (Dissection *dissection, const Part *part, GBytes *head, Front *out_front, GError **error)
{
  const VarveCodec *codec = varve_codec_recognise (g_bytes_get_data (head, NULL), g_bytes_get_size (head));
  if (codec == NULL || part->depth >= VARVE_ANATOMY_DEPTH_MAX || part->content.size_bytes < STREAM_MIN_BYTES)
    return TRUE;
  Decoded decoded;
  if (!dissect_decode (dissection, codec, part, &decoded, error))
    return FALSE;
  if (!decoded.is_valid)
    return TRUE;
  char *recipe = NULL;
  if (dissection->options->kind == VARVE_ANATOMY_RECIPES)
    {
      guint64 header_bytes = decoded.stream.header_bytes;
      Part encoded = part_slice (part, header_bytes, decoded.stream.used_bytes - header_bytes, NULL);
      VarveRecipeTrial trial = {
        .spool = dissection->spool, .codec = codec, .head = head, .plain = decoded.plain, .encoded = encoded.content
      };
      if (!varve_recipe_try (&trial, &recipe, dissection->cancellable, error))
        return FALSE;
      if (recipe == NULL)
        return TRUE;
    }
  return dissect_decoded (dissection, codec, part, &decoded, recipe, out_front, error);
}

static gboolean
dissect_kernel (Dissection *dissection, const Part *part, const guint8 *head, gsize head_bytes, GError **error)
{
  guint64 at, size_bytes, whole_bytes = part->content.size_bytes;
  anatomy_set_role (dissection, part, VARVE_PIECE_LINUX);
  if (!varve_kernel_image_payload (head, head_bytes, whole_bytes, &at, &size_bytes))
    {
      pieces_add_raw (dissection, *part);
      return TRUE;
    }
  pieces_add_raw (dissection, part_slice (part, 0, at, part->name));
  Part payload = part_slice (part, at, size_bytes, part->name);
  payload.depth++; /* limits the recursion */
  if (!dissect_part (dissection, payload, error))
    return FALSE;
  pieces_add_raw (dissection, part_slice (part, at + size_bytes, whole_bytes - at - size_bytes, NULL));
  return TRUE;
}

static gboolean
dissect_section (Dissection *dissection, const Part *file, const VarvePeSection *section, GError **error)
{
  GArray *pieces = dissection->anatomy->pieces;
  g_autofree char *name = g_strconcat ("/", section->name, NULL);
  Part part = part_slice (file, section->at, section->size_bytes,
                          g_string_chunk_insert_const (dissection->anatomy->strings, name));
  part.section = part.name;
  VarvePiece piece = { .kind = VARVE_PIECE_SECTION, .content = part.content, .at = part.at, .name = part.name };
  if (!varve_extent_file_hash (dissection->spool, part.content, dissection->cancellable, &piece.hash, error))
    return FALSE;
  const VarveAnatomyOptions *options = dissection->options;
  guint index = pieces->len;
  g_array_append_val (pieces, piece);
  if (options->is_known != NULL && options->is_known (options->data, piece.hash, part.content.size_bytes))
    pieces_add_raw (dissection, part);
  else if (!dissect_part (dissection, part, error))
    return FALSE;
  g_array_index (pieces, VarvePiece, index).end = pieces->len - 1;
  return TRUE;
}

/* Whether the sections are worth to be looked at one by one: of most programs only code and data, which are not. */
static gboolean
has_deep_section (Dissection *dissection, const Part *file, GArray *sections, gboolean *out_has, GError **error)
{
  *out_has = FALSE;
  for (guint i = 0; i < sections->len && !*out_has; i++)
    {
      const VarvePeSection *section = &g_array_index (sections, VarvePeSection, i);
      guint8 head[VARVE_ANATOMY_HEAD_BYTES];
      gsize n = (gsize)MIN (section->size_bytes, sizeof head);
      if (!varve_extent_file_read (dissection->spool, file->content.at + section->at, head, n, error))
        return FALSE;
      *out_has = strcmp (section->name, VARVE_PE_LINUX) == 0 || strcmp (section->name, VARVE_PE_INITRD) == 0
                 || varve_anatomy_is_promising (head, n);
    }
  return TRUE;
}

static gboolean
dissect_pe (Dissection *dissection, const Part *file, GError **error)
{
  g_autoptr (GArray) sections = varve_pe_read_sections (dissection->spool, file->content, error);
  gboolean is_deep;
  if (sections == NULL || !has_deep_section (dissection, file, sections, &is_deep, error))
    return FALSE;
  guint64 at = 0;
  for (guint i = 0; i < sections->len && is_deep; i++)
    {
      const VarvePeSection *section = &g_array_index (sections, VarvePeSection, i);
      pieces_add_raw (dissection, part_slice (file, at, section->at - at, NULL));
      if (!dissect_section (dissection, file, section, error))
        return FALSE;
      at = section->at + section->size_bytes;
    }
  pieces_add_raw (dissection, part_slice (file, at, file->content.size_bytes - at, NULL));
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
  Part data = part_slice (part, member->data_from, member->data_bytes, member->name);
  data.depth++; /* limits the recursion: archives in archives */
  if (!dissect_part (dissection, data, error))
    return FALSE;
  guint64 end = member->data_from + member->data_bytes;
  pieces_add_raw (dissection, part_slice (part, end, member->next - end, NULL));
  return TRUE;
}

/* One archive. */
static gboolean
dissect_cpio (Dissection *dissection, const Part *part, Front *out_front, GError **error)
{
  guint64 at = 0;
  CpioMember member = { .is_found = TRUE };
  anatomy_set_role (dissection, part, VARVE_PIECE_INITRD);
  while (member.is_found && !member.is_trailer && dissection->anatomy->pieces->len < PIECES_MAX)
    {
      if (!cpio_read_member (dissection, part, at, &member, error)
          || (member.is_found && !dissect_cpio_member (dissection, part, at, &member, error)))
        return FALSE;
      at = member.is_found ? member.next : at;
    }
  *out_front = (Front){ .used_bytes = at, .is_archive = member.is_trailer };
  return TRUE;
}

static gboolean
dissect_front (Dissection *dissection, const Part *part, Front *out_front, GError **error)
{
  gsize head_bytes = (gsize)MIN (part->content.size_bytes, VARVE_ANATOMY_HEAD_BYTES);
  g_autofree guint8 *head = g_malloc0 (head_bytes + 1);
  *out_front = (Front){ 0 };
  if (g_cancellable_set_error_if_cancelled (dissection->cancellable, error)
      || !varve_extent_file_read (dissection->spool, part->content.at, head, head_bytes, error))
    return FALSE;
  if (is_cpio (head, head_bytes) && dissection->anatomy->pieces->len < PIECES_MAX
      && part->depth < VARVE_ANATOMY_DEPTH_MAX)
    return dissect_cpio (dissection, part, out_front, error);
  gboolean is_kernel = varve_kernel_image_recognise (head, head_bytes) && part->depth <= 1;
  if (is_kernel || (varve_pe_recognise (head, head_bytes) && part->depth == 0 && part->name == NULL))
    {
      out_front->used_bytes = part->content.size_bytes;
      return is_kernel ? dissect_kernel (dissection, part, head, head_bytes, error)
                       : dissect_pe (dissection, part, error);
    }
  g_autoptr (GBytes) head_copy = g_bytes_new_take (g_steal_pointer (&head), head_bytes);
  return dissect_stream (dissection, part, head_copy, out_front, error);
}

/* An initramfs is a row of archives, each of which may be compressed, with zero bytes between them. */
static gboolean
dissect_part (Dissection *dissection, Part part, GError **error)
{
  Part rest = part;
  Front front = { .is_archive = TRUE };
  for (guint i = 0; i < ARCHIVES_MAX && front.is_archive && rest.content.size_bytes > 0; i++)
    {
      if (!dissect_front (dissection, &rest, &front, error))
        return FALSE;
      guint64 next = front.used_bytes;
      if (front.is_archive && !cpio_skip_zeros (dissection, &rest, &next, error))
        return FALSE;
      pieces_add_raw (dissection, part_slice (&rest, front.used_bytes, next - front.used_bytes, NULL));
      const char *name = front.is_archive || next == 0 ? part.name : NULL;
      rest = part_slice (&rest, next, rest.content.size_bytes - next, name);
    }
  pieces_add_raw (dissection, rest);
  return TRUE;
}

VarveAnatomy *
varve_anatomy_new (VarveExtentFile *spool, VarveExtent file, const VarveAnatomyOptions *options,
                   GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveAnatomy) anatomy = g_new0 (VarveAnatomy, 1);
  anatomy->pieces = g_array_new (FALSE, FALSE, sizeof (VarvePiece));
  anatomy->strings = g_string_chunk_new (1 << 12);
  Dissection dissection = { .anatomy = anatomy, .spool = spool, .options = options, .cancellable = cancellable };
  return dissect_part (&dissection, (Part){ .content = file }, error) ? g_steal_pointer (&anatomy) : NULL;
}

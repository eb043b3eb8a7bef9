/* SPDX-License-Identifier: Apache-2.0 */
/* Only members that the boot check asks for are kept; all others are passed over while the archive is decoded. */
#include "rootfs/initramfs.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "codec/codec.h"

enum {
  HEADER_BYTES = 110,
  NAME_MAX_BYTES = 4096,
  KEPT_MAX_BYTES = 32 << 20, /* of one member; ostree-prepare-root has some 100 kB, bootc's program some MB */
  CHUNK_BYTES = 1 << 16,
  PARTS_MAX = 16, /* compressed archives that follow one another */
  FIELD_MODE = 1,
  FIELD_SIZE = 6,
  FIELD_NAME_SIZE = 11,
};

/* Base names of programs that mount the root: OSTree's (the static one is "ostree-prepare-root-static"), bootc's, and
 * composefs-rs'. */
static const char *const ROOT_SETUPS[]
    = { "ostree-prepare-root", "ostree-prepare-root-static", "initramfs-setup", "composefs-setup-root" };
static const char *const CONFIGS[] = VARVE_PREPARE_ROOT_CONFIGS;

static const char REFUSAL[] = "support is not compiled in";
static const char CONFIG_NAME[] = "prepare-root.conf";

typedef enum {
  CPIO_BETWEEN, /* archives */
  CPIO_HEADER,
  CPIO_NAME,
  CPIO_DATA,
  CPIO_FOREIGN, /* something else than an archive begins here */
} CpioState;

/* A stream of archives, taken in pieces of any size. */
typedef struct {
  VarveInitramfs *found;
  CpioState state;
  GByteArray *held; /* header and name, then the content of a member that is kept */
  guint64 left;     /* bytes of this state */
  guint64 padding;  /* that follow the content */
  guint32 mode;
  char *name; /* of the member, where it is kept */
} Cpio;

void
varve_initramfs_clear (VarveInitramfs *initramfs)
{
  for (guint i = 0; i < VARVE_N_PREPARE_ROOT_CONFIGS; i++)
    g_clear_pointer (&initramfs->configs[i], g_bytes_unref);
}

static gboolean
is_root_setup (const char *name)
{
  const char *base = strrchr (name, '/');
  base = base != NULL ? base + 1 : name;
  for (guint i = 0; i < G_N_ELEMENTS (ROOT_SETUPS); i++)
    if (strcmp (base, ROOT_SETUPS[i]) == 0)
      return strcmp (base, "initramfs-setup") != 0 || g_str_has_suffix (name, "/bootc/initramfs-setup");
  return FALSE;
}

static int
config_index (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (CONFIGS); i++)
    if (strcmp (name, CONFIGS[i]) == 0)
      return (int)i;
  return -1;
}

static gboolean
read_field (const Cpio *cpio, gsize field, guint64 *out_value)
{
  char digits[9] = { 0 };
  memcpy (digits, cpio->held->data + 6 + 8 * field, 8);
  return g_ascii_string_to_unsigned (digits, 16, 0, G_MAXUINT32, out_value, NULL);
}

static void
take_kept_member (Cpio *cpio)
{
  VarveInitramfs *found = cpio->found;
  int config = config_index (cpio->name);
  if (config >= 0 && S_ISREG (cpio->mode))
    {
      g_clear_pointer (&found->configs[config], g_bytes_unref);
      found->configs[config] = g_bytes_new (cpio->held->data, cpio->held->len);
    }
  else if (config < 0)
    {
      found->has_root_setup = TRUE;
      found->refuses_composefs |= memmem (cpio->held->data, cpio->held->len, REFUSAL, strlen (REFUSAL)) != NULL;
      found->reads_config |= memmem (cpio->held->data, cpio->held->len, CONFIG_NAME, strlen (CONFIG_NAME)) != NULL;
    }
}

static void
begin_header (Cpio *cpio)
{
  g_byte_array_set_size (cpio->held, 0);
  cpio->state = CPIO_HEADER;
  cpio->left = HEADER_BYTES;
}

static void
end_member (Cpio *cpio)
{
  if (cpio->name != NULL)
    take_kept_member (cpio);
  g_clear_pointer (&cpio->name, g_free);
  begin_header (cpio);
}

static void
end_header (Cpio *cpio)
{
  guint64 size, name_size, mode;
  if ((memcmp (cpio->held->data, "070701", 6) != 0 && memcmp (cpio->held->data, "070702", 6) != 0)
      || !read_field (cpio, FIELD_SIZE, &size) || !read_field (cpio, FIELD_NAME_SIZE, &name_size)
      || !read_field (cpio, FIELD_MODE, &mode) || name_size == 0 || name_size > NAME_MAX_BYTES)
    {
      cpio->state = CPIO_FOREIGN;
      return;
    }
  cpio->mode = (guint32)mode;
  cpio->state = CPIO_NAME;
  cpio->left = (HEADER_BYTES + name_size + 3) / 4 * 4 - HEADER_BYTES;
}

static void
end_name (Cpio *cpio)
{
  guint64 size = 0;
  const guint8 nul = 0;
  g_byte_array_append (cpio->held, &nul, 1);
  const char *name = (const char *)cpio->held->data + HEADER_BYTES;
  if (strcmp (name, "TRAILER!!!") == 0)
    {
      cpio->state = CPIO_BETWEEN;
      return;
    }
  while (name[0] == '/' || (name[0] == '.' && name[1] == '/'))
    name++;
  (void)read_field (cpio, FIELD_SIZE, &size);
  if ((is_root_setup (name) || config_index (name) >= 0) && size <= KEPT_MAX_BYTES)
    cpio->name = g_strdup (name);
  g_byte_array_set_size (cpio->held, 0);
  cpio->state = CPIO_DATA;
  cpio->left = size;
  cpio->padding = (4 - size % 4) % 4;
  if (cpio->left + cpio->padding == 0)
    end_member (cpio);
}

/* Up to @size_bytes of the header, the name, or the content; how many. */
static gsize
take_some (Cpio *cpio, const guint8 *data, gsize size_bytes)
{
  gsize n = (gsize)MIN (cpio->left, size_bytes);
  if (n > 0 && (cpio->state != CPIO_DATA || cpio->name != NULL))
    g_byte_array_append (cpio->held, data, (guint)n);
  cpio->left -= n;
  if (cpio->state == CPIO_DATA && cpio->left == 0)
    {
      gsize padding = (gsize)MIN (cpio->padding, size_bytes - n);
      cpio->padding -= padding;
      n += padding;
    }
  if (cpio->left > 0)
    return n;
  if (cpio->state == CPIO_HEADER)
    end_header (cpio);
  else if (cpio->state == CPIO_NAME)
    end_name (cpio);
  else if (cpio->padding == 0)
    end_member (cpio);
  return n;
}

/* How many bytes it took: fewer than @size_bytes where something else than an archive begins. */
static gsize
cpio_take (Cpio *cpio, const guint8 *data, gsize size_bytes)
{
  gsize used = 0;
  while (used < size_bytes && cpio->state != CPIO_FOREIGN)
    if (cpio->state != CPIO_BETWEEN)
      used += take_some (cpio, data + used, size_bytes - used);
    else if (data[used] == '0')
      begin_header (cpio);
    else if (data[used] != 0)
      cpio->state = CPIO_FOREIGN;
    else
      used++;
  return used;
}

static gboolean
cpio_write (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  if (cpio_take (data, bytes, size_bytes) == size_bytes)
    return TRUE;
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "not a cpio archive");
  return FALSE;
}

static void
cpio_free (Cpio *cpio)
{
  g_byte_array_unref (cpio->held);
  g_free (cpio->name);
  g_free (cpio);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Cpio, cpio_free)

static Cpio *
cpio_new (VarveInitramfs *found)
{
  Cpio *cpio = g_new0 (Cpio, 1);
  cpio->found = found;
  cpio->held = g_byte_array_new ();
  return cpio;
}

/* The file from @position on. */
static GBufferedInputStream *
open_at (VarveSource *source, const VarveDigest *checksum, guint64 position, GCancellable *cancellable)
{
  g_autoptr (GInputStream) content = source->open_content (source, checksum, cancellable, NULL);
  while (content != NULL && position > 0)
    {
      gssize n = g_input_stream_skip (content, (gsize)MIN (position, G_MAXINT), cancellable, NULL);
      if (n <= 0)
        return NULL;
      position -= (guint64)n;
    }
  return content != NULL ? G_BUFFERED_INPUT_STREAM (g_buffered_input_stream_new_sized (content, CHUNK_BYTES)) : NULL;
}

/* Plain archives from the front of the stream, up to its end or to something else. */
static gboolean
read_plain (GBufferedInputStream *stream, VarveInitramfs *found, guint64 *out_used, GCancellable *cancellable)
{
  g_autoptr (Cpio) cpio = cpio_new (found);
  gssize n;
  *out_used = 0;
  while ((n = g_buffered_input_stream_fill (stream, -1, cancellable, NULL)) > 0)
    {
      gsize available;
      const guint8 *chunk = g_buffered_input_stream_peek_buffer (stream, &available);
      gsize used = cpio_take (cpio, chunk, available);
      *out_used += used;
      if (used < available)
        return g_input_stream_skip (G_INPUT_STREAM (stream), used, cancellable, NULL) == (gssize)used;
      if (g_input_stream_skip (G_INPUT_STREAM (stream), used, cancellable, NULL) != (gssize)used)
        return FALSE;
    }
  return n == 0 && cpio->state == CPIO_BETWEEN;
}

typedef struct {
  GInputStream *stream;
  GCancellable *cancellable;
} Feed;

static gssize
feed_read (gpointer data, void *buffer, gsize size_bytes, GError **error)
{
  Feed *feed = data;
  return g_input_stream_read (feed->stream, buffer, size_bytes, feed->cancellable, error);
}

/* A compressed stream of archives from the front of the stream. */
static gboolean
read_compressed (GBufferedInputStream *stream, VarveInitramfs *found, guint64 *out_used, GCancellable *cancellable)
{
  gsize available;
  const guint8 *head = g_buffered_input_stream_peek_buffer (stream, &available);
  const VarveCodec *codec = varve_codec_recognise (head, available);
  if (codec == NULL)
    return FALSE;
  g_autoptr (Cpio) cpio = cpio_new (found);
  Feed feed = { .stream = G_INPUT_STREAM (stream), .cancellable = cancellable };
  VarveCodecInput input = { .read = feed_read, .data = &feed };
  VarveSink sink = { .write = cpio_write, .data = cpio };
  VarveDecodedStream decoded = { 0 };
  gboolean is_decoded = codec->decode (&input, &sink, &decoded, NULL);
  *out_used = decoded.used_bytes;
  return is_decoded && cpio->state == CPIO_BETWEEN && decoded.used_bytes > 0;
}

void
varve_initramfs_read (VarveSource *source, const VarveObject *object, VarveInitramfs *out_initramfs,
                      GCancellable *cancellable)
{
  guint64 position = 0, used;
  *out_initramfs = (VarveInitramfs){ 0 };
  for (guint i = 0; i < PARTS_MAX && position < object->size_bytes; i++)
    {
      g_autoptr (GBufferedInputStream) stream = open_at (source, &object->checksum, position, cancellable);
      if (stream == NULL || !read_plain (stream, out_initramfs, &used, cancellable))
        return;
      position += used;
      if (position == object->size_bytes)
        break;
      if (!read_compressed (stream, out_initramfs, &used, cancellable))
        return;
      position += used; /* a decoder reads ahead, so the stream is opened once more */
    }
  out_initramfs->is_whole = position == object->size_bytes && position > 0;
}

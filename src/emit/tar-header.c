/* SPDX-License-Identifier: Apache-2.0 */
/* Rejects a header that existing readers interpret differently. */
#include "emit/tar-header.h"

#include <string.h>

#include "base/error.h"

/* Offsets in the block. */
enum {
  NAME = 0,
  MODE = 100,
  UID = 108,
  GID = 116,
  SIZE = 124,
  MTIME = 136,
  CHECKSUM = 148,
  TYPE = 156,
  LINK_NAME = 157,
  MAGIC = 257,
  USER = 265,
  PREFIX = 345,
  GNU_EXTENDED = 482,
  PREFIX_END = 500,
  SPARSE_BLOCK_EXTENDED = 504,
};

enum { NAME_BYTES = 100, SHORT_NUMBER = 8, LONG_NUMBER = 12, BASE256_MAX_BYTES = 8 };

static const guint8 GNU_MAGIC[8] = { 'u', 's', 't', 'a', 'r', ' ', ' ', '\0' };
static const guint8 USTAR_MAGIC[8] = { 'u', 's', 't', 'a', 'r', '\0', '0', '0' };

static gboolean
all_are (const guint8 *bytes, gsize size_bytes, const char *accepted)
{
  for (gsize i = 0; i < size_bytes; i++)
    if (bytes[i] != '\0' && (accepted[0] == '\0' || bytes[i] != (guint8)accepted[0]))
      return FALSE;
  return TRUE;
}

gboolean
varve_tar_block_is_zero (const guint8 *block)
{
  return all_are (block, VARVE_TAR_BLOCK_BYTES, "");
}

gboolean
varve_tar_sparse_block_is_extended (const guint8 *block)
{
  return block[SPARSE_BLOCK_EXTENDED] != 0;
}

static gboolean
header_fail (GError **error, const char *field, const char *what)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "tar header: the %s %s", field, what);
  return FALSE;
}

static gboolean
parse_base256 (const guint8 *bytes, gsize width, const char *field, guint64 *out_value, guint *oddities, GError **error)
{
  gsize unused = width > BASE256_MAX_BYTES ? width - BASE256_MAX_BYTES : 1;
  if (bytes[0] != 0x80 || !all_are (bytes + 1, unused - 1, ""))
    return header_fail (error, field, "is negative or too large");
  guint64 value = 0;
  for (gsize i = unused; i < width; i++)
    value = value << 8 | bytes[i];
  if (value > G_MAXINT64)
    return header_fail (error, field, "is negative or too large");
  if (value >> (3 * (width - 1)) == 0)
    *oddities |= VARVE_TAR_ODD_NUMBER;
  *out_value = value;
  return TRUE;
}

/* An empty field is 0 and an oddity. */
static gboolean
parse_number (const guint8 *bytes, gsize width, const char *field, guint64 *out_value, guint *oddities, GError **error)
{
  if ((bytes[0] & 0x80) != 0)
    return parse_base256 (bytes, width, field, out_value, oddities, error);
  gsize begin = 0, end;
  while (begin < width && bytes[begin] == ' ')
    begin++;
  guint64 value = 0;
  for (end = begin; end < width && bytes[end] >= '0' && bytes[end] <= '7'; end++)
    value = value << 3 | (guint64)(bytes[end] - '0');
  if (!all_are (bytes + end, width - end, " "))
    return header_fail (error, field, "is not an octal number");
  if (begin == end)
    *oddities |= VARVE_TAR_ODD_EMPTY_NUMBER;
  else if (begin != 0 || end != width - 1 || bytes[end] != '\0')
    *oddities |= VARVE_TAR_ODD_NUMBER;
  *out_value = value;
  return TRUE;
}

static gboolean
check_sum (const guint8 *block, guint *oddities, GError **error)
{
  guint64 expected, sum = 0;
  guint form = 0;
  if (!parse_number (block + CHECKSUM, SHORT_NUMBER, "checksum", &expected, &form, error))
    return FALSE;
  for (gsize i = 0; i < VARVE_TAR_BLOCK_BYTES; i++)
    sum += i >= CHECKSUM && i < CHECKSUM + SHORT_NUMBER ? ' ' : block[i];
  if (sum != expected || (form & VARVE_TAR_ODD_EMPTY_NUMBER) != 0)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                   "tar header: the checksum is %" G_GUINT64_FORMAT ": expected %" G_GUINT64_FORMAT, expected, sum);
      return FALSE;
    }
  *oddities |= form;
  return TRUE;
}

static gboolean
parse_numbers (const guint8 *block, VarveTarHeader *header, GError **error)
{
  guint form = 0;
  if (!parse_number (block + SIZE, LONG_NUMBER, "size", &header->size_bytes, &form, error))
    return FALSE;
  if ((form & VARVE_TAR_ODD_EMPTY_NUMBER) != 0)
    return header_fail (error, "size", "is missing");
  header->oddities |= form;
  return parse_number (block + MODE, SHORT_NUMBER, "mode", &header->mode, &header->oddities, error)
         && parse_number (block + UID, SHORT_NUMBER, "uid", &header->uid, &header->oddities, error)
         && parse_number (block + GID, SHORT_NUMBER, "gid", &header->gid, &header->oddities, error)
         && parse_number (block + MTIME, LONG_NUMBER, "mtime", &header->mtime, &header->oddities, error);
}

/* Returns the length. A text that fills its field has no NUL. */
static gsize
copy_text (char *out, const guint8 *field, gsize width, guint *oddities)
{
  gsize length = strnlen ((const char *)field, width);
  memcpy (out, field, length);
  out[length] = '\0';
  if (!all_are (field + length, width - length, ""))
    *oddities |= VARVE_TAR_ODD_REMAINDER;
  return length;
}

/* POSIX has the front of a long name in another field, which GNU's headers use otherwise. */
static void
read_names (const guint8 *block, VarveTarHeader *header)
{
  gsize length = 0;
  if (memcmp (block + MAGIC, USTAR_MAGIC, sizeof USTAR_MAGIC) == 0)
    length = copy_text (header->name, block + PREFIX, PREFIX_END - PREFIX, &header->oddities);
  else if (!all_are (block + PREFIX, PREFIX_END - PREFIX, ""))
    header->oddities |= VARVE_TAR_ODD_REMAINDER;
  if (length > 0)
    header->name[length++] = '/';
  copy_text (header->name + length, block + NAME, NAME_BYTES, &header->oddities);
  copy_text (header->link_name, block + LINK_NAME, NAME_BYTES, &header->oddities);
}

gboolean
varve_tar_header_parse (const guint8 *block, VarveTarHeader *out_header, GError **error)
{
  VarveTarHeader header = { .type = (char)block[TYPE] };
  if (!check_sum (block, &header.oddities, error) || !parse_numbers (block, &header, error))
    return FALSE;
  read_names (block, &header);
  header.is_extended = header.type == VARVE_TAR_SPARSE && block[GNU_EXTENDED] != 0;
  if (header.type == '\0')
    {
      header.type = VARVE_TAR_FILE;
      header.oddities |= VARVE_TAR_ODD_TYPE;
    }
  if (memcmp (block + MAGIC, GNU_MAGIC, sizeof GNU_MAGIC) != 0)
    header.oddities |= VARVE_TAR_ODD_MAGIC;
  if (!all_are (block + USER, PREFIX - USER, ""))
    header.oddities |= VARVE_TAR_ODD_OWNER_NAME;
  if (!all_are (block + PREFIX_END, VARVE_TAR_BLOCK_BYTES - PREFIX_END, ""))
    header.oddities |= VARVE_TAR_ODD_REMAINDER;
  *out_header = header;
  return TRUE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/composefs-tar.h"

#include <string.h>

#include "base/error.h"

enum {
  BLOCK_BYTES = 512,
  EXTENSIONS_MAX_BYTES = 1 << 20, /* Limits::max_metadata_size, of all extension headers of one entry */
  NAME_BYTES = 100,
  SIZE_AT = 124,
  SIZE_BYTES = 12,
  TYPE_AT = 156,
  MAGIC_AT = 257,
};

typedef enum { EXTENSION_NAME, EXTENSION_LINK, EXTENSION_PAX, EXTENSIONS } Extension;

typedef enum { AT_HEADER, AT_EXTENSION, AT_CONTENT, AT_END } State;

struct _VarveComposefsTar {
  State state;
  guint8 block[BLOCK_BYTES]; /* the header that is being read */
  gsize block_bytes;
  guint n_zero_blocks;
  guint64 left; /* bytes of the body, with padding */
  Extension extension;
  gsize extension_bytes; /* of its body, without padding */
  GByteArray *extensions[EXTENSIONS];
  guint64 metadata_bytes;
  char *fault;
};

VarveComposefsTar *
varve_composefs_tar_new (void)
{
  return g_new0 (VarveComposefsTar, 1);
}

static void
forget_extensions (VarveComposefsTar *tar)
{
  for (guint i = 0; i < EXTENSIONS; i++)
    g_clear_pointer (&tar->extensions[i], g_byte_array_unref);
  tar->metadata_bytes = 0;
}

void
varve_composefs_tar_free (VarveComposefsTar *tar)
{
  forget_extensions (tar);
  g_free (tar->fault);
  g_free (tar);
}

const char *
varve_composefs_tar_fault (const VarveComposefsTar *tar)
{
  return tar->fault;
}

/* For the message: the long name where there is one that is not empty. */
static char *
name_of_entry (const VarveComposefsTar *tar)
{
  const GByteArray *name = tar->extensions[EXTENSION_NAME];
  g_autofree char *text = name != NULL && name->len > 0 ? g_strndup ((const char *)name->data, name->len)
                                                        : g_strndup ((const char *)tar->block, NAME_BYTES);
  return varve_escape (text);
}

static void G_GNUC_PRINTF (2, 3) fail (VarveComposefsTar *tar, const char *format, ...)
{
  if (tar->fault != NULL)
    return;
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *name = name_of_entry (tar);
  tar->fault = g_strdup_printf ("'%s': %s", name, problem);
}

/* Other readers have checked the digits. */
static guint64
read_size (const guint8 *field)
{
  guint64 value = 0;
  if ((field[0] & 0x80) != 0)
    {
      for (guint i = 1; i < SIZE_BYTES; i++)
        value = value << 8 | field[i];
      return value;
    }
  for (guint i = 0; i < SIZE_BYTES && field[i] != '\0'; i++)
    if (field[i] >= '0' && field[i] <= '7')
      value = value << 3 | (guint64)(field[i] - '0');
  return value;
}

static guint64
padded (guint64 size)
{
  return size > G_MAXUINT64 - BLOCK_BYTES ? size : (size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
}

typedef struct {
  const char *key, *value; /* not ended by NUL */
  gsize key_bytes, value_bytes;
} Record;

static gboolean
has_key (const Record *record, const char *key)
{
  return record->key_bytes == strlen (key) && memcmp (record->key, key, record->key_bytes) == 0;
}

/* The next record; FALSE at the end and for a fault. */
static gboolean
next_record (VarveComposefsTar *tar, const GByteArray *pax, gsize *at, Record *out_record)
{
  gsize left = pax->len - *at, length = 0, digits = 0;
  if (left == 0)
    return FALSE;
  const char *start = (const char *)pax->data + *at;
  while (digits < left && digits < 9 && g_ascii_isdigit (start[digits]))
    length = length * 10 + (gsize)(start[digits++] - '0');
  const char *equals = digits > 0 && digits + 1 < length && length <= left && start[digits] == ' '
                           ? memchr (start + digits + 1, '=', length - digits - 1)
                           : NULL;
  if (equals == NULL || start[length - 1] != '\n')
    {
      fail (tar, "a malformed PAX record");
      return FALSE;
    }
  *at += length;
  *out_record = (Record){
    .key = start + digits + 1,
    .key_bytes = (gsize)(equals - start) - digits - 1,
    .value = equals + 1,
    .value_bytes = (gsize)(start + length - 1 - (equals + 1)),
  };
  return TRUE;
}

/* As Rust's u64::from_str() takes it; of a time only what is before the point. */
static gboolean
parse_number (const Record *record, gboolean is_time, guint64 *out_number)
{
  g_autofree char *text = g_strndup (record->value, record->value_bytes);
  char *point = is_time ? strchr (text, '.') : NULL;
  if (strlen (text) != record->value_bytes)
    return FALSE;
  if (point != NULL)
    *point = '\0';
  return g_ascii_string_to_unsigned (text[0] == '+' ? text + 1 : text, 10, 0, G_MAXUINT64, out_number, NULL)
         && strspn (text, "+0123456789") == strlen (text);
}

static void
judge_number (VarveComposefsTar *tar, const Record *record, guint64 *size)
{
  static const char *const NUMBERS[] = { "size", "uid", "gid", "mtime" };
  for (guint i = 0; i < G_N_ELEMENTS (NUMBERS); i++)
    {
      guint64 number;
      if (!has_key (record, NUMBERS[i]))
        continue;
      if (parse_number (record, i == 3, &number))
        *size = i == 0 ? number : *size;
      else
        {
          g_autofree char *value = g_strndup (record->value, record->value_bytes), *escaped = varve_escape (value);
          fail (tar, "the PAX record '%s' is '%s', expected a number", NUMBERS[i], escaped);
        }
    }
}

static void
judge_record (VarveComposefsTar *tar, const Record *record, guint64 *size)
{
  static const char SPARSE[] = "GNU.sparse.";
  if (!g_utf8_validate (record->key, (gssize)record->key_bytes, NULL))
    fail (tar, "the name of a PAX record is not UTF-8");
  else if (record->key_bytes >= strlen (SPARSE) && memcmp (record->key, SPARSE, strlen (SPARSE)) == 0)
    fail (tar, "a sparse file");
  else if (has_key (record, "path") && record->value_bytes == 0)
    fail (tar, "a PAX record 'path' without a path");
  else
    judge_number (tar, record, size);
}

static void
begin_body (VarveComposefsTar *tar, State state, guint64 size)
{
  tar->left = padded (size);
  tar->state = tar->left > 0 ? state : AT_HEADER;
}

static void
take_entry (VarveComposefsTar *tar)
{
  static const char TYPES[] = "01234567";
  guint8 type = tar->block[TYPE_AT];
  guint64 size = read_size (tar->block + SIZE_AT);
  const GByteArray *pax = tar->extensions[EXTENSION_PAX];
  Record record;
  gsize at = 0;
  while (pax != NULL && next_record (tar, pax, &at, &record))
    judge_record (tar, &record, &size);
  if (type == 'S')
    fail (tar, "a sparse file");
  else if (type != '\0' && strchr (TYPES, type) == NULL)
    fail (tar, "an entry of type 0x%02x", type);
  forget_extensions (tar);
  begin_body (tar, AT_CONTENT, size);
}

static void
take_extension (VarveComposefsTar *tar, Extension extension)
{
  guint64 size = read_size (tar->block + SIZE_AT);
  tar->metadata_bytes += MIN (size, (guint64)EXTENSIONS_MAX_BYTES + 1);
  if (tar->extensions[extension] != NULL)
    fail (tar, "two extension headers of one kind before an entry");
  if (tar->metadata_bytes > EXTENSIONS_MAX_BYTES)
    fail (tar, "extension headers of more than %d bytes", EXTENSIONS_MAX_BYTES);
  if (tar->fault != NULL)
    return;
  tar->extension = extension;
  tar->extension_bytes = (gsize)size;
  tar->extensions[extension] = g_byte_array_new ();
  begin_body (tar, AT_EXTENSION, size);
}

static gboolean
is_zero (const guint8 *block)
{
  return block[0] == 0 && memcmp (block, block + 1, BLOCK_BYTES - 1) == 0;
}

static void
take_header (VarveComposefsTar *tar)
{
  gboolean is_extended = memcmp (tar->block + MAGIC_AT, "ustar", 5) == 0;
  guint8 type = tar->block[TYPE_AT];
  tar->n_zero_blocks = is_zero (tar->block) ? tar->n_zero_blocks + 1 : 0;
  if (tar->n_zero_blocks == 2)
    tar->state = AT_END;
  else if (tar->n_zero_blocks == 1)
    return;
  else if (type == 'g')
    begin_body (tar, AT_CONTENT, read_size (tar->block + SIZE_AT));
  else if (is_extended && type == 'L')
    take_extension (tar, EXTENSION_NAME);
  else if (is_extended && type == 'K')
    take_extension (tar, EXTENSION_LINK);
  else if (is_extended && type == 'x')
    take_extension (tar, EXTENSION_PAX);
  else
    take_entry (tar);
}

static gsize
feed_header (VarveComposefsTar *tar, const guint8 *bytes, gsize size_bytes)
{
  gsize n = MIN (size_bytes, BLOCK_BYTES - tar->block_bytes);
  memcpy (tar->block + tar->block_bytes, bytes, n);
  tar->block_bytes += n;
  if (tar->block_bytes == BLOCK_BYTES)
    {
      tar->block_bytes = 0;
      take_header (tar);
    }
  return n;
}

static gsize
feed_body (VarveComposefsTar *tar, const guint8 *bytes, gsize size_bytes)
{
  gsize n = (gsize)MIN ((guint64)size_bytes, tar->left);
  GByteArray *body = tar->state == AT_EXTENSION ? tar->extensions[tar->extension] : NULL;
  if (body != NULL)
    g_byte_array_append (body, bytes, (guint)MIN (n, tar->extension_bytes - body->len));
  tar->left -= n;
  if (tar->left == 0)
    tar->state = AT_HEADER;
  return n;
}

void
varve_composefs_tar_feed (VarveComposefsTar *tar, const void *bytes, gsize size_bytes)
{
  const guint8 *at = bytes, *end = at + size_bytes;
  while (at < end && tar->state != AT_END && tar->fault == NULL)
    at += tar->state == AT_HEADER ? feed_header (tar, at, (gsize)(end - at)) : feed_body (tar, at, (gsize)(end - at));
}

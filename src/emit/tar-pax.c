/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/tar-pax.h"

#include <string.h>

#include "base/error.h"
#include "base/fasthash.h"

enum { LENGTH_MAX_DIGITS = 8 };

static const char XATTR_PREFIX[] = "SCHILY.xattr.";
static const char SPARSE_PREFIX[] = "GNU.sparse.";
static const char *const OVERRIDES[] = { "uid", "gid", "hdrcharset", "SCHILY.realsize", "SCHILY.filetype", NULL };

typedef struct {
  char *key; /* NUL replaces the '=' */
  char *value;
  gsize size_bytes;
} Record;

static gboolean
pax_fail (GError **error, gsize offset)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "PAX header: no valid record at byte %" G_GSIZE_FORMAT, offset);
  return FALSE;
}

/* "<length> <key>=<value>\n"; the length counts all of it. Moves *offset to the next record. */
static gboolean
read_record (char *data, gsize end, gsize *offset, Record *out_record, GError **error)
{
  gsize length = 0, digits = 0, begin = *offset;
  for (; begin + digits < end && g_ascii_isdigit (data[begin + digits]) && digits < LENGTH_MAX_DIGITS; digits++)
    length = length * 10 + (gsize)(data[begin + digits] - '0');
  if (digits == 0 || data[begin] == '0' || length < digits + strlen (" k=\n") || length > end - begin
      || data[begin + digits] != ' ' || data[begin + length - 1] != '\n')
    return pax_fail (error, begin);
  char *key = data + begin + digits + 1;
  gsize size_bytes = length - digits - 2; /* without the space and the newline */
  char *equals = memchr (key, '=', size_bytes);
  if (equals == NULL || equals == key || memchr (key, '\0', (gsize)(equals - key)) != NULL)
    return pax_fail (error, begin);
  *equals = '\0';
  data[begin + length - 1] = '\0';
  *out_record = (Record){ .key = key, .value = equals + 1, .size_bytes = size_bytes - (gsize)(equals + 1 - key) };
  *offset = begin + length;
  return TRUE;
}

static gboolean
take_name (const Record *record, const char **out_name, GError **error)
{
  if (record->size_bytes == 0 || memchr (record->value, '\0', record->size_bytes) != NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "PAX header: '%s' is empty or contains a NUL byte",
                   record->key);
      return FALSE;
    }
  *out_name = record->value;
  return TRUE;
}

static gboolean
take_size (const Record *record, VarvePax *pax, GError **error)
{
  pax->has_size = memchr (record->value, '\0', record->size_bytes) == NULL
                  && g_ascii_string_to_unsigned (record->value, 10, 0, G_MAXINT64, &pax->size_bytes, NULL);
  if (pax->has_size)
    return TRUE;
  g_autofree char *value = varve_escape (record->value);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "PAX header: 'size' is '%s', expected a decimal number of bytes", value);
  return FALSE;
}

static gboolean
take_record (VarvePax *pax, const Record *record, VarveFindings *findings, const char *where, GError **error)
{
  if (g_str_has_prefix (record->key, XATTR_PREFIX) && record->key[strlen (XATTR_PREFIX)] != '\0')
    {
      VarveXattr xattr = { .name = record->key + strlen (XATTR_PREFIX),
                           .value = (const guint8 *)record->value,
                           .size_bytes = record->size_bytes };
      g_array_append_val (pax->xattrs, xattr);
      return TRUE;
    }
  if (strcmp (record->key, "path") == 0)
    return take_name (record, &pax->path, error);
  if (strcmp (record->key, "linkpath") == 0)
    return take_name (record, &pax->link_path, error);
  if (strcmp (record->key, "size") == 0)
    return take_size (record, pax, error);
  gboolean is_sparse = g_str_has_prefix (record->key, SPARSE_PREFIX);
  pax->is_sparse = pax->is_sparse || is_sparse;
  if (is_sparse && strcmp (record->key + strlen (SPARSE_PREFIX), "name") == 0
      && !take_name (record, &pax->real_name, error))
    return FALSE;
  g_autofree char *key = varve_escape (record->key);
  if (g_strv_contains (OVERRIDES, record->key) || is_sparse)
    varve_findings_add (findings, VARVE_SEVERITY_ERROR, "pax.override", where,
                        "the PAX record '%s' contradicts what importers read from the header", key);
  else
    varve_findings_add (findings, VARVE_SEVERITY_NOTE, "pax.unknown-key", where, "the PAX record '%s' is not used",
                        key);
  return TRUE;
}

VarvePax *
varve_pax_parse (GBytes *raw, VarveFindings *findings, const char *where, GError **error)
{
  gsize size_bytes;
  const char *bytes = g_bytes_get_data (raw, &size_bytes);
  g_autoptr (VarvePax) pax = g_new0 (VarvePax, 1);
  g_autoptr (GHashTable) keys = g_hash_table_new (varve_fasthash_string, g_str_equal);
  pax->xattrs = g_array_new (FALSE, FALSE, sizeof (VarveXattr));
  pax->data = g_malloc (size_bytes + 1);
  if (size_bytes > 0)
    memcpy (pax->data, bytes, size_bytes);
  for (gsize offset = 0; offset < size_bytes;)
    {
      Record record;
      if (!read_record (pax->data, size_bytes, &offset, &record, error))
        return NULL;
      if (!g_hash_table_add (keys, record.key))
        {
          g_autofree char *key = varve_escape (record.key);
          varve_findings_add (findings, VARVE_SEVERITY_ERROR, "pax.duplicate-key", where, "duplicate PAX record '%s'",
                              key);
        }
      if (!take_record (pax, &record, findings, where, error))
        return NULL;
    }
  return g_steal_pointer (&pax);
}

void
varve_pax_free (VarvePax *pax)
{
  g_array_unref (pax->xattrs);
  g_free (pax->data);
  g_free (pax);
}

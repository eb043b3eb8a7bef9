/* SPDX-License-Identifier: Apache-2.0 */
/* Adds to json-c the checks that outside documents need, and the canonical form. */
#include "base/json.h"

#include <string.h>

#include "base/error.h"

enum { DEPTH_MAX = 32 };

static json_object *
json_fail (GError **error, const char *message)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "not valid JSON: %s", message);
  return NULL;
}

/* The strict mode of json-c 0.18 rejects the bytes of UTF-8 as control characters, so they are escaped first. NULL if a
 * backslash precedes a character that is not ASCII, which is not JSON. */
static char *
to_ascii (const char *data, gsize size_bytes)
{
  g_autoptr (GString) ascii = g_string_sized_new (size_bytes + 1);
  for (const char *next = data, *end = data + size_bytes; next < end; next = g_utf8_next_char (next))
    {
      gunichar character = g_utf8_get_char (next);
      if (character == '\\' && next + 1 < end && (guchar)next[1] >= 0x80)
        return NULL;
      if (character == '\\' && next + 1 < end)
        g_string_append_c (ascii, *next++);
      if (character < 0x80)
        g_string_append_c (ascii, *next);
      else if (character < 0x10000)
        g_string_append_printf (ascii, "\\u%04x", character);
      else
        g_string_append_printf (ascii, "\\u%04x\\u%04x", 0xd7c0 + (character >> 10), 0xdc00 + (character & 0x3ff));
    }
  return g_string_free (g_steal_pointer (&ascii), FALSE);
}

/* The end of a string whose first character is at @text: its closing quote, or the final NUL. */
static const char *
string_end (const char *text)
{
  while (*text != '\0' && *text != '"')
    text += text[0] == '\\' && text[1] != '\0' ? 2 : 1;
  return text;
}

/* The string between the quotes at @start and @end; NULL when it contains a NUL byte. */
static char *
decode_key (const char *start, const char *end)
{
  if (memchr (start, '\\', (gsize)(end - start)) == NULL)
    return g_strndup (start + 1, (gsize)(end - start - 1));
  g_autofree char *quoted = g_strndup (start, (gsize)(end - start) + 1);
  g_autoptr (json_object) value = json_tokener_parse (quoted);
  const char *text = json_object_is_type (value, json_type_string) ? json_object_get_string (value) : NULL;
  if (text == NULL || strlen (text) != (gsize)json_object_get_string_len (value))
    return NULL;
  return g_strdup (text);
}

static gboolean
key_fail (GError **error, const char *before, const char *key, const char *after)
{
  g_autofree char *escaped = varve_escape (key);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s '%s'%s", before, escaped, after);
  return FALSE;
}

static GHashTable *
key_set_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static gboolean
keys_add (GHashTable *keys, const char *start, const char *end, GError **error)
{
  char *key = decode_key (start, end);
  if (key == NULL)
    {
      g_autofree char *raw = g_strndup (start + 1, (gsize)(end - start - 1));
      return key_fail (error, "key", raw, " contains a NUL byte");
    }
  if (!g_hash_table_contains (keys, key))
    return g_hash_table_add (keys, key);
  key_fail (error, "duplicate key", key, "");
  g_free (key);
  return FALSE;
}

/* The keys of each object are unique, and none contains a NUL byte. @text is what json-c accepts. */
static gboolean
check_unique (const char *text, GError **error)
{
  g_autoptr (GPtrArray) open = g_ptr_array_new_with_free_func ((GDestroyNotify)g_hash_table_unref);
  for (const char *next = text; *next != '\0'; next++)
    {
      const char *start = next;
      if (*next == '{' || *next == '[')
        g_ptr_array_add (open, key_set_new ());
      else if ((*next == '}' || *next == ']') && open->len > 0)
        g_ptr_array_set_size (open, (int)open->len - 1);
      else if (*next == '\'') /* json-c accepts it around a key */
        return key_fail (error, "unexpected character", "'", "");
      if (*next != '"')
        continue;
      next = string_end (next + 1);
      if (*next == '\0')
        return TRUE; /* json-c reports it */
      const char *after = next + 1;
      while (g_ascii_isspace (*after))
        after++;
      if (*after == ':' && open->len > 0 && !keys_add (open->pdata[open->len - 1], start, next, error))
        return FALSE;
    }
  return TRUE;
}

json_object *
varve_json_parse (GBytes *text, gsize max_bytes, GError **error)
{
  gsize size_bytes;
  const char *data = g_bytes_get_data (text, &size_bytes);
  if (size_bytes > max_bytes || size_bytes > G_MAXINT)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "JSON document of %" G_GSIZE_FORMAT " bytes: the limit is %" G_GSIZE_FORMAT, size_bytes, max_bytes);
      return NULL;
    }
  if (size_bytes == 0)
    return json_fail (error, "the document is empty");
  if (!g_utf8_validate_len (data, size_bytes, NULL))
    return json_fail (error, "not UTF-8");
  g_autofree char *ascii = to_ascii (data, size_bytes);
  if (ascii == NULL)
    return json_fail (error, "unknown escape");
  data = ascii;
  size_bytes = strlen (ascii);
  json_tokener *tokener = json_tokener_new_ex (DEPTH_MAX);
  json_tokener_set_flags (tokener, JSON_TOKENER_STRICT);
  json_object *value = json_tokener_parse_ex (tokener, data, (int)size_bytes);
  enum json_tokener_error problem = json_tokener_get_error (tokener);
  if (problem == json_tokener_continue) /* a bare number or an unfinished document: end it here */
    {
      value = json_tokener_parse_ex (tokener, "", 1);
      problem = json_tokener_get_error (tokener);
    }
  gsize end = json_tokener_get_parse_end (tokener);
  json_tokener_free (tokener);
  if (problem != json_tokener_success)
    return json_fail (error, json_tokener_error_desc (problem));
  while (end < size_bytes && g_ascii_isspace (data[end]))
    end++;
  if (end < size_bytes)
    {
      json_object_put (value);
      return json_fail (error, "trailing data");
    }
  if (value == NULL)
    return json_fail (error, "the document is null");
  if (!check_unique (data, error)) /* json-c takes the last of equal keys */
    {
      g_prefix_error (error, "not valid JSON: ");
      json_object_put (value);
      return NULL;
    }
  return value;
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
append_canonical (GString *out, json_object *value)
{
  if (json_object_is_type (value, json_type_object))
    {
      g_autoptr (GPtrArray) keys = g_ptr_array_new ();
      json_object_object_foreach (value, key, member)
      {
        (void)member;
        g_ptr_array_add (keys, key);
      }
      g_ptr_array_sort (keys, compare_keys);
      g_string_append_c (out, '{');
      for (guint i = 0; i < keys->len; i++)
        {
          g_autoptr (json_object) name = json_object_new_string (keys->pdata[i]);
          g_string_append (out, i > 0 ? "," : "");
          append_canonical (out, name);
          g_string_append_c (out, ':');
          append_canonical (out, json_object_object_get (value, keys->pdata[i]));
        }
      g_string_append_c (out, '}');
      return;
    }
  if (json_object_is_type (value, json_type_array))
    {
      g_string_append_c (out, '[');
      for (gsize i = 0; i < json_object_array_length (value); i++)
        {
          g_string_append (out, i > 0 ? "," : "");
          append_canonical (out, json_object_array_get_idx (value, i));
        }
      g_string_append_c (out, ']');
      return;
    }
  g_string_append (out,
                   json_object_to_json_string_ext (value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

char *
varve_json_to_canonical (json_object *value)
{
  GString *out = g_string_new (NULL);
  append_canonical (out, value);
  return g_string_free (out, FALSE);
}

gboolean
varve_json_find (json_object *object, const char *key, json_type type, json_object **out_value, GError **error)
{
  json_object *value = NULL;
  if (!json_object_object_get_ex (object, key, &value) || value == NULL)
    {
      *out_value = NULL;
      return TRUE;
    }
  if (!json_object_is_type (value, type))
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "'%s' is of type %s: expected %s", key,
                   json_type_to_name (json_object_get_type (value)), json_type_to_name (type));
      return FALSE;
    }
  *out_value = value;
  return TRUE;
}

static json_object *
json_get (json_object *object, const char *key, json_type type, GError **error)
{
  json_object *value;
  if (!varve_json_find (object, key, type, &value, error))
    return NULL;
  if (value == NULL)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "'%s' is missing", key);
  return value;
}

/* A NUL byte would hide the rest of the string. */
static const char *
string_of (json_object *value, const char *key, GError **error)
{
  const char *text = json_object_get_string (value);
  if (strlen (text) == (gsize)json_object_get_string_len (value))
    return text;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "'%s' contains a NUL byte", key);
  return NULL;
}

const char *
varve_json_get_string (json_object *object, const char *key, GError **error)
{
  json_object *value = json_get (object, key, json_type_string, error);
  return value != NULL ? string_of (value, key, error) : NULL;
}

json_object *
varve_json_get_object (json_object *object, const char *key, GError **error)
{
  return json_get (object, key, json_type_object, error);
}

json_object *
varve_json_get_array (json_object *object, const char *key, GError **error)
{
  return json_get (object, key, json_type_array, error);
}

gboolean
varve_json_get_size (json_object *object, const char *key, guint64 *out_value, GError **error)
{
  json_object *value = json_get (object, key, json_type_int, error);
  if (value == NULL)
    return FALSE;
  gint64 number = json_object_get_int64 (value);
  if (number < 0 || number == G_MAXINT64) /* json-c saturates */
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "'%s' is out of range", key);
      return FALSE;
    }
  *out_value = (guint64)number;
  return TRUE;
}

gboolean
varve_json_find_string (json_object *object, const char *key, const char **out_value, GError **error)
{
  json_object *value;
  if (!varve_json_find (object, key, json_type_string, &value, error))
    return FALSE;
  const char *text = value != NULL ? string_of (value, key, error) : NULL;
  if (value != NULL && text == NULL)
    return FALSE;
  *out_value = text;
  return TRUE;
}

void
varve_json_add_string (json_object *object, const char *key, const char *value)
{
  if (value != NULL)
    json_object_object_add (object, key, json_object_new_string (value));
}

void
varve_json_add_size (json_object *object, const char *key, guint64 value)
{
  json_object_object_add (object, key, json_object_new_int64 ((gint64)value));
}

void
varve_json_add_fraction (json_object *object, const char *key, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (text, sizeof text, "%.4f", value);
  json_object_object_add (object, key, json_object_new_double_s (value, text));
}

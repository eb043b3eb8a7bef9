/* SPDX-License-Identifier: Apache-2.0 */
#include "page/markup.h"

#include <math.h>
#include <string.h>

void
varve_markup_text (GString *out, const char *text)
{
  if (text == NULL)
    return;
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  for (char *c = valid; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  g_autofree char *escaped = g_markup_escape_text (valid, -1);
  g_string_append (out, escaped);
}

void
varve_markup_printf (GString *out, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_markup_vprintf_escaped (format, arguments);
  va_end (arguments);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_string_append (out, valid);
}

char *
varve_markup_size (double bytes)
{
  static const char *const UNITS[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
  guint unit = 0;
  for (; bytes >= 999.5 && unit + 1 < G_N_ELEMENTS (UNITS); unit++)
    bytes /= 1000;
  return g_strdup_printf (unit == 0 || bytes >= 99.95 ? "%.0f %s" : "%.1f %s", bytes, UNITS[unit]);
}

static json_object *
json_member (json_object *object, const char *key)
{
  json_object *value = NULL;
  if (object == NULL || !json_object_is_type (object, json_type_object))
    return NULL;
  return json_object_object_get_ex (object, key, &value) ? value : NULL;
}

static json_object *
json_member_of_type (json_object *object, const char *key, json_type type)
{
  json_object *value = json_member (object, key);
  return value != NULL && json_object_is_type (value, type) ? value : NULL;
}

gboolean
varve_markup_has (json_object *object, const char *key)
{
  return json_member (object, key) != NULL;
}

double
varve_markup_number (json_object *object, const char *key)
{
  json_object *value = json_member (object, key);
  if (value == NULL || !(json_object_is_type (value, json_type_int) || json_object_is_type (value, json_type_double)))
    return 0;
  double number = json_object_get_double (value);
  return isfinite (number) && number > 0 ? number : 0;
}

const char *
varve_markup_string (json_object *object, const char *key)
{
  json_object *value = json_member_of_type (object, key, json_type_string);
  return value != NULL ? json_object_get_string (value) : NULL;
}

json_object *
varve_markup_object (json_object *object, const char *key)
{
  return json_member_of_type (object, key, json_type_object);
}

json_object *
varve_markup_array (json_object *object, const char *key)
{
  return json_member_of_type (object, key, json_type_array);
}

guint
varve_markup_length (json_object *array)
{
  if (array == NULL || !json_object_is_type (array, json_type_array))
    return 0;
  return (guint)MIN (json_object_array_length (array), (gsize)VARVE_MARKUP_ITEMS_MAX);
}

json_object *
varve_markup_item (json_object *array, guint index)
{
  return json_object_array_get_idx (array, index);
}

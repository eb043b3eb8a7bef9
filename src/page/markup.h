/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"

/* Builds HTML with all outside text escaped, and reads untrusted JSON. */

/* Appends text, escaped; nothing for NULL. */
void varve_markup_text (GString *out, const char *text);
/* Appends @format, which is markup; its "%s" arguments are escaped. */
void varve_markup_printf (GString *out, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* "3.4 MB", in powers of 1000. */
char *varve_markup_size (double bytes);

/* The number under @key; 0 when it is missing, negative or not finite. */
double varve_markup_number (json_object *object, const char *key);
gboolean varve_markup_has (json_object *object, const char *key);
/* These return NULL when the member is missing or has another type. */
const char *varve_markup_string (json_object *object, const char *key);
json_object *varve_markup_object (json_object *object, const char *key);
json_object *varve_markup_array (json_object *object, const char *key);
/* The length of an array, at most VARVE_MARKUP_ITEMS_MAX; 0 for NULL and other types. */
guint varve_markup_length (json_object *array);
json_object *varve_markup_item (json_object *array, guint index);

#define VARVE_MARKUP_ITEMS_MAX 2000u

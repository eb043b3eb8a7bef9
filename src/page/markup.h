#pragma once

#include "base/json.h"

/* HTML into a string, where no outside text gets in unescaped; and JSON of outside read without trust. */

/* Appends text, escaped. NULL is nothing. */
void varve_markup_text (GString *out, const char *text);
/* Appends @format, whose strings are "%s" and are escaped; @format itself is markup. */
void varve_markup_printf (GString *out, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* "3.4 MB", in powers of 1000. */
char *varve_markup_size (double bytes);

/* A number of an object that is finite and at least 0; else 0. */
double varve_markup_number (json_object *object, const char *key);
gboolean varve_markup_has (json_object *object, const char *key);
/* NULL when it is not there or of another type. */
const char *varve_markup_string (json_object *object, const char *key);
json_object *varve_markup_object (json_object *object, const char *key);
json_object *varve_markup_array (json_object *object, const char *key);
/* Items of an array, at most VARVE_MARKUP_ITEMS_MAX; 0 for NULL. */
guint varve_markup_length (json_object *array);
json_object *varve_markup_item (json_object *array, guint index);

#define VARVE_MARKUP_ITEMS_MAX 2000u

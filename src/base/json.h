/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <json-c/json.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_object, json_object_put)

/* Parses outside JSON: one document, UTF-8, at most @max_bytes, at most 32 levels deep; nothing may follow it. */
json_object *varve_json_parse (GBytes *text, gsize max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Canonical form: keys sorted by byte, no white space, UTF-8, '/' not escaped. */
char *varve_json_to_canonical (json_object *value);

/* Read a member and check its type. A missing member or a wrong type is VARVE_ERROR_CORRUPT, with the key in the
 * message. The results belong to @object. */
const char *varve_json_get_string (json_object *object, const char *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_object *varve_json_get_object (json_object *object, const char *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_object *varve_json_get_array (json_object *object, const char *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_json_get_size (json_object *object, const char *key, guint64 *out_value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same for an optional member: TRUE with NULL if it is absent, FALSE only for a wrong type. */
gboolean varve_json_find_string (json_object *object, const char *key, const char **out_value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_json_find (json_object *object, const char *key, json_type type, json_object **out_value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Adds a member; adds nothing if @value is NULL. */
void varve_json_add_string (json_object *object, const char *key, const char *value);
void varve_json_add_size (json_object *object, const char *key, guint64 value);
/* With four digits after the point. */
void varve_json_add_fraction (json_object *object, const char *key, double value);

#pragma once

#include <glib.h>
#include <json-c/json.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_object, json_object_put)

/* Parses outside JSON: one document, UTF-8, at most @max_bytes, at most 32 levels deep; nothing may follow it. */
json_object *varve_json_parse (GBytes *text, gsize max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Canonical form: keys sorted by byte, no white space, UTF-8, '/' not escaped. */
char *varve_json_to_canonical (json_object *value);

/* Members of an object read with their type checked. The missing-or-wrong case is VARVE_ERROR_CORRUPT and names the
 * key. The results belong to @object. */
const char *varve_json_get_string (json_object *object, const char *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_object *varve_json_get_object (json_object *object, const char *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_object *varve_json_get_array (json_object *object, const char *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_json_get_size (json_object *object, const char *key, guint64 *out_value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same where the member may be absent: TRUE with NULL then; FALSE only when the type is wrong. */
gboolean varve_json_find_string (json_object *object, const char *key, const char **out_value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_json_find (json_object *object, const char *key, json_type type, json_object **out_value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Adds a member; @value may be NULL, then nothing is added. */
void varve_json_add_string (json_object *object, const char *key, const char *value);
void varve_json_add_size (json_object *object, const char *key, guint64 value);

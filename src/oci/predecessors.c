/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/predecessors.h"

#include <string.h>

#include "base/error.h"
#include "model/image-keys.h"

/* Of the annotation, and of a version or time in it. */
enum { TEXT_MAX_BYTES = 1 << 16, MEMBER_MAX_BYTES = 256 };

VarvePredecessor *
varve_predecessor_new (const VarveDigest *digest, const char *version, const char *time)
{
  VarvePredecessor *predecessor = g_new0 (VarvePredecessor, 1);
  predecessor->digest = *digest;
  predecessor->version = version != NULL && strlen (version) <= MEMBER_MAX_BYTES ? g_strdup (version) : NULL;
  predecessor->time = time != NULL && strlen (time) <= MEMBER_MAX_BYTES ? g_strdup (time) : NULL;
  return predecessor;
}

void
varve_predecessor_free (VarvePredecessor *predecessor)
{
  g_free (predecessor->version);
  g_free (predecessor->time);
  g_free (predecessor);
}

GPtrArray *
varve_predecessors_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)varve_predecessor_free);
}

gboolean
varve_predecessors_have (const GPtrArray *list, const VarveDigest *digest)
{
  for (guint i = 0; i < list->len; i++)
    if (varve_digest_compare (&((const VarvePredecessor *)list->pdata[i])->digest, digest) == 0)
      return TRUE;
  return FALSE;
}

static void
append_one (GPtrArray *list, const VarveDigest *digest, const char *version, const char *time)
{
  if (list->len < VARVE_PREDECESSORS_MAX && !varve_predecessors_have (list, digest))
    g_ptr_array_add (list, varve_predecessor_new (digest, version, time));
}

void
varve_predecessors_append (GPtrArray *list, const GPtrArray *more)
{
  for (guint i = 0; i < more->len; i++)
    {
      const VarvePredecessor *other = more->pdata[i];
      append_one (list, &other->digest, other->version, other->time);
    }
}

static gboolean
read_entry (GPtrArray *list, json_object *entry, GError **error)
{
  VarveDigest digest;
  const char *version, *time;
  if (!json_object_is_type (entry, json_type_object))
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "an entry is not an object");
      return FALSE;
    }
  const char *text = varve_json_get_string (entry, "digest", error);
  if (text == NULL || !varve_digest_from_string (text, &digest, error)
      || !varve_json_find_string (entry, "version", &version, error)
      || !varve_json_find_string (entry, "time", &time, error))
    return FALSE;
  append_one (list, &digest, version, time);
  return TRUE;
}

static gboolean
read_list (GPtrArray *list, const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (json_object) json = varve_json_parse (bytes, TEXT_MAX_BYTES, error);
  if (json == NULL)
    return FALSE;
  if (!json_object_is_type (json, json_type_array))
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "not a JSON array");
      return FALSE;
    }
  for (gsize i = 0; i < json_object_array_length (json); i++)
    if (!read_entry (list, json_object_array_get_idx (json, i), error))
      return FALSE;
  return TRUE;
}

GPtrArray *
varve_predecessors_read (const VarveManifest *manifest, GError **error)
{
  g_autoptr (GPtrArray) list = varve_predecessors_new ();
  const char *text = varve_string_map_get (manifest->annotations, VARVE_ANNOTATION_PREDECESSORS);
  if (text == NULL || read_list (list, text, error))
    return g_steal_pointer (&list);
  g_prefix_error (error, "annotation '%s': ", VARVE_ANNOTATION_PREDECESSORS);
  return NULL;
}

char *
varve_predecessors_to_text (const GPtrArray *list)
{
  g_autoptr (json_object) json = json_object_new_array ();
  for (guint i = 0; i < list->len; i++)
    {
      const VarvePredecessor *predecessor = list->pdata[i];
      json_object *entry = json_object_new_object ();
      g_autofree char *digest = varve_digest_to_string (&predecessor->digest);
      varve_json_add_string (entry, "digest", digest);
      varve_json_add_string (entry, "version", predecessor->version);
      varve_json_add_string (entry, "time", predecessor->time);
      json_object_array_add (json, entry);
    }
  return varve_json_to_canonical (json);
}

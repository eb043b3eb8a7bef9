/* SPDX-License-Identifier: Apache-2.0 */
#include "release/json-stream.h"

#include <string.h>

enum { PENDING_BYTES = 64 << 10, FLAGS = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE };

void
varve_json_stream_init (VarveJsonStream *stream, const VarveSink *sink)
{
  *stream = (VarveJsonStream){ .sink = sink, .pending = g_string_new ("{") };
}

void
varve_json_stream_clear (VarveJsonStream *stream)
{
  g_string_free (stream->pending, TRUE);
  g_clear_error (&stream->error);
}

static void
flush (VarveJsonStream *stream)
{
  if (stream->error == NULL)
    stream->sink->write (stream->sink->data, stream->pending->str, stream->pending->len, &stream->error);
  g_string_truncate (stream->pending, 0);
}

static void
append (VarveJsonStream *stream, const char *text)
{
  g_string_append (stream->pending, text);
  if (stream->pending->len >= PENDING_BYTES)
    flush (stream);
}

static void
append_json (VarveJsonStream *stream, json_object *value)
{
  append (stream, json_object_to_json_string_ext (value, FLAGS));
  json_object_put (value);
}

static void
begin_member (VarveJsonStream *stream, const char *key)
{
  append (stream, stream->has_members ? ",\n" : "\n");
  stream->has_members = TRUE;
  g_autoptr (json_object) name = json_object_new_string (key);
  append (stream, json_object_to_json_string_ext (name, FLAGS));
  append (stream, ":");
}

void
varve_json_stream_add (VarveJsonStream *stream, const char *key, json_object *value)
{
  begin_member (stream, key);
  append_json (stream, value);
}

void
varve_json_stream_add_string (VarveJsonStream *stream, const char *key, const char *value)
{
  varve_json_stream_add (stream, key, json_object_new_string (value));
}

void
varve_json_stream_begin_array (VarveJsonStream *stream, const char *key)
{
  begin_member (stream, key);
  append (stream, "[");
  stream->has_elements = FALSE;
}

static void
begin_element (VarveJsonStream *stream)
{
  append (stream, stream->has_elements ? ",\n" : "\n");
  stream->has_elements = TRUE;
}

void
varve_json_stream_element (VarveJsonStream *stream, json_object *value)
{
  begin_element (stream);
  append_json (stream, value);
}

void
varve_json_stream_end_array (VarveJsonStream *stream)
{
  append (stream, stream->has_elements ? "\n]" : "]");
}

void
varve_json_stream_begin_nested (VarveJsonStream *stream, json_object *head, const char *key)
{
  begin_element (stream);
  const char *text = json_object_to_json_string_ext (head, FLAGS);
  g_autofree char *open = g_strndup (text, strlen (text) - 1); /* without its brace */
  g_autofree char *member = g_strdup_printf ("%s,\"%s\":[", open, key);
  append (stream, member);
  json_object_put (head);
  stream->has_elements = FALSE;
}

void
varve_json_stream_end_nested (VarveJsonStream *stream)
{
  append (stream, stream->has_elements ? "\n]}" : "]}");
  stream->has_elements = TRUE;
}

gboolean
varve_json_stream_finish (VarveJsonStream *stream, GError **error)
{
  append (stream, "\n}\n");
  flush (stream);
  if (stream->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&stream->error));
  return FALSE;
}

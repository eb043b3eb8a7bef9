/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "base/sink.h"

/* Writes one JSON object whose arrays are too long to be in memory: a member a line, an element a line. */
typedef struct {
  const VarveSink *sink;
  GString *pending;
  gboolean has_members, has_elements;
  GError *error; /* the first; nothing is written after it */
} VarveJsonStream;

void varve_json_stream_init (VarveJsonStream *stream, const VarveSink *sink);
void varve_json_stream_clear (VarveJsonStream *stream);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveJsonStream, varve_json_stream_clear)

/* Takes @value. */
void varve_json_stream_add (VarveJsonStream *stream, const char *key, json_object *value);
void varve_json_stream_add_string (VarveJsonStream *stream, const char *key, const char *value);
/* An array of what follows, up to varve_json_stream_end_array(). */
void varve_json_stream_begin_array (VarveJsonStream *stream, const char *key);
/* Takes @value. */
void varve_json_stream_element (VarveJsonStream *stream, json_object *value);
void varve_json_stream_end_array (VarveJsonStream *stream);
/* An element of an array that is an object with an array of its own, for which there is no room in memory: @head is an
 * object, taken, and what follows goes into its member @key, up to varve_json_stream_end_nested(). */
void varve_json_stream_begin_nested (VarveJsonStream *stream, json_object *head, const char *key);
void varve_json_stream_end_nested (VarveJsonStream *stream);
/* Ends the object and writes what is pending. Gives the first error of all calls. */
gboolean varve_json_stream_finish (VarveJsonStream *stream, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print-publish.h"

#include <stdio.h>

#include "base/error.h"
#include "base/json.h"
#include "cli/print-push.h"
#include "cli/print.h"

static const char *
state_to_string (VarvePublishedState state)
{
  static const char *const NAMES[] = { "made", "there" };
  return NAMES[state];
}

static json_object *
delta_to_json (const VarvePublishedDelta *delta)
{
  json_object *json = json_object_new_object ();
  g_autofree char *digest = varve_digest_to_string (&delta->digest), *source = varve_digest_to_string (&delta->source),
                  *target = varve_digest_to_string (&delta->target);
  varve_json_add_string (json, "state", state_to_string (delta->state));
  varve_json_add_string (json, "digest", digest);
  varve_json_add_string (json, "source", source);
  varve_json_add_string (json, "source_version", delta->version);
  varve_json_add_string (json, "target", target);
  if (!delta->knows_costs)
    return json;
  varve_json_add_size (json, "download_bytes", delta->download_bytes);
  varve_json_add_size (json, "encode_seconds", delta->encode_seconds);
  varve_json_add_size (json, "encode_bytes", delta->encode_bytes);
  return json;
}

static void
print_json (const char *image, const VarvePublishResult *result)
{
  g_autoptr (json_object) json = varve_push_to_json (image, &result->push);
  json_object *deltas = json_object_new_array ();
  for (guint i = 0; i < result->deltas->len; i++)
    json_object_array_add (deltas, delta_to_json (result->deltas->pdata[i]));
  json_object_object_add (json, "deltas", deltas);
  varve_print_json (json);
}

static void
print_delta (const VarvePublishedDelta *delta)
{
  g_autofree char *source = varve_digest_to_string (&delta->source);
  g_autofree char *version = varve_escape (delta->version != NULL ? delta->version : "");
  g_autofree char *download = delta->knows_costs ? varve_format_size (delta->download_bytes) : g_strdup ("unknown");
  g_autofree char *memory = delta->knows_costs ? varve_format_size (delta->encode_bytes) : g_strdup ("unknown");
  printf ("%-6s  %.19s  %9s  %5" G_GUINT64_FORMAT " s  %9s  %s\n", state_to_string (delta->state), source, download,
          delta->encode_seconds, memory, version);
}

void
varve_print_publish (const VarveSession *session, const char *image, const VarvePublishResult *result)
{
  if (session->json)
    {
      print_json (image, result);
      return;
    }
  varve_print_push (session, image, &result->push);
  if (result->deltas->len > 0)
    puts ("\nDELTA   FROM                  DOWNLOAD  CPU      MEMORY    VERSION");
  for (guint i = 0; i < result->deltas->len; i++)
    print_delta (result->deltas->pdata[i]);
}

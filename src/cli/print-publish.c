/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print-publish.h"

#include <stdio.h>

#include "base/json.h"
#include "cli/print-push.h"
#include "cli/print.h"

static const char *
state_to_string (VarvePublishedState state)
{
  static const char *const NAMES[] = { "made", "given", "there" };
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
  varve_json_add_string (json, "source", delta->has_source ? source : NULL);
  varve_json_add_string (json, "target", target);
  if (!delta->knows_costs)
    return json;
  varve_json_add_size (json, "download_bytes", delta->download_bytes);
  varve_json_add_size (json, "encode_seconds", delta->encode_seconds);
  varve_json_add_size (json, "encode_bytes", delta->encode_bytes);
  return json;
}

static json_object *
removed_to_json (const VarveRemovedDelta *removed)
{
  json_object *json = json_object_new_object ();
  g_autofree char *digest = varve_digest_to_string (&removed->digest),
                  *target = varve_digest_to_string (&removed->target);
  varve_json_add_string (json, "digest", digest);
  varve_json_add_string (json, "target", target);
  json_object_object_add (json, "deleted", json_object_new_boolean (removed->problem == NULL));
  varve_json_add_string (json, "problem", removed->problem);
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
  json_object *removed = json_object_new_array ();
  for (guint i = 0; i < result->removed->len; i++)
    json_object_array_add (removed, removed_to_json (result->removed->pdata[i]));
  json_object_object_add (json, "removed", removed);
  varve_print_json (json);
}

static void
print_delta (const VarvePublishedDelta *delta)
{
  g_autofree char *source = varve_digest_to_string (&delta->source), *target = varve_digest_to_string (&delta->target);
  g_autofree char *download = delta->knows_costs ? varve_format_size (delta->download_bytes) : g_strdup ("?");
  g_autofree char *memory = delta->knows_costs ? varve_format_size (delta->encode_bytes) : g_strdup ("?");
  printf ("%-5s  %-19.19s  %.19s  %9s  %4" G_GUINT64_FORMAT " s  %9s\n", state_to_string (delta->state),
          delta->has_source ? source : "?", target, download, delta->encode_seconds, memory);
}

static void
print_removed (const GPtrArray *removed)
{
  guint n_refused = 0;
  const char *problem = NULL;
  for (guint i = 0; i < removed->len; i++)
    if (((const VarveRemovedDelta *)removed->pdata[i])->problem != NULL)
      {
        problem = ((const VarveRemovedDelta *)removed->pdata[i])->problem;
        n_refused++;
      }
  if (removed->len > 0)
    printf ("\nremoved from the lists of older images: %u deltas\n", removed->len);
  if (n_refused > 0)
    printf ("the registry did not delete %u of them: %s\n", n_refused, problem);
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
    puts ("\nDELTA  FROM                 TO                    DOWNLOAD     CPU     MEMORY");
  for (guint i = 0; i < result->deltas->len; i++)
    print_delta (result->deltas->pdata[i]);
  print_removed (result->removed);
}

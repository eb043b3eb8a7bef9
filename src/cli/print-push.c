/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print-push.h"

#include <stdio.h>

#include "cli/print.h"

json_object *
varve_push_to_json (const char *image, const VarvePushResult *result)
{
  json_object *json = json_object_new_object ();
  g_autofree char *digest = varve_digest_to_string (&result->digest);
  json_object *tags = json_object_new_array ();
  for (guint i = 0; i < result->tags->len; i++)
    json_object_array_add (tags, json_object_new_string (g_ptr_array_index (result->tags, i)));
  varve_json_add_string (json, "image", image);
  varve_json_add_string (json, "digest", digest);
  json_object_object_add (json, "tags", tags);
  varve_json_add_size (json, "layers", result->n_layers);
  varve_json_add_size (json, "size_bytes", result->layers_bytes);
  if (result->knows_sent)
    {
      varve_json_add_size (json, "sent_layers", result->n_sent);
      varve_json_add_size (json, "sent_bytes", result->sent_bytes);
      varve_json_add_size (json, "kept_layers", result->n_layers - result->n_sent);
      varve_json_add_size (json, "kept_bytes", result->layers_bytes - result->sent_bytes);
    }
  return json;
}

static void
print_text (const char *image, const char *digest, const VarvePushResult *result)
{
  g_autofree char *size = varve_format_size (result->layers_bytes), *sent = varve_format_size (result->sent_bytes);
  g_autofree char *kept = varve_format_size (result->layers_bytes - result->sent_bytes);
  printf ("image   %s\ndigest  %s\n", image, digest);
  for (guint i = 0; i < result->tags->len; i++)
    printf ("tag     %s\n", (const char *)g_ptr_array_index (result->tags, i));
  printf ("layers  %u, %s; ", result->n_layers, size);
  if (result->knows_sent)
    printf ("%u sent, %s; %u already there, %s\n", result->n_sent, sent, result->n_layers - result->n_sent, kept);
  else
    puts ("number of sent layers unknown");
}

void
varve_print_push (const VarveSession *session, const char *image, const VarvePushResult *result)
{
  if (!session->json)
    {
      g_autofree char *digest = varve_digest_to_string (&result->digest);
      print_text (image, digest, result);
      return;
    }
  g_autoptr (json_object) json = varve_push_to_json (image, result);
  varve_print_json (json);
}

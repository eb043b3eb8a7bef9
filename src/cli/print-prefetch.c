/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print-prefetch.h"

#include <stdio.h>

#include "cli/print.h"

static void
print_line (const char *name, const VarvePrefetch *prefetch, VarvePrefetchState state)
{
  guint n = 0;
  for (guint i = 0; i < prefetch->layers->len; i++)
    n += g_array_index (prefetch->layers, VarvePrefetchLayer, i).state == state;
  g_autofree char *size = varve_format_size (varve_prefetch_bytes (prefetch, state));
  if (n > 0)
    printf ("%-8s %3u layer%s, %s\n", name, n, n == 1 ? "" : "s", size);
}

static guint
count_deltas (const VarvePrefetchFound *found)
{
  return found->digests != NULL ? g_strv_length (found->digests) : 0;
}

static void
print_deltas (const VarvePrefetchFound *found)
{
  guint n = count_deltas (found);
  g_autofree char *size = varve_format_size (found->bytes);
  if (n > 0)
    printf ("found    %3u delta%s, %s with what %s\n", n, n == 1 ? "" : "s", size, n == 1 ? "it lacks" : "they lack");
}

static void
add_deltas (json_object *json, const VarvePrefetchFound *found)
{
  guint n = count_deltas (found);
  if (n == 0)
    return;
  json_object *list = json_object_new_array ();
  for (guint i = 0; i < n; i++)
    json_object_array_add (list, json_object_new_string (found->digests[i]));
  json_object_object_add (json, "deltas", list);
  varve_json_add_size (json, "delta_bytes", found->bytes);
}

void
varve_print_prefetch (const VarveSession *session, const VarveImage *image, const char *name,
                      const VarvePrefetch *prefetch, const VarvePrefetchFound *found)
{
  g_autofree char *digest = varve_digest_to_string (&image->descriptor->digest);
  if (session->json)
    {
      g_autoptr (json_object) json = json_object_new_object ();
      varve_json_add_string (json, "image", name);
      varve_json_add_string (json, "digest", digest);
      varve_prefetch_to_json (prefetch, json);
      add_deltas (json, found);
      varve_print_json (json);
      return;
    }
  printf ("image    %s\ndigest   %s\n", name, digest);
  print_deltas (found);
  print_line ("present", prefetch, VARVE_PREFETCH_PRESENT);
  print_line ("linked", prefetch, VARVE_PREFETCH_LINKED);
  print_line ("rebuilt", prefetch, VARVE_PREFETCH_REBUILT);
  print_line ("fetched", prefetch, VARVE_PREFETCH_FETCHED);
  print_line ("skipped", prefetch, VARVE_PREFETCH_SKIPPED);
}

void
varve_print_up_to_date (const VarveSession *session, const VarveImage *image, const char *name)
{
  g_autofree char *digest = varve_digest_to_string (&image->descriptor->digest);
  if (!session->json)
    {
      printf ("image    %s\ndigest   %s\nthe host already has this image\n", name, digest);
      return;
    }
  g_autoptr (json_object) json = json_object_new_object ();
  varve_json_add_string (json, "image", name);
  varve_json_add_string (json, "digest", digest);
  json_object_object_add (json, "up_to_date", json_object_new_boolean (TRUE));
  varve_print_json (json);
}

void
varve_print_metered (const VarveSession *session, const char *name)
{
  if (!session->json)
    {
      printf ("image    %s\nskipped: the connection is metered; --metered=allow fetches nevertheless\n", name);
      return;
    }
  g_autoptr (json_object) json = json_object_new_object ();
  varve_json_add_string (json, "image", name);
  varve_json_add_string (json, "skipped", "metered");
  varve_print_json (json);
}

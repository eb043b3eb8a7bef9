/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print-fetch.h"

#include <stdio.h>

#include "base/json.h"
#include "cli/print.h"

static void
print_json (const char *image, const char *digest, const VarveFetchResult *result)
{
  const VarveCopyCount *count = &result->count;
  g_autoptr (json_object) json = json_object_new_object ();
  varve_json_add_string (json, "image", image);
  varve_json_add_string (json, "digest", result->n_entries == 1 ? digest : NULL);
  varve_json_add_size (json, "entries", result->n_entries);
  varve_json_add_size (json, "copied_blobs", count->n_copied);
  varve_json_add_size (json, "copied_bytes", count->copied_bytes);
  varve_json_add_size (json, "kept_blobs", count->n_kept);
  varve_json_add_size (json, "kept_bytes", count->kept_bytes);
  varve_json_add_size (json, "absent_blobs", count->n_absent);
  varve_print_json (json);
}

void
varve_print_fetch (const VarveSession *session, const char *image, const VarveFetchResult *result)
{
  const VarveCopyCount *count = &result->count;
  g_autofree char *digest = varve_digest_to_string (&result->digest);
  g_autofree char *copied = varve_format_size (count->copied_bytes), *kept = varve_format_size (count->kept_bytes);
  if (session->json)
    {
      print_json (image, digest, result);
      return;
    }
  printf ("image   %s\n", image);
  if (result->n_entries == 1)
    printf ("digest  %s\n", digest);
  else
    printf ("images  %u\n", result->n_entries);
  printf ("blobs   %u copied, %s; %u already there, %s\n", count->n_copied, copied, count->n_kept, kept);
  if (count->n_absent > 0)
    printf ("absent  %u: not in the source either\n", count->n_absent);
}

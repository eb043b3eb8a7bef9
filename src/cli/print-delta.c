/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print-delta.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "cli/print.h"
#include "delta/delta-report.h"

static void
print_costliest (const VarveDeltaEntry *entry)
{
  const char *text = varve_descriptor_annotation (entry->descriptor, VARVE_DELTA_COSTLIEST);
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, text != NULL ? strlen (text) : 0);
  g_autoptr (json_object) list = text != NULL ? varve_json_parse (bytes, 1 << 16, NULL) : NULL;
  for (gsize i = 0; list != NULL && json_object_is_type (list, json_type_array) && i < json_object_array_length (list);
       i++)
    {
      json_object *pair = json_object_array_get_idx (list, i);
      if (!json_object_is_type (pair, json_type_array) || json_object_array_length (pair) != 2)
        continue;
      g_autofree char *name = varve_escape (json_object_get_string (json_object_array_get_idx (pair, 0)));
      g_autofree char *size
          = varve_format_size ((guint64)MAX (json_object_get_int64 (json_object_array_get_idx (pair, 1)), 0));
      printf ("%26s  %s\n", size, name);
    }
}

void
varve_print_delta (const VarveDelta *delta, const char *name)
{
  g_autofree char *escaped = varve_escape (name);
  g_autofree char *digest = varve_digest_to_string (&delta->descriptor->digest),
                  *target = varve_digest_to_string (&delta->target_descriptor->digest);
  g_autofree char *ours = varve_format_size (varve_delta_download_bytes (delta, VARVE_DELTA_CLIENT_VARVE));
  g_autofree char *others = varve_format_size (varve_delta_download_bytes (delta, VARVE_DELTA_CLIENT_TARDIFF));
  printf ("delta     %s\ndigest    %s\ntarget    %s\n", escaped, digest, target);
  printf ("download  %s; %s for a client that supports only tar-diff\n", ours, others);
  g_autofree char *memory = varve_format_size (varve_delta_encode_bytes (delta));
  printf ("encoders  %.0f s of one core to apply, %s of memory\n\n", varve_delta_encode_seconds (delta), memory);
  puts ("LAYER        LAYER SIZE  DELTA       KIND");
  for (guint i = 0; i < delta->target->layers->len; i++)
    {
      const VarveDeltaEntry *entry = varve_delta_choose (delta, i, VARVE_DELTA_CLIENT_VARVE);
      g_autofree char *layer = varve_format_size (varve_manifest_layer (delta->target, i)->size_bytes);
      g_autofree char *size = entry != NULL ? varve_format_size (entry->descriptor->size_bytes) : g_strdup ("-");
      printf ("%5u  %16s  %8s    %s\n", i, layer, size,
              entry != NULL ? varve_delta_entry_kind_to_string (entry->kind) : "reused");
      if (entry != NULL)
        print_costliest (entry);
    }
}

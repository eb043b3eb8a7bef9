/* SPDX-License-Identifier: Apache-2.0 */
#include "page/stale-item.h"

#include "page/markup.h"

void
varve_stale_item (GString *out, json_object *document)
{
  double bytes = varve_markup_number (document, "stale_bytes");
  g_autofree char *size = varve_markup_size (bytes);
  if (bytes > 0)
    varve_markup_printf (out, "<li><b>%.1f %%</b><span>of a new installation is stale: %s uncompressed</span></li>",
                         100 * varve_markup_number (document, "stale_share"), size);
}

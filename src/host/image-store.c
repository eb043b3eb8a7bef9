/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image-store.h"

void
varve_image_store_free (VarveImageStore *store)
{
  store->free (store->data);
  g_free (store);
}

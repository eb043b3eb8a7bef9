/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/publish-types.h"

void
varve_removed_delta_free (gpointer data)
{
  VarveRemovedDelta *removed = data;
  g_free (removed->problem);
  g_free (removed);
}

void
varve_publish_result_clear (VarvePublishResult *result)
{
  varve_push_result_clear (&result->push);
  g_clear_pointer (&result->deltas, g_ptr_array_unref);
  g_clear_pointer (&result->removed, g_ptr_array_unref);
}

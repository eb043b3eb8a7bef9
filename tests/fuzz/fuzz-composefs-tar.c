/* SPDX-License-Identifier: Apache-2.0 */
/* A layer's tar in pieces: the first byte says how large they are. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "verify/composefs-tar.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  g_autoptr (VarveComposefsTar) whole = varve_composefs_tar_new (), pieces = varve_composefs_tar_new ();
  size_t step = 1 + data[0];
  varve_composefs_tar_feed (whole, data + 1, size - 1);
  for (size_t at = 1; at < size; at += step)
    varve_composefs_tar_feed (pieces, data + at, MIN (step, size - at));
  g_assert_cmpstr (varve_composefs_tar_fault (whole), ==, varve_composefs_tar_fault (pieces));
  return 0;
}

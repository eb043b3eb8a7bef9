/* SPDX-License-Identifier: Apache-2.0 */
/* OSTree's metadata objects and extended attributes, as repositories and images give them. */
#include "tests/fuzz/fuzz.h"

#include "model/xattrs.h"
#include "ostree/commit.h"
#include "ostree/dirmeta.h"
#include "ostree/dirtree.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (VarveDirtree) dirtree = varve_dirtree_parse (bytes, NULL);
  g_autoptr (VarveDirmeta) dirmeta = varve_dirmeta_parse (bytes, NULL);
  g_autoptr (VarveXattrs) xattrs = varve_xattrs_parse (bytes, NULL);
  g_autoptr (VarveCommit) commit = varve_commit_parse (bytes, NULL);
  if (commit != NULL)
    {
      gboolean bootable;
      (void)varve_commit_find_string (commit, "version");
      (void)varve_commit_find_boolean (commit, "ostree.bootable", &bootable);
      g_strfreev (varve_commit_find_strings (commit, "ostree.container-cmd"));
    }
  if (!varve_commitmeta_check (bytes, NULL))
    return 0;
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "model/finding.h"
#include "model/xattrs.h"

/* The records of a PAX extended header ("x"): POSIX.1-2001, pax, "pax Extended Header". */

#define VARVE_PAX_MAX_BYTES (1u << 20)

typedef struct {
  GArray *xattrs;        /* VarveXattr, as written: from SCHILY.xattr.<name> */
  const char *path;      /* NULL when absent */
  const char *link_path; /* NULL when absent */
  gboolean has_size;     /* of the content, in place of the header's */
  guint64 size_bytes;
  gboolean is_sparse;    /* GNU's formats 0.0, 0.1, 1.0: the content is not that of the file */
  const char *real_name; /* of a sparse file, where the header has another; NULL when absent */

  /* private */
  char *data; /* everything above points into it */
} VarvePax;

/* Findings, located at @where: "pax.duplicate-key", "pax.override" (a record for a number that readers of OSTree layers
 * take from the header; of "size" the caller judges that), "pax.unknown-key" (a note). A malformed record is CORRUPT.
 */
VarvePax *varve_pax_parse (GBytes *raw, VarveFindings *findings, const char *where, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_pax_free (VarvePax *pax);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePax, varve_pax_free)

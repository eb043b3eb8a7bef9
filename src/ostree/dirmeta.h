/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* A directory's owner, mode and extended attributes as OSTree stores them: the GVariant (uuua(ayay)), numbers
 * big-endian. Source: libostree, ostree-core.h, OSTREE_DIRMETA_GVARIANT_FORMAT. */
typedef struct {
  guint32 uid, gid, mode; /* mode is S_IFDIR and permission bits */
  GBytes *xattrs;         /* serialized a(ayay), checked as in model/xattrs.h */
} VarveDirmeta;

VarveDirmeta *varve_dirmeta_parse (GBytes *raw, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_dirmeta_free (VarveDirmeta *dirmeta);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDirmeta, varve_dirmeta_free)

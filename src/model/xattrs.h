/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Extended attributes as OSTree serializes them: the GVariant a(ayay), each name with its NUL, each value raw; no bytes
 * at all if there are none. Source: libostree, ostree-core.h, OSTREE_FILEMETA_GVARIANT_FORMAT. */

typedef struct {
  const char *name;
  const guint8 *value;
  gsize size_bytes; /* of the value */
} VarveXattr;

typedef struct {
  VarveXattr *list; /* strictly ascending by name */
  guint n;
  GBytes *serialized; /* the list points into it */
} VarveXattrs;

#define VARVE_XATTRS_MAX_BYTES (1u << 20)

/* CORRUPT unless the variant is in normal form, every name is a non-empty C string, and the names ascend strictly:
 * libostree since 2024.10 sorts them before hashing, and cannot import an object with others. LIMIT beyond
 * VARVE_XATTRS_MAX_BYTES. */
VarveXattrs *varve_xattrs_parse (GBytes *serialized, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_xattrs_free (VarveXattrs *xattrs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveXattrs, varve_xattrs_free)

/* The serialized form, sorted by name. Of two with the same name the later one is kept. Names are not empty. */
GBytes *varve_xattrs_serialize (const VarveXattr *list, guint n);

/* Whether an attribute belongs to the tree rather than to the machine: neither SELinux's label, which is computed from
 * the tree's policy, nor the notes of overlayfs, container engines and OSTree repositories. */
gboolean varve_xattr_is_portable (const char *name);

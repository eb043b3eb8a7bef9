#pragma once

#include <glib.h>

/* Extended attributes as OSTree serializes them: the GVariant a(ayay), each name with its NUL, each value raw; no bytes
 * at all when there are none. Source: libostree, ostree-core.h, OSTREE_FILEMETA_GVARIANT_FORMAT. */

typedef struct {
  const char *name;
  const guint8 *value;
  gsize size_bytes; /* of the value */
} VarveXattr;

typedef struct {
  VarveXattr *list; /* strictly ascending by name */
  guint n;
  GBytes *serialized; /* what the list points into */
} VarveXattrs;

#define VARVE_XATTRS_MAX_BYTES (1u << 20)

/* CORRUPT unless it is in normal form, every name is a C string that is not empty, and the names ascend strictly:
 * libostree since 2024.10 sorts them before it hashes, so that an object with others cannot be imported there. LIMIT
 * beyond 1 MiB. */
VarveXattrs *varve_xattrs_parse (GBytes *serialized, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_xattrs_free (VarveXattrs *xattrs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveXattrs, varve_xattrs_free)

/* The serialized form of these: sorted by name; of two with one name the later counts. Names are not empty. */
GBytes *varve_xattrs_serialize (const VarveXattr *list, guint n);

/* Whether an attribute belongs to the tree rather than to the machine that it lies on: not SELinux's label, which is
 * made anew from the tree's policy, nor what overlayfs, container engines and OSTree's repositories note down for
 * themselves. */
gboolean varve_xattr_is_portable (const char *name);

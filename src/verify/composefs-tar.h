/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Finds what composefs-rs refuses in the tar of a layer that other readers accept: sparse files, PAX records with
 * values that it does not parse, repeated extension headers, types that it does not know. The rules are those of the
 * crate tar-core 0.1.0, which composefs-oci 0.9 uses with its default limits, and of composefs-oci's tar.rs. Header
 * checksums and lengths are left to other readers. */
typedef struct _VarveComposefsTar VarveComposefsTar;

VarveComposefsTar *varve_composefs_tar_new (void);
void varve_composefs_tar_free (VarveComposefsTar *tar);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveComposefsTar, varve_composefs_tar_free)

/* The bytes of the tar, in order, in pieces of any size. */
void varve_composefs_tar_feed (VarveComposefsTar *tar, const void *bytes, gsize size_bytes);
/* The first fault, escaped, with the name of its entry; NULL for none so far. */
const char *varve_composefs_tar_fault (const VarveComposefsTar *tar);

#pragma once

#include "model/source.h"
#include "model/tree.h"

/* Objects of a commit that is in no repository: metadata in memory, contents where they lie already. It is a
 * VarveSource. */
typedef struct _VarveObjectStore VarveObjectStore;

/* @contents must outlive it. */
VarveObjectStore *varve_object_store_new (VarveTreeContents *contents);
void varve_object_store_free (VarveObjectStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveObjectStore, varve_object_store_free)

VarveSource *varve_object_store_source (VarveObjectStore *store);

/* The next two are thread-safe; what is there already stays, but for COMMITMETA, which goes by the commit's checksum.
 */
void varve_object_store_add_metadata (VarveObjectStore *store, VarveMetadataKind kind, const VarveDigest *checksum,
                                      GBytes *raw);
/* By its own checksum. The inode must outlive the store; one without a path is taken by it, also where it is not
 * needed. */
void varve_object_store_add_content (VarveObjectStore *store, VarveTreeInode *inode);
gboolean varve_object_store_has_content (VarveObjectStore *store, const VarveDigest *checksum);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/source.h"
#include "model/tree.h"

/* The objects of a commit that is in no repository, as a VarveSource. Metadata are in memory, contents stay in the
 * tree's contents. */
typedef struct _VarveObjectStore VarveObjectStore;

/* @contents must outlive it. */
VarveObjectStore *varve_object_store_new (VarveTreeContents *contents);
void varve_object_store_free (VarveObjectStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveObjectStore, varve_object_store_free)

VarveSource *varve_object_store_source (VarveObjectStore *store);

/* The next two are thread-safe and keep what is already there, except that COMMITMETA, under the commit's checksum, is
 * replaced. */
void varve_object_store_add_metadata (VarveObjectStore *store, VarveMetadataKind kind, const VarveDigest *checksum,
                                      GBytes *raw);
/* Under @inode->checksum. The store takes an inode without a path, even if it has the content already; another must
 * outlive the store. */
void varve_object_store_add_content (VarveObjectStore *store, VarveTreeInode *inode);
gboolean varve_object_store_has_content (VarveObjectStore *store, const VarveDigest *checksum);

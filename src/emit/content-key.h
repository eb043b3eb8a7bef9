/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/digest.h"
#include "emit/format.h"
#include "model/inventory.h"

/* The identity of a layer's tar before it is written: a SHA-256 over the format, and each object with its paths, in
 * order. In an OSTree image that decides every byte: layers with equal keys have equal diff IDs. In a plain image it
 * decides all but times; of these the key has those that the content of another file requires (is_time_bound). So
 * layers with equal keys are exchangeable: they differ at most in times that nothing requires. */
VarveDigest varve_content_key (VarveFormat format, const VarveInventory *inventory, const guint32 *objects,
                               guint32 n_objects);
/* Of a layer of a plain image that was built before its files had times. */
VarveDigest varve_content_key_without_times (const VarveInventory *inventory, const guint32 *objects,
                                             guint32 n_objects);

/* The key of an OSTree component layer from its objects, in order: each object, then its paths in walk order, then the
 * end of them. varve_hash_finish() gives the key. */
VarveHash *varve_content_key_start (void);
void varve_content_key_feed_object (VarveHash *hash, const VarveDigest *checksum);
void varve_content_key_feed_path (VarveHash *hash, const char *path);
void varve_content_key_feed_end (VarveHash *hash);
/* The key of the commit layer; @commitmeta: detached metadata, or NULL. */
VarveDigest varve_content_key_of_commit (const VarveDigest *commit, GBytes *commitmeta);

/* The same for the first layer: the commit with its detached metadata (NULL if there are none), or in a plain image all
 * folders. */
VarveDigest varve_content_key_first (VarveFormat format, const VarveInventory *inventory, GBytes *commitmeta);
/* The same for the first layer of a plain image with some folders of the tree: those of a base image. @has is not 0 for
 * these, of each directory of the inventory; NULL: all. */
VarveDigest varve_content_key_of_folders (const VarveInventory *inventory, const guint8 *has);

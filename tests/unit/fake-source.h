/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/inventory.h"
#include "model/source.h"

/* A tree in memory that reads like a commit: an inventory and the source of its objects. Adding what is there already
 * replaces it; parents are made as needed. A program that uses it names fake-source.c in tests/unit/meson.build. */
typedef struct _FakeSource FakeSource;

FakeSource *fake_source_new (void);
void fake_source_free (FakeSource *fake);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeSource, fake_source_free)

void fake_source_add_directory (FakeSource *fake, const char *path);
void fake_source_add_text (FakeSource *fake, const char *path, const char *text);
void fake_source_add_bytes (FakeSource *fake, const char *path, GBytes *bytes);
void fake_source_add_symlink (FakeSource *fake, const char *path, const char *target);
/* Gives a file or directory that is there one extended attribute, its only one. */
void fake_source_set_xattr (FakeSource *fake, const char *path, const char *name, const void *value, gsize size_bytes);
/* Gives it serialized attributes as they are. */
void fake_source_set_raw_xattrs (FakeSource *fake, const char *path, const void *data, gsize size_bytes);
/* Gives a file a size in the inventory that its content does not have. */
void fake_source_set_size (FakeSource *fake, const char *path, guint64 size_bytes);

/* The inventory of the tree as it now is; the caller owns it. Object checksums are those of OSTree, all else of
 * directories than their attributes is zero. */
VarveInventory *fake_source_inventory (FakeSource *fake);
/* Opens content by checksum, as of the last inventory; it has no metadata. Belongs to @fake. */
VarveSource *fake_source_source (FakeSource *fake);

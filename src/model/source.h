/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/digest.h"
#include "model/inventory.h"

typedef enum {
  VARVE_METADATA_COMMIT,
  VARVE_METADATA_COMMITMETA,
  VARVE_METADATA_DIRTREE,
  VARVE_METADATA_DIRMETA,
} VarveMetadataKind;

/* Where an inventory's objects are read from. Implemented by src/ostree for a repository, by model/object-store for a
 * tree, and by tests. All members are called from several threads. */
typedef struct _VarveSource VarveSource;

struct _VarveSource {
  /* The content of a regular file object. A missing or unreadable one is an error that names the object. */
  GInputStream *(*open_content) (VarveSource *source, const VarveDigest *checksum, GCancellable *cancellable,
                                 GError **error);
  /* The same as a plain file, which is faster to read; the caller closes it. -1 without an error if the content must be
   * decoded first. May be NULL. */
  int (*open_content_fd) (VarveSource *source, const VarveDigest *checksum, GError **error);
  /* The raw bytes of a metadata object, as stored; their SHA-256 is not checked here. For COMMITMETA, the detached
   * metadata of that commit: NULL without an error if there is none. */
  GBytes *(*load_metadata) (VarveSource *source, VarveMetadataKind kind, const VarveDigest *checksum, GError **error);
  /* Fills in what a content object's header says: size, owner, mode, xattrs, symlink target. @out_xattrs and
   * @out_target are owned by the caller; the inventory's own copies are made later, on one thread. Content is not read.
   * NULL if the inventory is complete without it. */
  gboolean (*load_header) (VarveSource *source, VarveObject *object, GBytes **out_xattrs, char **out_target,
                           GCancellable *cancellable, GError **error);
  /* A hint that this object's content will be read soon. May be NULL. It blocks while inodes are read. */
  void (*read_ahead) (VarveSource *source, const VarveDigest *checksum);
};

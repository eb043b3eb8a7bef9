/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/sink.h"
#include "model/inventory.h"
#include "model/source.h"

/* The tars of an OSTree image: tar format 1 with the sparse layout ("format version 1" of rpm-ostree).
 * A commit layer holds the commit, all metadata objects and every directory; a component layer holds content objects
 * and, as hard links to them, their paths. Each starts with the same skeleton of a repository in mode
 * bare-split-xattrs. */

/* A directory that the commit layer shows also where the commit lacks it. */
#define VARVE_OSTREE_TAR_ADDED "var/tmp"

/* The path at which a layer shows a path of the commit: usr/etc at etc. Points into @path. */
const char *varve_ostree_tar_path (const char *path);
/* The other way round: etc at usr/etc. The caller frees it. */
char *varve_ostree_tar_commit_path (const char *path);

/* The exact size of the tar that varve_ostree_tar_write_component() writes. */
guint64 varve_ostree_tar_component_bytes (const VarveInventory *inventory, const guint32 *objects, guint32 n_objects);

typedef struct {
  const VarveInventory *inventory;
  VarveSource *source;
  GCancellable *cancellable;
  /* Called before the object with this position in the list is written; may be NULL. */
  void (*at_object) (gpointer data, guint32 position);
  gpointer at_object_data;
} VarveOstreeTar;

/* Writes a component layer of these objects, in the order given. */
gboolean varve_ostree_tar_write_component (const VarveOstreeTar *tar, const guint32 *objects, guint32 n_objects,
                                           VarveSink *sink, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes the commit layer. */
gboolean varve_ostree_tar_write_commit (const VarveOstreeTar *tar, VarveSink *sink, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

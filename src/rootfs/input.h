/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "model/object-store.h"
#include "oci/image.h"
#include "packages/owners.h"
#include "rootfs/rootfs.h"

/* Makes a commit in memory of a folder with a root file system, or of an image. */

typedef struct {
  VarveRootfsOptions rootfs; /* path NULL: no folder; its prune is for an image, too */
  const VarveImage *image;   /* NULL: no image */
  const char *image_name;    /* for messages */
  gboolean is_plain;         /* for a plain image: etc stays where it is */
  gboolean is_temporary;     /* the commit is only compared: its time does not matter */
} VarveInputOptions;

#define VARVE_INPUT_OPTIONS_INIT                                                                                       \
  {                                                                                                                    \
    .rootfs = {.owner_uid = VARVE_OWNER_AS_FOUND, .owner_gid = VARVE_OWNER_AS_FOUND }                                  \
  }

typedef struct {
  VarveSource *source;         /* of the commit's objects; owned by the input */
  VarveInventory *inventory;   /* of the commit */
  VarveComponents *components; /* the owners of its files */
  VarveConfig *config;         /* of the image; NULL for a folder */
  VarveSkipped skipped;        /* what is not in the commit */

  /* private */
  VarveTreeContents *contents;
  VarveTree *tree;
  VarveObjectStore *store;
} VarveInput;

/* The commit's time is SOURCE_DATE_EPOCH, else the image's creation time, else the newest build or change time of the
 * tree's packages. All copies of a tree therefore give the same time. The commit's metadata have ostree.architecture
 * and, for a tree with one kernel, ostree.bootable and ostree.linux. */
VarveInput *varve_input_open (const VarveInputOptions *options, const VarveOwnersOptions *owners, guint jobs,
                              VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Adds signatures to the commit's detached metadata: ostree/sign.h. Call it once, before anything is written. */
gboolean varve_input_sign (VarveInput *input, const VarveDigest *commit, const char *const *keys,
                           GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The tree that the commit was made of, with the layers of its files; NULL for an image of a commit. */
const VarveTree *varve_input_tree (const VarveInput *input);
void varve_input_free (VarveInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveInput, varve_input_free)

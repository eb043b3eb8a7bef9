#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "model/object-store.h"
#include "oci/config.h"
#include "packages/owners.h"
#include "rootfs/rootfs.h"
#include "skopeo/reference.h"

/* A tree that is in no repository, made a commit: a folder with a root file system, or what an image shows. */

typedef struct {
  VarveRootfsOptions rootfs;  /* path NULL: not a folder */
  const VarveReference *from; /* NULL: not an image */
  const char *architecture;   /* which image of an index; NULL is this machine's */
  gboolean is_plain;          /* for an image that is not OSTree's: etc stays where it is */
} VarveInputOptions;

#define VARVE_INPUT_OPTIONS_INIT                                                                                       \
  {                                                                                                                    \
    .rootfs = {.owner_uid = VARVE_OWNER_AS_FOUND, .owner_gid = VARVE_OWNER_AS_FOUND }                                  \
  }

typedef struct {
  VarveSource *source;         /* reads the objects of the commit; belongs to the input */
  VarveInventory *inventory;   /* the commit's */
  VarveComponents *components; /* who owns what in it */
  VarveConfig *config;         /* of the image; NULL for a folder */

  /* private */
  VarveTreeContents *contents;
  VarveTree *tree;
  VarveObjectStore *store;
} VarveInput;

/* Whether there is one to open. */
gboolean varve_input_is_wanted (const VarveInputOptions *options);

/* The commit's time is SOURCE_DATE_EPOCH, else when the image was created, else the newest date that the packages of
 * the tree carry: nothing that another copy of the same tree would not have. Its metadata say ostree.bootable and
 * ostree.linux where there is one kernel, and ostree.architecture. */
VarveInput *varve_input_open (const VarveInputOptions *options, const VarveOwnersOptions *owners, guint jobs,
                              VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Adds signatures to the commit's detached metadata: ostree/sign.h. To be called once, before anything is written. */
gboolean varve_input_sign (VarveInput *input, const VarveDigest *commit, const char *const *keys,
                           GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_input_free (VarveInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveInput, varve_input_free)

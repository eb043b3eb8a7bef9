/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "release/file-digests.h"
#include "release/os-release.h"
#include "release/packaged-tree.h"

/* A bill of materials: what a tree consists of, as its package databases say. */

typedef enum {
  VARVE_SBOM_IMAGE,
  VARVE_SBOM_COMMIT,
  VARVE_SBOM_TREE,
} VarveSbomSubject;

typedef struct {
  VarveSbomSubject subject;
  char *name, *version; /* of the whole; the version may be NULL */
  VarveDigest digest;   /* of the image's manifest, or the commit's checksum; of a folder, of the commit it gives */
  gint64 time;          /* seconds since 1970 */
  VarveOsRelease os;
  VarvePackagedTree *tree; /* owned */
  GPtrArray *layers;       /* digests (char *) of the image's layers; NULL for a commit or a folder */

  /* NULL where files are not asked for: */
  VarveFileDigests *digests; /* for each object of the tree */
  guint32 *layer_of_file;    /* for each file, the index of its layer, or VARVE_NO_INDEX; NULL without layers */
} VarveSbom;

typedef struct {
  VarveReadPackagedTree tree;
  const char *name; /* of the whole; NULL: the ID of os-release */
  gboolean has_files;
} VarveSbomOptions;

/* The time is SOURCE_DATE_EPOCH, else the image's creation, else the commit's. */
VarveSbom *varve_sbom_read (const VarveSbomOptions *options, VarveObserver *observer, GCancellable *cancellable,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_sbom_free (VarveSbom *sbom);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSbom, varve_sbom_free)

/* For the writers. */

/* The regular files (guint32, indices): those of each package together, in the order of packages, then those of none.
 */
GArray *varve_sbom_list_files (const VarveSbom *sbom);
/* The index of the package that contains the file, or VARVE_NO_INDEX. */
guint32 varve_sbom_package_of (const VarveSbom *sbom, guint32 file);
/* The digest of the layer that holds the file; NULL when unknown. */
const char *varve_sbom_layer_of (const VarveSbom *sbom, guint32 file);
const VarveFileDigests *varve_sbom_digests_of (const VarveSbom *sbom, guint32 file);
/* "2024-10-01T12:00:00Z". */
char *varve_sbom_format_time (const VarveSbom *sbom);
/* The homepage where it is a URL; else NULL. */
const char *varve_sbom_homepage (const VarvePackage *package);

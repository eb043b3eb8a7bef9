/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "chunker/ledger.h"
#include "model/finding.h"
#include "model/inventory.h"
#include "oci/image.h"

/* Whether the image has no label of a commit. */
gboolean varve_verify_is_plain (const VarveImage *image);

/* Checks what every image must fulfil: each layer's digest, size and diff ID, a readable tar, and no duplicate paths.
 *
 * Errors: "layer.missing", "layer.unreadable", "layer.digest" (digest, size or diff ID), "tar.duplicate-path",
 * "path.form" (".."), "path.link" (a hard link in the first layer without an earlier target), those of
 * emit/decompress.h; of a bootable image "composefs.tar" (composefs-tar.h) and those of composefs-rules.h. Notes, for
 * importers of bootable images: "path.type" (devices), "path.not-utf8", "path.parent" (no entry for the parent folder
 * before its child), "image.history", "image.plain", "image.not-checked" (not compared). */
/* An image in which no file has a time is of a version that wrote none: the times of the tree are then forgotten, and a
 * commit's hard links made again. */
typedef struct {
  guint jobs;                /* layers read at once, at least 1 */
  VarveInventory *compared;  /* the tree that the image must show: verify/plain-compare.h; NULL for none */
  gboolean is_commit;        /* that tree is of a commit, which has no hard links of its own */
  const VarveLedger *ledger; /* of the image, to compare its layers with if the tree is; NULL for none */
} VarveVerifyPlain;

gboolean varve_verify_plain (const VarveImage *image, const VarveVerifyPlain *options, VarveObserver *observer,
                             VarveFindings *findings, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

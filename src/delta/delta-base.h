/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/artifact.h"
#include "delta/old-tree.h"

/* What a delta is applied to. Exactly one of image, repo_path and folder is set. */
typedef struct {
  const VarveImage *image;
  const char *repo_path; /* an OSTree repository */
  const char *ref;       /* in the repository; NULL: the commit that the delta names, or the image that a host pulled */
  const char *folder;    /* a tree of files */
} VarveDeltaBase;

typedef struct {
  VarveExtentFile *spool;
  VarveImageFiles *files;
  VarveRepo *repo;
  VarveOldTree *tree;
} VarveOpenBase;

typedef struct {
  guint jobs;
  const char *work_path;
  VarveObserver *observer;
} VarveOpenBaseOptions;

/* An image must be the source that the delta names. Without a ref, a commit is found by what the delta says. */
VarveOpenBase *varve_delta_base_open (const VarveDelta *delta, const VarveDeltaBase *base,
                                      const VarveOpenBaseOptions *options, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Whether a repository has all objects of the image that a delta starts from: the commit that the delta names, in
 * hexadecimal, or NULL; or an image with this config that a host pulled. *@out_commit is then its commit. */
gboolean varve_delta_base_find (VarveRepo *repo, const char *source_commit, const VarveDigest *source_config,
                                gboolean *out_has, VarveDigest *out_commit, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_delta_base_close (VarveOpenBase *base);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveOpenBase, varve_delta_base_close)

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ostree/dirmeta.h"
#include "verify/layer-record.h"

/* The tree of a commit, from the metadata objects of its layer. */

#define VARVE_TREE_ENTRIES_MAX 20000000u

/* Paths are as in the commit ("usr/etc/passwd"), the root being "". Any member may be NULL. */
typedef struct {
  void (*directory) (gpointer data, const char *path, const VarveDigest *checksum, const VarveDirmeta *dirmeta);
  void (*dirtree) (gpointer data, const char *path, const VarveDigest *checksum);
  void (*file) (gpointer data, const char *path, const VarveDigest *checksum);
  /* A metadata object that the layer lacks; @kind is "dirtree" or "dirmeta". Nothing below it is visited. */
  void (*missing) (gpointer data, const char *path, const char *kind, const VarveDigest *checksum);
  gpointer data;
} VarveTreeVisitor;

/* Visits each directory, its files, then its subdirectories, in their stored order. @record must have the commit. LIMIT
 * for a tree that is deeper or larger than the limits. */
gboolean varve_commit_tree_visit (const VarveLayerRecord *record, const VarveTreeVisitor *visitor, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

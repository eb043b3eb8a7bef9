#pragma once

#include "ostree/dirmeta.h"
#include "verify/layer-record.h"

/* The tree of a commit as the metadata objects of its layer tell it. */

#define VARVE_TREE_ENTRIES_MAX 20000000u

/* Paths are as in the commit ("usr/etc/passwd"), the root being "". Any member may be NULL. */
typedef struct {
  void (*directory) (gpointer data, const char *path, const VarveDigest *checksum, const VarveDirmeta *dirmeta);
  void (*dirtree) (gpointer data, const char *path, const VarveDigest *checksum);
  void (*file) (gpointer data, const char *path, const VarveDigest *checksum);
  /* A metadata object that the layer does not have; @kind is "dirtree" or "dirmeta". What is below it is not visited.
   */
  void (*missing) (gpointer data, const char *path, const char *kind, const VarveDigest *checksum);
  gpointer data;
} VarveTreeVisitor;

/* Visits each directory, its files, then its subdirectories, all in the order in which they are stored. @record has the
 * commit. VARVE_ERROR_LIMIT for a tree that is deeper or larger than the limits. */
gboolean varve_commit_tree_visit (const VarveLayerRecord *record, const VarveTreeVisitor *visitor, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

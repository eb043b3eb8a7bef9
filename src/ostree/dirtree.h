/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/digest.h"

/* A directory's listing as OSTree stores it: the GVariant (a(say)a(sayay)). Source: libostree, ostree-core.h,
 * OSTREE_TREE_GVARIANT_FORMAT. */

/* The limit of other importers for one metadata object. */
#define VARVE_METADATA_MAX_BYTES (10u << 20)
#define VARVE_NAME_MAX_BYTES 255

typedef struct {
  const char *name;
  VarveDigest checksum;
} VarveDirtreeFile;

typedef struct {
  const char *name;
  VarveDigest dirtree, dirmeta;
} VarveDirtreeDirectory;

typedef struct {
  VarveDirtreeFile *files; /* strictly ascending by name, as directories are; no name is in both */
  guint n_files;
  VarveDirtreeDirectory *directories;
  guint n_directories;
  GVariant *variant; /* owns the names */
} VarveDirtree;

/* Names are UTF-8, 1 to 255 bytes, without '/', neither "." nor "..". Anything else is CORRUPT; more
 * than VARVE_METADATA_MAX_BYTES is LIMIT. */
VarveDirtree *varve_dirtree_parse (GBytes *raw, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_dirtree_free (VarveDirtree *dirtree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDirtree, varve_dirtree_free)

/* A metadata object's bytes as a variant of @type; an error if over the size limit or not in normal form. */
GVariant *varve_metadata_to_variant (GBytes *raw, const char *type, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads a child that is a checksum: an ay of 32 bytes. */
gboolean varve_metadata_get_checksum (GVariant *container, gsize child, VarveDigest *out_checksum, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/digest.h"
#include "model/content-checksum.h"
#include "model/source.h"

/* Writes objects into an OSTree repository of any mode in one transaction: nothing is visible before
 * varve_importer_commit(), and freeing it earlier leaves nothing behind. */
typedef struct _VarveImporter VarveImporter;

VarveImporter *varve_importer_begin (const char *repo_path, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_importer_free (VarveImporter *importer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveImporter, varve_importer_free)

/* The next two are thread-safe. If the repository has the object, nothing is written and the content is not read. An
 * object with another checksum is CORRUPT. */
typedef struct {
  const VarveContentHeader *header;
  guint64 size_bytes;
  GInputStream *stream; /* NULL for a symlink */
} VarveImporterContent;

gboolean varve_importer_write_content (VarveImporter *importer, const VarveDigest *checksum,
                                       const VarveImporterContent *content, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* For COMMITMETA, @checksum is that of the commit. */
gboolean varve_importer_write_metadata (VarveImporter *importer, VarveMetadataKind kind, const VarveDigest *checksum,
                                        GBytes *raw, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether the repository or this transaction has all objects that a directory reaches: NOT_FOUND names the first
 * missing one. */
gboolean varve_importer_check_tree (VarveImporter *importer, const VarveDigest *dirtree, const VarveDigest *dirmeta,
                                    GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes the objects visible, after one sync of the file system. With @commit, this sync also makes the names of objects
 * durable that earlier transactions, of any program, have written; the ref is written after it, and after the commit.
 * Marks @commit complete and sets @ref to it. VARVE_ERROR_USAGE if @ref is not a ref name.
 * @ref may be NULL; so may @commit, then no ref is set, and names of objects need not be durable. */
gboolean varve_importer_commit (VarveImporter *importer, const VarveDigest *commit, const char *ref,
                                GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* VARVE_ERROR_USAGE if @ref is not a ref name. */
gboolean varve_importer_check_ref (const char *ref, GError **error) G_GNUC_WARN_UNUSED_RESULT;

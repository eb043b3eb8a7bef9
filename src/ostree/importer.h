#pragma once

#include <gio/gio.h>

#include "base/digest.h"
#include "model/content-checksum.h"
#include "model/source.h"

/* Objects written into an OSTree repository, of any mode that libostree can write, in one transaction: until
 * varve_importer_commit() nothing is seen of it, and freeing it before that leaves nothing behind. */
typedef struct _VarveImporter VarveImporter;

VarveImporter *varve_importer_begin (const char *repo_path, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_importer_free (VarveImporter *importer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveImporter, varve_importer_free)

/* The next two are thread-safe. An object that the repository has is not written again and @content not read. One that
 * has another checksum is CORRUPT. @content is NULL for a symlink. */
gboolean varve_importer_write_content (VarveImporter *importer, const VarveDigest *checksum,
                                       const VarveContentHeader *header, guint64 size_bytes, GInputStream *content,
                                       GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* For COMMITMETA, @checksum is that of the commit. */
gboolean varve_importer_write_metadata (VarveImporter *importer, VarveMetadataKind kind, const VarveDigest *checksum,
                                        GBytes *raw, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether the repository, or this transaction, has all that a directory reaches: NOT_FOUND names the first object that
 * is missing. */
gboolean varve_importer_check_tree (VarveImporter *importer, const VarveDigest *dirtree, const VarveDigest *dirmeta,
                                    GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes it all appear, and the commit whole; @ref is set to it unless it is NULL. VARVE_ERROR_USAGE when it is no ref
 * name.
 * @commit may be NULL: then objects appear and no ref. */
gboolean varve_importer_commit (VarveImporter *importer, const VarveDigest *commit, const char *ref,
                                GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether @ref can be the name of a ref, else VARVE_ERROR_USAGE. */
gboolean varve_importer_check_ref (const char *ref, GError **error) G_GNUC_WARN_UNUSED_RESULT;

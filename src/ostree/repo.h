#pragma once

#include <gio/gio.h>

#include "base/digest.h"
#include "model/inventory.h"
#include "model/source.h"

/* An OSTree repository opened for reading, in any mode; thread-safe. */
typedef struct _VarveRepo VarveRepo;

VarveRepo *varve_repo_open (const char *path, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_repo_free (VarveRepo *repo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveRepo, varve_repo_free)

/* The commit that a ref or a (possibly abbreviated) checksum names. VARVE_ERROR_NOT_FOUND when there is none. */
gboolean varve_repo_resolve (VarveRepo *repo, const char *ref, VarveDigest *out_commit, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Calls @func for each ref below @prefix, in byte order. */
gboolean varve_repo_each_ref (VarveRepo *repo, const char *prefix, void (*func) (const char *ref, gpointer data),
                              gpointer data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Refuses a commit that was fetched only in part. */
gboolean varve_repo_check_complete (VarveRepo *repo, const VarveDigest *commit, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Reads this repository's objects; belongs to @repo. */
VarveSource *varve_repo_source (VarveRepo *repo);

/* From now on the commit is read with detached metadata that has signatures by these keys too, as varve_sign_commit()
 * makes them; the repository itself is not changed. Not while other threads read. */
gboolean varve_repo_sign (VarveRepo *repo, const VarveDigest *commit, const char *const *keys,
                          GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Fills in what a content object's header says: size, owner, mode, xattrs, symlink target. @out_xattrs and @out_target
 * are owned by the caller; the inventory's own copies are made later, on one thread. Content is not read. */
gboolean varve_repo_load_header (VarveRepo *repo, VarveObject *object, GBytes **out_xattrs, char **out_target,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

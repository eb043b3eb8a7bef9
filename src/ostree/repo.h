/* SPDX-License-Identifier: Apache-2.0 */
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
/* NOT_FOUND for a partial commit, of which only some objects were fetched. */
gboolean varve_repo_check_complete (VarveRepo *repo, const VarveDigest *commit, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The source of this repository's objects; belongs to @repo. */
VarveSource *varve_repo_source (VarveRepo *repo);

/* From now on, the commit's detached metadata is read with additional signatures by these keys, see
 * varve_sign_commit(). The repository is not changed. Not thread-safe. */
gboolean varve_repo_sign (VarveRepo *repo, const VarveDigest *commit, const char *const *keys,
                          GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads a content object's size, owner, mode, xattrs and symlink target into @object, but not its content. The caller
 * owns
 * @out_xattrs and @out_target; the inventory makes its copies later, on one thread. */
gboolean varve_repo_load_header (VarveRepo *repo, VarveObject *object, GBytes **out_xattrs, char **out_target,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

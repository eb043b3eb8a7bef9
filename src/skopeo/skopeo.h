/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/child.h"
#include "skopeo/reference.h"

/* skopeo(1), version 1.9 or newer, accesses registries and other foreign stores. Runs without a shell, with a reduced
 * environment and without passwords in the arguments. */

/* The arguments of one run. */
typedef struct _VarveSkopeo VarveSkopeo;

/* Finds skopeo as @access says and checks its version; both are cached. A version that is too old is
 * VARVE_ERROR_UNSUPPORTED. @access, which may be NULL, also has the observer and the cancellable. */
VarveSkopeo *varve_skopeo_new (VarveAccess *access, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_skopeo_free (VarveSkopeo *skopeo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSkopeo, varve_skopeo_free)

void varve_skopeo_add (VarveSkopeo *skopeo, const char *argument);
/* Adds "--option=value"; VARVE_ERROR_UNSUPPORTED when this skopeo is too old for the option. */
gboolean varve_skopeo_add_option (VarveSkopeo *skopeo, const char *option, const char *value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Adds the options of the reference's access, each with @prefix ("", "src-" or "dest-"). Credentials are passed in a
 * file that has no name. */
gboolean varve_skopeo_add_access (VarveSkopeo *skopeo, const VarveReference *reference, const char *prefix,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Adds the reference; not for oci: and oci-archive:, which skopeo parses in another way. */
void varve_skopeo_add_reference (VarveSkopeo *skopeo, const VarveReference *reference);

/* Called several times a second while skopeo runs. */
void varve_skopeo_set_watch (VarveSkopeo *skopeo, void (*watch) (gpointer data), gpointer data);

/* Runs skopeo, retrying transient failures. Returns its stdout, at most 4 MiB; its warnings go to the observer. */
GBytes *varve_skopeo_run (VarveSkopeo *skopeo, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Starts skopeo with @fd, which stays the caller's, and passes its number as "--@fd_option=". */
VarveChild *varve_skopeo_start (VarveSkopeo *skopeo, int fd, const char *fd_option, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Sets @error from skopeo's messages, without secrets. */
void varve_skopeo_fail (VarveSkopeo *skopeo, const char *messages, GError **error);

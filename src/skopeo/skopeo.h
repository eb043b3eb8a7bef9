#pragma once

#include "base/child.h"
#include "skopeo/reference.h"

/* skopeo(1) does what needs a registry or another foreign store: from version 1.9 on. It is run without a shell, with
 * what it needs of the environment, and never with a password in its arguments. */

/* One run of it, put together. */
typedef struct _VarveSkopeo VarveSkopeo;

/* Finds skopeo as @access says, and its version; both are remembered for the next time. An older one is
 * VARVE_ERROR_UNSUPPORTED. @access, which may be NULL, also says who is told and who may cancel. */
VarveSkopeo *varve_skopeo_new (VarveAccess *access, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_skopeo_free (VarveSkopeo *skopeo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSkopeo, varve_skopeo_free)

void varve_skopeo_add (VarveSkopeo *skopeo, const char *argument);
/* "--option=value", an option that needs at least version @major.@minor: VARVE_ERROR_UNSUPPORTED when this one is
 * older. */
gboolean varve_skopeo_add_option (VarveSkopeo *skopeo, const char *option, const char *value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The options by which it gets at @reference, each with @prefix ("", "src-" or "dest-") in its name. Credentials go to
 * it in a file that has no name. */
gboolean varve_skopeo_add_access (VarveSkopeo *skopeo, const VarveReference *reference, const char *prefix,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The reference itself, as skopeo names it; not for oci: and oci-archive:. */
void varve_skopeo_add_reference (VarveSkopeo *skopeo, const VarveReference *reference);

/* Called some times a second while it runs. */
void varve_skopeo_set_watch (VarveSkopeo *skopeo, void (*watch) (gpointer data), gpointer data);

/* Runs it, again where that may help. What it wrote to stdout, at most 4 MiB; what it warned of goes to the observer.
 */
GBytes *varve_skopeo_run (VarveSkopeo *skopeo, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Starts it with @fd, which stays the caller's, and tells it the number by "--@fd_option=". */
VarveChild *varve_skopeo_start (VarveSkopeo *skopeo, int fd, const char *fd_option, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* An error of what it says, without secrets. */
void varve_skopeo_fail (VarveSkopeo *skopeo, const char *messages, GError **error);

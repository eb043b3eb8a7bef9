#pragma once

#include <gio/gio.h>

#include "base/observer.h"

/* How to get at a registry: what users of skopeo know as its options, and whom to tell meanwhile. */

typedef enum {
  VARVE_TLS_DEFAULT, /* as registries.conf(5) has it, which is to verify */
  VARVE_TLS_VERIFY,
  VARVE_TLS_DO_NOT_VERIFY,
} VarveTls;

#define VARVE_RETRIES_DEFAULT 3

/* All strings may be NULL; none of it is checked. */
typedef struct {
  char *skopeo; /* its path; NULL: $VARVE_SKOPEO, then the first in $PATH */
  char *authfile;
  char *creds;          /* USER or USER:PASSWORD */
  char *registry_token; /* of the kind "Bearer" */
  char *cert_dir;
  gboolean no_creds;
  VarveTls tls;
  guint retries;           /* of what may work at another time */
  VarveObserver *observer; /* both outlive it, or are NULL; who only has a reference is told, and cancelled, by these */
  GCancellable *cancellable;
} VarveAccess;

/* Counted. The options are set before it is shared. */
VarveAccess *varve_access_new (void);
VarveAccess *varve_access_ref (VarveAccess *access);
void varve_access_unref (VarveAccess *access);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveAccess, varve_access_unref)

/* The content of an authfile, containers-auth.json(5), that gives access->creds to @host and knows no other. */
GBytes *varve_access_to_authfile (const VarveAccess *access, const char *host);
/* @text with every secret in it made unreadable. */
char *varve_access_redact (const VarveAccess *access, const char *text);

/* After the @failed-th failure, from 0: waits 1, 2, 4, … seconds, having told the observer why. FALSE when there are to
 * be no more attempts; then @failure goes to @error, or that it was cancelled. Takes @failure. */
gboolean varve_access_wait (const VarveAccess *access, guint failed, GError *failure, GCancellable *cancellable,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Calls @func until it succeeds, fails for a reason that @may_retry does not accept, or has failed access->retries
 * times more, waiting between as above. */
typedef gboolean (*VarveAttemptFunc) (gpointer data, GError **error);
typedef gboolean (*VarveMayRetryFunc) (const GError *error);
gboolean varve_access_retry (const VarveAccess *access, VarveAttemptFunc func, gpointer data,
                             VarveMayRetryFunc may_retry, GError **error) G_GNUC_WARN_UNUSED_RESULT;

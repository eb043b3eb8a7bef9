/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"

/* How to reach a registry: skopeo's options of the same names, and who observes and cancels. */

typedef enum {
  VARVE_TLS_DEFAULT, /* as registries.conf(5) says; verified unless it says otherwise */
  VARVE_TLS_VERIFY,
  VARVE_TLS_DO_NOT_VERIFY,
} VarveTls;

#define VARVE_RETRIES_DEFAULT 3

/* All strings may be NULL; none is validated. */
typedef struct {
  char *skopeo; /* path of the program; NULL: $VARVE_SKOPEO, then the first in $PATH */
  char *authfile;
  char *creds;          /* USER or USER:PASSWORD */
  char *registry_token; /* a bearer token */
  char *cert_dir;
  gboolean no_creds;
  VarveTls tls;
  gboolean requires_policy; /* images are read only if their signature policy is enforced: policy.json(5) */
  guint retries;            /* for transient failures */
  VarveObserver *observer;  /* this and the next may be NULL, and outlive the access */
  GCancellable *cancellable;
} VarveAccess;

/* Reference-counted. Set the options before sharing it. */
VarveAccess *varve_access_new (void);
VarveAccess *varve_access_ref (VarveAccess *access);
void varve_access_unref (VarveAccess *access);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveAccess, varve_access_unref)

/* The content of an authfile, containers-auth.json(5), that has access->creds, which must be set, for @host alone. */
GBytes *varve_access_to_authfile (const VarveAccess *access, const char *host);
/* @text with every secret replaced by "***". */
char *varve_access_redact (const VarveAccess *access, const char *text);

/* After failure number @failed, from 0: warns the observer and waits 1, 2, 4, … seconds. FALSE when no attempt is left
 * (@error is @failure) or when cancelled. Takes @failure. */
gboolean varve_access_wait (const VarveAccess *access, guint failed, GError *failure, GCancellable *cancellable,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Calls @func until it succeeds or fails with an error that @may_retry does not accept, at most 1 + access->retries
 * times, waiting in between as above. */
typedef gboolean (*VarveAttemptFunc) (gpointer data, GError **error);
typedef gboolean (*VarveMayRetryFunc) (const GError *error);
gboolean varve_access_retry (const VarveAccess *access, VarveAttemptFunc func, gpointer data,
                             VarveMayRetryFunc may_retry, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
/* Registry options: secrets are kept out of messages, and transient failures are retried. */
#include "skopeo/access.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"

enum {
  WAIT_FIRST_SECONDS = 1,
  WAIT_DOUBLINGS = 6,
  WAIT_LAST_SECONDS = 60,
  SECRET_MIN_BYTES = 4, /* shorter ones occur in any text */
  TICK_MS = 100,
};

VarveAccess *
varve_access_new (void)
{
  VarveAccess *access = g_atomic_rc_box_new0 (VarveAccess);
  access->retries = VARVE_RETRIES_DEFAULT;
  return access;
}

VarveAccess *
varve_access_ref (VarveAccess *access)
{
  return g_atomic_rc_box_acquire (access);
}

static void
access_clear (gpointer data)
{
  VarveAccess *access = data;
  g_free (access->skopeo);
  g_free (access->authfile);
  g_free (access->creds);
  g_free (access->registry_token);
  g_free (access->cert_dir);
}

void
varve_access_unref (VarveAccess *access)
{
  g_atomic_rc_box_release_full (access, access_clear);
}

GBytes *
varve_access_to_authfile (const VarveAccess *access, const char *host)
{
  g_return_val_if_fail (access->creds != NULL, NULL);
  g_autofree char *pair
      = strchr (access->creds, ':') != NULL ? g_strdup (access->creds) : g_strconcat (access->creds, ":", NULL);
  g_autofree char *encoded = g_base64_encode ((const guchar *)pair, strlen (pair));
  g_autoptr (json_object) json = json_object_new_object ();
  json_object *auths = json_object_new_object (), *entry = json_object_new_object ();
  varve_json_add_string (entry, "auth", encoded);
  json_object_object_add (auths, host, entry);
  json_object_object_add (json, "auths", auths);
  char *text = varve_json_to_canonical (json);
  return g_bytes_new_take (text, strlen (text));
}

static void
access_hide (GString *text, const char *secret)
{
  if (secret != NULL && strlen (secret) >= SECRET_MIN_BYTES)
    g_string_replace (text, secret, "***", 0);
}

char *
varve_access_redact (const VarveAccess *access, const char *text)
{
  g_autoptr (GString) redacted = g_string_new (text);
  const char *colon = access->creds != NULL ? strchr (access->creds, ':') : NULL;
  access_hide (redacted, access->creds);
  access_hide (redacted, colon != NULL ? colon + 1 : NULL);
  access_hide (redacted, access->registry_token);
  return g_string_free (g_steal_pointer (&redacted), FALSE);
}

static gboolean
access_sleep (guint seconds, GCancellable *cancellable, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;
  while (g_get_monotonic_time () < deadline)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_usleep (TICK_MS * 1000);
    }
  return TRUE;
}

gboolean
varve_access_wait (const VarveAccess *access, guint failed, GError *failure, GCancellable *cancellable, GError **error)
{
  if (failed >= access->retries || g_cancellable_is_cancelled (cancellable))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  guint seconds = MIN (WAIT_FIRST_SECONDS << MIN (failed, WAIT_DOUBLINGS), WAIT_LAST_SECONDS);
  varve_observer_warn (access->observer, "%s; retrying in %u s", failure->message, seconds);
  g_error_free (failure);
  return access_sleep (seconds, cancellable, error);
}

gboolean
varve_access_retry (const VarveAccess *access, VarveAttemptFunc func, gpointer data, VarveMayRetryFunc may_retry,
                    GError **error)
{
  for (guint failed = 0;; failed++)
    {
      GError *failure = NULL;
      if (func (data, &failure))
        return TRUE;
      if (!may_retry (failure))
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      if (!varve_access_wait (access, failed, failure, access->cancellable, error))
        return FALSE;
    }
}

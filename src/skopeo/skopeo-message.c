/* SPDX-License-Identifier: Apache-2.0 */
/* Parses skopeo's log lines, in logrus's format: time="…" level=fatal msg="…", with Go's quoting. */
#include "skopeo/skopeo-message.h"

#include <string.h>

#include "base/error.h"

enum {
  MESSAGE_MAX_BYTES = 1500,
  WARNINGS_MAX = 20,
};

/* Phrases of the registry protocol, HTTP, TLS and Go's net package, which do not depend on skopeo's version. */
static const char *const NOT_FOUND[] = { "manifest unknown",  "name unknown", "no such file or directory",
                                         "404 (Not Found)",   "blob unknown", "does not resolve to an image ID",
                                         "no image found in " };
static const char *const CORRUPT[]
    = { "does not match", "corrupted blob", "Digest did not match", "bytes in blob, got" };
static const char *const TRANSIENT[] = {
  "connection refused",
  "connection reset",
  "reset by peer",
  "connection abort",
  "broken pipe",
  "EOF",
  "imeout",
  "timed out",
  "deadline exceeded",
  "no route to host",
  "network is unreachable",
  "emporary failure",
  "server misbehaving",
  "Too Many Requests",
  "too many requests",
  "toomanyrequests",
  "use of closed network connection",
  "closed idle connection",
  "http2: client connection lost",
  "GOAWAY",
  "stream error",
  "received unexpected HTTP status: 5",
};
/* HTTP: too many requests, and faults of a server or of a proxy before it that pass. */
static const char *const TRANSIENT_STATUS[] = { "429", "500", "502", "503", "504" };
static const char NO_TLS[] = "HTTP response to HTTPS client";
static const char *const FINAL[] = { "unauthorized", "authentication required", "denied", "x509:", NO_TLS };

static gboolean
has_any (const char *text, const char *const *words, gsize n_words)
{
  for (gsize i = 0; i < n_words; i++)
    if (strstr (text, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

/* As a word: not in a digest, a port, a version or a larger number. */
static gboolean
has_number (const char *text, const char *number)
{
  gsize length = strlen (number);
  for (const char *found = strstr (text, number); found != NULL; found = strstr (found + 1, number))
    {
      gboolean begins = found == text || strchr (" (\"'", found[-1]) != NULL;
      gboolean ends = !g_ascii_isalnum (found[length]) && strchr ("./-_", found[length]) == NULL;
      if (begins && (ends || found[length] == '\0'))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_transient_status (const char *text)
{
  for (gsize i = 0; i < G_N_ELEMENTS (TRANSIENT_STATUS); i++)
    if (has_number (text, TRANSIENT_STATUS[i]))
      return TRUE;
  return FALSE;
}

/* The value of msg=; NULL when the line is not a log line. */
static char *
log_message (const char *line)
{
  const char *start = strstr (line, " msg=");
  if (start == NULL || !g_str_has_prefix (line, "time="))
    return NULL;
  start += strlen (" msg=");
  if (start[0] != '"')
    return g_strdup (start);
  const char *end = start + 1;
  while (*end != '\0' && *end != '"' && !(end[0] == '\\' && end[1] == '\0'))
    end += end[0] == '\\' ? 2 : 1;
  g_autofree char *quoted = g_strndup (start + 1, (gsize)(end - start - 1));
  return g_strcompress (quoted);
}

static gboolean
is_level (const char *line, const char *level)
{
  g_autofree char *field = g_strconcat (" level=", level, " ", NULL);
  const char *found = strstr (line, field), *message = strstr (line, " msg=");
  return found != NULL && message != NULL && found < message;
}

/* Why skopeo failed: the last fatal line, else the last error line, else the last line. */
static char *
find_reason (const char *messages)
{
  g_auto (GStrv) lines = g_strsplit (messages, "\n", -1);
  static const char *const LEVELS[] = { "fatal", "error" };
  for (guint level = 0; level < G_N_ELEMENTS (LEVELS); level++)
    for (guint i = g_strv_length (lines); i > 0; i--)
      {
        char *message = is_level (lines[i - 1], LEVELS[level]) ? log_message (lines[i - 1]) : NULL;
        if (message != NULL)
          return message;
      }
  for (guint i = g_strv_length (lines); i > 0; i--)
    if (*g_strstrip (lines[i - 1]) != '\0')
      {
        char *message = log_message (lines[i - 1]);
        return message != NULL ? message : g_strdup (lines[i - 1]);
      }
  return NULL;
}

void
varve_skopeo_set_error (GError **error, const char *messages)
{
  g_autofree char *reason = find_reason (messages);
  if (reason == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_IO, "skopeo: failed without a message");
      return;
    }
  VarveError code = VARVE_ERROR_IO;
  if (has_any (reason, NOT_FOUND, G_N_ELEMENTS (NOT_FOUND)))
    code = VARVE_ERROR_NOT_FOUND;
  else if (has_any (reason, CORRUPT, G_N_ELEMENTS (CORRUPT)))
    code = VARVE_ERROR_CORRUPT;
  g_autofree char *escaped = varve_escape_long (reason, MESSAGE_MAX_BYTES);
  const char *advice
      = strstr (reason, NO_TLS) != NULL ? ": the registry does not use TLS, which --tls-verify=false allows" : "";
  g_set_error (error, VARVE_ERROR, code, "skopeo: %s%s", escaped, advice);
}

gboolean
varve_skopeo_may_retry (const GError *error)
{
  return g_error_matches (error, VARVE_ERROR, VARVE_ERROR_IO)
         && (has_any (error->message, TRANSIENT, G_N_ELEMENTS (TRANSIENT)) || has_transient_status (error->message))
         && !has_any (error->message, FINAL, G_N_ELEMENTS (FINAL));
}

GPtrArray *
varve_skopeo_warnings (const char *messages)
{
  GPtrArray *warnings = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) lines = g_strsplit (messages, "\n", -1);
  for (guint i = 0; lines[i] != NULL && warnings->len < WARNINGS_MAX; i++)
    {
      g_autofree char *message = is_level (lines[i], "warning") ? log_message (lines[i]) : NULL;
      if (message != NULL)
        g_ptr_array_add (warnings, varve_escape_long (message, MESSAGE_MAX_BYTES));
    }
  return warnings;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"

/* A reply of skopeo-experimental-image-proxy(1): {success, value, pipeid, error}, one in a packet. */

#define VARVE_PROXY_MESSAGE_MAX_BYTES (32 * 1024)

typedef struct {
  gboolean success;
  json_object *value; /* NULL when absent or null */
  guint32 pipe_id;    /* 0 when there is no pipe */
  char *message;      /* when it failed: not NULL */
} VarveProxyReply;

/* Anything other than such a reply is VARVE_ERROR_CORRUPT or VARVE_ERROR_LIMIT. */
VarveProxyReply *varve_proxy_reply_parse (GBytes *packet, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_proxy_reply_free (VarveProxyReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveProxyReply, varve_proxy_reply_free)

/* The value; VARVE_ERROR_CORRUPT when it has another type. */
const char *varve_proxy_reply_string (const VarveProxyReply *reply, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_proxy_reply_number (const VarveProxyReply *reply, gint64 *out_number, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Whether a proxy with this protocol version enforces policy.json(5): from 0.2.6 on. */
gboolean varve_proxy_enforces_policy (const char *version);
/* The same for an image that must be signed; UNSUPPORTED otherwise. */
gboolean varve_proxy_check_policy (const char *version, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether this protocol version is compatible: "0.2.3" and later 0.2 versions. */
gboolean varve_proxy_check_version (const char *version, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/digest.h"
#include "base/json.h"

/* The image's config: image-spec 1.1, config.md. */

#define VARVE_CONFIG_MAX_BYTES (4 * 1024 * 1024)

typedef struct {
  char *created, *created_by, *comment; /* each NULL when absent */
  gboolean empty_layer;
} VarveHistory;

typedef struct {
  char *architecture, *os; /* as Go names them: "amd64", "linux" */
  char *variant, *created; /* NULL when absent; created is RFC 3339, not checked when read */
  GArray *diff_ids;        /* VarveDigest of each uncompressed layer, in order */
  GPtrArray *history;      /* VarveHistory, owned */
  json_object *config;     /* the member "config" (Labels, Cmd, Env, …) as read, never NULL */
  json_object *other;      /* all other top-level members, never NULL */
} VarveConfig;

/* For linux on @architecture; everything else empty. */
VarveConfig *varve_config_new (const char *architecture);
void varve_config_free (VarveConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveConfig, varve_config_free)

const VarveDigest *varve_config_diff_id (const VarveConfig *config, guint index);
const VarveHistory *varve_config_history (const VarveConfig *config, guint index);
/* Adds a layer and its history entry; both texts may be NULL. Invalid UTF-8 becomes U+FFFD. */
void varve_config_add_layer (VarveConfig *config, const VarveDigest *diff_id, const char *created,
                             const char *created_by);

/* NULL when absent; valid until @config changes. */
const char *varve_config_label (const VarveConfig *config, const char *key);
/* A NULL @value removes it. */
void varve_config_set_label (VarveConfig *config, const char *key, const char *value);

/* Whether the labels of a config's member "config" are strings in an object; it need not have any. */
gboolean varve_config_check_labels (json_object *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Canonical JSON. */
GBytes *varve_config_to_bytes (const VarveConfig *config);
/* At most 4 MiB. History may be missing; labels must be strings. */
VarveConfig *varve_config_from_bytes (GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

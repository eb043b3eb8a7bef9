#pragma once

#include <gio/gio.h>

#include "base/digest.h"

/* What keeps the layers of an image that no one has deployed yet from the pruning of bootc and rpm-ostree: under
 * ostree/container/baseimage/varve/ a commit without files that carries the manifest, which their garbage collection
 * reads (ostree-ext, container/store.rs, BASE_IMAGE_PREFIX). There is one pin: the next takes its place. */

/* Metadata of that commit: an a{sv}, floating. @manifest must be the JSON of an image manifest, UTF-8, without a zero
 * byte: else CORRUPT. */
GVariant *varve_pin_metadata (const VarveDigest *digest, GBytes *manifest, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean varve_pin_set (const char *repo_path, const VarveDigest *digest, GBytes *manifest, GCancellable *cancellable,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Removes what pins there are, and says how many. */
gboolean varve_pin_clear (const char *repo_path, guint *out_n, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

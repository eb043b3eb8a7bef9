/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/digest.h"

/* Keeps bootc and rpm-ostree from pruning the layers of an image that is not deployed yet: a commit without files under
 * ostree/container/baseimage/varve/ has the manifest in its metadata, which their garbage collection reads (ostree-ext,
 * container/store.rs, BASE_IMAGE_PREFIX). There is one pin; the next replaces it. */

/* Metadata of that commit: an a{sv}, floating. @manifest is the JSON of an image manifest; CORRUPT unless it is UTF-8
 * without a zero byte. */
GVariant *varve_pin_metadata (const VarveDigest *digest, GBytes *manifest, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean varve_pin_set (const char *repo_path, const VarveDigest *digest, GBytes *manifest, GCancellable *cancellable,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Removes all pins. @out_n is their number. */
gboolean varve_pin_clear (const char *repo_path, guint *out_n, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#define VARVE_COMPONENT_NAME_MAX_BYTES 128

/* Whether this can name a component: 1 to 128 bytes of UTF-8 without control characters and without a comma, which
 * separates names in the annotation ostree.components. The error is CORRUPT and says what is wrong. */
gboolean varve_component_name_check (const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A name made of @prefix and a path of any bytes: bytes that a name must not have are written as %XX, and a name that
 * would be too long ends in a hash of the whole. Different paths give different names. */
char *varve_component_name_from_path (const char *prefix, const char *path);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "packages/claims.h"

/* The attribute user.component: the author of a tree names the component of a file, or of everything below a directory;
 * the nearest counts. As in rpm-ostree (since 2025.10), such a component gets a layer of its own. */

/* The value among the serialized a(ayay) @xattrs, one NUL at its end dropped; *out_name is NULL without an error when
 * there is none, or an empty one. CORRUPT for damaged attributes and for a value that is no component name. */
gboolean varve_user_component_parse (GBytes *xattrs, char **out_name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Assigns every file that has the attribute or is below a directory that has. Errors name the path. */
gboolean varve_user_component_claim (const VarveInventory *inventory, VarveClaims *claims, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

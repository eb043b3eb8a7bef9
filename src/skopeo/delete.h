/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "skopeo/reference.h"

/* Deletes the manifest that a docker: reference leads to, and with it all tags that name it. Many registries do not
 * allow that. A manifest that is not there is VARVE_ERROR_NOT_FOUND. */
gboolean varve_delete_manifest (const VarveReference *reference, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"

/* Go's encoding/json, which most readers of images use, ignores the case of keys, and of equal keys takes the last. */

/* A key that a document kind defines. A table of them ends with a NULL name. */
typedef struct VarveJsonKey {
  const char *name;
  const struct VarveJsonKey *members; /* of the object, or of each object in the array; NULL: not checked */
} VarveJsonKey;

/* In @value, an object or an array of objects, no key differs from one of @keys only in case, nor from another key.
 * Other types of values pass. */
gboolean varve_json_check_keys (json_object *value, const VarveJsonKey *keys, GError **error) G_GNUC_WARN_UNUSED_RESULT;

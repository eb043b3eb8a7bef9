/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/plan.h"

/* Values of annotations of layers. */

/* "0.0312" and back; -1 for any other text. */
char *varve_probability_to_string (guint32 probability);
gint64 varve_probability_from_string (const char *text);

/* Joins names with commas; a comma in a name becomes "_". */
char *varve_components_join (const GPtrArray *names);

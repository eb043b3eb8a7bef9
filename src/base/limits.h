/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Limits that several rooms keep. Messages print the constant. */

/* Directories below one another in a tree, the root not counted. A scan holds one descriptor for each. */
#define VARVE_TREE_DEPTH_MAX 256u
/* The tar of one layer. Larger than any image, so that a decompression bomb ends. */
#define VARVE_LAYER_MAX_BYTES (G_GUINT64_CONSTANT (1) << 40)
/* The tar of one layer that a delta is made of or rebuilds: all of it is spooled. */
#define VARVE_DELTA_LAYER_MAX_BYTES (G_GUINT64_CONSTANT (64) << 30)

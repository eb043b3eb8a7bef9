/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The memory that an encoder takes: docs/delta-format.md, "Memory". An estimate above what encoders really take,
 * calculated and not measured, so that creators and appliers agree. */

/* The limit for all encoders that are open at once. */
#define VARVE_RECIPE_MEMORY_MAX_BYTES (1ull << 30)

typedef struct {
  guint64 fixed_bytes;
  guint factor;         /* additional bytes for each byte of input */
  guint64 growth_bytes; /* their limit */
} VarveRecipeMemory;

/* The result for a malformed recipe has no meaning: such a recipe has no encoder. */
VarveRecipeMemory varve_recipe_memory (const char *recipe);
/* After @input_bytes of input. */
guint64 varve_recipe_memory_bytes (const VarveRecipeMemory *memory, guint64 input_bytes);

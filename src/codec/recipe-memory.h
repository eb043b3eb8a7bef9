#pragma once

#include <glib.h>

/* The memory that encoding by a recipe takes: docs/delta-format.md, "Memory". It is reckoned, not measured, so that
 * creators and appliers agree; the encoders stay below it. */

/* For all encoders that are open at once: no delta needs more. */
#define VARVE_RECIPE_MEMORY_MAX_BYTES (1ull << 30)

typedef struct {
  guint64 fixed_bytes;
  guint factor;         /* bytes for each byte of input, */
  guint64 growth_bytes; /* up to so many */
} VarveRecipeMemory;

/* Of a recipe that is not well-formed: whatever; no encoder is made of it. */
VarveRecipeMemory varve_recipe_memory (const char *recipe);
/* With so much input. */
guint64 varve_recipe_memory_bytes (const VarveRecipeMemory *memory, guint64 input_bytes);

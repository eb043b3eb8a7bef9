/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/recipe-memory.h"

#include "codec/codec.h"

#define MIB (1ull << 20)

/* Larger than any limit of a recipe, and too small for an overflow. */
#define NUMBER_MAX (1ull << 40)

static guint64
recipe_number (const char *recipe, const char *key)
{
  g_autofree char *text = varve_recipe_text (recipe, key);
  guint64 number;
  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &number, NULL) ? MIN (number, NUMBER_MAX)
                                                                                              : 0;
}

/* lzma_raw_encoder_memusage() of liblzma 5.4 for the binary trees of presets 4 to 9, and 2 MiB: two
 * four-byte children for each byte of the dictionary, half a dictionary of read-ahead, and the hash table. The threaded
 * encoder also holds a block and up to two results. */
static VarveRecipeMemory
recipe_memory_xz (const char *recipe)
{
  guint64 dictionary = recipe_number (recipe, "dictionary"), block = recipe_number (recipe, "block"), hashed = 1;
  while (hashed < dictionary)
    hashed <<= 1;
  VarveRecipeMemory memory = { .fixed_bytes = dictionary * 19 / 2 + 2 * hashed + 2 * MIB };
  if (recipe_number (recipe, "threaded") == 0)
    return memory;
  memory.factor = 3;
  memory.growth_bytes = 3 * (block != 0 ? block : MAX (3 * dictionary, MIB));
  return memory;
}

/* Resident memory with libzstd 1.5.4, rounded up. The threaded mode holds about four jobs of four windows each, and
 * their results. Measured: level 9 73 MB for 221 MB of an initramfs, level 19 128 MB for 150 MB, level 22 14 MB for
 * 60 MB. */
static VarveRecipeMemory
recipe_memory_zstd (const char *recipe)
{
  static const struct {
    guint level_max, mib, window_mib;
  } LEVELS[] = { { 6, 6, 2 },   { 8, 17, 2 },    { 9, 17, 4 },    { 16, 69, 4 },   { 18, 69, 8 },
                 { 19, 90, 8 }, { 20, 194, 32 }, { 21, 386, 64 }, { 22, 770, 128 } };
  guint64 level = recipe_number (recipe, "level");
  guint i = 0;
  while (i < G_N_ELEMENTS (LEVELS) - 1 && level > LEVELS[i].level_max)
    i++;
  VarveRecipeMemory memory = { .fixed_bytes = LEVELS[i].mib * MIB };
  if (recipe_number (recipe, "workers") == 0)
    return memory;
  memory.factor = 2;
  memory.growth_bytes = 20 * MIB * LEVELS[i].window_mib;
  return memory;
}

VarveRecipeMemory
varve_recipe_memory (const char *recipe)
{
  if (g_str_has_prefix (recipe, "xz;"))
    return recipe_memory_xz (recipe);
  if (g_str_has_prefix (recipe, "zstd;"))
    return recipe_memory_zstd (recipe);
  if (g_str_has_prefix (recipe, "lz4;")) /* a block, its result and a table */
    return (VarveRecipeMemory){ .fixed_bytes = 20 * MIB };
  return (VarveRecipeMemory){ .fixed_bytes = 4 * MIB };
}

guint64
varve_recipe_memory_bytes (const VarveRecipeMemory *memory, guint64 input_bytes)
{
  guint64 growth = memory->factor > 0 && input_bytes < memory->growth_bytes / memory->factor
                       ? input_bytes * memory->factor
                       : memory->growth_bytes;
  return memory->fixed_bytes + growth;
}

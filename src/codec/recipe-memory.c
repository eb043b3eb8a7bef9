#include "codec/recipe-memory.h"

#include "codec/codec.h"

#define MIB (1ull << 20)

/* Beyond all limits of recipes, and far from an overflow. */
#define NUMBER_MAX (1ull << 40)

static guint64
number_of (const char *recipe, const char *key)
{
  g_autofree char *text = varve_recipe_text (recipe, key);
  guint64 number;
  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &number, NULL) ? MIN (number, NUMBER_MAX)
                                                                                              : 0;
}

/* lzma_raw_encoder_memusage() of liblzma 5.4 for the binary trees of presets 4 to 9, and 2 MiB: twice the dictionary
 * for the children of each node, in four bytes, half of it again for what is read ahead, the hash table. In threads
 * each block is kept, and up to two results. */
static VarveRecipeMemory
memory_of_xz (const char *recipe)
{
  guint64 dictionary = number_of (recipe, "dictionary"), block = number_of (recipe, "block"), hashed = 1;
  while (hashed < dictionary)
    hashed <<= 1;
  VarveRecipeMemory memory = { .fixed_bytes = dictionary * 19 / 2 + 2 * hashed + 2 * MIB };
  if (number_of (recipe, "threaded") == 0)
    return memory;
  memory.factor = 3;
  memory.growth_bytes = 3 * (block != 0 ? block : MAX (3 * dictionary, MIB));
  return memory;
}

/* Measured with libzstd 1.5.4 as resident memory and rounded up; the threaded mode keeps some four jobs of four windows
 * each, and their results: at level 9 73 MB for 221 MB of an initramfs, at level 19 128 MB for 150 MB, at level 22 14
 * MB for 60 MB. */
static VarveRecipeMemory
memory_of_zstd (const char *recipe)
{
  static const struct {
    guint level_max, mib, window_mib;
  } LEVELS[] = { { 6, 6, 2 },   { 8, 17, 2 },    { 9, 17, 4 },    { 16, 69, 4 },   { 18, 69, 8 },
                 { 19, 90, 8 }, { 20, 194, 32 }, { 21, 386, 64 }, { 22, 770, 128 } };
  guint64 level = number_of (recipe, "level");
  guint i = 0;
  while (i < G_N_ELEMENTS (LEVELS) - 1 && level > LEVELS[i].level_max)
    i++;
  VarveRecipeMemory memory = { .fixed_bytes = LEVELS[i].mib * MIB };
  if (number_of (recipe, "workers") == 0)
    return memory;
  memory.factor = 2;
  memory.growth_bytes = 20 * LEVELS[i].window_mib * MIB;
  return memory;
}

VarveRecipeMemory
varve_recipe_memory (const char *recipe)
{
  if (g_str_has_prefix (recipe, "xz;"))
    return memory_of_xz (recipe);
  if (g_str_has_prefix (recipe, "zstd;"))
    return memory_of_zstd (recipe);
  if (g_str_has_prefix (recipe, "lz4;")) /* a block, its result, a table */
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fasthash.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

guint
varve_fasthash (const void *data, gsize size_bytes)
{
  return (guint)XXH3_64bits (data, size_bytes);
}

guint64
varve_fasthash_64 (const void *data, gsize size_bytes)
{
  return XXH3_64bits (data, size_bytes);
}

struct _VarveFasthash {
  XXH3_state_t state;
};

VarveFasthash *
varve_fasthash_new (void)
{
  VarveFasthash *hash = g_aligned_alloc (1, sizeof (VarveFasthash), 64);
  XXH3_64bits_reset (&hash->state);
  return hash;
}

void
varve_fasthash_free (VarveFasthash *hash)
{
  g_aligned_free (hash);
}

void
varve_fasthash_update (VarveFasthash *hash, const void *data, gsize size_bytes)
{
  XXH3_64bits_update (&hash->state, data, size_bytes);
}

guint64
varve_fasthash_finish (VarveFasthash *hash)
{
  guint64 value = XXH3_64bits_digest (&hash->state);
  XXH3_64bits_reset (&hash->state);
  return value;
}

guint
varve_fasthash_string (gconstpointer string)
{
  return varve_fasthash (string, strlen (string));
}

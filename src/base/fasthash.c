/* The only file that uses xxhash. */
#include "base/fasthash.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

guint
varve_fasthash (const void *data, gsize size_bytes)
{
  return (guint)XXH3_64bits (data, size_bytes);
}

guint
varve_fasthash_string (gconstpointer string)
{
  return varve_fasthash (string, strlen (string));
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* XXH3, for hash tables and caches; never for identity. */
guint varve_fasthash (const void *data, gsize size_bytes);

/* The same in 64 bits, of data that comes in pieces. */
typedef struct _VarveFasthash VarveFasthash;
VarveFasthash *varve_fasthash_new (void);
void varve_fasthash_free (VarveFasthash *hash);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveFasthash, varve_fasthash_free)
void varve_fasthash_update (VarveFasthash *hash, const void *data, gsize size_bytes);
/* Returns the hash and resets it. */
guint64 varve_fasthash_finish (VarveFasthash *hash);
guint64 varve_fasthash_64 (const void *data, gsize size_bytes);

/* For GHashTable keys that are strings. */
guint varve_fasthash_string (gconstpointer string);

#pragma once

#include <glib.h>

/* XXH3, for hash tables and caches; never for identity. */
guint varve_fasthash (const void *data, gsize size_bytes);

/* For GHashTable keys that are strings. */
guint varve_fasthash_string (gconstpointer string);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* SHA-256, the identity of OSTree objects, blobs and diff IDs. */

#define VARVE_DIGEST_BYTES 32
#define VARVE_DIGEST_HEX_LENGTH 64

typedef struct {
  guint8 bytes[VARVE_DIGEST_BYTES];
} VarveDigest;

/* A running SHA-256; one thread at a time. */
typedef struct _VarveHash VarveHash;

VarveHash *varve_hash_new (void);
void varve_hash_free (VarveHash *hash);
void varve_hash_update (VarveHash *hash, const void *data, gsize size_bytes);
/* Returns the digest and resets the hash. */
VarveDigest varve_hash_finish (VarveHash *hash);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveHash, varve_hash_free)

/* SHA-1, only where a format requires it: SPDX for files, RFC 9562 for UUIDs. It identifies nothing that is trusted. */
#define VARVE_SHA1_BYTES 20
typedef struct {
  guint8 bytes[VARVE_SHA1_BYTES];
} VarveSha1;

typedef struct _VarveSha1Hash VarveSha1Hash;
VarveSha1Hash *varve_sha1_hash_new (void);
void varve_sha1_hash_free (VarveSha1Hash *hash);
void varve_sha1_hash_update (VarveSha1Hash *hash, const void *data, gsize size_bytes);
VarveSha1 varve_sha1_hash_finish (VarveSha1Hash *hash);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSha1Hash, varve_sha1_hash_free)
/* 40 lower-case hexadecimal digits. */
char *varve_sha1_to_hex (const VarveSha1 *sha1);

VarveDigest varve_digest_of (const void *data, gsize size_bytes);
int varve_digest_compare (const VarveDigest *a, const VarveDigest *b);
/* For GHashTable keys that point to a VarveDigest. */
guint varve_digest_table_hash (gconstpointer digest);
gboolean varve_digest_table_equal (gconstpointer a, gconstpointer b);

/* 64 lower-case hexadecimal digits. */
char *varve_digest_to_hex (const VarveDigest *digest);
/* "sha256:" and 64 lower-case hexadecimal digits, as the OCI image-spec writes it (descriptor.md, Digests). */
char *varve_digest_to_string (const VarveDigest *digest);

/* Accept exactly what the two functions above write; anything else is VARVE_ERROR_CORRUPT. */
gboolean varve_digest_from_hex (const char *hex, VarveDigest *out_digest, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_digest_from_string (const char *string, VarveDigest *out_digest, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

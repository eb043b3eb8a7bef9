/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 through libcrypto's plain functions. They run the same code as the EVP interface, but need no memory and no
 * provider from openssl.cnf, so nothing here can fail. OpenSSL 3 discourages their use, hence the compatibility level.
 */
#define OPENSSL_API_COMPAT 0x10101000L

#include "base/digest.h"

#include <string.h>

#include <openssl/sha.h>

#include "base/error.h"

static const char DIGEST_PREFIX[] = "sha256:";

struct _VarveHash {
  SHA256_CTX context;
};

VarveHash *
varve_hash_new (void)
{
  VarveHash *hash = g_new0 (VarveHash, 1);
  SHA256_Init (&hash->context);
  return hash;
}

void
varve_hash_free (VarveHash *hash)
{
  g_free (hash);
}

void
varve_hash_update (VarveHash *hash, const void *data, gsize size_bytes)
{
  SHA256_Update (&hash->context, data, size_bytes);
}

VarveDigest
varve_hash_finish (VarveHash *hash)
{
  VarveDigest digest;
  SHA256_Final (digest.bytes, &hash->context);
  SHA256_Init (&hash->context);
  return digest;
}

struct _VarveSha1Hash {
  SHA_CTX context;
};

VarveSha1Hash *
varve_sha1_hash_new (void)
{
  VarveSha1Hash *hash = g_new0 (VarveSha1Hash, 1);
  SHA1_Init (&hash->context);
  return hash;
}

void
varve_sha1_hash_free (VarveSha1Hash *hash)
{
  g_free (hash);
}

void
varve_sha1_hash_update (VarveSha1Hash *hash, const void *data, gsize size_bytes)
{
  SHA1_Update (&hash->context, data, size_bytes);
}

VarveSha1
varve_sha1_hash_finish (VarveSha1Hash *hash)
{
  VarveSha1 sha1;
  SHA1_Final (sha1.bytes, &hash->context);
  SHA1_Init (&hash->context);
  return sha1;
}

VarveDigest
varve_digest_of (const void *data, gsize size_bytes)
{
  VarveDigest digest;
  SHA256 (data, size_bytes, digest.bytes);
  return digest;
}

int
varve_digest_compare (const VarveDigest *a, const VarveDigest *b)
{
  return memcmp (a->bytes, b->bytes, VARVE_DIGEST_BYTES);
}

guint
varve_digest_table_hash (gconstpointer digest)
{
  guint hash; /* the bytes of a SHA-256 are uniform */
  memcpy (&hash, digest, sizeof hash);
  return hash;
}

gboolean
varve_digest_table_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, VARVE_DIGEST_BYTES) == 0;
}

static char *
bytes_to_hex (const guint8 *bytes, gsize size_bytes)
{
  static const char DIGITS[] = "0123456789abcdef";
  char *hex = g_malloc (2 * size_bytes + 1);
  for (gsize i = 0; i < size_bytes; i++)
    {
      hex[2 * i] = DIGITS[bytes[i] >> 4];
      hex[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
  hex[2 * size_bytes] = '\0';
  return hex;
}

char *
varve_digest_to_hex (const VarveDigest *digest)
{
  return bytes_to_hex (digest->bytes, VARVE_DIGEST_BYTES);
}

char *
varve_sha1_to_hex (const VarveSha1 *sha1)
{
  return bytes_to_hex (sha1->bytes, VARVE_SHA1_BYTES);
}

char *
varve_digest_to_string (const VarveDigest *digest)
{
  g_autofree char *hex = varve_digest_to_hex (digest);
  return g_strconcat (DIGEST_PREFIX, hex, NULL);
}

static gboolean
digest_fail (const char *text, const char *expected, GError **error)
{
  g_autofree char *escaped = varve_escape (text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "'%s' is not a digest: expected %s", escaped, expected);
  return FALSE;
}

gboolean
varve_digest_from_hex (const char *hex, VarveDigest *out_digest, GError **error)
{
  static const char EXPECTED[] = "64 lower-case hexadecimal digits";
  VarveDigest digest;
  if (strlen (hex) != VARVE_DIGEST_HEX_LENGTH)
    return digest_fail (hex, EXPECTED, error);
  for (guint i = 0; i < VARVE_DIGEST_HEX_LENGTH; i++)
    {
      if (!g_ascii_isxdigit (hex[i]) || g_ascii_isupper (hex[i]))
        return digest_fail (hex, EXPECTED, error);
      guint8 nibble = (guint8)g_ascii_xdigit_value (hex[i]);
      digest.bytes[i / 2] = i % 2 == 0 ? (guint8)(nibble << 4) : (guint8)(digest.bytes[i / 2] | nibble);
    }
  *out_digest = digest;
  return TRUE;
}

gboolean
varve_digest_from_string (const char *string, VarveDigest *out_digest, GError **error)
{
  if (!g_str_has_prefix (string, DIGEST_PREFIX))
    return digest_fail (string, "'sha256:' and 64 lower-case hexadecimal digits", error);
  return varve_digest_from_hex (string + strlen (DIGEST_PREFIX), out_digest, error);
}

/* SHA-256 through OpenSSL's EVP interface: the fetched algorithm is kept, since each fetch takes a lock. */
#include "base/digest.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/error.h"

static const char DIGEST_PREFIX[] = "sha256:";

struct _VarveHash {
  EVP_MD_CTX *context;
};

static const EVP_MD *
sha256 (void)
{
  static gsize algorithm;
  if (g_once_init_enter (&algorithm))
    {
      EVP_MD *fetched = EVP_MD_fetch (NULL, "SHA256", NULL);
      if (fetched == NULL)
        g_error ("OpenSSL has no SHA-256"); /* nothing works without it, and nothing outside can cause it */
      g_once_init_leave (&algorithm, (gsize)fetched);
    }
  return (const EVP_MD *)algorithm;
}

static void
start (EVP_MD_CTX *context)
{
  if (EVP_DigestInit_ex2 (context, sha256 (), NULL) != 1)
    g_error ("OpenSSL cannot start SHA-256");
}

VarveHash *
varve_hash_new (void)
{
  VarveHash *hash = g_new0 (VarveHash, 1);
  hash->context = EVP_MD_CTX_new ();
  start (hash->context);
  return hash;
}

void
varve_hash_free (VarveHash *hash)
{
  EVP_MD_CTX_free (hash->context);
  g_free (hash);
}

void
varve_hash_update (VarveHash *hash, const void *data, gsize size_bytes)
{
  if (EVP_DigestUpdate (hash->context, data, size_bytes) != 1)
    g_error ("OpenSSL cannot continue SHA-256");
}

VarveDigest
varve_hash_finish (VarveHash *hash)
{
  VarveDigest digest;
  if (EVP_DigestFinal_ex (hash->context, digest.bytes, NULL) != 1)
    g_error ("OpenSSL cannot finish SHA-256");
  start (hash->context);
  return digest;
}

VarveDigest
varve_digest_of (const void *data, gsize size_bytes)
{
  VarveDigest digest;
  if (EVP_Digest (data, size_bytes, digest.bytes, NULL, sha256 (), NULL) != 1)
    g_error ("OpenSSL cannot compute SHA-256");
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
  guint hash; /* the bytes of a SHA-256 are as good as random */
  memcpy (&hash, digest, sizeof hash);
  return hash;
}

gboolean
varve_digest_table_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, VARVE_DIGEST_BYTES) == 0;
}

char *
varve_digest_to_hex (const VarveDigest *digest)
{
  static const char DIGITS[] = "0123456789abcdef";
  char *hex = g_malloc (VARVE_DIGEST_HEX_LENGTH + 1);
  for (guint i = 0; i < VARVE_DIGEST_BYTES; i++)
    {
      hex[2 * i] = DIGITS[digest->bytes[i] >> 4];
      hex[2 * i + 1] = DIGITS[digest->bytes[i] & 15];
    }
  hex[VARVE_DIGEST_HEX_LENGTH] = '\0';
  return hex;
}

char *
varve_digest_to_string (const VarveDigest *digest)
{
  g_autofree char *hex = varve_digest_to_hex (digest);
  return g_strconcat (DIGEST_PREFIX, hex, NULL);
}

static gboolean
corrupt (const char *text, const char *expected, GError **error)
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
    return corrupt (hex, EXPECTED, error);
  for (guint i = 0; i < VARVE_DIGEST_HEX_LENGTH; i++)
    {
      if (!g_ascii_isxdigit (hex[i]) || g_ascii_isupper (hex[i]))
        return corrupt (hex, EXPECTED, error);
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
    return corrupt (string, "sha256: and 64 hexadecimal digits", error);
  return varve_digest_from_hex (string + strlen (DIGEST_PREFIX), out_digest, error);
}

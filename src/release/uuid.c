/* SPDX-License-Identifier: Apache-2.0 */
#include "release/uuid.h"

#include <string.h>

#include "base/digest.h"

/* 6ba7b811-9dad-11d1-80b4-00c04fd430c8: RFC 9562, section 6.6. */
static const guint8 NAMESPACE_URL[16]
    = { 0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8 };

char *
varve_uuid_of_url (const char *name)
{
  g_autoptr (VarveSha1Hash) hash = varve_sha1_hash_new ();
  varve_sha1_hash_update (hash, NAMESPACE_URL, sizeof NAMESPACE_URL);
  varve_sha1_hash_update (hash, name, strlen (name));
  VarveSha1 sha1 = varve_sha1_hash_finish (hash);
  sha1.bytes[6] = (guint8)((sha1.bytes[6] & 0x0f) | 0x50);
  sha1.bytes[8] = (guint8)((sha1.bytes[8] & 0x3f) | 0x80);
  g_autofree char *hex = varve_sha1_to_hex (&sha1);
  return g_strdup_printf ("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

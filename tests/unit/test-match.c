/* SPDX-License-Identifier: Apache-2.0 */
/* delta/match, delta/encode: what matches say is inside both files, and ops made of them give the new file back. */
#include "delta/match.h"

#include <string.h>

#include "delta/encode.h"
#include "tests/unit/prng.h"

static guint8 *
random_bytes (guint64 *prng, gsize size_bytes, guint32 alphabet)
{
  guint8 *bytes = g_malloc (size_bytes + 1);
  for (gsize i = 0; i < size_bytes; i++)
    bytes[i] = (guint8)(prng_next (prng) % alphabet);
  return bytes;
}

/* A copy with bytes changed, pieces moved, doubled, removed and put in. */
static GByteArray *
edited (guint64 *prng, const guint8 *old, gsize old_bytes)
{
  GByteArray *new = g_byte_array_new ();
  g_byte_array_append (new, old, (guint)old_bytes);
  for (guint i = (guint)prng_below (prng, 20); i > 0; i--)
    {
      guint at = new->len > 0 ? (guint)prng_below (prng, new->len) : 0;
      guint length = (guint)prng_below (prng, MIN (3000, new->len - at) + 1);
      g_autofree guint8 *piece = g_memdup2 (new->data + at, length + (length == 0));
      switch (prng_next (prng) % 4)
        {
        case 0:
          for (guint k = 0; k < length; k += 1 + (guint)prng_below (prng, 40))
            new->data[at + k] += (guint8)prng_next (prng);
          break;
        case 1:
          g_byte_array_remove_range (new, at, length);
          break;
        case 2:
          if (length > 0)
            g_byte_array_append (new, piece, length);
          break;
        default:
          g_free (g_steal_pointer (&piece));
          piece = random_bytes (prng, 100, 256);
          g_byte_array_prepend (new, piece, 100);
          break;
        }
    }
  return new;
}

static gboolean
take_ops (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

static guint64
take_varint (const guint8 **at)
{
  guint64 value = 0;
  for (guint shift = 0;; shift += 7)
    {
      guint8 byte = *(*at)++;
      value |= (guint64)(byte & 0x7f) << shift;
      if (byte < 0x80)
        return value;
    }
}

/* A reader of its own, straight from the format's description. */
static GByteArray *
carry_out (const GByteArray *ops, const guint8 *old, gsize old_bytes)
{
  GByteArray *out = g_byte_array_new ();
  const guint8 *at = ops->data, *end = ops->data + ops->len;
  gsize position = 0;
  while (at < end)
    {
      guint8 kind = *at++;
      gsize size = take_varint (&at);
      switch (kind)
        {
        case 0:
          g_byte_array_append (out, at, (guint)size);
          at += size;
          break;
        case 2:
          g_assert_cmpuint (position + size, <=, old_bytes);
          g_byte_array_append (out, old + position, (guint)size);
          position += size;
          break;
        case 3:
          g_assert_cmpuint (position + size, <=, old_bytes);
          for (gsize i = 0; i < size; i++)
            {
              guint8 sum = (guint8)(old[position + i] + at[i]);
              g_byte_array_append (out, &sum, 1);
            }
          position += size;
          at += size;
          break;
        case 4:
          position = size;
          break;
        default:
          g_assert_not_reached ();
        }
    }
  return out;
}

static gsize
check_pair (const guint8 *old, gsize old_bytes, const guint8 *new, gsize new_bytes)
{
  g_autoptr (GArray) matches = varve_match (old, old_bytes, new, new_bytes);
  gsize at = 0;
  for (guint i = 0; i < matches->len; i++)
    {
      const VarveMatch *match = &g_array_index (matches, VarveMatch, i);
      g_assert_cmpuint (match->new_at, >=, at);
      g_assert_cmpuint (match->size_bytes, >, 0);
      g_assert_cmpuint (match->new_at + match->size_bytes, <=, new_bytes);
      g_assert_cmpuint (match->old_at + match->size_bytes, <=, old_bytes);
      at = match->new_at + match->size_bytes;
    }
  g_autoptr (GByteArray) ops = g_byte_array_new ();
  VarveSink sink = { .write = take_ops, .data = ops };
  g_autoptr (VarveTardiffWriter) writer = varve_tardiff_writer_new (&sink);
  g_autoptr (GError) error = NULL;
  VarveEncodePair pair = { .old = old, .old_bytes = old_bytes, .new = new, .new_bytes = new_bytes };
  g_assert_true (varve_encode_match (&pair, writer, &error));
  g_assert_true (varve_tardiff_writer_finish (writer, &error));
  g_autoptr (GByteArray) out = carry_out (ops, old, old_bytes);
  g_assert_cmpmem (out->data, out->len, new, new_bytes);
  return ops->len;
}

static void
test_edits (void)
{
  guint64 prng = 1;
  for (guint round = 0; round < 200; round++)
    {
      gsize size_bytes = prng_next (&prng) % 30000;
      g_autofree guint8 *old = random_bytes (&prng, size_bytes, round % 3 == 0 ? 2 : 256);
      g_autoptr (GByteArray) new = edited (&prng, old, size_bytes);
      check_pair (old, size_bytes, new->data, new->len);
    }
}

static void
test_extremes (void)
{
  guint64 prng = 2;
  g_autofree guint8 *some = random_bytes (&prng, 5000, 256), *zeros = g_malloc0 (100000);
  check_pair (some, 0, some, 0);
  check_pair (some, 0, some, 5000);
  check_pair (some, 5000, some, 0);
  check_pair (some, 1, some, 1);
  check_pair (zeros, 100000, zeros, 99999);
  check_pair (zeros, 3, zeros, 100000);
  check_pair (some, 5000, zeros, 5000);
}

/* A period is where a search for the longest match takes quadratic time. */
static void
test_periodic (void)
{
  enum { SIZE = 2 << 20 };
  g_autofree guint8 *old = g_malloc (SIZE), *new = g_malloc (SIZE);
  for (gsize i = 0; i < SIZE; i++)
    {
      old[i] = (guint8)(i % 20);
      new[i] = (guint8)((i + i / 5000) % 20);
    }
  gint64 start = g_get_monotonic_time ();
  check_pair (old, SIZE, new, SIZE);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 60 * G_USEC_PER_SEC);
}

static void
test_small (void)
{
  guint64 prng = 3;
  g_autofree guint8 *old = random_bytes (&prng, 1 << 20, 256);
  g_autofree guint8 *new = g_memdup2 (old, 1 << 20);
  for (gsize i = 0; i < 1 << 20; i += 997) /* as addresses change when code moves */
    new[i]++;
  g_assert_cmpuint (check_pair (old, 1 << 20, new, 1 << 20), <, 12000);
  memmove (new + 300000, old, 700000); /* code that has moved */
  g_assert_cmpuint (check_pair (old, 1 << 20, new, 1 << 20), <, 12000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/match/edits", test_edits);
  g_test_add_func ("/match/extremes", test_extremes);
  g_test_add_func ("/match/periodic", test_periodic);
  g_test_add_func ("/match/small", test_small);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* emit/frame: there and back, and all that is not one frame. */
#include "emit/frame.h"

#include <string.h>

#include "base/error.h"
#include "tests/unit/prng.h"

static GBytes *
random_bytes (guint64 *state, gsize size_bytes)
{
  guint8 *data = g_malloc (MAX (size_bytes, 1));
  guint64 values = 1 + prng_below (state, 256);
  for (gsize i = 0; i < size_bytes; i++)
    data[i] = (guint8)prng_below (state, values);
  return g_bytes_new_take (data, size_bytes);
}

static GBytes *
compressed (GBytes *data)
{
  g_autoptr (GError) error = NULL;
  GBytes *frame = varve_frame_compress (data, &error);
  g_assert_no_error (error);
  return frame;
}

static void
test_round_trip (void)
{
  guint64 state = 1;
  for (guint i = 0; i < 60; i++)
    {
      g_autoptr (GError) error = NULL;
      gsize size_bytes = i < 4 ? i : prng_magnitude (&state, 16);
      g_autoptr (GBytes) data = random_bytes (&state, size_bytes), frame = compressed (data), again = compressed (data);
      g_assert_true (g_bytes_equal (frame, again));
      g_autoptr (GBytes) back = varve_frame_decompress (frame, size_bytes, &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (back, data));
    }
}

static void
refuse (GBytes *frame, gsize max_bytes, VarveError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) data = varve_frame_decompress (frame, max_bytes, &error);
  g_assert_null (data);
  g_assert_error (error, VARVE_ERROR, (gint)code);
}

static void
test_refused (void)
{
  guint64 state = 2;
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0), text = g_bytes_new_static ("no frame at all", 15);
  g_autoptr (GBytes) data = random_bytes (&state, 5000), frame = compressed (data);
  refuse (nothing, 1000, VARVE_ERROR_CORRUPT);
  refuse (text, 1000, VARVE_ERROR_CORRUPT);
  refuse (frame, 4999, VARVE_ERROR_LIMIT);
  gsize size_bytes;
  const guint8 *bytes = g_bytes_get_data (frame, &size_bytes);
  for (gsize length = 0; length < size_bytes; length++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (bytes, length);
      refuse (cut, 10000, VARVE_ERROR_CORRUPT);
    }
  g_autoptr (GByteArray) twice = g_byte_array_new ();
  g_byte_array_append (twice, bytes, (guint)size_bytes);
  g_byte_array_append (twice, bytes, (guint)size_bytes);
  g_autoptr (GBytes) two = g_bytes_new (twice->data, twice->len),
                     and_a_byte = g_bytes_new (twice->data, size_bytes + 1);
  refuse (two, 20000, VARVE_ERROR_CORRUPT);
  refuse (and_a_byte, 20000, VARVE_ERROR_CORRUPT);
}

/* A header that promises more than there is costs no more than the limit. */
static void
test_bomb (void)
{
  static const guint8 PROMISE[]
      = { 0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x01, 0x00, 0x00 };
  g_autoptr (GBytes) promise = g_bytes_new_static (PROMISE, sizeof PROMISE);
  refuse (promise, 1 << 20, VARVE_ERROR_LIMIT);
  g_autofree guint8 *zeros = g_malloc0 (64 << 20);
  g_autoptr (GBytes) many = g_bytes_new_static (zeros, 64 << 20), small = compressed (many);
  g_assert_cmpuint (g_bytes_get_size (small), <, 64 << 10);
  refuse (small, 16 << 20, VARVE_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/round-trip", test_round_trip);
  g_test_add_func ("/frame/refused", test_refused);
  g_test_add_func ("/frame/bomb", test_bomb);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a target without libFuzzer: over the files named, and over changed copies of each, the same ones at every run.
 * So the targets are part of the test suite, also under sanitizers, and cannot rot. Speaks TAP. */
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { CHANGED_COPIES = 400, CHANGES_MAX = 8 };

static guint32
next_random (guint32 *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

/* Flips, sets, removes and doubles bytes, the four things that parsers trip over. */
static void
change (GByteArray *input, guint32 *state)
{
  if (input->len == 0)
    return;
  guint32 at = next_random (state) % input->len;
  guint32 length = next_random (state) % 16 + 1;
  length = MIN (length, input->len - at);
  guint8 piece[16];
  switch (next_random (state) % 5)
    {
    case 0:
      input->data[at] ^= (guint8)(1u << (next_random (state) % 8));
      break;
    case 1:
      input->data[at] = (guint8)next_random (state);
      break;
    case 2:
      g_byte_array_remove_range (input, at, length);
      break;
    case 3:
      memcpy (piece, input->data + at, length);
      g_byte_array_append (input, piece, length);
      break;
    default:
      g_byte_array_set_size (input, at);
      break;
    }
}

static void
replay (const char *data, gsize size_bytes, guint32 seed)
{
  LLVMFuzzerTestOneInput ((const uint8_t *)data, size_bytes);
  guint32 state = seed * 2654435761u + 1;
  for (guint i = 0; i < CHANGED_COPIES; i++)
    {
      g_autoptr (GByteArray) input = g_byte_array_new ();
      g_byte_array_append (input, (const guint8 *)data, (guint)size_bytes);
      for (guint32 n = next_random (&state) % CHANGES_MAX + 1; n > 0; n--)
        change (input, &state);
      LLVMFuzzerTestOneInput (input->data, input->len);
    }
}

int
main (int argc, char **argv)
{
  LLVMFuzzerTestOneInput (NULL, 0);
  for (int i = 1; i < argc; i++)
    {
      g_autofree char *data = NULL;
      gsize size_bytes;
      g_autoptr (GError) error = NULL;
      g_autofree char *name = g_path_get_basename (argv[i]);
      if (g_file_get_contents (argv[i], &data, &size_bytes, &error))
        replay (data, size_bytes, (guint32)i);
      printf ("%s %d - %s\n", error == NULL ? "ok" : "not ok", i, name);
    }
  printf ("1..%d\n", argc - 1);
  return 0;
}

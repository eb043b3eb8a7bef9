/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a target without libFuzzer: over the files of a folder, and over changed copies of each, the same ones at every
 * run. So the targets are part of the test suite, also under sanitizers, and cannot rot. Speaks TAP. */
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

static gboolean
replay_file (const char *folder, const char *name, guint32 number)
{
  g_autofree char *path = g_build_filename (folder, name, NULL), *data = NULL;
  gsize size_bytes;
  gboolean is_read = g_file_get_contents (path, &data, &size_bytes, NULL);
  if (is_read)
    replay (data, size_bytes, number);
  printf ("%s %u - %s\n", is_read ? "ok" : "not ok", number, name);
  return is_read;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = argc == 2 ? g_dir_open (argv[1], 0, &error) : NULL;
  if (folder == NULL)
    {
      fprintf (stderr, "usage: %s FOLDER%s%s\n", argv[0], error != NULL ? ": " : "",
               error != NULL ? error->message : "");
      return 2;
    }
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (const char *name = g_dir_read_name (folder); name != NULL; name = g_dir_read_name (folder))
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  LLVMFuzzerTestOneInput (NULL, 0);
  gboolean is_good = names->len > 0;
  for (guint i = 0; i < names->len; i++)
    is_good &= replay_file (argv[1], names->pdata[i], i + 1);
  printf ("1..%u\n", names->len);
  return is_good ? 0 : 1;
}

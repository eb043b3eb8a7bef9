/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A small tree that deltas are applied to, made once and removed at the end of the process: "old/a" is text,
 * "old/b.gz" a small stream. */

#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>

static char *small_folder_top;

static void
small_folder_remove_tree (const char *path)
{
  g_autoptr (GDir) folder = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  for (const char *name = folder != NULL ? g_dir_read_name (folder) : NULL; name != NULL;
       name = g_dir_read_name (folder))
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      small_folder_remove_tree (child);
    }
  g_remove (path);
}

static void
small_folder_remove (void)
{
  small_folder_remove_tree (small_folder_top);
  g_free (small_folder_top);
}

/* A path in the folder that contains the tree; the caller frees it. */
static char *
small_folder_path (const char *name)
{
  static const guint8 GZIP[]
      = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 0x4c, 0x4a, 6, 0, 0xc2, 0x41, 0x24, 0x35, 3, 0, 0, 0 };
  static const char TEXT[] = "some text that is copied, and copied";
  if (small_folder_top != NULL)
    return g_build_filename (small_folder_top, name, NULL);
  small_folder_top = g_dir_make_tmp ("varve-fuzz-XXXXXX", NULL);
  atexit (small_folder_remove);
  g_autofree char *old = g_build_filename (small_folder_top, "old", NULL), *text = g_build_filename (old, "a", NULL),
                  *stream = g_build_filename (old, "b.gz", NULL);
  if (g_mkdir (old, 0755) != 0 || !g_file_set_contents (text, TEXT, -1, NULL)
      || !g_file_set_contents (stream, (const char *)GZIP, sizeof GZIP, NULL))
    abort ();
  return g_build_filename (small_folder_top, name, NULL);
}

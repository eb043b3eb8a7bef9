/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/image-files.h"

static void
one_file_free (gpointer data)
{
  g_ptr_array_unref (((VarveImageFile *)data)->names);
  g_free (data);
}

/* An image of one file, with that content and hash. */
static VarveImageFiles *
one_file_new (const char *name, VarveExtent content, guint64 hash)
{
  VarveImageFiles *files = g_new0 (VarveImageFiles, 1);
  files->files = g_ptr_array_new_with_free_func (one_file_free);
  files->maps = g_ptr_array_new ();
  files->by_name = g_hash_table_new (NULL, NULL);
  VarveImageFile *file = g_new0 (VarveImageFile, 1);
  *file = (VarveImageFile){ .content = content, .hash = hash, .names = g_ptr_array_new () };
  g_ptr_array_add (file->names, (gpointer)name);
  g_ptr_array_add (files->files, file);
  return files;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "emit/tar-read.h"

/* Cuts a tar, as it passes by, into what is content of regular files and what is not: headers, padding, the end. The
 * pieces in their order are the tar. Unlike emit/tar-read.h, which pulls and checks, this one is pushed, keeps all
 * bytes, and refuses what has no place in a table of contents: VARVE_ERROR_UNSUPPORTED. */
typedef struct _VarveTarSplitter VarveTarSplitter;

typedef struct {
  /* Bytes that are no content. The last ones before entry() are the entry's headers. */
  gboolean (*frame) (gpointer data, const guint8 *bytes, gsize size_bytes, GError **error);
  /* Valid during the call. Times in PAX records are not in it. */
  gboolean (*entry) (gpointer data, const VarveTarReadEntry *entry, GError **error);
  gboolean (*content) (gpointer data, const guint8 *bytes, gsize size_bytes, GError **error);
  /* After the content of an entry that has any. */
  gboolean (*content_end) (gpointer data, GError **error);
} VarveTarSplitterFuncs;

/* @funcs and @data must outlive it. */
VarveTarSplitter *varve_tar_splitter_new (const VarveTarSplitterFuncs *funcs, gpointer data);
void varve_tar_splitter_free (VarveTarSplitter *splitter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTarSplitter, varve_tar_splitter_free)

gboolean varve_tar_splitter_write (VarveTarSplitter *splitter, const void *bytes, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* CORRUPT where the tar ends inside an entry. */
gboolean varve_tar_splitter_finish (VarveTarSplitter *splitter, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The destination of a stream of bytes. */
typedef struct {
  /* Takes all of @bytes or fails. */
  gboolean (*write) (gpointer data, const void *bytes, gsize size_bytes, GError **error);
  /* Saves a copy: room for the next @size_bytes, which the caller fills and then passes to write(). NULL if there is
   * none. The member may be NULL. */
  guint8 *(*borrow) (gpointer data, gsize size_bytes);
  gpointer data;
} VarveSink;

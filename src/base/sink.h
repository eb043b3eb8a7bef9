#pragma once

#include <glib.h>

/* Where a stream of bytes goes. It takes all of @data or fails. */
typedef struct {
  gboolean (*write) (gpointer data, const void *bytes, gsize size_bytes, GError **error);
  /* Room for the next @size_bytes, so that they need not be copied: filled by the caller and then given to write().
   * NULL where there is none. May be NULL. */
  guint8 *(*borrow) (gpointer data, gsize size_bytes);
  gpointer data;
} VarveSink;

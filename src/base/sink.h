#pragma once

#include <glib.h>

/* Where a stream of bytes goes. It takes all of @data or fails. */
typedef struct {
  gboolean (*write) (gpointer data, const void *bytes, gsize size_bytes, GError **error);
  gpointer data;
} VarveSink;

/* SPDX-License-Identifier: Apache-2.0 */
/* base/whole-stream: a stream is read to its end, however little of it each read returns. */
#include "base/whole-stream.h"

#include "base/error.h"

/* "1234567", one byte at each read. */
typedef struct {
  GInputStream parent;
  guint at;
} SlowStream;
typedef GInputStreamClass SlowStreamClass;
static GType slow_stream_get_type (void);
G_DEFINE_TYPE (SlowStream, slow_stream, G_TYPE_INPUT_STREAM)

static gssize
slow_read (GInputStream *stream, void *buffer, gsize size_bytes, GCancellable *cancellable, GError **error)
{
  static const char TEXT[] = "1234567";
  SlowStream *self = (SlowStream *)stream;
  if (self->at == sizeof TEXT - 1 || size_bytes == 0)
    return 0;
  *(char *)buffer = TEXT[self->at++];
  return 1;
}

static void
slow_stream_class_init (SlowStreamClass *class)
{
  class->read_fn = slow_read;
}

static void
slow_stream_init (SlowStream *self)
{
}

static void
test_whole (void)
{
  for (gsize max_bytes = 7; max_bytes <= 100; max_bytes += 93)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GInputStream) stream = g_object_new (slow_stream_get_type (), NULL);
      g_autoptr (GBytes) bytes = varve_whole_stream_read (stream, max_bytes, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "1234567", 7);
    }
}

static void
test_limit (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = g_object_new (slow_stream_get_type (), NULL);
  g_assert_null (varve_whole_stream_read (stream, 6, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/whole-stream/whole", test_whole);
  g_test_add_func ("/whole-stream/limit", test_limit);
  return g_test_run ();
}

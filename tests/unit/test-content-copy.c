/* SPDX-License-Identifier: Apache-2.0 */
/* emit/content-copy: a content gets into a tar only with the size and the checksum of its object. */
#include "emit/content-copy.h"

#include <string.h>

#include "base/error.h"
#include "model/content-checksum.h"

typedef struct {
  VarveSource source; /* first: cast back */
  const char *text;
} Source;

static GInputStream *
open_text (VarveSource *source, const VarveDigest *checksum, GCancellable *cancellable, GError **error)
{
  const char *text = ((Source *)source)->text;
  return g_memory_input_stream_new_from_data (text, (gssize)strlen (text), NULL);
}

static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

/* Of an object whose content is "text". */
static VarveObject
object_new (GBytes *xattrs)
{
  VarveContentHeader header = { .mode = 0100644, .xattrs = xattrs };
  return (VarveObject){
    .checksum = varve_content_checksum_of (&header, "text", 4), .size_bytes = 4, .mode = header.mode, .xattrs = xattrs
  };
}

static void
assert_copy (const VarveObject *object, const char *text, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) tar = g_byte_array_new ();
  Source source = { .source = { .open_content = open_text }, .text = text };
  VarveSink sink = { .write = append, .data = tar };
  g_autoptr (VarveContentCopy) copy = varve_content_copy_new (&source.source, NULL);
  gboolean is_written = varve_content_copy_write (copy, object, &sink, &error);
  if (message == NULL)
    {
      g_assert_no_error (error);
      g_assert_true (is_written);
      g_assert_cmpuint (tar->len, ==, 512);
      g_assert_cmpmem (tar->data, 5, "text", 5);
      return;
    }
  g_assert_false (is_written);
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_content (void)
{
  g_autoptr (GBytes) xattrs = g_bytes_new_static ("", 0);
  VarveObject object = object_new (xattrs);
  assert_copy (&object, "text", NULL);
  assert_copy (&object, "texT", "damaged: the content has the checksum");
  assert_copy (&object, "tex", "the content ends after 3 of 4 bytes");
}

static void
test_header (void)
{
  g_autoptr (GBytes) xattrs = g_bytes_new_static ("", 0);
  VarveObject object = object_new (xattrs);
  object.uid = 1;
  assert_copy (&object, "text", "damaged: the content has the checksum");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/content-copy/content", test_content);
  g_test_add_func ("/content-copy/header", test_header);
  return g_test_run ();
}

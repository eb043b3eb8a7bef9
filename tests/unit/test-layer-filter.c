/* SPDX-License-Identifier: Apache-2.0 */
/* verify/layer-filter: where files get to, and what is refused, left out or changed. */
#include "verify/layer-filter.h"

#include "base/error.h"
#include "tests/unit/text-layer.h"

enum { ALL = VARVE_LAYER_FILTER_ALL_TOPLEVELS, VAR = VARVE_LAYER_FILTER_KEEP_VAR };

/* NULL where it is left out, "!" where it is refused. */
static char *
place_of (const char *name, guint flags)
{
  g_autoptr (GError) error = NULL;
  char *path = NULL;
  if (varve_layer_filter_path (name, flags, &path, &error))
    return path;
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  return g_strdup ("!");
}

static void
test_paths (void)
{
  static const struct {
    const char *name;
    guint flags;
    const char *path;
  } CASES[] = {
    { "usr/bin/sh", 0, "usr/bin/sh" },
    { "./usr//bin/./sh", 0, "usr/bin/sh" },
    { "/usr/bin/sh", 0, "usr/bin/sh" },
    { "./", 0, "" },
    { "etc", 0, "usr/etc" },
    { "/etc/passwd", 0, "usr/etc/passwd" },
    { "etcetera/x", 0, NULL },
    { "etcetera/x", ALL, "etcetera/x" },
    { "usrx", 0, NULL },
    { "var/lib/x", VAR, "var/lib/x" },
    { "var/lib/x", ALL, "usr/share/factory/var/lib/x" },
    { "var", 0, "usr/share/factory/var" },
    { "run", 0, "run" },
    { "run/", ALL, "run" },
    { "run/x", ALL, NULL },
    { "tmp/x", 0, NULL },
    { "proc/x", ALL, NULL },
    { "sys/x", ALL, NULL },
    { "dev/null", ALL, NULL },
    { "opt/x", 0, NULL },
    { "opt/x", ALL, "opt/x" },
    { "sysroot/ostree", ALL, "sysroot/ostree" },
    { "../etc/passwd", ALL, "!" },
    { "usr/../../x", ALL, "!" },
    { "usr/\xff", ALL, "!" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *path = place_of (CASES[i].name, CASES[i].flags);
      g_test_message ("%s", CASES[i].name);
      g_assert_cmpstr (path, ==, CASES[i].path);
    }
}

static gboolean
describe (gpointer data, const VarveForeignEntry *entry, VarveForeignTar *tar, GError **error)
{
  static const char MARKS[] = { ':', '=', '>', '/', '?' };
  g_string_append_printf (data, "%s%c%s ", entry->name, MARKS[entry->type],
                          entry->link_name != NULL ? entry->link_name : "");
  return TRUE;
}

/* The entries of the filtered tar; at an error its code, as a letter. */
static char *
filtered (const char *const *entries, guint flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveImage) image = image_of (entries), result = memory_image_new ();
  GByteArray *tar = g_byte_array_new ();
  VarveSink sink = { .write = append, .data = tar };
  VarvePlainLayer layer = { .image = image };
  gboolean done = varve_layer_filter_write (&layer, flags, &sink, NULL, &error);
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (tar);
  if (!done)
    return g_strdup (g_error_matches (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED) ? "left" : "corrupt");
  g_autoptr (GString) text = g_string_new (NULL);
  VarveDecompressed sums;
  memory_image_add (result, bytes);
  VarvePlainLayer again = { .image = result, .func = describe, .data = text };
  g_assert_true (varve_plain_layer_read (&again, &sums, NULL, &error));
  g_assert_no_error (error);
  return g_strdup (g_strchomp (text->str));
}

static void
test_entries (void)
{
  static const struct {
    const char *entries[4];
    const char *expected;
  } CASES[] = {
    { { "|" }, "" },
    { { "./", "etc/", "etc/x:1" }, ".// usr/etc/ usr/etc/x:" },
    { { "run/", "run/x:1", "opt/x:1" }, "run/ opt/x:" },
    { { "etc/x:1", "usr/y=etc/x" }, "usr/etc/x: usr/y=usr/etc/x" },
    { { "usr/x:1", "usr/y=/usr/x" }, "usr/x: usr/y=usr/x" },
    { { "usr/x:1", "usr/y=../../usr/x" }, "corrupt" },
    { { "run/x:1", "usr/y=run/x" }, "corrupt" },
    { { "usr/x>../../../../etc/shadow" }, "usr/x>../../../../etc/shadow" },
    { { "usr/.wh.x:" }, "usr/.wh.x:" },
    { { "usr/.wh..wh..opq:" }, "usr/.wh..wh..opq:" },
    { { "usr/.wh.:" }, "corrupt" },
    { { "usr/.wh..:" }, "corrupt" },
    { { "usr/.wh...:" }, "corrupt" },
    { { ".wh...:" }, "corrupt" },
    { { "run/.wh...:" }, "" },
    { { "./:1" }, "corrupt" },
    { { "sysroot/ostree/repo/", "sysroot/ostree/x:1" }, "sysroot/ostree/repo/ sysroot/ostree/x:" },
    { { "sysroot/ostree/repo/config:1" }, "left" },
    { { "usr/x=sysroot/ostree/repo/objects/00/x.file" }, "left" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *text = filtered (CASES[i].entries, ALL | VAR);
      g_test_message ("%u", i);
      g_assert_cmpstr (text, ==, CASES[i].expected);
    }
}

/* Linux does not make longer ones. */
static void
test_length_of_symlinks (void)
{
  for (guint length = 4095; length <= 4096; length++)
    {
      g_autofree char *target = g_strnfill (length, 'x'), *entry = g_strconcat ("usr/x>", target, NULL);
      const char *const entries[] = { entry, NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveImage) image = image_of (entries);
      g_autoptr (GByteArray) tar = g_byte_array_new ();
      VarveSink sink = { .write = append, .data = tar };
      VarvePlainLayer layer = { .image = image };
      gboolean is_taken = varve_layer_filter_write (&layer, 0, &sink, NULL, &error);
      g_assert_cmpint (is_taken, ==, length == 4095);
      g_assert_true (is_taken || g_error_matches (error, VARVE_ERROR, VARVE_ERROR_LIMIT));
    }
}

static gboolean
take_mode (gpointer data, const VarveForeignEntry *entry, VarveForeignTar *tar, GError **error)
{
  *(guint32 *)data = entry->mode;
  return TRUE;
}

static void
test_mode_of_symlinks (void)
{
  const char *const entries[] = { "usr/x>y", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveImage) image = image_of (entries), result = memory_image_new ();
  GByteArray *tar = g_byte_array_new ();
  VarveSink sink = { .write = append, .data = tar };
  VarvePlainLayer layer = { .image = image };
  g_assert_true (varve_layer_filter_write (&layer, 0, &sink, NULL, &error));
  g_assert_no_error (error);
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (tar);
  guint32 mode = 0;
  VarveDecompressed sums;
  memory_image_add (result, bytes);
  VarvePlainLayer again = { .image = result, .func = take_mode, .data = &mode };
  g_assert_true (varve_plain_layer_read (&again, &sums, NULL, &error));
  g_assert_cmpuint (mode, ==, 0777);
}

static void
test_diff_id (void)
{
  const char *const entries[] = { "usr/x:1", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveImage) image = image_of (entries);
  g_autoptr (GByteArray) tar = g_byte_array_new ();
  VarveSink sink = { .write = append, .data = tar };
  g_autoptr (GInputStream) stream
      = image->blobs->open_blob (image->blobs, image->manifest->layers->pdata[0], NULL, NULL);
  VarvePlainLayer layer = { .image = image, .tar = stream };
  *(VarveDigest *)varve_config_diff_id (image->config, 0) = varve_digest_of ("other", 5);
  g_assert_false (varve_layer_filter_write (&layer, 0, &sink, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layer-filter/paths", test_paths);
  g_test_add_func ("/layer-filter/entries", test_entries);
  g_test_add_func ("/layer-filter/mode-of-symlinks", test_mode_of_symlinks);
  g_test_add_func ("/layer-filter/length-of-symlinks", test_length_of_symlinks);
  g_test_add_func ("/layer-filter/diff-id", test_diff_id);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* verify/plain-entries: what a layer of a plain image has of a tree. */
#include "verify/plain-entries.h"

#include <string.h>

#include "base/error.h"
#include "emit/tar.h"
#include "tests/unit/entries-text.h"
#include "tests/unit/fake-source.h"
#include "tests/unit/memory-layer.h"

static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

/* An entry told as "d PATH", "f PATH TEXT", "s PATH TARGET" or "h PATH TARGET"; "D" and "F" have another mode, and "f
 * PATH TEXT TIME" a time. */
static void
add_entry (VarveSink *sink, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 0);
  const char *last = words[1] != NULL && words[2] != NULL ? words[2] : NULL;
  char kind = g_ascii_tolower (text[0]);
  VarveTarEntry entry = { .type = VARVE_TAR_FILE, .name = words[1], .mode = 0644 };
  if (kind == 'd')
    entry.type = VARVE_TAR_DIRECTORY;
  else if (kind == 's' || kind == 'h')
    entry.type = kind == 's' ? VARVE_TAR_SYMLINK : VARVE_TAR_HARD_LINK;
  if (kind == 'd')
    entry.mode = 0755;
  else if (kind == 's')
    entry.mode = 0777;
  if (g_ascii_isupper (text[0]))
    entry.mode = 0700;
  entry.link_name = kind == 's' || kind == 'h' ? last : NULL;
  entry.size_bytes = kind == 'f' ? strlen (last) : 0;
  entry.mtime = last != NULL && words[3] != NULL ? g_ascii_strtoull (words[3], NULL, 10) : 0;
  g_assert_true (varve_tar_write_entry (sink, &entry, NULL));
  if (kind == 'f')
    g_assert_true (append (sink->data, last, strlen (last), NULL)
                   && varve_tar_write_padding (sink, entry.size_bytes, NULL));
}

static VarveImage *
image_of (const char *layer)
{
  VarveImage *image = memory_image_new ();
  VarveSink sink = { .write = append, .data = g_byte_array_new () };
  g_auto (GStrv) entries = g_strsplit (layer, ",", 0);
  for (char **entry = entries; *entry != NULL && **entry != '\0'; entry++)
    add_entry (&sink, *entry);
  g_assert_true (varve_tar_write_end (&sink, NULL));
  g_autoptr (GBytes) tar = g_byte_array_free_to_bytes (sink.data);
  memory_image_add (image, tar);
  return image;
}

static char *
entries_of (const VarveImage *image, const VarveInventory *inventory)
{
  g_autoptr (GError) error = NULL;
  VarvePlainTree tree;
  VarveLayerEntries *entries = NULL;
  varve_plain_tree_init (&tree, inventory);
  gboolean read = varve_plain_entries_read (image, 0, &tree, &entries, NULL, &error);
  varve_plain_tree_clear (&tree);
  g_assert_no_error (error);
  g_assert_true (read);
  char *text = entries_text (entries, inventory);
  g_clear_pointer (&entries, varve_layer_entries_free);
  return text;
}

/* usr/a and usr/b are hard links, usr/c and usr/etc/d separate files of one content. */
static VarveInventory *
tree_new (FakeSource *fake)
{
  fake_source_add_text (fake, "usr/a", "text");
  fake_source_add_text (fake, "usr/b", "text");
  fake_source_add_text (fake, "usr/c", "conf");
  fake_source_add_text (fake, "usr/etc/d", "conf");
  fake_source_add_symlink (fake, "usr/s", "a");
  VarveInventory *inventory = fake_source_inventory (fake);
  varve_inventory_link_as_deployed (inventory);
  return inventory;
}

static void
test_entries (void)
{
  static const struct {
    const char *layer, *entries;
  } CASES[] = {
    { "", "" },
    { "f usr/a text,h usr/b usr/a", "usr/a " },
    { "f usr/b text,h usr/a usr/b", "usr/a " },
    { "f usr/a text,f usr/b text", "-usr/a=4 -usr/b=4 " }, /* no hard links */
    { "f usr/a text", "-usr/a=4 " },
    { "f usr/a text,h usr/b usr/a,h usr/z usr/b", "usr/a -usr/z=0 " }, /* one more name */
    { "f usr/a other,h usr/b usr/a", "-usr/a,usr/b=5 " },
    { "F usr/a text,h usr/b usr/a", "-usr/a,usr/b=4 " },
    { "f usr/c conf,f etc/d conf", "usr/c " },
    { "f usr/c conf,h etc/d usr/c", "-usr/c,usr/etc/d=4 " }, /* separate files in the tree */
    { "s usr/s a", "usr/s " },
    { "s usr/s b", "-usr/s=0 " },
    { "f usr/s a", "-usr/s=1 " },
    { "d usr,d etc,s usr/s a", "usr/s " },
    { "d usr/x,d usr/x/y", "-usr/x/=0 -usr/x/y/=0 " },
    { "f usr a", "-usr=1 " },
    { "D usr", "unknown" },
    { "d usr/a", "unknown" },                    /* a file of the tree */
    { "h usr/b usr/a", "unknown" },              /* into another layer */
    { "d usr,h usr/b usr", "unknown" },          /* to a directory */
    { "h usr/a usr/a", "unknown" },              /* to itself */
    { "h usr/b usr/a,f usr/a text", "unknown" }, /* to a later one */
    { "f usr/z a,f usr/z b", "unknown" },        /* twice */
    { "s usr/s a,s ./usr/s a", "unknown" },
    { "d usr/x,f usr/x/y a", "-usr/x/=0 -usr/x/y=1 " },
    { "f usr/x/y a", "unknown" }, /* in a folder without an entry */
    { "f usr/s/y a", "unknown" }, /* below a symlink of the tree */
    { "f usr/x a,f usr/x/y a", "unknown" },
  };
  g_autoptr (FakeSource) fake = fake_source_new ();
  g_autoptr (VarveInventory) inventory = tree_new (fake);
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (VarveImage) image = image_of (CASES[i].layer);
      g_autofree char *entries = entries_of (image, inventory);
      g_test_message ("%s", CASES[i].layer);
      g_assert_cmpstr (entries, ==, CASES[i].entries);
    }
}

/* A time that another file requires counts, others do not. */
static void
test_times (void)
{
  static const struct {
    const char *layer, *entries;
  } CASES[] = {
    { "f usr/a text 5,h usr/b usr/a", "usr/a " },        { "f usr/a text 6,h usr/b usr/a", "-usr/a,usr/b=4 " },
    { "f usr/a text,h usr/b usr/a", "-usr/a,usr/b=4 " }, { "f usr/b text 5,h usr/a usr/b", "usr/a " },
    { "f usr/c conf 7,f etc/d conf 8", "usr/c " },
  };
  g_autoptr (FakeSource) fake = fake_source_new ();
  g_autoptr (VarveInventory) inventory = tree_new (fake);
  const char *bound[] = { "usr/a", "usr/b" };
  for (guint i = 0; i < G_N_ELEMENTS (bound); i++)
    {
      VarveFile *file = &inventory->files[varve_inventory_find_file (inventory, bound[i])];
      file->is_time_bound = TRUE;
      file->time = 5;
    }
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (VarveImage) image = image_of (CASES[i].layer);
      g_autofree char *entries = entries_of (image, inventory);
      g_test_message ("%s", CASES[i].layer);
      g_assert_cmpstr (entries, ==, CASES[i].entries);
    }
}

/* Each is a hard link to the one before it. */
static void
test_long_chain (void)
{
  enum { N_LINKS = 200000 };
  g_autoptr (FakeSource) fake = fake_source_new ();
  g_autoptr (VarveInventory) inventory = tree_new (fake);
  g_autoptr (GString) layer = g_string_new ("f z0 a");
  for (guint i = 1; i <= N_LINKS; i++)
    g_string_append_printf (layer, ",h z%u z%u", i, i - 1);
  g_autoptr (VarveImage) image = image_of (layer->str);
  g_autofree char *entries = entries_of (image, inventory);
  g_assert_true (g_str_has_suffix (entries, ",z200000=1 "));
}

static void
test_refused (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  g_autoptr (VarveInventory) inventory = tree_new (fake);
  g_autoptr (VarveImage) image = image_of ("f ../a text");
  g_autoptr (GError) error = NULL;
  VarvePlainTree tree;
  VarveLayerEntries *entries = NULL;
  varve_plain_tree_init (&tree, inventory);
  g_assert_false (varve_plain_entries_read (image, 0, &tree, &entries, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  varve_plain_tree_clear (&tree);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plain-entries/times", test_times);
  g_test_add_func ("/plain-entries/entries", test_entries);
  g_test_add_func ("/plain-entries/long-chain", test_long_chain);
  g_test_add_func ("/plain-entries/refused", test_refused);
  return g_test_run ();
}

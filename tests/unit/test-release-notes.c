/* SPDX-License-Identifier: Apache-2.0 */
/* release/release-notes, package-changes and markdown: what an update is called, and that names are no markup. */
#include "release/release-notes.h"

#include <string.h>

#include "release/markdown.h"
#include "release/package-changes.h"

static void
add (GPtrArray *packages, const char *name, const char *version, const char *source, const char *source_version)
{
  VarvePackage *package = varve_package_new (VARVE_PACKAGE_DEB);
  varve_package_set (&package->name, name);
  varve_package_set (&package->version, version);
  varve_package_set (&package->source_name, source);
  varve_package_set (&package->source_version, source_version);
  g_ptr_array_add (packages, package);
}

static VarvePackageList *
list_new (GPtrArray *packages)
{
  return varve_package_list_new (packages, g_new0 (guint32, 1), 0);
}

static VarveDiffLayer *
add_layer (VarveDiff *diff, guint index, guint64 size_bytes)
{
  VarveDiffLayer *layer = g_new0 (VarveDiffLayer, 1);
  layer->index = index;
  layer->size_bytes = size_bytes;
  layer->is_new_digest = layer->is_new_diff_id = TRUE;
  layer->changed = g_ptr_array_new ();
  layer->moved = g_ptr_array_new ();
  g_ptr_array_add (diff->layers, layer);
  diff->by_digest.bytes += size_bytes;
  diff->by_digest.layers++;
  return layer;
}

static void
add_component (GPtrArray *list, const char *name, guint64 size_bytes)
{
  VarveDiffComponent *component = g_new0 (VarveDiffComponent, 1);
  component->name = g_strdup (name);
  component->size_bytes = size_bytes;
  g_ptr_array_add (list, component);
}

typedef struct {
  VarvePackageList *old, *new;
  VarveExplanation explanation;
} World;

static void
layer_free (gpointer data)
{
  VarveDiffLayer *layer = data;
  GPtrArray *lists[] = { layer->changed, layer->moved };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      for (guint j = 0; j < lists[i]->len; j++)
        {
          g_free (((VarveDiffComponent *)lists[i]->pdata[j])->name);
          g_free (lists[i]->pdata[j]);
        }
      g_ptr_array_unref (lists[i]);
    }
  g_free (layer);
}

static void
world_clear (World *world)
{
  varve_package_list_free (world->old);
  varve_package_list_free (world->new);
  g_ptr_array_unref (world->explanation.diff->layers);
  g_free (world->explanation.diff);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static void
world_init (World *world)
{
  GPtrArray *old = g_ptr_array_new (), *new = g_ptr_array_new ();
  add (old, "libssl3", "3.0.1", "openssl", "3.0.1");
  add (new, "libssl3", "3.0.2", "openssl", "3.0.2");
  add (old, "openssl", "3.0.1", "openssl", "3.0.1");
  add (new, "openssl", "3.0.2", "openssl", "3.0.2");
  add (old, "bash", "5.2-1+b1", "bash", "5.2-1"); /* built again */
  add (new, "bash", "5.2-1+b2", "bash", "5.2-1");
  add (old, "linux-image-1", "1", "linux", "1"); /* the name has the version */
  add (new, "linux-image-2", "2", "linux", "2");
  add (old, "linux-doc", "0", "linux", "0");
  add (new, "linux-doc", "0", "linux", "0");
  add (old, "gone", "7", NULL, NULL);
  add (new, "new|`name`", "<b>1</b>", NULL, NULL);
  add (old, "same", "1", "same", "1");
  add (new, "same", "1", "same", "1");
  *world = (World){ .old = list_new (old), .new = list_new (new) };
  VarveDiff *diff = world->explanation.diff = g_new0 (VarveDiff, 1);
  diff->layers = g_ptr_array_new_with_free_func (layer_free);
  diff->n_layers = 10;
  diff->image_bytes = 5000000;
  VarveDiffLayer *commit = add_layer (diff, 0, 1000), *first = add_layer (diff, 1, 3000000);
  commit->is_commit = TRUE;
  add_component (first->changed, "linux", 1000000);
  add_component (first->changed, "linux:/usr/lib/modules", 1500000);
  add_component (first->changed, "linux-firmware", 100000);
  add_component (first->moved, "same", 300000);
  VarveDiffLayer *second = add_layer (diff, 2, 50000);
  add_component (second->changed, "openssl", 40000);
}

static char *
describe (const VarvePackageChange *change)
{
  g_ptr_array_add (change->packages, NULL);
  g_autofree char *names = g_strjoinv (" ", (char **)change->packages->pdata);
  g_ptr_array_set_size (change->packages, (gint)change->packages->len - 1);
  return g_strdup_printf ("%s %s>%s %" G_GUINT64_FORMAT " %s", change->source,
                          change->old_version != NULL ? change->old_version : "",
                          change->new_version != NULL ? change->new_version : "", change->size_bytes, names);
}

static void
test_changes (void)
{
  static const char *const EXPECTED[] = {
    "linux 1>2 2500000 linux-image-1 linux-image-2",
    "openssl 3.0.1>3.0.2 40000 libssl3 openssl",
    "bash 5.2-1+b1>5.2-1+b2 0 bash",
    "new|`name` ><b>1</b> 0 new|`name`",
    "gone 7> 0 gone",
  };
  g_auto (World) world;
  world_init (&world);
  g_autoptr (GPtrArray) changes = varve_package_changes_find (world.old, world.new, world.explanation.diff);
  g_assert_cmpuint (changes->len, ==, G_N_ELEMENTS (EXPECTED));
  for (guint i = 0; i < changes->len; i++)
    {
      g_autofree char *text = describe (changes->pdata[i]);
      g_assert_cmpstr (text, ==, EXPECTED[i]);
    }
}

static void
test_notes (void)
{
  g_auto (World) world;
  world_init (&world);
  VarveFormerRelease old = { .name = (char *)"0.7", .bytes = 4000000, .layers = 5 };
  g_autoptr (GPtrArray) former = g_ptr_array_new ();
  g_ptr_array_add (former, &old);
  VarveReleaseNotes notes = {
    .old_version = "1.0",
    .new_version = "1.1",
    .explanation = &world.explanation,
    .old_packages = world.old,
    .new_packages = world.new,
    .former = former,
  };
  g_autofree char *text = varve_release_notes_to_markdown (&notes);
  g_assert_cmpstr (text, ==,
                   "## `1.0` → `1.1`\n\n"
                   "A host on `1.0` downloads **3.1 MB** (3 of 10 layers), one on `0.7` 4.0 MB, a new host 5.0 MB.\n\n"
                   "### Updated (3)\n\n"
                   "| package | from | to | download |\n|---|---|---|--:|\n"
                   "| `linux` (`linux-image-1`, `linux-image-2`) | `1` | `2` | 2.5 MB |\n"
                   "| `openssl` (`libssl3`, `openssl`) | `3.0.1` | `3.0.2` | 40.0 kB |\n"
                   "| `bash` | `5.2-1+b1` | `5.2-1+b2` |  |\n\n"
                   "### Added (1)\n\n"
                   "| package | version | download |\n|---|---|--:|\n"
                   "| `` new\\|`name` `` | `<b>1</b>` |  |\n\n"
                   "### Removed (1)\n\n"
                   "| package | version |\n|---|---|\n"
                   "| `gone` | `7` |\n\n"
                   "### Largest parts of the download\n\n"
                   "- 1.5 MB `linux:/usr/lib/modules`\n"
                   "- 1.0 MB `linux`\n"
                   "- 300.0 kB unchanged files in the same layers\n"
                   "- 110.0 kB other contents of these layers\n"
                   "- 100.0 kB `linux-firmware`\n"
                   "- 41.0 kB the other 2\n");
}

static void
test_code (void)
{
  static const struct {
    const char *text, *code;
  } CASES[] = {
    { "a", "`a`" },
    { "", "`  `" },
    { "`", "`` ` ``" },
    { "a``b", "```a``b```" },
    { "a|b", "`a|b`" },
    { "[x](http://y) @z #1", "`[x](http://y) @z #1`" },
    { "a\nb", "`a\\x0ab`" },
    { "a\xe2\x80\xae"
      "b",
      "`a\\u202eb`" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GString) out = g_string_new (NULL);
      varve_markdown_append_code (out, CASES[i].text);
      g_test_message ("%s", out->str);
      g_assert_cmpstr (out->str, ==, CASES[i].code);
    }
  g_autoptr (GString) cell = g_string_new (NULL);
  varve_markdown_append_code_cell (cell, "a|b");
  g_assert_cmpstr (cell->str, ==, "`a\\|b`");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/release-notes/changes", test_changes);
  g_test_add_func ("/release-notes/notes", test_notes);
  g_test_add_func ("/release-notes/code", test_code);
  return g_test_run ();
}

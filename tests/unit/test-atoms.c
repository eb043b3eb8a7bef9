/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/atoms: which object goes to which atom, its size and its digest. */
#include "chunker/atoms.h"

#include <string.h>

#include "tests/unit/prng.h"

static const gint64 NOW = 20000 * 86400LL;

/* A file of the tree: its content is known by a letter, and its component by index. */
typedef struct {
  const char *name;
  char content;
  guint32 component;
} File;

static VarveDigest
checksum_of (char content)
{
  return varve_digest_of (&content, 1);
}

enum { LARGE_BYTES = 100000 };

/* One directory, "usr", of these files: 1000 bytes each, but "l" is a symlink, and contents in capitals are large. */
static VarveInventory *
tree_of (const File *files, guint n_files)
{
  VarveDigest commit = { 0 };
  VarveDirectory directory = { .mode = 040755 };
  g_autoptr (VarveInventoryBuilder) builder = varve_inventory_builder_new (&commit);
  varve_inventory_builder_enter (builder, "", &directory);
  varve_inventory_builder_enter (builder, "usr", &directory);
  for (guint i = 0; i < n_files; i++)
    {
      VarveDigest checksum = checksum_of (files[i].content);
      varve_inventory_builder_add_file (builder, files[i].name, &checksum);
    }
  varve_inventory_builder_leave (builder);
  varve_inventory_builder_leave (builder);
  VarveInventory *inventory = varve_inventory_builder_finish (builder);
  VarveDigest link = checksum_of ('l');
  for (guint32 i = 0; i < inventory->n_objects; i++)
    {
      VarveObject *object = &inventory->objects[i];
      gboolean is_link = varve_digest_compare (&object->checksum, &link) == 0;
      VarveDigest large[] = { checksum_of ('X'), checksum_of ('Y'), checksum_of ('Z') };
      object->size_bytes = is_link ? 0 : 1000;
      for (guint j = 0; j < G_N_ELEMENTS (large); j++)
        if (varve_digest_compare (&object->checksum, &large[j]) == 0)
          object->size_bytes = LARGE_BYTES;
      object->symlink_target = is_link ? "target" : NULL;
      object->mode = is_link ? 0120777 : 0100644;
      object->xattrs = varve_inventory_intern_xattrs (inventory, NULL, 0);
    }
  return inventory;
}

/* Three components: 0 "busy", 1 "quiet" and 2 "calm", as quiet as the former. */
static VarveComponents *
components_of (const File *files, guint n_files)
{
  VarveComponents *components = varve_components_new (n_files);
  varve_components_add (components, "busy", VARVE_COMPONENT_PACKAGE);
  VarveComponent *busy = varve_components_get (components, 0);
  for (gint64 i = 0; i < 50; i++)
    varve_component_add_change (busy, NOW - i * 5 * 86400);
  varve_components_add (components, "quiet", VARVE_COMPONENT_PACKAGE);
  varve_components_add (components, "calm", VARVE_COMPONENT_PACKAGE);
  varve_component_add_change (varve_components_get (components, 1), NOW - 400 * 86400LL);
  varve_component_add_change (varve_components_get (components, 2), NOW - 400 * 86400LL);
  for (guint i = 0; i < n_files; i++)
    components->of_file[i] = files[i].component;
  return components;
}

static VarvePlan *
plan_of (const File *files, guint n_files)
{
  g_autoptr (VarveInventory) inventory = tree_of (files, n_files);
  g_autoptr (VarveComponents) components = components_of (files, n_files);
  VarveAtomsOptions options = VARVE_ATOMS_OPTIONS_INIT;
  options.now = NOW;
  return varve_atoms_new (inventory, components, &options);
}

static const VarveAtom *
atom_named (const VarvePlan *plan, const char *name)
{
  for (guint32 i = 0; i < plan->atoms->len; i++)
    if (strcmp (varve_plan_atom (plan, i)->name, name) == 0)
      return varve_plan_atom (plan, i);
  return NULL;
}

static void
test_by_component (void)
{
  static const File FILES[] = { { "a", 'a', 1 }, { "b", 'b', 0 }, { "c", 'c', 1 }, { "d", 'd', 0 } };
  g_autoptr (VarvePlan) plan = plan_of (FILES, G_N_ELEMENTS (FILES));
  g_assert_cmpuint (plan->atoms->len, ==, 2); /* "calm" has nothing */
  g_assert_cmpuint (plan->layers->len, ==, 0);
  const VarveAtom *busy = varve_plan_atom (plan, 0), *quiet = varve_plan_atom (plan, 1);
  g_assert_cmpstr (busy->name, ==, "busy");
  g_assert_cmpstr (quiet->name, ==, "quiet");
  g_assert_cmpuint (busy->n_objects, ==, 2);
  g_assert_cmpuint (busy->objects[0], ==, 1);
  g_assert_cmpuint (busy->objects[1], ==, 3);
  g_assert_cmpuint (quiet->n_objects, ==, 2);
  g_assert_cmpuint (busy->probability, >, quiet->probability);
}

static void
test_shared_objects (void)
{
  /* What is small and shared is an atom by itself; what is large goes by name, whichever comes first and however busy
   * it is. */
  static const File FILES[] = { { "a", 'X', 0 }, { "b", 'X', 1 }, { "c", 'Y', 1 }, { "d", 'Y', 0 }, { "e", 'Z', 1 },
                                { "f", 'Z', 2 }, { "g", 'g', 0 }, { "h", 'h', 0 }, { "i", 'h', 2 }, { "j", 'j', 1 } };
  g_autoptr (VarvePlan) plan = plan_of (FILES, G_N_ELEMENTS (FILES));
  g_assert_cmpuint (atom_named (plan, "busy")->n_objects, ==, 3);
  g_assert_cmpuint (atom_named (plan, "calm")->n_objects, ==, 1);
  g_assert_cmpuint (atom_named (plan, "quiet")->n_objects, ==, 1);
  g_assert_cmpuint (atom_named (plan, VARVE_ATOM_SHARED)->n_objects, ==, 1);
}

static void
test_size (void)
{
  static const File FILES[] = { { "a", 'a', 0 }, { "l", 'l', 1 }, { "z", 'a', 0 } };
  g_autoptr (VarvePlan) plan = plan_of (FILES, G_N_ELEMENTS (FILES));
  /* Attributes with a long name, header, two blocks of content, two links; the symlink without content, one link. */
  g_assert_cmpuint (atom_named (plan, "busy")->raw_bytes, ==, (4 + 2 + 2) * 512);
  g_assert_cmpuint (atom_named (plan, "quiet")->raw_bytes, ==, (4 + 1) * 512);
}

static void
assert_same_digest (const VarvePlan *a, const VarvePlan *b, const char *name, gboolean is_same)
{
  g_assert_true (varve_digest_table_equal (&atom_named (a, name)->digest, &atom_named (b, name)->digest) == is_same);
}

static void
test_digest (void)
{
  static const File BASE[] = { { "a", 'a', 0 }, { "b", 'b', 0 }, { "c", 'c', 1 } };
  static const File OTHERS_CHANGED[] = { { "a", 'a', 0 }, { "b", 'b', 0 }, { "c", 'x', 1 }, { "d", 'd', 2 } };
  static const File CHANGED[] = { { "a", 'a', 0 }, { "b", 'x', 0 }, { "c", 'c', 1 } };
  static const File RENAMED[] = { { "a", 'a', 0 }, { "bb", 'b', 0 }, { "c", 'c', 1 } };
  static const File LINKED[] = { { "a", 'a', 0 }, { "b", 'b', 0 }, { "b2", 'b', 0 }, { "c", 'c', 1 } };
  static const File BEFORE[] = { { "A", '0', 1 }, { "a", 'a', 0 }, { "b", 'b', 0 }, { "c", 'c', 1 } };
  g_autoptr (VarvePlan) base = plan_of (BASE, G_N_ELEMENTS (BASE));
  g_autoptr (VarvePlan) others = plan_of (OTHERS_CHANGED, G_N_ELEMENTS (OTHERS_CHANGED));
  g_autoptr (VarvePlan) changed = plan_of (CHANGED, G_N_ELEMENTS (CHANGED));
  g_autoptr (VarvePlan) renamed = plan_of (RENAMED, G_N_ELEMENTS (RENAMED));
  g_autoptr (VarvePlan) linked = plan_of (LINKED, G_N_ELEMENTS (LINKED));
  g_autoptr (VarvePlan) before = plan_of (BEFORE, G_N_ELEMENTS (BEFORE));
  assert_same_digest (base, others, "busy", TRUE);
  assert_same_digest (base, others, "quiet", FALSE);
  assert_same_digest (base, changed, "busy", FALSE);
  assert_same_digest (base, changed, "quiet", TRUE);
  assert_same_digest (base, renamed, "busy", FALSE);
  assert_same_digest (base, linked, "busy", FALSE);
  assert_same_digest (base, before, "busy", TRUE); /* objects got other numbers */
  g_autofree char *hex = varve_digest_to_hex (&atom_named (base, "quiet")->digest);
  g_assert_cmpstr (hex, ==, "ec37d933dfbcbcaa6de5cced1421d81c3f19f22e6f4fa23f4f1d0c6067a3cd4a");
}

static void
test_empty_tree (void)
{
  g_autoptr (VarvePlan) plan = plan_of (NULL, 0);
  g_assert_cmpuint (plan->atoms->len, ==, 0);
}

/* Random trees: every object in exactly one atom, ascending. */
static void
test_every_object_once (void)
{
  for (guint64 seed = 1; seed <= 500; seed++)
    {
      guint64 state = seed;
      guint n_files = (guint)prng_below (&state, 60);
      g_autofree File *files = g_new0 (File, n_files);
      g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
      for (guint i = 0; i < n_files; i++)
        {
          g_ptr_array_add (names, g_strdup_printf ("f%03u", i));
          files[i].name = g_ptr_array_index (names, i);
          files[i].content = (char)prng_below (&state, 50);
          files[i].component = (guint32)prng_below (&state, 3);
        }
      g_autoptr (VarveInventory) inventory = tree_of (files, n_files);
      g_autoptr (VarvePlan) plan = plan_of (files, n_files);
      g_autofree guint *seen = g_new0 (guint, inventory->n_objects);
      guint n_seen = 0;
      for (guint32 i = 0; i < plan->atoms->len; i++)
        for (guint32 j = 0; j < varve_plan_atom (plan, i)->n_objects; j++)
          {
            const VarveAtom *atom = varve_plan_atom (plan, i);
            if ((j > 0 && atom->objects[j] <= atom->objects[j - 1]) || seen[atom->objects[j]]++ > 0)
              g_error ("seed %" G_GUINT64_FORMAT ": object %u", seed, atom->objects[j]);
            n_seen++;
          }
      g_assert_cmpuint (n_seen, ==, inventory->n_objects);
    }
}

static void
test_components_in_any_order (void)
{
  static const File FILES[] = { { "a", 'x', 0 }, { "b", 'x', 1 }, { "c", 'x', 2 }, { "d", 'd', 2 }, { "e", 'e', 1 } };
  guint n_files = G_N_ELEMENTS (FILES);
  g_autoptr (VarveInventory) inventory = tree_of (FILES, n_files);
  g_autoptr (VarveComponents) components = components_of (FILES, n_files);
  VarveAtomsOptions options = VARVE_ATOMS_OPTIONS_INIT;
  g_autoptr (VarvePlan) plan = varve_atoms_new (inventory, components, &options);
  gpointer *slots = components->components->pdata, first = slots[0];
  slots[0] = slots[2];
  slots[2] = first;
  for (guint i = 0; i < n_files; i++)
    components->of_file[i] = 2 - FILES[i].component;
  g_autoptr (VarvePlan) other = varve_atoms_new (inventory, components, &options);
  g_assert_cmpuint (plan->atoms->len, ==, other->atoms->len);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      const VarveAtom *a = varve_plan_atom (plan, i), *b = varve_plan_atom (other, i);
      g_assert_cmpstr (a->name, ==, b->name);
      g_assert_cmpuint (a->probability, ==, b->probability);
      g_assert_true (varve_digest_table_equal (&a->digest, &b->digest));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/atoms/by-component", test_by_component);
  g_test_add_func ("/atoms/shared-objects", test_shared_objects);
  g_test_add_func ("/atoms/size", test_size);
  g_test_add_func ("/atoms/digest", test_digest);
  g_test_add_func ("/atoms/empty-tree", test_empty_tree);
  g_test_add_func ("/atoms/every-object-once", test_every_object_once);
  g_test_add_func ("/atoms/components-in-any-order", test_components_in_any_order);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A tree told as a table, with who owns what; for one test program each. */

#include <string.h>

#include "chunker/atoms.h"
#include "tests/unit/fake-source.h"

typedef struct {
  const char *path, *content; /* files of one content are one object */
  guint64 size_bytes;
  const char *component;
} SmallFile;

typedef struct {
  FakeSource *fake;
  VarveInventory *inventory;
  VarveComponents *components;
} SmallTree;

#define MIB ((guint64)1 << 20)

static void
small_tree_free (SmallTree *tree)
{
  varve_components_free (tree->components);
  varve_inventory_free (tree->inventory);
  fake_source_free (tree->fake);
  g_free (tree);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SmallTree, small_tree_free)

static VarveComponentKind
small_tree_kind (const char *component)
{
  if (strcmp (component, "kernel") == 0)
    return VARVE_COMPONENT_KERNEL;
  if (strcmp (component, "mine") == 0)
    return VARVE_COMPONENT_EXCLUSIVE;
  return g_str_has_prefix (component, "unowned:") ? VARVE_COMPONENT_UNOWNED : VARVE_COMPONENT_PACKAGE;
}

static guint32
small_tree_component (VarveComponents *components, const char *name)
{
  for (guint32 i = 0; i < components->components->len; i++)
    if (strcmp (varve_components_get (components, i)->name, name) == 0)
      return i;
  return varve_components_add (components, name, small_tree_kind (name));
}

static SmallTree *
small_tree_new (const SmallFile *files, guint n_files)
{
  SmallTree *tree = g_new0 (SmallTree, 1);
  tree->fake = fake_source_new ();
  for (guint i = 0; i < n_files; i++)
    {
      fake_source_add_text (tree->fake, files[i].path, files[i].content);
      fake_source_set_size (tree->fake, files[i].path, files[i].size_bytes);
    }
  tree->inventory = fake_source_inventory (tree->fake);
  tree->components = varve_components_new (tree->inventory->n_files);
  for (guint i = 0; i < n_files; i++)
    tree->components->of_file[varve_inventory_find_file (tree->inventory, files[i].path)]
        = small_tree_component (tree->components, files[i].component);
  return tree;
}

/* The atoms with these parts, which may be NULL. */
static VarvePlan *
small_tree_plan (const SmallTree *tree, const VarveParts *parts)
{
  VarveAtomsOptions options = VARVE_ATOMS_OPTIONS_INIT;
  options.parts = parts;
  return varve_atoms_new (tree->inventory, tree->components, &options);
}

/* "name name…" of atoms, in their order. */
static char *
small_tree_names (const GPtrArray *atoms)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < atoms->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", ((const VarveAtom *)atoms->pdata[i])->name);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

#define assert_names(atoms, expected)                                                                                  \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *names = small_tree_names (atoms);                                                                 \
    g_assert_cmpstr (names, ==, expected);                                                                             \
  }                                                                                                                    \
  G_STMT_END

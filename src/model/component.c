/* SPDX-License-Identifier: Apache-2.0 */
#include "model/component.h"

const char *
varve_component_kind_to_string (VarveComponentKind kind)
{
  static const char *const NAMES[]
      = { "package", "exclusive", "kernel", "initramfs", "uki", "package-database", "generated", "unowned" };
  return NAMES[kind];
}

static void
component_free (gpointer data)
{
  VarveComponent *component = data;
  g_free (component->name);
  g_array_unref (component->change_times);
  g_free (component);
}

VarveComponents *
varve_components_new (guint32 n_files)
{
  VarveComponents *components = g_new0 (VarveComponents, 1);
  components->components = g_ptr_array_new_with_free_func (component_free);
  components->of_file = g_new (guint32, n_files);
  components->n_files = n_files;
  for (guint32 i = 0; i < n_files; i++)
    components->of_file[i] = G_MAXUINT32;
  components->built_of_file = g_new0 (gint64, n_files);
  return components;
}

void
varve_components_free (VarveComponents *components)
{
  g_ptr_array_unref (components->components);
  g_free (components->of_file);
  g_free (components->built_of_file);
  g_clear_pointer (&components->packages, varve_package_list_free);
  g_free (components);
}

guint32
varve_components_add (VarveComponents *components, const char *name, VarveComponentKind kind)
{
  VarveComponent *component = g_new0 (VarveComponent, 1);
  component->name = g_strdup (name);
  component->kind = kind;
  component->change_times = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_ptr_array_add (components->components, component);
  return components->components->len - 1;
}

VarveComponent *
varve_components_get (const VarveComponents *components, guint32 index)
{
  return g_ptr_array_index (components->components, index);
}

void
varve_component_add_change (VarveComponent *component, gint64 time)
{
  if (time < 1)
    return;
  GArray *times = component->change_times;
  guint position = times->len;
  while (position > 0 && g_array_index (times, gint64, position - 1) > time)
    position--;
  if (position > 0 && g_array_index (times, gint64, position - 1) == time)
    return;
  g_array_insert_val (times, position, time);
}

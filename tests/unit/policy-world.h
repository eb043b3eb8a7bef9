/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bench/policy.h"

/* Small releases made by hand, and what a policy makes of them. */
typedef struct {
  const char *name;
  guint64 size_bytes;
  guint32 entries;
} VarveWorldPackage;

/* Lays out a release of these packages, of initramfs and unowned content of 5000 and 4000 bytes where asked for, and
 * returns the groups as text: names within a layer in order, layers in order of their first: "a,b c". Every package is
 * its own source. */
typedef enum { VARVE_WORLD_PLAIN, VARVE_WORLD_WITH_SPECIALS } VarveWorldKind;

static inline char *
world_step (const VarvePolicy *policy, gpointer state, const VarveWorldPackage *world, guint n, VarveWorldKind kind)
{
  g_autofree VarveReleasePackage *packages = g_new0 (VarveReleasePackage, n + 2);
  g_autofree guint32 *layers = g_new0 (guint32, n + 2);
  g_autofree guint64 *blobs = g_new0 (guint64, n + 2), *stale_bytes = g_new0 (guint64, n + 2);
  for (guint i = 0; i < n; i++)
    packages[i] = (VarveReleasePackage){
      .name = world[i].name,
      .source = world[i].name,
      .version = "1",
      .build = i,
      .changelog_entries = world[i].entries,
      .size_bytes = world[i].size_bytes,
    };
  if (kind == VARVE_WORLD_WITH_SPECIALS)
    {
      packages[n] = (VarveReleasePackage){ .name = "initramfs",
                                           .source = "initramfs",
                                           .version = "1",
                                           .build = n,
                                           .changelog_entries = VARVE_COMPONENTS_TABLE_UNKNOWN,
                                           .size_bytes = 5000,
                                           .kind = VARVE_COMPONENT_INITRAMFS };
      n++;
      packages[n] = (VarveReleasePackage){ .name = "unowned",
                                           .source = "unowned",
                                           .version = "1",
                                           .build = n,
                                           .changelog_entries = VARVE_COMPONENTS_TABLE_UNKNOWN,
                                           .size_bytes = 4000,
                                           .kind = VARVE_COMPONENT_UNOWNED };
      n++;
    }
  VarveRelease release = { .name = "1", .packages = packages, .n_packages = n };
  VarvePolicyLayout layout = { .layers = layers, .blobs = blobs, .stale_bytes = stale_bytes };
  policy->step (state, &release, &layout);
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    {
      gboolean is_first = TRUE;
      for (guint j = 0; j < i; j++)
        is_first &= layers[j] != layers[i];
      if (!is_first)
        continue;
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", packages[i].name);
      for (guint j = i + 1; j < n; j++)
        if (layers[j] == layers[i])
          g_string_append_printf (text, ",%s", packages[j].name);
    }
  return g_string_free (text, FALSE);
}

static inline void
assert_world (const VarvePolicy *policy, guint32 max_layers, const VarveWorldPackage *world, guint n,
              VarveWorldKind kind, const char *expected)
{
  gpointer state = policy->create (&(VarvePolicyOptions){ .max_layers = max_layers });
  g_autofree char *found = world_step (policy, state, world, n, kind);
  policy->destroy (state);
  g_assert_cmpstr (found, ==, expected);
}

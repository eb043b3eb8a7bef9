/* SPDX-License-Identifier: Apache-2.0 */
#include "model/skipped-entries.h"

#include "base/error.h"

static const char *const NAMES[VARVE_SKIPPED_KINDS] = {
  [VARVE_SKIPPED_RUNTIME] = "entries below run, tmp, dev, proc and sys",
  [VARVE_SKIPPED_SPECIAL] = "devices, sockets and fifos",
  [VARVE_SKIPPED_MOUNT] = "mounts of other file systems",
  [VARVE_SKIPPED_REPO] = "entries below sysroot",
  [VARVE_SKIPPED_DISK] = "lost+found",
  [VARVE_SKIPPED_XATTRS] = "attributes of this machine, such as SELinux labels",
  [VARVE_SKIPPED_EMPTY] = "attributes with an empty value, which OSTree does not store",
  [VARVE_SKIPPED_PRUNED] = "what --prune names",
};

static const char *const KEYS[VARVE_SKIPPED_KINDS] = {
  [VARVE_SKIPPED_RUNTIME] = "runtime",        [VARVE_SKIPPED_SPECIAL] = "special",
  [VARVE_SKIPPED_MOUNT] = "mounts",           [VARVE_SKIPPED_REPO] = "sysroot",
  [VARVE_SKIPPED_DISK] = "lost+found",        [VARVE_SKIPPED_XATTRS] = "attributes",
  [VARVE_SKIPPED_EMPTY] = "empty-attributes", [VARVE_SKIPPED_PRUNED] = "pruned",
};

const char *
varve_skipped_kind_to_string (VarveSkippedKind kind)
{
  return KEYS[kind];
}

void
varve_skipped_add (VarveSkipped *skipped, VarveSkippedKind kind, const char *path)
{
  GPtrArray **paths = &skipped->kinds[kind].paths;
  if (*paths == NULL)
    *paths = g_ptr_array_new_with_free_func (g_free);
  if ((*paths)->len < VARVE_SKIPPED_PATHS_MAX)
    g_ptr_array_add (*paths, g_strdup (path));
  skipped->kinds[kind].count++;
}

void
varve_skipped_report (const VarveSkipped *skipped, VarveObserver *observer)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < VARVE_SKIPPED_KINDS; i++)
    {
      if (skipped->kinds[i].count == 0)
        continue;
      g_autofree char *escaped = varve_escape (skipped->kinds[i].paths->pdata[0]);
      g_string_append_printf (text, "%s%s (%" G_GUINT64_FORMAT ", first '/%s')", text->len > 0 ? "; " : "", NAMES[i],
                              skipped->kinds[i].count, escaped);
    }
  if (text->len > 0)
    varve_observer_warn (observer, "skipped: %s", text->str);
}

void
varve_skipped_clear (VarveSkipped *skipped)
{
  for (guint i = 0; i < VARVE_SKIPPED_KINDS; i++)
    g_clear_pointer (&skipped->kinds[i].paths, g_ptr_array_unref);
  *skipped = (VarveSkipped){ 0 };
}

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
};

void
varve_skipped_add (VarveSkipped *skipped, VarveSkippedKind kind, const char *path, guint64 n)
{
  if (skipped->kinds[kind].count == 0 && n > 0)
    skipped->kinds[kind].first = g_strdup (path);
  skipped->kinds[kind].count += n;
}

void
varve_skipped_report (const VarveSkipped *skipped, VarveObserver *observer)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < VARVE_SKIPPED_KINDS; i++)
    {
      if (skipped->kinds[i].count == 0)
        continue;
      g_autofree char *escaped = varve_escape (skipped->kinds[i].first);
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
    g_clear_pointer (&skipped->kinds[i].first, g_free);
  *skipped = (VarveSkipped){ 0 };
}

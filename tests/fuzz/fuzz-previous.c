/* SPDX-License-Identifier: Apache-2.0 */
/* A saved manifest, as --previous takes it. */
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "chunker/ledger-codec.h"
#include "compose/previous.h"

static void
look_at (const VarvePrevious *previous)
{
  for (guint i = 0; i < previous->manifest->layers->len; i++)
    {
      const char *key = varve_previous_key (previous, i);
      guint32 found = key != NULL ? varve_previous_find (previous, key) : VARVE_NO_LAYER;
      g_assert (found == VARVE_NO_LAYER || g_strcmp0 (varve_previous_key (previous, found), key) == 0);
    }
  for (guint32 i = 0; i < previous->ledger->entries->len; i++)
    {
      guint32 layer = varve_ledger_entry (previous->ledger, i)->layer;
      g_assert (layer == VARVE_NO_LAYER || layer + 1 < previous->manifest->layers->len);
    }
  g_bytes_unref (varve_ledger_to_bytes (previous->ledger));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd = memfd_create ("manifest", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_assert (fd >= 0 && write (fd, data, size) == (ssize_t)size);
  char *names[] = { path, path, NULL };
  VarvePreviousOptions options = { .names = names, .architecture = "amd64" };
  g_autoptr (VarvePrevious) previous = NULL;
  if (varve_previous_open (&options, NULL, &previous, NULL))
    look_at (previous);
  close (fd);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/arena.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/error.h"

enum { HUGE_PAGE_BYTES = 2 << 20 };

struct _VarveArena {
  guint8 *memory;
  gsize size_bytes;
};

VarveArena *
varve_arena_new (void)
{
  return g_new0 (VarveArena, 1);
}

static void
arena_release (VarveArena *arena)
{
  if (arena->memory != NULL)
    munmap (arena->memory, arena->size_bytes);
  *arena = (VarveArena){ 0 };
}

void
varve_arena_free (VarveArena *arena)
{
  arena_release (arena);
  g_free (arena);
}

guint8 *
varve_arena_reserve (VarveArena *arena, gsize size_bytes, GError **error)
{
  if (size_bytes <= arena->size_bytes)
    return arena->memory;
  arena_release (arena);
  gsize rounded = (size_bytes / HUGE_PAGE_BYTES + 1) * HUGE_PAGE_BYTES;
  void *memory = mmap (NULL, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    {
      varve_set_errno (error, errno, "getting %" G_GSIZE_FORMAT " bytes of memory", rounded);
      return NULL;
    }
  madvise (memory, rounded, MADV_HUGEPAGE);
  *arena = (VarveArena){ .memory = memory, .size_bytes = rounded };
  return arena->memory;
}

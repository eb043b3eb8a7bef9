/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Memory for large buffers that are needed one after another. The memory of one is kept for the next, and the kernel is
 * asked for huge pages, which saves page faults and TLB misses. Not thread-safe. */
typedef struct _VarveArena VarveArena;

VarveArena *varve_arena_new (void);
void varve_arena_free (VarveArena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveArena, varve_arena_free)

/* At least @size_bytes of memory, whose content is undefined. What was returned before is no longer valid. NULL with
 * @error when the system has no memory. */
guint8 *varve_arena_reserve (VarveArena *arena, gsize size_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

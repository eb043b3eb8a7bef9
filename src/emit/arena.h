#pragma once

#include <glib.h>

/* Memory for large buffers that are needed one after another: what was asked for once is kept, and the system is asked
 * to back it with huge pages, so that neither faults nor misses of the TLB are paid for again and again. Not
 * thread-safe. */
typedef struct _VarveArena VarveArena;

VarveArena *varve_arena_new (void);
void varve_arena_free (VarveArena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveArena, varve_arena_free)

/* At least @size_bytes of memory, whose content is undefined. What was returned before is no longer valid. */
guint8 *varve_arena_reserve (VarveArena *arena, gsize size_bytes);

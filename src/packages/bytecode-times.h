/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "model/inventory.h"
#include "model/source.h"

/* Python compares the time of a module with the one in the header of its bytecode (model/pyc-header.h). */

typedef struct {
  VarveInventory *inventory;
  VarveSource *source;
  guint jobs;
  VarveObserver *observer; /* hears of bytecode that stays stale; may be NULL */
} VarveBytecodeTimes;

/* Gives each module the time in its bytecode, and binds it to that: it then replaces any other time. Of several times
 * the newest counts. Hard links must be set where the tree has them; those of a commit are made after this.
 *
 * Bytecode of another time, or of a source of another size, stays stale and is a warning. An object that cannot be read
 * is an error. */
gboolean varve_bytecode_times_set (const VarveBytecodeTimes *self, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

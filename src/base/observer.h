/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What a long operation reports while it runs: its phase, its progress, and warnings. Nothing below the CLI prints; the
 * CLI reads this from its own thread. All calls are thread-safe, and a NULL observer discards everything. */
typedef struct _VarveObserver VarveObserver;

VarveObserver *varve_observer_new (void);
void varve_observer_free (VarveObserver *observer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveObserver, varve_observer_free)

/* Starts a phase with @total_bytes of work, 0 if unknown. @phase must be a literal. */
void varve_observer_begin (VarveObserver *observer, const char *phase, guint64 total_bytes);
/* Adds to the work done in this phase. */
void varve_observer_advance (VarveObserver *observer, guint64 done_bytes);
/* Something the user should know that does not end the operation. */
void varve_observer_warn (VarveObserver *observer, const char *format, ...) G_GNUC_PRINTF (2, 3);

typedef struct {
  const char *phase; /* NULL before the first */
  guint64 done_bytes, total_bytes;
} VarveProgress;

VarveProgress varve_observer_progress (VarveObserver *observer);
/* Removes the oldest warning and returns it, or NULL; the caller owns it. */
char *varve_observer_take_warning (VarveObserver *observer);

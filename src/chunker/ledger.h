#pragma once

#include <glib.h>

#include "model/plan.h"

/* The memory that an image carries: for each atom, in which of the last steps from build to build it changed, where it
 * is, and what it takes. Also of subtrees that are only watched, so that they can become atoms of their own
 * (chunker/watched-dirs.h). */

typedef struct {
  char *component;
  char *subtree;       /* of a part or a watched subtree; NULL for the component, or what its parts leave */
  guint64 digest;      /* the first 8 bytes of its digest in the newest build, as a big-endian number */
  guint64 raw_bytes;   /* of a layer's tar */
  guint64 size_bytes;  /* of a layer's blob: its share of what was measured, else an estimate */
  guint32 layer;       /* of the newest build, the commit layer not counted; VARVE_NO_LAYER where it is only watched */
  guint32 probability; /* of changing before the next build, of VARVE_PROBABILITY_ONE, as the newest build took it to
                          be; VARVE_LEDGER_NO_PROBABILITY where it is only watched, or that build is of a varve that did
                          not say */
  guint32 n_steps;     /* so many of the newest steps it has been there */
  VarveEvents changed; /* the steps in which it changed */
} VarveLedgerEntry;

#define VARVE_LEDGER_NO_PROBABILITY G_MAXUINT32

/* So many builds are remembered, 127 steps between them. */
#define VARVE_LEDGER_BUILDS_MAX 128u
/* Of a component or subtree. */
#define VARVE_LEDGER_NAME_MAX_BYTES 4096u

typedef struct {
  GArray *times;      /* gint64, seconds since 1970: of the commits that were built, the newest first */
  GPtrArray *entries; /* VarveLedgerEntry, owned, ascending by component, then subtree; no two the same */
} VarveLedger;

VarveLedger *varve_ledger_new (void);
void varve_ledger_free (VarveLedger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveLedger, varve_ledger_free)

/* Days between two builds, as most of them are; 0 where there are fewer than three. */
guint32 varve_ledger_period_days (const VarveLedger *ledger);
/* Steps that are remembered. */
guint32 varve_ledger_n_steps (const VarveLedger *ledger);
/* The steps in which more than half of the components changed that were there, as long as those are few among all
 * steps; a ledger of a handful of components has none. They cost the same however layers are made, and say nothing of
 * what changes at other times. */
VarveEvents varve_ledger_rebases (const VarveLedger *ledger);
/* What an entry remembers as if @rebases had not been: in which steps it changed, and in @out_n_steps for how many it
 * has been there. */
VarveEvents varve_ledger_entry_without (const VarveLedgerEntry *entry, VarveEvents rebases, guint32 *out_n_steps);
/* Adds an entry at the end, to be filled; varve_ledger_sort() puts it in its place. */
VarveLedgerEntry *varve_ledger_add (VarveLedger *ledger, const char *component, const char *subtree);
void varve_ledger_sort (VarveLedger *ledger);
VarveLedgerEntry *varve_ledger_entry (const VarveLedger *ledger, guint32 index);
/* NULL when there is none. */
VarveLedgerEntry *varve_ledger_find (const VarveLedger *ledger, const char *component, const char *subtree);
guint64 varve_ledger_digest (const VarveDigest *digest);

/* The ledger of a build that makes @plan of a commit of that time: one step after @before, which may be NULL. A part
 * that @before does not know has the past of its component. What is not in the plan is forgotten. */
VarveLedger *varve_ledger_advance (const VarveLedger *before, const VarvePlan *plan, gint64 time);
/* The same for a commit that was built already: no step is added. */
VarveLedger *varve_ledger_repeat (const VarveLedger *before, const VarvePlan *plan);
/* Continues the past of @ledger with that of @older, as far as that is older; entries that @ledger does not have are
 * not added. */
void varve_ledger_append_older (VarveLedger *ledger, const VarveLedger *older);
/* Notes in which layer of the plan each atom is, and how likely it is to change; a commit that was built already keeps
 * what was noted then, so that the same comes out. */
void varve_ledger_place (VarveLedger *ledger, const VarvePlan *plan);
/* Spreads the size of a layer's blob over its atoms, in proportion to what was expected. */
void varve_ledger_measure (VarveLedger *ledger, const VarvePlan *plan, const VarvePlanLayer *layer, guint64 size_bytes);
/* Forgets the oldest builds until only so many are left. */
void varve_ledger_truncate (VarveLedger *ledger, guint32 n_builds);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "model/layer-entries.h"
#include "model/plan.h"

/* The history that an image has of itself: for each atom, in which of the last steps from build to build it changed,
 * its layer and its size. The same for subtrees that are only watched, so that they can become atoms of their own
 * (chunker/watched-dirs.h). */

/* A run of objects in one layer. */
typedef struct {
  guint32 layer;
  guint32 n_objects; /* 0: unknown; then it is so in all runs of the entry */
} VarveLedgerRun;

typedef struct {
  char *component;
  char *subtree;     /* of a part or a watched subtree; NULL for the component, or for its files outside of its parts */
  guint64 digest;    /* the first 8 bytes of its digest in the newest build, as a big-endian number */
  guint64 raw_bytes; /* of a layer's tar */
  guint64 size_bytes;  /* of a layer's blob: its share of the measured size, else an estimate */
  guint32 layer;       /* of the newest build, the commit layer not counted; VARVE_NO_LAYER if only watched. The one
                          with the most of its objects, if they are in several */
  guint32 probability; /* of a change before the next build, of VARVE_PROBABILITY_ONE, as estimated by the newest
                          build; VARVE_LEDGER_NO_PROBABILITY if only watched, or from a varve without this field */
  guint32 n_steps;     /* it has existed for this number of the newest steps */
  VarveEvents changed; /* the steps in which it changed */
  GArray *runs;        /* VarveLedgerRun: the layers of its objects, in their order; NULL: all are in `layer` */
} VarveLedgerEntry;

#define VARVE_LEDGER_NO_PROBABILITY G_MAXUINT32
/* Where the objects of an entry change from layer to layer more often, the ledger has only the layers. */
#define VARVE_LEDGER_RUNS_MAX 1024u
/* Of all stale objects: each counts once for each path, at least once. With more the ledger has none. */
#define VARVE_LEDGER_STALE_PATHS_MAX 65536u
#define VARVE_LEDGER_STALE_PATHS_MAX_BYTES (4u << 20)

/* Builds in a ledger, with 127 steps between them. */
#define VARVE_LEDGER_BUILDS_MAX 128u
/* Of a component or subtree. */
#define VARVE_LEDGER_NAME_MAX_BYTES 4096u

/* Of a layer of the newest build. */
typedef struct {
  GPtrArray *stale;    /* VarveStaleObject, owned; NULL: unknown, so that the layer must be read */
  gboolean has_key;    /* its content key does not describe what is live in it; the next one does */
  VarveDigest key;     /* the content key of its live objects */
  guint64 stale_bytes; /* not in the ledger's bytes */
} VarveLedgerLayer;

typedef struct {
  GArray *times;      /* gint64, seconds since 1970: of the built commits, the newest first */
  GPtrArray *entries; /* VarveLedgerEntry, owned, ascending by component, then subtree; no two the same */
  GPtrArray *layers;  /* VarveLedgerLayer, owned; may have fewer than the image */
} VarveLedger;

VarveLedger *varve_ledger_new (void);
void varve_ledger_free (VarveLedger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveLedger, varve_ledger_free)

/* The median of the days between two builds; 0 for fewer than three builds. */
guint32 varve_ledger_period_days (const VarveLedger *ledger);
/* The number of steps between the builds. */
guint32 varve_ledger_n_steps (const VarveLedger *ledger);
/* The steps in which more than half of the existing components changed, if such steps are rare; a ledger of a few
 * components has none. Rebases cost the same for any layers and do not show what changes at other times. */
VarveEvents varve_ledger_rebases (const VarveLedger *ledger);
/* The changes of an entry without the steps of @rebases; in @out_n_steps the number of steps that are left. */
VarveEvents varve_ledger_entry_without (const VarveLedgerEntry *entry, VarveEvents rebases, guint32 *out_n_steps);
/* NULL where the ledger has none: then nothing in that layer is stale. */
VarveLedgerLayer *varve_ledger_layer (const VarveLedger *ledger, guint32 index);
/* A ledger refers to layers by number. CORRUPT where an image of @n_layers, with its first, lacks one of them: it is
 * the ledger of another image. */
gboolean varve_ledger_check_layers (const VarveLedger *ledger, guint32 n_layers, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Adds a layer of which nothing is stale. */
VarveLedgerLayer *varve_ledger_add_layer (VarveLedger *ledger);
/* Forgets which objects are where, so that its layers must be read. FALSE when there is nothing to forget. */
gboolean varve_ledger_forget_objects (VarveLedger *ledger);
/* Adds an entry at the end, to be filled; varve_ledger_sort() sorts it in. */
VarveLedgerEntry *varve_ledger_add (VarveLedger *ledger, const char *component, const char *subtree);
void varve_ledger_sort (VarveLedger *ledger);
VarveLedgerEntry *varve_ledger_entry (const VarveLedger *ledger, guint32 index);
/* NULL when there is none. */
VarveLedgerEntry *varve_ledger_find (const VarveLedger *ledger, const char *component, const char *subtree);
guint64 varve_ledger_digest (const VarveDigest *digest);

/* The bytes of a tar of all that the newest build has; 0 for an image without a ledger. */
guint64 varve_ledger_raw_bytes (const VarveLedger *ledger);

/* Whether any of its objects is in that layer. */
gboolean varve_ledger_entry_is_in (const VarveLedgerEntry *entry, guint32 layer);
/* The layers of its objects, each once, ascending: VarveLedgerRun with the number of objects in it, or 0 where that is
 * not known. Empty if only watched. The caller owns the array. */
GArray *varve_ledger_entry_layers (const VarveLedgerEntry *entry);
/* The layer of its object with that index; VARVE_NO_LAYER where the ledger does not say. */
guint32 varve_ledger_entry_layer_of (const VarveLedgerEntry *entry, guint32 object);

/* The ledger of a build that makes @plan of a commit of that time: one step after @before, which may be NULL. A part
 * without an entry in @before gets the past of its component. Entries that are not in the plan are dropped. */
VarveLedger *varve_ledger_advance (const VarveLedger *before, const VarvePlan *plan, gint64 time);
/* The same for a commit that was built already, without a new step. */
VarveLedger *varve_ledger_repeat (const VarveLedger *before, const VarvePlan *plan);
/* Appends the builds of @older that are older than @ledger. Entries that only @older has are not added. */
void varve_ledger_append_older (VarveLedger *ledger, const VarveLedger *older);
/* Records the layers of each atom in the plan and its probability of change, and what is stale in each layer, without
 * keys. A commit that was built already keeps the
 * recorded probability, so that building it again gives the same bytes. */
void varve_ledger_place (VarveLedger *ledger, const VarvePlan *plan);
/* Distributes the size of a layer's blob over its atoms, in proportion to their expected sizes. */
void varve_ledger_measure (VarveLedger *ledger, const VarvePlan *plan, const VarvePlanLayer *layer, guint64 size_bytes);
/* Drops the oldest builds beyond @n_builds. */
void varve_ledger_truncate (VarveLedger *ledger, guint32 n_builds);

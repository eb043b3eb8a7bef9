#pragma once

#include <glib.h>

#include "chunker/ledger.h"
#include "model/component.h"
#include "model/inventory.h"
#include "model/plan.h"

/* Into which parts components are split: what lies below certain directories is an atom of its own, what is left of the
 * component another. */
typedef struct {
  GHashTable *subtrees; /* component -> GPtrArray of owned strings, the longest first */
} VarveParts;

VarveParts *varve_parts_new (void);
void varve_parts_free (VarveParts *parts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveParts, varve_parts_free)

/* FALSE when it is there already. */
gboolean varve_parts_add (VarveParts *parts, const char *component, const char *subtree);
/* The innermost part of this component that the path lies in, or NULL. */
const char *varve_parts_find (const VarveParts *parts, const char *component, const char *path);

/* Those that the layers of an image are made of: once split, a component stays so. */
void varve_parts_add_former (VarveParts *parts, const VarveLedger *former);

/* Finds what should be split from here on and adds it; returns how many. @ledger is that of the build of this plan, so
 * it knows what is watched (chunker/watched-dirs.h). Only components whose layer is new anyway are split: a former
 * image's ledger is @former, or NULL.
 *
 * Firmware is split by vendor: each directory below usr/lib/firmware that holds at least 1 MiB of a component. Of other
 * components what is watched is split off once it was quiet in at least three of four steps in which the component
 * changed, two at least. */
guint varve_parts_find_new (VarveParts *parts, const VarvePlan *plan, const VarveInventory *inventory,
                            const VarveLedger *ledger, const VarveLedger *former);

#define VARVE_PART_MIN_BYTES (1u << 20)

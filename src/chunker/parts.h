/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "chunker/ledger.h"
#include "model/component.h"
#include "model/inventory.h"
#include "model/plan.h"

/* The parts into which components are split: the files below certain directories are an atom each, the component's
 * other files another one. */
typedef struct {
  GHashTable *subtrees; /* component -> GPtrArray of owned strings, the longest first */
} VarveParts;

VarveParts *varve_parts_new (void);
void varve_parts_free (VarveParts *parts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveParts, varve_parts_free)

/* FALSE when the part exists already. */
gboolean varve_parts_add (VarveParts *parts, const char *component, const char *subtree);
/* The innermost part of this component that has the path, or NULL. */
const char *varve_parts_find (const VarveParts *parts, const char *component, const char *path);

/* Adds the parts in the layers of an image: once split, a component stays split. */
void varve_parts_add_former (VarveParts *parts, const VarveLedger *former);

/* Adds new parts and returns their number. @ledger is that of the build of this plan, so it has the watched subtrees
 * (chunker/watched-dirs.h). Only components whose layer is new in any case are split; @former is the ledger of the
 * previous image, or NULL.
 *
 * Firmware is split by vendor: each directory below usr/lib/firmware with at least 1 MiB of a component. Of other
 * components a watched subtree is split off once it was quiet in at least three of four steps in which the component
 * changed, with at least two such steps. */
guint varve_parts_find_new (VarveParts *parts, const VarvePlan *plan, const VarveInventory *inventory,
                            const VarveLedger *ledger, const VarveLedger *former);

#define VARVE_PART_MIN_BYTES (1u << 20)

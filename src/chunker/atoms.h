/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "chunker/churn.h"
#include "chunker/parts.h"
#include "model/component.h"
#include "model/inventory.h"
#include "model/plan.h"

typedef struct {
  gint64 now; /* the commit's time, seconds since 1970 */
  VarveChurnOptions churn;
  const VarveParts *parts; /* NULL: no component is split */
} VarveAtomsOptions;

#define VARVE_ATOMS_OPTIONS_INIT { .churn = VARVE_CHURN_OPTIONS_INIT }

/* The atom of small objects with paths in several components: an empty file, a licence. Their paths change whenever one
 * of those components gains or loses such a file. On a Debian server all of them together are some 15 kB of a layer; in
 * the layers of packages they caused a seventh of all changes. */
#define VARVE_ATOM_SHARED "shared:/"
#define VARVE_ATOM_SHARED_MAX_BYTES (64u << 10)

/* A plan without layers: an atom for each component, or part of a component, with at least one object, sorted by name.
 * Each object is in exactly one atom. If the paths of a larger object belong to several components, packages and
 * unowned components go before those that every build derives anew, then the first name counts; the choice does not
 * depend on how often they change, so the object stays in its atom. Every file must have a component, and component
 * names must be unique. options->churn.pooled is ignored.
 *
 * An atom's raw_bytes are contents, headers and links, in whole blocks of a tar; inexact for many extended attributes.
 * Its size_bytes are estimated from file names: compressed files keep their size, others shrink to a quarter. */
VarvePlan *varve_atoms_new (const VarveInventory *inventory, const VarveComponents *components,
                            const VarveAtomsOptions *options);

/* Adds a layer of these objects to the plan: of each atom that has any, it gets the share of the expected bytes that
 * its objects have of the atom's. @atom_of: varve_plan_atom_of_objects(). Takes @objects, which ascend. */
VarvePlanLayer *varve_atoms_add_part (VarvePlan *plan, const VarveInventory *inventory, const guint32 *atom_of,
                                      GArray *objects);
/* The same for one atom and some of its objects. */
guint64 varve_atoms_share (const VarveAtom *atom, const VarveInventory *inventory, const guint32 *objects,
                           guint32 n_objects);

#pragma once

#include <glib.h>

#include "chunker/churn.h"
#include "model/component.h"
#include "model/inventory.h"
#include "model/plan.h"

typedef struct {
  gint64 now; /* the commit's time, seconds since 1970 */
  VarveChurnOptions churn;
} VarveAtomsOptions;

#define VARVE_ATOMS_OPTIONS_INIT { .churn = VARVE_CHURN_OPTIONS_INIT }

/* A plan without layers: an atom for each component that holds at least one object, by name. Each object is in exactly
 * one atom; where its paths belong to several components, in that of the one least likely to change, then of the first
 * name. Every file must have a component, and component names must be unique. options->churn.pooled is not looked at.
 *
 * An atom's size_bytes is what it adds to an uncompressed layer: contents, headers, links, in whole blocks of a tar;
 * not exact where extended attributes are many. Its digest is SHA-256 over "varve-atom-1\0", then for each object, by
 * first path: its checksum, the number of its paths as 4 bytes little-endian, its paths in walk order, each ended by a
 * NUL. */
VarvePlan *varve_atoms_new (const VarveInventory *inventory, const VarveComponents *components,
                            const VarveAtomsOptions *options);

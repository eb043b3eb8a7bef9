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
  const VarveParts *parts; /* NULL: every component is whole */
} VarveAtomsOptions;

#define VARVE_ATOMS_OPTIONS_INIT { .churn = VARVE_CHURN_OPTIONS_INIT }

/* Where files of several components are one object, and it is small, it belongs to none of them but to this atom: an
 * empty file, a licence. Its paths change whenever one of those components gains or loses such a file; on a Debian
 * server all of them together are some 15 kB of a layer, while in layers of packages they made a seventh of all
 * changes. */
#define VARVE_ATOM_SHARED "shared:/"
#define VARVE_ATOM_SHARED_MAX_BYTES (64u << 10)

/* A plan without layers: an atom for each component, or part of one, that holds at least one object, by name. Each
 * object is in exactly one atom. Where the paths of a larger one belong to several components, that does not depend on
 * how often those change, so that it stays where it is: packages and what nobody owns go before what is made anew with
 * every build, then the first name counts. Every file must have a component, and component names must be unique.
 * options->churn.pooled is not looked at.
 *
 * An atom's raw_bytes are contents, headers, links, in whole blocks of a tar; not exact where extended attributes are
 * many. Its size_bytes are a guess by the names of files: what is compressed already stays as it is, all else shrinks
 * to a quarter. */
VarvePlan *varve_atoms_new (const VarveInventory *inventory, const VarveComponents *components,
                            const VarveAtomsOptions *options);

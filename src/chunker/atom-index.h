/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/plan.h"

/* Finds the atoms of a plan for the entries of a ledger. */
typedef struct {
  /* private */
  GHashTable *by_key, *by_name; /* index + 1 */
} VarveAtomIndex;

void varve_atom_index_init (VarveAtomIndex *self, const VarvePlan *plan);
void varve_atom_index_clear (VarveAtomIndex *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveAtomIndex, varve_atom_index_clear)

/* The index of the atom, or VARVE_NO_ATOM. With @knows_names_only, a @component without @subtree may also be the whole
 * name of an atom: in a manifest without a ledger, "a:b" is a component or a part. */
#define VARVE_NO_ATOM G_MAXUINT32
guint32 varve_atom_index_find (const VarveAtomIndex *self, const char *component, const char *subtree,
                               gboolean knows_names_only);

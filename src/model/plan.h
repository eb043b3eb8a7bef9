/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/digest.h"
#include "model/component.h"
#include "model/events.h"
#include "model/layer-entries.h"

/* Probabilities are fixed-point numbers, so that plans are the same on every machine. */
#define VARVE_PROBABILITY_ONE 65536u

/* The unit that the packer moves: a component, or the part of one below a directory. */
typedef struct {
  char *name; /* stable from build to build; unique in the plan: the component's, or "COMPONENT:SUBTREE" */
  char *component;
  char *subtree; /* the directory of a part, as in the commit; NULL for a component or the rest of one */
  VarveComponentKind kind;
  VarveDigest digest;  /* over its objects and their paths: the same if nothing changed */
  guint64 raw_bytes;   /* in the tar of a layer */
  guint64 size_bytes;  /* expected, in a layer's blob */
  guint32 probability; /* of a change before the next build, of VARVE_PROBABILITY_ONE */
  VarveEvents changed; /* the steps of the plan in which it is known to have changed */
  guint32 n_steps;     /* number of newest steps in which it existed */
  guint32 *objects;    /* indices into the inventory, ascending */
  guint32 n_objects;
} VarveAtom;

#define VARVE_NO_LAYER G_MAXUINT32

typedef struct {
  guint32 *atoms; /* indices into the plan's atoms, ascending by name */
  guint32 n_atoms;
  guint64 *shares;     /* the expected bytes of each atom in this layer; NULL: each atom is whole */
  GArray *objects;     /* guint32: what it has of its atoms, ascending; NULL: all of their objects */
  guint64 size_bytes;  /* sum over its atoms */
  guint32 probability; /* that any of its atoms changes, of VARVE_PROBABILITY_ONE */
  guint32 previous;    /* the same layer in the previous image, or VARVE_NO_LAYER for a new one */
  GPtrArray *stale;    /* VarveStaleObject, owned: what a kept layer also has; NULL: unknown, or nothing */
  guint64 stale_bytes; /* of these */
  gboolean is_pinned;  /* must be kept */
} VarvePlanLayer;

/* Which atoms go into which layer. The commit layer is neither in it nor counted. */
typedef struct {
  GPtrArray *atoms;    /* VarveAtom, owned */
  GPtrArray *layers;   /* VarvePlanLayer, owned, in the order of the manifest */
  GPtrArray *watched;  /* VarveAtom without objects, owned: subtrees of atoms whose changes are recorded */
  guint32 prior_steps; /* weight of the prior probabilities of the atoms, in steps */
  guint32 n_steps;     /* remembered steps from build to build, without rebases */
} VarvePlan;

VarvePlan *varve_plan_new (void);
void varve_plan_free (VarvePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePlan, varve_plan_free)

/* Adds an empty atom, which the caller fills; @subtree may be NULL. */
VarveAtom *varve_plan_add_atom (VarvePlan *plan, const char *component, const char *subtree, VarveComponentKind kind);
VarveAtom *varve_plan_add_watched (VarvePlan *plan, const char *component, const char *subtree,
                                   VarveComponentKind kind);
VarveAtom *varve_plan_atom (const VarvePlan *plan, guint32 index);
VarvePlanLayer *varve_plan_layer (const VarvePlan *plan, guint32 index);
/* Adds a layer of these atoms: sorts them by name, sums their sizes and combines their probabilities. Copies @atoms. */
VarvePlanLayer *varve_plan_add_layer (VarvePlan *plan, const guint32 *atoms, guint32 n_atoms);

/* Adds a layer that has only @objects of these atoms, with the expected bytes of each atom there. Takes @objects. */
VarvePlanLayer *varve_plan_add_part (VarvePlan *plan, const guint32 *atoms, const guint64 *shares, guint32 n_atoms,
                                     GArray *objects);
/* The atom of each of @n_objects objects; the caller frees the array. */
guint32 *varve_plan_atom_of_objects (const VarvePlan *plan, guint32 n_objects);
/* Removes all layers. */
void varve_plan_clear_layers (VarvePlan *plan);
/* The expected bytes of its atom at @index. */
guint64 varve_plan_layer_share (const VarvePlan *plan, const VarvePlanLayer *layer, guint32 index);

/* Its objects, ascending; the caller owns the array of guint32. */
GArray *varve_plan_layer_objects (const VarvePlan *plan, const VarvePlanLayer *layer);
/* The names of its atoms, sorted by byte. The strings belong to the plan. */
GPtrArray *varve_plan_layer_names (const VarvePlan *plan, const VarvePlanLayer *layer);

#pragma once

#include <glib.h>

#include "base/digest.h"
#include "model/component.h"

/* Probabilities are fixed-point, so that plans are the same on every machine. */
#define VARVE_PROBABILITY_ONE 65536u

/* The smallest thing that the packer moves: a component, or a part of one. */
typedef struct {
  char *name;                /* stable from build to build; unique in the plan */
  VarveComponentKind kind;
  VarveDigest digest;        /* over its objects and their paths: equal when nothing in it changed */
  guint64 size_bytes;        /* what it is expected to add to a layer */
  guint32 probability;       /* of changing before the next build, of VARVE_PROBABILITY_ONE */
  guint32 *objects;          /* indices into the inventory, ascending */
  guint32 n_objects;
} VarveAtom;

typedef struct {
  guint32 *atoms;            /* indices into the plan's atoms, ascending by name */
  guint32 n_atoms;
  guint64 size_bytes;        /* sum over its atoms */
  guint32 probability;       /* that any of its atoms changes, of VARVE_PROBABILITY_ONE */
} VarvePlanLayer;

/* Which atoms go into which layer. The commit layer is not in it. */
typedef struct {
  GPtrArray *atoms;          /* VarveAtom, owned */
  GPtrArray *layers;         /* VarvePlanLayer, owned, in the order of the manifest */
} VarvePlan;

VarvePlan *varve_plan_new (void);
void varve_plan_free (VarvePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePlan, varve_plan_free)

/* Adds an empty atom, to be filled by the caller. */
VarveAtom *varve_plan_add_atom (VarvePlan *plan, const char *name, VarveComponentKind kind);
VarveAtom *varve_plan_atom (const VarvePlan *plan, guint32 index);
VarvePlanLayer *varve_plan_layer (const VarvePlan *plan, guint32 index);
/* Adds a layer of these atoms: sorts them by name and sums up. The plan copies @atoms. */
void varve_plan_add_layer (VarvePlan *plan, const guint32 *atoms, guint32 n_atoms);

/* The objects of all its atoms, ascending; the caller owns the array of guint32. */
GArray *varve_plan_layer_objects (const VarvePlan *plan, const VarvePlanLayer *layer);
/* The names of its components, each once, sorted by byte. The strings belong to the plan. */
GPtrArray *varve_plan_layer_names (const VarvePlan *plan, const VarvePlanLayer *layer);

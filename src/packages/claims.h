#pragma once

#include "model/component.h"
#include "model/inventory.h"

/* Who claims which file of the inventory, while the claims are being collected. */
typedef struct _VarveClaims VarveClaims;

/* The latest changes that are kept of a component. */
#define VARVE_CHANGES_MAX 512u

VarveClaims *varve_claims_new (const VarveInventory *inventory);
void varve_claims_free (VarveClaims *claims);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveClaims, varve_claims_free)

/* The index of the component of this name, made when it is new. The names are those that varve_component_name_check()
 * lets pass. One name asked for with two kinds is one component, of the kind EXCLUSIVE before KERNEL before PACKAGE;
 * where the second is of another kind than these, it becomes another component, "<name> (<kind>)". */
guint32 varve_claims_component (VarveClaims *claims, const char *name, VarveComponentKind kind);
VarveComponentKind varve_claims_kind (const VarveClaims *claims, guint32 component);
const char *varve_claims_name (const VarveClaims *claims, guint32 component);

/* Times are seconds since 1970; those below 1 and beyond the year 9999 are ignored. */
void varve_claims_add_change (VarveClaims *claims, guint32 component, gint64 time);
void varve_claims_add_build (VarveClaims *claims, guint32 component, gint64 time);

/* From here on, what an earlier database gave to a component stays there. */
void varve_claims_begin_database (VarveClaims *claims);
/* A package of this database has the file. Of several in one database, the smallest name wins. */
void varve_claims_own (VarveClaims *claims, guint32 component, guint32 file);
/* A package has something to do with the path but does not carry its content: it owns what nobody else claims, once
 * varve_claims_settle() has been called. */
void varve_claims_own_weakly (VarveClaims *claims, guint32 component, guint32 file);
void varve_claims_settle (VarveClaims *claims);
/* It belongs there, whatever was said before. */
void varve_claims_assign (VarveClaims *claims, guint32 component, guint32 file);

/* The component, or VARVE_NO_INDEX; weak claims do not count until they are settled. */
guint32 varve_claims_owner (const VarveClaims *claims, guint32 file);
gboolean varve_claims_is_free (const VarveClaims *claims, guint32 file);

/* The components that have a file, by name. Every file must have an owner. */
VarveComponents *varve_claims_finish (VarveClaims *claims);

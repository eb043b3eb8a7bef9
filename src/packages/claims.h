/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/component.h"
#include "model/inventory.h"
#include "model/package.h"

/* Which components claim which files of the inventory, while package databases are read. */
typedef struct _VarveClaims VarveClaims;

/* At most this number of changes of a component is kept, the newest. */
#define VARVE_CHANGES_MAX 512u

VarveClaims *varve_claims_new (const VarveInventory *inventory);
void varve_claims_free (VarveClaims *claims);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveClaims, varve_claims_free)

/* The index of the component of this name, made when it is new. The name has passed varve_component_name_check(). A
 * name that is asked for with two kinds is one component if one of the kinds is EXCLUSIVE, or if both are KERNEL or
 * PACKAGE; it is then EXCLUSIVE before KERNEL before PACKAGE. Otherwise the second is a component of its own, "<name>
 * (<kind>)". */
guint32 varve_claims_component (VarveClaims *claims, const char *name, VarveComponentKind kind);
gboolean varve_claims_has_components (const VarveClaims *claims);
VarveComponentKind varve_claims_kind (const VarveClaims *claims, guint32 component);
const char *varve_claims_name (const VarveClaims *claims, guint32 component);

/* Times are seconds since 1970; those below 1 and beyond the year 9999 are ignored. */
void varve_claims_add_change (VarveClaims *claims, guint32 component, gint64 time);
void varve_claims_add_build (VarveClaims *claims, guint32 component, gint64 time);

/* From here on packages are recorded, and which of them contains which file. Call it before anything is claimed. */
void varve_claims_record_packages (VarveClaims *claims);
gboolean varve_claims_records_packages (const VarveClaims *claims);
/* Takes the package; the files that are claimed until the next call are of it. */
void varve_claims_begin_package (VarveClaims *claims, VarvePackage *package);
/* What was recorded, once; NULL where nothing is. */
VarvePackageList *varve_claims_take_packages (VarveClaims *claims);

/* Files that an earlier database gave to a component stay with it. */
void varve_claims_begin_database (VarveClaims *claims);
/* A package of this database has the file. If several of one database have it, the smallest name gets it. */
void varve_claims_own (VarveClaims *claims, guint32 component, guint32 file);
/* A package names the path but does not contain the file: it gets the file in varve_claims_settle() if no other
 * component has claimed it by then. */
void varve_claims_own_weakly (VarveClaims *claims, guint32 component, guint32 file);
void varve_claims_settle (VarveClaims *claims);
/* The file belongs to this component, regardless of earlier claims. */
void varve_claims_assign (VarveClaims *claims, guint32 component, guint32 file);

/* The component, or VARVE_NO_INDEX; weak claims count once they are settled. */
guint32 varve_claims_owner (const VarveClaims *claims, guint32 file);
gboolean varve_claims_is_free (const VarveClaims *claims, guint32 file);

/* The components that have a file, by name. Every file must have an owner. */
VarveComponents *varve_claims_finish (VarveClaims *claims);

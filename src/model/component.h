/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "model/package.h"

/* Decides how a component is packed, and how often it is expected to change when there is no history. */
typedef enum {
  VARVE_COMPONENT_PACKAGE,   /* all packages of one source package */
  VARVE_COMPONENT_EXCLUSIVE, /* named by user.component or a mapping: a layer of its own */
  VARVE_COMPONENT_KERNEL,    /* the kernel image and its modules */
  VARVE_COMPONENT_INITRAMFS,
  VARVE_COMPONENT_UKI, /* kernel, initramfs and command line in one EFI program: a layer of its own */
  VARVE_COMPONENT_PACKAGE_DATABASE,
  VARVE_COMPONENT_GENERATED, /* caches that programs derive from the rest of the tree */
  VARVE_COMPONENT_UNOWNED,   /* files without an owner, by directory */
} VarveComponentKind;

/* "package", "exclusive", "kernel", "initramfs", "uki", "package-database", "generated", "unowned". */
const char *varve_component_kind_to_string (VarveComponentKind kind);

/* How far back the past of a component counts: readers read this far, estimates look no further. Five years, so that
 * what a stable release mends once a year or less shows. */
#define VARVE_COMPONENT_PAST_DAYS 1825u

typedef struct {
  char *name; /* stable from build to build; unique */
  VarveComponentKind kind;
  gint64 build_time;    /* of its newest package, seconds since 1970; 0 if unknown */
  GArray *change_times; /* gint64, seconds since 1970, ascending, without duplicates: known changes */
} VarveComponent;

/* Which component each path belongs to. Every file has one. */
typedef struct {
  GPtrArray *components; /* VarveComponent, owned */
  guint32 *of_file;      /* for each file of the inventory, the index of its component */
  gint64 *built_of_file; /* for each file, the build time of the package that contains it, seconds since 1970; 0: no
                            package contains it, or its build time is unknown */
  guint32 n_files;
  VarvePackageList *packages; /* what the databases say of them; NULL unless asked for */
} VarveComponents;

VarveComponents *varve_components_new (guint32 n_files);
void varve_components_free (VarveComponents *components);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveComponents, varve_components_free)

/* Adds a component and returns its index. */
guint32 varve_components_add (VarveComponents *components, const char *name, VarveComponentKind kind);
VarveComponent *varve_components_get (const VarveComponents *components, guint32 index);
/* Records the time of a change; ignores times below 1 and known ones. */
void varve_component_add_change (VarveComponent *component, gint64 time);

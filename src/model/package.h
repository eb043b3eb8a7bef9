/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What a package database says of an installed binary package. */

typedef enum {
  VARVE_PACKAGE_RPM,
  VARVE_PACKAGE_DEB,
  VARVE_PACKAGE_ALPM,
  VARVE_PACKAGE_APK,
} VarvePackageType;

/* Longer fields are cut: they are outside data, and are kept for every package. */
#define VARVE_PACKAGE_FIELD_MAX_BYTES 4096u
#define VARVE_PACKAGE_LICENCES_MAX 256u

/* All strings are valid UTF-8 in one line; NULL where the database does not say. */
typedef struct {
  VarvePackageType type;
  char *name;
  char *version;                      /* as users of the packages write it, with an epoch: "1:2.36-9" */
  char *architecture;                 /* as the packages name it: "amd64", "x86_64", "noarch" */
  char *source_name, *source_version; /* of the source package */
  GPtrArray *licences;                /* char *, each an SPDX expression, or a name; all of them apply */
  char *maintainer;                   /* "Name <address>" */
  char *vendor;                       /* who distributes it */
  char *homepage, *summary;
} VarvePackage;

VarvePackage *varve_package_new (VarvePackageType type);
void varve_package_free (VarvePackage *package);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePackage, varve_package_free)

/* Sets a field: white space at the ends is removed, inside it becomes one space each, bad UTF-8 becomes U+FFFD. Empty
 * text and NULL give NULL. */
void varve_package_set (char **field, const char *text);
/* Adds a licence unless the package has it. Beyond VARVE_PACKAGE_LICENCES_MAX they are ignored. */
void varve_package_add_licence (VarvePackage *package, const char *text);
/* By type, name, version, architecture. For qsort and the like: arguments are VarvePackage **. */
int varve_package_compare (gconstpointer a, gconstpointer b);

/* The packages of a tree. */
typedef struct {
  GPtrArray *packages; /* VarvePackage, owned, sorted; each type, name, version and architecture once */
  guint32 *of_file;    /* for each file of the inventory: the index of the package that contains it, or
                          VARVE_NO_INDEX */
  guint32 n_files;
} VarvePackageList;

void varve_package_list_free (VarvePackageList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePackageList, varve_package_list_free)
const VarvePackage *varve_package_list_get (const VarvePackageList *list, guint32 index);

/* Takes @packages (VarvePackage, in any order, perhaps repeated) and @of_file, whose indices are of @packages. */
VarvePackageList *varve_package_list_new (GPtrArray *packages, guint32 *of_file, guint32 n_files);

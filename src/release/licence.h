/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* SPDX 2.3, annex D: licence expressions. */

/* The expression with identifiers in SPDX's spelling and single spaces; NULL for text that is no expression, of which
 * an identifier is unknown, or that nests deeper than 32. Operators must be in capitals. */
char *varve_licence_parse (const char *text);
/* Whether the expression is one identifier of the list. */
gboolean varve_licence_is_identifier (const char *text);

/* A name that this document gives to a licence that has no identifier. */
typedef struct {
  char *identifier; /* "LicenseRef-…" */
  char *text;       /* what the package's database says */
} VarveLicenceRef;

/* The names of a document, and the texts of their licences. */
typedef struct {
  GHashTable *by_identifier; /* char * -> VarveLicenceRef, owned */
} VarveLicenceRefs;

void varve_licence_refs_init (VarveLicenceRefs *refs);
void varve_licence_refs_clear (VarveLicenceRefs *refs);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveLicenceRefs, varve_licence_refs_clear)
/* VarveLicenceRef, by identifier; the array is owned by the caller, its elements are not. */
GPtrArray *varve_licence_refs_list (const VarveLicenceRefs *refs);

/* One expression of licences that all apply, each an expression or any text; "NOASSERTION" for none. Adds to @refs what
 * is no expression, and each LicenseRef that one uses. */
char *varve_licences_join (const GPtrArray *licences, VarveLicenceRefs *refs);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What a check found. An error breaks an existing reader; a note is a form that readers accept and varve does not
 * write.
 */
typedef enum {
  VARVE_SEVERITY_ERROR,
  VARVE_SEVERITY_NOTE,
} VarveSeverity;

/* "error", "note". */
const char *varve_severity_to_string (VarveSeverity severity);

typedef struct {
  VarveSeverity severity;
  char *rule;  /* short and stable, as "layer.digest" */
  char *where; /* the place, as "layer 3 (sha256:ab…): sysroot/…" */
  char *message;
} VarveFinding;

/* A list of findings; thread-safe. Counts all, and keeps the first ones of each severity, up to the limits below. */
typedef struct _VarveFindings VarveFindings;

#define VARVE_FINDINGS_MAX_ERRORS 1000u
#define VARVE_FINDINGS_MAX_NOTES 200u

VarveFindings *varve_findings_new (void);
void varve_findings_free (VarveFindings *findings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveFindings, varve_findings_free)

/* @rule must be a literal. @where is escaped here, the arguments of @format are not. A NULL list discards it. */
void varve_findings_add (VarveFindings *findings, VarveSeverity severity, const char *rule, const char *where,
                         const char *format, ...) G_GNUC_PRINTF (5, 6);
/* Moves all findings of @other to the end of @findings. */
void varve_findings_append (VarveFindings *findings, VarveFindings *other);

/* All that were added, including those not kept. */
guint64 varve_findings_count (VarveFindings *findings, VarveSeverity severity);
guint varve_findings_kept (VarveFindings *findings, VarveSeverity severity);
/* The @index-th kept finding, in the order of adding; owned by the list, valid as long as it. */
const VarveFinding *varve_findings_get (VarveFindings *findings, VarveSeverity severity, guint index);

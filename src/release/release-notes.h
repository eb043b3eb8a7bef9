/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "explain/explanation.h"
#include "model/package.h"

/* An update in words, for the page of a release. */

typedef struct {
  char *name; /* of a release: its version, else what the user named */
  guint64 bytes;
  guint layers;
} VarveFormerRelease;

typedef struct {
  const char *old_version, *new_version; /* or the names of the images */
  const VarveExplanation *explanation;   /* of the update from the old image */
  const VarvePackageList *old_packages, *new_packages;
  const GPtrArray *former; /* VarveFormerRelease: what hosts on older images download, oldest last; may be empty */
} VarveReleaseNotes;

/* Markdown, as GitHub reads it. Names and versions from the images are code, so that nothing in them is markup. */
char *varve_release_notes_to_markdown (const VarveReleaseNotes *notes);

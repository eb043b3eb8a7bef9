/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/manifest.h"

/* The images that were published before an image, newest first: the annotation varve.predecessors of its manifest, a
 * JSON array of objects with "digest" (of the manifest), "version" and "time" (RFC 3339), the last two optional. It
 * goes from image to image, so that no list is kept elsewhere: docs/publishing.md. */

#define VARVE_PREDECESSORS_MAX 32

typedef struct {
  VarveDigest digest;
  char *version, *time; /* each NULL when absent; not checked */
} VarvePredecessor;

VarvePredecessor *varve_predecessor_new (const VarveDigest *digest, const char *version, const char *time);
void varve_predecessor_free (VarvePredecessor *predecessor);

/* GPtrArray of VarvePredecessor, owned. */
GPtrArray *varve_predecessors_new (void);
/* Those of a manifest; empty without the annotation. More than VARVE_PREDECESSORS_MAX are cut. */
GPtrArray *varve_predecessors_read (const VarveManifest *manifest, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Adds copies of the @more that @list does not have, at its end, while there is room. */
void varve_predecessors_append (GPtrArray *list, const GPtrArray *more);
gboolean varve_predecessors_have (const GPtrArray *list, const VarveDigest *digest);
/* The value of the annotation. */
char *varve_predecessors_to_text (const GPtrArray *list);

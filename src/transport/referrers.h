/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/index.h"
#include "skopeo/reference.h"

/* The list of what refers to a manifest in a registry: distribution-spec 1.1, "Referrers Tag Schema", an index under
 * the tag "sha256-" and the manifest's digest. @repository is any docker: reference to the repository. */

/* The tag of the list; the caller owns it. */
char *varve_referrers_tag (const VarveDigest *subject);
/* The list under the tag, else what the registry's Referrers API says; empty where there is neither. Each entry has the
 * artifact type and the annotations of its manifest.
 */
VarveIndex *varve_referrers_read (const VarveReference *repository, const VarveDigest *subject, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The list under the tag and what the API says besides: a registry that has the API lists there what other tools push,
 * and not under the tag. */
VarveIndex *varve_referrers_read_all (const VarveReference *repository, const VarveDigest *subject, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* What a list should have, and what not. */
typedef struct {
  VarveDigest subject;
  GPtrArray *added;    /* VarveDescriptor, whose manifests are in the registry */
  GHashTable *removed; /* set of VarveDigest */
  gint64 window_usec;  /* of the longest time from reading to having written the list; 0: never written */
} VarveReferrersChange;

VarveReferrersChange *varve_referrers_change_new (const VarveDigest *subject);
void varve_referrers_change_free (VarveReferrersChange *change);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveReferrersChange, varve_referrers_change_free)
void varve_referrers_change_add (VarveReferrersChange *change, const VarveDescriptor *descriptor);
void varve_referrers_change_remove (VarveReferrersChange *change, const VarveDigest *digest);

/* Reads the list and writes it if it differs from what @change wants, until it does not. A list cannot be locked, so
 * another publisher may have read it before this one wrote it, and then replace it: see varve_referrers_settle(). */
gboolean varve_referrers_apply (const VarveReference *repository, VarveReferrersChange *change, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Waits until a publisher that read one of the lists before it was written here has written its own, and applies the
 * changes (VarveReferrersChange) again where that one replaced the list. */
gboolean varve_referrers_settle (const VarveReference *repository, const GPtrArray *changes, GCancellable *cancellable,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

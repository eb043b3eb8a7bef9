/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/artifact.h"
#include "skopeo/reference.h"

/* A delta in the list of referrers of its target, as far as the list describes it: docs/publishing.md. */
typedef struct {
  VarveDescriptor *descriptor; /* of the artifact's manifest, with its annotations */
  gboolean has_source;         /* whether the next is known */
  VarveDigest source;          /* the manifest of the image that it starts from */
  VarveDigest source_config;   /* the config of that image */
  gboolean knows_costs;        /* whether the next three are known: not for a delta of another tool */
  guint64 download_bytes;      /* everything that a client of varve downloads, the artifact's manifest included */
  guint64 encode_seconds;      /* CPU time of the encoders that apply it */
  guint64 encode_bytes;        /* memory that these take at once */
} VarveDeltaReferrer;

void varve_delta_referrer_free (VarveDeltaReferrer *referrer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDeltaReferrer, varve_delta_referrer_free)

/* NULL where the entry is no delta, or does not say what it starts from. */
VarveDeltaReferrer *varve_delta_referrer_parse (const VarveDescriptor *entry);
/* The deltas among the referrers of the image with the manifest @target; GPtrArray of VarveDeltaReferrer, in the order
 * of the list, empty where there is none. @repository is any docker: reference to the image's repository; a delta is
 * opened by varve_reference_with_ref() with the digest in its descriptor. The list is outside data that is not signed:
 * what it says is checked when the delta is opened and applied. */
GPtrArray *varve_delta_referrers_list (const VarveReference *repository, const VarveDigest *target, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

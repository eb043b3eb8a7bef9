/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "compose/build.h"

/* What an image was built from, as SLSA provenance v1 (https://slsa.dev/spec/v1.1/provenance) in an in-toto statement
 * v1 (https://in-toto.io/Statement/v1), for others to sign. */

#define VARVE_PROVENANCE_BUILD_TYPE "tag:varve,2026:build/v1"
#define VARVE_PROVENANCE_BUILDER "tag:varve,2026:builder"

/* Of a build that has been done: it is described by @report and @origins. @builder is the URI of who ran it; NULL: only
 * that it was this program. Has no time, and nothing random. */
json_object *varve_provenance_new (const VarveBuildOptions *options, const VarveReport *report, const char *builder);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* "bash" of "bash-5.2.26-3.fc40.src.rpm" (RPMTAG_SOURCERPM): without the suffix, release and version. NULL for any
 * other form. */
char *varve_rpm_source_name (const char *source_rpm);
/* "5.2.26-3.fc40" of the same. */
char *varve_rpm_source_version (const char *source_rpm);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Escapes text for a ref name as ostree-ext's refescape.rs does: ASCII letters, digits and '-' stay; '/' stays after a
 * letter or digit unless it is last; '_' is doubled; any other character becomes its code point as "_3A_". */
char *varve_ref_escape (const char *text);

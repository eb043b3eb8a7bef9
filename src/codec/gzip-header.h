/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The header of a gzip member: RFC 1952, 2.3. */

enum { VARVE_GZIP_HEADER_MIN_BYTES = 10 };

/* The offset of the deflate stream; 0 for an invalid or unknown header, and one that does not end within
 * @head_bytes. */
gsize varve_gzip_header_bytes (const guint8 *head, gsize head_bytes);

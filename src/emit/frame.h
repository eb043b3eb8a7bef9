/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Small data in one zstd frame that declares its size. */
GBytes *varve_frame_compress (GBytes *data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Anything but exactly one such frame is CORRUPT, one that declares more than @max_bytes is LIMIT. */
GBytes *varve_frame_decompress (GBytes *frame, gsize max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

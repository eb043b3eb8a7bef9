#pragma once

#include <glib.h>

/* Small data in one zstd frame that tells its size. */
GBytes *varve_frame_compress (GBytes *data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What is not one such frame and nothing else is CORRUPT, one that tells more than @max_bytes is LIMIT. */
GBytes *varve_frame_decompress (GBytes *frame, gsize max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

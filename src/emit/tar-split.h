/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Lines of tar-split data: github.com/vbatts/tar-split, tar/storage/entry.go. */

/* CRC-64 of ISO 3309, as Go's hash/crc64 has it; starts with 0. */
guint64 varve_crc64_update (guint64 crc, const guint8 *bytes, gsize size_bytes);

/* A line for bytes that are no content. @position counts the lines from 0. */
char *varve_tar_split_segment (const guint8 *bytes, gsize size_bytes, guint position);
/* A line for the content that comes here; without content, @crc is ignored. */
char *varve_tar_split_file (const char *name, guint64 size_bytes, guint64 crc, guint position);

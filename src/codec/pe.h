/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/extent-file.h"

/* The section table of a PE file (Microsoft, "PE Format", sections "COFF File Header" and "Section Table"). A unified
 * kernel image is such a file (UAPI Group, "UKI"): its sections are a kernel, an initramfs, a command line and others.
 */

/* Sections of a unified kernel image. */
#define VARVE_PE_LINUX ".linux"
#define VARVE_PE_INITRD ".initrd"

/* A larger table is taken for damage. */
#define VARVE_PE_SECTIONS_MAX 1024u
/* In which the headers and the table must be; those of a UKI take 1 KiB. */
#define VARVE_PE_HEAD_MAX_BYTES (1u << 16)

typedef struct {
  char name[9];       /* any bytes, then a NUL */
  guint64 at;         /* offset in the file */
  guint64 size_bytes; /* without the padding up to the file's alignment */
} VarvePeSection;

/* Whether the first bytes of a file are those of a PE file. */
gboolean varve_pe_recognise (const guint8 *head, gsize head_bytes);

/* The sections as the table has them, a GArray of VarvePeSection: also empty ones, and any places. @head: the first
 * VARVE_PE_HEAD_MAX_BYTES of a file, or all of it. @out_end: where the table ends. NULL where the file is not a PE file
 * or its table is damaged or not in @head. */
GArray *varve_pe_parse_sections (const guint8 *head, gsize head_bytes, gsize *out_end);

/* A GArray of VarvePeSection in the order of the bytes, all inside the file; it is empty where the file is not a PE
 * file or its table is damaged. Sections without bytes in the file, sections that end behind it, and sections that
 * overlap one before them are left out. NULL with @error when reading failed. */
GArray *varve_pe_read_sections (VarveExtentFile *spool, VarveExtent file, GError **error) G_GNUC_WARN_UNUSED_RESULT;

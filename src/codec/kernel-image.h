/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Kernels of Linux as a boot loader takes them: of x86 (Documentation/arch/x86/boot.rst, "bzImage"), EFI zboot images
 * (drivers/firmware/efi/libstub/zboot-header.S), and uncompressed ones of arm64 and riscv
 * (Documentation/arch/arm64/booting.rst, Documentation/arch/riscv/boot-image-header.rst). */

/* By the first bytes of a file; 1 KiB is enough. */
gboolean varve_kernel_image_recognise (const guint8 *head, gsize head_bytes);

/* Where the compressed kernel is in a file of @file_bytes, of any compression; FALSE where the file has none, or says
 * that it were outside the file. */
gboolean varve_kernel_image_payload (const guint8 *head, gsize head_bytes, guint64 file_bytes, guint64 *out_at,
                                     guint64 *out_bytes);

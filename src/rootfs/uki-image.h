/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* What a unified kernel image says of itself (UAPI Group, "Unified Kernel Image"; Microsoft, "PE Format"). */
typedef struct {
  gboolean is_program;     /* it has the headers of an EFI program */
  gboolean has_kernel;     /* the section .linux */
  gboolean has_initramfs;  /* .initrd */
  gboolean has_os_release; /* .osrel */
  char *command_line;      /* .cmdline; NULL for none, and where it is not UTF-8 or longer than 64 KiB */
  char *release;           /* .uname: the kernel's release; NULL as above */
} VarveUkiImage;

void varve_uki_image_clear (VarveUkiImage *image);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveUkiImage, varve_uki_image_clear)

/* Reads @content as far as needed. What cannot be read is as if it were not there. */
void varve_uki_image_read (GInputStream *content, VarveUkiImage *out_image, GCancellable *cancellable);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* The machine of a program, as uname(2) names it; static. NULL for a stream that is not an ELF program or cannot be
 * read, and for an unknown machine. */
const char *varve_elf_machine (GInputStream *stream);

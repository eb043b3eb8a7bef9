#pragma once

#include <gio/gio.h>

/* What machine a program is made for, as uname(2) names it; static. NULL where the stream is no ELF program, cannot be
 * read, or the machine is not known here. */
const char *varve_elf_machine (GInputStream *stream);

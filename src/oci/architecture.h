#pragma once

#include <glib.h>

/* The name that images use (Go's GOARCH) for a machine as uname(2) names it: "amd64" for "x86_64".
 * One that is not in the table is its own name, as "s390x" and "riscv64" are. */
const char *varve_architecture_from_machine (const char *machine);
/* That of this machine; static. */
const char *varve_architecture_host (void);

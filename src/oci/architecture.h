/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The name that images use (Go's GOARCH) for a machine as uname(2), RPM or dpkg name it: "amd64" for "x86_64". Machines
 * that have one name in both, such as "s390x" and "riscv64", and unknown ones are returned unchanged. */
const char *varve_architecture_from_machine (const char *machine);
/* Of this machine; static. */
const char *varve_architecture_host (void);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What each target defines, and libFuzzer or replay.c calls: takes any bytes, and neither crashes nor leaks. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

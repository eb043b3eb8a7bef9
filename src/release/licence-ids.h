/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* SPDX's own spelling of an identifier that is given in any case; NULL for an unknown one. */
const char *varve_licence_find (const char *identifier);
const char *varve_licence_exception_find (const char *identifier);

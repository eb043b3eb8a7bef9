/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* A UUID of version 5 (RFC 9562, section 5.5) in the namespace of URLs: the same @name always gives the same one. In
 * lower case, with hyphens. */
char *varve_uuid_of_url (const char *name);

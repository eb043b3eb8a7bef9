/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Longer files are not read: the largest of Debian 12 has 1.1 MB. */
#define VARVE_DPKG_COPYRIGHT_MAX_BYTES (4u << 20)

/* The licences in a machine-readable debian/copyright
 * (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/): the expressions of all "License" fields of the
 * header and of paragraphs of files, each once, in order, in SPDX's spelling where the format says what its name means
 * ("GPL-2+" is GPL-2.0-or-later). Empty for any other file, in which only a person finds the licence. */
GPtrArray *varve_dpkg_parse_copyright (GBytes *bytes) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* FALSE for characters that control a terminal, change the direction of text, or are invisible. */
gboolean varve_is_printable (gunichar c);

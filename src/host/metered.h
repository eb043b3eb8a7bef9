/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* Whether this machine pays for its traffic. Source: NetworkManager's D-Bus interface, property Metered of
 * org.freedesktop.NetworkManager, and its NMMetered. */

typedef enum {
  VARVE_METERED_UNKNOWN, /* no system bus, no NetworkManager, or it does not know */
  VARVE_METERED_NO,
  VARVE_METERED_YES, /* also where NetworkManager only guesses so: a phone's hotspot, for example */
} VarveMetered;

/* FALSE where NetworkManager runs and does not answer, or with something else than a number; otherwise *@out_metered is
 * set. NetworkManager is not started for this. Waits some seconds at most. */
gboolean varve_metered_ask (VarveMetered *out_metered, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "host/host-reference.h"

/* What `bootc status --format json` reports about the image that the next upgrade pulls. */
typedef struct {
  VarveHostReference *reference; /* NULL when the host does not upgrade from an image */
  gboolean is_composefs;         /* booted with bootc's composefs backend */
  gboolean is_ostree;            /* booted from an OSTree deployment */
} VarveBootcStatus;

/* Runs bootc; *@out_status is NULL when it is not in $PATH. */
gboolean varve_bootc_status_load (VarveBootcStatus **out_status, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
VarveBootcStatus *varve_bootc_status_parse (GBytes *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_bootc_status_free (VarveBootcStatus *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveBootcStatus, varve_bootc_status_free)

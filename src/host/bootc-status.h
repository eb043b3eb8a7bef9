#pragma once

#include "host/host-reference.h"

/* What `bootc status --format json` says of the image that the next upgrade pulls. */
typedef struct {
  VarveHostReference *reference; /* NULL where the host is of no image */
  gboolean is_composefs;         /* booted by bootc's composefs backend */
} VarveBootcStatus;

VarveBootcStatus *varve_bootc_status_parse (GBytes *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_bootc_status_free (VarveBootcStatus *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveBootcStatus, varve_bootc_status_free)

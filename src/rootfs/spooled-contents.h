#pragma once

#include "base/extent-file.h"
#include "model/tree.h"

/* Contents that are kept in a spool, by their place in it. */
VarveTreeContents *varve_spooled_contents_new (GError **error) G_GNUC_WARN_UNUSED_RESULT;
VarveExtentFile *varve_spooled_contents_spool (VarveTreeContents *contents);

#pragma once

#include <glib.h>

/* A folder for us alone, in $TMPDIR or /var/tmp, since /tmp may be memory; removed when it is freed, also when
 * cancelled. What is in it is ours: symlinks are removed, not followed. What a killed run left is removed by the next
 * one. */
typedef struct _VarveScratch VarveScratch;

VarveScratch *varve_scratch_new (GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_scratch_free (VarveScratch *scratch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveScratch, varve_scratch_free)
/* Absolute. */
const char *varve_scratch_path (const VarveScratch *scratch);

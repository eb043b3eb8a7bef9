#pragma once

#include "emit/tar-read.h"
#include "verify/layer-record.h"

/* The entries of one layer that are not objects: what a host shows, and the skeleton of the repository. Each path once.
 */
typedef struct _VarveLayerPaths VarveLayerPaths;

VarveLayerPaths *varve_layer_paths_new (VarveLayerRecord *record, VarveFindings *findings);
void varve_layer_paths_free (VarveLayerPaths *paths);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveLayerPaths, varve_layer_paths_free)

/* The name without empty and "." components; NULL, with a finding, when it has "..". The caller frees it. Judges the
 * form of the name, and that its path is new in this layer. */
char *varve_layer_paths_clean (VarveLayerPaths *paths, const VarveTarReadEntry *entry, VarveTarReader *reader);
/* Whether the importers see it as part of the repository: only then can it be an object. */
gboolean varve_layer_paths_is_repo (const VarveTarReadEntry *entry, const char *clean);

/* An entry of the repository that is not an object: "config", refs, folders. */
gboolean varve_layer_paths_take_repo (VarveLayerPaths *paths, const VarveTarReadEntry *entry, const char *clean,
                                      VarveTarReader *reader, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* An entry elsewhere; its objects must be in the record already. */
void varve_layer_paths_take (VarveLayerPaths *paths, const VarveTarReadEntry *entry, const char *clean,
                             VarveTarReader *reader);
/* At the end of the layer. */
void varve_layer_paths_finish (VarveLayerPaths *paths);

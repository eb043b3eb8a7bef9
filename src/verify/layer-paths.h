/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "emit/tar-read.h"
#include "verify/layer-record.h"

/* Checks the entries of one layer that are not objects: the files that a host shows, the skeleton of the repository,
 * and that no path is a duplicate. */
typedef struct _VarveLayerPaths VarveLayerPaths;

VarveLayerPaths *varve_layer_paths_new (VarveLayerRecord *record, VarveFindings *findings);
void varve_layer_paths_free (VarveLayerPaths *paths);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveLayerPaths, varve_layer_paths_free)

/* The name without empty and "." components; NULL, with a finding, where it has "..". The caller frees it. Checks the
 * form of the name, and that the path is new in this layer. */
char *varve_layer_paths_clean (VarveLayerPaths *paths, const VarveTarReadEntry *entry, VarveTarReader *reader);
/* Whether importers treat the entry as part of the repository, and so possibly as an object. */
gboolean varve_layer_paths_is_repo (const VarveTarReadEntry *entry, const char *clean);

/* Takes an entry of the repository that is not an object: "config" or a ref. */
gboolean varve_layer_paths_take_repo (VarveLayerPaths *paths, const VarveTarReadEntry *entry, const char *clean,
                                      VarveTarReader *reader, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes any other entry; its object must be in the record already. */
void varve_layer_paths_take (VarveLayerPaths *paths, const VarveTarReadEntry *entry, const char *clean,
                             VarveTarReader *reader);
/* Call it at the end of the layer. */
void varve_layer_paths_finish (VarveLayerPaths *paths);

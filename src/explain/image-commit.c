/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/image-commit.h"

#include "base/error.h"
#include "model/image-keys.h"

gboolean
varve_image_commit_resolve (const VarveImage *image, VarveRepo *repo, VarveDigest *out_commit, GError **error)
{
  const char *label = varve_config_label (image->config, VARVE_LABEL_COMMIT);
  const char *commit
      = label != NULL ? label : varve_string_map_get (image->manifest->annotations, VARVE_ANNOTATION_COMMIT);
  VarveDigest checksum;
  if (commit == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                           "the image has neither label '" VARVE_LABEL_COMMIT
                           "' nor annotation '" VARVE_ANNOTATION_COMMIT "' and so does not name its commit");
      return FALSE;
    }
  if (!varve_digest_from_hex (commit, &checksum, error))
    {
      const char *source
          = label != NULL ? "label '" VARVE_LABEL_COMMIT "'" : "annotation '" VARVE_ANNOTATION_COMMIT "'";
      g_prefix_error (error, "%s: ", source);
      return FALSE;
    }
  return varve_repo_resolve (repo, commit, out_commit, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "host/prefetch-check.h"

#include "base/error.h"
#include "model/image-keys.h"
#include "verify/image-rules.h"
#include "verify/import-layer.h"

gboolean
varve_prefetch_check_image (const VarveImage *image, const char *remote, guint *out_n_ostree_layers, GError **error)
{
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  VarveImageShape shape = { 0 };
  gboolean is_plain = varve_config_label (image->config, VARVE_LABEL_FINAL_DIFF_ID) == NULL;
  if (is_plain && remote != NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                   "the commit of the image must be signed by a key of remote '%s', but the image is not of an OSTree "
                   "commit (the config has no label '%s')",
                   remote, VARVE_LABEL_FINAL_DIFF_ID);
      return FALSE;
    }
  gboolean is_good
      = is_plain ? varve_image_rules_check_plain (image, findings) : varve_image_rules_check (image, findings, &shape);
  if (!varve_import_check (findings, error) || !is_good)
    return FALSE;
  *out_n_ostree_layers = shape.n_ostree_layers;
  return TRUE;
}

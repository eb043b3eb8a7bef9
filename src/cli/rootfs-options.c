/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rootfs-options.h"

#include "base/error.h"

static gboolean
parse_owner (const char *option, const char *text, gint64 *out_owner, GError **error)
{
  *out_owner = VARVE_OWNER_AS_FOUND;
  if (text == NULL || g_ascii_string_to_signed (text, 10, 0, G_MAXUINT32 - 1, out_owner, NULL))
    return TRUE;
  g_autofree char *escaped = varve_escape (text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "%s '%s': expected a number from 0 to %u", option, escaped,
               G_MAXUINT32 - 1);
  return FALSE;
}

gboolean
varve_rootfs_arguments_finish (const VarveRootfsArguments *arguments, VarveRootfsOptions *out_options, GError **error)
{
  if (arguments->path == NULL && (arguments->owner_uid != NULL || arguments->owner_gid != NULL))
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--owner-uid and --owner-gid require --rootfs");
      return FALSE;
    }
  out_options->path = arguments->path;
  return parse_owner ("--owner-uid", arguments->owner_uid, &out_options->owner_uid, error)
         && parse_owner ("--owner-gid", arguments->owner_gid, &out_options->owner_gid, error);
}

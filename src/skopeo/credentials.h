/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "skopeo/reference.h"

/* What skopeo would send to a registry, for the few requests that varve makes itself: the options of the access, else
 * the authfiles of containers-auth.json(5), with the most specific entry for the repository. */
typedef struct {
  char *user, *password; /* NULL: none */
  char *token;           /* a bearer token; NULL: none */
} VarveCredentials;

void varve_credentials_clear (VarveCredentials *credentials);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveCredentials, varve_credentials_clear)

/* For the repository of a docker: reference. TRUE with none where there are none; CORRUPT where an authfile is
 * malformed, UNSUPPORTED where only a helper program or an identity token has the credentials. */
gboolean varve_credentials_find (const VarveReference *repository, VarveCredentials *out_credentials, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Those for @repository, "HOST/NAME", in the content of an authfile: by the longest key of "auths" that is the
 * repository, a namespace of it, or the host. TRUE with none where there are none. */
gboolean varve_credentials_parse (GBytes *authfile, const char *repository, VarveCredentials *out_credentials,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* What a registry asks for with status 401: the header WWW-Authenticate (RFC 9110, 11.6.1), with the parameters of
 * distribution's token authentication. */
typedef struct {
  gboolean is_bearer; /* else Basic, or unknown */
  char *realm, *service, *scope;
} VarveChallenge;

void varve_challenge_parse (const char *header, VarveChallenge *out_challenge);
void varve_challenge_clear (VarveChallenge *challenge);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveChallenge, varve_challenge_clear)
/* The request for a token; the caller owns it. */
char *varve_challenge_token_url (const VarveChallenge *challenge);

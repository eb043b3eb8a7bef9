/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/session.h"
#include "transport/open-image.h"

/* Options for access to registries, the same for every verb; --help-registry lists them. */

typedef enum {
  VARVE_SIDE_SOURCE, /* --src-… if the verb has two sides; the options without a prefix are the default */
  VARVE_SIDE_DESTINATION,
  VARVE_SIDES,
} VarveSide;

typedef enum {
  VARVE_IMAGES_ONE_SIDE,
  VARVE_IMAGES_TWO_SIDES,
} VarveImagesKind;

typedef struct {
  char *authfile, *creds, *registry_token, *cert_dir;
  gboolean no_creds;
  VarveTls tls;
} VarveSideOptions;

struct VarveImageOptions {
  VarveImagesKind kind;
  VarveSideOptions both, sides[VARVE_SIDES];
  char *skopeo;
  gboolean requires_policy; /* as in VarveAccess; not an option */
  int retries;
};

#define VARVE_IMAGE_OPTIONS_INIT(k) { .kind = (k), .retries = VARVE_RETRIES_DEFAULT }
void varve_image_options_clear (VarveImageOptions *options);

/* The registry options, ended by a zero entry. */
GArray *varve_image_options_entries (VarveImageOptions *options);
/* The option group for varve_session_run(), owned by the caller. */
GOptionGroup *varve_image_options_group (VarveImageOptions *options);
/* Before parsing: replaces "--tls-verify" by "--tls-verify=true", so that it does not take the next argument. */
void varve_image_options_prepare (int argc, char **argv);
/* After parsing a copy: overwrites the secrets in @argv, which all users can read in /proc. */
void varve_image_options_hide (int argc, char **argv);

/* The access to images on one side. */
VarveAccess *varve_image_options_access (const VarveImageOptions *options, VarveSession *session, VarveSide side,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Parses the reference and sets its access. Fails with VARVE_ERROR_USAGE also if options are mutually exclusive. */
VarveReference *varve_image_options_parse (const VarveImageOptions *options, VarveSession *session, VarveSide side,
                                           const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Parses a reference on the source side and opens its image; for @architecture see varve_open_image(). */
VarveImage *varve_image_options_open (const VarveImageOptions *options, VarveSession *session, const char *text,
                                      const char *architecture, GError **error) G_GNUC_WARN_UNUSED_RESULT;

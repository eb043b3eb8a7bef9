/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "oci/config.h"
#include "oci/descriptor.h"
#include "ostree/commit.h"

/* The user's additions to the image's config. Lists end with NULL; all members may be NULL. */
typedef struct {
  char **labels;      /* "KEY=VALUE" sets, "KEY-" removes, in this order */
  char **annotations; /* "KEY=VALUE" or "KEY-": of the manifest alone */
  char **copy_meta;   /* keys of the commit's metadata that become labels; a missing one is an error */
  char **env;         /* "KEY=VALUE" */
  char *cmd;          /* a JSON array, or a line split as a shell would */
  char *entrypoint;   /* the same */
  char *architecture; /* of the image; Go's name or the kernel's; NULL: the commit's */
  char *config_path;  /* a JSON file: the "config" member to start from */
} VarveImageConfigOptions;

/* What labels and config are made from. */
typedef struct {
  const VarveCommit *commit;
  VarveDigest commit_checksum;
  const VarveConfig
      *base; /* of the image that this one is built from: kept, except for what describes the commit; NULL for none */
  gboolean is_plain; /* omits the labels that name a commit */
  const char *ref;   /* the user's name for the commit; NULL without a repository */
} VarveImageOrigin;

/* The image's architecture, as Go names it: @wanted, else the commit's, else this machine's. @wanted may be NULL. */
const char *varve_image_architecture (const VarveCommit *commit, const char *wanted);
/* USAGE for options that no commit makes valid; names the option. */
gboolean varve_image_config_check (const VarveImageConfigOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The config without layers, with all labels except ostree.final-diffid. `created` is the commit's time, or
 * SOURCE_DATE_EPOCH. */
VarveConfig *varve_image_config_new (const VarveImageOrigin *origin, const VarveImageConfigOptions *options,
                                     VarveObserver *observer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The manifest's annotations: the labels, changed by the options. */
VarveStringMap *varve_image_annotations_new (const VarveConfig *config, const VarveImageConfigOptions *options,
                                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

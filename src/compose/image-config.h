#pragma once

#include "base/observer.h"
#include "oci/config.h"
#include "oci/descriptor.h"
#include "ostree/commit.h"

/* What the user wants to be in the image's config beside what the commit says. Lists end with NULL; all may be NULL. */
typedef struct {
  char **labels;      /* "KEY=VALUE" sets, "KEY-" removes, in this order */
  char **annotations; /* "KEY=VALUE" or "KEY-": of the manifest alone */
  char **copy_meta;   /* keys of the commit's metadata that become labels; a missing one is an error */
  char **env;         /* "KEY=VALUE" */
  char *cmd;          /* a JSON array, or a line split as a shell would */
  char *entrypoint;   /* the same */
  char *architecture; /* of the image, when the commit does not say; Go's name or the kernel's */
  char *config_path;  /* a JSON file: the "config" member to start from */
} VarveImageConfigOptions;

/* What decides labels and config; the commit is read already. */
typedef struct {
  const VarveCommit *commit;
  VarveDigest commit_checksum;
  const VarveConfig
      *base; /* what the image was made from: all of it is kept that is not the commit's affair; NULL for none */
  gboolean is_plain; /* no label says that it holds a commit */
  const char *ref;   /* as the user named the commit; NULL where it is in no repository */
} VarveImageOrigin;

/* What the image is for, as Go names it: what is @wanted, else what the commit says, else this machine. @wanted may be
 * NULL. */
const char *varve_image_architecture (const VarveCommit *commit, const char *wanted);
/* The config without layers, labels complete but for ostree.final-diffid. `created` is the commit's time, or
 * SOURCE_DATE_EPOCH. */
VarveConfig *varve_image_config_new (const VarveImageOrigin *origin, const VarveImageConfigOptions *options,
                                     VarveObserver *observer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The manifest's annotations: the labels, changed as the options say. */
VarveStringMap *varve_image_annotations_new (const VarveConfig *config, const VarveImageConfigOptions *options,
                                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

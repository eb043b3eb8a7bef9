#pragma once

#include "cli/session.h"
#include "transport/open-image.h"

/* The options by which images in registries are got at; the same for every verb. They have a group of their own in
 * --help. */

typedef enum {
  VARVE_SIDE_SOURCE, /* --src-… where a verb has two sides, else the plain ones; those count also where --src-… is not
                        given */
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
  int retries;
};

#define VARVE_IMAGE_OPTIONS_INIT(k) { .kind = (k), .retries = VARVE_RETRIES_DEFAULT }
void varve_image_options_clear (VarveImageOptions *options);

/* For varve_session_run(): the group to add, owned by the caller. */
GOptionGroup *varve_image_options_group (VarveImageOptions *options);
/* Before parsing: gives "--tls-verify" without a value the one that it stands for, so that it takes no argument after
 * it. */
void varve_image_options_prepare (int argc, char **argv);
/* After parsing of a copy: makes what is secret in @argv unreadable, for it is in /proc for all users. */
void varve_image_options_hide (int argc, char **argv);

/* How to get at images on one side, from the options. */
VarveAccess *varve_image_options_access (const VarveImageOptions *options, VarveSession *session, VarveSide side,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Parses the reference and gives it its access; VARVE_ERROR_USAGE also where options exclude each other. */
VarveReference *varve_image_options_parse (const VarveImageOptions *options, VarveSession *session, VarveSide side,
                                           const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same on the source side, and opens the image; @architecture as varve_open_image() has it. */
VarveImage *varve_image_options_open (const VarveImageOptions *options, VarveSession *session, const char *text,
                                      const char *architecture, GError **error) G_GNUC_WARN_UNUSED_RESULT;

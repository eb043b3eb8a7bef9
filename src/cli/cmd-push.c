/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print-push.h"
#include "cli/text-file.h"
#include "transport/push.h"

typedef struct {
  VarveImageOptions images;
  char **tags;
  char *digest_file, *sign_by, *sign_by_sigstore, *sign_by_key, *sign_identity, *sign_passphrase_file;
} Arguments;

static int
push (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  g_autoptr (VarveReference) source = varve_reference_parse (operands[0], error);
  g_autoptr (VarveReference) target = NULL;
  if (source != NULL)
    target = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_DESTINATION, operands[1], error);
  if (target == NULL)
    return 1;
  VarvePushOptions options = {
    .tags = (const char *const *)arguments->tags,
    .signing = {
      .sign_by = arguments->sign_by,
      .sign_by_sigstore = arguments->sign_by_sigstore,
      .sign_by_sigstore_private_key = arguments->sign_by_key,
      .sign_identity = arguments->sign_identity,
      .sign_passphrase_file = arguments->sign_passphrase_file,
    },
  };
  g_auto (VarvePushResult) result = { 0 };
  varve_session_start (session);
  gboolean pushed = varve_push (source, target, &options, &result, session->cancellable, error);
  varve_session_stop (session);
  if (!pushed)
    return 1;
  g_autofree char *digest = varve_digest_to_string (&result.digest);
  if (!varve_write_digest_file (arguments->digest_file, digest, error))
    return 1;
  varve_print_push (session, target->text, &result);
  return 0;
}

int
varve_cmd_push (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "tag", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments.tags,
      "Another tag to move to the image once all of it is pushed; repeatable", "TAG" },
    { "digest-file", 0, 0, G_OPTION_ARG_FILENAME, &arguments.digest_file,
      "Write the digest of the pushed image or index to this file", "FILE" },
    { "sign-by", 0, 0, G_OPTION_ARG_FILENAME, &arguments.sign_by, "Sign with this GPG key", "FINGERPRINT" },
    { "sign-by-sigstore", 0, 0, G_OPTION_ARG_FILENAME, &arguments.sign_by_sigstore,
      "Sign with the parameters in this sigstore file", "FILE" },
    { "sign-by-sigstore-private-key", 0, 0, G_OPTION_ARG_FILENAME, &arguments.sign_by_key,
      "Sign with this sigstore private key", "FILE" },
    { "sign-identity", 0, 0, G_OPTION_ARG_FILENAME, &arguments.sign_identity, "Image name in the signature (IMAGE)",
      "NAME" },
    { "sign-passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &arguments.sign_passphrase_file,
      "File with the passphrase of the key", "FILE" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "LAYOUT IMAGE",
    .summary = "Pushes an image or a whole index from oci:DIR[:REF] or oci-archive:FILE[:REF] to "
               "docker://HOST/NAME[:TAG|@DIGEST].\n"
               "Layers that the registry has are not sent again; tags move last.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = 2,
  };
  return varve_session_run (session, &syntax, argc, argv, push, &arguments);
}

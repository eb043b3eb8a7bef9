/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/push-options.h"

GOptionEntry *
varve_push_arguments_entries (VarvePushArguments *arguments, const GOptionEntry *own)
{
  const GOptionEntry shared[] = {
    { "tag", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments->tags,
      "Another tag to move to the image once all of it is pushed; repeatable", "TAG" },
    { "digest-file", 0, 0, G_OPTION_ARG_FILENAME, &arguments->digest_file,
      "Write the digest of the pushed image or index to this file", "FILE" },
    { "sign-by", 0, 0, G_OPTION_ARG_FILENAME, &arguments->sign_by, "Sign with this GPG key", "FINGERPRINT" },
    { "sign-by-sigstore", 0, 0, G_OPTION_ARG_FILENAME, &arguments->sign_by_sigstore,
      "Sign with the parameters in this sigstore file", "FILE" },
    { "sign-by-sigstore-private-key", 0, 0, G_OPTION_ARG_FILENAME, &arguments->sign_by_key,
      "Sign with this sigstore private key", "FILE" },
    { "sign-identity", 0, 0, G_OPTION_ARG_FILENAME, &arguments->sign_identity, "Image name in the signature (IMAGE)",
      "NAME" },
    { "sign-passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &arguments->sign_passphrase_file,
      "File with the passphrase of the key", "FILE" },
    { NULL },
  };
  guint n_own = 0;
  while (own[n_own].long_name != NULL)
    n_own++;
  GOptionEntry *entries = g_new0 (GOptionEntry, n_own + G_N_ELEMENTS (shared));
  for (guint i = 0; i < n_own; i++)
    entries[i] = own[i];
  for (guint i = 0; i < G_N_ELEMENTS (shared); i++)
    entries[n_own + i] = shared[i];
  return entries;
}

VarvePushOptions
varve_push_arguments_options (const VarvePushArguments *arguments)
{
  return (VarvePushOptions){
    .tags = (const char *const *)arguments->tags,
    .signing = {
      .sign_by = arguments->sign_by,
      .sign_by_sigstore = arguments->sign_by_sigstore,
      .sign_by_sigstore_private_key = arguments->sign_by_key,
      .sign_identity = arguments->sign_identity,
      .sign_passphrase_file = arguments->sign_passphrase_file,
    },
  };
}

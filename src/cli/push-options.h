/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "transport/push.h"

/* The options of verbs that push an image: further tags, the digest file, signing. */
typedef struct {
  char **tags;
  char *digest_file, *sign_by, *sign_by_sigstore, *sign_by_key, *sign_identity, *sign_passphrase_file;
} VarvePushArguments;

/* The verb's @own options, which end with an empty one, and then those that fill @arguments; the caller frees it. */
GOptionEntry *varve_push_arguments_entries (VarvePushArguments *arguments, const GOptionEntry *own);
/* For varve_push(); the strings belong to @arguments. */
VarvePushOptions varve_push_arguments_options (const VarvePushArguments *arguments);

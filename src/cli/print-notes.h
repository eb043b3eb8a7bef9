/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/image-options.h"
#include "explain/explanation.h"

/* The release notes of diff --markdown. */
typedef struct {
  const VarveImageOptions *images;
  const char *old, *new;
  char **also; /* older images, ended by NULL; or NULL */
  const char *repo, *architecture, *packages;
} VarveNotesArguments;

/* Reads both images with their packages, prints the notes, and gives what they are made from. */
VarveExplanation *varve_print_notes (VarveSession *session, const VarveNotesArguments *arguments, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

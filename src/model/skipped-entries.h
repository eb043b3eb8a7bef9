/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"

/* Entries of a tree that do not go into an image: counted, listed, and reported once. */

typedef enum {
  VARVE_SKIPPED_RUNTIME, /* below run, tmp, dev, proc and sys, which a running system fills */
  VARVE_SKIPPED_SPECIAL, /* devices, sockets, fifos */
  VARVE_SKIPPED_MOUNT,   /* a mount inside the tree */
  VARVE_SKIPPED_REPO,    /* below /sysroot, where an OSTree host has its repository */
  VARVE_SKIPPED_DISK,    /* /lost+found */
  VARVE_SKIPPED_XATTRS,  /* attributes of this machine; their files are kept */
  VARVE_SKIPPED_EMPTY,   /* attributes without a value, which OSTree drops; their files are kept */
  VARVE_SKIPPED_PRUNED,  /* what the user wants to leave out */
  VARVE_SKIPPED_KINDS,
} VarveSkippedKind;

/* Of each kind so many paths are listed; all are counted. */
#define VARVE_SKIPPED_PATHS_MAX 100000u

typedef struct {
  struct {
    guint64 count;
    GPtrArray *paths; /* char *, owned; NULL for none */
  } kinds[VARVE_SKIPPED_KINDS];
} VarveSkipped;

/* "runtime", "special", …: for JSON. */
const char *varve_skipped_kind_to_string (VarveSkippedKind kind);
/* The path has no leading slash. */
void varve_skipped_add (VarveSkipped *skipped, VarveSkippedKind kind, const char *path);
/* At most one warning. */
void varve_skipped_report (const VarveSkipped *skipped, VarveObserver *observer);
void varve_skipped_clear (VarveSkipped *skipped);

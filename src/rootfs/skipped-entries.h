#pragma once

#include "base/observer.h"

/* What of a tree does not go into an image: counted, and told once. */

typedef enum {
  VARVE_SKIPPED_RUNTIME, /* what is below run, tmp, dev, proc and sys, which a running system fills */
  VARVE_SKIPPED_SPECIAL, /* devices, sockets, fifos */
  VARVE_SKIPPED_MOUNT,   /* another file system, mounted inside the tree */
  VARVE_SKIPPED_REPO,    /* what is below /sysroot, where an OSTree host has its repository */
  VARVE_SKIPPED_DISK,    /* /lost+found */
  VARVE_SKIPPED_XATTRS,  /* attributes that belong to this machine; the files are there */
  VARVE_SKIPPED_KINDS,
} VarveSkippedKind;

typedef struct {
  struct {
    guint64 count;
    char *first; /* where the first was */
  } kinds[VARVE_SKIPPED_KINDS];
} VarveSkipped;

/* Counts @n more; a path has no leading slash. */
void varve_skipped_add (VarveSkipped *skipped, VarveSkippedKind kind, const char *path, guint64 n);
/* One warning, where there is anything. */
void varve_skipped_report (const VarveSkipped *skipped, VarveObserver *observer);
void varve_skipped_clear (VarveSkipped *skipped);

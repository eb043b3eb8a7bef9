#pragma once

#include "base/observer.h"

/* What of a tree does not go into an image: counted, and told once. */

typedef enum {
  VARVE_LEFT_OUT_RUNTIME, /* what is below run, tmp, dev, proc and sys, which a running system fills */
  VARVE_LEFT_OUT_SPECIAL, /* devices, sockets, fifos */
  VARVE_LEFT_OUT_MOUNT,   /* another file system, mounted inside the tree */
  VARVE_LEFT_OUT_REPO,    /* what is below /sysroot, where an OSTree host has its repository */
  VARVE_LEFT_OUT_DISK,    /* /lost+found */
  VARVE_LEFT_OUT_XATTRS,  /* attributes that belong to this machine; the files are there */
  VARVE_LEFT_OUT_KINDS,
} VarveLeftOutKind;

typedef struct {
  struct {
    guint64 count;
    char *first; /* where the first was */
  } kinds[VARVE_LEFT_OUT_KINDS];
} VarveLeftOut;

/* Counts @n more; a path has no leading slash. */
void varve_left_out_add (VarveLeftOut *left_out, VarveLeftOutKind kind, const char *path, guint64 n);
/* One warning, where there is anything. */
void varve_left_out_tell (const VarveLeftOut *left_out, VarveObserver *observer);
void varve_left_out_clear (VarveLeftOut *left_out);

#pragma once

#include "base/observer.h"
#include "model/tree.h"

/* What a tree says of itself, for the metadata of its commit. */
typedef struct {
  char *kernel; /* the version of the one kernel in usr/lib/modules; NULL where there is none, or more than one */
  const char *machine; /* what its programs are made for, as uname(2) names it; NULL where that is not clear */
} VarveBootable;

void varve_bootable_clear (VarveBootable *bootable);

typedef enum {
  VARVE_BOOTABLE_EXPECTED, /* a tree without a kernel is worth a warning */
  VARVE_BOOTABLE_OR_NOT,
} VarveBootableMode;

/* Looks at the tree as it will be committed. What would keep a bootc host from booting it is told, each thing as a
 * warning that says what to do; the rules are those of `bootc container lint`. */
void varve_bootable_read (VarveTree *tree, VarveBootableMode mode, VarveObserver *observer,
                          VarveBootable *out_bootable);

#pragma once

#include "bench/release.h"

/* What the updates of a row of releases cost a host when they are laid out in some way. A layer is what it contains: a
 * host that has one with the same builds of the same packages does not load it again. Compression and what each layer
 * costs beside its content are left out. */
typedef struct _VarveTally VarveTally;

/* A step is an update from the release before; all figures are of counted steps. */
typedef struct {
  guint32 steps;
  guint64 total_bytes, full_total_bytes;
  guint64 mean_bytes, median_bytes, p90_bytes;
  guint64 lag3_mean_bytes; /* an update from three releases before; 0 when there was none */
  guint64 full_mean_bytes; /* a host that has nothing */
  guint32 max_layers;      /* the most that any release had; empty ones do not count */
} VarveTallyResult;

typedef enum { VARVE_TALLY_WARM_UP, VARVE_TALLY_COUNTED } VarveTallyMode;

VarveTally *varve_tally_new (void);
void varve_tally_free (VarveTally *tally);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTally, varve_tally_free)

/* The next release and the layer of each of its packages. The step to the first release of a file is never counted. */
void varve_tally_add (VarveTally *tally, const VarveRelease *release, const guint32 *layers, VarveTallyMode mode);
VarveTallyResult varve_tally_finish (VarveTally *tally);

#pragma once

#include "base/json.h"
#include "base/observer.h"
#include "oci/image.h"
#include "packages/owners.h"

/* Where something is in an image, and why there. */

typedef struct {
  char *path;      /* with a leading slash, when a path was asked for */
  char *component; /* or the part of one; NULL when only the layer is known */
  guint layer;     /* the commit layer counted */
  VarveDigest digest;
  guint64 layer_bytes;      /* of its blob */
  gint64 layer_probability; /* of changing, when it was written; of VARVE_PROBABILITY_ONE, -1 when it is not known */
  GPtrArray *neighbours;    /* names of what else is in the layer, owned */
  gboolean has_history;     /* the image has a ledger that knows the component: the rest is set */
  guint64 size_bytes;       /* its share of the blob */
  gint64 probability; /* of changing before the next build, of VARVE_PROBABILITY_ONE; -1 when the image does not say */
  guint n_steps;      /* so many steps from build to build it has been there */
  GArray *changes;    /* gint64, seconds since 1970: the builds that changed it, the newest first */
  guint quiet_steps;  /* so many of the newest steps nothing in its layer changed */
  GPtrArray *reasons; /* sentences, owned */
} VarveLocation;

typedef struct {
  const VarveImage *image;
  const char *name;      /* a component, a part "COMPONENT:SUBTREE", or a path */
  const char *repo_path; /* tells the component of a path; NULL: the layers are searched, which tells the layer alone
                            where several components are in it */
  VarveOwnersOptions owners;
  guint jobs;
} VarveLocationOptions;

/* VarveLocation, owned: one for each part of a component. NOT_FOUND when there is none. */
GPtrArray *varve_location_find (const VarveLocationOptions *options, VarveObserver *observer, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_object *varve_location_to_json (const VarveLocation *place);

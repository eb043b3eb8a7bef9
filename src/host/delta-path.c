/* SPDX-License-Identifier: Apache-2.0 */
/* Shortest paths of a bounded number of edges, from the target backwards (Bellman and Ford). Ways that return to an
 * image are never shorter, so nothing has to exclude them. */
#include "host/delta-path.h"

#include <glib.h>

enum { NONE = G_MAXUINT };

/* The best way that begins with an edge and has a certain number of edges. */
typedef struct {
  guint64 bytes; /* VARVE_DELTA_PATH_CLOSED: there is none */
  guint next;    /* edge, or NONE */
} Way;

static gboolean
is_same (const VarveDigest *a, const VarveDigest *b)
{
  return varve_digest_compare (a, b) == 0;
}

static guint64
add_bytes (guint64 a, guint64 b)
{
  return a > VARVE_DELTA_PATH_CLOSED - b ? VARVE_DELTA_PATH_CLOSED : a + b;
}

/* @longer gets the ways with one edge more than those in @ways. */
static void
extend (const VarveDeltaEdge *edges, guint n_edges, const Way *ways, Way *longer)
{
  for (guint i = 0; i < n_edges; i++)
    {
      longer[i] = (Way){ .bytes = VARVE_DELTA_PATH_CLOSED, .next = NONE };
      for (guint k = 0; k < n_edges; k++)
        {
          guint64 bytes = add_bytes (edges[i].bytes, ways[k].bytes);
          if (bytes < longer[i].bytes && is_same (&edges[i].target, &edges[k].source))
            longer[i] = (Way){ .bytes = bytes, .next = k };
        }
    }
}

/* For 1 to @max_steps edges, an array of ways. The caller frees it. */
static Way *
find_ways (const VarveDeltaEdge *edges, guint n_edges, const VarveDigest *target, guint max_steps)
{
  Way *ways = g_new (Way, (gsize)n_edges * max_steps + 1);
  for (guint i = 0; i < n_edges; i++)
    ways[i]
        = (Way){ .bytes = is_same (&edges[i].target, target) ? edges[i].bytes : VARVE_DELTA_PATH_CLOSED, .next = NONE };
  for (guint step = 1; step < max_steps; step++)
    extend (edges, n_edges, ways + (gsize)(step - 1) * n_edges, ways + (gsize)step * n_edges);
  return ways;
}

GArray *
varve_delta_path_find (const VarveDeltaEdge *edges, guint n_edges, const VarveDigest *target, guint64 max_bytes)
{
  g_autofree Way *ways = find_ways (edges, n_edges, target, VARVE_DELTA_PATH_MAX_STEPS);
  guint best_step = NONE, best = 0;
  guint64 best_bytes = max_bytes;
  for (guint step = 0; step < VARVE_DELTA_PATH_MAX_STEPS; step++)
    for (guint i = 0; i < n_edges; i++)
      {
        guint64 bytes = ways[(gsize)step * n_edges + i].bytes;
        if (!edges[i].is_from_host || bytes == VARVE_DELTA_PATH_CLOSED || bytes >= best_bytes)
          continue;
        best_bytes = bytes;
        best_step = step;
        best = i;
      }
  if (best_step == NONE)
    return NULL;
  GArray *path = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint step = best_step, edge = best; edge != NONE; step--)
    {
      g_array_append_val (path, edge);
      edge = ways[(gsize)step * n_edges + edge].next;
    }
  return path;
}

guint64
varve_delta_path_bytes (const VarveDeltaEdge *edges, guint n_edges, const VarveDigest *source,
                        const VarveDigest *target, guint max_steps)
{
  if (is_same (source, target))
    return 0;
  g_autofree Way *ways = find_ways (edges, n_edges, target, MAX (max_steps, 1));
  guint64 best = VARVE_DELTA_PATH_CLOSED;
  for (gsize i = 0; i < (gsize)n_edges * max_steps; i++)
    if (is_same (&edges[i % n_edges].source, source))
      best = MIN (best, ways[i].bytes);
  return best;
}

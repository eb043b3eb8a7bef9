/* SPDX-License-Identifier: Apache-2.0 */
/* host/delta-path: the cheapest way over deltas, by cases and against a search of all ways. */
#include "host/delta-path.h"

static VarveDigest
image (char name)
{
  return varve_digest_of (&name, 1);
}

/* "ab 5*": a delta from image a to image b of 5 bytes, whose source the host has. */
static GArray *
edges_new (const char *const *texts)
{
  GArray *edges = g_array_new (FALSE, FALSE, sizeof (VarveDeltaEdge));
  for (; *texts != NULL; texts++)
    {
      char *end;
      VarveDeltaEdge edge = { .source = image ((*texts)[0]), .target = image ((*texts)[1]) };
      edge.bytes = g_ascii_strtoull (*texts + 2, &end, 10);
      edge.is_from_host = *end == '*';
      g_array_append_val (edges, edge);
    }
  return edges;
}

/* The path to image z as text: "0 2"; "none". */
static char *
path_of (GArray *edges, guint64 max_bytes)
{
  VarveDigest target = image ('z');
  g_autoptr (GArray) path = varve_delta_path_find ((const VarveDeltaEdge *)edges->data, edges->len, &target, max_bytes);
  GString *text = g_string_new (path == NULL ? "none" : NULL);
  for (guint i = 0; path != NULL && i < path->len; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? " " : "", g_array_index (path, guint, i));
  return g_string_free (text, FALSE);
}

static void
test_cases (void)
{
  static const struct {
    const char *edges[8];
    guint64 max_bytes;
    const char *path;
  } CASES[] = {
    { { NULL }, 100, "none" },
    { { "az 5*" }, 100, "0" },
    { { "az 5*" }, 6, "0" },
    { { "az 5*" }, 5, "none" },                                 /* not below the layers */
    { { "az 5" }, 100, "none" },                                /* of an image that the host does not have */
    { { "ab 5*" }, 100, "none" },                               /* leads elsewhere */
    { { "az 9*", "bz 7*", "cz 8*" }, 100, "1" },                /* the smallest */
    { { "az 7*", "bz 7*" }, 100, "0" },                         /* the first of equal ones */
    { { "mz 3", "az 9*", "am 4*" }, 100, "2 0" },               /* a chain that is smaller */
    { { "mz 3", "az 7*", "am 4*" }, 100, "1" },                 /* and one that is not */
    { { "nz 1", "mn 1", "am 1*", "az 4*" }, 100, "2 1 0" },     /* three */
    { { "oz 1", "no 1", "mn 1", "am 1*", "az 9*" }, 100, "4" }, /* four are too many */
    { { "mz 3", "az 9*", "am 4" }, 100, "1" },                  /* a chain whose beginning the host lacks */
    { { "mz 3*", "az 9*", "am 4*" }, 100, "0" },                /* the host is in the middle of one */
    { { "zm 1*", "mz 5", "mm 0*", "zz 0*" }, 100, "3" },        /* circles; the last leads to the target */
    { { "zm 1", "mz 5", "mm 0*" }, 100, "2 1" },
    { { "az 18446744073709551615*" }, G_MAXUINT64, "none" },            /* closed */
    { { "mz 18446744073709551000", "am 1000*" }, G_MAXUINT64, "none" }, /* a sum that is no number */
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GArray) edges = edges_new (CASES[i].edges);
      g_autofree char *path = path_of (edges, CASES[i].max_bytes);
      g_test_message ("case %u", i);
      g_assert_cmpstr (path, ==, CASES[i].path);
    }
}

/* The smallest sum of all ways, by trying them. */
static guint64
search (GArray *edges, const VarveDigest *from, guint steps_left)
{
  VarveDigest target = image ('z');
  guint64 best = G_MAXUINT64;
  for (guint i = 0; steps_left > 0 && i < edges->len; i++)
    {
      const VarveDeltaEdge *edge = &g_array_index (edges, VarveDeltaEdge, i);
      if (from != NULL ? varve_digest_compare (from, &edge->source) != 0 : !edge->is_from_host)
        continue;
      if (varve_digest_compare (&edge->target, &target) == 0)
        best = MIN (best, edge->bytes);
      guint64 rest = search (edges, &edge->target, steps_left - 1);
      best = rest < G_MAXUINT64 ? MIN (best, edge->bytes + rest) : best;
    }
  return best;
}

static void
test_random (void)
{
  guint n_found = 0, n_chains = 0;
  for (guint round = 0; round < 2000; round++)
    {
      g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, sizeof (VarveDeltaEdge));
      guint n = (guint)g_test_rand_int_range (0, 12);
      for (guint i = 0; i < n; i++)
        {
          VarveDeltaEdge edge = { .source = image ((char)g_test_rand_int_range ('u', 'z' + 1)),
                                  .target = image ((char)g_test_rand_int_range ('u', 'z' + 1)),
                                  .is_from_host = g_test_rand_int_range (0, 3) == 0,
                                  .bytes = (guint64)g_test_rand_int_range (0, 50) };
          g_array_append_val (edges, edge);
        }
      VarveDigest target = image ('z');
      g_autoptr (GArray) path = varve_delta_path_find ((const VarveDeltaEdge *)edges->data, n, &target, 60);
      guint64 best = search (edges, NULL, VARVE_DELTA_PATH_MAX_STEPS), sum = 0;
      g_assert_true ((path != NULL) == (best < 60));
      for (guint i = 0; path != NULL && i < path->len; i++)
        sum += g_array_index (edges, VarveDeltaEdge, g_array_index (path, guint, i)).bytes;
      if (path == NULL)
        continue;
      g_assert_cmpuint (sum, ==, best);
      n_found++;
      n_chains += path->len > 1;
    }
  g_assert_cmpuint (n_chains, >, 50);
  g_assert_cmpuint (n_found, >, n_chains);
}

static void
test_bytes (void)
{
  static const char *const TEXTS[] = { "nz 1", "mn 2", "mz 9", "am 4", NULL };
  g_autoptr (GArray) edges = edges_new (TEXTS);
  const VarveDeltaEdge *list = (const VarveDeltaEdge *)edges->data;
  VarveDigest z = image ('z'), n = image ('n'), m = image ('m'), a = image ('a');
  g_assert_cmpuint (varve_delta_path_bytes (list, edges->len, &z, &z, 2), ==, 0);
  g_assert_cmpuint (varve_delta_path_bytes (list, edges->len, &n, &z, 2), ==, 1);
  g_assert_cmpuint (varve_delta_path_bytes (list, edges->len, &m, &z, 2), ==, 3);
  g_assert_cmpuint (varve_delta_path_bytes (list, edges->len, &m, &z, 1), ==, 9);
  g_assert_cmpuint (varve_delta_path_bytes (list, edges->len, &a, &z, 2), ==, 13);
  g_assert_cmpuint (varve_delta_path_bytes (list, edges->len, &a, &z, 3), ==, 7);
  g_assert_cmpuint (varve_delta_path_bytes (list, edges->len, &z, &a, 3), ==, VARVE_DELTA_PATH_CLOSED);
  g_assert_cmpuint (varve_delta_path_bytes (NULL, 0, &a, &z, 3), ==, VARVE_DELTA_PATH_CLOSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/delta-path/cases", test_cases);
  g_test_add_func ("/delta-path/random", test_random);
  g_test_add_func ("/delta-path/bytes", test_bytes);
  return g_test_run ();
}

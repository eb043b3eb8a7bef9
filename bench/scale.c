/* SPDX-License-Identifier: Apache-2.0 */
/* CPU time decides the exponents, because it does not depend on the other load of the machine. */
#include "bench/scale.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/error.h"
#include "base/temporary-folder.h"
#include "bench/grown-tree.h"

enum { OUTPUT_MAX_BYTES = 64 << 20, ARGUMENTS_MAX = 24 };

/* Paths and images of one size. */
typedef struct {
  const VarveScaleOptions *options;
  GCancellable *cancellable;
  VarveObserver *observer;
  char *tree, *first, *second, *delta, *repo, *jobs, *layers;
} Scale;

static const char *const STEP_NAMES[] = { "plan", "build", "rebuild", "verify", "diff", "delta", "prefetch" };

const char *
varve_scale_step_to_string (VarveScaleStep step)
{
  return STEP_NAMES[step];
}

gboolean
varve_scale_steps_parse (const char *names, guint *out_steps, GError **error)
{
  g_auto (GStrv) list = g_strsplit (names, ",", -1);
  guint steps = 0;
  for (char **name = list; *name != NULL; name++)
    {
      guint step = 0;
      while (step < VARVE_SCALE_STEPS && strcmp (*name, STEP_NAMES[step]) != 0)
        step++;
      if (step == VARVE_SCALE_STEPS)
        {
          g_autofree char *escaped = varve_escape (*name);
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                       "--steps: '%s': expected plan, build, rebuild, verify, diff, delta or prefetch", escaped);
          return FALSE;
        }
      steps |= 1u << step;
    }
  *out_steps = steps;
  return TRUE;
}

/* With the steps whose results others read. */
static guint
steps_with_needs (guint steps)
{
  guint after_rebuild
      = 1u << VARVE_SCALE_VERIFY | 1u << VARVE_SCALE_DIFF | 1u << VARVE_SCALE_DELTA | 1u << VARVE_SCALE_PREFETCH;
  if ((steps & after_rebuild) != 0)
    steps |= 1u << VARVE_SCALE_REBUILD;
  if ((steps & 1u << VARVE_SCALE_REBUILD) != 0)
    steps |= 1u << VARVE_SCALE_BUILD;
  return steps;
}

static double
scale_seconds (const struct timeval *time)
{
  return (double)time->tv_sec + (double)time->tv_usec / G_USEC_PER_SEC;
}

/* Fills in the arguments of a step; ends with NULL. */
static void
step_arguments (const Scale *scale, VarveScaleStep step, const char **argv)
{
  gboolean builds = step <= VARVE_SCALE_REBUILD;
  const char *const build[]
      = { "--rootfs", scale->tree, "--format", "ostree", "--packages", "dpkg", "--max-layers", scale->layers };
  guint n = 0;
  argv[n++] = "/proc/self/exe";
  argv[n++] = step == VARVE_SCALE_REBUILD ? "build" : STEP_NAMES[step];
  if (step == VARVE_SCALE_DELTA)
    argv[n++] = "create";
  argv[n++] = "--quiet";
  argv[n++] = "--jobs";
  argv[n++] = scale->jobs;
  for (guint i = 0; builds && i < G_N_ELEMENTS (build); i++)
    argv[n++] = build[i];
  if (step == VARVE_SCALE_BUILD || step == VARVE_SCALE_DIFF || step == VARVE_SCALE_DELTA)
    argv[n++] = scale->first;
  if (step >= VARVE_SCALE_REBUILD)
    argv[n++] = scale->second;
  if (step == VARVE_SCALE_REBUILD)
    {
      argv[n++] = "--previous";
      argv[n++] = scale->first;
    }
  if (step == VARVE_SCALE_DELTA)
    argv[n++] = scale->delta;
  if (step == VARVE_SCALE_PREFETCH)
    {
      argv[n++] = "--repo";
      argv[n++] = scale->repo;
    }
  argv[n] = NULL;
}

static gboolean
run_step (const Scale *scale, VarveScaleStep step, VarveScaleCost *out_cost, GError **error)
{
  const char *argv[ARGUMENTS_MAX];
  step_arguments (scale, step, argv);
  g_auto (VarveChildResult) child = { 0 };
  VarveChildSetup setup = { .argv = argv, .max_output_bytes = OUTPUT_MAX_BYTES };
  varve_observer_begin (scale->observer, STEP_NAMES[step], 0);
  gint64 start_us = g_get_monotonic_time ();
  if (!varve_child_run (&setup, &child, scale->cancellable, error))
    return FALSE;
  *out_cost = (VarveScaleCost){
    .seconds = (double)(g_get_monotonic_time () - start_us) / G_USEC_PER_SEC,
    .cpu_seconds = scale_seconds (&child.usage.ru_utime) + scale_seconds (&child.usage.ru_stime),
    .peak_memory_bytes = (guint64)child.usage.ru_maxrss * 1024,
  };
  if (child.status == 0)
    return TRUE;
  g_autofree char *messages = varve_escape_long (child.messages, OUTPUT_MAX_BYTES);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "varve %s: exit status %d: %s", argv[1], child.status, messages);
  return FALSE;
}

/* An empty repository, as a host's where owners can be kept. */
static gboolean
make_repo (const Scale *scale, GError **error)
{
  static const char *const FOLDERS[] = { "objects", "refs/heads", "refs/mirrors", "refs/remotes", "state", "tmp" };
  for (guint i = 0; i < G_N_ELEMENTS (FOLDERS); i++)
    {
      g_autofree char *path = g_build_filename (scale->repo, FOLDERS[i], NULL);
      if (g_mkdir_with_parents (path, 0755) != 0)
        return varve_set_errno (error, errno, "making the folder '%s'", path);
    }
  g_autofree char *config = g_build_filename (scale->repo, "config", NULL);
  const char *text
      = geteuid () == 0 ? "[core]\nrepo_version=1\nmode=bare\n" : "[core]\nrepo_version=1\nmode=bare-user\n";
  return g_file_set_contents (config, text, -1, error);
}

static gboolean
measure_row (const Scale *scale, VarveGrownTree *tree, guint steps, VarveScaleRow *row, GError **error)
{
  if ((steps & 1u << VARVE_SCALE_PREFETCH) != 0 && !make_repo (scale, error))
    return FALSE;
  for (guint step = 0; step < VARVE_SCALE_STEPS; step++)
    {
      if ((steps & 1u << step) == 0)
        continue;
      if ((step == VARVE_SCALE_REBUILD && !varve_grown_tree_change (tree, scale->cancellable, error))
          || !run_step (scale, (VarveScaleStep)step, &row->costs[step], error))
        {
          g_prefix_error (error, "%u copies: ", row->copies);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
measure_size (Scale *scale, const char *folder, VarveGrownTree *tree, guint steps, VarveScaleRow *row, GError **error)
{
  const VarveGrownTreeSize *size = varve_grown_tree_size (tree);
  g_autofree char *images = g_build_filename (folder, "images", NULL);
  g_autofree char *delta = g_build_filename (images, "delta", NULL), *repo = g_build_filename (images, "repo", NULL),
                  *first = g_strdup_printf ("oci:%s/layout:first", images),
                  *second = g_strdup_printf ("oci:%s/layout:second", images);
  scale->delta = delta;
  scale->repo = repo;
  scale->first = first;
  scale->second = second;
  *row = (VarveScaleRow){
    .copies = size->copies, .files = size->files, .bytes = size->bytes, .packages = size->packages
  };
  if (g_mkdir_with_parents (images, 0755) != 0)
    return varve_set_errno (error, errno, "making the folder '%s'", images);
  gboolean done = measure_row (scale, tree, steps, row, error);
  varve_remove_all (images);
  return done;
}

double
varve_scale_exponent (const double *x, const double *y, guint n)
{
  double sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
  for (guint i = 0; i < n; i++)
    {
      double log_x = log (x[i]), log_y = log (y[i]);
      sum_x += log_x;
      sum_y += log_y;
      sum_xx += log_x * log_x;
      sum_xy += log_x * log_y;
    }
  return (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x);
}

static void
find_exponents (VarveScaleResult *result)
{
  double files[VARVE_SCALE_SIZES_MAX], seconds[VARVE_SCALE_SIZES_MAX], memory[VARVE_SCALE_SIZES_MAX];
  for (guint step = 0; step < VARVE_SCALE_STEPS && result->n_rows > 1; step++)
    {
      if ((result->steps & 1u << step) == 0)
        continue;
      for (guint i = 0; i < result->n_rows; i++)
        {
          files[i] = (double)result->rows[i].files;
          seconds[i] = MAX (result->rows[i].costs[step].cpu_seconds, 1e-3);
          memory[i] = (double)MAX (result->rows[i].costs[step].peak_memory_bytes, 1);
        }
      result->cpu_exponents[step] = varve_scale_exponent (files, seconds, result->n_rows);
      result->memory_exponents[step] = varve_scale_exponent (files, memory, result->n_rows);
    }
}

gboolean
varve_scale_measure (const VarveScaleOptions *options, VarveScaleResult *out_result, VarveObserver *observer,
                     GCancellable *cancellable, GError **error)
{
  if (options->copies < 1 || options->copies > VARVE_SCALE_COPIES_MAX || (options->copies & (options->copies - 1)) != 0)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--copies %u: expected a power of two, at most %d",
                   options->copies, VARVE_SCALE_COPIES_MAX);
      return FALSE;
    }
  g_autoptr (VarveTemporaryFolder) folder = varve_temporary_folder_new (options->work_path, error);
  if (folder == NULL)
    return FALSE;
  const char *path = varve_temporary_folder_path (folder);
  g_autofree char *tree_path = g_build_filename (path, "tree", NULL), *jobs = g_strdup_printf ("%u", options->jobs),
                  *layers = g_strdup_printf ("%u", options->max_layers);
  VarveGrownTreeOptions tree_options = { .repo_path = options->repo_path,
                                         .ref = options->ref,
                                         .path = tree_path,
                                         .cut_bytes = options->cut_bytes,
                                         .jobs = options->jobs };
  Scale scale = { .options = options,
                  .cancellable = cancellable,
                  .observer = observer,
                  .tree = tree_path,
                  .jobs = jobs,
                  .layers = layers };
  VarveScaleResult result = { .steps = steps_with_needs (options->steps) };
  g_autoptr (VarveGrownTree) tree = varve_grown_tree_new (&tree_options, error);
  for (guint copies = 1; tree != NULL && copies <= options->copies; copies *= 2)
    {
      while (varve_grown_tree_size (tree)->copies < copies)
        if (!varve_grown_tree_add_copy (tree, observer, cancellable, error))
          return FALSE;
      if (!measure_size (&scale, path, tree, result.steps, &result.rows[result.n_rows], error))
        return FALSE;
      result.n_rows++;
    }
  if (tree == NULL)
    return FALSE;
  find_exponents (&result);
  *out_result = result;
  return TRUE;
}

static void
scale_add_number (json_object *json, const char *key, double value)
{
  g_autofree char *text = g_strdup_printf ("%.3f", value);
  json_object_object_add (json, key, json_object_new_double_s (value, text));
}

static json_object *
row_to_json (const VarveScaleResult *result, const VarveScaleRow *row)
{
  json_object *json = json_object_new_object (), *steps = json_object_new_object ();
  varve_json_add_size (json, "copies", row->copies);
  varve_json_add_size (json, "files", row->files);
  varve_json_add_size (json, "bytes", row->bytes);
  varve_json_add_size (json, "packages", row->packages);
  for (guint step = 0; step < VARVE_SCALE_STEPS; step++)
    {
      if ((result->steps & 1u << step) == 0)
        continue;
      json_object *cost = json_object_new_object ();
      scale_add_number (cost, "seconds", row->costs[step].seconds);
      scale_add_number (cost, "cpu_seconds", row->costs[step].cpu_seconds);
      varve_json_add_size (cost, "peak_memory_bytes", row->costs[step].peak_memory_bytes);
      json_object_object_add (steps, STEP_NAMES[step], cost);
    }
  json_object_object_add (json, "steps", steps);
  return json;
}

json_object *
varve_scale_to_json (const VarveScaleResult *result)
{
  json_object *json = json_object_new_object (), *sizes = json_object_new_array (),
              *exponents = json_object_new_object ();
  for (guint i = 0; i < result->n_rows; i++)
    json_object_array_add (sizes, row_to_json (result, &result->rows[i]));
  json_object_object_add (json, "sizes", sizes);
  for (guint step = 0; step < VARVE_SCALE_STEPS && result->n_rows > 1; step++)
    {
      if ((result->steps & 1u << step) == 0)
        continue;
      json_object *exponent = json_object_new_object ();
      scale_add_number (exponent, "cpu_seconds", result->cpu_exponents[step]);
      scale_add_number (exponent, "peak_memory_bytes", result->memory_exponents[step]);
      json_object_object_add (exponents, STEP_NAMES[step], exponent);
    }
  json_object_object_add (json, "exponents", exponents);
  return json;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Builds run as processes of this program, so that their memory and time are those of a user. The lower bound reads the
 * layers' tars from one file that is written first: both sides find their input in the page cache. */
#include "bench/speed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <zstd.h>

#include "base/child.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/temporary-folder.h"
#include "bench/median.h"
#include "compose/draft.h"
#include "emit/layer.h"
#include "emit/ostree-tar.h"

enum { BUFFER_BYTES = 1 << 20, WINDOW_LOG = 27, RUNS_MAX = 100, OUTPUT_MAX_BYTES = 64 << 10 };

typedef struct {
  const VarveSpeedOptions *options;
  GCancellable *cancellable;
  const char *folder;
  char *tar_path;
  VarveSpeedResult result;
} Bench;

static gboolean
write_to_file (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  return varve_tempfile_write (data, bytes, size_bytes, error);
}

/* Writes the tars of all layers into one file. */
static gboolean
bench_write_tars (Bench *bench, VarveObserver *observer, GError **error)
{
  const VarveSpeedOptions *options = bench->options;
  VarveDraftOptions draft_options = VARVE_DRAFT_OPTIONS_INIT;
  draft_options.repo_path = options->repo_path;
  draft_options.ref = options->ref;
  draft_options.max_layers = options->max_layers;
  draft_options.jobs = options->jobs;
  g_autoptr (VarveDraft) draft = varve_draft_new (&draft_options, observer, bench->cancellable, error);
  if (draft == NULL)
    return FALSE;
  bench->result.objects = draft->inventory->n_objects;
  int folder_fd = open (bench->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_fd < 0)
    return varve_set_errno (error, errno, "opening '%s'", bench->folder);
  varve_observer_begin (observer, "writing the tars for the lower bound", 0);
  g_autoptr (VarveTempfile) file = varve_tempfile_new (folder_fd, error);
  VarveSink sink = { .write = write_to_file, .data = file };
  VarveOstreeTar tar = { .inventory = draft->inventory, .source = draft->source, .cancellable = bench->cancellable };
  gboolean written = file != NULL && varve_ostree_tar_write_commit (&tar, &sink, error);
  for (guint i = 1; written && i < draft->layers->len; i++)
    {
      GArray *objects = varve_draft_layer (draft, i)->objects;
      written = varve_ostree_tar_write_component (&tar, (const guint32 *)(const void *)objects->data, objects->len,
                                                  &sink, error);
    }
  struct stat status;
  written = written && varve_tempfile_publish (file, "tars", error);
  if (written && stat (bench->tar_path, &status) == 0)
    bench->result.raw_bytes = (guint64)status.st_size;
  close (folder_fd);
  return written;
}

/* Of one run. */
typedef struct {
  double seconds, cpu_seconds;
} Cost;

static double
timeval_seconds (const struct timeval *time)
{
  return (double)time->tv_sec + (double)time->tv_usec / G_USEC_PER_SEC;
}

/* Of all threads of this process. */
static double
cpu_seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

typedef enum {
  BUILD_FIRST,
  BUILD_AGAIN, /* with the existing image as the previous one */
} BuildKind;

/* One build by a process of this program, timed from outside. */
static gboolean
bench_time_build (Bench *bench, BuildKind kind, const char *layout_path, Cost *out_cost, GError **error)
{
  const VarveSpeedOptions *options = bench->options;
  g_autofree char *jobs = g_strdup_printf ("%u", options->jobs), *level = g_strdup_printf ("%d", options->level);
  g_autofree char *layers = g_strdup_printf ("%u", options->max_layers),
                  *image = g_strconcat ("oci:", layout_path, NULL);
  const char *argv[] = { "/proc/self/exe",
                         "build",
                         "--quiet",
                         "--repo",
                         options->repo_path,
                         "--jobs",
                         jobs,
                         "--level",
                         level,
                         "--max-layers",
                         layers,
                         options->ref,
                         image,
                         kind == BUILD_AGAIN ? "--previous" : NULL,
                         image,
                         NULL };
  g_auto (VarveChildResult) child = { 0 };
  VarveChildSetup setup = { .argv = argv, .max_output_bytes = OUTPUT_MAX_BYTES };
  gint64 start_us = g_get_monotonic_time ();
  if (!varve_child_run (&setup, &child, bench->cancellable, error))
    return FALSE;
  out_cost->seconds = (double)(g_get_monotonic_time () - start_us) / G_USEC_PER_SEC;
  out_cost->cpu_seconds = timeval_seconds (&child.usage.ru_utime) + timeval_seconds (&child.usage.ru_stime);
  bench->result.peak_memory_bytes = MAX (bench->result.peak_memory_bytes, (guint64)child.usage.ru_maxrss * 1024);
  if (child.status == 0)
    return TRUE;
  g_autofree char *messages = varve_escape (child.messages);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "varve build: exit status %d: %s", child.status, messages);
  return FALSE;
}

/* Gets the bytes of a file in order. */
typedef gboolean (*PieceFunc) (gpointer data, const void *bytes, gsize size_bytes, GError **error);

static gboolean
read_file (Bench *bench, PieceFunc func, gpointer data, GError **error)
{
  int fd = open (bench->tar_path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return varve_set_errno (error, errno, "opening '%s'", bench->tar_path);
  g_autofree guint8 *buffer = g_malloc (BUFFER_BYTES);
  ssize_t n;
  gboolean done = TRUE;
  while (done && (n = read (fd, buffer, BUFFER_BYTES)) > 0)
    done = !g_cancellable_set_error_if_cancelled (bench->cancellable, error) && func (data, buffer, (gsize)n, error);
  if (done && n < 0)
    done = varve_set_errno (error, errno, "reading '%s'", bench->tar_path);
  close (fd);
  return done;
}

static gboolean
hash_piece (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  varve_hash_update (data, bytes, size_bytes);
  return TRUE;
}

static gpointer
hash_file (gpointer data)
{
  GError *error = NULL;
  g_autoptr (VarveHash) hash = varve_hash_new ();
  if (read_file (data, hash_piece, hash, &error))
    varve_hash_finish (hash);
  return error;
}

typedef struct {
  ZSTD_CCtx *zstd;
  guint8 *out;
} Compression;

static gboolean
compress_piece (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  Compression *compression = data;
  ZSTD_inBuffer in = { .src = bytes, .size = size_bytes };
  ZSTD_EndDirective directive = bytes != NULL ? ZSTD_e_continue : ZSTD_e_end;
  for (;;)
    {
      ZSTD_outBuffer out = { .dst = compression->out, .size = BUFFER_BYTES };
      size_t left = ZSTD_compressStream2 (compression->zstd, &out, &in, directive);
      if (ZSTD_isError (left))
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "zstd: %s", ZSTD_getErrorName (left));
          return FALSE;
        }
      if (directive == ZSTD_e_end ? left == 0 : in.pos == in.size)
        return TRUE;
    }
}

static gboolean
bench_time_limit (Bench *bench, Cost *out_cost, GError **error)
{
  Compression compression = { .zstd = ZSTD_createCCtx () };
  if (compression.zstd == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_IO, "zstd: out of memory");
      return FALSE;
    }
  compression.out = g_malloc (BUFFER_BYTES);
  ZSTD_CCtx_setParameter (compression.zstd, ZSTD_c_compressionLevel, bench->options->level);
  ZSTD_CCtx_setParameter (compression.zstd, ZSTD_c_enableLongDistanceMatching, 1);
  ZSTD_CCtx_setParameter (compression.zstd, ZSTD_c_windowLog, WINDOW_LOG);
  ZSTD_CCtx_setParameter (compression.zstd, ZSTD_c_nbWorkers, (int)bench->options->jobs);
  ZSTD_CCtx_setPledgedSrcSize (compression.zstd, bench->result.raw_bytes);
  double start_cpu_seconds = cpu_seconds ();
  gint64 start_us = g_get_monotonic_time ();
  GThread *hashing = g_thread_try_new ("varve-hash", hash_file, bench, error);
  gboolean done = hashing != NULL && read_file (bench, compress_piece, &compression, error)
                  && compress_piece (&compression, NULL, 0, error);
  GError *hash_error = hashing != NULL ? g_thread_join (hashing) : NULL;
  out_cost->seconds = (double)(g_get_monotonic_time () - start_us) / G_USEC_PER_SEC;
  out_cost->cpu_seconds = cpu_seconds () - start_cpu_seconds;
  ZSTD_freeCCtx (compression.zstd);
  g_free (compression.out);
  if (hash_error != NULL && done)
    g_propagate_error (error, g_steal_pointer (&hash_error));
  done = done && (error == NULL || *error == NULL);
  g_clear_error (&hash_error);
  return done;
}

static guint64
folder_bytes (const char *layout_path)
{
  g_autofree char *path = g_build_filename (layout_path, "blobs", "sha256", NULL);
  GDir *folder = g_dir_open (path, 0, NULL);
  guint64 bytes = 0;
  for (const char *name = folder != NULL ? g_dir_read_name (folder) : NULL; name != NULL;
       name = g_dir_read_name (folder))
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      struct stat status;
      bytes += stat (file, &status) == 0 ? (guint64)status.st_size : 0;
    }
  if (folder != NULL)
    g_dir_close (folder);
  return bytes;
}

/* One of each, in turn. */
typedef struct {
  Cost build, limit, rebuild;
} Round;

static double
build_seconds (const Round *round)
{
  return round->build.seconds;
}
static double
limit_seconds (const Round *round)
{
  return round->limit.seconds;
}
static double
rebuild_seconds (const Round *round)
{
  return round->rebuild.seconds;
}
static double
build_ratio (const Round *round)
{
  return round->build.seconds / round->limit.seconds;
}
static double
rebuild_ratio (const Round *round)
{
  return round->rebuild.seconds / round->build.seconds;
}
static double
build_cpu_seconds (const Round *round)
{
  return round->build.cpu_seconds;
}
static double
limit_cpu_seconds (const Round *round)
{
  return round->limit.cpu_seconds;
}
static double
cpu_ratio (const Round *round)
{
  return round->build.cpu_seconds / round->limit.cpu_seconds;
}

static double
median_of (const Round *rounds, guint n, double (*value) (const Round *))
{
  double values[RUNS_MAX];
  for (guint i = 0; i < n; i++)
    values[i] = value (&rounds[i]);
  return varve_median (values, n);
}

static void
summarize (VarveSpeedResult *result, const Round *rounds, guint n)
{
  result->build_seconds = median_of (rounds, n, build_seconds);
  result->limit_seconds = median_of (rounds, n, limit_seconds);
  result->rebuild_seconds = median_of (rounds, n, rebuild_seconds);
  result->ratio = median_of (rounds, n, build_ratio);
  result->rebuild_ratio = median_of (rounds, n, rebuild_ratio);
  result->build_cpu_seconds = median_of (rounds, n, build_cpu_seconds);
  result->limit_cpu_seconds = median_of (rounds, n, limit_cpu_seconds);
  result->cpu_ratio = median_of (rounds, n, cpu_ratio);
}

static gboolean
bench_run (Bench *bench, VarveObserver *observer, GError **error)
{
  guint runs = bench->options->runs;
  Round rounds[RUNS_MAX];
  if (!bench_write_tars (bench, observer, error))
    return FALSE;
  varve_observer_begin (observer, "timing builds and the lower bound", 0);
  for (guint i = 0; i < runs; i++)
    {
      g_autoptr (VarveTemporaryFolder) folder = varve_temporary_folder_new (bench->folder, error);
      if (folder == NULL)
        return FALSE;
      g_autofree char *layout_path = g_build_filename (varve_temporary_folder_path (folder), "layout", NULL);
      sync (); /* so that pending writes of the last round do not count for this one */
      if (!bench_time_build (bench, BUILD_FIRST, layout_path, &rounds[i].build, error)
          || !bench_time_limit (bench, &rounds[i].limit, error)
          || !bench_time_build (bench, BUILD_AGAIN, layout_path, &rounds[i].rebuild, error))
        return FALSE;
      bench->result.image_bytes = folder_bytes (layout_path);
    }
  summarize (&bench->result, rounds, runs);
  return TRUE;
}

gboolean
varve_speed_measure (const VarveSpeedOptions *options, VarveSpeedResult *out_result, VarveObserver *observer,
                     GCancellable *cancellable, GError **error)
{
  if (options->runs < 1 || options->runs > RUNS_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--runs %u: expected 1 to %d", options->runs, RUNS_MAX);
      return FALSE;
    }
  g_autoptr (VarveTemporaryFolder) folder = varve_temporary_folder_new (options->work_path, error);
  if (folder == NULL)
    return FALSE;
  Bench bench = { .options = options, .cancellable = cancellable, .folder = varve_temporary_folder_path (folder) };
  g_autofree char *tar_path = g_build_filename (bench.folder, "tars", NULL);
  bench.tar_path = tar_path;
  if (!bench_run (&bench, observer, error))
    return FALSE;
  *out_result = bench.result;
  return TRUE;
}

static void
json_add_number (json_object *json, const char *key, double value)
{
  g_autofree char *text = g_strdup_printf ("%.3f", value);
  json_object_object_add (json, key, json_object_new_double_s (value, text));
}

json_object *
varve_speed_to_json (const VarveSpeedResult *result)
{
  json_object *json = json_object_new_object ();
  varve_json_add_size (json, "raw_bytes", result->raw_bytes);
  varve_json_add_size (json, "image_bytes", result->image_bytes);
  json_add_number (json, "build_seconds", result->build_seconds);
  json_add_number (json, "limit_seconds", result->limit_seconds);
  json_add_number (json, "ratio", result->ratio);
  json_add_number (json, "rebuild_seconds", result->rebuild_seconds);
  json_add_number (json, "rebuild_ratio", result->rebuild_ratio);
  json_add_number (json, "build_cpu_seconds", result->build_cpu_seconds);
  json_add_number (json, "limit_cpu_seconds", result->limit_cpu_seconds);
  json_add_number (json, "cpu_ratio", result->cpu_ratio);
  varve_json_add_size (json, "peak_memory_bytes", result->peak_memory_bytes);
  return json;
}

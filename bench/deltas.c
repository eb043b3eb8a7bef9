/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign programs are run one file at a time, on copies of the files; varve's encoders run on one thread, so that CPU
 * seconds compare. */
#include "bench/deltas.h"

#include <errno.h>
#include <sys/resource.h>
#include <time.h>

#include <glib/gstdio.h>

#include "base/child.h"
#include "base/error.h"
#include "base/temporary-folder.h"
#include "delta/encode.h"

enum { OUTPUT_MAX_BYTES = 64 << 10 };

typedef struct {
  const VarveDeltasOptions *options;
  VarveOldEnd *old;
  VarveNewEnd *new;
  VarveDeltasResult *result;
  char *old_path, *new_path, *out_path; /* of the current pair of foreign programs */
  GCancellable *cancellable;
} Bench;

const char *
varve_encoding_to_string (VarveEncoding encoding)
{
  static const char *const NAMES[] = { "tar-diff", "varve", "zstd-patch-from", "bsdiff" };
  return NAMES[encoding];
}

static gboolean
count_bytes (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  *(guint64 *)data += size_bytes;
  return TRUE;
}

static double
process_seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static gboolean
encode_own (Bench *bench, guint index, VarveEncoding encoding, GError **error)
{
  const VarveImageFile *file = bench->new->files->files->pdata[index];
  VarveEncodingResult *result = &bench->result->encodings[encoding];
  VarveEncodeContext context = { .sources = bench->old->sources,
                                 .old_spool = bench->old->spool,
                                 .new_spool = bench->new->spool,
                                 .cancellable = bench->cancellable };
  VarveEncodeFile input
      = { .content = file->content, .hash = file->hash, .names = file->names, .anatomy = bench->new->anatomies[index] };
  VarveSink counted = { .write = count_bytes, .data = &result->bytes };
  double start = process_seconds ();
  g_autoptr (VarveOpCompressor) compressor
      = varve_op_compressor_new (VARVE_TARDIFF_MAGIC, bench->options->level, file->content.size_bytes, &counted, error);
  if (compressor == NULL)
    return FALSE;
  g_autoptr (VarveTardiffWriter) writer = varve_tardiff_writer_new (varve_op_compressor_sink (compressor));
  gboolean is_recoded = encoding == VARVE_ENCODING_VARVE;
  if (!(is_recoded ? varve_encode_recoded : varve_encode_plain) (&context, &input, writer, error)
      || !varve_tardiff_writer_finish (writer, error) || !varve_op_compressor_finish (compressor, error))
    return FALSE;
  result->cpu_seconds += process_seconds () - start;
  result->files++;
  return TRUE;
}

/* Runs a program to its end, and adds its CPU time and memory. */
static gboolean
run_encoder (const char *const *argv, VarveEncodingResult *result, GCancellable *cancellable, GError **error)
{
  g_auto (VarveChildResult) child = { 0 };
  VarveChildSetup setup = { .argv = argv, .max_output_bytes = OUTPUT_MAX_BYTES };
  if (!varve_child_run (&setup, &child, cancellable, error))
    return FALSE;
  const struct rusage *usage = &child.usage;
  result->cpu_seconds += (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec);
  result->cpu_seconds += (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1e-6;
  result->peak_memory_bytes = MAX (result->peak_memory_bytes, (guint64)usage->ru_maxrss * 1024);
  if (child.status == 0)
    return TRUE;
  g_autofree char *messages = varve_escape (child.messages);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "exit status %d: %s", child.status, messages);
  return FALSE;
}

static gboolean
encode_foreign (Bench *bench, VarveEncoding encoding, GError **error)
{
  VarveEncodingResult *result = &bench->result->encodings[encoding];
  g_autofree char *patch = g_strconcat ("--patch-from=", bench->old_path, NULL),
                  *level = g_strdup_printf ("-%d", bench->options->level);
  const char *zstd[] = { "zstd", "-qf", "--ultra", "-T1", level, patch, bench->new_path, "-o", bench->out_path, NULL };
  const char *bsdiff[] = { "bsdiff", bench->old_path, bench->new_path, bench->out_path, NULL };
  const char *const *argv = encoding == VARVE_ENCODING_ZSTD ? zstd : bsdiff;
  GStatBuf info;
  g_autofree char *found = g_find_program_in_path (argv[0]);
  if (found == NULL)
    return TRUE;
  if (!run_encoder (argv, result, bench->cancellable, error))
    {
      g_prefix_error (error, "%s: ", argv[0]);
      return FALSE;
    }
  if (g_stat (bench->out_path, &info) != 0)
    return varve_set_errno (error, errno, "%s: reading its output '%s'", argv[0], bench->out_path);
  result->bytes += (guint64)info.st_size;
  result->files++;
  return TRUE;
}

/* Without CONSISTENT GLib leaves the rest of a longer file that was there before. */
static gboolean
write_out (VarveExtentFile *spool, VarveExtent content, const char *path, GError **error)
{
  g_autofree guint8 *data = varve_extent_file_load (spool, content, error);
  return data != NULL
         && g_file_set_contents_full (path, (const char *)data, (gssize)content.size_bytes,
                                      G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

static gboolean
measure_file (Bench *bench, guint index, GError **error)
{
  const VarveImageFile *file = bench->new->files->files->pdata[index];
  const VarveImageFile *old = varve_sources_find_file (bench->old->sources, file->names, file->content.size_bytes);
  if (old == NULL || varve_sources_has_equal (bench->old->sources, file->hash, file->content.size_bytes))
    return TRUE;
  if (MAX (file->content.size_bytes, old->content.size_bytes) > bench->options->max_file_bytes)
    {
      bench->result->left_out++;
      bench->result->left_out_bytes += file->content.size_bytes;
      return TRUE;
    }
  bench->result->files++;
  bench->result->new_bytes += file->content.size_bytes;
  if (!encode_own (bench, index, VARVE_ENCODING_TARDIFF, error)
      || !encode_own (bench, index, VARVE_ENCODING_VARVE, error)
      || !write_out (bench->old->spool, old->content, bench->old_path, error)
      || !write_out (bench->new->spool, file->content, bench->new_path, error))
    return FALSE;
  return encode_foreign (bench, VARVE_ENCODING_ZSTD, error) && encode_foreign (bench, VARVE_ENCODING_BSDIFF, error);
}

static gboolean
measure_all (Bench *bench, VarveObserver *observer, GError **error)
{
  guint64 total = 0;
  for (guint i = 0; i < bench->new->files->files->len; i++)
    total += ((VarveImageFile *)bench->new->files->files->pdata[i])->content.size_bytes;
  varve_observer_begin (observer, "measuring", total);
  for (guint i = 0; i < bench->new->files->files->len; i++)
    {
      if (g_cancellable_set_error_if_cancelled (bench->cancellable, error) || !measure_file (bench, i, error))
        return FALSE;
      varve_observer_advance (observer, ((VarveImageFile *)bench->new->files->files->pdata[i])->content.size_bytes);
    }
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  for (int i = VARVE_ENCODING_TARDIFF; i <= VARVE_ENCODING_VARVE; i++)
    bench->result->encodings[i].peak_memory_bytes = (guint64)usage.ru_maxrss * 1024;
  return TRUE;
}

static gboolean
measure_in (Bench *bench, const char *folder, VarveObserver *observer, GError **error)
{
  bench->old_path = g_build_filename (folder, "old", NULL);
  bench->new_path = g_build_filename (folder, "new", NULL);
  bench->out_path = g_build_filename (folder, "out", NULL);
  gboolean done = measure_all (bench, observer, error);
  g_free (bench->old_path);
  g_free (bench->new_path);
  g_free (bench->out_path);
  return done;
}

gboolean
varve_deltas_measure (const VarveDeltasOptions *options, VarveDeltasResult *out_result, VarveObserver *observer,
                      GCancellable *cancellable, GError **error)
{
  VarveEndpointOptions end_options = {
    .jobs = options->jobs, .work_path = options->work_path, .observer = observer, .new_kind = VARVE_ANATOMY_RECIPES
  };
  g_autoptr (VarveOldEnd) old_end = varve_old_end_read (options->old, &end_options, cancellable, error);
  if (old_end == NULL)
    return FALSE;
  g_autoptr (GPtrArray) olds = g_ptr_array_new ();
  g_ptr_array_add (olds, old_end);
  g_autoptr (VarveNewEnd) new_end = varve_new_end_read (options->new, NULL, olds, &end_options, cancellable, error);
  if (new_end == NULL || !varve_old_end_dissect (old_end, new_end, &end_options, cancellable, error))
    return FALSE;
  g_autoptr (VarveTemporaryFolder) folder = varve_temporary_folder_new (options->work_path, error);
  if (folder == NULL)
    return FALSE;
  VarveDeltasResult result = { .trial_seconds = new_end->trial_seconds };
  Bench bench = { .options = options, .old = old_end, .new = new_end, .result = &result, .cancellable = cancellable };
  gboolean done = measure_in (&bench, varve_temporary_folder_path (folder), observer, error);
  if (done)
    *out_result = result;
  return done;
}

json_object *
varve_deltas_to_json (const VarveDeltasResult *result)
{
  json_object *json = json_object_new_object (), *encodings = json_object_new_object ();
  varve_json_add_size (json, "files", result->files);
  varve_json_add_size (json, "new_bytes", result->new_bytes);
  varve_json_add_size (json, "left_out", result->left_out);
  varve_json_add_size (json, "left_out_bytes", result->left_out_bytes);
  json_object_object_add (json, "trial_seconds", json_object_new_double (result->trial_seconds));
  for (int i = 0; i < VARVE_ENCODINGS; i++)
    {
      const VarveEncodingResult *encoding = &result->encodings[i];
      json_object *item = json_object_new_object ();
      if (encoding->files < result->files)
        {
          json_object_put (item);
          continue;
        }
      varve_json_add_size (item, "bytes", encoding->bytes);
      json_object_object_add (item, "cpu_seconds", json_object_new_double (encoding->cpu_seconds));
      varve_json_add_size (item, "peak_memory_bytes", encoding->peak_memory_bytes);
      json_object_object_add (encodings, varve_encoding_to_string ((VarveEncoding)i), item);
    }
  json_object_object_add (json, "encodings", encodings);
  return json;
}

#include <stdio.h>

#include "base/error.h"
#include "bench/deltas.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "transport/open.h"

enum { MAX_FILE_MB_DEFAULT = 8, MAX_FILE_MB = 1024 };

static void
print_deltas (const VarveDeltasResult *result)
{
  g_autofree char *size = varve_format_size (result->new_bytes);
  printf ("files   %u, %s\ntrials  %.1f s\n\n%-16s %10s %8s %10s\n", result->files, size, result->trial_seconds, "ENCODING", "SIZE", "CPU", "MEMORY");
  for (int i = 0; i < VARVE_ENCODINGS; i++)
    {
      const VarveEncodingResult *encoding = &result->encodings[i];
      g_autofree char *bytes = varve_format_size (encoding->bytes), *memory = varve_format_size (encoding->peak_memory_bytes);
      if (encoding->files < result->files)
        printf ("%-16s not installed\n", varve_encoding_to_string ((VarveEncoding)i));
      else
        printf ("%-16s %10s %6.1f s %10s\n", varve_encoding_to_string ((VarveEncoding)i), bytes, encoding->cpu_seconds, memory);
    }
}

static VarveImage *
open_image (const char *name, GError **error)
{
  g_autoptr (VarveReference) reference = varve_reference_parse (name, error);
  return reference != NULL ? varve_open_image (reference, NULL, error) : NULL;
}

static int
measure (VarveSession *session, char **operands, VarveDeltasOptions *options, int max_file, GError **error)
{
  VarveDeltasResult result;
  if (max_file < 1 || max_file > MAX_FILE_MB || options->level < 1 || options->level > 22)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "expected --max-file from 1 to %d, --level from 1 to 22", MAX_FILE_MB);
      return 1;
    }
  options->jobs = varve_session_jobs (session);
  options->max_file_bytes = (guint64)max_file * 1000 * 1000;
  g_autoptr (VarveImage) old = open_image (operands[0], error);
  g_autoptr (VarveImage) new = old != NULL ? open_image (operands[1], error) : NULL;
  if (new == NULL)
    return 1;
  varve_session_start (session);
  gboolean done = varve_deltas_measure (old, new, options, &result, session->observer, session->cancellable, error);
  varve_session_stop (session);
  if (!done)
    return 1;
  g_autoptr (json_object) json = varve_deltas_to_json (&result);
  if (session->json)
    varve_print_json (json);
  else
    print_deltas (&result);
  return 0;
}

int
varve_cmd_bench_deltas (VarveSession *session, int argc, char **argv)
{
  g_autofree char *work = NULL;
  int level = 19, max_file = MAX_FILE_MB_DEFAULT;
  const GOptionEntry entries[] = {
    { "level", 0, 0, G_OPTION_ARG_INT, &level, "zstd level of ours and of zstd --patch-from (19)", "N" },
    { "max-file", 0, 0, G_OPTION_ARG_INT, &max_file, "Leave larger files out (8): bsdiff takes long for them", "MB" },
    { "work-dir", 0, 0, G_OPTION_ARG_FILENAME, &work, "Where to put temporary files (TMPDIR, else /var/tmp)", "DIR" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "OLD NEW",
    .summary = "Encodes each file that changed between two images in several ways: bytes, CPU seconds, memory.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .min_arguments = 2,
    .max_arguments = 2,
  };
  g_autoptr (GError) error = NULL;
  if (!varve_session_parse (session, &syntax, &argc, &argv))
    return VARVE_EXIT_USAGE;
  VarveDeltasOptions options = { .level = level, .work_path = work };
  int status = measure (session, argv + 1, &options, max_file, &error);
  return error != NULL ? varve_session_fail (session, error) : status;
}

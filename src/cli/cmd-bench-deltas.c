/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "bench/deltas.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print.h"

enum { LEVEL_DEFAULT = 19, MAX_FILE_MB_DEFAULT = 8, MAX_FILE_MB = 1024 };

typedef struct {
  VarveImageOptions images;
  char *architecture, *work;
  int level, max_file;
} Arguments;

static void
print_deltas (const VarveDeltasResult *result)
{
  g_autofree char *size = varve_format_size (result->new_bytes), *left_out = varve_format_size (result->left_out_bytes);
  printf ("files   %u, %s; %u larger ones, %s, are skipped\n", result->files, size, result->left_out, left_out);
  printf ("trials  %.1f s\n\n%-16s %10s %8s %10s\n", result->trial_seconds, "ENCODING", "SIZE", "CPU", "MEMORY");
  for (int i = 0; i < VARVE_ENCODINGS; i++)
    {
      const VarveEncodingResult *encoding = &result->encodings[i];
      g_autofree char *bytes = varve_format_size (encoding->bytes),
                      *memory = varve_format_size (encoding->peak_memory_bytes);
      if (encoding->files < result->files)
        printf ("%-16s not installed\n", varve_encoding_to_string ((VarveEncoding)i));
      else
        printf ("%-16s %10s %6.1f s %10s\n", varve_encoding_to_string ((VarveEncoding)i), bytes, encoding->cpu_seconds,
                memory);
    }
}

static int
measure (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  VarveDeltasResult result;
  if (arguments->max_file < 1 || arguments->max_file > MAX_FILE_MB || arguments->level < 1 || arguments->level > 22)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "expected --max-file from 1 to %d, --level from 1 to 22",
                   MAX_FILE_MB);
      return 1;
    }
  VarveDeltasOptions options = {
    .level = arguments->level,
    .work_path = arguments->work,
    .jobs = varve_session_jobs (session),
    .max_file_bytes = (guint64)arguments->max_file * 1000 * 1000,
  };
  g_autoptr (VarveImage) old
      = varve_image_options_open (&arguments->images, session, operands[0], arguments->architecture, error);
  g_autoptr (VarveImage) new = NULL;
  if (old != NULL)
    new = varve_image_options_open (&arguments->images, session, operands[1], arguments->architecture, error);
  if (new == NULL)
    return 1;
  options.old = old;
  options.new = new;
  varve_session_start (session);
  gboolean done = varve_deltas_measure (&options, &result, session->observer, session->cancellable, error);
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
  Arguments arguments = {
    .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE),
    .level = LEVEL_DEFAULT,
    .max_file = MAX_FILE_MB_DEFAULT,
  };
  const GOptionEntry entries[] = {
    { "level", 0, 0, G_OPTION_ARG_INT, &arguments.level,
      "zstd level of varve's encodings and of zstd --patch-from (19)", "N" },
    { "max-file", 0, 0, G_OPTION_ARG_INT, &arguments.max_file, "Skip larger files (8): bsdiff is slow for them", "MB" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture, "Which image of an index to take (this machine's)",
      "ARCH" },
    { "work-dir", 0, 0, G_OPTION_ARG_FILENAME, &arguments.work, "Where to put temporary files (TMPDIR, else /var/tmp)",
      "DIR" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "OLD NEW",
    .summary = "Encodes each file that changed between two images in several ways: bytes, CPU seconds, memory.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = 2,
  };
  return varve_session_run (session, &syntax, argc, argv, measure, &arguments);
}

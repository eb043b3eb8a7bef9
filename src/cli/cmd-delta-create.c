/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/byte-size.h"
#include "cli/commands.h"
#include "cli/delta-matrix.h"
#include "cli/delta-place.h"
#include "cli/print-delta.h"
#include "cli/print.h"
#include "compose/built-commits.h"
#include "delta/create.h"
#include "delta/delta-report.h"

static json_object *
result_to_json (const VarveDelta *delta, const VarveDeltaResult *result)
{
  json_object *json = varve_delta_to_json (delta, result->target), *seconds = json_object_new_object ();
  json_object_object_add (seconds, "read", json_object_new_double (result->read_seconds));
  json_object_object_add (seconds, "trial", json_object_new_double (result->trial_seconds));
  json_object_object_add (seconds, "match", json_object_new_double (result->match_seconds));
  json_object_object_add (seconds, "write", json_object_new_double (result->write_seconds));
  json_object_object_add (json, "seconds", seconds);
  return json;
}

static int
print_results (VarveSession *session, const VarveImageOptions *images, GPtrArray *results, GError **error)
{
  g_autoptr (json_object) list = json_object_new_array ();
  for (guint i = 0; i < results->len; i++)
    {
      const VarveDeltaResult *result = results->pdata[i];
      g_autoptr (VarveDelta) delta
          = varve_delta_place_open (images, session, VARVE_SIDE_DESTINATION, result->target, error);
      if (delta == NULL)
        return 1;
      if (session->json)
        json_object_array_add (list, result_to_json (delta, result));
      else
        varve_print_delta (delta, result->target);
      if (!session->json)
        printf ("\nreading %.1f s, trying recipes %.1f s, matching %.1f s, writing %.1f s\n", result->read_seconds,
                result->trial_seconds, result->match_seconds, result->write_seconds);
    }
  if (session->json)
    varve_print_json (results->len == 1 ? json_object_array_get_idx (list, 0) : list);
  return 0;
}

typedef struct {
  char *architecture, *architectures, *format, *memory, *repo, *work;
  char **from;
  char *matrix;
  int n_last;
  gboolean if_missing;
  double max_ratio, max_cpu;
  int level;
  VarveImageOptions images;
} Arguments;

static gboolean
parse_format (const char *format, guint *out_formats, GError **error)
{
  static const struct {
    const char *name;
    guint formats;
  } FORMATS[] = {
    { "both", VARVE_DELTA_FORMAT_TARDIFF | VARVE_DELTA_FORMAT_VARVE },
    { "tar-diff", VARVE_DELTA_FORMAT_TARDIFF },
    { "varve", VARVE_DELTA_FORMAT_VARVE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (FORMATS); i++)
    if (format == NULL || strcmp (format, FORMATS[i].name) == 0)
      {
        *out_formats = FORMATS[i].formats;
        return TRUE;
      }
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--format '%s': expected both, tar-diff or varve", format);
  return FALSE;
}

static gboolean
make_options (const Arguments *arguments, const VarveSession *session, VarveDeltaCreateOptions *options, GError **error)
{
  options->jobs = varve_session_jobs (session);
  options->level = arguments->level;
  options->max_ratio = arguments->max_ratio;
  options->max_cpu_seconds = arguments->max_cpu;
  options->work_path = arguments->work;
  if (arguments->memory != NULL
      && !varve_byte_size_parse (arguments->memory, "--max-memory", &options->max_memory_bytes, error))
    return FALSE;
  options->max_memory_bytes = MIN (options->max_memory_bytes, VARVE_RECIPE_MEMORY_MAX_BYTES);
  if (options->level < 1 || options->level > 22)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--level %d: expected 1 to 22", options->level);
  else if (options->max_ratio <= 0)
    g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--max-ratio: expected a number above 0");
  else
    return parse_format (arguments->format, &options->formats, error);
  return FALSE;
}

/* Opens OLD or NEW: an image if @commits is NULL, else a commit. */
static VarveImage *
open_operand (VarveSession *session, VarveBuiltCommits *commits, const Arguments *arguments, const char *text,
              GError **error)
{
  if (commits == NULL)
    return varve_delta_place_open_image (&arguments->images, session, text, arguments->architecture, error);
  return varve_built_commits_open (commits, text, varve_session_jobs (session), session->observer, session->cancellable,
                                   error);
}

static GPtrArray *
open_olds (VarveSession *session, VarveBuiltCommits *commits, const Arguments *arguments, const char *first,
           GError **error)
{
  g_autoptr (GPtrArray) olds = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_image_free);
  for (int i = -1; i < 0 || (arguments->from != NULL && arguments->from[i] != NULL); i++)
    {
      VarveImage *old = open_operand (session, commits, arguments, i < 0 ? first : arguments->from[i], error);
      if (old == NULL)
        return NULL;
      g_ptr_array_add (olds, old);
    }
  return g_steal_pointer (&olds);
}

static GPtrArray *
make_deltas (VarveSession *session, const Arguments *arguments, char **operands, GError **error)
{
  VarveDeltaCreateOptions options = VARVE_DELTA_CREATE_OPTIONS_INIT;
  options.observer = session->observer;
  g_autoptr (VarveReference) target
      = varve_delta_place_parse (&arguments->images, session, VARVE_SIDE_DESTINATION, operands[2], error);
  if (target == NULL || !make_options (arguments, session, &options, error))
    return NULL;
  g_autoptr (VarveBuiltCommits) commits = NULL;
  if (arguments->repo != NULL && (commits = varve_built_commits_new (arguments->repo, arguments->work, error)) == NULL)
    return NULL;
  g_autoptr (GPtrArray) olds = open_olds (session, commits, arguments, operands[0], error);
  g_autoptr (VarveImage) new = olds != NULL ? open_operand (session, commits, arguments, operands[1], error) : NULL;
  return new != NULL ? varve_delta_create (olds, new, target, &options, session->cancellable, error) : NULL;
}

/* Whether OUT has this delta already, whole. What is there but is something else is replaced. */
static gboolean
is_there (VarveSession *session, const Arguments *arguments, char **operands, gboolean *out_is_there, GError **error)
{
  *out_is_there = FALSE;
  if (arguments->from != NULL || arguments->repo != NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                           "--if-missing goes with one old image: remove --from and --repo");
      return FALSE;
    }
  g_autoptr (VarveImage) old = open_operand (session, NULL, arguments, operands[0], error);
  g_autoptr (VarveImage) new = old != NULL ? open_operand (session, NULL, arguments, operands[1], error) : NULL;
  if (new == NULL)
    return FALSE;
  g_autoptr (VarveDelta) delta
      = varve_delta_place_open (&arguments->images, session, VARVE_SIDE_DESTINATION, operands[2], NULL);
  *out_is_there = delta != NULL && varve_delta_is_between (delta, old, new)
                  && varve_delta_check_blobs (delta, session->cancellable, NULL);
  return TRUE;
}

static int
print_there (VarveSession *session, const Arguments *arguments, const char *target, GError **error)
{
  g_autoptr (VarveDelta) delta
      = varve_delta_place_open (&arguments->images, session, VARVE_SIDE_DESTINATION, target, error);
  if (delta == NULL)
    return 1;
  g_autoptr (json_object) json = varve_delta_to_json (delta, target);
  if (session->json)
    varve_print_json (json);
  else
    varve_print_delta (delta, target);
  return 0;
}

static int
create (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  gboolean there = FALSE;
  if (arguments->matrix != NULL)
    {
      VarveDeltaMatrixOptions matrix
          = { .form = arguments->matrix, .architectures = arguments->architectures, .n_last = arguments->n_last };
      return varve_delta_matrix_print (&arguments->images, session, operands, &matrix, error) ? 0 : 1;
    }
  if (g_strv_length (operands) != 3)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "expected OLD NEW OUT");
      return 1;
    }
  if (arguments->if_missing && !is_there (session, arguments, operands, &there, error))
    return 1;
  if (there)
    return print_there (session, arguments, operands[2], error);
  varve_session_start (session);
  g_autoptr (GPtrArray) results = make_deltas (session, arguments, operands, error);
  varve_session_stop (session);
  return results != NULL ? print_results (session, &arguments->images, results, error) : 1;
}

int
varve_cmd_delta_create (VarveSession *session, int argc, char **argv)
{
  VarveDeltaCreateOptions defaults = VARVE_DELTA_CREATE_OPTIONS_INIT;
  Arguments arguments = {
    .max_ratio = defaults.max_ratio,
    .max_cpu = defaults.max_cpu_seconds,
    .level = defaults.level,
    .n_last = 3,
    .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_TWO_SIDES),
  };
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments.from, "Another old image; repeatable", "IMAGE" },
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &arguments.repo,
      "OLD and NEW are commits in this repository; build them first", "REPO" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &arguments.format, "Delta formats for each layer (both)",
      "both|tar-diff|varve" },
    { "max-ratio", 0, 0, G_OPTION_ARG_DOUBLE, &arguments.max_ratio,
      "Store the layer itself if its delta exceeds this share of it (0.9)", "R" },
    { "max-cpu", 0, 0, G_OPTION_ARG_DOUBLE, &arguments.max_cpu,
      "Limit the CPU time of encoders when the delta is applied (no limit)", "SECONDS" },
    { "max-memory", 0, 0, G_OPTION_ARG_FILENAME, &arguments.memory,
      "Limit the memory of encoders when the delta is applied (1 GiB)", "N" },
    { "level", 0, 0, G_OPTION_ARG_INT, &arguments.level, "zstd level of the delta: 1 to 22 (19)", "N" },
    { "if-missing", 0, 0, G_OPTION_ARG_NONE, &arguments.if_missing,
      "Do nothing if OUT has the delta between these images, whole", NULL },
    { "matrix", 0, 0, G_OPTION_ARG_STRING, &arguments.matrix,
      "Print the deltas to make as JSON for the jobs of a CI system: github or tekton; the operands are IMAGE "
      "IMAGE..., "
      "oldest first",
      "FORM" },
    { "last", 0, 0, G_OPTION_ARG_INT, &arguments.n_last,
      "With --matrix: deltas from this many images before the last (3)", "N" },
    { "architectures", 0, 0, G_OPTION_ARG_STRING, &arguments.architectures,
      "With --matrix: the architectures, separated by commas (this machine's)", "ARCH,..." },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture,
      "Architecture to take from an index (this machine's)", "ARCH" },
    { "work-dir", 0, 0, G_OPTION_ARG_FILENAME, &arguments.work, "Folder for temporary files ($TMPDIR, else /var/tmp)",
      "DIR" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "OLD NEW OUT | --matrix FORM IMAGE IMAGE...",
    .summary = "Creates a delta from one image to another.\nOUT is oci:DIR[:REF], oci-archive:FILE[:REF], "
               "docker://HOST/NAME:TAG, or a file.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS | VARVE_OPTIONS_LOCK,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = G_MAXINT,
  };
  return varve_session_run (session, &syntax, argc, argv, create, &arguments);
}

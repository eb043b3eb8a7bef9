#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "build/built-commits.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "delta/apply.h"
#include "delta/create.h"
#include "delta/delta-report.h"
#include "transport/open.h"

/* A delta or an image that is a plain path is an archive. */
static VarveReference *
parse_place (const char *text, GError **error)
{
  g_autofree char *archive = NULL;
  const char *colon = strchr (text, ':'), *slash = strchr (text, '/');
  if (colon == NULL || (slash != NULL && slash < colon))
    archive = g_strconcat ("oci-archive:", text, NULL);
  return varve_reference_parse (archive != NULL ? archive : text, error);
}

static VarveImage *
open_image (const char *text, const char *architecture, GError **error)
{
  g_autoptr (VarveReference) reference = parse_place (text, error);
  return reference != NULL ? varve_open_image (reference, architecture, error) : NULL;
}

static VarveDelta *
open_delta (const char *text, GError **error)
{
  g_autoptr (VarveReference) reference = parse_place (text, error);
  VarveBlobs *blobs = reference != NULL ? varve_open_blobs (reference, NULL, error) : NULL;
  VarveDelta *delta = blobs != NULL ? varve_delta_open (blobs, varve_reference_is_oci (reference) ? reference->ref : NULL, error) : NULL;
  g_autofree char *escaped = varve_escape (text);
  if (delta == NULL && reference != NULL)
    g_prefix_error (error, "'%s': ", escaped);
  return delta;
}

static void
print_costliest (const VarveDeltaEntry *entry)
{
  const char *text = varve_descriptor_annotation (entry->descriptor, VARVE_DELTA_COSTLIEST);
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, text != NULL ? strlen (text) : 0);
  g_autoptr (json_object) list = text != NULL ? varve_json_parse (bytes, 1 << 16, NULL) : NULL;
  for (gsize i = 0; list != NULL && json_object_is_type (list, json_type_array) && i < json_object_array_length (list); i++)
    {
      json_object *pair = json_object_array_get_idx (list, i);
      if (!json_object_is_type (pair, json_type_array) || json_object_array_length (pair) != 2)
        continue;
      g_autofree char *name = varve_escape (json_object_get_string (json_object_array_get_idx (pair, 0)));
      g_autofree char *size = varve_format_size ((guint64)MAX (json_object_get_int64 (json_object_array_get_idx (pair, 1)), 0));
      printf ("%26s  %s\n", size, name);
    }
}

static void
print_delta (const VarveDelta *delta, const char *name)
{
  g_autofree char *escaped = varve_escape (name);
  g_autofree char *digest = varve_digest_to_string (&delta->descriptor->digest), *target = varve_digest_to_string (&delta->target_descriptor->digest);
  g_autofree char *ours = varve_format_size (varve_delta_download_bytes (delta, VARVE_DELTA_CLIENT_VARVE));
  g_autofree char *others = varve_format_size (varve_delta_download_bytes (delta, VARVE_DELTA_CLIENT_TARDIFF));
  printf ("delta     %s\ndigest    %s\ntarget    %s\n", escaped, digest, target);
  printf ("download  %s; %s for a client that knows only tar-diff\n", ours, others);
  printf ("encoders  %.0f s of one core to apply\n\n", varve_delta_encode_seconds (delta));
  puts ("LAYER      LAYER ITSELF  DELTA       KIND");
  for (guint i = 0; i < delta->target->layers->len; i++)
    {
      const VarveDeltaEntry *entry = varve_delta_choose (delta, i, VARVE_DELTA_CLIENT_VARVE);
      g_autofree char *layer = varve_format_size (varve_manifest_layer (delta->target, i)->size_bytes);
      g_autofree char *size = entry != NULL ? varve_format_size (entry->descriptor->size_bytes) : g_strdup ("-");
      printf ("%5u  %16s  %8s    %s\n", i, layer, size, entry != NULL ? varve_delta_entry_kind_to_string (entry->kind) : "reused");
      if (entry != NULL)
        print_costliest (entry);
    }
}

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
print_results (VarveSession *session, GPtrArray *results, GError **error)
{
  g_autoptr (json_object) list = json_object_new_array ();
  for (guint i = 0; i < results->len; i++)
    {
      const VarveDeltaResult *result = results->pdata[i];
      g_autoptr (VarveDelta) delta = open_delta (result->target, error);
      if (delta == NULL)
        return 1;
      if (session->json)
        json_object_array_add (list, result_to_json (delta, result));
      else
        print_delta (delta, result->target);
      if (!session->json)
        printf ("\nread %.1f s, recipes tried %.1f s, matched %.1f s, written %.1f s\n", result->read_seconds, result->trial_seconds,
                result->match_seconds, result->write_seconds);
    }
  if (session->json)
    varve_print_json (results->len == 1 ? json_object_array_get_idx (list, 0) : list);
  return 0;
}

typedef struct {
  char *architecture, *format, *repo, *work;
  char **from;
  double max_ratio, max_cpu;
  int level;
} CreateArguments;

static gboolean
parse_format (const char *format, guint *out_formats, GError **error)
{
  static const struct {
    const char *name;
    guint formats;
  } FORMATS[] = {
    { "both", VARVE_DELTA_FORMAT_TARDIFF | VARVE_DELTA_FORMAT_LOOKING },
    { "tar-diff", VARVE_DELTA_FORMAT_TARDIFF },
    { "varve", VARVE_DELTA_FORMAT_LOOKING },
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
make_options (const CreateArguments *arguments, const VarveSession *session, VarveDeltaCreateOptions *options, GError **error)
{
  options->jobs = varve_session_jobs (session);
  options->level = arguments->level;
  options->max_ratio = arguments->max_ratio;
  options->max_cpu_seconds = arguments->max_cpu;
  options->work_path = arguments->work;
  if (options->level < 1 || options->level > 22)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--level %d: expected 1 to 22", options->level);
  else if (options->max_ratio <= 0)
    g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--max-ratio: expected a number above 0");
  else
    return parse_format (arguments->format, &options->formats, error);
  return FALSE;
}

/* OLD or NEW: an image, or a commit. @commits is NULL for images. */
static VarveImage *
open_end (VarveSession *session, VarveBuiltCommits *commits, const char *text, const char *architecture, GError **error)
{
  if (commits == NULL)
    return open_image (text, architecture, error);
  return varve_built_commits_open (commits, text, varve_session_jobs (session), session->observer, session->cancellable, error);
}

static GPtrArray *
open_olds (VarveSession *session, VarveBuiltCommits *commits, const CreateArguments *arguments, const char *first, GError **error)
{
  g_autoptr (GPtrArray) olds = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_image_free);
  for (int i = -1; i < 0 || (arguments->from != NULL && arguments->from[i] != NULL); i++)
    {
      VarveImage *old = open_end (session, commits, i < 0 ? first : arguments->from[i], arguments->architecture, error);
      if (old == NULL)
        return NULL;
      g_ptr_array_add (olds, old);
    }
  return g_steal_pointer (&olds);
}

static GPtrArray *
make_deltas (VarveSession *session, const CreateArguments *arguments, char **operands, GError **error)
{
  VarveDeltaCreateOptions options = VARVE_DELTA_CREATE_OPTIONS_INIT;
  g_autoptr (VarveReference) target = parse_place (operands[2], error);
  if (target == NULL || !make_options (arguments, session, &options, error))
    return NULL;
  g_autoptr (VarveBuiltCommits) commits = NULL;
  if (arguments->repo != NULL && (commits = varve_built_commits_new (arguments->repo, arguments->work, error)) == NULL)
    return NULL;
  g_autoptr (GPtrArray) olds = open_olds (session, commits, arguments, operands[0], error);
  g_autoptr (VarveImage) new = olds != NULL ? open_end (session, commits, operands[1], arguments->architecture, error) : NULL;
  return new != NULL ? varve_delta_create (olds, new, target, &options, session->observer, session->cancellable, error) : NULL;
}

static int
create (VarveSession *session, const CreateArguments *arguments, char **operands, GError **error)
{
  varve_session_start (session);
  g_autoptr (GPtrArray) results = make_deltas (session, arguments, operands, error);
  varve_session_stop (session);
  return results != NULL ? print_results (session, results, error) : 1;
}

static int
cmd_create (VarveSession *session, int argc, char **argv)
{
  VarveDeltaCreateOptions defaults = VARVE_DELTA_CREATE_OPTIONS_INIT;
  CreateArguments arguments = { .max_ratio = defaults.max_ratio, .max_cpu = defaults.max_cpu_seconds, .level = defaults.level };
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments.from, "A further old image; repeatable", "IMAGE" },
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &arguments.repo, "OLD and NEW are commits of this repository, built first", "REPO" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &arguments.format, "Entries for each layer: both, tar-diff or varve (both)", "FORMAT" },
    { "max-ratio", 0, 0, G_OPTION_ARG_DOUBLE, &arguments.max_ratio, "A delta larger than this share of its layer is the layer (0.9)", "R" },
    { "max-cpu", 0, 0, G_OPTION_ARG_DOUBLE, &arguments.max_cpu, "What encoders may cost those who apply it (any)", "SECONDS" },
    { "level", 0, 0, G_OPTION_ARG_INT, &arguments.level, "zstd level of what is written (19)", "N" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture, "Which image of an index to take (this machine's)", "ARCH" },
    { "work-dir", 0, 0, G_OPTION_ARG_FILENAME, &arguments.work, "Where to put temporary files (TMPDIR, else /var/tmp)", "DIR" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "OLD NEW OUT",
    .summary = "Makes a delta from one image to another.\nOUT is oci:DIR[:REF], oci-archive:FILE[:REF], or a file.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .min_arguments = 3,
    .max_arguments = 3,
  };
  g_autoptr (GError) error = NULL;
  int status = VARVE_EXIT_USAGE;
  if (varve_session_parse (session, &syntax, &argc, &argv))
    status = create (session, &arguments, argv + 1, &error);
  if (error != NULL)
    status = varve_session_fail (session, error);
  g_strfreev (arguments.from);
  g_free (arguments.architecture);
  g_free (arguments.format);
  g_free (arguments.repo);
  g_free (arguments.work);
  return status;
}

static int
cmd_inspect (VarveSession *session, int argc, char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  VarveSyntax syntax = {
    .parameters = "DELTA",
    .summary = "Shows what a delta is made of, and what applying it costs.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON,
    .min_arguments = 1,
    .max_arguments = 1,
  };
  g_autoptr (GError) error = NULL;
  if (!varve_session_parse (session, &syntax, &argc, &argv))
    return VARVE_EXIT_USAGE;
  g_autoptr (VarveDelta) delta = open_delta (argv[1], &error);
  if (delta == NULL)
    return varve_session_fail (session, error);
  g_autoptr (json_object) json = varve_delta_to_json (delta, argv[1]);
  if (session->json)
    varve_print_json (json);
  else
    print_delta (delta, argv[1]);
  return 0;
}

typedef struct {
  char *from, *ref, *architecture, *work;
  double max_cpu;
} ApplyArguments;

/* IMAGE, REPO or DIR: an image has a transport, a repository has objects. */
static gboolean
open_base (const ApplyArguments *arguments, VarveDeltaBase *out_base, VarveImage **out_image, GError **error)
{
  const char *from = arguments->from;
  if (from == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--from is missing: the image, repository or folder that the delta is applied to");
      return FALSE;
    }
  g_autofree char *objects = g_build_filename (from, "objects", NULL), *config = g_build_filename (from, "config", NULL);
  gboolean is_folder = g_file_test (from, G_FILE_TEST_IS_DIR);
  gboolean is_repo = is_folder && g_file_test (objects, G_FILE_TEST_IS_DIR) && g_file_test (config, G_FILE_TEST_EXISTS);
  *out_base = (VarveDeltaBase){ .ref = arguments->ref };
  if (is_repo)
    out_base->repo_path = from;
  else if (is_folder)
    out_base->folder = from;
  else
    out_base->image = *out_image = open_image (from, arguments->architecture, error);
  return is_folder || *out_image != NULL;
}

static void
print_applied (const VarveDelta *delta, const VarveApplyResult *result, const char *target)
{
  g_autofree char *digest = varve_digest_to_string (&result->digest), *wanted = varve_digest_to_string (&delta->target_descriptor->digest);
  g_autofree char *used = varve_format_size (result->download_bytes);
  guint counts[VARVE_APPLY_ABSENT + 1] = { 0 };
  for (guint i = 0; i < result->layers->len; i++)
    counts[g_array_index (result->layers, VarveApplyLayer, i).state]++;
  printf ("image   %s\ndigest  %s%s\n", target, digest, result->is_identical ? ": the new image, byte for byte" : "");
  if (!result->is_identical)
    printf ("of      %s: the same diff IDs\n", wanted);
  printf ("used    %s of the delta\nlayers  %u", used, result->layers->len);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    if (counts[i] > 0)
      printf (", %u %s", counts[i], varve_apply_state_to_string ((VarveApplyState)i));
  puts ("");
}

static json_object *
applied_to_json (const VarveDelta *delta, const VarveApplyResult *result, const char *target)
{
  json_object *json = json_object_new_object (), *layers = json_object_new_array ();
  g_autofree char *digest = varve_digest_to_string (&result->digest), *wanted = varve_digest_to_string (&delta->target_descriptor->digest);
  varve_json_add_string (json, "image", target);
  varve_json_add_string (json, "digest", digest);
  varve_json_add_string (json, "target", wanted);
  json_object_object_add (json, "identical", json_object_new_boolean (result->is_identical));
  varve_json_add_size (json, "used_bytes", result->download_bytes);
  for (guint i = 0; i < result->layers->len; i++)
    {
      const VarveApplyLayer *layer = &g_array_index (result->layers, VarveApplyLayer, i);
      json_object *item = json_object_new_object ();
      g_autofree char *layer_digest = varve_digest_to_string (&layer->digest);
      g_autofree char *diff_id = varve_digest_to_string (varve_config_diff_id (delta->config, i));
      varve_json_add_string (item, "digest", layer_digest);
      varve_json_add_string (item, "diff_id", diff_id);
      varve_json_add_size (item, "size_bytes", layer->size_bytes);
      varve_json_add_string (item, "state", varve_apply_state_to_string (layer->state));
      if (layer->kind >= 0)
        varve_json_add_string (item, "kind", varve_delta_entry_kind_to_string ((VarveDeltaEntryKind)layer->kind));
      json_object_array_add (layers, item);
    }
  json_object_object_add (json, "layers", layers);
  return json;
}

static int
apply (VarveSession *session, const ApplyArguments *arguments, char **operands, GError **error)
{
  VarveApplyOptions options = { .jobs = varve_session_jobs (session), .max_cpu_seconds = arguments->max_cpu, .work_path = arguments->work };
  g_autoptr (VarveReference) target = parse_place (operands[1], error);
  g_autoptr (VarveImage) image = NULL;
  VarveDeltaBase base;
  if (target == NULL || !open_base (arguments, &base, &image, error))
    return 1;
  g_autoptr (VarveDelta) delta = open_delta (operands[0], error);
  if (delta == NULL)
    return 1;
  varve_session_start (session);
  VarveApplyResult *result = varve_delta_apply (delta, &base, target, &options, session->observer, session->cancellable, error);
  varve_session_stop (session);
  if (result == NULL)
    return 1;
  g_autoptr (json_object) json = applied_to_json (delta, result, target->text);
  if (session->json)
    varve_print_json (json);
  else
    print_applied (delta, result, target->text);
  varve_apply_result_free (result);
  return 0;
}

static int
cmd_apply (VarveSession *session, int argc, char **argv)
{
  VarveApplyOptions defaults = VARVE_APPLY_OPTIONS_INIT;
  ApplyArguments arguments = { .max_cpu = defaults.max_cpu_seconds };
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_FILENAME, &arguments.from, "The old image, a repository with its commit, or its tree", "IMAGE|REPO|DIR" },
    { "ref", 0, 0, G_OPTION_ARG_FILENAME, &arguments.ref, "The old commit in the repository (found by what the delta says)", "REF" },
    { "max-cpu", 0, 0, G_OPTION_ARG_DOUBLE, &arguments.max_cpu, "Pass over entries whose encoders cost more (none)", "SECONDS" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture, "Which image of an index to take (this machine's)", "ARCH" },
    { "work-dir", 0, 0, G_OPTION_ARG_FILENAME, &arguments.work, "Where to put temporary files (TMPDIR, else /var/tmp)", "DIR" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "--from IMAGE|REPO|DIR DELTA TARGET",
    .summary = "Makes the new image from the old one and a delta. The diff IDs are the same; where the compression is known, all of it is.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .min_arguments = 2,
    .max_arguments = 2,
  };
  g_autoptr (GError) error = NULL;
  int status = VARVE_EXIT_USAGE;
  if (varve_session_parse (session, &syntax, &argc, &argv))
    status = apply (session, &arguments, argv + 1, &error);
  if (error != NULL)
    status = varve_session_fail (session, error);
  g_free (arguments.from);
  g_free (arguments.ref);
  g_free (arguments.architecture);
  g_free (arguments.work);
  return status;
}

typedef struct {
  const char *name;
  int (*run) (VarveSession *session, int argc, char **argv);
  const char *parameters, *summary;
} DeltaVerb;

static const DeltaVerb VERBS[] = {
  { "create", cmd_create, "OLD NEW OUT", "make a delta from one image to another" },
  { "apply", cmd_apply, "--from IMAGE|REPO|DIR DELTA TARGET", "make the new image from the old one and a delta" },
  { "inspect", cmd_inspect, "DELTA", "show what a delta is made of, and what applying it costs" },
};

static void
print_usage (FILE *out)
{
  fputs ("Usage:\n", out);
  for (guint i = 0; i < G_N_ELEMENTS (VERBS); i++)
    fprintf (out, "  varve delta %s %s [OPTION...]\n      %s\n", VERBS[i].name, VERBS[i].parameters, VERBS[i].summary);
  fputs ("\n'varve delta create --help' and so on tell the options; varve-delta(1) tells all.\n", out);
}

int
varve_cmd_delta (VarveSession *session, int argc, char **argv)
{
  const char *word = argc > 1 ? argv[1] : NULL;
  gboolean asks_help = word != NULL && (strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0);
  if (word == NULL || asks_help)
    {
      print_usage (asks_help ? stdout : stderr);
      return asks_help ? 0 : VARVE_EXIT_USAGE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (VERBS); i++)
    if (strcmp (word, VERBS[i].name) == 0)
      {
        g_autofree char *name = g_strconcat ("varve delta ", word, NULL);
        g_set_prgname (name);
        return VERBS[i].run (session, argc - 1, argv + 1);
      }
  g_autofree char *escaped = varve_escape (word);
  fprintf (stderr, "varve delta: '%s' is not a verb\nTry 'varve delta --help'.\n", escaped);
  return VARVE_EXIT_USAGE;
}

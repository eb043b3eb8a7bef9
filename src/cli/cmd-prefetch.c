/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "base/rate-limit.h"
#include "cli/byte-size.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/prefetch-source.h"
#include "cli/print-prefetch.h"
#include "cli/print.h"
#include "host/delta-path.h"
#include "host/host.h"
#include "host/metered.h"
#include "host/prefetch-store.h"
#include "host/prefetch.h"
#include "model/image-keys.h"

typedef struct {
  char *repo, *sysroot, *remote, *architecture, *rate, *image, *memory, *metered, *from;
  double max_cpu;
  gboolean host, clear, no_deltas;
  VarveImageOptions images;
} Options;

/* Half of the cores: the host has other work. */
static guint
jobs_of (const VarveSession *session)
{
  return session->jobs > 0 ? (guint)session->jobs : MAX (1, g_get_num_processors () / 2);
}

/* @host is NULL with --repo. A host with a store may have a pin too, of the time before it had the store. */
static gboolean
clear_layers (const VarveSession *session, const char *repo, const VarveHost *host, gboolean *out_had, GError **error)
{
  const VarveImageStore *store = host != NULL ? varve_host_store (host) : NULL;
  const char *repo_path = host != NULL ? varve_host_repo_path (host) : repo;
  gboolean had_pin = FALSE, had_image = FALSE;
  if ((repo_path != NULL && !varve_prefetch_clear (repo_path, &had_pin, session->cancellable, error))
      || (store != NULL && !store->clear (store->data, &had_image, session->cancellable, error)))
    return FALSE;
  *out_had = had_pin || had_image;
  return TRUE;
}

static int
clear_pin (const VarveSession *session, const char *repo, const VarveHost *host, GError **error)
{
  gboolean had_pin;
  if (!clear_layers (session, repo, host, &had_pin, error))
    return 1;
  if (session->json)
    {
      g_autoptr (json_object) json = json_object_new_object ();
      json_object_object_add (json, "cleared", json_object_new_boolean (had_pin));
      varve_print_json (json);
    }
  else
    puts (had_pin ? "pin removed" : "no pin found");
  return 0;
}

/* The deployment keeps the layers, so the pin is removed too. */
static int
report_up_to_date (VarveSession *session, const VarveImage *image, const char *name, const VarveHost *host,
                   GError **error)
{
  gboolean had_pin;
  varve_session_stop (session);
  if (!clear_layers (session, NULL, host, &had_pin, error))
    return 1;
  varve_print_up_to_date (session, image, name);
  return 0;
}

/* What bootc requires of an image, in addition to what an importer does. */
static gboolean
check_for_host (VarveSession *session, const VarveImage *image, const VarveHost *host, VarvePrefetchOptions *job,
                GError **error)
{
  if (varve_config_label (image->config, VARVE_LABEL_BOOTC) == NULL
      && varve_config_label (image->config, VARVE_KEY_BOOTABLE) == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                   "the image has neither label '%s' nor '%s': hosts do not upgrade to it", VARVE_LABEL_BOOTC,
                   VARVE_KEY_BOOTABLE);
      return FALSE;
    }
  return varve_config_label (image->config, VARVE_LABEL_FINAL_DIFF_ID) != NULL
         || varve_host_check_plain (host, &job->policy_commit, session->observer, session->cancellable, error);
}

static VarvePrefetch *
get_layers (VarveSession *session, const VarveImage *image, const VarveHost *host, const VarvePrefetchOptions *job,
            GError **error)
{
  const VarveImageStore *store = host != NULL ? varve_host_store (host) : NULL;
  if (store != NULL)
    return varve_prefetch_into_store (image, job, store, session->observer, session->cancellable, error);
  return varve_prefetch_image (image, job, session->observer, session->cancellable, error);
}

/* A chain stores the images in the middle, of which nobody checks a signature by policy. */
static gboolean
find_deltas (VarveSession *session, VarvePrefetchSource *source, const VarvePrefetchSourceOptions *from,
             const VarveHost *host, const VarvePrefetchOptions *job, GError **error)
{
  VarvePrefetchSearch search = {
    .job = job,
    .store = host != NULL ? varve_host_store (host) : NULL,
    .manifests = host != NULL ? varve_host_manifests (host) : NULL,
    .max_steps = from->images->requires_policy ? 1 : VARVE_DELTA_PATH_MAX_STEPS,
  };
  if (search.store != NULL && !search.store->finds_by_diff_id)
    return TRUE;
  return varve_prefetch_source_search (source, from, &search, session, error);
}

static int
run_job (VarveSession *session, VarvePrefetchSource *source, const VarvePrefetchSourceOptions *from,
         const Options *options, const VarveHost *host, VarvePrefetchOptions *job, GError **error)
{
  const VarveImage *image = source->image;
  if ((host != NULL && !check_for_host (session, image, host, job, error))
      || (!options->no_deltas && !find_deltas (session, source, from, host, job, error)))
    return 1;
  job->tars = varve_prefetch_source_tars (source);
  g_autoptr (VarvePrefetch) result = get_layers (session, image, host, job, error);
  varve_session_stop (session);
  if (result == NULL)
    return 1;
  varve_print_prefetch (session, image, source->image_name, result, &source->found);
  return 0;
}

typedef struct {
  VarveRateLimit *limit; /* NULL: no limit */
  VarveBudget *memory;
} Bounds;

static void
bounds_clear (Bounds *bounds)
{
  g_clear_pointer (&bounds->limit, varve_rate_limit_free);
  g_clear_pointer (&bounds->memory, varve_budget_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bounds, bounds_clear)

static gboolean
read_bounds (const Options *options, const VarveSession *session, Bounds *bounds, GError **error)
{
  guint64 bytes_per_second, memory_bytes = jobs_of (session) * VARVE_APPLY_MEMORY_BYTES;
  if ((options->rate != NULL && !varve_rate_limit_parse (options->rate, &bytes_per_second, error))
      || (options->memory != NULL && !varve_byte_size_parse (options->memory, "--max-memory", &memory_bytes, error)))
    return FALSE;
  bounds->limit = options->rate != NULL ? varve_rate_limit_new (bytes_per_second) : NULL;
  bounds->memory = varve_budget_new (memory_bytes);
  return TRUE;
}

static gboolean
parse_metered (const Options *options, gboolean *out_skips, GError **error)
{
  if (options->metered == NULL || g_str_equal (options->metered, "skip") || g_str_equal (options->metered, "allow"))
    {
      *out_skips = options->metered != NULL ? g_str_equal (options->metered, "skip") : options->host;
      return TRUE;
    }
  g_autofree char *escaped = varve_escape (options->metered);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--metered '%s': expected skip or allow", escaped);
  return FALSE;
}

/* Only what comes from a registry costs anything. A NetworkManager that does not answer is no reason to fetch nothing
 * for ever. */
static gboolean
is_too_costly (VarveSession *session, const char *name, const char *wanted)
{
  VarveMetered metered = VARVE_METERED_UNKNOWN;
  g_autoptr (GError) failure = NULL;
  if ((name == NULL || !g_str_has_prefix (name, "docker:"))
      && (wanted == NULL || !g_str_has_prefix (wanted, "docker:")))
    return FALSE;
  if (!varve_metered_ask (&metered, session->cancellable, &failure))
    varve_observer_warn (session->observer, "%s; assuming that the connection is not metered", failure->message);
  return metered == VARVE_METERED_YES;
}

/* @host is NULL with --repo. */
static int
prefetch (VarveSession *session, const char *name, const Options *options, VarveHost *host, GError **error)
{
  g_auto (Bounds) bounds = { 0 };
  gboolean skips_metered;
  if (!read_bounds (options, session, &bounds, error) || !parse_metered (options, &skips_metered, error))
    return 1;
  VarvePrefetchOptions job
      = { .repo_path = options->repo, .remote = options->remote, .jobs = jobs_of (session), .limit = bounds.limit };
  VarvePrefetchSourceOptions from = {
    .name = name,
    .folder = options->from,
    .wanted = options->image,
    .needs_delta = options->image != NULL,
    .architecture = options->architecture,
    .images = &options->images,
    .delta = { .limit = bounds.limit, .max_cpu_seconds = options->max_cpu, .memory = bounds.memory },
  };
  if (host != NULL)
    {
      job.repo_path = varve_host_repo_path (host);
      if (varve_host_store (host) == NULL)
        job.guard = varve_host_guard (host);
      from.delta.folder = varve_host_tree_path (host);
      job.remote = options->remote != NULL ? options->remote : varve_host_reference (host)->remote;
      if (options->from == NULL)
        from.wanted = options->image != NULL ? options->image : varve_host_reference (host)->image;
    }
  from.delta.repo_path = job.repo_path;
  varve_session_start (session);
  if (skips_metered && is_too_costly (session, name, from.wanted))
    {
      varve_session_stop (session);
      varve_print_metered (session, from.wanted != NULL ? from.wanted : name);
      return 0;
    }
  g_autoptr (VarvePrefetchSource) source = varve_prefetch_source_open (&from, session, error);
  gboolean has = FALSE;
  if (source == NULL
      || (host != NULL && !varve_host_has_image (host, source->image, &has, session->cancellable, error)))
    return 1;
  return has ? report_up_to_date (session, source->image, source->image_name, host, error)
             : run_job (session, source, &from, options, host, &job, error);
}

/* Unless options name credentials, uses the importer's; anonymous access if the host has none. */
static void
use_credentials_of_host (VarveImageOptions *images)
{
  VarveSideOptions *side = &images->both;
  if (side->authfile != NULL || side->creds != NULL || side->registry_token != NULL || side->no_creds)
    return;
  side->authfile = varve_host_find_authfile ();
  side->no_creds = side->authfile == NULL;
}

static int
prefetch_for_host (VarveSession *session, const char *name, Options *options, GError **error)
{
  const char *sysroot = options->sysroot != NULL ? options->sysroot : "/";
  g_autoptr (VarveHost) host = varve_host_open (sysroot, session->observer, session->cancellable, error);
  if (host == NULL)
    return 1;
  use_credentials_of_host (&options->images);
  options->images.requires_policy = varve_host_reference (host)->signature == VARVE_HOST_POLICY;
  if (options->clear)
    return clear_pin (session, NULL, host, error);
  gboolean is_offline = options->from != NULL && !options->images.requires_policy;
  if (name == NULL && !is_offline)
    name = varve_host_reference (host)->image;
  return prefetch (session, name, options, host, error);
}

static int
run_prefetch (VarveSession *session, gpointer data, char **operands, GError **error)
{
  Options *options = data;
  const char *name = operands[0];
  gboolean is_host = options->host || options->sysroot != NULL;
  if (is_host == (options->repo != NULL))
    g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "expected either --repo REPO or --host");
  else if (options->clear && (name != NULL || options->image != NULL))
    g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--clear: expected no image");
  else if (options->from != NULL && (options->clear || options->image != NULL))
    g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--from: expected neither --image nor --clear");
  else if (name == NULL && options->image != NULL)
    g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--image requires a DELTA argument");
  else if (is_host)
    return prefetch_for_host (session, name, options, error);
  else if (options->clear)
    return clear_pin (session, options->repo, NULL, error);
  else if (name == NULL && options->from == NULL)
    g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                         "missing argument: expected the IMAGE or DELTA to prefetch");
  else
    return prefetch (session, name, options, NULL, error);
  return 1;
}

int
varve_cmd_prefetch (VarveSession *session, int argc, char **argv)
{
  Options options = { .max_cpu = -1, .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &options.repo, "OSTree repository of the host", "REPO" },
    { "host", 0, 0, G_OPTION_ARG_NONE, &options.host, "Use this host's repository and the image that it upgrades from",
      NULL },
    { "sysroot", 0, 0, G_OPTION_ARG_FILENAME, &options.sysroot, "Like --host, for the OSTree sysroot in PATH", "PATH" },
    { "from", 0, 0, G_OPTION_ARG_FILENAME, &options.from, "Take deltas and layers from this folder of bundle, offline",
      "DIR" },
    { "image", 0, 0, G_OPTION_ARG_FILENAME, &options.image,
      "Target image of DELTA: fetch from it what DELTA does not provide", "IMAGE" },
    { "max-cpu", 0, 0, G_OPTION_ARG_DOUBLE, &options.max_cpu,
      "Skip entries of DELTA whose encoders take more CPU time (no limit)", "SECONDS" },
    { "max-memory", 0, 0, G_OPTION_ARG_FILENAME, &options.memory,
      "Skip entries of DELTA whose encoders need more memory, in bytes (112 MiB per job)", "N" },
    { "no-deltas", 0, 0, G_OPTION_ARG_NONE, &options.no_deltas, "Do not look for deltas beside the image", NULL },
    { "limit-rate", 0, 0, G_OPTION_ARG_STRING, &options.rate, "Fetch at most R bytes per second: 500k, 1.5M (no limit)",
      "R" },
    { "metered", 0, 0, G_OPTION_ARG_FILENAME, &options.metered,
      "On a metered connection: skip, or allow (skip with --host, else allow)", "WHAT" },
    { "verify-remote", 0, 0, G_OPTION_ARG_FILENAME, &options.remote,
      "Require the commit signature that this remote requires", "REMOTE" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &options.architecture, "Architecture to take from an index (this machine's)",
      "ARCH" },
    { "clear", 0, 0, G_OPTION_ARG_NONE, &options.clear, "Remove the pin that keeps prefetched layers", NULL },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE|DELTA|--from DIR --repo REPO | --host [IMAGE|DELTA|--from DIR]",
    .summary = "Fetches the layers that an upgrade would download into the host's repository and checks every object.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .images = &options.images,
    .min_arguments = 0,
    .max_arguments = 1,
  };
  return varve_session_run (session, &syntax, argc, argv, run_prefetch, &options);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Options of build and plan. Arguments are bytes (GOption's "filename"), not text in the locale's encoding, so that the
 * same command line gives the same image everywhere. */
#include "cli/build-options.h"

#include <string.h>

#include "base/error.h"
#include "rootfs/prune.h"

/* The most layers that docker and older runtimes mount. */
enum { LAYERS_MAX_DOCKER = 127, LEVEL_UNSET = -1 };

void
varve_build_arguments_init (VarveBuildArguments *arguments, GOptionEntry *entries)
{
  *arguments = (VarveBuildArguments){
    .level = LEVEL_UNSET,
    .max_layers = VARVE_MAX_LAYERS_DEFAULT,
    .stale = VARVE_STALE_PERMILLE_DEFAULT / 10.0,
    .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_TWO_SIDES),
    .build = VARVE_BUILD_OPTIONS_INIT,
  };
  VarveImageConfigOptions *config = &arguments->build.config;
  VarveDraftOptions *draft = &arguments->build.draft;
  const GOptionEntry all[] = {
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &arguments->repo, "OSTree repository with the commit", "REPO" },
    { "rootfs", 0, 0, G_OPTION_ARG_FILENAME, &arguments->rootfs.path, "Build from the root file system in this folder",
      "DIR" },
    { "from", 0, 0, G_OPTION_ARG_FILENAME, &arguments->from, "Build from this image", "IMAGE" },
    { "owner-uid", 0, 0, G_OPTION_ARG_FILENAME, &arguments->rootfs.owner_uid,
      "With --rootfs: set the owner of every file", "UID" },
    { "owner-gid", 0, 0, G_OPTION_ARG_FILENAME, &arguments->rootfs.owner_gid,
      "With --rootfs: set the group of every file", "GID" },
    { "prune", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments->prune,
      "With --rootfs or --from: leave out this path and what is below it; '/PATH/': only what is below it; repeatable",
      "/PATH" },
    { "previous", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &draft->previous.names,
      "Last published image, or a file with its manifest: keep its layout, reuse its layers; repeatable for older "
      "images",
      "IMAGE" },
    { "previous-optional", 0, 0, G_OPTION_ARG_NONE, &draft->previous.is_optional,
      "Warn instead of failing if a previous image cannot be used", NULL },
    { "base", 0, 0, G_OPTION_ARG_FILENAME, &draft->base, "Image that the tree was derived from: keep all of its layers",
      "IMAGE" },
    { "share", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &draft->shares,
      "Another variant of the same system: use its layers where nothing in them differs; repeatable", "IMAGE" },
    { "learn", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments->learn,
      "Learn how often components change from older images, N parents of the commit, or older commits; repeatable",
      "IMAGE|N|COMMIT" },
    { "max-layers", 0, 0, G_OPTION_ARG_INT, &arguments->max_layers,
      "Maximum number of layers, not counting the commit layer: 1 to 499 (64)", "N" },
    { "stale", 0, 0, G_OPTION_ARG_DOUBLE, &arguments->stale,
      "Keep layers of which little changed, with what is not needed any more in them, up to this share of the image; "
      "0: "
      "never (1)",
      "PERCENT" },
    { "format", 0, 0, G_OPTION_ARG_FILENAME, &arguments->format,
      "ostree, or plain: an ordinary container image (with --repo ostree, with --rootfs plain, with --from what that "
      "image is)",
      "ostree|plain" },
    { "compression", 0, 0, G_OPTION_ARG_FILENAME, &arguments->compression, "Compression of layers (zstd)",
      "zstd|zstd:chunked|gzip|none" },
    { "level", 0, 0, G_OPTION_ARG_INT, &arguments->level, "Compression level: zstd 1 to 22 (6), gzip 1 to 9 (6)", "N" },
    { "packages", 0, 0, G_OPTION_ARG_FILENAME, &arguments->packages, "Package database (auto)",
      "auto|rpm|dpkg|pacman|apk|none" },
    { "mapping", 0, 0, G_OPTION_ARG_FILENAME, &arguments->build.draft.owners.mapping_path,
      "Assign paths to components: lines of 'COMPONENT TAB GLOB'", "FILE" },
    { "label", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &config->labels,
      "Set a label (KEY=VALUE) or omit it (KEY-); repeatable", "KEY=VALUE" },
    { "annotation", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &config->annotations,
      "Set or omit an annotation of the manifest; repeatable", "KEY=VALUE" },
    { "copy-meta", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &config->copy_meta,
      "Copy a string from the commit's metadata to a label; repeatable", "KEY" },
    { "cmd", 0, 0, G_OPTION_ARG_FILENAME, &config->cmd, "Command of a container: words, or a JSON array", "COMMAND" },
    { "entrypoint", 0, 0, G_OPTION_ARG_FILENAME, &config->entrypoint,
      "Entry point of a container: words, or a JSON array", "COMMAND" },
    { "env", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &config->env, "Environment variable of a container; repeatable",
      "KEY=VALUE" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &config->architecture, "Architecture of the image (the commit's)", "ARCH" },
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &config->config_path, "Start from this image config (JSON)", "FILE" },
    { NULL },
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (all) <= VARVE_BUILD_ENTRIES_MAX - 8);
  memcpy (entries, all, sizeof all);
}

static gboolean
set_usage_error (GError **error, const char *message)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, message);
  return FALSE;
}

/* NULL for no names. */
static char **
end_list (GStrvBuilder *names)
{
  char **list = g_strv_builder_end (names);
  if (list[0] != NULL)
    return list;
  g_strfreev (list);
  return NULL;
}

/* An image begins with a transport; a number of up to four digits is a number of parents; anything else names a
 * commit. */
static gboolean
finish_learn (VarveBuildArguments *arguments, GError **error)
{
  enum { DIGITS_MAX = 4 };
  VarveDraftOptions *draft = &arguments->build.draft;
  g_autoptr (GStrvBuilder) commits = g_strv_builder_new (), images = g_strv_builder_new ();
  for (char **value = arguments->learn; value != NULL && *value != NULL; value++)
    {
      guint64 n_parents;
      gboolean is_number = strlen (*value) <= DIGITS_MAX && strspn (*value, "0123456789") == strlen (*value);
      if (varve_reference_is_image (*value))
        g_strv_builder_add (images, *value);
      else if (arguments->repo == NULL)
        return set_usage_error (error,
                                "--learn N and --learn COMMIT require --repo: expected an image, as oci:DIR:REF");
      else if (!is_number)
        g_strv_builder_add (commits, *value);
      else if (g_ascii_string_to_unsigned (*value, 10, 1, VARVE_HISTORY_COMMITS_MAX - 1, &n_parents, NULL))
        draft->history.n_parents = (guint)n_parents;
      else
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                       "--learn %s: expected 1 to %u parents, a commit, or an image", *value,
                       VARVE_HISTORY_COMMITS_MAX - 1);
          return FALSE;
        }
    }
  draft->history.commits = end_list (commits);
  draft->past_images = end_list (images);
  return TRUE;
}

static gboolean
finish_input (VarveBuildArguments *arguments, VarveSession *session, GError **error)
{
  VarveInputOptions *input = &arguments->build.draft.input;
  guint n_inputs = (arguments->repo != NULL) + (arguments->rootfs.path != NULL) + (arguments->from != NULL);
  if (n_inputs == 0)
    return set_usage_error (error, "no input: expected one of --repo, --rootfs and --from");
  if (n_inputs > 1)
    return set_usage_error (error, "--repo, --rootfs and --from are mutually exclusive");
  if (!varve_rootfs_arguments_finish (&arguments->rootfs, &input->rootfs, error))
    return FALSE;
  if (arguments->repo != NULL && arguments->prune != NULL)
    return set_usage_error (error, "--prune requires --rootfs or --from: a commit is published whole");
  input->rootfs.prune = (const char *const *)arguments->prune;
  if (!varve_prune_check (input->rootfs.prune, error))
    return FALSE;
  arguments->build.draft.architecture = arguments->build.config.architecture;
  if (arguments->from != NULL)
    arguments->from_reference
        = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_SOURCE, arguments->from, error);
  if (arguments->from != NULL && arguments->from_reference == NULL)
    {
      g_prefix_error (error, "--from ");
      return FALSE;
    }
  arguments->build.draft.from = arguments->from_reference;
  return TRUE;
}

/* The ref precedes the image, and only with --repo. */
static gboolean
finish_operands (VarveBuildArguments *arguments, char **operands, const char **out_image, GError **error)
{
  guint n = g_strv_length (operands), n_refs = arguments->repo != NULL ? 1 : 0;
  if (n > n_refs + 1)
    return set_usage_error (error, n_refs > 0 ? "too many arguments: expected REF and IMAGE"
                                              : "too many arguments: expected only IMAGE (REF requires --repo)");
  if (n < n_refs)
    return set_usage_error (error, "missing argument: expected a REF or COMMIT");
  arguments->build.draft.ref = n_refs > 0 ? operands[0] : NULL;
  *out_image = n > n_refs ? operands[n_refs] : NULL;
  return TRUE;
}

gboolean
varve_stale_permille (double percent, guint32 *out_permille, GError **error)
{
  if (percent >= 0 && percent <= 100)
    {
      *out_permille = (guint32)(percent * 10 + 0.5);
      return TRUE;
    }
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--stale %g: expected 0 to 100 percent", percent);
  return FALSE;
}

static gboolean
finish_draft (VarveBuildArguments *arguments, VarveSession *session, GError **error)
{
  VarveDraftOptions *draft = &arguments->build.draft;
  if (arguments->max_layers < 1 || arguments->max_layers > VARVE_PACK_LAYERS_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--max-layers %d: expected 1 to %d", arguments->max_layers,
                   VARVE_PACK_LAYERS_MAX);
      return FALSE;
    }
  if (arguments->max_layers > LAYERS_MAX_DOCKER)
    varve_observer_warn (session->observer, "--max-layers %d: docker and some older runtimes accept at most %d layers",
                         arguments->max_layers, LAYERS_MAX_DOCKER);
  draft->format = arguments->rootfs.path != NULL ? VARVE_FORMAT_PLAIN : VARVE_FORMAT_OSTREE;
  draft->keeps_format = arguments->format == NULL && arguments->from != NULL;
  if (arguments->format != NULL && !varve_format_from_string (arguments->format, &draft->format, error))
    return FALSE;
  if (draft->format == VARVE_FORMAT_PLAIN && draft->sign_keys != NULL)
    return set_usage_error (error, "--sign-commit: a plain image contains no commit (--format ostree writes one that "
                                   "does)");
  draft->repo_path = arguments->repo;
  draft->max_layers = (guint32)arguments->max_layers;
  draft->jobs = varve_session_jobs (session);
  draft->previous.architecture = arguments->build.config.architecture;
  if (!varve_stale_permille (arguments->stale, &draft->stale_permille, error) || !finish_learn (arguments, error))
    return FALSE;
  return arguments->packages == NULL
         || varve_packages_kind_from_string (arguments->packages, &draft->owners.kind, error);
}

static gboolean
finish_compress (VarveBuildArguments *arguments, GError **error)
{
  VarveCompressOptions *compress = &arguments->build.compress;
  if (arguments->compression != NULL
      && !varve_compression_from_string (arguments->compression, &compress->compression, error))
    return FALSE;
  compress->level
      = arguments->level != LEVEL_UNSET ? arguments->level : varve_compression_level_default (compress->compression);
  return varve_compression_check_level (compress->compression, compress->level, error);
}

gboolean
varve_build_arguments_finish (VarveBuildArguments *arguments, VarveSession *session, char **operands,
                              const char **out_image, GError **error)
{
  arguments->access = varve_image_options_access (&arguments->images, session, VARVE_SIDE_SOURCE, error);
  if (arguments->access == NULL)
    return FALSE;
  arguments->build.draft.previous.access = arguments->access;
  return finish_input (arguments, session, error) && finish_operands (arguments, operands, out_image, error)
         && finish_draft (arguments, session, error) && finish_compress (arguments, error)
         && varve_image_config_check (&arguments->build.config, error);
}

void
varve_build_arguments_clear (VarveBuildArguments *arguments)
{
  g_clear_pointer (&arguments->build.draft.history.commits, g_strfreev);
  g_clear_pointer (&arguments->build.draft.past_images, g_strfreev);
  g_clear_pointer (&arguments->access, varve_access_unref);
  g_clear_pointer (&arguments->from_reference, varve_reference_free);
}

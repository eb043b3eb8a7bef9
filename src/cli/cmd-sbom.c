/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/tempfile.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/rootfs-options.h"
#include "release/attach.h"
#include "rootfs/prune.h"
#include "transport/open-image.h"

typedef struct {
  VarveImageOptions images;
  VarveRootfsArguments rootfs;
  char *architecture, *repo, *format, *packages, *name, *output;
  char **prune;
  gboolean files, attach;
} Arguments;

static gboolean
write_stdout (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  if (fwrite (bytes, 1, size_bytes, stdout) == size_bytes)
    return TRUE;
  return varve_set_errno (error, errno, "writing to stdout");
}

static gboolean
write_tempfile (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  return varve_tempfile_write (data, bytes, size_bytes, error);
}

/* The file appears when it is complete. */
static gboolean
write_output (const VarveSbom *sbom, VarveSbomFormat format, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (path);
  int dirfd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dirfd < 0)
    return varve_set_errno (error, errno, "--output: opening folder '%s'", folder);
  VarveTempfile *file = varve_tempfile_new (dirfd, error);
  VarveSink sink = { .write = write_tempfile, .data = file };
  gboolean written
      = file != NULL && varve_sbom_write (sbom, format, &sink, error) && varve_tempfile_publish (file, name, error);
  g_clear_pointer (&file, varve_tempfile_free);
  close (dirfd);
  return written;
}

static gboolean
fail_usage (GError **error, const char *message)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, message);
  return FALSE;
}

static gboolean
finish_arguments (const Arguments *arguments, char **operands, VarveSbomOptions *options, VarveSbomFormat *out_format,
                  GError **error)
{
  VarveReadPackagedTree *tree = &options->tree;
  gboolean is_tree = arguments->rootfs.path != NULL, is_commit = arguments->repo != NULL;
  if (is_tree && is_commit)
    return fail_usage (error, "--repo and --rootfs are mutually exclusive");
  if (is_tree && operands[0] != NULL)
    return fail_usage (error, "--rootfs DIR takes no other argument");
  if (is_commit && operands[0] == NULL)
    return fail_usage (error, "--repo REPO requires a REF or COMMIT");
  if (!is_tree && !is_commit && operands[0] == NULL)
    return fail_usage (error, "missing argument: expected an IMAGE, --repo REPO REF or --rootfs DIR");
  if (arguments->prune != NULL && !is_tree)
    return fail_usage (error, "--prune requires --rootfs");
  tree->repo_path = arguments->repo;
  tree->ref = is_commit ? operands[0] : NULL;
  tree->image_name = !is_tree && !is_commit ? operands[0] : NULL;
  tree->rootfs.prune = (const char *const *)arguments->prune;
  options->name = arguments->name;
  options->has_files = arguments->files;
  return varve_sbom_format_from_string (arguments->format != NULL ? arguments->format : "spdx", out_format, error)
         && (arguments->packages == NULL
             || varve_packages_kind_from_string (arguments->packages, &tree->packages, error))
         && varve_prune_check (tree->rootfs.prune, error)
         && varve_rootfs_arguments_finish (&arguments->rootfs, &tree->rootfs, error);
}

/* Before anything is read. */
static gboolean
check_attach (const Arguments *arguments, const VarveReference *reference, GError **error)
{
  if (!arguments->attach || (reference != NULL && reference->transport == VARVE_TRANSPORT_DOCKER))
    return TRUE;
  return fail_usage (error, "--attach: expected an image in a registry, docker://HOST/NAME[:TAG|@DIGEST]");
}

static gboolean
attach (VarveSession *session, const VarveSbom *sbom, VarveSbomFormat format, const VarveImage *image,
        const VarveReference *reference, GError **error)
{
  VarveDigest digest;
  varve_session_start (session);
  gboolean attached
      = varve_sbom_attach (sbom, format, image, reference, session->observer, &digest, session->cancellable, error);
  varve_session_stop (session);
  if (!attached)
    return FALSE;
  g_autofree char *text = varve_digest_to_string (&digest);
  printf ("%s\n", text);
  return TRUE;
}

/* To stdout unless it goes somewhere else. */
static gboolean
write_sbom (VarveSession *session, const Arguments *arguments, const VarveSbom *sbom, VarveSbomFormat format,
            GError **error)
{
  VarveSink sink = { .write = write_stdout };
  if (arguments->output != NULL)
    return write_output (sbom, format, arguments->output, error);
  return arguments->attach || varve_sbom_write (sbom, format, &sink, error);
}

static int
sbom (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  VarveSbomOptions options
      = { .tree.rootfs = { .owner_uid = VARVE_OWNER_AS_FOUND, .owner_gid = VARVE_OWNER_AS_FOUND } };
  VarveSbomFormat format = VARVE_SBOM_SPDX;
  g_autoptr (VarveReference) reference = NULL;
  g_autoptr (VarveImage) image = NULL;
  if (!finish_arguments (arguments, operands, &options, &format, error))
    return 1;
  if (options.tree.image_name != NULL)
    {
      reference
          = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_SOURCE, options.tree.image_name, error);
      if (reference == NULL)
        return 1;
    }
  if (!check_attach (arguments, reference, error))
    return 1;
  options.tree.jobs = varve_session_jobs (session);
  varve_session_start (session);
  if (reference != NULL)
    image = varve_open_image (reference, arguments->architecture, error);
  options.tree.image = image;
  g_autoptr (VarveSbom) sbom = reference == NULL || image != NULL
                                   ? varve_sbom_read (&options, session->observer, session->cancellable, error)
                                   : NULL;
  varve_session_stop (session);
  if (sbom == NULL || !write_sbom (session, arguments, sbom, format, error))
    return 1;
  return !arguments->attach || attach (session, sbom, format, image, reference, error) ? 0 : 1;
}

int
varve_cmd_sbom (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_FILENAME, &arguments.format, "spdx (SPDX 2.3) or cyclonedx (CycloneDX 1.6); spdx",
      "FORMAT" },
    { "files", 0, 0, G_OPTION_ARG_NONE, &arguments.files,
      "Also list every file, with its SHA-256, its package and, of an image, its layer", NULL },
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &arguments.output, "Write to this file instead of stdout", "FILE" },
    { "attach", 0, 0, G_OPTION_ARG_NONE, &arguments.attach,
      "Push it to the image's registry, where it refers to the image; prints its digest", NULL },
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &arguments.repo, "Read a commit of this OSTree repository", "REPO" },
    { "rootfs", 0, 0, G_OPTION_ARG_FILENAME, &arguments.rootfs.path, "Read the root file system in this folder",
      "DIR" },
    { "prune", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments.prune,
      "With --rootfs: leave out this path, as with build --prune; repeatable", "/PATH" },
    { "packages", 0, 0, G_OPTION_ARG_FILENAME, &arguments.packages,
      "Package database: auto, rpm, dpkg, pacman or apk; auto", "KIND" },
    { "name", 0, 0, G_OPTION_ARG_FILENAME, &arguments.name, "Name of the whole (the ID in os-release)", "NAME" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture,
      "Architecture to take from an index (this machine's)", "ARCH" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE | --repo REPO REF|COMMIT | --rootfs DIR",
    .summary = "Writes a bill of materials (SBOM) from the package databases of an image, a commit or a tree.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JOBS,
    .images = &arguments.images,
    .min_arguments = 0,
    .max_arguments = 1,
  };
  return varve_session_run (session, &syntax, argc, argv, sbom, &arguments);
}

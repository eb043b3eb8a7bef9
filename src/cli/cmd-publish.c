/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print-publish.h"
#include "cli/push-options.h"
#include "cli/text-file.h"
#include "publish/publish.h"

enum { LAST_DEFAULT = 3, LAST_MAX = 32, KEEP_ALL = -1 };

typedef struct {
  VarveImageOptions images;
  VarvePushArguments push;
  char **deltas;
  char *deltas_from, *work;
  gboolean both_ways;
  int keep;
} Arguments;

static gboolean
is_number (const char *text)
{
  gsize length = strlen (text);
  return length > 0 && strspn (text, "0123456789") == length;
}

/* A number, a tag (":13" where the tag is a number), or a digest. */
static gboolean
parse_delta (const char *text, VarvePublishOptions *options, GError **error)
{
  guint64 number;
  VarveDigest digest;
  if (is_number (text))
    {
      if (!g_ascii_string_to_unsigned (text, 10, 0, LAST_MAX, &number, NULL))
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                       "--deltas %s: expected a number up to %d, or a tag; ':%s' is the tag", text, LAST_MAX, text);
          return FALSE;
        }
      options->n_last = (guint)number;
      return TRUE;
    }
  if (varve_digest_from_string (text[0] == '@' ? text + 1 : text, &digest, NULL))
    {
      g_ptr_array_add (options->named, g_strconcat (text[0] == '@' ? "" : "@", text, NULL));
      return TRUE;
    }
  const char *tag = text[0] == ':' ? text + 1 : text;
  if (!varve_reference_check_tag (tag, error))
    {
      g_prefix_error (error, "--deltas: ");
      return FALSE;
    }
  g_ptr_array_add (options->named, g_strdup (tag));
  return TRUE;
}

static gboolean
parse_deltas (const Arguments *arguments, VarvePublishOptions *options, GError **error)
{
  gboolean is_default = arguments->deltas == NULL && arguments->deltas_from == NULL;
  options->n_last = is_default ? LAST_DEFAULT : 0;
  for (char **text = arguments->deltas; text != NULL && *text != NULL; text++)
    if (!parse_delta (*text, options, error))
      return FALSE;
  return TRUE;
}

static gboolean
parse_keep (const Arguments *arguments, VarvePublishOptions *options, GError **error)
{
  if (arguments->keep != KEEP_ALL && (arguments->keep < 1 || arguments->keep > LAST_MAX))
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--keep %d: expected 1 to %d", arguments->keep, LAST_MAX);
      return FALSE;
    }
  options->keep = arguments->keep != KEEP_ALL ? (guint)arguments->keep : 0;
  return TRUE;
}

static int
publish (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  g_autoptr (GPtrArray) named = g_ptr_array_new_with_free_func (g_free);
  VarvePublishOptions options = {
    .push = varve_push_arguments_options (&arguments->push),
    .named = named,
    .create = VARVE_DELTA_CREATE_OPTIONS_INIT,
  };
  options.ways = arguments->both_ways ? VARVE_PUBLISH_BOTH_WAYS : VARVE_PUBLISH_FORWARD;
  options.deltas_path = arguments->deltas_from;
  options.create.jobs = varve_session_jobs (session);
  options.create.work_path = arguments->work;
  options.create.observer = session->observer;
  g_autoptr (VarveReference) source = varve_reference_parse (operands[0], error);
  g_autoptr (VarveReference) target = NULL;
  if (source != NULL && parse_deltas (arguments, &options, error) && parse_keep (arguments, &options, error))
    target = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_DESTINATION, operands[1], error);
  if (target == NULL)
    return 1;
  g_auto (VarvePublishResult) result = { 0 };
  varve_session_start (session);
  gboolean published = varve_publish (source, target, &options, &result, session->cancellable, error);
  varve_session_stop (session);
  if (!published)
    return 1;
  g_autofree char *digest = varve_digest_to_string (&result.push.digest);
  if (!varve_write_digest_file (arguments->push.digest_file, digest, error))
    return 1;
  varve_print_publish (session, target->text, &result);
  return 0;
}

int
varve_cmd_publish (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE), .keep = KEEP_ALL };
  const GOptionEntry own[] = {
    { "deltas", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments.deltas,
      "Make deltas from the last N images under this tag, or from the image under a tag or digest; repeatable (3)",
      "N|TAG" },
    { "deltas-from", 0, 0, G_OPTION_ARG_FILENAME, &arguments.deltas_from,
      "Publish the deltas to this image in a folder, made elsewhere, and make none unless --deltas is given", "DIR" },
    { "both-ways", 0, 0, G_OPTION_ARG_NONE, &arguments.both_ways,
      "Also make the delta from this image to each older one, for hosts that go back", NULL },
    { "keep", 0, 0, G_OPTION_ARG_INT, &arguments.keep,
      "Remove deltas to images other than the newest N, this one counted; never an image (keep all)", "N" },
    { "work-dir", 0, 0, G_OPTION_ARG_FILENAME, &arguments.work, "Folder for temporary files ($TMPDIR, else /var/tmp)",
      "DIR" },
    { NULL },
  };
  g_autofree GOptionEntry *entries = varve_push_arguments_entries (&arguments.push, own);
  VarveSyntax syntax = {
    .parameters = "LAYOUT IMAGE",
    .summary = "Pushes an image or a whole index from oci:DIR[:REF] or oci-archive:FILE[:REF] to "
               "docker://HOST/NAME[:TAG],\nwith deltas from the images that hosts have, which find them by "
               "themselves. Tags move last.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = 2,
  };
  return varve_session_run (session, &syntax, argc, argv, publish, &arguments);
}

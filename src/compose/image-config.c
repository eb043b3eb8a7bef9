/* SPDX-License-Identifier: Apache-2.0 */
/* Labels come from three sources, and each overrides those before it: the config that the user starts from, the commit,
 * the user's options. ostree.final-diffid is set when the layers are written. */
#include "compose/image-config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/error.h"
#include "base/json-keys.h"
#include "base/rfc3339.h"
#include "base/source-date.h"
#include "base/tempfile.h"
#include "model/image-keys.h"
#include "oci/architecture.h"
#include "oci/document-keys.h"

enum { LABEL_KEY_MAX_BYTES = 1024 };

/* "'<outside>': <problem>". */
static gboolean
setting_fail (GError **error, const char *outside, const char *problem)
{
  g_autofree char *escaped = varve_escape (outside);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "'%s': %s", escaped, problem);
  return FALSE;
}

/* Splits "KEY=VALUE" or "KEY-"; the value is NULL in the second case. */
static char *
split_setting (const char *setting, const char **out_value, GError **error)
{
  const char *equals = strchr (setting, '=');
  gsize length = strlen (setting);
  gboolean removes = equals == NULL && length > 1 && setting[length - 1] == '-';
  gsize key_length = equals != NULL ? (gsize)(equals - setting) : length - 1;
  if ((equals == NULL && !removes) || key_length == 0 || key_length > LABEL_KEY_MAX_BYTES
      || !g_utf8_validate (setting, -1, NULL))
    {
      setting_fail (error, setting, "expected KEY=VALUE, or KEY- to remove the key");
      return NULL;
    }
  *out_value = equals != NULL ? equals + 1 : NULL;
  return g_strndup (setting, key_length);
}

static gboolean
check_settings (const char *option, char **settings, GError **error)
{
  for (char **setting = settings; setting != NULL && *setting != NULL; setting++)
    {
      const char *value;
      g_autofree char *key = split_setting (*setting, &value, error);
      if (key == NULL)
        {
          g_prefix_error (error, "%s ", option);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
config_apply_labels (VarveConfig *config, char **settings, GError **error)
{
  for (char **setting = settings; setting != NULL && *setting != NULL; setting++)
    {
      const char *value;
      g_autofree char *key = split_setting (*setting, &value, error);
      if (key == NULL)
        {
          g_prefix_error (error, "label ");
          return FALSE;
        }
      varve_config_set_label (config, key, value);
    }
  return TRUE;
}

static gboolean
created_time (const VarveCommit *commit, gint64 *out_time, GError **error)
{
  gint64 epoch;
  if (!varve_source_date_read (&epoch, error))
    return FALSE;
  *out_time = epoch >= 0 ? epoch : (gint64)MIN (commit->timestamp, (guint64)VARVE_TIMESTAMP_MAX);
  return TRUE;
}

const char *
varve_image_architecture (const VarveCommit *commit, const char *wanted)
{
  const char *said = varve_commit_find_string (commit, VARVE_KEY_ARCHITECTURE);
  if (wanted == NULL && said == NULL)
    return varve_architecture_host ();
  return varve_architecture_from_machine (wanted != NULL ? wanted : said);
}

static const char *
architecture_of (const VarveCommit *commit, const char *wanted, VarveObserver *observer)
{
  const char *said = varve_commit_find_string (commit, VARVE_KEY_ARCHITECTURE);
  if (said != NULL && wanted != NULL
      && strcmp (varve_architecture_from_machine (said), varve_architecture_from_machine (wanted)) != 0)
    varve_observer_warn (observer, "the commit is for '%s', but the image will be for '%s' because of --arch", said,
                         wanted);
  if (wanted == NULL && said == NULL)
    varve_observer_warn (observer, "the commit has no ostree.architecture: using this machine's, '%s' (set --arch)",
                         varve_architecture_host ());
  return varve_image_architecture (commit, wanted);
}

/* A JSON array of strings, or words as a shell splits them. */
static json_object *
words_to_json (const char *text, GError **error)
{
  if (text[0] == '[')
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
      json_object *array = varve_json_parse (bytes, G_MAXINT, error);
      for (gsize i = 0; array != NULL && i < json_object_array_length (array); i++)
        if (!json_object_is_type (json_object_array_get_idx (array, i), json_type_string))
          {
            json_object_put (array);
            setting_fail (error, text, "expected an array of strings");
            return NULL;
          }
      return array;
    }
  g_auto (GStrv) words = NULL;
  if (!g_shell_parse_argv (text, NULL, &words, error))
    return NULL;
  json_object *array = json_object_new_array ();
  for (char **word = words; *word != NULL; word++)
    json_object_array_add (array, json_object_new_string (*word));
  return array;
}

static gboolean
check_words (const char *option, const char *text, GError **error)
{
  if (text == NULL)
    return TRUE;
  g_autoptr (GError) problem = NULL;
  json_object *words = words_to_json (text, &problem);
  json_object_put (words);
  if (words == NULL)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "%s: %s", option, problem->message);
  return words != NULL;
}

static gboolean
config_set_words (VarveConfig *config, const char *member, const char *text, GError **error)
{
  if (text == NULL)
    return TRUE;
  json_object *words = words_to_json (text, error);
  if (words == NULL)
    {
      g_prefix_error (error, "%s: ", member);
      return FALSE;
    }
  json_object_object_add (config->config, member, words);
  return TRUE;
}

static gboolean
check_env (const char *option, char **settings, GError **error)
{
  for (char **setting = settings; setting != NULL && *setting != NULL; setting++)
    if (strchr (*setting, '=') == NULL || **setting == '=' || !g_utf8_validate (*setting, -1, NULL))
      {
        setting_fail (error, *setting, "expected KEY=VALUE");
        g_prefix_error (error, "%s ", option);
        return FALSE;
      }
  return TRUE;
}

static gboolean
config_set_env (VarveConfig *config, char **settings, GError **error)
{
  if (settings == NULL || *settings == NULL)
    return TRUE;
  if (!check_env ("env", settings, error))
    return FALSE;
  json_object *env;
  if (!varve_json_find (config->config, "Env", json_type_array, &env, error))
    return FALSE;
  if (env == NULL)
    json_object_object_add (config->config, "Env", env = json_object_new_array ());
  for (char **setting = settings; *setting != NULL; setting++)
    json_object_array_add (env, json_object_new_string (*setting));
  return TRUE;
}

static void
set_commit_cmd (VarveConfig *config, const VarveCommit *commit)
{
  g_auto (GStrv) words = varve_commit_find_strings (commit, VARVE_KEY_CONTAINER_CMD);
  if (words == NULL)
    return;
  json_object *cmd = json_object_new_array ();
  for (char **word = words; *word != NULL; word++)
    json_object_array_add (cmd, json_object_new_string (*word));
  json_object_object_add (config->config, "Cmd", cmd);
}

/* Uses the member "config" of the document, or the document itself where it has none. */
static gboolean
config_load (VarveConfig *config, const char *path, GError **error)
{
  if (path == NULL)
    return TRUE;
  g_autoptr (GBytes) text = varve_read_file (AT_FDCWD, path, VARVE_CONFIG_MAX_BYTES, error);
  g_autoptr (json_object) document = text != NULL ? varve_json_parse (text, VARVE_CONFIG_MAX_BYTES, error) : NULL;
  if (document == NULL)
    {
      g_prefix_error (error, "config file '%s': ", path);
      return FALSE;
    }
  json_object *member;
  if (!json_object_is_type (document, json_type_object))
    return setting_fail (error, path, "expected a JSON object");
  if (!json_object_object_get_ex (document, "config", &member)) /* sets it to NULL */
    member = document;
  if (!json_object_is_type (member, json_type_object))
    return setting_fail (error, path, "the member 'config' is not an object");
  if (!varve_json_check_keys (document, VARVE_CONFIG_KEYS, error)
      || !varve_json_check_keys (member, VARVE_CONFIG_RUN_KEYS, error) || !varve_config_check_labels (member, error))
    {
      g_prefix_error (error, "config file '%s': ", path);
      return FALSE;
    }
  json_object_put (config->config);
  config->config = json_object_get (member);
  return TRUE;
}

static char *
deployment_json (const VarveImageOrigin *origin)
{
  g_autoptr (json_object) deployment = json_object_new_object ();
  varve_json_add_string (deployment, "type", "ostree");
  varve_json_add_string (deployment, "ref", origin->ref);
  return varve_json_to_canonical (deployment);
}

/* Labels that describe a commit: those of the former commit are removed. */
static const char *const LABELS_OF_COMMIT[]
    = { VARVE_LABEL_COMMIT, VARVE_LABEL_FINAL_DIFF_ID, VARVE_KEY_LINUX, VARVE_KEY_INPUT_HASH, VARVE_LABEL_DEPLOYMENT };

static gboolean
config_start_from (VarveConfig *config, const VarveConfig *base, GError **error)
{
  if (base == NULL)
    return TRUE;
  g_autoptr (GBytes) bytes = varve_config_to_bytes (base);
  g_autoptr (VarveConfig) copy = varve_config_from_bytes (bytes, error);
  if (copy == NULL)
    return FALSE;
  json_object *mine = config->config, *others = config->other;
  config->config = copy->config;
  config->other = copy->other;
  copy->config = mine;
  copy->other = others;
  config->variant = g_strdup (base->variant);
  for (guint i = 0; i < G_N_ELEMENTS (LABELS_OF_COMMIT); i++)
    varve_config_set_label (config, LABELS_OF_COMMIT[i], NULL);
  return TRUE;
}

static void
set_labels_of_commit (VarveConfig *config, const VarveImageOrigin *origin)
{
  const VarveCommit *commit = origin->commit;
  g_autofree char *checksum = varve_digest_to_hex (&origin->commit_checksum);
  gboolean bootable;
  if (!origin->is_plain)
    varve_config_set_label (config, VARVE_LABEL_COMMIT, checksum);
  if (origin->ref != NULL && !origin->is_plain)
    {
      g_autofree char *deployment = deployment_json (origin);
      varve_config_set_label (config, VARVE_LABEL_DEPLOYMENT, deployment);
    }
  if (varve_commit_find_boolean (commit, VARVE_KEY_BOOTABLE, &bootable))
    {
      varve_config_set_label (config, VARVE_KEY_BOOTABLE, bootable ? "true" : "false");
      varve_config_set_label (config, VARVE_LABEL_BOOTC, "1");
    }
  static const struct {
    const char *metadata, *label;
  } COPIED[] = {
    { VARVE_KEY_LINUX, VARVE_KEY_LINUX },
    { VARVE_KEY_VERSION, VARVE_KEY_VERSION },
    { VARVE_KEY_VERSION, VARVE_LABEL_IMAGE_VERSION },
    { VARVE_KEY_INPUT_HASH, VARVE_KEY_INPUT_HASH },
  };
  for (guint i = 0; i < G_N_ELEMENTS (COPIED); i++)
    {
      const char *value = varve_commit_find_string (commit, COPIED[i].metadata);
      if (value != NULL)
        varve_config_set_label (config, COPIED[i].label, value);
    }
}

static gboolean
config_copy_meta (VarveConfig *config, const VarveCommit *commit, char **keys, GError **error)
{
  for (char **key = keys; key != NULL && *key != NULL; key++)
    {
      const char *value = varve_commit_find_string (commit, *key);
      if (value == NULL)
        return setting_fail (error, *key, "no string of this name in the commit's metadata");
      varve_config_set_label (config, *key, value);
    }
  return TRUE;
}

gboolean
varve_image_config_check (const VarveImageConfigOptions *options, GError **error)
{
  return check_settings ("--label", options->labels, error)
         && check_settings ("--annotation", options->annotations, error) && check_env ("--env", options->env, error)
         && check_words ("--cmd", options->cmd, error) && check_words ("--entrypoint", options->entrypoint, error);
}

VarveConfig *
varve_image_config_new (const VarveImageOrigin *origin, const VarveImageConfigOptions *options, VarveObserver *observer,
                        GError **error)
{
  gint64 created;
  if (!created_time (origin->commit, &created, error))
    return NULL;
  g_autoptr (VarveConfig) config = varve_config_new (architecture_of (origin->commit, options->architecture, observer));
  g_free (config->created);
  config->created = varve_rfc3339_format (created);
  if (!config_start_from (config, origin->base, error) || !config_load (config, options->config_path, error))
    return NULL;
  set_commit_cmd (config, origin->commit);
  set_labels_of_commit (config, origin);
  if (!config_copy_meta (config, origin->commit, options->copy_meta, error)
      || !config_apply_labels (config, options->labels, error) || !config_set_words (config, "Cmd", options->cmd, error)
      || !config_set_words (config, "Entrypoint", options->entrypoint, error)
      || !config_set_env (config, options->env, error))
    return NULL;
  if (origin->ref != NULL && !origin->is_plain && varve_config_label (config, VARVE_LABEL_BOOTC) == NULL
      && varve_config_label (config, VARVE_KEY_BOOTABLE) == NULL)
    varve_observer_warn (observer, "the commit's metadata has no ostree.bootable: bootc treats the image as not "
                                   "bootable (set --label containers.bootc=1)");
  return g_steal_pointer (&config);
}

VarveStringMap *
varve_image_annotations_new (const VarveConfig *config, const VarveImageConfigOptions *options, GError **error)
{
  g_autoptr (VarveStringMap) annotations = NULL;
  if (!varve_string_map_find (config->config, "Labels", &annotations, error))
    return NULL;
  if (annotations == NULL)
    annotations = varve_string_map_new ();
  for (char **setting = options->annotations; setting != NULL && *setting != NULL; setting++)
    {
      const char *value;
      g_autofree char *key = split_setting (*setting, &value, error);
      if (key == NULL)
        {
          g_prefix_error (error, "annotation ");
          return NULL;
        }
      if (value != NULL)
        varve_string_map_set (annotations, key, value);
      else
        g_tree_remove (annotations, key);
    }
  return g_steal_pointer (&annotations);
}

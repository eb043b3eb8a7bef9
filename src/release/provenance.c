/* SPDX-License-Identifier: Apache-2.0 */
#include "release/provenance.h"

#include "config.h"

static const char STATEMENT[] = "https://in-toto.io/Statement/v1";
static const char PREDICATE[] = "https://slsa.dev/provenance/v1";

/* Adds nothing for a list without elements. */
static void
add_list (json_object *json, const char *key, char *const *list)
{
  if (list == NULL || list[0] == NULL)
    return;
  json_object *array = json_object_new_array ();
  for (; *list != NULL; list++)
    {
      g_autofree char *valid = g_utf8_make_valid (*list, -1);
      json_object_array_add (array, json_object_new_string (valid));
    }
  json_object_object_add (json, key, array);
}

static void
add_text (json_object *json, const char *key, const char *text)
{
  g_autofree char *valid = text != NULL ? g_utf8_make_valid (text, -1) : NULL;
  varve_json_add_string (json, key, valid);
}

/* What decides the bytes of the image, as the user gave it; the number of threads does not. */
static json_object *
parameters (const VarveBuildOptions *options, const VarveReport *report)
{
  const VarveDraftOptions *draft = &options->draft;
  const VarveImageConfigOptions *config = &options->config;
  const VarveReportInput *input = report->inputs->pdata[0];
  json_object *json = json_object_new_object (), *source = json_object_new_object ();
  add_text (source, "type", input->role);
  add_text (source, "name", input->name);
  json_object_object_add (json, "source", source);
  varve_json_add_string (json, "format", report->commit != NULL ? "ostree" : "plain");
  add_text (json, "compression", varve_compression_to_string (options->compress.compression));
  if (options->compress.compression != VARVE_COMPRESSION_NONE)
    json_object_object_add (json, "level", json_object_new_int (options->compress.level));
  varve_json_add_size (json, "maxLayers", draft->max_layers);
  varve_json_add_size (json, "stalePermille", draft->stale_permille);
  add_list (json, "previous", draft->previous.names);
  add_text (json, "base", draft->base);
  add_list (json, "share", draft->shares);
  add_list (json, "prune", (char *const *)draft->input.rootfs.prune);
  add_text (json, "mapping", draft->owners.mapping_path);
  add_list (json, "label", config->labels);
  add_list (json, "annotation", config->annotations);
  add_list (json, "copyMeta", config->copy_meta);
  add_list (json, "env", config->env);
  add_text (json, "cmd", config->cmd);
  add_text (json, "entrypoint", config->entrypoint);
  add_text (json, "arch", config->architecture);
  add_text (json, "config", config->config_path);
  return json;
}

static json_object *
digest_set (const char *hex)
{
  json_object *json = json_object_new_object ();
  varve_json_add_string (json, "sha256", hex);
  return json;
}

/* A resource descriptor: a commit's checksum is the SHA-256 of its object. */
static json_object *
dependencies (const VarveReport *report)
{
  json_object *list = json_object_new_array ();
  for (guint i = 0; i < report->inputs->len; i++)
    {
      const VarveReportInput *input = report->inputs->pdata[i];
      json_object *json = json_object_new_object ();
      add_text (json, "name", input->role);
      add_text (json, "uri", input->name);
      if (input->digest != NULL)
        json_object_object_add (json, "digest", digest_set (input->digest));
      json_object_array_add (list, json);
    }
  return list;
}

static json_object *
run_details (const char *builder)
{
  json_object *details = json_object_new_object (), *json = json_object_new_object (),
              *version = json_object_new_object ();
  add_text (json, "id", builder != NULL ? builder : VARVE_PROVENANCE_BUILDER);
  varve_json_add_string (version, "varve", VARVE_VERSION);
  json_object_object_add (json, "version", version);
  json_object_object_add (details, "builder", json);
  return details;
}

static json_object *
subjects (const VarveReport *report)
{
  json_object *list = json_object_new_array (), *subject = json_object_new_object ();
  VarveDigest digest;
  add_text (subject, "name", report->image);
  g_autofree char *hex
      = varve_digest_from_string (report->digest, &digest, NULL) ? varve_digest_to_hex (&digest) : NULL;
  json_object_object_add (subject, "digest", digest_set (hex));
  json_object_array_add (list, subject);
  return list;
}

json_object *
varve_provenance_new (const VarveBuildOptions *options, const VarveReport *report, const char *builder)
{
  json_object *statement = json_object_new_object (), *predicate = json_object_new_object (),
              *definition = json_object_new_object ();
  varve_json_add_string (statement, "_type", STATEMENT);
  json_object_object_add (statement, "subject", subjects (report));
  varve_json_add_string (statement, "predicateType", PREDICATE);
  varve_json_add_string (definition, "buildType", VARVE_PROVENANCE_BUILD_TYPE);
  json_object_object_add (definition, "externalParameters", parameters (options, report));
  json_object_object_add (definition, "resolvedDependencies", dependencies (report));
  json_object_object_add (predicate, "buildDefinition", definition);
  json_object_object_add (predicate, "runDetails", run_details (builder));
  json_object_object_add (statement, "predicate", predicate);
  return statement;
}

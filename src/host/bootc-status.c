/* SPDX-License-Identifier: Apache-2.0 */
/* Fields: bootc's lib/spec.rs. Unknown ones are ignored; an unknown kind of signature is an error. */
#include "host/bootc-status.h"

#include <string.h>

#include "base/child.h"
#include "base/error.h"
#include "base/json-keys.h"

static const gsize STATUS_MAX_BYTES = 4 << 20;

static const VarveJsonKey SIGNATURE_KEYS[] = { { "ostreeRemote", NULL }, { NULL, NULL } };
static const VarveJsonKey IMAGE_KEYS[]
    = { { "image", NULL }, { "transport", NULL }, { "signature", SIGNATURE_KEYS }, { NULL, NULL } };
static const VarveJsonKey SPEC_KEYS[] = { { "image", IMAGE_KEYS }, { NULL, NULL } };
static const VarveJsonKey BOOTED_KEYS[] = { { "composefs", NULL }, { "ostree", NULL }, { NULL, NULL } };
static const VarveJsonKey HOST_KEYS[] = { { "booted", BOOTED_KEYS }, { NULL, NULL } };
static const VarveJsonKey STATUS_KEYS[] = { { "spec", SPEC_KEYS }, { "status", HOST_KEYS }, { NULL, NULL } };

/* A string, {"ostreeRemote": NAME}, or absent when no signature is required. */
static gboolean
status_read_signature (json_object *image, VarveHostSignature *out_signature, const char **out_remote, GError **error)
{
  json_object *signature = NULL;
  json_object_object_get_ex (image, "signature", &signature);
  *out_signature = VARVE_HOST_UNVERIFIED;
  *out_remote = NULL;
  if (signature == NULL)
    return TRUE;
  if (json_object_is_type (signature, json_type_object))
    {
      *out_signature = VARVE_HOST_REMOTE;
      *out_remote = varve_json_get_string (signature, "ostreeRemote", error);
      return *out_remote != NULL;
    }
  const char *word = json_object_get_string (signature);
  if (strcmp (word, "containerPolicy") == 0)
    *out_signature = VARVE_HOST_POLICY;
  else if (strcmp (word, "insecure") != 0)
    {
      g_autofree char *escaped = varve_escape (word);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                   "unknown signature '%s': expected 'containerPolicy', 'insecure' or an object with 'ostreeRemote'",
                   escaped);
      return FALSE;
    }
  return TRUE;
}

static gboolean
status_read_image (json_object *image, VarveHostReference **out_reference, GError **error)
{
  VarveHostSignature signature;
  const char *remote;
  const char *name = varve_json_get_string (image, "image", error);
  const char *transport = name != NULL ? varve_json_get_string (image, "transport", error) : NULL;
  if (transport == NULL || !status_read_signature (image, &signature, &remote, error))
    return FALSE;
  *out_reference = varve_host_reference_new (signature, remote, transport, name, error);
  return *out_reference != NULL;
}

static gboolean
status_read (json_object *json, VarveBootcStatus *status, GError **error)
{
  json_object *spec, *image = NULL, *host, *booted = NULL, *composefs = NULL, *ostree = NULL;
  if (!varve_json_find (json, "spec", json_type_object, &spec, error)
      || !varve_json_find (json, "status", json_type_object, &host, error)
      || (spec != NULL && !varve_json_find (spec, "image", json_type_object, &image, error))
      || (host != NULL && !varve_json_find (host, "booted", json_type_object, &booted, error))
      || (booted != NULL && !varve_json_find (booted, "composefs", json_type_object, &composefs, error))
      || (booted != NULL && !varve_json_find (booted, "ostree", json_type_object, &ostree, error)))
    return FALSE;
  status->is_ostree = ostree != NULL;
  status->is_composefs = composefs != NULL;
  return image == NULL || status_read_image (image, &status->reference, error);
}

VarveBootcStatus *
varve_bootc_status_parse (GBytes *text, GError **error)
{
  g_autoptr (json_object) json = varve_json_parse (text, STATUS_MAX_BYTES, error);
  g_autoptr (VarveBootcStatus) status = g_new0 (VarveBootcStatus, 1);
  if (json != NULL && varve_json_check_keys (json, STATUS_KEYS, error) && status_read (json, status, error))
    return g_steal_pointer (&status);
  g_prefix_error (error, "bootc status: ");
  return NULL;
}

gboolean
varve_bootc_status_load (VarveBootcStatus **out_status, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = g_find_program_in_path ("bootc");
  if (path == NULL)
    {
      *out_status = NULL;
      return TRUE;
    }
  const char *const argv[] = { path, "status", "--format", "json", NULL };
  VarveChildSetup setup = { .argv = argv, .max_output_bytes = STATUS_MAX_BYTES };
  g_auto (VarveChildResult) result = { 0 };
  if (!varve_child_run (&setup, &result, cancellable, error))
    return FALSE;
  if (result.status != 0)
    {
      g_autofree char *escaped = varve_escape (g_strstrip (result.messages));
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "bootc status: exited with status %d: %s", result.status,
                   escaped);
      return FALSE;
    }
  VarveBootcStatus *status = varve_bootc_status_parse (result.output, error);
  if (status != NULL)
    *out_status = status;
  return status != NULL;
}

void
varve_bootc_status_free (VarveBootcStatus *status)
{
  g_clear_pointer (&status->reference, varve_host_reference_free);
  g_free (status);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Parses image references; docker:// by the grammar of registry-name.h, the others as far as varve reads them itself.
 */
#include "skopeo/reference.h"

#include <string.h>

#include "base/error.h"
#include "oci/index.h"
#include "skopeo/registry-name.h"

#define EXPECTED_OCI "oci:DIR[:REF] or oci-archive:FILE[:REF]"
#define EXPECTED_DOCKER "docker://HOST/NAME[:TAG|@DIGEST]"
#define EXPECTED_ANY "oci:DIR[:REF], oci-archive:FILE[:REF], " EXPECTED_DOCKER ", containers-storage:NAME or dir:DIR"

static const struct {
  const char *prefix;
  VarveTransport transport;
} TRANSPORTS[] = {
  { "oci:", VARVE_TRANSPORT_OCI },         { "oci-archive:", VARVE_TRANSPORT_OCI_ARCHIVE },
  { "docker://", VARVE_TRANSPORT_DOCKER }, { "containers-storage:", VARVE_TRANSPORT_CONTAINERS_STORAGE },
  { "dir:", VARVE_TRANSPORT_DIR },
};

static const char *const OTHERS[] = { "docker-archive:", "docker-daemon:", "ostree:", "registry:", "sif:", "tarball:" };

static VarveReference *
reference_fail (const char *text, VarveError code, const char *problem, const char *expected, GError **error)
{
  g_autofree char *escaped = varve_escape (text);
  g_set_error (error, VARVE_ERROR, code, "'%s' %s: expected %s", escaped, problem, expected);
  return NULL;
}

static VarveReference *
reference_new (const char *text, VarveTransport transport, const char *path, const char *ref)
{
  VarveReference *reference = g_new0 (VarveReference, 1);
  *reference = (VarveReference){
    .text = g_strdup (text), .transport = transport, .path = g_strdup (path), .ref = g_strdup (ref)
  };
  return reference;
}

/* A ref that starts with '@' can only be read from; it is checked when the image is selected. */
static gboolean
reference_check_ref (const char *ref, GError **error)
{
  return ref == NULL || ref[0] == '@' || varve_index_check_ref (ref, error);
}

static VarveReference *
reference_parse_oci (const char *text, const char *place, VarveTransport transport, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (place, ":", 2);
  if (parts[0] == NULL || parts[0][0] == '\0')
    return reference_fail (text, VARVE_ERROR_USAGE, "has no path", EXPECTED_OCI, error);
  const char *ref = parts[1];
  if (ref != NULL && ref[0] == '\0')
    return reference_fail (text, VARVE_ERROR_USAGE, "has no ref after ':'", EXPECTED_OCI, error);
  if (!reference_check_ref (ref, error))
    {
      g_autofree char *escaped = varve_escape (text);
      g_prefix_error (error, "'%s': ", escaped);
      return NULL;
    }
  return reference_new (text, transport, parts[0], ref);
}

/* The text may hold a password, so the message does not repeat it. */
static gboolean
reference_check_no_user (const char *place, GError **error)
{
  const char *at_sign = strchr (place, '@'), *slash = strchr (place, '/');
  if (at_sign == NULL || (slash != NULL && slash < at_sign))
    return TRUE;
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                       "'docker://…@…': an image name cannot have a user name: use --authfile or --creds");
  return FALSE;
}

static VarveReference *
reference_parse_docker (const char *text, const char *place, GError **error)
{
  if (!reference_check_no_user (place, error))
    return NULL;
  const char *at_sign = strchr (place, '@'), *slash = strrchr (place, '/'),
             *colon = slash != NULL ? strchr (slash, ':') : NULL;
  VarveDigest digest;
  if (at_sign != NULL && colon != NULL && colon < at_sign)
    return reference_fail (text, VARVE_ERROR_USAGE, "has both a tag and a digest", EXPECTED_DOCKER, error);
  if (at_sign != NULL && !varve_digest_from_string (at_sign + 1, &digest, NULL))
    return reference_fail (text, VARVE_ERROR_USAGE, "has an invalid digest",
                           EXPECTED_DOCKER " with DIGEST sha256: and 64 hexadecimal digits", error);
  if (at_sign == NULL && colon != NULL && !varve_registry_name_is_tag (colon + 1))
    return reference_fail (text, VARVE_ERROR_USAGE, "has an invalid tag", EXPECTED_DOCKER, error);
  const char *name_end = at_sign != NULL ? at_sign : colon;
  g_autofree char *name = name_end != NULL ? g_strndup (place, (gsize)(name_end - place)) : g_strdup (place);
  const char *problem = varve_registry_name_problem (name);
  if (problem != NULL)
    return reference_fail (text, VARVE_ERROR_USAGE, problem, EXPECTED_DOCKER, error);
  const char *tag = colon != NULL ? colon + 1 : NULL;
  return reference_new (text, VARVE_TRANSPORT_DOCKER, name, at_sign != NULL ? at_sign : tag);
}

/* skopeo parses the rest; the text only has to be a plain argument. */
static VarveReference *
reference_parse_other (const char *text, const char *place, VarveTransport transport, GError **error)
{
  if (place[0] == '\0')
    return reference_fail (text, VARVE_ERROR_USAGE, "has no name or path",
                           transport == VARVE_TRANSPORT_DIR ? "dir:DIR" : "containers-storage:NAME", error);
  if (!g_utf8_validate (place, -1, NULL))
    return reference_fail (text, VARVE_ERROR_USAGE, "is not UTF-8", EXPECTED_ANY, error);
  for (const char *p = place; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      return reference_fail (text, VARVE_ERROR_USAGE, "has a control character", EXPECTED_ANY, error);
  return reference_new (text, transport, place, NULL);
}

VarveReference *
varve_reference_parse (const char *text, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (TRANSPORTS); i++)
    {
      const char *place = text + strlen (TRANSPORTS[i].prefix);
      VarveTransport transport = TRANSPORTS[i].transport;
      if (!g_str_has_prefix (text, TRANSPORTS[i].prefix))
        continue;
      if (transport == VARVE_TRANSPORT_DOCKER)
        return reference_parse_docker (text, place, error);
      return transport <= VARVE_TRANSPORT_OCI_ARCHIVE ? reference_parse_oci (text, place, transport, error)
                                                      : reference_parse_other (text, place, transport, error);
    }
  if (g_str_has_prefix (text, "docker:"))
    return reference_fail (text, VARVE_ERROR_USAGE, "has no '//' after 'docker:'", EXPECTED_DOCKER, error);
  for (guint i = 0; i < G_N_ELEMENTS (OTHERS); i++)
    if (g_str_has_prefix (text, OTHERS[i]))
      return reference_fail (text, VARVE_ERROR_UNSUPPORTED, "has an unsupported transport", EXPECTED_ANY, error);
  return reference_fail (text, VARVE_ERROR_USAGE, "is not an image reference", EXPECTED_ANY, error);
}

/* A path with ':' would be read as another folder and a ref. */
gboolean
varve_reference_check_folder (const char *folder, GError **error)
{
  if (strchr (folder, ':') == NULL)
    return TRUE;
  g_autofree char *escaped = varve_escape (folder);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
               "'%s': expected a folder, without a transport and without ':' in its path", escaped);
  return FALSE;
}

VarveReference *
varve_reference_in_folder (const char *folder, const char *ref, GError **error)
{
  g_autofree char *text = g_strconcat ("oci:", folder, ":", ref, NULL);
  return varve_reference_check_folder (folder, error) ? varve_reference_parse (text, error) : NULL;
}

void
varve_reference_free (VarveReference *reference)
{
  g_free (reference->text);
  g_free (reference->path);
  g_free (reference->ref);
  g_clear_pointer (&reference->access, varve_access_unref);
  g_free (reference);
}

VarveReference *
varve_reference_copy (const VarveReference *reference)
{
  VarveReference *copy = reference_new (reference->text, reference->transport, reference->path, reference->ref);
  varve_reference_set_access (copy, reference->access);
  return copy;
}

gboolean
varve_reference_is_oci (const VarveReference *reference)
{
  return reference->transport <= VARVE_TRANSPORT_OCI_ARCHIVE;
}

void
varve_reference_set_access (VarveReference *reference, VarveAccess *access)
{
  g_clear_pointer (&reference->access, varve_access_unref);
  reference->access = access != NULL ? varve_access_ref (access) : NULL;
}

VarveReference *
varve_reference_with_ref (const VarveReference *reference, const char *ref)
{
  g_return_val_if_fail (reference->transport == VARVE_TRANSPORT_DOCKER, NULL);
  const char *separator = ref == NULL || ref[0] == '@' ? "" : ":";
  g_autofree char *text = g_strconcat ("docker://", reference->path, separator, ref, NULL);
  VarveReference *other = reference_new (text, VARVE_TRANSPORT_DOCKER, reference->path, ref);
  varve_reference_set_access (other, reference->access);
  return other;
}

VarveReference *
varve_reference_with_digest (const VarveReference *reference, const VarveDigest *digest)
{
  g_autofree char *text = varve_digest_to_string (digest), *ref = g_strconcat ("@", text, NULL);
  return varve_reference_with_ref (reference, ref);
}

char *
varve_reference_host (const VarveReference *reference)
{
  g_return_val_if_fail (reference->transport == VARVE_TRANSPORT_DOCKER, NULL);
  return g_strndup (reference->path, strcspn (reference->path, "/"));
}

gboolean
varve_reference_check_tag (const char *tag, GError **error)
{
  if (varve_registry_name_is_tag (tag))
    return TRUE;
  g_autofree char *escaped = varve_escape (tag);
  g_set_error (
      error, VARVE_ERROR, VARVE_ERROR_USAGE,
      "'%s' is not a tag: expected at most 128 letters, digits, '_', '.' and '-', not starting with '.' or '-'",
      escaped);
  return FALSE;
}

gboolean
varve_reference_is_image (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (TRANSPORTS); i++)
    if (g_str_has_prefix (text, TRANSPORTS[i].prefix))
      return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (OTHERS); i++)
    if (g_str_has_prefix (text, OTHERS[i]))
      return TRUE;
  return FALSE;
}

/* Image references taken apart. */
#include "transport/reference.h"

#include <string.h>

#include "base/error.h"
#include "oci/index.h"

#define EXPECTED "expected oci:DIR[:REF] or oci-archive:FILE[:REF]"

static const struct {
  const char *prefix;
  VarveTransport transport;
} TRANSPORTS[] = {
  { "oci:", VARVE_TRANSPORT_OCI },
  { "oci-archive:", VARVE_TRANSPORT_OCI_ARCHIVE },
};

static const char *const OTHERS[] = {
  "containers-storage:", "dir:", "docker:", "docker-archive:", "docker-daemon:", "registry:", "sif:",
};

static VarveReference *
refuse (const char *text, VarveError code, const char *problem, GError **error)
{
  g_autofree char *escaped = varve_escape (text);
  g_set_error (error, VARVE_ERROR, code, "'%s' %s: " EXPECTED, escaped, problem);
  return NULL;
}

/* An address that names what it wants ("@…") is only read, so its parts are checked when the image is looked for. */
static gboolean
check_ref (const char *ref, GError **error)
{
  return ref == NULL || ref[0] == '@' || varve_index_check_ref (ref, error);
}

static VarveReference *
parse_place (const char *text, const char *place, VarveTransport transport, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (place, ":", 2);
  if (parts[0] == NULL || parts[0][0] == '\0')
    return refuse (text, VARVE_ERROR_USAGE, "names no path", error);
  const char *ref = parts[1];
  if (ref != NULL && ref[0] == '\0')
    return refuse (text, VARVE_ERROR_USAGE, "ends in ':' without a ref", error);
  if (!check_ref (ref, error))
    {
      g_autofree char *escaped = varve_escape (text);
      g_prefix_error (error, "'%s': ", escaped);
      return NULL;
    }
  VarveReference *reference = g_new0 (VarveReference, 1);
  *reference = (VarveReference){
    .text = g_strdup (text), .transport = transport, .path = g_strdup (parts[0]), .ref = g_strdup (ref)
  };
  return reference;
}

VarveReference *
varve_reference_parse (const char *text, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (TRANSPORTS); i++)
    if (g_str_has_prefix (text, TRANSPORTS[i].prefix))
      return parse_place (text, text + strlen (TRANSPORTS[i].prefix), TRANSPORTS[i].transport, error);
  for (guint i = 0; i < G_N_ELEMENTS (OTHERS); i++)
    if (g_str_has_prefix (text, OTHERS[i]))
      return refuse (text, VARVE_ERROR_UNSUPPORTED, "is of a transport that is not supported yet", error);
  return refuse (text, VARVE_ERROR_USAGE, "is not an image reference", error);
}

void
varve_reference_free (VarveReference *reference)
{
  g_free (reference->text);
  g_free (reference->path);
  g_free (reference->ref);
  g_free (reference);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a package are components inside it, so that no reference is needed for each of them. */
#include "config.h"

#include <string.h>

#include "release/licence.h"
#include "release/purl.h"
#include "release/sbom-format.h"

typedef struct {
  const VarveSbom *sbom;
  VarveJsonStream *stream;
  const VarvePackageList *packages;
  GArray *files;
  GPtrArray *refs; /* char *, of each package */
} Writing;

static const char ROOT[] = "root";

static json_object *
new_component (const char *ref, const char *type, const char *name, const char *version)
{
  json_object *component = json_object_new_object ();
  varve_json_add_string (component, "bom-ref", ref);
  varve_json_add_string (component, "type", type);
  varve_json_add_string (component, "name", name);
  varve_json_add_string (component, "version", version);
  return component;
}

static void
add_hash (json_object *component, const VarveDigest *digest)
{
  json_object *hashes = json_object_new_array (), *hash = json_object_new_object ();
  g_autofree char *hex = varve_digest_to_hex (digest);
  varve_json_add_string (hash, "alg", "SHA-256");
  varve_json_add_string (hash, "content", hex);
  json_object_array_add (hashes, hash);
  json_object_object_add (component, "hashes", hashes);
}

static void
add_property (json_object *component, const char *name, const char *value)
{
  json_object *list, *property = json_object_new_object ();
  varve_json_add_string (property, "name", name);
  varve_json_add_string (property, "value", value);
  if (!json_object_object_get_ex (component, "properties", &list))
    {
      list = json_object_new_array ();
      json_object_object_add (component, "properties", list);
    }
  json_object_array_add (list, property);
}

/* Either one expression, or a list of identifiers and names. */
static void
add_licences (json_object *component, const VarvePackage *package)
{
  if (package->licences->len == 0)
    return;
  gboolean is_expression = TRUE, is_list = TRUE;
  for (guint i = 0; i < package->licences->len; i++)
    {
      g_autofree char *expression = varve_licence_parse (package->licences->pdata[i]);
      is_expression = is_expression && expression != NULL;
      is_list = is_list && expression != NULL && varve_licence_is_identifier (expression);
    }
  json_object *list = json_object_new_array ();
  json_object_object_add (component, "licenses", list);
  if (is_expression && !is_list)
    {
      VarveLicenceRefs refs;
      varve_licence_refs_init (&refs);
      g_autofree char *joined = varve_licences_join (package->licences, &refs);
      varve_licence_refs_clear (&refs);
      json_object *entry = json_object_new_object ();
      varve_json_add_string (entry, "expression", joined);
      json_object_array_add (list, entry);
      return;
    }
  for (guint i = 0; i < package->licences->len; i++)
    {
      g_autofree char *expression = varve_licence_parse (package->licences->pdata[i]);
      gboolean is_identifier = expression != NULL && varve_licence_is_identifier (expression);
      json_object *entry = json_object_new_object (), *licence = json_object_new_object ();
      varve_json_add_string (licence, is_identifier ? "id" : "name",
                             is_identifier ? expression : package->licences->pdata[i]);
      json_object_object_add (entry, "license", licence);
      json_object_array_add (list, entry);
    }
}

static gboolean
is_address (const char *text)
{
  const char *at = strchr (text, '@');
  return at != NULL && at != text && strchr (at + 1, '@') == NULL && strchr (at + 1, '.') != NULL
         && text[strcspn (text, " \t()<>,;:\"\\[]")] == '\0' && g_str_is_ascii (text);
}

static void
add_supplier (json_object *component, const VarvePackage *package)
{
  const char *who = package->vendor != NULL ? package->vendor : package->maintainer;
  if (who == NULL)
    return;
  const char *open = strrchr (who, '<');
  g_autofree char *name = g_strstrip (open != NULL ? g_strndup (who, (gsize)(open - who)) : g_strdup (who));
  g_autofree char *address = open != NULL ? g_strndup (open + 1, strcspn (open + 1, ">")) : NULL;
  json_object *supplier = json_object_new_object ();
  varve_json_add_string (supplier, "name", name[0] != '\0' ? name : who);
  if (address != NULL && is_address (address))
    {
      json_object *contacts = json_object_new_array (), *contact = json_object_new_object ();
      varve_json_add_string (contact, "email", address);
      json_object_array_add (contacts, contact);
      json_object_object_add (supplier, "contact", contacts);
    }
  json_object_object_add (component, "supplier", supplier);
}

static void
add_homepage (json_object *component, const char *homepage)
{
  if (homepage == NULL)
    return;
  json_object *list = json_object_new_array (), *reference = json_object_new_object ();
  varve_json_add_string (reference, "type", "website");
  varve_json_add_string (reference, "url", homepage);
  json_object_array_add (list, reference);
  json_object_object_add (component, "externalReferences", list);
}

/* The source package is what the binary package was derived from. */
static void
add_pedigree (const Writing *writing, json_object *component, const VarvePackage *package)
{
  if (package->source_name == NULL)
    return;
  json_object *pedigree = json_object_new_object (), *ancestors = json_object_new_array ();
  g_autofree char *purl = varve_purl_of_source (package, &writing->sbom->os);
  json_object *source = new_component (NULL, "library", package->source_name, package->source_version);
  varve_json_add_string (source, "purl", purl);
  json_object_array_add (ancestors, source);
  json_object_object_add (pedigree, "ancestors", ancestors);
  json_object_object_add (component, "pedigree", pedigree);
}

static json_object *
new_package (const Writing *writing, guint index)
{
  const VarvePackage *package = varve_package_list_get (writing->packages, index);
  g_autofree char *purl = varve_purl_of_package (package, &writing->sbom->os);
  json_object *component = new_component (writing->refs->pdata[index], "library", package->name, package->version);
  add_supplier (component, package);
  varve_json_add_string (component, "description", package->summary);
  add_licences (component, package);
  varve_json_add_string (component, "purl", purl);
  add_pedigree (writing, component, package);
  add_homepage (component, varve_sbom_homepage (package));
  if (package->architecture != NULL)
    add_property (component, "varve:architecture", package->architecture);
  return component;
}

static void
write_file (Writing *writing, guint32 file)
{
  const char *layer = varve_sbom_layer_of (writing->sbom, file);
  g_autofree char *valid = g_utf8_make_valid (writing->sbom->tree->inventory->files[file].path, -1);
  g_autofree char *name = g_strconcat ("/", valid, NULL);
  json_object *component = new_component (NULL, "file", name, NULL);
  add_hash (component, &varve_sbom_digests_of (writing->sbom, file)->sha256);
  if (layer != NULL)
    add_property (component, "varve:layer", layer);
  varve_json_stream_element (writing->stream, component);
}

/* Writes the files of this package, which begin at @from in the list, and gives their end. */
static guint
write_files (Writing *writing, guint from, guint32 package)
{
  for (; from < writing->files->len; from++)
    {
      guint32 file = g_array_index (writing->files, guint32, from);
      if (varve_sbom_package_of (writing->sbom, file) != package)
        break;
      write_file (writing, file);
    }
  return from;
}

/* Scanners take the distribution from this component. */
static void
write_system (Writing *writing)
{
  const VarveOsRelease *os = &writing->sbom->os;
  if (os->id == NULL)
    return;
  json_object *component = new_component ("operating-system", "operating-system", os->id, os->version_id);
  varve_json_add_string (component, "description", os->pretty_name);
  varve_json_stream_element (writing->stream, component);
}

static void
write_components (Writing *writing)
{
  varve_json_stream_begin_array (writing->stream, "components");
  write_system (writing);
  guint from = 0;
  for (guint i = 0; i < writing->packages->packages->len; i++)
    {
      gboolean has_files = from < writing->files->len
                           && varve_sbom_package_of (writing->sbom, g_array_index (writing->files, guint32, from)) == i;
      if (!has_files)
        {
          varve_json_stream_element (writing->stream, new_package (writing, i));
          continue;
        }
      varve_json_stream_begin_nested (writing->stream, new_package (writing, i), "components");
      from = write_files (writing, from, i);
      varve_json_stream_end_nested (writing->stream);
    }
  write_files (writing, from, VARVE_NO_INDEX);
  varve_json_stream_end_array (writing->stream);
}

static void
write_dependencies (Writing *writing)
{
  json_object *root = json_object_new_object (), *on = json_object_new_array ();
  varve_json_add_string (root, "ref", ROOT);
  for (guint i = 0; i < writing->refs->len; i++)
    json_object_array_add (on, json_object_new_string (writing->refs->pdata[i]));
  json_object_object_add (root, "dependsOn", on);
  varve_json_stream_begin_array (writing->stream, "dependencies");
  varve_json_stream_element (writing->stream, root);
  varve_json_stream_end_array (writing->stream);
}

/* Package URLs, made unique by a number. */
static GPtrArray *
make_refs (const VarvePackageList *packages, const VarveOsRelease *os)
{
  GPtrArray *refs = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < packages->packages->len; i++)
    {
      const VarvePackage *package = varve_package_list_get (packages, i);
      char *ref = varve_purl_of_package (package, os);
      if (ref == NULL || g_hash_table_contains (known, ref))
        {
          g_autofree char *repeated = ref;
          ref = g_strdup_printf ("%s#%u", repeated != NULL ? repeated : package->name, i);
        }
      g_hash_table_add (known, ref);
      g_ptr_array_add (refs, ref);
    }
  return refs;
}

static json_object *
metadata (const VarveSbom *sbom)
{
  json_object *json = json_object_new_object (), *tools = json_object_new_object (), *list = json_object_new_array ();
  g_autofree char *time = varve_sbom_format_time (sbom), *digest = varve_digest_to_string (&sbom->digest);
  varve_json_add_string (json, "timestamp", time);
  json_object_array_add (list, new_component (NULL, "application", "varve", VARVE_VERSION));
  json_object_object_add (tools, "components", list);
  json_object_object_add (json, "tools", tools);
  json_object *root = new_component (ROOT, sbom->subject == VARVE_SBOM_IMAGE ? "container" : "operating-system",
                                     sbom->name, sbom->version);
  if (sbom->subject != VARVE_SBOM_TREE)
    {
      add_hash (root, &sbom->digest);
      add_property (root, sbom->subject == VARVE_SBOM_IMAGE ? "varve:manifest" : "varve:commit", digest);
    }
  json_object_object_add (json, "component", root);
  return json;
}

void
varve_cyclonedx_write (const VarveSbom *sbom, VarveJsonStream *stream)
{
  g_autofree char *uuid = varve_sbom_uuid (sbom, VARVE_SBOM_CYCLONEDX), *serial = g_strconcat ("urn:uuid:", uuid, NULL);
  g_autoptr (GArray) files = varve_sbom_list_files (sbom);
  const VarvePackageList *packages = varve_packaged_tree_packages (sbom->tree);
  g_autoptr (GPtrArray) refs = make_refs (packages, &sbom->os);
  Writing writing = { .sbom = sbom, .stream = stream, .packages = packages, .files = files, .refs = refs };
  varve_json_stream_add_string (stream, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
  varve_json_stream_add_string (stream, "bomFormat", "CycloneDX");
  varve_json_stream_add_string (stream, "specVersion", "1.6");
  varve_json_stream_add_string (stream, "serialNumber", serial);
  varve_json_stream_add (stream, "version", json_object_new_int (1));
  varve_json_stream_add (stream, "metadata", metadata (sbom));
  write_components (&writing);
  write_dependencies (&writing);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Clause numbers are of SPDX 2.3. A package contains files only if it is marked as analysed and has a verification code
 * (7.8, 7.9), so without files no package is. */
#include "config.h"

#include <string.h>

#include "release/licence.h"
#include "release/purl.h"
#include "release/sbom-format.h"

enum { ID_DIGITS = 32 };

static const char ROOT[] = "SPDXRef-Root";

typedef struct {
  const VarveSbom *sbom;
  VarveJsonStream *stream;
  const VarvePackageList *packages;
  GArray *files;
  VarveLicenceRefs refs;
} Writing;

/* Identifiers have letters, digits, "." and "-" (6.3.2). The digest is of what makes the element unique, so that it
 * keeps its identifier from one release to the next. */
static char *
make_id (const char *kind, const char *readable, const char *unique)
{
  VarveDigest digest = varve_digest_of (unique, strlen (unique));
  g_autofree char *hex = varve_digest_to_hex (&digest);
  hex[ID_DIGITS] = '\0';
  g_autoptr (GString) id = g_string_new ("SPDXRef-");
  g_string_append_printf (id, "%s-", kind);
  for (const char *p = readable; p != NULL && *p != '\0'; p++)
    g_string_append_c (id, g_ascii_isalnum (*p) || *p == '.' ? *p : '-');
  g_string_append_printf (id, "%s%s", readable != NULL ? "-" : "", hex);
  return g_string_free (g_steal_pointer (&id), FALSE);
}

static char *
package_id (const VarvePackage *package)
{
  g_autofree char *unique
      = g_strdup_printf ("%d\n%s\n%s\n%s", package->type, package->name, package->version, package->architecture);
  return make_id ("Package", package->name, unique);
}

/* NULL where the source is unknown. */
static char *
source_id (const VarvePackage *package)
{
  if (package->source_name == NULL)
    return NULL;
  g_autofree char *unique
      = g_strdup_printf ("%d\n%s\n%s", package->type, package->source_name, package->source_version);
  return make_id ("Source", package->source_name, unique);
}

static char *
file_id (const char *path)
{
  return make_id ("File", NULL, path);
}

static void
add_checksum (json_object *element, const char *algorithm, const char *hex)
{
  json_object *list, *checksum = json_object_new_object ();
  varve_json_add_string (checksum, "algorithm", algorithm);
  varve_json_add_string (checksum, "checksumValue", hex);
  if (!json_object_object_get_ex (element, "checksums", &list))
    {
      list = json_object_new_array ();
      json_object_object_add (element, "checksums", list);
    }
  json_object_array_add (list, checksum);
}

static void
add_purl (json_object *element, const char *purl)
{
  if (purl == NULL)
    return;
  json_object *list = json_object_new_array (), *reference = json_object_new_object ();
  varve_json_add_string (reference, "referenceCategory", "PACKAGE-MANAGER");
  varve_json_add_string (reference, "referenceType", "purl");
  varve_json_add_string (reference, "referenceLocator", purl);
  json_object_array_add (list, reference);
  json_object_object_add (element, "externalRefs", list);
}

/* "Name (address)" (7.5): parentheses are for the address. */
static char *
format_person (const char *maintainer)
{
  const char *open = strrchr (maintainer, '<');
  gsize length = open != NULL ? strcspn (open + 1, ">") : 0;
  g_autofree char *name = open != NULL ? g_strndup (maintainer, (gsize)(open - maintainer)) : g_strdup (maintainer);
  g_autofree char *address = length > 0 ? g_strndup (open + 1, length) : NULL;
  g_strdelimit (g_strstrip (name), "()", ' ');
  if (address != NULL && strpbrk (address, " ()<>") != NULL)
    g_clear_pointer (&address, g_free);
  g_strstrip (name);
  if (name[0] == '\0' && address == NULL)
    return NULL;
  return address != NULL ? g_strdup_printf ("%s (%s)", name[0] != '\0' ? name : address, address) : g_strdup (name);
}

static void
add_supplier (json_object *element, const VarvePackage *package)
{
  g_autofree char *name = package->vendor != NULL       ? format_person (package->vendor)
                          : package->maintainer != NULL ? format_person (package->maintainer)
                                                        : NULL;
  g_autofree char *supplier = name != NULL
                                  ? g_strconcat (package->vendor != NULL ? "Organization: " : "Person: ", name, NULL)
                                  : g_strdup ("NOASSERTION");
  varve_json_add_string (element, "supplier", supplier);
}

/* What every package must have, and what nobody has examined. */
static json_object *
new_package (const char *id, const char *name, const char *version)
{
  json_object *element = json_object_new_object ();
  varve_json_add_string (element, "SPDXID", id);
  varve_json_add_string (element, "name", name);
  varve_json_add_string (element, "versionInfo", version);
  varve_json_add_string (element, "downloadLocation", "NOASSERTION");
  return element;
}

static void
add_licence (json_object *element, const char *declared)
{
  varve_json_add_string (element, "licenseConcluded", "NOASSERTION");
  varve_json_add_string (element, "licenseDeclared", declared);
  varve_json_add_string (element, "copyrightText", "NOASSERTION");
}

static int
compare_sha1 (gconstpointer a, gconstpointer b)
{
  return memcmp (*(const VarveSha1 *const *)a, *(const VarveSha1 *const *)b, sizeof (VarveSha1));
}

/* The SHA-1 of the sorted SHA-1s of the files (7.9.4) at @from up to @end in the list. */
static void
add_analysis (const Writing *writing, json_object *element, guint from, guint end)
{
  json_object_object_add (element, "filesAnalyzed", json_object_new_boolean (end > from));
  if (end == from)
    return;
  g_autoptr (GPtrArray) sums = g_ptr_array_new ();
  for (guint i = from; i < end; i++)
    g_ptr_array_add (
        sums, (gpointer)&varve_sbom_digests_of (writing->sbom, g_array_index (writing->files, guint32, i))->sha1);
  g_ptr_array_sort (sums, compare_sha1);
  g_autoptr (VarveSha1Hash) hash = varve_sha1_hash_new ();
  for (guint i = 0; i < sums->len; i++)
    {
      g_autofree char *hex = varve_sha1_to_hex (sums->pdata[i]);
      varve_sha1_hash_update (hash, hex, strlen (hex));
    }
  VarveSha1 sum = varve_sha1_hash_finish (hash);
  g_autofree char *hex = varve_sha1_to_hex (&sum);
  json_object *code = json_object_new_object ();
  varve_json_add_string (code, "packageVerificationCodeValue", hex);
  json_object_object_add (element, "packageVerificationCode", code);
}

/* The end of the files of this package, which begin at @from in the list. */
static guint
end_of_files (const Writing *writing, guint from, guint32 package)
{
  while (from < writing->files->len
         && varve_sbom_package_of (writing->sbom, g_array_index (writing->files, guint32, from)) == package)
    from++;
  return from;
}

static void
write_root (Writing *writing, guint from)
{
  const VarveSbom *sbom = writing->sbom;
  json_object *element = new_package (ROOT, sbom->name, sbom->version);
  g_autofree char *digest = varve_digest_to_hex (&sbom->digest);
  varve_json_add_string (element, "primaryPackagePurpose",
                         sbom->subject == VARVE_SBOM_IMAGE ? "CONTAINER" : "OPERATING_SYSTEM");
  varve_json_add_string (element, "supplier", "NOASSERTION");
  varve_json_add_string (element, "summary", sbom->os.pretty_name);
  add_analysis (writing, element, from, writing->files->len);
  if (sbom->subject != VARVE_SBOM_TREE)
    add_checksum (element, "SHA256", digest);
  varve_json_add_string (element, "comment",
                         sbom->subject == VARVE_SBOM_IMAGE    ? "The checksum is the digest of the image's manifest."
                         : sbom->subject == VARVE_SBOM_COMMIT ? "The checksum is that of the OSTree commit."
                                                              : NULL);
  add_licence (element, "NOASSERTION");
  varve_json_stream_element (writing->stream, element);
}

static void
write_package (Writing *writing, const VarvePackage *package, guint from, guint end)
{
  g_autofree char *id = package_id (package), *purl = varve_purl_of_package (package, &writing->sbom->os);
  g_autofree char *declared = varve_licences_join (package->licences, &writing->refs);
  json_object *element = new_package (id, package->name, package->version);
  add_supplier (element, package);
  varve_json_add_string (element, "homepage", varve_sbom_homepage (package));
  varve_json_add_string (element, "summary", package->summary);
  add_analysis (writing, element, from, end);
  add_licence (element, declared);
  add_purl (element, purl);
  varve_json_stream_element (writing->stream, element);
}

/* Once for all binary packages of a source; the list is sorted by their names, so a set says which are done. */
static void
write_sources (Writing *writing)
{
  g_autoptr (GHashTable) done = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < writing->packages->packages->len; i++)
    {
      const VarvePackage *package = varve_package_list_get (writing->packages, i);
      char *id = source_id (package);
      if (id == NULL || !g_hash_table_add (done, id))
        continue;
      g_autofree char *purl = varve_purl_of_source (package, &writing->sbom->os);
      json_object *element = new_package (id, package->source_name, package->source_version);
      varve_json_add_string (element, "primaryPackagePurpose", "SOURCE");
      add_analysis (writing, element, 0, 0);
      add_licence (element, "NOASSERTION");
      add_purl (element, purl);
      varve_json_stream_element (writing->stream, element);
    }
}

static void
write_packages (Writing *writing)
{
  varve_json_stream_begin_array (writing->stream, "packages");
  guint from = 0;
  for (guint i = 0; i < writing->packages->packages->len; i++)
    from = end_of_files (writing, from, i);
  write_root (writing, from);
  from = 0;
  for (guint i = 0; i < writing->packages->packages->len; i++)
    {
      guint end = end_of_files (writing, from, i);
      write_package (writing, varve_package_list_get (writing->packages, i), from, end);
      from = end;
    }
  write_sources (writing);
  varve_json_stream_end_array (writing->stream);
}

static void
write_file (Writing *writing, guint32 file)
{
  const char *path = writing->sbom->tree->inventory->files[file].path;
  const VarveFileDigests *digests = varve_sbom_digests_of (writing->sbom, file);
  const char *layer = varve_sbom_layer_of (writing->sbom, file);
  g_autofree char *id = file_id (path), *sha1 = varve_sha1_to_hex (&digests->sha1),
                  *sha256 = varve_digest_to_hex (&digests->sha256), *valid = g_utf8_make_valid (path, -1),
                  *name = g_strconcat ("./", valid, NULL),
                  *comment = layer != NULL ? g_strconcat ("layer: ", layer, NULL) : NULL;
  json_object *element = json_object_new_object ();
  varve_json_add_string (element, "SPDXID", id);
  varve_json_add_string (element, "fileName", name);
  add_checksum (element, "SHA1", sha1);
  add_checksum (element, "SHA256", sha256);
  varve_json_add_string (element, "licenseConcluded", "NOASSERTION");
  varve_json_add_string (element, "copyrightText", "NOASSERTION");
  varve_json_add_string (element, "comment", comment);
  varve_json_stream_element (writing->stream, element);
}

static void
write_files (Writing *writing)
{
  if (writing->files->len == 0)
    return;
  varve_json_stream_begin_array (writing->stream, "files");
  for (guint i = 0; i < writing->files->len; i++)
    write_file (writing, g_array_index (writing->files, guint32, i));
  varve_json_stream_end_array (writing->stream);
}

static void
write_relationship (Writing *writing, const char *element, const char *type, const char *related)
{
  json_object *relationship = json_object_new_object ();
  varve_json_add_string (relationship, "spdxElementId", element);
  varve_json_add_string (relationship, "relationshipType", type);
  varve_json_add_string (relationship, "relatedSpdxElement", related);
  varve_json_stream_element (writing->stream, relationship);
}

static void
write_contained_files (Writing *writing)
{
  const VarveInventory *inventory = writing->sbom->tree->inventory;
  for (guint i = 0; i < writing->files->len; i++)
    {
      guint32 file = g_array_index (writing->files, guint32, i);
      guint32 package = varve_sbom_package_of (writing->sbom, file);
      g_autofree char *id = file_id (inventory->files[file].path);
      g_autofree char *owner = package != VARVE_NO_INDEX
                                   ? package_id (varve_package_list_get (writing->packages, package))
                                   : g_strdup (ROOT);
      write_relationship (writing, owner, "CONTAINS", id);
    }
}

static void
write_relationships (Writing *writing)
{
  varve_json_stream_begin_array (writing->stream, "relationships");
  write_relationship (writing, "SPDXRef-DOCUMENT", "DESCRIBES", ROOT);
  for (guint i = 0; i < writing->packages->packages->len; i++)
    {
      const VarvePackage *package = varve_package_list_get (writing->packages, i);
      g_autofree char *id = package_id (package), *source = source_id (package);
      write_relationship (writing, ROOT, "CONTAINS", id);
      if (source != NULL)
        write_relationship (writing, id, "GENERATED_FROM", source);
    }
  write_contained_files (writing);
  varve_json_stream_end_array (writing->stream);
}

static void
write_licences (Writing *writing)
{
  g_autoptr (GPtrArray) refs = varve_licence_refs_list (&writing->refs);
  if (refs->len == 0)
    return;
  varve_json_stream_begin_array (writing->stream, "hasExtractedLicensingInfos");
  for (guint i = 0; i < refs->len; i++)
    {
      const VarveLicenceRef *ref = refs->pdata[i];
      json_object *licence = json_object_new_object ();
      varve_json_add_string (licence, "licenseId", ref->identifier);
      varve_json_add_string (licence, "name", ref->text);
      varve_json_add_string (licence, "extractedText", ref->text);
      varve_json_stream_element (writing->stream, licence);
    }
  varve_json_stream_end_array (writing->stream);
}

static json_object *
creation_info (const VarveSbom *sbom)
{
  json_object *json = json_object_new_object (), *creators = json_object_new_array ();
  g_autofree char *time = varve_sbom_format_time (sbom);
  json_object_array_add (creators, json_object_new_string ("Tool: varve-" VARVE_VERSION));
  varve_json_add_string (json, "created", time);
  json_object_object_add (json, "creators", creators);
  return json;
}

void
varve_spdx_write (const VarveSbom *sbom, VarveJsonStream *stream)
{
  g_autofree char *uuid = varve_sbom_uuid (sbom, VARVE_SBOM_SPDX);
  g_autofree char *name = g_strdup_printf ("%s%s%s", sbom->name, sbom->version != NULL ? "-" : "",
                                           sbom->version != NULL ? sbom->version : "");
  g_autofree char *namespace = g_strconcat ("https://spdx.org/spdxdocs/varve-", uuid, NULL);
  g_autoptr (GArray) files = varve_sbom_list_files (sbom);
  Writing writing
      = { .sbom = sbom, .stream = stream, .packages = varve_packaged_tree_packages (sbom->tree), .files = files };
  varve_licence_refs_init (&writing.refs);
  varve_json_stream_add_string (stream, "spdxVersion", "SPDX-2.3");
  varve_json_stream_add_string (stream, "dataLicense", "CC0-1.0");
  varve_json_stream_add_string (stream, "SPDXID", "SPDXRef-DOCUMENT");
  varve_json_stream_add_string (stream, "name", name);
  varve_json_stream_add_string (stream, "documentNamespace", namespace);
  varve_json_stream_add (stream, "creationInfo", creation_info (sbom));
  write_packages (&writing);
  write_files (&writing);
  write_relationships (&writing);
  write_licences (&writing);
  varve_licence_refs_clear (&writing.refs);
}

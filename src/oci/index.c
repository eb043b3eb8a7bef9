/* SPDX-License-Identifier: Apache-2.0 */
/* Indexes, and the rules for replacing an entry. */
#include "oci/index.h"

#include <string.h>

#include "base/error.h"

enum { REF_MAX_BYTES = 255 };

static const VarveDocumentKind INDEX = {
  .name = "index",
  .media_types = { VARVE_MEDIA_TYPE_INDEX, VARVE_MEDIA_TYPE_INDEX_DOCKER },
  .list = "manifests",
  .foreign_list = "layers",
};

static void
original_free (gpointer original)
{
  json_object_put (original); /* accepts NULL */
}

VarveIndex *
varve_index_new (void)
{
  VarveIndex *index = g_new0 (VarveIndex, 1);
  index->manifests = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_descriptor_free);
  index->originals = g_ptr_array_new_with_free_func (original_free);
  index->other = json_object_new_object ();
  varve_json_add_size (index->other, "schemaVersion", 2);
  varve_json_add_string (index->other, "mediaType", VARVE_MEDIA_TYPE_INDEX);
  return index;
}

void
varve_index_free (VarveIndex *index)
{
  g_ptr_array_unref (index->manifests);
  g_ptr_array_unref (index->originals);
  json_object_put (index->other);
  g_free (index);
}

const VarveDescriptor *
varve_index_entry (const VarveIndex *index, guint position)
{
  g_return_val_if_fail (position < index->manifests->len, NULL);
  return index->manifests->pdata[position];
}

gboolean
varve_index_is_image (const VarveDescriptor *entry)
{
  return varve_descriptor_annotation (entry, VARVE_ANNOTATION_REFERENCE_TYPE) == NULL
         && !(g_strcmp0 (entry->os, "unknown") == 0 && g_strcmp0 (entry->architecture, "unknown") == 0);
}

gboolean
varve_index_attests (const VarveDescriptor *entry, const VarveDigest *image)
{
  VarveDigest subject;
  const char *text = varve_descriptor_annotation (entry, VARVE_ANNOTATION_REFERENCE_DIGEST);
  return text != NULL && !varve_index_is_image (entry) && varve_digest_from_string (text, &subject, NULL)
         && varve_digest_compare (&subject, image) == 0;
}

guint
varve_index_count_images (const VarveIndex *index)
{
  guint n = 0;
  for (guint i = 0; i < index->manifests->len; i++)
    n += varve_index_is_image (varve_index_entry (index, i)) ? 1 : 0;
  return n;
}

const VarveDescriptor *
varve_index_only_image (const VarveIndex *index)
{
  if (index->manifests->len == 1)
    return varve_index_entry (index, 0);
  for (guint i = 0; varve_index_count_images (index) == 1 && i < index->manifests->len; i++)
    if (varve_index_is_image (varve_index_entry (index, i)))
      return varve_index_entry (index, i);
  return NULL;
}

const VarveDescriptor *
varve_index_find_ref (const VarveIndex *index, const char *ref)
{
  for (guint i = 0; i < index->manifests->len; i++)
    if (g_strcmp0 (varve_descriptor_annotation (varve_index_entry (index, i), VARVE_ANNOTATION_REF_NAME), ref) == 0)
      return varve_index_entry (index, i);
  return NULL;
}

const VarveDescriptor *
varve_index_find_platform (const VarveIndex *index, const char *architecture, const char *variant)
{
  for (guint i = 0; i < index->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (index, i);
      if (g_strcmp0 (entry->architecture, architecture) == 0 && (entry->os == NULL || g_str_equal (entry->os, "linux"))
          && (variant == NULL || g_strcmp0 (entry->variant, variant) == 0))
        return entry;
    }
  return NULL;
}

/* Reads one component of the grammar: alphanum (separator alphanum)*, separator one of -._:@+ or "--". */
static const char *
skip_component (const char *p)
{
  for (;;)
    {
      if (!g_ascii_isalnum (*p))
        return NULL;
      while (g_ascii_isalnum (*p))
        p++;
      if (*p == '\0' || strchr ("-._:@+", *p) == NULL)
        return p;
      p += p[0] == '-' && p[1] == '-' ? 2 : 1;
    }
}

gboolean
varve_index_check_ref (const char *ref, GError **error)
{
  const char *p = strlen (ref) <= REF_MAX_BYTES ? skip_component (ref) : NULL;
  while (p != NULL && *p == '/')
    p = skip_component (p + 1);
  if (p != NULL && *p == '\0')
    return TRUE;
  g_autofree char *escaped = varve_escape (ref);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
               "'%s' is not a ref name: expected letters and digits with single '-', '.', '_', ':', '@', '+' or '/' "
               "between them, at most %d bytes",
               escaped, REF_MAX_BYTES);
  return FALSE;
}

gboolean
varve_index_has (const VarveIndex *index, const VarveDigest *digest)
{
  for (guint i = 0; i < index->manifests->len; i++)
    if (varve_digest_compare (&varve_index_entry (index, i)->digest, digest) == 0)
      return TRUE;
  return FALSE;
}

/* Without its attestations. */
static void
remove_alone (VarveIndex *index, guint position)
{
  g_ptr_array_remove_index (index->manifests, position);
  g_ptr_array_remove_index (index->originals, position);
}

static void
remove_attestations (VarveIndex *index, const VarveDigest *image)
{
  for (guint i = index->manifests->len; i > 0 && !varve_index_has (index, image); i--)
    if (varve_index_attests (varve_index_entry (index, i - 1), image))
      remove_alone (index, i - 1);
}

static void
replace_entry (VarveIndex *index, guint position, VarveDescriptor *descriptor)
{
  VarveDigest former = varve_index_entry (index, position)->digest;
  varve_descriptor_free (index->manifests->pdata[position]);
  index->manifests->pdata[position] = descriptor;
  json_object_put (index->originals->pdata[position]);
  index->originals->pdata[position] = NULL;
  remove_attestations (index, &former);
}

static gboolean
add_entry (VarveIndex *index, VarveDescriptor *descriptor, GError **error)
{
  if (index->manifests->len >= VARVE_DOCUMENT_MAX_ENTRIES)
    {
      varve_descriptor_free (descriptor);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "index: %u entries: the limit is %d", index->manifests->len,
                   VARVE_DOCUMENT_MAX_ENTRIES);
      return FALSE;
    }
  g_ptr_array_add (index->manifests, descriptor);
  g_ptr_array_add (index->originals, NULL);
  return TRUE;
}

typedef enum {
  UNNAMED_SAME, /* with the same digest */
  UNNAMED_ONLY, /* else the only one */
} Unnamed;

/* The position of the unnamed entry that @digest replaces, or G_MAXUINT. */
static guint
find_unnamed (const VarveIndex *index, const VarveDigest *digest, Unnamed which)
{
  guint n = 0, last = G_MAXUINT;
  for (guint i = 0; i < index->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (index, i);
      if (varve_descriptor_annotation (entry, VARVE_ANNOTATION_REF_NAME) != NULL)
        continue;
      if (varve_digest_compare (&entry->digest, digest) == 0)
        return i;
      if (!varve_index_is_image (entry))
        continue;
      n++;
      last = i;
    }
  return which == UNNAMED_ONLY && n == 1 ? last : G_MAXUINT;
}

static gboolean
set_unnamed (VarveIndex *index, const VarveDescriptor *descriptor, Unnamed which, GError **error)
{
  VarveDescriptor *entry = varve_descriptor_copy (descriptor);
  if (entry->annotations != NULL)
    g_tree_remove (entry->annotations, VARVE_ANNOTATION_REF_NAME);
  guint position = find_unnamed (index, &descriptor->digest, which);
  if (position == G_MAXUINT)
    return add_entry (index, entry, error);
  replace_entry (index, position, entry);
  return TRUE;
}

gboolean
varve_index_set (VarveIndex *index, const VarveDescriptor *descriptor, const char *ref, GError **error)
{
  if (ref == NULL)
    return set_unnamed (index, descriptor, varve_index_is_image (descriptor) ? UNNAMED_ONLY : UNNAMED_SAME, error);
  if (!varve_index_check_ref (ref, error))
    return FALSE;
  VarveDescriptor *entry = varve_descriptor_copy (descriptor);
  varve_descriptor_annotate (entry, VARVE_ANNOTATION_REF_NAME, ref);
  guint first = G_MAXUINT;
  for (guint i = 0; i < index->manifests->len; i++)
    {
      const char *name = varve_descriptor_annotation (varve_index_entry (index, i), VARVE_ANNOTATION_REF_NAME);
      if (g_strcmp0 (name, ref) != 0)
        continue;
      if (first == G_MAXUINT)
        first = i;
      else
        remove_alone (index, i--); /* a duplicate name cannot be selected */
    }
  if (first == G_MAXUINT)
    return add_entry (index, entry, error);
  replace_entry (index, first, entry);
  return TRUE;
}

gboolean
varve_index_add_unnamed (VarveIndex *index, const VarveDescriptor *descriptor, GError **error)
{
  return set_unnamed (index, descriptor, UNNAMED_SAME, error);
}

gboolean
varve_index_add (VarveIndex *index, const VarveDescriptor *descriptor, GError **error)
{
  return add_entry (index, varve_descriptor_copy (descriptor), error);
}

/* Entries with a platform sort before those without. */
static gboolean
has_platform (const VarveDescriptor *entry)
{
  return entry->os != NULL && entry->architecture != NULL && !g_str_equal (entry->architecture, "unknown");
}

gboolean
varve_index_remove (VarveIndex *index, const VarveDigest *digest)
{
  gboolean removed = FALSE;
  for (guint i = index->manifests->len; i > 0; i--)
    if (varve_digest_compare (&varve_index_entry (index, i - 1)->digest, digest) == 0)
      {
        remove_alone (index, i - 1);
        removed = TRUE;
      }
  return removed;
}

static int
compare_platforms (const VarveDescriptor *a, const VarveDescriptor *b)
{
  int order = (int)has_platform (b) - (int)has_platform (a);
  if (order != 0 || !has_platform (a))
    return order;
  order = strcmp (a->os, b->os);
  if (order == 0)
    order = strcmp (a->architecture, b->architecture);
  return order != 0 ? order : g_strcmp0 (a->variant, b->variant);
}

/* Insertion sort: stable, and entries are few. */
static void
sort_platforms (VarveIndex *index)
{
  for (guint i = 1; i < index->manifests->len; i++)
    for (guint j = i; j > 0 && compare_platforms (varve_index_entry (index, j - 1), varve_index_entry (index, j)) > 0;
         j--)
      {
        gpointer *entries = &index->manifests->pdata[j - 1], *originals = &index->originals->pdata[j - 1];
        gpointer entry = entries[0], original = originals[0];
        entries[0] = entries[1];
        entries[1] = entry;
        originals[0] = originals[1];
        originals[1] = original;
      }
}

gboolean
varve_index_set_platform (VarveIndex *index, const VarveDescriptor *descriptor, gboolean *out_replaced, GError **error)
{
  gboolean replaced = FALSE;
  for (guint i = 0; !replaced && has_platform (descriptor) && i < index->manifests->len; i++)
    if (compare_platforms (varve_index_entry (index, i), descriptor) == 0)
      {
        replace_entry (index, i, varve_descriptor_copy (descriptor));
        replaced = TRUE;
      }
  if (!replaced && !varve_index_add (index, descriptor, error))
    return FALSE;
  sort_platforms (index);
  *out_replaced = replaced;
  return TRUE;
}

void
varve_index_annotate (VarveIndex *index, const char *key, const char *value)
{
  json_object *annotations;
  if (!json_object_object_get_ex (index->other, "annotations", &annotations)
      || !json_object_is_type (annotations, json_type_object))
    {
      annotations = json_object_new_object ();
      json_object_object_add (index->other, "annotations", annotations);
    }
  g_autofree char *valid_key = g_utf8_make_valid (key, -1), *valid = g_utf8_make_valid (value, -1);
  varve_json_add_string (annotations, valid_key, valid);
}

GBytes *
varve_index_to_bytes (const VarveIndex *index)
{
  g_autoptr (json_object) json = json_object_new_object ();
  json_object_object_foreach (index->other, key, member) json_object_object_add (json, key, json_object_get (member));
  json_object *manifests = json_object_new_array ();
  for (guint i = 0; i < index->manifests->len; i++)
    {
      json_object *original = index->originals->pdata[i];
      json_object_array_add (manifests, original != NULL ? json_object_get (original)
                                                         : varve_descriptor_to_json (varve_index_entry (index, i)));
    }
  json_object_object_add (json, "manifests", manifests);
  return varve_document_to_bytes (json);
}

VarveIndex *
varve_index_from_bytes (GBytes *bytes, GError **error)
{
  g_autoptr (json_object) json = varve_document_parse (bytes, &INDEX, error);
  if (json == NULL)
    return NULL;
  g_autoptr (VarveIndex) index = varve_index_new ();
  json_object *manifests = varve_json_get_array (json, "manifests", NULL);
  for (gsize i = 0; i < json_object_array_length (manifests); i++)
    {
      json_object *original = json_object_array_get_idx (manifests, i);
      VarveDescriptor *entry = varve_descriptor_from_json (original, error);
      if (entry == NULL)
        {
          g_prefix_error (error, "index: entry %" G_GSIZE_FORMAT ": ", i);
          return NULL;
        }
      g_ptr_array_add (index->manifests, entry);
      g_ptr_array_add (index->originals, json_object_get (original));
    }
  json_object_object_foreach (json, key, member) if (!g_str_equal (key, "manifests"))
      json_object_object_add (index->other, key, json_object_get (member));
  return g_steal_pointer (&index);
}

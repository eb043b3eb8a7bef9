/* SPDX-License-Identifier: Apache-2.0 */
/* Stricter than libostree, which does not check order and duplicates when it reads. */
#include "ostree/dirtree.h"

#include <string.h>

#include "base/error.h"

GVariant *
varve_metadata_to_variant (GBytes *raw, const char *type, GError **error)
{
  if (g_bytes_get_size (raw) > VARVE_METADATA_MAX_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "metadata of %" G_GSIZE_FORMAT " bytes: the limit is %u",
                   g_bytes_get_size (raw), VARVE_METADATA_MAX_BYTES);
      return NULL;
    }
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), raw, FALSE));
  if (g_variant_is_normal_form (variant))
    return g_steal_pointer (&variant);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "not a serialized '%s' in normal form", type);
  return NULL;
}

gboolean
varve_metadata_get_checksum (GVariant *container, gsize child, VarveDigest *out_checksum, GError **error)
{
  g_autoptr (GVariant) value = g_variant_get_child_value (container, child);
  gsize size_bytes;
  const guint8 *bytes = g_variant_get_fixed_array (value, &size_bytes, 1);
  if (size_bytes != VARVE_DIGEST_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "checksum of %" G_GSIZE_FORMAT " bytes: expected %d",
                   size_bytes, VARVE_DIGEST_BYTES);
      return FALSE;
    }
  memcpy (out_checksum->bytes, bytes, VARVE_DIGEST_BYTES);
  return TRUE;
}

static gboolean
dirtree_bad_name (const char *name, const char *what, GError **error)
{
  g_autofree char *escaped = varve_escape (name);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "name '%s': %s", escaped, what);
  return FALSE;
}

/* Normal form guarantees UTF-8. @previous may be NULL. */
static gboolean
check_name (const char *name, const char *previous, GError **error)
{
  if (name[0] == '\0' || strcmp (name, ".") == 0 || strcmp (name, "..") == 0 || strchr (name, '/') != NULL)
    return dirtree_bad_name (name, "not a file name", error);
  if (strlen (name) > VARVE_NAME_MAX_BYTES)
    return dirtree_bad_name (name, "longer than " G_STRINGIFY (VARVE_NAME_MAX_BYTES) " bytes", error);
  if (previous != NULL && strcmp (previous, name) >= 0)
    return dirtree_bad_name (name, "out of order or duplicate", error);
  return TRUE;
}

static const char *
name_of (GVariant *entry)
{
  const char *name;
  g_variant_get_child (entry, 0, "&s", &name);
  return name;
}

static gboolean
read_files (VarveDirtree *dirtree, GVariant *list, GError **error)
{
  dirtree->n_files = (guint)g_variant_n_children (list);
  dirtree->files = g_new0 (VarveDirtreeFile, dirtree->n_files);
  for (guint i = 0; i < dirtree->n_files; i++)
    {
      VarveDirtreeFile *file = &dirtree->files[i];
      g_autoptr (GVariant) entry = g_variant_get_child_value (list, i);
      file->name = name_of (entry);
      if (!check_name (file->name, i > 0 ? file[-1].name : NULL, error)
          || !varve_metadata_get_checksum (entry, 1, &file->checksum, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_directories (VarveDirtree *dirtree, GVariant *list, GError **error)
{
  dirtree->n_directories = (guint)g_variant_n_children (list);
  dirtree->directories = g_new0 (VarveDirtreeDirectory, dirtree->n_directories);
  for (guint i = 0; i < dirtree->n_directories; i++)
    {
      VarveDirtreeDirectory *directory = &dirtree->directories[i];
      g_autoptr (GVariant) entry = g_variant_get_child_value (list, i);
      directory->name = name_of (entry);
      if (!check_name (directory->name, i > 0 ? directory[-1].name : NULL, error)
          || !varve_metadata_get_checksum (entry, 1, &directory->dirtree, error)
          || !varve_metadata_get_checksum (entry, 2, &directory->dirmeta, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_disjoint (const VarveDirtree *dirtree, GError **error)
{
  for (guint i = 0, j = 0; i < dirtree->n_files && j < dirtree->n_directories;)
    {
      int order = strcmp (dirtree->files[i].name, dirtree->directories[j].name);
      if (order == 0)
        return dirtree_bad_name (dirtree->files[i].name, "both a file and a directory", error);
      if (order < 0)
        i++;
      else
        j++;
    }
  return TRUE;
}

VarveDirtree *
varve_dirtree_parse (GBytes *raw, GError **error)
{
  g_autoptr (GVariant) variant = varve_metadata_to_variant (raw, "(a(say)a(sayay))", error);
  if (variant == NULL)
    {
      g_prefix_error (error, "dirtree: ");
      return NULL;
    }
  g_autoptr (VarveDirtree) dirtree = g_new0 (VarveDirtree, 1);
  dirtree->variant = g_steal_pointer (&variant);
  g_autoptr (GVariant) files = g_variant_get_child_value (dirtree->variant, 0);
  g_autoptr (GVariant) directories = g_variant_get_child_value (dirtree->variant, 1);
  if (!read_files (dirtree, files, error) || !read_directories (dirtree, directories, error)
      || !check_disjoint (dirtree, error))
    {
      g_prefix_error (error, "dirtree: ");
      return NULL;
    }
  return g_steal_pointer (&dirtree);
}

void
varve_dirtree_free (VarveDirtree *dirtree)
{
  g_free (dirtree->files);
  g_free (dirtree->directories);
  g_variant_unref (dirtree->variant);
  g_free (dirtree);
}

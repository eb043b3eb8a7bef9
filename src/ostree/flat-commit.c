/* SPDX-License-Identifier: Apache-2.0 */
/* The synthetic commits that keep a layer's objects from pruning: the same objects give the same checksum. */
#include "ostree/flat-commit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "ostree/importer.h"
#include "ostree/write-commit.h"

static int
compare_checksums (gconstpointer a, gconstpointer b)
{
  return varve_digest_compare (a, b);
}

static GVariant *
checksum_variant (const VarveDigest *checksum)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, checksum->bytes, sizeof checksum->bytes, 1);
}

/* Takes @floating. */
static GBytes *
raw_of (GVariant *floating, VarveDigest *out_checksum)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (floating);
  GBytes *raw = g_variant_get_data_as_bytes (variant);
  *out_checksum = varve_digest_of (g_bytes_get_data (raw, NULL), g_bytes_get_size (raw));
  return raw;
}

/* By name, which is the order of the checksums. */
static GVariant *
dirtree_of (const VarveDigest *objects, gsize n)
{
  g_autofree VarveDigest *sorted = g_memdup2 (objects, n * sizeof *objects);
  GVariantBuilder files;
  if (n > 1)
    qsort (sorted, n, sizeof *sorted, compare_checksums);
  g_variant_builder_init (&files, G_VARIANT_TYPE ("a(say)"));
  for (gsize i = 0; i < n; i++)
    {
      if (i > 0 && compare_checksums (&sorted[i - 1], &sorted[i]) == 0)
        continue;
      g_autofree char *hex = varve_digest_to_hex (&sorted[i]);
      g_variant_builder_add (&files, "(s@ay)", hex, checksum_variant (&sorted[i]));
    }
  return g_variant_new ("(@a(say)@a(sayay))", g_variant_builder_end (&files),
                        g_variant_new_array (G_VARIANT_TYPE ("(sayay)"), NULL, 0));
}

GBytes *
varve_flat_commit_raw (const VarveDigest *dirtree, const VarveDigest *dirmeta, GVariant *metadata,
                       VarveDigest *out_checksum)
{
  if (metadata == NULL)
    metadata = g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
  return raw_of (g_variant_new ("(@a{sv}@ay@a(say)sst@ay@ay)", metadata,
                                g_variant_new_array (G_VARIANT_TYPE_BYTE, NULL, 0),
                                g_variant_new_array (G_VARIANT_TYPE ("(say)"), NULL, 0), "", "", (guint64)0,
                                checksum_variant (dirtree), checksum_variant (dirmeta)),
                 out_checksum);
}

VarveFlatCommit *
varve_flat_commit_new (const VarveDigest *objects, gsize n, GVariant *metadata)
{
  g_return_val_if_fail (objects != NULL || n == 0, NULL);
  VarveFlatCommit *flat = g_new0 (VarveFlatCommit, 1);
  flat->dirtree_raw = raw_of (dirtree_of (objects, n), &flat->dirtree);
  flat->dirmeta_raw = raw_of (g_variant_new ("(uuu@a(ayay))", 0, 0, GUINT32_TO_BE (S_IFDIR | 0755),
                                             g_variant_new_array (G_VARIANT_TYPE ("(ayay)"), NULL, 0)),
                              &flat->dirmeta);
  flat->commit_raw = varve_flat_commit_raw (&flat->dirtree, &flat->dirmeta, metadata, &flat->commit);
  return flat;
}

void
varve_flat_commit_free (VarveFlatCommit *flat)
{
  g_bytes_unref (flat->dirmeta_raw);
  g_bytes_unref (flat->dirtree_raw);
  g_bytes_unref (flat->commit_raw);
  g_free (flat);
}

gboolean
varve_flat_commit_write_tree (const VarveFlatCommit *flat, VarveImporter *importer, GCancellable *cancellable,
                              GError **error)
{
  return varve_importer_write_metadata (importer, VARVE_METADATA_DIRMETA, &flat->dirmeta, flat->dirmeta_raw,
                                        cancellable, error)
         && varve_importer_write_metadata (importer, VARVE_METADATA_DIRTREE, &flat->dirtree, flat->dirtree_raw,
                                           cancellable, error);
}

static gboolean
store_tree (const VarveFlatCommit *flat, const char *repo_path, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveImporter) importer = varve_importer_begin (repo_path, cancellable, error);
  return importer != NULL && varve_flat_commit_write_tree (flat, importer, cancellable, error)
         && varve_importer_commit (importer, NULL, NULL, cancellable, error);
}

gboolean
varve_flat_commit_store (const VarveFlatCommit *flat, const char *repo_path, const char *ref, GCancellable *cancellable,
                         GError **error)
{
  VarveCommitObject commit = { .checksum = flat->commit, .raw = flat->commit_raw };
  return store_tree (flat, repo_path, cancellable, error)
         && varve_write_commit (repo_path, ref, &commit, cancellable, error);
}

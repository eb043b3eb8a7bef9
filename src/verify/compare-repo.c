/* SPDX-License-Identifier: Apache-2.0 */
/* Compares the objects of layers with an inventory, in both directions. */
#include "verify/compare-repo.h"

#include "ostree/repo.h"
#include "ostree/sign.h"
#include "ostree/walk.h"

typedef struct {
  GPtrArray *records;
  VarveFindings *findings;
  const char *other;    /* what has the inventory, for messages */
  GHashTable *expected; /* set of const VarveDigest *, in the inventory */
} Comparison;

static void
repo_report_extra_object (Comparison *comparison, const VarveLayerRecord *record, const VarveDigest *checksum,
                          const char *kind)
{
  g_autofree char *hex = varve_digest_to_hex (checksum);
  varve_findings_add (comparison->findings, VARVE_SEVERITY_ERROR, "repo.extra", record->place,
                      "object %s.%s is not in %s", hex, kind, comparison->other);
}

static gboolean
is_in_layers (const Comparison *comparison, const VarveDigest *checksum)
{
  for (guint i = 0; i < comparison->records->len; i++)
    if (varve_layer_record_find (comparison->records->pdata[i], checksum) != NULL)
      return TRUE;
  return FALSE;
}

/* Reports each object once. */
static void
repo_expect (Comparison *comparison, const VarveDigest *checksum, gboolean is_there, const char *path, const char *kind)
{
  if (g_hash_table_add (comparison->expected, (gpointer)checksum) && !is_there)
    {
      g_autofree char *where = g_strconcat ("commit: /", path, NULL), *hex = varve_digest_to_hex (checksum);
      varve_findings_add (comparison->findings, VARVE_SEVERITY_ERROR, "repo.missing", where,
                          "object %s.%s of %s is in no layer", hex, kind, comparison->other);
    }
}

static void
repo_expect_all (Comparison *comparison, const VarveInventory *inventory)
{
  const VarveLayerRecord *commit_layer = comparison->records->pdata[0];
  for (guint32 i = 0; i < inventory->n_directories; i++)
    {
      const VarveDirectory *directory = &inventory->directories[i];
      repo_expect (comparison, &directory->dirmeta, g_hash_table_contains (commit_layer->dirmetas, &directory->dirmeta),
                   directory->path, "dirmeta");
      repo_expect (comparison, &directory->dirtree, g_hash_table_contains (commit_layer->dirtrees, &directory->dirtree),
                   directory->path, "dirtree");
    }
  for (guint32 i = 0; i < inventory->n_objects; i++)
    {
      const VarveObject *object = &inventory->objects[i];
      repo_expect (comparison, &object->checksum, is_in_layers (comparison, &object->checksum),
                   inventory->files[object->first_file].path, "file");
    }
}

static int
compare_digests (gconstpointer a, gconstpointer b)
{
  return varve_digest_compare (*(const VarveDigest *const *)a, *(const VarveDigest *const *)b);
}

static void
repo_report_extra_metadata (Comparison *comparison, const VarveLayerRecord *record, GHashTable *table, const char *kind)
{
  guint n;
  g_autofree gpointer *keys = g_hash_table_get_keys_as_array (table, &n);
  qsort (keys, n, sizeof *keys, compare_digests);
  for (guint i = 0; i < n; i++)
    if (!g_hash_table_contains (comparison->expected, keys[i]))
      repo_report_extra_object (comparison, record, keys[i], kind);
}

static void
repo_report_extra (Comparison *comparison)
{
  for (guint i = 0; i < comparison->records->len; i++)
    {
      const VarveLayerRecord *record = comparison->records->pdata[i];
      for (guint j = 0; j < record->objects->len && !record->may_be_stale; j++) /* verify/stale.h counts them */
        {
          const VarveDigest *checksum = &g_array_index (record->objects, VarveLayerObject, j).checksum;
          if (!g_hash_table_contains (comparison->expected, checksum))
            repo_report_extra_object (comparison, record, checksum, "file");
        }
      repo_report_extra_metadata (comparison, record, record->dirtrees, "dirtree");
      repo_report_extra_metadata (comparison, record, record->dirmetas, "dirmeta");
    }
}

static gboolean
compare_detached (Comparison *comparison, VarveRepo *repo, const VarveDigest *commit, GError **error)
{
  const VarveLayerRecord *record = comparison->records->pdata[0];
  VarveSource *source = varve_repo_source (repo);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) detached = source->load_metadata (source, VARVE_METADATA_COMMITMETA, commit, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  gboolean is_same = detached == NULL || record->commitmeta_raw == NULL
                         ? detached == record->commitmeta_raw
                         : g_bytes_equal (detached, record->commitmeta_raw);
  if (is_same)
    return TRUE;
  if (record->commitmeta_raw != NULL && varve_sign_only_adds (record->commitmeta_raw, detached))
    varve_findings_add (comparison->findings, VARVE_SEVERITY_NOTE, "commit.signatures", record->place,
                        "the image has signatures of the commit that the repository does not have");
  else
    varve_findings_add (comparison->findings, VARVE_SEVERITY_ERROR, "commit.detached-metadata", record->place,
                        "the detached metadata is not that of the repository");
  return TRUE;
}

static gboolean
compare_commit (Comparison *comparison, VarveRepo *repo, const VarveCompareRepo *with, VarveObserver *observer,
                GCancellable *cancellable, GError **error)
{
  const VarveLayerRecord *commit_layer = comparison->records->pdata[0];
  VarveDigest commit;
  if (!varve_repo_resolve (repo, with->ref, &commit, error))
    return FALSE;
  if (varve_digest_compare (&commit, &commit_layer->commit) != 0)
    {
      g_autofree char *found = varve_digest_to_hex (&commit_layer->commit), *wanted = varve_digest_to_hex (&commit);
      varve_findings_add (comparison->findings, VARVE_SEVERITY_ERROR, "commit.other", commit_layer->place,
                          "the image is of commit %s: expected %s", found, wanted);
    }
  g_autoptr (VarveInventory) inventory = varve_walk (repo, &commit, with->jobs, observer, cancellable, error);
  if (inventory == NULL)
    return FALSE;
  repo_expect_all (comparison, inventory);
  repo_report_extra (comparison);
  gboolean ok = compare_detached (comparison, repo, &commit, error);
  g_hash_table_remove_all (comparison->expected); /* its keys belong to the inventory */
  return ok;
}

gboolean
varve_compare_repo (GPtrArray *records, const VarveCompareRepo *with, VarveObserver *observer, VarveFindings *findings,
                    GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveRepo) repo = varve_repo_open (with->repo_path, cancellable, error);
  if (repo == NULL)
    return FALSE;
  g_autoptr (GHashTable) expected = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
  Comparison comparison
      = { .records = records, .findings = findings, .other = "the repository's commit", .expected = expected };
  return compare_commit (&comparison, repo, with, observer, cancellable, error);
}

void
varve_compare_tree (GPtrArray *records, const VarveInventory *tree, VarveFindings *findings)
{
  g_autoptr (GHashTable) expected = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
  Comparison comparison = { .records = records, .findings = findings, .other = "the tree", .expected = expected };
  repo_expect_all (&comparison, tree);
  repo_report_extra (&comparison);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The closure: every object that the commit reaches is in a layer, and every object in a layer is reached. */
#include "verify/commit-objects.h"

#include "verify/commit-tree.h"

static const char WHERE[] = "commit";

typedef struct {
  GPtrArray *records;
  VarveFindings *findings;
  GHashTable *reached;  /* set of const VarveDigest *, in the records */
  GHashTable *reported; /* set of VarveDigest that are missing, owned */
} Closure;

static void
closure_report_missing (gpointer data, const char *path, const char *kind, const VarveDigest *checksum)
{
  Closure *closure = data;
  if (!g_hash_table_add (closure->reported, g_memdup2 (checksum, sizeof *checksum)))
    return;
  g_autofree char *hex = varve_digest_to_hex (checksum);
  g_autofree char *where = g_strconcat (WHERE, ": /", path, NULL);
  varve_findings_add (closure->findings, VARVE_SEVERITY_ERROR, "closure.missing", where, "object %s.%s is in no layer",
                      hex, kind);
}

static void
closure_reach_file (gpointer data, const char *path, const VarveDigest *checksum)
{
  Closure *closure = data;
  if (g_hash_table_contains (closure->reached, checksum))
    return;
  for (guint i = 0; i < closure->records->len; i++)
    {
      const VarveLayerObject *object = varve_layer_record_find (closure->records->pdata[i], checksum);
      if (object == NULL)
        continue;
      g_hash_table_add (closure->reached, (gpointer)&object->checksum);
      return;
    }
  closure_report_missing (closure, path, "file", checksum);
}

/* The tables' keys outlive the visit, unlike its checksum. */
static void
closure_reach_in (Closure *closure, GHashTable *table, const VarveDigest *checksum)
{
  gpointer key;
  if (g_hash_table_lookup_extended (table, checksum, &key, NULL))
    g_hash_table_add (closure->reached, key);
}

static void
closure_reach_dirtree (gpointer data, const char *path, const VarveDigest *checksum)
{
  Closure *closure = data;
  closure_reach_in (closure, ((VarveLayerRecord *)closure->records->pdata[0])->dirtrees, checksum);
}

static void
closure_reach_dirmeta (gpointer data, const char *path, const VarveDigest *checksum, const VarveDirmeta *dirmeta)
{
  Closure *closure = data;
  closure_reach_in (closure, ((VarveLayerRecord *)closure->records->pdata[0])->dirmetas, checksum);
}

static void
closure_report_extra (Closure *closure, const VarveLayerRecord *record, const VarveDigest *checksum, const char *kind)
{
  if (g_hash_table_contains (closure->reached, checksum))
    return;
  g_autofree char *hex = varve_digest_to_hex (checksum);
  varve_findings_add (closure->findings, VARVE_SEVERITY_ERROR, "closure.extra", record->place,
                      "object %s.%s is not part of the commit", hex, kind);
}

static int
compare_digests (gconstpointer a, gconstpointer b)
{
  return varve_digest_compare (*(const VarveDigest *const *)a, *(const VarveDigest *const *)b);
}

/* Sorted, because a hash table has no order. */
static void
closure_report_extra_metadata (Closure *closure, const VarveLayerRecord *record, GHashTable *table, const char *kind)
{
  guint n;
  g_autofree gpointer *keys = g_hash_table_get_keys_as_array (table, &n);
  qsort (keys, n, sizeof *keys, compare_digests);
  for (guint i = 0; i < n; i++)
    closure_report_extra (closure, record, keys[i], kind);
}

void
varve_commit_objects_check (GPtrArray *records, VarveFindings *findings)
{
  g_return_if_fail (records->len > 0 && ((const VarveLayerRecord *)records->pdata[0])->has_commit);
  g_autoptr (GHashTable) reached = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
  g_autoptr (GHashTable) reported
      = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
  Closure closure = { .records = records, .findings = findings, .reached = reached, .reported = reported };
  VarveTreeVisitor visitor = { .directory = closure_reach_dirmeta,
                               .dirtree = closure_reach_dirtree,
                               .file = closure_reach_file,
                               .missing = closure_report_missing,
                               .data = &closure };
  g_autoptr (GError) error = NULL;
  if (!varve_commit_tree_visit (records->pdata[0], &visitor, &error))
    {
      varve_findings_add (findings, VARVE_SEVERITY_ERROR, "closure.limit", WHERE, "%s", error->message);
      return;
    }
  for (guint i = 0; i < records->len; i++)
    {
      const VarveLayerRecord *record = records->pdata[i];
      for (guint j = 0; j < record->objects->len && !record->may_be_stale; j++) /* verify/stale.h counts them */
        closure_report_extra (&closure, record, &g_array_index (record->objects, VarveLayerObject, j).checksum, "file");
      closure_report_extra_metadata (&closure, record, record->dirtrees, "dirtree");
      closure_report_extra_metadata (&closure, record, record->dirmetas, "dirmeta");
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A layer may have been read again since the former ledger was written, so its objects are found by what identifies
 * them there: the first path and the mark. */
#include "chunker/stale-since.h"

static const char *
first_path (const VarveStaleObject *stale)
{
  return stale->paths[0] != NULL ? stale->paths[0] : "";
}

static guint
stale_hash (gconstpointer key)
{
  const VarveStaleObject *stale = key;
  return g_str_hash (first_path (stale)) ^ stale->mark;
}

static gboolean
stale_equal (gconstpointer a, gconstpointer b)
{
  const VarveStaleObject *left = a, *right = b;
  return left->mark == right->mark && g_str_equal (first_path (left), first_path (right));
}

void
varve_stale_since (GPtrArray *stale, const VarveLedgerLayer *former, gint64 time)
{
  g_autoptr (GHashTable) known = g_hash_table_new (stale_hash, stale_equal);
  for (guint i = 0; former != NULL && former->stale != NULL && i < former->stale->len; i++)
    g_hash_table_add (known, former->stale->pdata[i]);
  for (guint i = 0; i < stale->len; i++)
    {
      VarveStaleObject *object = stale->pdata[i];
      const VarveStaleObject *before = g_hash_table_lookup (known, object);
      object->since = before != NULL ? before->since : time;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "delta/chains.h"

#include <string.h>

#include "base/error.h"
#include "base/fasthash.h"

enum { WAYS_MAX = 1 << 21, KEYS_MAX_BYTES = 512 << 20 };

typedef struct {
  VarveOp op; /* its text is a key of by_key, or NULL */
  guint32 from;
  guint n_decodes;
} Way;

struct _VarveChains {
  GMutex mutex;
  GArray *ways;       /* Way */
  GHashTable *by_key; /* char * -> number + 1 */
  gsize key_bytes;
};

VarveChains *
varve_chains_new (void)
{
  VarveChains *chains = g_new0 (VarveChains, 1);
  g_mutex_init (&chains->mutex);
  chains->ways = g_array_new (FALSE, FALSE, sizeof (Way));
  chains->by_key = g_hash_table_new_full (varve_fasthash_string, g_str_equal, g_free, NULL);
  return chains;
}

void
varve_chains_free (VarveChains *chains)
{
  g_mutex_clear (&chains->mutex);
  g_array_unref (chains->ways);
  g_hash_table_unref (chains->by_key);
  g_free (chains);
}

/* No clean file name starts with a slash. */
static char *
way_key (const VarveOp *op, guint32 from)
{
  if (op->kind == VARVE_OP_OPEN)
    return g_strdup (op->text);
  if (op->kind == VARVE_OP_DECODE)
    return g_strdup_printf ("/%u\n%u:%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, from, op->codec, op->piece_at,
                            op->piece_bytes);
  g_autofree char *hex = varve_digest_to_hex (&op->diff_id);
  return g_strconcat ("//", hex, NULL);
}

gboolean
varve_chains_follow (VarveChains *chains, guint32 from, const VarveOp *op, guint32 *out_way, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&chains->mutex);
  g_autofree char *key = way_key (op, from);
  gpointer known = g_hash_table_lookup (chains->by_key, key);
  if (known != NULL)
    {
      *out_way = GPOINTER_TO_UINT (known) - 1;
      return TRUE;
    }
  Way way = { .op = *op, .from = from };
  if (op->kind == VARVE_OP_DECODE)
    way.n_decodes = g_array_index (chains->ways, Way, from).n_decodes + 1;
  if (way.n_decodes > VARVE_TARDIFF_ENCODERS_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than the limit of %u Decodes in a row",
                   VARVE_TARDIFF_ENCODERS_MAX);
      return FALSE;
    }
  if (chains->ways->len == WAYS_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than the limit of %d sources", WAYS_MAX);
      return FALSE;
    }
  gsize key_bytes = strlen (key) + 1;
  if (key_bytes > KEYS_MAX_BYTES - chains->key_bytes)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                           "the names of sources are longer than the limit of 512 MiB");
      return FALSE;
    }
  chains->key_bytes += key_bytes;
  way.op.text = op->kind == VARVE_OP_OPEN ? key : NULL;
  g_array_append_val (chains->ways, way);
  g_hash_table_insert (chains->by_key, g_steal_pointer (&key), GUINT_TO_POINTER (chains->ways->len));
  *out_way = chains->ways->len - 1;
  return TRUE;
}

gboolean
varve_chains_is_layer (VarveChains *chains, guint32 way)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&chains->mutex);
  const Way *step = &g_array_index (chains->ways, Way, way);
  while (step->op.kind == VARVE_OP_DECODE)
    step = &g_array_index (chains->ways, Way, step->from);
  return step->op.kind == VARVE_OP_LAYER;
}

static gboolean
write_op (const VarveOp *op, VarveTardiffWriter *writer, GError **error)
{
  if (op->kind == VARVE_OP_OPEN)
    return varve_tardiff_writer_open (writer, op->text, error);
  if (op->kind == VARVE_OP_LAYER)
    return varve_tardiff_writer_layer (writer, &op->diff_id, error);
  return varve_tardiff_writer_decode (writer, op->codec, op->piece_at, op->piece_bytes, error);
}

gboolean
varve_chains_write (VarveChains *chains, guint32 way, VarveTardiffWriter *writer, GError **error)
{
  VarveOp ops[VARVE_TARDIFF_ENCODERS_MAX + 1];
  guint n = 0;
  g_mutex_lock (&chains->mutex);
  do
    {
      const Way *step = &g_array_index (chains->ways, Way, way);
      ops[n++] = step->op;
      way = step->from;
    }
  while (ops[n - 1].kind == VARVE_OP_DECODE);
  g_mutex_unlock (&chains->mutex);
  while (n > 0)
    if (!write_op (&ops[--n], writer, error))
      return FALSE;
  return TRUE;
}

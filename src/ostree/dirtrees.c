/* SPDX-License-Identifier: Apache-2.0 */
/* Level by level: dirtrees of the same depth are read in parallel. */
#include "ostree/dirtrees.h"

#include "base/parallel.h"
#include "ostree/checked.h"

enum { DIRTREES_PER_TASK = 16 };

typedef struct {
  VarveSource *source;
  GHashTable *known; /* VarveDigest -> VarveDirtree, NULL until it is read */
  GPtrArray *level;  /* VarveDigest, the table's keys */
  VarveDirtree **loaded;
} Load;

static gboolean
load_some (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Load *load = data;
  for (gsize i = index * DIRTREES_PER_TASK; i < MIN ((index + 1) * DIRTREES_PER_TASK, load->level->len); i++)
    load->loaded[i] = varve_checked_dirtree (load->source, load->level->pdata[i], NULL);
  return TRUE;
}

static void
add_to_level (Load *load, const VarveDigest *checksum)
{
  if (g_hash_table_contains (load->known, checksum))
    return;
  VarveDigest *key = g_memdup2 (checksum, sizeof *checksum);
  g_hash_table_insert (load->known, key, NULL);
  g_ptr_array_add (load->level, key);
}

/* Reads one level and lists the next. */
static void
load_level (Load *load, guint jobs, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) level = load->level;
  load->loaded = g_new0 (VarveDirtree *, level->len);
  gsize n_tasks = (level->len + DIRTREES_PER_TASK - 1) / DIRTREES_PER_TASK;
  if (!varve_parallel_for (jobs, n_tasks, load_some, load, cancellable, NULL))
    g_debug ("reading dirtrees was cancelled");
  load->level = g_ptr_array_new ();
  for (guint i = 0; i < level->len; i++)
    {
      VarveDirtree *dirtree = load->loaded[i];
      if (dirtree == NULL)
        {
          g_hash_table_remove (load->known, level->pdata[i]);
          continue;
        }
      g_hash_table_insert (load->known, g_memdup2 (level->pdata[i], sizeof (VarveDigest)), dirtree);
      for (guint j = 0; j < dirtree->n_directories; j++)
        add_to_level (load, &dirtree->directories[j].dirtree);
    }
  g_clear_pointer (&load->loaded, g_free);
}

static void
free_dirtree (gpointer dirtree)
{
  if (dirtree != NULL)
    varve_dirtree_free (dirtree);
}

GHashTable *
varve_dirtrees_load (VarveSource *source, const VarveDigest *root, guint jobs, GCancellable *cancellable)
{
  Load load = {
    .source = source,
    .known = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, free_dirtree),
    .level = g_ptr_array_new (),
  };
  add_to_level (&load, root);
  while (load.level->len > 0 && !g_cancellable_is_cancelled (cancellable))
    load_level (&load, jobs, cancellable);
  g_ptr_array_unref (load.level);
  return load.known;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* At most eight proxies for each image; a ninth reader waits for one to become idle. */
#include "skopeo/proxy-pool.h"

enum {
  PROXIES_MAX = 8,
  TICK_US = 100000,
};

struct _VarveProxyPool {
  gatomicrefcount references;
  VarveReference *reference;
  VarveAccess *access;
  char *architecture;
  GMutex mutex;
  GCond freed;
  GQueue idle;     /* VarveProxy */
  guint n_proxies; /* idle or not */
};

VarveProxyPool *
varve_proxy_pool_new (const VarveReference *reference, const char *architecture)
{
  VarveProxyPool *pool = g_new0 (VarveProxyPool, 1);
  g_atomic_ref_count_init (&pool->references);
  pool->reference = varve_reference_copy (reference);
  pool->access = reference->access != NULL ? varve_access_ref (reference->access) : varve_access_new ();
  pool->architecture = g_strdup (architecture);
  g_mutex_init (&pool->mutex);
  g_cond_init (&pool->freed);
  g_queue_init (&pool->idle);
  return pool;
}

VarveProxyPool *
varve_proxy_pool_ref (VarveProxyPool *pool)
{
  g_atomic_ref_count_inc (&pool->references);
  return pool;
}

void
varve_proxy_pool_unref (VarveProxyPool *pool)
{
  if (!g_atomic_ref_count_dec (&pool->references))
    return;
  g_queue_clear_full (&pool->idle, (GDestroyNotify)varve_proxy_free);
  varve_reference_free (pool->reference);
  varve_access_unref (pool->access);
  g_free (pool->architecture);
  g_mutex_clear (&pool->mutex);
  g_cond_clear (&pool->freed);
  g_free (pool);
}

VarveAccess *
varve_proxy_pool_access (VarveProxyPool *pool)
{
  return pool->access;
}

/* An idle proxy; NULL when the caller may start one. */
static gboolean
pool_claim (VarveProxyPool *pool, VarveProxy **out_idle, GCancellable *cancellable, GError **error)
{
  while (g_queue_is_empty (&pool->idle) && pool->n_proxies >= PROXIES_MAX)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_cond_wait_until (&pool->freed, &pool->mutex, g_get_monotonic_time () + TICK_US);
    }
  *out_idle = g_queue_pop_tail (&pool->idle); /* the one used last: its connection is least likely to have timed out */
  if (*out_idle == NULL)
    pool->n_proxies++;
  return TRUE;
}

static void
pool_release (VarveProxyPool *pool, VarveProxy *idle)
{
  g_mutex_lock (&pool->mutex);
  if (idle != NULL)
    g_queue_push_tail (&pool->idle, idle);
  else
    pool->n_proxies--;
  g_cond_signal (&pool->freed);
  g_mutex_unlock (&pool->mutex);
}

VarveProxy *
varve_proxy_pool_take (VarveProxyPool *pool, GCancellable *cancellable, GError **error)
{
  VarveProxy *proxy;
  g_mutex_lock (&pool->mutex);
  gboolean claimed = pool_claim (pool, &proxy, cancellable, error);
  g_mutex_unlock (&pool->mutex);
  if (!claimed || proxy != NULL)
    return claimed ? proxy : NULL;
  proxy = varve_proxy_open (pool->reference, pool->architecture, cancellable, error);
  if (proxy == NULL)
    pool_release (pool, NULL);
  return proxy;
}

void
varve_proxy_pool_give_back (VarveProxyPool *pool, VarveProxy *proxy)
{
  g_return_if_fail (proxy != NULL);
  pool_release (pool, proxy);
}

void
varve_proxy_pool_discard (VarveProxyPool *pool, VarveProxy *proxy)
{
  varve_proxy_free (proxy);
  pool_release (pool, NULL);
}

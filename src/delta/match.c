/* SPDX-License-Identifier: Apache-2.0 */
/* The scan follows bsdiff 4.3 (Colin Percival), with longer names. Runs are compared in pieces of at most RUN_MAX
 * bytes; without that limit, periodic files take quadratic time. */
#include "delta/match.h"

#include <string.h>

enum {
  WINDOW_BYTES = 12,
  CHAIN_MAX = 8,
  RUN_MAX = 1024,
  GOOD_RUN = 32, /* a run this long in the present alignment ends the search */
  BETTER_BY = 8, /* bytes that another alignment must gain; as in bsdiff */
  STRIDE_MIN = 4,
  INDEX_MAX = 1 << 26,    /* windows in the table: 512 MiB with its heads */
  MISSES_PER_STEP = 4096, /* positions without a match after which the step grows */
  STEP_MAX = 9,
};

typedef struct {
  const guint8 *old, *new;
  gsize old_bytes, new_bytes;
  gsize stride;
  guint hash_shift;
  guint32 *heads, *next; /* window number + 1 */
  GArray *matches;
  /* the present alignment */
  gsize last_new, last_old;
  gint64 offset; /* old position - new position */
  guint misses;
} Scan;

gsize
varve_match_run (const guint8 *a, const guint8 *b, gsize max_bytes)
{
  gsize n = 0;
  while (n + 8 <= max_bytes)
    {
      guint64 x, y;
      memcpy (&x, a + n, 8);
      memcpy (&y, b + n, 8);
      if (x != y)
        return n + (gsize)__builtin_ctzll (GUINT64_TO_LE (x ^ y)) / 8;
      n += 8;
    }
  while (n < max_bytes && a[n] == b[n])
    n++;
  return n;
}

static guint32
window_hash (const Scan *scan, const guint8 *window)
{
  guint64 first;
  guint32 last;
  memcpy (&first, window, 8);
  memcpy (&last, window + 8, 4);
  guint64 mixed = (GUINT64_FROM_LE (first) ^ ((guint64)GUINT32_FROM_LE (last) << 29)) * 0x9e3779b97f4a7c15ull;
  return (guint32)((mixed ^ (mixed >> 29)) * 0xbf58476d1ce4e5b9ull >> scan->hash_shift);
}

/* A window of one byte value is everywhere, and not worth an entry. */
static gboolean
window_is_plain (const guint8 *window)
{
  return memcmp (window, window + 1, WINDOW_BYTES - 1) == 0;
}

static void
scan_index (Scan *scan)
{
  scan->stride = STRIDE_MIN;
  while (scan->old_bytes / scan->stride > INDEX_MAX)
    scan->stride *= 2;
  gsize n_windows = scan->old_bytes < WINDOW_BYTES ? 0 : (scan->old_bytes - WINDOW_BYTES) / scan->stride + 1;
  guint bits = 8;
  while (((gsize)1 << bits) < n_windows)
    bits++;
  scan->hash_shift = 64 - bits;
  scan->heads = g_new0 (guint32, (gsize)1 << bits);
  scan->next = g_new0 (guint32, n_windows + 1);
  for (gsize i = n_windows; i-- > 0;) /* backwards, so that chains ascend */
    {
      const guint8 *window = scan->old + i * scan->stride;
      if (window_is_plain (window))
        continue;
      guint32 hash = window_hash (scan, window);
      scan->next[i + 1] = scan->heads[hash];
      scan->heads[hash] = (guint32)i + 1;
    }
}

static gboolean
scan_is_equal (const Scan *scan, gsize at)
{
  gint64 old_at = (gint64)at + scan->offset;
  return old_at >= 0 && (gsize)old_at < scan->old_bytes && scan->old[old_at] == scan->new[at];
}

static gsize
scan_run (const Scan *scan, gsize old_at, gsize at)
{
  return varve_match_run (scan->old + old_at, scan->new + at,
                          MIN (RUN_MAX, MIN (scan->old_bytes - old_at, scan->new_bytes - at)));
}

/* The longest known run of equal bytes that starts at @at. */
static gsize
scan_search (const Scan *scan, gsize at, gsize *out_old_at)
{
  gsize best = 0;
  gint64 aligned = (gint64)at + scan->offset;
  if (aligned >= 0 && (gsize)aligned < scan->old_bytes)
    {
      best = scan_run (scan, (gsize)aligned, at);
      *out_old_at = (gsize)aligned;
    }
  if (best >= GOOD_RUN || scan->new_bytes - at < WINDOW_BYTES || window_is_plain (scan->new + at))
    return best;
  guint32 window = scan->heads[window_hash (scan, scan->new + at)];
  for (guint i = 0; i < CHAIN_MAX && window != 0; i++, window = scan->next[window])
    {
      gsize old_at = (gsize)(window - 1) * scan->stride;
      gsize run = scan_run (scan, old_at, at);
      if (run > best && run >= WINDOW_BYTES)
        {
          best = run;
          *out_old_at = old_at;
        }
    }
  return best;
}

/* How far the last alignment extends: the length that maximizes agreeing minus differing bytes. */
static gsize
scan_extend_forward (const Scan *scan, gsize end)
{
  gint64 agreed = 0, best = 0;
  gsize length = 0;
  gsize max = MIN (end - scan->last_new, scan->old_bytes - scan->last_old);
  for (gsize i = 0; i < max;)
    {
      agreed += scan->old[scan->last_old + i] == scan->new[scan->last_new + i];
      i++;
      if (agreed * 2 - (gint64)i > best)
        {
          best = agreed * 2 - (gint64)i;
          length = i;
        }
    }
  return length;
}

static gsize
scan_extend_backward (const Scan *scan, gsize at, gsize old_at)
{
  gint64 agreed = 0, best = 0;
  gsize length = 0;
  gsize max = MIN (at - scan->last_new, old_at);
  for (gsize i = 1; i <= max; i++)
    {
      agreed += scan->old[old_at - i] == scan->new[at - i];
      if (agreed * 2 - (gint64)i > best)
        {
          best = agreed * 2 - (gint64)i;
          length = i;
        }
    }
  return length;
}

/* The part of an overlap that stays with the earlier alignment. */
static gsize
scan_split_overlap (const Scan *scan, gsize forward, gsize at, gsize old_at, gsize backward, gsize overlap)
{
  gint64 score = 0, best = 0;
  gsize kept = 0;
  for (gsize i = 0; i < overlap; i++)
    {
      gsize in_last = forward - overlap + i;
      score += scan->new[scan->last_new + in_last] == scan->old[scan->last_old + in_last];
      score -= scan->new[at - backward + i] == scan->old[old_at - backward + i];
      if (score > best)
        {
          best = score;
          kept = i + 1;
        }
    }
  return kept;
}

/* Ends the last alignment, and starts one at @at unless that is the end of the file. */
static void
scan_change_alignment (Scan *scan, gsize at, gsize old_at)
{
  gsize forward = scan_extend_forward (scan, at);
  gsize backward = at < scan->new_bytes ? scan_extend_backward (scan, at, old_at) : 0;
  if (scan->last_new + forward > at - backward)
    {
      gsize overlap = scan->last_new + forward - (at - backward);
      gsize kept = scan_split_overlap (scan, forward, at, old_at, backward, overlap);
      forward -= overlap - kept;
      backward -= kept;
    }
  VarveMatch match = { .new_at = scan->last_new, .old_at = scan->last_old, .size_bytes = forward };
  if (forward > 0)
    g_array_append_val (scan->matches, match);
  if (at == scan->new_bytes)
    return;
  scan->last_new = at - backward;
  scan->last_old = old_at - backward;
  scan->offset = (gint64)old_at - (gint64)at;
}

/* Moves @at to the next alignment that is worth using, and returns the length of the run there. */
static gsize
scan_next (Scan *scan, gsize *at, gsize *out_old_at, gboolean *out_is_new)
{
  gint64 aligned_score = 0; /* bytes that agree under the present alignment, from *at to the end of the run */
  gsize counted = *at;
  gsize run = 0;
  while (*at < scan->new_bytes)
    {
      run = scan_search (scan, *at, out_old_at);
      for (; counted < *at + run; counted++)
        aligned_score += scan_is_equal (scan, counted);
      if ((run > 0 && (gint64)run == aligned_score) || (gint64)run > aligned_score + BETTER_BY)
        break;
      scan->misses++;
      gsize step = MIN (1 + scan->misses / MISSES_PER_STEP * 2, STEP_MAX);
      for (; step > 0 && *at < scan->new_bytes; step--, (*at)++)
        if (*at < counted)
          aligned_score -= scan_is_equal (scan, *at);
      counted = MAX (counted, *at);
    }
  if (*at >= scan->new_bytes)
    run = 0;
  if (run >= WINDOW_BYTES)
    scan->misses = 0;
  *out_is_new = *at >= scan->new_bytes || (gint64)run != aligned_score;
  return run;
}

GArray *
varve_match (const guint8 *old, gsize old_bytes, const guint8 *new, gsize new_bytes)
{
  Scan scan = { .old = old, .old_bytes = old_bytes, .new = new, .new_bytes = new_bytes };
  scan.matches = g_array_new (FALSE, FALSE, sizeof (VarveMatch));
  scan_index (&scan);
  gsize at = 0;
  while (at < new_bytes)
    {
      gsize old_at = 0;
      gboolean is_new;
      gsize run = scan_next (&scan, &at, &old_at, &is_new);
      if (is_new && at < new_bytes)
        scan_change_alignment (&scan, at, old_at);
      at += run;
    }
  scan_change_alignment (&scan, new_bytes, 0);
  g_free (scan.heads);
  g_free (scan.next);
  return scan.matches;
}

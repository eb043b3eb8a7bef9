/* SPDX-License-Identifier: Apache-2.0 */
/* Each byte moves forward the time until which the line is in use. */
#include "base/rate-limit.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

enum { BURST_US = 250000, NAP_US = 100000 };
static const double RATE_MAX = 1e15; /* a double holds it exactly */

struct _VarveRateLimit {
  GMutex mutex;
  guint64 bytes_per_second;
  double taken_until_us;
};

static double
unit_of (const char *text)
{
  static const struct {
    const char *name;
    double factor;
  } UNITS[] = { { "", 1 },    { "b", 1 },    { "k", 1e3 }, { "kb", 1e3 },
                { "m", 1e6 }, { "mb", 1e6 }, { "g", 1e9 }, { "gb", 1e9 } };
  for (guint i = 0; i < G_N_ELEMENTS (UNITS); i++)
    if (g_ascii_strcasecmp (text, UNITS[i].name) == 0)
      return UNITS[i].factor;
  return 0;
}

gboolean
varve_rate_limit_parse (const char *text, guint64 *out_bytes_per_second, GError **error)
{
  char *end = NULL;
  double value = g_ascii_isdigit (text[0]) ? g_ascii_strtod (text, &end) : 0;
  double rate = end != NULL ? floor (value * unit_of (end)) : 0;
  gboolean has_exponent = strpbrk (text, "eExXpP") != NULL;
  if (rate >= 1 && rate <= RATE_MAX && !has_exponent)
    {
      *out_bytes_per_second = (guint64)rate;
      return TRUE;
    }
  g_autofree char *escaped = varve_escape (text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "'%s' is not a rate: expected bytes per second, as 500k or 1.5M",
               escaped);
  return FALSE;
}

VarveRateLimit *
varve_rate_limit_new (guint64 bytes_per_second)
{
  g_return_val_if_fail (bytes_per_second > 0, NULL);
  VarveRateLimit *limit = g_new0 (VarveRateLimit, 1);
  g_mutex_init (&limit->mutex);
  limit->bytes_per_second = bytes_per_second;
  return limit;
}

void
varve_rate_limit_free (VarveRateLimit *limit)
{
  g_mutex_clear (&limit->mutex);
  g_free (limit);
}

gint64
varve_rate_limit_account (VarveRateLimit *limit, guint64 bytes, gint64 now_us)
{
  g_mutex_lock (&limit->mutex);
  limit->taken_until_us = MAX (limit->taken_until_us, (double)now_us - BURST_US);
  limit->taken_until_us += (double)bytes * G_USEC_PER_SEC / (double)limit->bytes_per_second;
  double wait_us = limit->taken_until_us - (double)now_us;
  g_mutex_unlock (&limit->mutex);
  return wait_us > 0 ? (gint64)ceil (wait_us) : 0;
}

gboolean
varve_rate_limit_wait (VarveRateLimit *limit, guint64 bytes, GCancellable *cancellable, GError **error)
{
  if (limit == NULL)
    return !g_cancellable_set_error_if_cancelled (cancellable, error);
  gint64 now_us = g_get_monotonic_time (), until_us = now_us + varve_rate_limit_account (limit, bytes, now_us);
  for (; now_us < until_us && !g_cancellable_is_cancelled (cancellable); now_us = g_get_monotonic_time ())
    g_usleep ((gulong)MIN (until_us - now_us, NAP_US));
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

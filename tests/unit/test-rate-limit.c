/* SPDX-License-Identifier: Apache-2.0 */
/* base/rate-limit: what it reads as a rate, and how long it makes a reader wait, by a clock of our own. */
#include "base/rate-limit.h"

#include "base/error.h"

static void
test_parse (void)
{
  static const struct {
    const char *text;
    guint64 rate;
  } CASES[]
      = { { "1", 1 },         { "1000000", 1000000 }, { "500k", 500000 },   { "500K", 500000 }, { "1.5M", 1500000 },
          { "2MB", 2000000 }, { "0.5kb", 500 },       { "3G", 3000000000 }, { "7b", 7 } };
  static const char *const WRONG[] = { "",    "0",      "k",   "-1",   "+1",  " 1",  "1 k",   "1x",
                                       "1kk", "0.0001", "1e6", "0x10", "nan", "inf", "1e999", "99999999G" };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      guint64 rate;
      g_autoptr (GError) error = NULL;
      gboolean ok = varve_rate_limit_parse (CASES[i].text, &rate, &error);
      g_assert_no_error (error);
      g_assert_true (ok);
      g_assert_cmpuint (rate, ==, CASES[i].rate);
    }
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      guint64 rate = 42;
      g_autoptr (GError) error = NULL;
      g_assert_false (varve_rate_limit_parse (WRONG[i], &rate, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_USAGE);
      g_assert_cmpuint (rate, ==, 42);
    }
}

/* However the bytes are cut, the whole takes bytes / rate, less the quarter of a second that is given at first. */
static void
test_account (void)
{
  static const guint64 PIECES[] = { 1, 1000, 262144, 5000000 };
  for (guint i = 0; i < G_N_ELEMENTS (PIECES); i++)
    {
      g_autoptr (VarveRateLimit) limit = varve_rate_limit_new (1000000);
      gint64 now_us = 5000000, start_us = now_us;
      guint64 bytes = 0;
      for (; bytes < 10000000; bytes += PIECES[i])
        {
          gint64 wait_us = varve_rate_limit_account (limit, PIECES[i], now_us);
          g_assert_cmpint (wait_us, >=, 0);
          now_us += wait_us;
        }
      gint64 expected_us = (gint64)bytes - 250000;
      g_assert_cmpint (now_us - start_us, >=, expected_us);
      g_assert_cmpint (now_us - start_us, <=, expected_us + 2);
    }
}

static void
test_idle (void)
{
  g_autoptr (VarveRateLimit) limit = varve_rate_limit_new (1000);
  g_assert_cmpint (varve_rate_limit_account (limit, 250, 1000000), ==, 0);
  g_assert_cmpint (varve_rate_limit_account (limit, 250, 1000000), ==, 250000);
  /* An hour later it is worth a quarter of a second, no more. */
  g_assert_cmpint (varve_rate_limit_account (limit, 1250, 3600000000), ==, 1000000);
}

static void
test_wait (void)
{
  g_autoptr (VarveRateLimit) limit = varve_rate_limit_new (1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_assert_true (varve_rate_limit_wait (NULL, 1000000, cancellable, &error));
  g_cancellable_cancel (cancellable);
  g_assert_false (varve_rate_limit_wait (limit, 1000000, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate-limit/parse", test_parse);
  g_test_add_func ("/rate-limit/account", test_account);
  g_test_add_func ("/rate-limit/idle", test_idle);
  g_test_add_func ("/rate-limit/wait", test_wait);
  return g_test_run ();
}

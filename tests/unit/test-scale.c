/* SPDX-License-Identifier: Apache-2.0 */
/* bench/scale: exponents of known curves, and names of steps. */
#include "bench/scale.h"

#include "base/error.h"

static void
test_exponent (void)
{
  const double x[] = { 10, 20, 40, 80 };
  double linear[4], quadratic[4], constant[4];
  for (guint i = 0; i < 4; i++)
    {
      linear[i] = 7 * x[i];
      quadratic[i] = 0.01 * x[i] * x[i];
      constant[i] = 5;
    }
  g_assert_cmpfloat_with_epsilon (varve_scale_exponent (x, linear, 4), 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (varve_scale_exponent (x, quadratic, 4), 2, 1e-9);
  g_assert_cmpfloat_with_epsilon (varve_scale_exponent (x, constant, 4), 0, 1e-9);
  g_assert_cmpfloat_with_epsilon (varve_scale_exponent (x, linear, 2), 1, 1e-9);
}

static void
test_steps (void)
{
  g_autoptr (GError) error = NULL;
  guint steps = 0;
  g_assert_true (varve_scale_steps_parse ("plan,delta", &steps, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (steps, ==, 1u << VARVE_SCALE_PLAN | 1u << VARVE_SCALE_DELTA);
  g_assert_false (varve_scale_steps_parse ("plan,fly", &steps, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_USAGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scale/exponent", test_exponent);
  g_test_add_func ("/scale/steps", test_steps);
  return g_test_run ();
}

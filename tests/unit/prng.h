/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* SplitMix64: the same worlds from the same seed everywhere. */
static inline guint64
prng_next (guint64 *state)
{
  guint64 z = *state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* Below @n. */
static inline guint64
prng_below (guint64 *state, guint64 n)
{
  return prng_next (state) % n;
}

/* Between 1 and 2^@bits, each order of magnitude as likely. */
static inline guint64
prng_magnitude (guint64 *state, guint bits)
{
  /* One after the other: the order within an expression is the compiler's. */
  guint64 whole = G_GUINT64_CONSTANT (1) << prng_below (state, bits),
          more = prng_below (state, G_GUINT64_CONSTANT (1) << bits);
  return (whole + more) >> prng_below (state, bits);
}

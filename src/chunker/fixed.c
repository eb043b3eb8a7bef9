/* SPDX-License-Identifier: Apache-2.0 */
/* The logarithm is computed bit by bit, since it is needed once per atom; the exponential from a table and a
 * polynomial, since the packer needs it millions of times. */
#include "chunker/fixed.h"

#include "model/plan.h"

enum { LOG2_FRACTION_BITS = 40, EXPONENT_FRACTION_BITS = 58, TABLE_BITS = 4 };

/* ln 2 with 64 bits of fraction, log2 e with 63. */
static const guint64 LN_2 = 0xb17217f7d1cf79ac;
static const guint64 LOG2_E = 0xb8aa3b295c17f0bc;

/* 2^(-i/16) with 64 bits of fraction. */
static const guint64 ROOTS[1 << TABLE_BITS] = {
  0xffffffffffffffff, 0xf5257d152486cc2c, 0xeac0c6e7dd24392f, 0xe0ccdeec2a94e111,
  0xd744fccad69d6af4, 0xce248c151f8480e4, 0xc5672a115506dadd, 0xbd08a39f580c36bf,
  0xb504f333f9de6484, 0xad583eea42a14ac6, 0xa5fed6a9b15138ea, 0x9ef5326091a111ae,
  0x9837f0518db8a96f, 0x91c3d373ab11c336, 0x8b95c1e3ea8bd6e7, 0x85aac367cc487b15,
};

/* The product of two fractions of 64 bits. */
static inline guint64
multiply (guint64 a, guint64 b)
{
  return (guint64)(((unsigned __int128)a * b) >> 64);
}

/* log2 of @value, which is not 0. Squaring the mantissa doubles its logarithm, so the overflowing bit is the next
 * bit of the result. */
static guint64
log2_of (guint32 value)
{
  guint whole = g_bit_storage (value) - 1;
  guint64 mantissa = (guint64)value << (63 - whole), fraction = 0;
  for (guint i = 0; i < LOG2_FRACTION_BITS; i++)
    {
      unsigned __int128 square = (unsigned __int128)mantissa * mantissa;
      guint64 bit = (guint64)(square >> 127);
      mantissa = (guint64)(square >> (63 + bit));
      fraction = fraction << 1 | bit;
    }
  return (guint64)whole << LOG2_FRACTION_BITS | fraction;
}

guint64
varve_fixed_risk (guint32 probability)
{
  /* In half units, so that certainty can be half a unit away from one. */
  guint32 stays = probability < VARVE_PROBABILITY_ONE ? 2 * (VARVE_PROBABILITY_ONE - probability) : 1;
  guint64 log2_one = (guint64)(g_bit_storage (2ul * VARVE_PROBABILITY_ONE) - 1) << LOG2_FRACTION_BITS;
  unsigned __int128 product = (unsigned __int128)(log2_one - log2_of (stays)) * LN_2;
  guint drop = 64 + LOG2_FRACTION_BITS - 32;
  return (guint64)((product + ((unsigned __int128)1 << (drop - 1))) >> drop);
}

/* e^-x with 64 bits of fraction, for an x of 64 bits of fraction below ln 2 / 16: five terms of the series leave
 * 2^-36. */
static inline guint64
exponential (guint64 x)
{
  guint64 sum = x / 5;
  sum = multiply (x, G_MAXUINT64 - sum) / 4;
  sum = multiply (x, G_MAXUINT64 - sum) / 3;
  sum = multiply (x, G_MAXUINT64 - sum) / 2;
  return G_MAXUINT64 - multiply (x, G_MAXUINT64 - sum);
}

guint64
varve_fixed_chance (guint64 risk)
{
  static const guint64 FRACTION = (G_GUINT64_CONSTANT (1) << EXPONENT_FRACTION_BITS) - 1;
  static const guint REST_BITS = EXPONENT_FRACTION_BITS - TABLE_BITS;
  if (risk >= 23 * VARVE_FIXED_ONE) /* e^-23 is less than half of the last bit */
    return VARVE_FIXED_ONE;
  guint64 exponent = (guint64)(((unsigned __int128)risk * LOG2_E) >> (32 + 63 - EXPONENT_FRACTION_BITS));
  guint whole = (guint)(exponent >> EXPONENT_FRACTION_BITS);
  if (whole > 32)
    return VARVE_FIXED_ONE;
  guint64 fraction = exponent & FRACTION, rest = fraction & (((guint64)1 << REST_BITS) - 1);
  guint64 x = (guint64)(((unsigned __int128)rest * LN_2) >> EXPONENT_FRACTION_BITS);
  guint64 stays = multiply (ROOTS[fraction >> REST_BITS], exponential (x));
  return VARVE_FIXED_ONE - (((stays >> (whole + 31)) + 1) >> 1);
}

guint32
varve_fixed_probability (guint64 chance)
{
  guint64 unit = VARVE_FIXED_ONE / VARVE_PROBABILITY_ONE;
  return (guint32)((MIN (chance, VARVE_FIXED_ONE) + unit / 2) / unit);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Sorts @values, of which there is at least one. The median of an even number of values is the mean of the two in the
 * middle. */
double varve_median (double *values, guint n);

#pragma once

#include <glib.h>

/* Sorts @values, of which there must be one at least; of an even number of them it is the mean of the two in the
 * middle. */
double varve_median (double *values, guint n);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* An amount, mostly of memory, that several threads share. A thread that needs more than is left waits. */
typedef struct _VarveBudget VarveBudget;

VarveBudget *varve_budget_new (guint64 total);
void varve_budget_free (VarveBudget *budget);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveBudget, varve_budget_free)

guint64 varve_budget_total (const VarveBudget *budget);
/* Waits until @amount is free. A thread that is alone gets more than the total. */
void varve_budget_take (VarveBudget *budget, guint64 amount);
void varve_budget_give (VarveBudget *budget, guint64 amount);

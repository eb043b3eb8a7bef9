/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger of a previous image: its text in the annotation, and the bytes in that. What can be read is built upon. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "chunker/forecast.h"
#include "chunker/former-layers.h"
#include "chunker/ledger-codec.h"
#include "chunker/pack.h"
#include "chunker/parts.h"
#include "emit/ledger-text.h"

/* The atoms that a ledger speaks of, as far as they are few; every other one is another than it was. */
static VarvePlan *
plan_of (const VarveLedger *ledger)
{
  VarvePlan *plan = varve_plan_new ();
  for (guint32 i = 0; i < MIN (ledger->entries->len, 40); i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (ledger, i);
      VarveAtom *atom = varve_plan_add_atom (plan, entry->component, entry->subtree, VARVE_COMPONENT_PACKAGE);
      guint64 digest = GUINT64_TO_BE (entry->digest ^ (i % 2));
      memcpy (atom->digest.bytes, &digest, sizeof digest);
      atom->raw_bytes = 5000;
      atom->size_bytes = 1000;
      atom->probability = VARVE_PROBABILITY_ONE / 20;
    }
  return plan;
}

static void
build_upon (const VarveLedger *former)
{
  VarvePackOptions options = VARVE_PACK_OPTIONS_INIT;
  options.max_layers = 6;
  g_autoptr (VarvePlan) plan = plan_of (former);
  g_autoptr (VarveParts) parts = varve_parts_new ();
  varve_parts_add_former (parts, former);
  g_autoptr (VarveLedger) ledger = varve_ledger_advance (former, plan, 1000),
                          again = varve_ledger_repeat (former, plan);
  varve_ledger_append_older (ledger, former);
  varve_ledger_append_older (again, ledger);
  (void)varve_ledger_period_days (ledger);
  varve_forecast (plan, ledger);
  g_autoptr (VarveFormerLayers) layers = varve_former_layers_new (plan, former);
  varve_former_layers_keep (layers, plan, &(VarveKeepOptions){ .max_layers = options.max_layers });
  varve_pack (plan, &options);
  g_assert (plan->layers->len <= options.max_layers);
  varve_ledger_place (ledger, plan);
  g_free (varve_ledger_to_text (ledger, NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (VarveLedger) ledger = varve_ledger_from_bytes (bytes, NULL);
  if (ledger != NULL)
    {
      g_autoptr (GBytes) again = varve_ledger_to_bytes (ledger);
      g_assert (data[2] == 1 || g_bytes_equal (bytes, again)); /* format 1 is read, and written as 2 */
      build_upon (ledger);
    }
  g_autofree char *text = g_strndup (size > 0 ? (const char *)data : "", size);
  g_autoptr (VarveLedger) from_text = varve_ledger_from_text (text, NULL);
  if (from_text != NULL)
    build_upon (from_text);
  return 0;
}

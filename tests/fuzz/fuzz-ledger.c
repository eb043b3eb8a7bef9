/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger of a previous image: its text in the annotation, and the bytes in that. What can be read is built upon. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "chunker/forecast.h"
#include "chunker/former-entries.h"
#include "chunker/former-layers.h"
#include "chunker/kept-layers.h"
#include "chunker/ledger-codec.h"
#include "chunker/loose.h"
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

enum { N_FILES = 8, N_LAYERS_MAX = 64 };

/* "usr/a" to "usr/h", each an object. */
static VarveInventory *
inventory_new (void)
{
  VarveDigest commit = { 0 };
  g_autoptr (VarveInventoryBuilder) builder = varve_inventory_builder_new (&commit);
  varve_inventory_builder_enter (builder, "", &(VarveDirectory){ .mode = 040755 });
  varve_inventory_builder_enter (builder, "usr", &(VarveDirectory){ .mode = 040755 });
  for (guint i = 0; i < N_FILES; i++)
    {
      const char name[] = { (char)('a' + i), '\0' };
      VarveDigest checksum = { { (guint8)i } };
      varve_inventory_builder_add_file (builder, name, &checksum);
    }
  varve_inventory_builder_leave (builder);
  varve_inventory_builder_leave (builder);
  VarveInventory *inventory = varve_inventory_builder_finish (builder);
  for (guint32 i = 0; i < inventory->n_objects; i++)
    {
      inventory->objects[i].size_bytes = 1000;
      inventory->objects[i].xattrs = varve_inventory_intern_xattrs (inventory, NULL, 0);
    }
  return inventory;
}

/* The first atoms get two of the objects each, the last one what is left. */
static void
deal_objects (VarvePlan *plan)
{
  guint32 object = 0;
  for (guint32 i = 0; i < plan->atoms->len && object < N_FILES; i++)
    {
      VarveAtom *atom = varve_plan_atom (plan, i);
      guint32 n = i + 1 == plan->atoms->len ? N_FILES - object : 2;
      atom->objects = g_new (guint32, n);
      for (; atom->n_objects < n; object++)
        atom->objects[atom->n_objects++] = object;
    }
}

/* A reader of images refuses a ledger that speaks of layers which the image does not have. */
static guint32
count_layers (const VarveLedger *ledger)
{
  guint32 n = ledger->layers->len;
  for (guint32 i = 0; i < ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (ledger, i);
      n = entry->layer != VARVE_NO_LAYER ? MAX (n, entry->layer + 1) : n;
      for (guint j = 0; entry->runs != NULL && j < entry->runs->len; j++)
        n = MAX (n, g_array_index (entry->runs, VarveLedgerRun, j).layer + 1);
    }
  return n;
}

static void
check_ledger (const VarveLedger *ledger)
{
  g_autoptr (GBytes) bytes = varve_ledger_to_bytes (ledger);
  g_autoptr (VarveLedger) back = varve_ledger_from_bytes (bytes, NULL);
  g_assert (back != NULL);
  g_autoptr (GBytes) again = varve_ledger_to_bytes (back);
  g_assert (g_bytes_equal (bytes, again));
}

/* Keeps the layers whose objects the ledger knows. */
static void
keep_layers (const VarveLedger *former)
{
  guint32 n_layers = count_layers (former);
  if (n_layers > N_LAYERS_MAX || former->entries->len == 0)
    return;
  g_autoptr (VarveInventory) inventory = inventory_new ();
  g_autoptr (VarvePlan) plan = plan_of (former);
  deal_objects (plan);
  g_autoptr (GPtrArray) entries = varve_former_entries_new (plan, inventory, former, n_layers);
  VarveKeptCandidate candidates[N_LAYERS_MAX] = { { 0 } };
  for (guint32 i = 0; i < n_layers; i++)
    candidates[i].entries = entries->pdata[i];
  VarveKeepOptions keep = { .max_layers = 6, .stale_permille = 500 };
  g_autoptr (GPtrArray) absent = varve_kept_layers_add (plan, inventory, candidates, n_layers, &keep);
  VarvePackOptions pack = VARVE_PACK_OPTIONS_INIT;
  pack.max_layers = 6 - MIN (absent->len, 1);
  varve_pack_loose (plan, inventory, &pack);
  g_assert (plan->layers->len + MIN (absent->len, 1) <= 6);
  g_autoptr (VarveLedger) ledger = varve_ledger_advance (former, plan, 1000);
  varve_ledger_place (ledger, plan);
  check_ledger (ledger);
}

static void
build_upon (const VarveLedger *former)
{
  keep_layers (former);
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
      g_assert (data[2] < 3 || g_bytes_equal (bytes, again)); /* earlier formats are read, and written as 3 */
      build_upon (ledger);
    }
  g_autofree char *text = g_strndup (size > 0 ? (const char *)data : "", size);
  g_autoptr (VarveLedger) from_text = varve_ledger_from_text (text, NULL);
  if (from_text != NULL)
    build_upon (from_text);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* emit/ledger-text: encoding and decoding, with the text as outside data. */
#include "emit/ledger-text.h"

#include <string.h>

#include "base/error.h"
#include "tests/unit/prng.h"

/* Nothing in it repeats, as the real ones' digests do not. */
static VarveLedger *
ledger_of (guint n_entries, guint n_builds, guint n_watched)
{
  guint64 state = 1;
  VarveLedger *ledger = varve_ledger_new ();
  for (guint i = 0; i < n_builds; i++)
    {
      gint64 time = 1000000 - (gint64)i * 1000;
      g_array_append_val (ledger->times, time);
    }
  for (guint i = 0; i < n_entries; i++)
    {
      g_autofree char *name = g_strdup_printf ("component%u", i);
      VarveLedgerEntry *entry = varve_ledger_add (ledger, name, i < n_watched ? "usr" : NULL);
      entry->digest = prng_next (&state);
      entry->raw_bytes = prng_below (&state, 1 << 28);
      entry->size_bytes = prng_below (&state, 1 << 26);
      entry->layer = i < n_watched ? VARVE_NO_LAYER : (guint32)prng_below (&state, 64);
      entry->n_steps = varve_ledger_n_steps (ledger);
      entry->changed
          = varve_events_newest ((VarveEvents){ { prng_next (&state), prng_next (&state) } }, entry->n_steps);
    }
  varve_ledger_sort (ledger);
  return ledger;
}

static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) ledger = ledger_of (500, 20, 0);
  g_autofree char *text = varve_ledger_to_text (ledger, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (text, "1:"));
  g_autoptr (VarveLedger) back = varve_ledger_from_text (text, &error);
  g_assert_no_error (error);
  g_autofree char *again = varve_ledger_to_text (back, &error);
  g_assert_cmpstr (again, ==, text);
  g_assert_cmpuint (back->times->len, ==, 20);
}

/* What is too long forgets its oldest builds, and only those. */
static void
test_oldest_go_first (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) ledger = ledger_of (7000, VARVE_LEDGER_BUILDS_MAX, 0),
                          whole = ledger_of (7000, VARVE_LEDGER_BUILDS_MAX, 0);
  g_autofree char *text = varve_ledger_to_text (ledger, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (text), <=, VARVE_LEDGER_TEXT_MAX_BYTES);
  g_autoptr (VarveLedger) back = varve_ledger_from_text (text, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->times->len, <, VARVE_LEDGER_BUILDS_MAX);
  g_assert_cmpuint (back->times->len, >, 1);
  g_assert_cmpmem (back->times->data, back->times->len * sizeof (gint64), whole->times->data,
                   back->times->len * sizeof (gint64));
  g_assert_cmpuint (back->entries->len, ==, 7000);
  for (guint32 i = 0; i < 7000; i++)
    {
      const VarveLedgerEntry *found = varve_ledger_entry (back, i), *expected = varve_ledger_entry (whole, i);
      g_assert_cmpuint (found->n_steps, ==, back->times->len - 1);
      g_assert_true (varve_events_equal (found->changed, varve_events_newest (expected->changed, found->n_steps)));
    }
}

/* Each entry is in two layers, and one layer has stale objects. */
static void
add_objects (VarveLedger *ledger, guint n_stale)
{
  for (guint32 i = 0; i < ledger->entries->len; i++)
    {
      VarveLedgerEntry *entry = varve_ledger_entry (ledger, i);
      VarveLedgerRun runs[] = { { entry->layer, 3 }, { entry->layer + 1, 2 } };
      entry->runs = g_array_new (FALSE, FALSE, sizeof (VarveLedgerRun));
      g_array_append_vals (entry->runs, runs, G_N_ELEMENTS (runs));
    }
  guint64 state = 2;
  VarveLedgerLayer *layer = varve_ledger_add_layer (ledger);
  for (guint i = 0; i < n_stale; i++)
    {
      GPtrArray *paths = g_ptr_array_new ();
      g_ptr_array_add (paths, g_strdup_printf ("usr/%016" G_GINT64_MODIFIER "x", prng_next (&state)));
      g_ptr_array_add (layer->stale, varve_stale_object_new (paths, 100, (guint32)prng_next (&state)));
    }
}

/* Builds beyond the newest sixteen go before the places of objects, these before more builds. A quarter of the builds
 * goes at once: 14 are the first number below. */
static void
test_objects_go_second (void)
{
  static const struct {
    guint n_entries, n_stale, least_builds, most_builds;
  } CASES[] = {
    { 1000, 100, 24, 24 },
    { 9000, 100, 17, 23 },
    { 3000, 20000, 14, 14 },
    { 9600, 100, 1, 13 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveLedger) ledger = ledger_of (CASES[i].n_entries, 24, 0);
      add_objects (ledger, CASES[i].n_stale);
      g_autofree char *text = varve_ledger_to_text (ledger, &error);
      g_assert_no_error (error);
      g_autoptr (VarveLedger) back = varve_ledger_from_text (text, &error);
      g_assert_no_error (error);
      gboolean is_known = CASES[i].least_builds > 16;
      const GArray *runs = varve_ledger_entry (back, 0)->runs;
      g_test_message ("%u builds", back->times->len);
      g_assert_cmpuint (back->times->len, >=, CASES[i].least_builds);
      g_assert_cmpuint (back->times->len, <=, CASES[i].most_builds);
      g_assert_true ((varve_ledger_layer (back, 0)->stale != NULL) == is_known);
      g_assert_cmpuint (runs->len, ==, 2);
      g_assert_cmpuint (g_array_index (runs, VarveLedgerRun, 0).n_objects, ==, is_known ? 3 : 0);
    }
}

/* Then what is only watched goes; in the end there is none, since a build does not fail for it. */
static void
test_too_many_entries (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) watched = ledger_of (40000, 5, 35000), all = ledger_of (40000, 5, 0);
  g_autofree char *text = varve_ledger_to_text (watched, &error);
  g_assert_no_error (error);
  g_assert_nonnull (text);
  g_assert_cmpuint (strlen (text), <=, VARVE_LEDGER_TEXT_MAX_BYTES);
  g_autoptr (VarveLedger) back = varve_ledger_from_text (text, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->entries->len, ==, 5000);
  g_autofree char *none = varve_ledger_to_text (all, &error);
  g_assert_null (none);
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
}

static void
refuse (const char *text, VarveError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) ledger = varve_ledger_from_text (text, &error);
  g_assert_null (ledger);
  g_assert_error (error, VARVE_ERROR, (gint)code);
  g_assert_true (g_str_has_prefix (error->message, "ledger: "));
}

static void
test_garbage (void)
{
  refuse ("", VARVE_ERROR_UNSUPPORTED);
  refuse ("2:AAAA", VARVE_ERROR_UNSUPPORTED);
  refuse ("\x1b[31m", VARVE_ERROR_UNSUPPORTED);
  refuse ("1:", VARVE_ERROR_CORRUPT);
  refuse ("1:AAAA", VARVE_ERROR_CORRUPT);
  refuse ("1:!!!!", VARVE_ERROR_CORRUPT);
  g_autofree char *endless = g_strnfill (4 << 20, 'A');
  memcpy (endless, "1:", 2);
  refuse (endless, VARVE_ERROR_LIMIT);
  g_autoptr (VarveLedger) ledger = ledger_of (30, 20, 0);
  g_autofree char *text = varve_ledger_to_text (ledger, NULL);
  for (gsize length = 0; length < strlen (text); length++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *cut = g_strndup (text, length);
      g_autoptr (VarveLedger) back = varve_ledger_from_text (cut, &error);
      g_assert_null (back);
      g_assert_true (error->domain == VARVE_ERROR);
    }
  for (guint64 seed = 1; seed <= 5000; seed++)
    {
      guint64 state = seed;
      g_autoptr (GError) error = NULL;
      g_autofree char *changed = g_strdup (text);
      changed[prng_below (&state, strlen (text))] = (char)(33 + prng_below (&state, 94));
      g_autoptr (VarveLedger) back = varve_ledger_from_text (changed, &error);
      g_assert_true ((back == NULL) == (error != NULL));
    }
}

/* Text that is not base64 is not read as if it were; what stands between or behind it neither. */
static void
test_exact (void)
{
  g_autoptr (VarveLedger) ledger = ledger_of (3, 2, 0);
  g_autofree char *text = varve_ledger_to_text (ledger, NULL), *spaced = g_strconcat ("1: ", text + 2, NULL);
  g_autofree char *longer = g_strconcat (text, "!", NULL), *twice = g_strconcat (text, text + 2, NULL);
  refuse (spaced, VARVE_ERROR_CORRUPT);
  refuse (longer, VARVE_ERROR_CORRUPT);
  refuse (twice, VARVE_ERROR_CORRUPT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger-text/round-trip", test_round_trip);
  g_test_add_func ("/ledger-text/oldest-go-first", test_oldest_go_first);
  g_test_add_func ("/ledger-text/objects-go-second", test_objects_go_second);
  g_test_add_func ("/ledger-text/too-many-entries", test_too_many_entries);
  g_test_add_func ("/ledger-text/garbage", test_garbage);
  g_test_add_func ("/ledger-text/exact", test_exact);
  return g_test_run ();
}

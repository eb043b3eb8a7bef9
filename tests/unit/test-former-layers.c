/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/former-layers: which layers of the previous image stay. */
#include "chunker/former-layers.h"

#include <string.h>

#include "chunker/pack.h"

/* Atoms are letters: "a" has the content "a", "A" is the same atom with another content; 100 bytes each. */
static VarveAtom *
add (VarvePlan *plan, char letter)
{
  const char name[] = { g_ascii_tolower (letter), '\0' };
  VarveAtom *atom = varve_plan_add_atom (plan, name, NULL, VARVE_COMPONENT_PACKAGE);
  atom->digest = varve_digest_of (&letter, 1);
  atom->raw_bytes = atom->size_bytes = 100;
  atom->probability = VARVE_PROBABILITY_ONE / 10;
  return atom;
}

static VarvePlan *
plan_of (const char *letters)
{
  VarvePlan *plan = varve_plan_new ();
  for (; *letters != '\0'; letters++)
    add (plan, *letters);
  return plan;
}

/* The ledger of an image whose layers are told as "ab c def". */
static VarveLedger *
ledger_of (const char *layers)
{
  VarveLedger *ledger = varve_ledger_new ();
  guint32 layer = 0;
  for (; *layers != '\0'; layers++)
    {
      if (*layers == ' ')
        {
          layer++;
          continue;
        }
      const char name[] = { g_ascii_tolower (*layers), '\0' };
      VarveDigest digest = varve_digest_of (layers, 1);
      VarveLedgerEntry *entry = varve_ledger_add (ledger, name, NULL);
      entry->digest = varve_ledger_digest (&digest);
      entry->layer = layer;
      entry->size_bytes = 100;
    }
  varve_ledger_sort (ledger);
  return ledger;
}

/* What is kept, as "0:ab 2:def". */
static char *
kept_with (const char *layers, VarvePlan *plan, const VarveKeepOptions *options)
{
  g_autoptr (VarveLedger) ledger = ledger_of (layers);
  g_autoptr (VarveFormerLayers) former = varve_former_layers_new (plan, ledger);
  varve_former_layers_keep (former, plan, options);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (plan, i);
      g_autoptr (GPtrArray) names = varve_plan_layer_names (plan, layer);
      g_string_append_printf (text, "%s%u:", i > 0 ? " " : "", layer->previous);
      for (guint j = 0; j < names->len; j++)
        g_string_append (text, names->pdata[j]);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
kept (const char *layers, VarvePlan *plan, guint32 max_layers)
{
  return kept_with (layers, plan, &(VarveKeepOptions){ .max_layers = max_layers });
}

static void
test_keep (void)
{
  static const struct {
    const char *before, *now, *kept;
    guint32 max_layers;
  } CASES[] = {
    { "ab c def", "abcdef", "0:ab 1:c 2:def", 8 },
    { "ab c def", "fedcba", "0:ab 1:c 2:def", 3 },  /* all clean: no room is needed */
    { "ab c def", "abcdEf", "0:ab 1:c", 8 },        /* one changed */
    { "ab c def", "abcdf", "0:ab 1:c", 8 },         /* one went */
    { "ab c def", "abcdefx", "0:ab 1:c 2:def", 8 }, /* one came */
    { "ab c def", "abcdefx", "0:ab 2:def", 3 },     /* and there is no room: the cheapest is opened */
    { "ab c def", "abCdef", "0:ab 2:def", 3 },      /* its own layer is room enough */
    { "ab c def", "abcdef", "2:def", 2 },           /* fewer layers than before, of which one is for what was opened */
    { "ab c def", "abcdef", "", 1 },
    { "ab c def", "abcdef", "", 0 },
    { "abcde f", "ABCDEf", "", 8 },
    { "ab c def", "uvwxyz", "", 8 },
    { "ab c def", "", "", 8 },
    { "", "abc", "", 8 },
    { "ab  c", "abc", "0:ab 2:c", 8 }, /* a layer of which nothing is known stays unknown */
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("%s -> %s, %u", CASES[i].before, CASES[i].now, CASES[i].max_layers);
      g_autoptr (VarvePlan) plan = plan_of (CASES[i].now);
      g_autofree char *text = kept (CASES[i].before, plan, CASES[i].max_layers);
      g_assert_cmpstr (text, ==, CASES[i].kept);
      VarvePackOptions options = VARVE_PACK_OPTIONS_INIT;
      options.max_layers = CASES[i].max_layers;
      varve_pack (plan, &options);
      g_assert_cmpuint (plan->layers->len, <=, MAX (CASES[i].max_layers, 1));
    }
}

/* Of two layers of one size that is opened which is likelier to change anyway; of two risks, the smaller. */
static void
test_cheapest (void)
{
  g_autoptr (VarvePlan) plan = plan_of ("abcx"), sizes = plan_of ("abcx");
  varve_plan_atom (plan, 1)->probability = VARVE_PROBABILITY_ONE / 2;
  g_autofree char *by_risk = kept ("a b c", plan, 3);
  g_assert_cmpstr (by_risk, ==, "0:a 2:c");
  varve_plan_atom (sizes, 0)->size_bytes = 99;
  g_autofree char *by_size = kept ("a b c", sizes, 3);
  g_assert_cmpstr (by_size, ==, "1:b 2:c");
}

/* Layers of which at most two fifths changed are kept; where that is too much for the image, the cheapest is opened. */
static void
test_stale (void)
{
  static const struct {
    const char *before, *now, *kept;
    guint32 permille;
    guint64 stale_bytes;
  } CASES[] = {
    { "abcde fghij", "abcdEfghij", "1:fghij", 0, 0 },
    { "abcde fghij", "abcdEfghij", "0:abcd 1:fghij", 1000, 100 },
    { "abcde fghij", "abcdfghij", "0:abcd 1:fghij", 1000, 100 }, /* one went */
    { "abcde fghij", "abcDEfghij", "0:abc 1:fghij", 1000, 200 }, /* two fifths */
    { "abcde fghij", "abCDEfghij", "1:fghij", 1000, 0 },         /* three fifths */
    { "abcde fghij", "abcdEfghij", "0:abcd 1:fghij", 100, 100 }, /* a tenth of the image */
    { "abcde fghij", "abcdEfghij", "1:fghij", 99, 0 },           /* that is more than it */
    { "abcde fghijkl", "abcdEfghijkL", "1:fghijk", 100, 100 },   /* one of two is opened: that with fewer bytes */
    { "abcde fghijklm", "abcdEfghijkLM", "0:abcd", 120, 100 },   /* or with more stale bytes for what it costs */
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("%s -> %s, %u", CASES[i].before, CASES[i].now, CASES[i].permille);
      g_autoptr (VarvePlan) plan = plan_of (CASES[i].now);
      VarveKeepOptions options = { .max_layers = 8, .stale_permille = CASES[i].permille };
      g_autofree char *text = kept_with (CASES[i].before, plan, &options);
      g_assert_cmpstr (text, ==, CASES[i].kept);
      g_assert_cmpuint (varve_plan_layer (plan, 0)->stale_bytes, ==, CASES[i].stale_bytes);
    }
}

/* What is stale stays so: a layer fills up over builds. */
static void
test_stale_adds_up (void)
{
  g_autoptr (VarveLedger) ledger = ledger_of ("abcdefg h");
  VarveKeepOptions options = { .max_layers = 8, .stale_permille = 1000 };
  g_autoptr (VarvePlan) plan = plan_of ("abcdefGh");
  varve_ledger_add_layer (ledger)->stale_bytes = 280;
  g_autoptr (VarveFormerLayers) former = varve_former_layers_new (plan, ledger);
  g_assert_cmpuint (former->layers[0].stale_bytes, ==, 380);
  varve_former_layers_keep (former, plan, &options);
  g_assert_cmpuint (varve_plan_layer (plan, 0)->stale_bytes, ==, 380); /* of 980 */
  varve_ledger_place (ledger, plan);
  g_assert_cmpuint (varve_ledger_layer (ledger, 0)->stale_bytes, ==, 380);
}

/* Where less than a fifth of all bytes could stay, nothing does. */
static void
test_rebase (void)
{
  for (guint64 size_bytes = 50; size_bytes <= 200; size_bytes += 50)
    {
      g_autoptr (VarvePlan) plan = plan_of ("aBCDE");
      varve_plan_atom (plan, 0)->size_bytes = size_bytes;
      g_autofree char *text = kept ("a bcde", plan, 64);
      g_assert_cmpstr (text, ==, size_bytes >= 100 ? "0:a" : "");
    }
}

/* "a:b" may be a component, or a part of "a": no ledger puts an atom into two layers. */
static void
test_one_layer_each (void)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  VarveAtom *atom = varve_plan_add_atom (plan, "a", "b", VARVE_COMPONENT_PACKAGE);
  atom->size_bytes = 100;
  g_autoptr (VarveLedger) ledger = varve_ledger_new ();
  varve_ledger_add (ledger, "a", "b")->layer = 0;
  varve_ledger_add (ledger, "a:b", NULL)->layer = 1;
  varve_ledger_sort (ledger);
  g_autoptr (VarveFormerLayers) former = varve_former_layers_new (plan, ledger);
  varve_former_layers_keep (former, plan, &(VarveKeepOptions){ .max_layers = 8 });
  g_assert_cmpuint (plan->layers->len, ==, 1);
  g_assert_cmpuint (varve_plan_layer (plan, 0)->previous, ==, 0);
}

/* Without digests nothing is known to be clean, but it is known where it was. */
static void
test_without_digests (void)
{
  g_autoptr (VarvePlan) plan = plan_of ("abc");
  g_autoptr (VarveLedger) ledger = varve_ledger_new ();
  varve_ledger_add (ledger, "a", NULL)->layer = 0;
  varve_ledger_add (ledger, "b", NULL)->layer = 0;
  varve_ledger_add (ledger, "c", NULL)->layer = 4;
  g_autoptr (VarveFormerLayers) former = varve_former_layers_new (plan, ledger);
  g_assert_cmpuint (former->n_layers, ==, 5);
  g_assert_cmpuint (former->layers[0].n_atoms, ==, 2);
  g_assert_cmpuint (former->layers[0].n_live, ==, 0);
  g_assert_false (former->layers[0].is_usable);
  g_assert_cmpuint (former->layers[4].n_atoms, ==, 1);
  varve_former_layer_set_clean (&former->layers[4]); /* as a caller that compares in full may find */
  varve_former_layers_keep (former, plan, &(VarveKeepOptions){ .max_layers = 8 });
  g_assert_cmpuint (plan->layers->len, ==, 1);
  g_assert_cmpuint (varve_plan_layer (plan, 0)->previous, ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/former-layers/keep", test_keep);
  g_test_add_func ("/former-layers/cheapest", test_cheapest);
  g_test_add_func ("/former-layers/stale", test_stale);
  g_test_add_func ("/former-layers/stale-adds-up", test_stale_adds_up);
  g_test_add_func ("/former-layers/rebase", test_rebase);
  g_test_add_func ("/former-layers/one-layer-each", test_one_layer_each);
  g_test_add_func ("/former-layers/without-digests", test_without_digests);
  return g_test_run ();
}

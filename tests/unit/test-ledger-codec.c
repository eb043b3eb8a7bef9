/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/ledger-codec: the bytes themselves, there and back, and what is not such bytes. */
#include "chunker/ledger-codec.h"

#include <string.h>

#include "base/error.h"
#include "tests/unit/prng.h"

static void
add_stale (VarveLedgerLayer *layer, const char *paths, guint64 size_bytes, guint32 mark)
{
  g_auto (GStrv) split = g_strsplit (paths, " ", -1);
  GPtrArray *list = g_ptr_array_new ();
  for (char **path = split; *path != NULL; path++)
    g_ptr_array_add (list, g_strdup (*path));
  g_ptr_array_add (layer->stale, varve_stale_object_new (list, size_bytes, mark));
}

static void
add_run (VarveLedgerEntry *entry, guint32 layer, guint32 n_objects)
{
  VarveLedgerRun run = { layer, n_objects };
  if (entry->runs == NULL)
    entry->runs = g_array_new (FALSE, FALSE, sizeof run);
  g_array_append_val (entry->runs, run);
}

/* Two builds; a component with a part, one that begins alike, and a subtree that is watched. A layer without anything
 * stale, one with, one of which this is unknown. */
static VarveLedger *
small_ledger (void)
{
  VarveLedger *ledger = varve_ledger_new ();
  const gint64 times[] = { 1000, 300 };
  g_array_append_vals (ledger->times, times, G_N_ELEMENTS (times));
  VarveLedgerEntry *glib = varve_ledger_add (ledger, "glib", NULL);
  *glib = (VarveLedgerEntry){ glib->component, NULL, 0x0102030405060708, 2048, 300, 0, 655, 1, { { 1, 0 } } };
  add_run (glib, 0, 5);
  add_run (glib, 1, 2);
  VarveLedgerEntry *part = varve_ledger_add (ledger, "glib", "usr/a");
  *part = (VarveLedgerEntry){
    part->component, part->subtree, 0, 1, 1, 130, VARVE_LEDGER_NO_PROBABILITY, 0, { { 0, 0 } }
  };
  VarveLedgerEntry *glibc = varve_ledger_add (ledger, "glibc", "b");
  *glibc = (VarveLedgerEntry){
    glibc->component, glibc->subtree, G_MAXUINT64, 0, 0, VARVE_NO_LAYER, VARVE_LEDGER_NO_PROBABILITY, 1, { { 0, 0 } }
  };
  varve_ledger_add_layer (ledger);
  VarveLedgerLayer *kept = varve_ledger_add_layer (ledger);
  kept->has_key = TRUE;
  memset (kept->key.bytes, 7, sizeof kept->key.bytes);
  add_stale (kept, "usr/a usr/ab", 9, 0x0a0b0c0d);
  ((VarveStaleObject *)kept->stale->pdata[0])->since = 300;
  g_clear_pointer (&varve_ledger_add_layer (ledger)->stale, g_ptr_array_unref);
  return ledger;
}

/* The same as the format describes it. */
static const guint8 SMALL_BYTES[] = {
  'V',  'L',  3,    2,    0xd0, 0x0f, 0xf7, 0x0a, /* +1000, -700 */
  3,    0,    4,    'g',  'l',  'i',  'b',  0,    1,   2,   3,   4,   5,   6,    7,    8,    0x80, 0x10, 0xac,
  0x02, 1,    0x90, 0x05, 2,    0,    5,    1,    2, /* two runs */
  1,    1,    4,    0,    1,    5,    'u',  's',  'r', '/', 'a', 0,   0,   0,    0,    0,    0,    0,    0,
  1,    1,    0x83, 0x01, 0,    0,    0,    4,    1,   'c', 1,   1,   'b', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
  0xff, 0xff, 0,    0,    0,    1,    0, /* layers: */
  3,    1,    0,    3,    7,    7,    7,    7,    7,   7,   7,   7,   7,   7,    7,    7,    7,    7,    7,
  7,    7,    7,    7,    7,    7,    7,    7,    7,   7,   7,   7,   7,   7,    7,    7,    7,    1,    0x0a,
  0x0b, 0x0c, 0x0d, 0xf7, 0x0a, 9,    2,    0,    5,   'u', 's', 'r', '/', 'a',  5,    1,    'b',  0,
};

static void
assert_layers_equal (const VarveLedger *a, const VarveLedger *b)
{
  g_assert_cmpuint (a->layers->len, ==, b->layers->len);
  for (guint32 i = 0; i < a->layers->len; i++)
    {
      const VarveLedgerLayer *left = varve_ledger_layer (a, i), *right = varve_ledger_layer (b, i);
      g_assert_cmpint (left->has_key, ==, right->has_key);
      g_assert_cmpint (varve_digest_compare (&left->key, &right->key), ==, 0);
      g_assert_cmpint (left->stale == NULL, ==, right->stale == NULL);
      g_assert_cmpuint (left->stale != NULL ? left->stale->len : 0, ==, right->stale != NULL ? right->stale->len : 0);
      for (guint j = 0; left->stale != NULL && j < left->stale->len; j++)
        {
          const VarveStaleObject *one = left->stale->pdata[j], *other = right->stale->pdata[j];
          g_assert_true (g_strv_equal ((const char *const *)one->paths, (const char *const *)other->paths));
          g_assert_cmpuint (one->size_bytes, ==, other->size_bytes);
          g_assert_cmphex (one->mark, ==, other->mark);
          g_assert_cmpint (one->since, ==, other->since);
        }
    }
}

static void
assert_equal (const VarveLedger *a, const VarveLedger *b)
{
  g_assert_cmpmem (a->times->data, a->times->len * sizeof (gint64), b->times->data, b->times->len * sizeof (gint64));
  g_assert_cmpuint (a->entries->len, ==, b->entries->len);
  for (guint32 i = 0; i < a->entries->len; i++)
    {
      const VarveLedgerEntry *left = varve_ledger_entry (a, i), *right = varve_ledger_entry (b, i);
      g_assert_cmpstr (left->component, ==, right->component);
      g_assert_cmpstr (left->subtree, ==, right->subtree);
      g_assert_cmpuint (left->digest, ==, right->digest);
      g_assert_cmpuint (left->raw_bytes, ==, right->raw_bytes);
      g_assert_cmpuint (left->size_bytes, ==, right->size_bytes);
      g_assert_cmpuint (left->layer, ==, right->layer);
      g_assert_cmpuint (left->probability, ==, right->probability);
      g_assert_cmpuint (left->n_steps, ==, right->n_steps);
      g_assert_true (varve_events_equal (left->changed, right->changed));
      g_assert_cmpmem (left->runs != NULL ? left->runs->data : NULL,
                       left->runs != NULL ? left->runs->len * sizeof (VarveLedgerRun) : 0,
                       right->runs != NULL ? right->runs->data : NULL,
                       right->runs != NULL ? right->runs->len * sizeof (VarveLedgerRun) : 0);
    }
  assert_layers_equal (a, b);
}

static VarveLedger *
decode (const guint8 *data, gsize size_bytes, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size_bytes);
  return varve_ledger_from_bytes (bytes, error);
}

static void
test_golden (void)
{
  g_autoptr (VarveLedger) ledger = small_ledger ();
  g_autoptr (GBytes) bytes = varve_ledger_to_bytes (ledger);
  gsize size_bytes;
  const void *data = g_bytes_get_data (bytes, &size_bytes);
  g_assert_cmpmem (data, size_bytes, SMALL_BYTES, sizeof SMALL_BYTES);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) back = decode (SMALL_BYTES, sizeof SMALL_BYTES, &error);
  g_assert_no_error (error);
  assert_equal (ledger, back);
}

static void
add_random_entry (VarveLedger *ledger, guint64 *state)
{
  static const char *const STEMS[] = { "linux", "linux-firmware", "glibc", "unowned:/usr/share", "grün-日本", "x" };
  g_autofree char *name = g_strdup_printf ("%s%" G_GUINT64_FORMAT, STEMS[prng_below (state, G_N_ELEMENTS (STEMS))],
                                           prng_below (state, 30));
  g_autofree char *subtree
      = prng_below (state, 3) == 0 ? g_strdup_printf ("usr/%" G_GUINT64_FORMAT, prng_below (state, 20)) : NULL;
  for (guint32 i = 0; i < ledger->entries->len; i++)
    if (strcmp (varve_ledger_entry (ledger, i)->component, name) == 0
        && g_strcmp0 (varve_ledger_entry (ledger, i)->subtree, subtree) == 0)
      return;
  VarveLedgerEntry *entry = varve_ledger_add (ledger, name, subtree);
  entry->digest = prng_next (state);
  entry->raw_bytes = prng_next (state) >> prng_below (state, 64);
  entry->size_bytes = prng_next (state) >> prng_below (state, 64);
  entry->layer = prng_below (state, 3) == 0 ? VARVE_NO_LAYER : (guint32)prng_below (state, 500);
  if (entry->layer != VARVE_NO_LAYER && prng_below (state, 4) > 0)
    entry->probability = (guint32)prng_below (state, VARVE_PROBABILITY_ONE + 1);
  guint32 n_runs
      = entry->layer != VARVE_NO_LAYER && prng_below (state, 3) == 0 ? 2 + (guint32)prng_below (state, 5) : 0;
  gboolean is_known = prng_below (state, 2) == 0;
  for (guint32 i = 0; i < n_runs; i++)
    add_run (entry, i * 2 + (guint32)prng_below (state, 2), is_known ? 1 + (guint32)prng_below (state, 1000) : 0);
  entry->n_steps = (guint32)prng_below (state, varve_ledger_n_steps (ledger) + 1);
  entry->changed = varve_events_newest ((VarveEvents){ { prng_next (state), prng_next (state) } }, entry->n_steps);
}

static void
add_random_layer (VarveLedger *ledger, guint64 *state)
{
  static const char *const PATHS[] = { "a", "a b", "usr/share/x usr/share/xy usr", "ü/日本 ü", "x x" };
  VarveLedgerLayer *layer = varve_ledger_add_layer (ledger);
  layer->has_key = prng_below (state, 2) == 0;
  for (guint i = 0; layer->has_key && i < sizeof layer->key.bytes; i++)
    layer->key.bytes[i] = (guint8)prng_next (state);
  for (guint64 n = prng_below (state, 5); n > 0; n--)
    {
      add_stale (layer, PATHS[prng_below (state, G_N_ELEMENTS (PATHS))], prng_next (state) >> prng_below (state, 64),
                 (guint32)prng_next (state));
      ((VarveStaleObject *)layer->stale->pdata[layer->stale->len - 1])->since
          = (gint64)prng_next (state) >> prng_below (state, 64);
    }
  if (prng_below (state, 5) == 0)
    g_clear_pointer (&layer->stale, g_ptr_array_unref);
}

static VarveLedger *
random_ledger (guint64 seed)
{
  guint64 state = seed;
  VarveLedger *ledger = varve_ledger_new ();
  for (guint64 n = prng_below (&state, VARVE_LEDGER_BUILDS_MAX + 1); n > 0; n--)
    {
      gint64 time = (gint64)prng_next (&state) >> prng_below (&state, 64);
      g_array_append_val (ledger->times, time);
    }
  for (guint64 n = prng_below (&state, 60); n > 0; n--)
    add_random_entry (ledger, &state);
  varve_ledger_sort (ledger);
  for (guint64 n = prng_below (&state, 6); n > 0; n--)
    add_random_layer (ledger, &state);
  return ledger;
}

static void
test_round_trip (void)
{
  for (guint64 seed = 1; seed <= 2000; seed++)
    {
      g_test_message ("seed %lu", (gulong)seed);
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveLedger) ledger = random_ledger (seed);
      g_autoptr (GBytes) bytes = varve_ledger_to_bytes (ledger);
      g_autoptr (VarveLedger) back = varve_ledger_from_bytes (bytes, &error);
      g_assert_no_error (error);
      assert_equal (ledger, back);
    }
}

/* What images of before the first release carry. */
static void
test_format_1 (void)
{
  static const guint8 BYTES[] = {
    'V', 'L', 1,   2,   0xd0, 0x0f, 0xf7, 0x0a, 3,    0,    4,    'g',  'l',  'i', 'b',  0,    1, 2,
    3,   4,   5,   6,   7,    8,    0x80, 0x10, 0xac, 0x02, 1,    1,    1,    4,   0,    1,    5, 'u',
    's', 'r', '/', 'a', 0,    0,    0,    0,    0,    0,    0,    0,    1,    1,   0x83, 0x01, 0, 4,
    1,   'c', 1,   1,   'b',  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,   0,    0,    1, 0,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) ledger = small_ledger (), back = decode (BYTES, sizeof BYTES, &error);
  g_assert_no_error (error);
  varve_ledger_entry (ledger, 0)->probability = VARVE_LEDGER_NO_PROBABILITY;
  g_clear_pointer (&varve_ledger_entry (ledger, 0)->runs, g_array_unref);
  g_ptr_array_set_size (ledger->layers, 0);
  assert_equal (ledger, back);
}

/* What images without stale objects carry. */
static void
test_format_2 (void)
{
  static const guint8 BYTES[] = {
    'V', 'L', 2,   2,   0xd0, 0x0f, 0xf7, 0x0a, 3,    0,    4,    'g',  'l',  'i', 'b',  0,    1, 2, 3,
    4,   5,   6,   7,   8,    0x80, 0x10, 0xac, 0x02, 1,    0x90, 0x05, 1,    1,   4,    0,    1, 5, 'u',
    's', 'r', '/', 'a', 0,    0,    0,    0,    0,    0,    0,    0,    1,    1,   0x83, 0x01, 0, 0, 4,
    1,   'c', 1,   1,   'b',  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,   0,    0,    1, 0,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) ledger = small_ledger (), back = decode (BYTES, sizeof BYTES, &error);
  g_assert_no_error (error);
  g_clear_pointer (&varve_ledger_entry (ledger, 0)->runs, g_array_unref);
  g_ptr_array_set_size (ledger->layers, 0);
  assert_equal (ledger, back);
}

/* What is read is exactly what would be written, so that no two encodings mean the same; but for the older formats. */
static gboolean
check_garbage (const guint8 *data, gsize size_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) ledger = decode (data, size_bytes, &error);
  if (ledger == NULL)
    {
      g_assert_true (error->domain == VARVE_ERROR);
      g_assert_true (g_str_has_prefix (error->message, "ledger: "));
      return FALSE;
    }
  g_assert_no_error (error);
  g_autoptr (GBytes) again = varve_ledger_to_bytes (ledger);
  gsize again_bytes;
  const void *written = g_bytes_get_data (again, &again_bytes);
  if (data[2] == 3)
    g_assert_cmpmem (written, again_bytes, data, size_bytes);
  return TRUE;
}

static void
test_truncated (void)
{
  for (guint64 seed = 1; seed <= 20; seed++)
    {
      g_autoptr (VarveLedger) ledger = random_ledger (seed);
      g_autoptr (GBytes) bytes = varve_ledger_to_bytes (ledger);
      gsize size_bytes;
      const guint8 *data = g_bytes_get_data (bytes, &size_bytes);
      for (gsize length = 0; length < size_bytes; length++)
        g_assert_false (check_garbage (data, length));
      g_autofree guint8 *longer = g_malloc0 (size_bytes + 1);
      memcpy (longer, data, size_bytes);
      g_assert_false (check_garbage (longer, size_bytes + 1));
    }
}

static void
test_changed_bytes (void)
{
  guint8 data[sizeof SMALL_BYTES];
  guint n_taken = 0;
  for (gsize at = 0; at < sizeof data; at++)
    for (guint value = 0; value < 256; value++)
      {
        memcpy (data, SMALL_BYTES, sizeof data);
        data[at] = (guint8)value;
        n_taken += check_garbage (data, sizeof data);
      }
  g_assert_cmpuint (n_taken, >, sizeof data); /* digests, sizes and times may be anything */
  for (guint64 seed = 1; seed <= 3000; seed++)
    {
      guint64 state = seed;
      g_autoptr (VarveLedger) ledger = random_ledger (seed % 50);
      g_autoptr (GBytes) bytes = varve_ledger_to_bytes (ledger);
      gsize size_bytes = g_bytes_get_size (bytes);
      g_autofree guint8 *changed = g_memdup2 (g_bytes_get_data (bytes, NULL), size_bytes);
      changed[prng_below (&state, size_bytes)] = (guint8)prng_next (&state);
      check_garbage (changed, size_bytes);
    }
}

static void
refuse (const char *message, VarveError code, const guint8 *data, gsize size_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) ledger = decode (data, size_bytes, &error);
  g_assert_error (error, VARVE_ERROR, (gint)code);
  g_assert_nonnull (strstr (error->message, message));
  g_assert_null (ledger);
}

#define REFUSE(message, code, ...)                                                                                     \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    const guint8 data[] = { __VA_ARGS__ };                                                                             \
    refuse (message, code, data, sizeof data);                                                                         \
  }                                                                                                                    \
  G_STMT_END

#define ENTRY_REST 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0

static void
test_refused (void)
{
  refuse ("bad magic", VARVE_ERROR_CORRUPT, NULL, 0);
  REFUSE ("bad magic", VARVE_ERROR_CORRUPT, 'V', 'M', 2, 0, 0);
  REFUSE ("format 0, expected 1 to 3", VARVE_ERROR_UNSUPPORTED, 'V', 'L', 0, 0, 0);
  REFUSE ("format 4, expected 1 to 3", VARVE_ERROR_UNSUPPORTED, 'V', 'L', 4, 0, 0);
  REFUSE ("truncated", VARVE_ERROR_CORRUPT, 'V', 'L', 2);
  REFUSE ("too many builds", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0x81, 1, 0);
  REFUSE ("trailing data", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0, 0, 0);
  REFUSE ("65537 entries", VARVE_ERROR_LIMIT, 'V', 'L', 2, 0, 0x81, 0x80, 0x04);
  REFUSE ("overlong number", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0x80, 0, 0);
  REFUSE ("64 bits", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2);
  REFUSE ("64 bits", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x81, 0);
  REFUSE ("empty", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0, 1, 0, 0, 0, ENTRY_REST);
  REFUSE ("not UTF-8", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0, 1, 0, 1, 0xff, 0, ENTRY_REST);
  REFUSE ("not UTF-8", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0, 1, 0, 2, 'a', 0, 0, ENTRY_REST);
  REFUSE ("too long", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0, 1, 0, 100, 'a', 0, ENTRY_REST);
  REFUSE ("too long", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0, 1, 0, 0x81, 0x20, 'a', 0, ENTRY_REST);
  REFUSE ("shared prefix longer than the previous name", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0, 1, 1, 1, 'a', 0,
          ENTRY_REST);
  REFUSE ("shared prefix shorter than possible", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0, 2, 0, 1, 'a', 0, ENTRY_REST, 0, 2,
          'a', 'b', 0, ENTRY_REST);
  REFUSE ("flag other than 0 or 1", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0, 1, 0, 1, 'a', 2, ENTRY_REST);
  REFUSE ("not in order", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0, 2, 0, 1, 'b', 0, ENTRY_REST, 0, 1, 'a', 0, ENTRY_REST);
  REFUSE ("not in order", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0, 2, 0, 1, 'a', 0, ENTRY_REST, 1, 0, 0, ENTRY_REST);
  REFUSE ("entry with more steps than the ledger", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 1, 0, 1, 0, 1, 'a', 0, 0, 0, 0, 0,
          0, 0, 0, 0, 0, 0, 0, 1, 0);
  REFUSE ("before its first build", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 2, 0, 0, 1, 0, 1, 'a', 0, 0, 0, 0, 0, 0, 0, 0, 0,
          0, 0, 0, 1, 2);
  REFUSE ("above one", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0, 1, 0, 1, 'a', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x82,
          0x80, 4, 0);
  REFUSE ("layer number", VARVE_ERROR_CORRUPT, 'V', 'L', 2, 0, 1, 0, 1, 'a', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x81,
          0x80, 4, 0);
}

/* An entry "a" in layer 0, up to its probability. */
#define PLACED 'V', 'L', 3, 0, 1, 0, 1, 'a', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0

static void
test_refused_layers (void)
{
  REFUSE ("too many runs", VARVE_ERROR_CORRUPT, PLACED, 0x81, 8);
  REFUSE ("do not alternate", VARVE_ERROR_CORRUPT, PLACED, 1, 0, 1, 0, 0);
  REFUSE ("do not alternate", VARVE_ERROR_CORRUPT, PLACED, 2, 0, 1, 0, 1, 0, 0);
  REFUSE ("do not alternate", VARVE_ERROR_CORRUPT, PLACED, 2, 0, 1, 1, 0, 0, 0);
  REFUSE ("layer number", VARVE_ERROR_CORRUPT, PLACED, 2, 0x81, 0x80, 4, 1, 0, 0);
  REFUSE ("too many objects", VARVE_ERROR_CORRUPT, PLACED, 2, 0, 0x80, 0x80, 0x80, 0x80, 0x10, 0, 0);
  REFUSE ("too many layers", VARVE_ERROR_CORRUPT, 'V', 'L', 3, 0, 0, 0x81, 0x80, 4);
  REFUSE ("unknown flag", VARVE_ERROR_CORRUPT, 'V', 'L', 3, 0, 0, 1, 4);
  REFUSE ("truncated", VARVE_ERROR_CORRUPT, 'V', 'L', 3, 0, 0, 1, 2, 7);
  REFUSE ("too many stale objects", VARVE_ERROR_CORRUPT, 'V', 'L', 3, 0, 0, 1, 1, 0x81, 0x80, 4);
  REFUSE ("too many paths", VARVE_ERROR_CORRUPT, 'V', 'L', 3, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0x81, 0x80, 4);
  REFUSE ("prefix longer than the previous path", VARVE_ERROR_CORRUPT, 'V', 'L', 3, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1,
          1, 1, 'a');
  REFUSE ("other than the longest", VARVE_ERROR_CORRUPT, 'V', 'L', 3, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 2, 0, 1, 'a', 0,
          2, 'a', 'b');
}

/* Names that share nearly all of themselves would otherwise take much more memory than bytes. */
static void
test_names_are_bounded (void)
{
  g_autoptr (VarveLedger) ledger = varve_ledger_new ();
  g_autofree char *stem = g_strnfill (VARVE_LEDGER_NAME_MAX_BYTES - 5, 'x');
  for (guint i = 0; i < VARVE_LEDGER_NAMES_MAX_BYTES / VARVE_LEDGER_NAME_MAX_BYTES + 2; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s%05u", stem, i);
      varve_ledger_add (ledger, name, NULL);
    }
  g_autoptr (GBytes) bytes = varve_ledger_to_bytes (ledger);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) back = varve_ledger_from_bytes (bytes, &error);
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_assert_null (back);
}

/* The longest name, the most builds and the most entries are taken. */
static void
test_largest (void)
{
  g_autoptr (VarveLedger) ledger = varve_ledger_new ();
  for (guint i = 0; i < VARVE_LEDGER_BUILDS_MAX; i++)
    {
      gint64 time = i % 2 == 0 ? G_MAXINT64 : G_MININT64;
      g_array_append_val (ledger->times, time);
    }
  for (guint i = 0; i + 1 < VARVE_LEDGER_ENTRIES_MAX; i++)
    {
      g_autofree char *name = g_strdup_printf ("%05u", i);
      VarveLedgerEntry *entry = varve_ledger_add (ledger, name, NULL);
      *entry = (VarveLedgerEntry){ entry->component,
                                   NULL,
                                   G_MAXUINT64,
                                   G_MAXUINT64,
                                   G_MAXUINT64,
                                   i,
                                   VARVE_PROBABILITY_ONE,
                                   VARVE_LEDGER_BUILDS_MAX - 1,
                                   varve_events_newest ((VarveEvents){ { G_MAXUINT64, G_MAXUINT64 } },
                                                        VARVE_LEDGER_BUILDS_MAX - 1) };
    }
  g_autofree char *longest = g_strnfill (VARVE_LEDGER_NAME_MAX_BYTES, 'x');
  varve_ledger_add (ledger, longest, longest);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = varve_ledger_to_bytes (ledger);
  g_autoptr (VarveLedger) back = varve_ledger_from_bytes (bytes, &error);
  g_assert_no_error (error);
  assert_equal (ledger, back);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger-codec/golden", test_golden);
  g_test_add_func ("/ledger-codec/round-trip", test_round_trip);
  g_test_add_func ("/ledger-codec/format-1", test_format_1);
  g_test_add_func ("/ledger-codec/format-2", test_format_2);
  g_test_add_func ("/ledger-codec/refused-layers", test_refused_layers);
  g_test_add_func ("/ledger-codec/truncated", test_truncated);
  g_test_add_func ("/ledger-codec/changed-bytes", test_changed_bytes);
  g_test_add_func ("/ledger-codec/refused", test_refused);
  g_test_add_func ("/ledger-codec/names-are-bounded", test_names_are_bounded);
  g_test_add_func ("/ledger-codec/largest", test_largest);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* host/delta-search: what is chosen, by what it really costs, and how much a list that lies makes a host read. */
#include "host/delta-search.h"

#include <string.h>

#include "base/error.h"

enum { MB = 1000 * 1000, MAX_OFFERS = 2000 };

/* Images are letters. The image of 'z' has one layer of 100 MB, and so have all others. */
typedef struct {
  char source, target;
  guint64 listed_bytes;  /* in the list; 0: not said */
  guint64 varve_bytes;   /* of the entry in varve's format; 0: none */
  guint64 memory_bytes;  /* that it declares */
  guint64 tardiff_bytes; /* 0: none */
  char opens_as;         /* the target that the delta has in truth; 0: as listed */
  gboolean is_foreign;   /* names no commit */
} Offer;

typedef struct {
  const Offer *offers;
  guint n_offers;
  gboolean is_endless; /* a delta from a new image to each */
  const char *host_has;
  guint n_lists, n_opened;
} Fake;

static VarveDigest
image_digest (char name)
{
  return varve_digest_of (&name, 1);
}

static VarveDescriptor *
describe (const Fake *fake, guint index)
{
  const Offer *offer = &fake->offers[index];
  VarveDigest digest = varve_digest_of (&index, sizeof index), source = image_digest (offer->source);
  g_autofree char *source_text = varve_digest_to_string (&source);
  g_autofree char *bytes = g_strdup_printf ("%" G_GUINT64_FORMAT, offer->listed_bytes);
  VarveDescriptor *descriptor = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &digest, 1000);
  descriptor->artifact_type = g_strdup (VARVE_DELTA_ARTIFACT_TYPE);
  varve_descriptor_annotate (descriptor, VARVE_DELTA_SOURCE, source_text);
  varve_descriptor_annotate (descriptor, VARVE_DELTA_SOURCE_CONFIG, source_text);
  if (!offer->is_foreign)
    varve_descriptor_annotate (descriptor, VARVE_DELTA_SOURCE_COMMIT, "c0");
  if (offer->listed_bytes > 0)
    {
      varve_descriptor_annotate (descriptor, VARVE_DELTA_DOWNLOAD, bytes);
      varve_descriptor_annotate (descriptor, VARVE_DELTA_SECONDS, "1");
      varve_descriptor_annotate (descriptor, VARVE_DELTA_MEMORY, "1");
    }
  return descriptor;
}

static GPtrArray *
fake_list (gpointer data, const VarveDigest *target, GError **error)
{
  Fake *fake = data;
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_delta_referrer_free);
  fake->n_lists++;
  for (guint i = 0; i < fake->n_offers; i++)
    {
      VarveDigest offered = image_digest (fake->offers[i].target);
      g_autoptr (VarveDescriptor) descriptor = describe (fake, i);
      if (fake->is_endless)
        {
          VarveDigest next = varve_digest_of (target, sizeof *target);
          g_autofree char *text = varve_digest_to_string (&next);
          varve_descriptor_annotate (descriptor, VARVE_DELTA_SOURCE, text);
        }
      if (fake->is_endless || varve_digest_compare (&offered, target) == 0)
        g_ptr_array_add (list, varve_delta_referrer_parse (descriptor));
    }
  return list;
}

static VarveManifest *
manifest_new (const VarveDigest *layer)
{
  VarveManifest *manifest = varve_manifest_new ();
  manifest->config = varve_descriptor_new (VARVE_MEDIA_TYPE_CONFIG, layer, 2000);
  g_ptr_array_add (manifest->layers, varve_descriptor_new (VARVE_MEDIA_TYPE_LAYER, layer, 100 * MB));
  return manifest;
}

static void
add_entry (VarveDelta *delta, VarveDeltaEntryKind kind, guint64 bytes, guint64 memory_bytes)
{
  VarveDigest digest = varve_digest_of (&kind, sizeof kind);
  VarveDescriptor *descriptor = varve_descriptor_new ("a/b", &digest, bytes);
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, memory_bytes);
  varve_descriptor_annotate (descriptor, VARVE_DELTA_MEMORY, text);
  g_ptr_array_add (delta->manifest->layers, descriptor);
  VarveDeltaEntry entry = { .kind = kind, .layer = 0, .descriptor = descriptor };
  if (bytes > 0)
    g_array_append_val (delta->entries, entry);
}

static VarveDelta *
fake_open (gpointer data, const VarveDescriptor *descriptor, GError **error)
{
  Fake *fake = data;
  for (guint i = 0; i < fake->n_offers; i++)
    {
      VarveDigest digest = varve_digest_of (&i, sizeof i);
      if (varve_digest_compare (&digest, &descriptor->digest) != 0)
        continue;
      const Offer *offer = &fake->offers[i];
      VarveDigest target = image_digest (offer->opens_as != 0 ? offer->opens_as : offer->target);
      VarveDelta *delta = g_new0 (VarveDelta, 1);
      delta->descriptor = varve_descriptor_copy (descriptor);
      delta->manifest = varve_manifest_new ();
      delta->target_descriptor = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &target, 3000);
      delta->target = manifest_new (&target);
      delta->config = varve_config_new ("amd64");
      varve_config_add_layer (delta->config, &target, NULL, NULL);
      delta->entries = g_array_new (FALSE, FALSE, sizeof (VarveDeltaEntry));
      delta->reused = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
      add_entry (delta, VARVE_DELTA_ENTRY_VARVE, offer->varve_bytes, offer->memory_bytes);
      add_entry (delta, VARVE_DELTA_ENTRY_TARDIFF, offer->tardiff_bytes, 0);
      fake->n_opened++;
      return delta;
    }
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "gone");
  return NULL;
}

static gboolean
fake_has_source (gpointer data, const VarveDeltaReferrer *delta)
{
  const Fake *fake = data;
  for (const char *name = fake->host_has; *name != '\0'; name++)
    {
      VarveDigest digest = image_digest (*name);
      if (varve_digest_compare (&digest, &delta->source) == 0)
        return TRUE;
    }
  return FALSE;
}

/* The sources of the chosen deltas: "am", "" for none. */
static char *
search (Fake *fake, guint max_steps, guint64 *out_bytes, char **out_warning)
{
  VarveDigest z = image_digest ('z');
  const gboolean missing[] = { TRUE };
  g_autoptr (VarveImage) image = g_new0 (VarveImage, 1);
  g_autoptr (VarveObserver) observer = varve_observer_new ();
  g_autoptr (VarveBudget) memory = varve_budget_new (100 * MB);
  g_autoptr (GError) error = NULL;
  image->descriptor = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &z, 3000);
  image->manifest = manifest_new (&z);
  image->config = varve_config_new ("amd64");
  varve_config_add_layer (image->config, &z, NULL, NULL);
  VarveDeltaSearch options = { .image = image,
                               .missing = missing,
                               .max_steps = max_steps,
                               .has_source = fake_has_source,
                               .data = fake,
                               .limits = { .max_cpu_seconds = -1, .memory = memory },
                               .observer = observer };
  VarveDeltaOffers offers = { .list = fake_list, .open = fake_open, .data = fake };
  g_auto (VarveDeltaChoice) choice = { 0 };
  fake->n_lists = fake->n_opened = 0;
  g_assert_true (varve_delta_search (&options, &offers, &choice, &error));
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < choice.deltas->len; i++)
    for (guint k = 0; k < fake->n_offers; k++)
      {
        VarveDigest digest = varve_digest_of (&k, sizeof k);
        if (varve_digest_compare (&digest, &((VarveDelta *)choice.deltas->pdata[i])->descriptor->digest) == 0)
          g_string_append_c (text, fake->offers[k].source);
      }
  g_assert_cmpuint (choice.full_bytes, ==, 100 * MB);
  *out_bytes = choice.bytes;
  *out_warning = varve_observer_take_warning (observer);
  return g_string_free (text, FALSE);
}

static void
test_choice (void)
{
  static const struct {
    Offer offers[6];
    const char *host_has, *chosen;
    guint64 bytes;
    const char *warning; /* the beginning of the first one */
    guint n_lists, n_opened;
  } CASES[] = {
    { { { 0 } }, "a", "", 100 * MB, NULL, 1, 0 },
    { { { 'a', 'z', 5 * MB, 5 * MB } }, "a", "a", 5 * MB + 6000, NULL, 1, 1 },
    { { { 'a', 'z', 5 * MB, 5 * MB } }, "b", "", 100 * MB, "no delta starts from", 2, 0 },
    /* the list says too little, or nothing */
    { { { 'a', 'z', 1, 500 * MB } }, "a", "", 100 * MB, "no delta from an image of this host", 1, 1 },
    { { { 'a', 'z', 1, 500 * MB }, { 'b', 'z', 9 * MB, 9 * MB } }, "ab", "b", 9 * MB + 6000, NULL, 1, 2 },
    { { { 'a', 'z', 0, 5 * MB }, { 'b', 'z', 4 * MB, 4 * MB } }, "ab", "b", 4 * MB + 6000, NULL, 1, 2 },
    /* a delta that is of another image in truth */
    { { { 'a', 'z', 1 * MB, 1 * MB, 0, 0, 'y' } }, "a", "", 100 * MB, "delta sha256:", 1, 1 },
    /* the limit of memory */
    { { { 'a', 'z', 5 * MB, 5 * MB, 200 * MB, 20 * MB } }, "a", "a", 20 * MB + 6000, NULL, 1, 1 },
    { { { 'a', 'z', 5 * MB, 5 * MB, 200 * MB } }, "a", "a", 0, NULL, 1, 1 },
    /* chains */
    { { { 'm', 'z', 3 * MB, 3 * MB }, { 'a', 'm', 2 * MB, 2 * MB } }, "a", "am", 5 * MB + 12000, NULL, 2, 2 },
    { { { 'm', 'z', 3 * MB, 3 * MB }, { 'a', 'm', 2 * MB, 2 * MB }, { 'a', 'z', 4 * MB, 4 * MB } },
      "a",
      "a",
      4 * MB + 6000,
      NULL,
      2,
      1 },
    { { { 'm', 'z', 3 * MB, 3 * MB, 0, 0, 0, TRUE }, { 'a', 'm', 2 * MB, 2 * MB } },
      "a",
      "",
      100 * MB,
      "no delta starts from",
      1,
      0 },
    /* one in the middle that cannot make its image */
    { { { 'm', 'z', 3 * MB, 3 * MB }, { 'a', 'm', 2 * MB } }, "a", "", 100 * MB, "no delta from", 2, 1 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      Fake fake = { .offers = CASES[i].offers, .host_has = CASES[i].host_has };
      while (fake.offers[fake.n_offers].source != 0)
        fake.n_offers++;
      guint64 bytes;
      g_autofree char *warning = NULL;
      g_autofree char *chosen = search (&fake, 3, &bytes, &warning);
      g_test_message ("case %u: '%s' %s", i, chosen, warning);
      if (CASES[i].bytes == 0) /* a delta without a usable entry: the layer is fetched, so the delta is not chosen */
        {
          g_assert_cmpstr (chosen, ==, "");
          continue;
        }
      g_assert_cmpstr (chosen, ==, CASES[i].chosen);
      g_assert_cmpuint (bytes, ==, CASES[i].bytes);
      g_assert_true (CASES[i].warning != NULL ? g_str_has_prefix (warning, CASES[i].warning) : warning == NULL);
      g_assert_cmpuint (fake.n_lists, ==, CASES[i].n_lists);
      g_assert_cmpuint (fake.n_opened, ==, CASES[i].n_opened);
    }
}

/* Lists without an end, or with many deltas that are cheap in the list only. */
static void
test_bounds (void)
{
  guint64 bytes;
  static const Offer ENDLESS = { 'q', 'z', 1, 500 * MB };
  Fake endless = { .offers = &ENDLESS, .n_offers = 1, .is_endless = TRUE, .host_has = "" };
  g_autofree char *warning = NULL, *none = search (&endless, 3, &bytes, &warning);
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpuint (endless.n_lists, <=, 12);
  g_autofree Offer *liars = g_new0 (Offer, MAX_OFFERS);
  for (guint i = 0; i < MAX_OFFERS; i++)
    liars[i] = (Offer){ .source = 'a', .target = 'z', .listed_bytes = 1 + i, .varve_bytes = 500 * MB };
  Fake many = { .offers = liars, .n_offers = MAX_OFFERS, .host_has = "a" };
  g_autofree char *full = NULL, *chosen = search (&many, 3, &bytes, &full);
  g_assert_cmpstr (chosen, ==, "");
  g_assert_true (g_str_has_prefix (full, "more than 256 deltas are offered"));
  g_assert_cmpuint (bytes, ==, 100 * MB);
  g_assert_cmpuint (many.n_opened, <=, 8);
  many.n_offers = 100;
  g_autofree char *tried = NULL, *chosen_again = search (&many, 3, &bytes, &tried);
  g_assert_cmpstr (tried, ==, "8 deltas were looked at: the others are not");
}

/* Without chains, only the list of the image is read. */
static void
test_one_step (void)
{
  static const Offer OFFERS[] = { { 'm', 'z', 3 * MB, 3 * MB }, { 'a', 'm', 2 * MB, 2 * MB } };
  Fake fake = { .offers = OFFERS, .n_offers = 2, .host_has = "a" };
  guint64 bytes;
  g_autofree char *warning = NULL, *chosen = search (&fake, 1, &bytes, &warning);
  g_assert_cmpstr (chosen, ==, "");
  g_assert_cmpuint (fake.n_lists, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/delta-search/choice", test_choice);
  g_test_add_func ("/delta-search/bounds", test_bounds);
  g_test_add_func ("/delta-search/one-step", test_one_step);
  return g_test_run ();
}

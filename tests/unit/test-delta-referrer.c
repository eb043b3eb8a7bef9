/* SPDX-License-Identifier: Apache-2.0 */
/* delta/delta-referrer: what a list of referrers says of a delta, and what is none. */
#include "delta/delta-referrer.h"

static VarveDescriptor *
entry_new (void)
{
  VarveDigest digest = varve_digest_of ("delta", 5);
  VarveDescriptor *entry = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &digest, 100);
  entry->artifact_type = g_strdup (VARVE_DELTA_ARTIFACT_TYPE);
  return entry;
}

static void
annotate_digest (VarveDescriptor *entry, const char *key, const VarveDigest *digest)
{
  g_autofree char *text = varve_digest_to_string (digest);
  varve_descriptor_annotate (entry, key, text);
}

/* The layer "a" has two entries, of which a client takes the smaller one. */
static void
test_costs (void)
{
  VarveDigest digest = varve_digest_of ("", 0);
  g_autoptr (VarveManifest) manifest = varve_manifest_new ();
  static const struct {
    const char *to, *seconds, *memory;
    guint64 size_bytes;
  } ENTRIES[] = { { NULL, NULL, NULL, 10 }, { NULL, NULL, NULL, 20 },   { "a", "7", "1000", 300 },
                  { "a", NULL, NULL, 400 }, { "b", "2", "5000", 5000 }, { "c", NULL, NULL, 60000 } };
  for (guint i = 0; i < G_N_ELEMENTS (ENTRIES); i++)
    {
      VarveDescriptor *entry = varve_descriptor_new ("a/b", &digest, ENTRIES[i].size_bytes);
      if (ENTRIES[i].to != NULL)
        varve_descriptor_annotate (entry, VARVE_DELTA_TO, ENTRIES[i].to);
      if (ENTRIES[i].seconds != NULL)
        varve_descriptor_annotate (entry, VARVE_DELTA_SECONDS, ENTRIES[i].seconds);
      if (ENTRIES[i].memory != NULL)
        varve_descriptor_annotate (entry, VARVE_DELTA_MEMORY, ENTRIES[i].memory);
      g_ptr_array_add (manifest->layers, entry);
    }
  varve_delta_manifest_annotate_costs (manifest);
  g_autoptr (VarveDescriptor) entry = entry_new ();
  entry->annotations = g_tree_ref (manifest->annotations);
  annotate_digest (entry, VARVE_DELTA_SOURCE_CONFIG, &digest);
  g_autoptr (VarveDeltaReferrer) referrer = varve_delta_referrer_parse (entry);
  g_assert_nonnull (referrer);
  g_assert_true (referrer->knows_costs);
  g_assert_cmpuint (referrer->download_bytes, ==, 100 + 10 + 20 + 300 + 5000 + 60000);
  g_assert_cmpuint (referrer->encode_seconds, ==, 9);
  g_assert_cmpuint (referrer->encode_bytes, ==, 5000);
  g_assert_false (referrer->has_source);
}

static void
test_source (void)
{
  VarveDigest config = varve_digest_of ("config", 6), source = varve_digest_of ("source", 6);
  g_autoptr (VarveDescriptor) entry = entry_new ();
  g_assert_null (varve_delta_referrer_parse (entry));
  annotate_digest (entry, VARVE_DELTA_SOURCE_CONFIG, &config);
  annotate_digest (entry, VARVE_DELTA_SOURCE, &source);
  g_autoptr (VarveDeltaReferrer) referrer = varve_delta_referrer_parse (entry);
  g_assert_true (referrer->has_source);
  g_assert_cmpint (varve_digest_compare (&referrer->source, &source), ==, 0);
  g_assert_cmpint (varve_digest_compare (&referrer->source_config, &config), ==, 0);
  g_assert_cmpint (varve_digest_compare (&referrer->descriptor->digest, &entry->digest), ==, 0);
  g_assert_false (referrer->knows_costs);
}

static void
test_other (void)
{
  VarveDigest config = varve_digest_of ("config", 6);
  g_autoptr (VarveDescriptor) entry = entry_new ();
  annotate_digest (entry, VARVE_DELTA_SOURCE_CONFIG, &config);
  g_free (entry->artifact_type);
  entry->artifact_type = g_strdup ("application/spdx+json");
  g_assert_null (varve_delta_referrer_parse (entry));
  g_clear_pointer (&entry->artifact_type, g_free);
  g_autoptr (VarveDeltaReferrer) untyped = varve_delta_referrer_parse (entry);
  g_assert_nonnull (untyped);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/delta-referrer/costs", test_costs);
  g_test_add_func ("/delta-referrer/source", test_source);
  g_test_add_func ("/delta-referrer/other", test_other);
  return g_test_run ();
}

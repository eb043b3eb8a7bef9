/* SPDX-License-Identifier: Apache-2.0 */
/* explain/contents, explain/comparison and explain/noise over images made entry by entry, without a repository. */
#include "explain/noise.h"

#include "compose/image-ledger.h"
#include "emit/ledger-text.h"
#include "model/image-keys.h"
#include "tests/unit/image-fixture.h"

static VarveImage *
fixture_image_of (Fixture *fixture, const char *components)
{
  VarveImage *image = fixture_image (fixture);
  varve_descriptor_annotate (image->manifest->layers->pdata[1], VARVE_ANNOTATION_COMPONENTS, components);
  return image;
}

/* Incompressible text of @size_bytes. */
static char *
hard_text (gsize size_bytes)
{
  char *text = g_malloc (size_bytes + 1);
  guint64 state = 88172645463325252u;
  for (gsize i = 0; i < size_bytes; i++)
    {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      text[i] = (char)(1 + state % 255);
    }
  text[size_bytes] = '\0';
  return text;
}

static VarveComparison *
compare (const VarveImage *old, const VarveImage *new)
{
  g_autoptr (GError) error = NULL;
  VarveComparisonOptions options = { .old = old, .new = new, .jobs = 2 };
  VarveComparison *comparison = varve_comparison_new (&options, NULL, NULL, &error);
  g_assert_no_error (error);
  return comparison;
}

static const char *const INITRAMFS[] = { "usr/lib/modules/6.1/initramfs.img", NULL };

static void
test_objects (void)
{
  g_autoptr (Fixture) before = fixture_new (), after = fixture_new ();
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  g_autofree char *initramfs = hard_text (2 << 20);
  fixture_add_file (before, 1, "old", NULL, none, INITRAMFS);
  fixture_add_file (after, 1, initramfs, NULL, none, INITRAMFS);
  fixture_add_file (after, 1, "added", NULL, none, (const char *const[]){ "etc/added", NULL });
  g_autoptr (VarveImage) old = fixture_image_of (before, "initramfs"), new = fixture_image_of (after, "initramfs");
  g_autoptr (VarveComparison) comparison = compare (old, new);
  g_assert_nonnull (varve_contents_find_path (comparison->new, "usr/etc/added"));
  g_assert_nonnull (varve_contents_find_path (comparison->new, "usr/bin/tool"));
  VarveDiff diff = { 0 };
  varve_comparison_bound (comparison, &diff);
  g_assert_true (diff.has_objects);
  g_assert_cmpuint (diff.objects, ==, 2);
  g_assert_cmpuint (diff.object_raw_bytes, ==, (2 << 20) + 5);
  g_assert_cmpuint (diff.object_bytes, >, 2 << 20);

  g_autoptr (GError) error = NULL;
  g_autoptr (VarveNoiseReport) report = varve_noise_find (old, new, comparison, &error);
  g_assert_no_error (error);
  g_assert_false (report->knows_packages);
  g_assert_cmpuint (report->list->len, ==, 0); /* names alone do not tell that something changed */
}

static guint64
count_new_objects (const VarveImage *old, const VarveImage *new)
{
  g_autoptr (VarveComparison) comparison = compare (old, new);
  VarveDiff diff = { 0 };
  varve_comparison_bound (comparison, &diff);
  return diff.objects;
}

/* A file got another path: its layer is kept, where it is stale, and a new layer has it again. */
static void
test_renamed (void)
{
  g_autoptr (Fixture) before = fixture_new (), after = fixture_new ();
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  g_autoptr (GError) error = NULL;
  after->n_layers = 3;
  fixture_add_skeleton (after, 2);
  fixture_add_file (after, 2, "conf", NULL, none, (const char *const[]){ "etc/renamed", NULL });
  g_autoptr (VarveImage) old = fixture_image_of (before, "a"), new = fixture_image_of (after, "a");
  g_autoptr (VarveLedger) ledger = varve_ledger_new ();
  GPtrArray *paths = g_ptr_array_new ();
  g_ptr_array_add (paths, g_strdup ("usr/etc/conf"));
  g_array_append_vals (ledger->times, &(gint64){ 1000 }, 1);
  g_ptr_array_add (varve_ledger_add_layer (ledger)->stale,
                   varve_stale_object_new (paths, strlen ("conf"), varve_stale_object_mark (&after->conf)));
  g_assert_cmpuint (count_new_objects (old, new), ==, 1);
  g_autofree char *text = varve_ledger_to_text (ledger, &error);
  g_assert_no_error (error);
  varve_manifest_annotate (new->manifest, VARVE_ANNOTATION_LEDGER, text);
  g_assert_cmpuint (count_new_objects (old, new), ==, 0);
  /* It was stale before. */
  varve_manifest_annotate (old->manifest, VARVE_ANNOTATION_LEDGER, text);
  g_assert_cmpuint (count_new_objects (old, new), ==, 1);
}

typedef struct {
  const char *component, *subtree;
} LedgerName;

/* Every component is in layer 1, and has this digest. */
static void
add_ledger_of (VarveImage *image, const LedgerName *names, guint n_names, guint64 digest)
{
  g_autoptr (VarveLedger) ledger = varve_ledger_new ();
  g_autoptr (GError) error = NULL;
  gint64 time = 1000;
  g_array_append_val (ledger->times, time);
  for (guint i = 0; i < n_names; i++)
    {
      VarveLedgerEntry *entry = varve_ledger_add (ledger, names[i].component, names[i].subtree);
      entry->layer = 0;
      entry->digest = digest;
      entry->size_bytes = 100;
    }
  varve_ledger_sort (ledger);
  g_autofree char *text = varve_ledger_to_text (ledger, &error);
  g_assert_no_error (error);
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_LEDGER, text);
}

/* The files that the component's noise lists: "PATH PATH"; NULL without such noise. */
static char *
noise_paths (const VarveNoiseReport *report, const char *component)
{
  g_autoptr (GString) paths = g_string_new (NULL);
  for (guint i = 0; i < report->list->len; i++)
    {
      const VarveNoise *noise = report->list->pdata[i];
      if (strcmp (noise->component, component) != 0)
        continue;
      for (guint c = 0; c < noise->causes->len; c++)
        {
          const VarveNoiseCause *cause = noise->causes->pdata[c];
          for (guint p = 0; p < cause->paths->len; p++)
            g_string_append_printf (paths, "%s%s", paths->len > 0 ? " " : "", (const char *)cause->paths->pdata[p]);
        }
      return g_string_free (g_steal_pointer (&paths), FALSE);
    }
  return NULL;
}

/* A changed file belongs to the unowned directory or the generated files of its layer only where these can hold it. */
static void
test_package_update (void)
{
  static const struct {
    LedgerName names[3];
    guint n_names;
    const char *path, *component, *paths;
  } CASES[] = {
    { { { "unowned:/opt", NULL }, { "zlib", NULL } }, 2, "usr/lib/zlib.so", "unowned:/opt", "" },
    { { { "unowned:/opt", NULL }, { "zlib", NULL } }, 2, "opt/tool", "unowned:/opt", "/opt/tool" },
    { { { "unowned:/opt", NULL } }, 1, "usr/lib/zlib.so", "unowned:/opt", "" },
    { { { "unowned:/opt", "opt/a" } }, 1, "opt/b/tool", "unowned:/opt", "" },
    { { { "unowned:/opt", "opt/a" }, { "unowned:/opt", NULL } }, 2, "opt/a/tool", "unowned:/opt", "/opt/a/tool" },
    { { { "unowned:/opt", NULL }, { "unowned:/opt/a", NULL } }, 2, "opt/a/tool", "unowned:/opt", "" },
    { { { "generated", NULL } }, 1, "usr/lib/zlib.so", "generated", "" },
    { { { "initramfs", NULL }, { "unowned:/opt", NULL } }, 2, "usr/lib/zlib.so", "initramfs", "" },
    { { { "package-database", NULL } }, 1, "usr/lib/zlib.so", "package-database", "" },
    { { { "generated", NULL }, { "zlib", NULL } }, 2, "usr/share/info/dir", "generated", "/usr/share/info/dir" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("case %u: %s", i, CASES[i].path);
      g_autoptr (Fixture) before = fixture_new (), after = fixture_new ();
      g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
      fixture_add_file (before, 1, "old", NULL, none, (const char *const[]){ CASES[i].path, NULL });
      fixture_add_file (after, 1, "new", NULL, none, (const char *const[]){ CASES[i].path, NULL });
      g_autoptr (VarveImage) old = fixture_image_of (before, "x"), new = fixture_image_of (after, "x");
      add_ledger_of (old, CASES[i].names, CASES[i].n_names, 1);
      add_ledger_of (new, CASES[i].names, CASES[i].n_names, 2);
      g_autoptr (VarveComparison) comparison = compare (old, new);
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveNoiseReport) report = varve_noise_find (old, new, comparison, &error);
      g_assert_no_error (error);
      g_autofree char *paths = noise_paths (report, CASES[i].component);
      g_assert_cmpstr (paths, ==, CASES[i].paths);
    }
}

static void
add_ledger (VarveImage *image, guint64 initramfs, guint64 unowned)
{
  g_autoptr (VarveLedger) ledger = varve_ledger_new ();
  g_autoptr (GError) error = NULL;
  gint64 time = 1000;
  g_array_append_val (ledger->times, time);
  VarveLedgerEntry *entry = varve_ledger_add (ledger, "initramfs", NULL);
  *entry = (VarveLedgerEntry){ .component = entry->component, .digest = initramfs, .size_bytes = 3000000 };
  entry = varve_ledger_add (ledger, "unowned:/usr/etc", NULL);
  *entry = (VarveLedgerEntry){ .component = entry->component, .digest = unowned, .size_bytes = 40 };
  entry = varve_ledger_add (ledger, "a package", NULL);
  *entry = (VarveLedgerEntry){ .component = entry->component, .digest = 1, .size_bytes = 5 };
  varve_ledger_sort (ledger);
  g_autofree char *text = varve_ledger_to_text (ledger, &error);
  g_assert_no_error (error);
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_LEDGER, text);
}

static void
test_noise (void)
{
  g_autoptr (Fixture) before = fixture_new (), after = fixture_new ();
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  g_autofree char *initramfs = hard_text (2 << 20);
  fixture_add_file (before, 1, "old", NULL, none, INITRAMFS);
  fixture_add_file (after, 1, initramfs, NULL, none, INITRAMFS);
  fixture_add_file (after, 1, "kernel", NULL, none, (const char *const[]){ "usr/lib/modules/6.1/vmlinuz", NULL });
  fixture_add_file (after, 1, "day", NULL, none, (const char *const[]){ "etc/shadow", NULL });
  g_autoptr (VarveImage) old = fixture_image_of (before, "x"), new = fixture_image_of (after, "x");
  add_ledger (old, 1, 1);
  add_ledger (new, 2, 2);
  g_autoptr (VarveComparison) comparison = compare (old, new);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveNoiseReport) report = varve_noise_find (old, new, comparison, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report->list->len, ==, 2);
  const VarveNoise *first = report->list->pdata[0], *second = report->list->pdata[1];
  g_assert_cmpstr (first->component, ==, "initramfs");
  g_assert_cmpint (first->kind, ==, VARVE_NOISE_MADE_ANEW);
  g_assert_cmpuint (first->size_bytes, ==, 3000000);
  g_assert_true (first->kernel_changed);
  g_assert_true (first->is_packed);
  g_assert_cmpuint (first->causes->len, ==, 1);
  const VarveNoiseCause *cause = first->causes->pdata[0];
  g_assert_cmpstr (cause->known->name, ==, "initramfs");
  g_assert_cmpstr (cause->paths->pdata[0], ==, "/usr/lib/modules/6.1/initramfs.img");
  g_assert_cmpstr (second->component, ==, "unowned:/usr/etc");
  g_assert_cmpint (second->kind, ==, VARVE_NOISE_UNOWNED);
  g_assert_cmpuint (second->causes->len, ==, 1);
  g_assert_cmpstr (((VarveNoiseCause *)second->causes->pdata[0])->known->name, ==, "shadow");
  g_autoptr (json_object) json = varve_noise_to_json (report);
  g_assert_cmpuint (json_object_array_length (json), ==, 2);
}

/* Layers that both have are not read, so they need not be there. */
static void
test_thin (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (VarveImage) old = fixture_image (fixture), new = fixture_image (fixture);
  FixtureBlobs *blobs = (FixtureBlobs *)new->blobs;
  g_ptr_array_set_free_func (blobs->layers, NULL);
  g_bytes_unref (g_steal_pointer (&blobs->layers->pdata[1]));
  g_bytes_unref (g_steal_pointer (&blobs->layers->pdata[0]));
  g_autoptr (VarveComparison) comparison = compare (old, new);
  g_assert_cmpuint (g_hash_table_size (comparison->new->objects), ==, 0);
  g_autoptr (GError) error = NULL;
  VarveReadContents read = { .image = new, .jobs = 1 };
  g_assert_null (varve_contents_of_image (&read, NULL, &error));
  g_assert_nonnull (error);
}

static void
test_known_causes (void)
{
  static const struct {
    const char *path, *name;
  } CASES[] = {
    { "usr/lib/modules/6.1.0/initramfs.img", "initramfs" },
    { "usr/share/rpm/rpmdb.sqlite", "rpm database" },
    { "usr/lib/sysimage/dpkg/status", "dpkg database" },
    { "usr/lib/python3/dist-packages/a/__pycache__/b.cpython-311.pyc", "pyc" },
    { "usr/etc/ld.so.cache", "ld.so.cache" },
    { "usr/share/icons/hicolor/icon-theme.cache", "icon cache" },
    { "usr/share/mime/mime.cache", "mime cache" },
    { "usr/lib/fontconfig/cache/x.cache-8", "font cache" },
    { "usr/etc/shadow", "shadow" },
    { "usr/lib/os-release", "release" },
    { "usr/etc/machine-id", "machine identity" },
    { "usr/bin/bash", NULL },
    { "usr/lib/modules/6.1.0/vmlinuz", NULL },
    { "", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      const VarveKnownCause *known = varve_known_cause_find (CASES[i].path);
      g_assert_cmpstr (known != NULL ? known->name : NULL, ==, CASES[i].name);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/noise/objects", test_objects);
  g_test_add_func ("/noise/renamed", test_renamed);
  g_test_add_func ("/noise/noise", test_noise);
  g_test_add_func ("/noise/package-update", test_package_update);
  g_test_add_func ("/noise/thin", test_thin);
  g_test_add_func ("/noise/culprits", test_known_causes);
  return g_test_run ();
}

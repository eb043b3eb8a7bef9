/* SPDX-License-Identifier: Apache-2.0 */
/* oci/layout, oci/pending, oci/replaced, oci/reachable-blobs: the files of a layout after each event. */
#include "oci/layout.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "oci/index.h"
#include "oci/layout-lock.h"
#include "oci/pending.h"
#include "oci/reachable-blobs.h"
#include "oci/replaced.h"
#include "tests/unit/tinyimage.h"

static VarveIndex *
read_index (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveBlobs) blobs = varve_layout_read (path, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) bytes = varve_blobs_load_index (blobs, &error);
  g_assert_no_error (error);
  VarveIndex *index = varve_index_from_bytes (bytes, &error);
  g_assert_no_error (error);
  return index;
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;
  while (g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

static guint
count_blobs (const char *path)
{
  g_autofree char *blobs = g_build_filename (path, "blobs", "sha256", NULL);
  return count_entries (blobs);
}

static gboolean
exists (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
write_file (const char *folder, const char *name, const char *content)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

static void
assert_refused (const char *path, VarveError code, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLayout) layout = varve_layout_open (path, NULL, NULL, &error);
  g_assert_null (layout);
  g_assert_error (error, VARVE_ERROR, (int)code);
  g_autofree char *expected = g_strdup_printf ("layout '%s': %s", path, message);
  g_assert_cmpstr (error->message, ==, expected);
}

static void
test_entries (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autofree char *path = g_build_filename (folder, "a", "b", NULL);
  tiny_publish (path, "one", "one");
  tiny_publish (path, "two", "two");
  tiny_publish (path, "three", "one");
  g_autoptr (VarveIndex) index = read_index (path);
  g_assert_cmpuint (index->manifests->len, ==, 2);
  g_assert_nonnull (varve_index_find_ref (index, "two"));
  g_assert_cmpuint (count_blobs (path), ==, 9);
  g_assert_cmpuint (count_entries (path), ==,
                    4); /* blobs, index.json, oci-layout, what was replaced: nothing temporary */
}

static guint
mode_of (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct stat status;
  g_assert_cmpint (stat (path, &status), ==, 0);
  return status.st_mode & 07777;
}

static void
test_modes (void)
{
  static const mode_t MASKS[] = { 0, 022, 077 };
  for (guint i = 0; i < G_N_ELEMENTS (MASKS); i++)
    {
      g_autoptr (TinyFolder) folder = tiny_folder ();
      g_autofree char *path = g_build_filename (folder, "layout/", NULL);
      mode_t before = umask (MASKS[i]);
      tiny_publish (path, "text", "latest");
      umask (before);
      g_autoptr (VarveIndex) index = read_index (path);
      g_autofree char *blob = tiny_blob_path (path, &varve_index_entry (index, 0)->digest);
      g_assert_cmpuint (mode_of (path, "."), ==, 0755);
      g_assert_cmpuint (mode_of (path, "blobs"), ==, 0755);
      g_assert_cmpuint (mode_of (path, "blobs/sha256"), ==, 0755);
      g_assert_cmpuint (mode_of (path, VARVE_LAYOUT_FILE), ==, 0644);
      g_assert_cmpuint (mode_of (path, VARVE_LAYOUT_INDEX), ==, 0644);
      g_assert_cmpuint (mode_of (blob, NULL), ==, 0644);
    }
}

static void
test_folders_refused (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  write_file (folder, "photo.jpg", "x");
  assert_refused (
      folder, VARVE_ERROR_USAGE,
      "not an OCI layout, and the folder is not empty (found 'photo.jpg'): expected an OCI layout, an empty "
      "folder or a new name");
  g_assert_cmpuint (count_entries (folder), ==, 1);
  write_file (folder, VARVE_LAYOUT_FILE, "{\"imageLayoutVersion\":\"2.0.0\"}");
  assert_refused (folder, VARVE_ERROR_UNSUPPORTED, "'oci-layout': imageLayoutVersion is '2.0.0': expected '1.0.0'");
  write_file (folder, VARVE_LAYOUT_FILE, "{\"imageLayoutVersion\":\"1.0.0\",\"imagelayoutversion\":\"2\"}");
  assert_refused (folder, VARVE_ERROR_CORRUPT,
                  "'oci-layout': found the key 'imagelayoutversion': expected 'imageLayoutVersion'");
  write_file (folder, VARVE_LAYOUT_FILE, "{}");
  assert_refused (folder, VARVE_ERROR_CORRUPT, "'oci-layout': 'imageLayoutVersion' is missing");
  write_file (folder, VARVE_LAYOUT_FILE, VARVE_LAYOUT_CONTENT);
  write_file (folder, VARVE_LAYOUT_INDEX, "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}");
  assert_refused (folder, VARVE_ERROR_CORRUPT, "index.json: index: both 'layers' and 'manifests' are present");
  g_autofree char *file = g_build_filename (folder, "photo.jpg", NULL);
  assert_refused (file, VARVE_ERROR_IO, "opening the folder: Not a directory");
}

static void
test_bad_ref (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLayout) layout = tiny_layout (path);
  g_autoptr (VarveDescriptor) manifest = tiny_image (layout, "x");
  g_assert_false (varve_layout_publish (layout, manifest, "a b", &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_USAGE);
  g_clear_error (&error);
  manifest->size_bytes++;
  g_assert_false (varve_layout_publish (layout, manifest, "a", &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
}

static void
test_blob_kept (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  struct stat before, after;
  g_autoptr (VarveLayout) layout = tiny_layout (path);
  VarveDigest digest = tiny_add_text (layout, "text");
  g_autofree char *blob = tiny_blob_path (path, &digest);
  g_assert_cmpint (stat (blob, &before), ==, 0);
  tiny_add_text (layout, "text");
  g_assert_cmpint (stat (blob, &after), ==, 0);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
  g_assert_true (varve_layout_has_blob (layout, &digest, 4));
  g_assert_false (varve_layout_has_blob (layout, &digest, 5));

  g_assert_cmpint (truncate (blob, 2), ==, 0); /* a blob of a wrong size is replaced */
  tiny_add_text (layout, "text");
  g_assert_true (varve_layout_has_blob (layout, &digest, 4));
}

/* A write error that nobody noticed leaves a short file: it must not get the name. */
static void
test_blob_short (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLayout) layout = tiny_layout (path);
  g_autoptr (VarveTempfile) file = varve_tempfile_new (varve_layout_blobs_fd (layout), &error);
  g_assert_no_error (error);
  VarveDigest digest = varve_digest_of ("text", 4);
  g_autofree char *hex = varve_digest_to_hex (&digest);
  g_assert_true (varve_tempfile_write (file, "tex", 3, &error));
  g_assert_false (varve_layout_publish_blob (layout, file, &digest, 4, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_autofree char *expected
      = g_strdup_printf ("layout '%s': blob 'sha256:%s': the file written has 3 bytes: expected 4", path, hex);
  g_assert_cmpstr (error->message, ==, expected);
  g_clear_pointer (&file, varve_tempfile_free);
  g_assert_cmpuint (count_blobs (path), ==, 0);
}

/* Runs it in a process of its own, which is killed at the end of it. */
static void
run_killed (const char *path, void (*run) (VarveLayout *layout))
{
  pid_t child = fork ();
  if (child == 0)
    {
      VarveLayout *layout = varve_layout_open (path, NULL, NULL, NULL);
      if (layout == NULL)
        _exit (1);
      run (layout);
      kill (getpid (), SIGKILL);
    }
  int status;
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
}

static void
leave_blobs (VarveLayout *layout)
{
  tiny_add_text (layout, "never used");
  g_autoptr (VarveDescriptor) manifest = tiny_image (layout, "used by the next run");
  VarveTempfile *file = varve_tempfile_new (varve_layout_blobs_fd (layout), NULL);
  if (!varve_tempfile_write (file, "half", 4, NULL))
    _exit (1);
}

static void
test_killed (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  tiny_publish (path, "first", "first");
  run_killed (path, leave_blobs);
  g_assert_true (exists (path, VARVE_PENDING_NAME));
  g_assert_cmpuint (count_blobs (path), ==, 3 + 4 + 1);
  g_autoptr (VarveIndex) between = read_index (path);
  g_assert_cmpuint (between->manifests->len, ==, 1);

  VarveDigest unused = varve_digest_of ("never used", 10);
  {
    g_autoptr (VarveLayout) layout = tiny_layout (path);
    g_assert_cmpuint (count_blobs (path), ==, 3 + 4); /* the temporary file is gone, the blobs may be used */
    g_assert_true (varve_layout_has_blob (layout, &unused, 10));
  }
  tiny_publish (path, "used by the next run", "second");
  g_assert_cmpuint (count_blobs (path), ==, 3 + 3);
  g_assert_cmpuint (count_entries (path), ==, 3);
  g_autofree char *blob = tiny_blob_path (path, &unused);
  g_assert_false (g_file_test (blob, G_FILE_TEST_EXISTS));
}

static void
test_killed_at_creation (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  write_file (path, ".varve-0123456789abcdef", "half");
  tiny_publish (path, "first", "first");
  g_assert_cmpuint (count_entries (path), ==, 3);

  g_autoptr (TinyFolder) early = tiny_folder ();
  write_file (early, VARVE_LAYOUT_FILE, VARVE_LAYOUT_CONTENT);
  tiny_publish (early, "first", "first");
  g_assert_cmpuint (count_entries (early), ==, 3);
}

/* A journal cannot take away what an image needs, nor anything that is no blob. */
static void
test_journal_untrusted (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  tiny_publish (path, "first", "first");
  g_autoptr (VarveIndex) index = read_index (path);
  g_autofree char *hex = varve_digest_to_hex (&varve_index_entry (index, 0)->digest);
  g_autofree char *journal = g_strdup_printf ("%s\n../../index.json\n\n%.20s", hex, hex);
  write_file (path, VARVE_PENDING_NAME, journal);
  tiny_publish (path, "second", "second");
  g_assert_cmpuint (count_blobs (path), ==, 6);
  g_assert_cmpuint (count_entries (path), ==, 3);
}

/* What a damaged manifest needs is not known, so nothing is removed, and the user is told. */
static void
test_settle_careful (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  g_autoptr (GError) error = NULL;
  tiny_publish (path, "first", "first");
  g_autoptr (VarveIndex) index = read_index (path);
  g_autofree char *blob = tiny_blob_path (path, &varve_index_entry (index, 0)->digest);
  g_assert_cmpint (g_remove (blob), ==, 0);
  g_autoptr (VarveObserver) observer = varve_observer_new ();
  g_autoptr (VarveLayout) layout = varve_layout_open (path, observer, NULL, &error);
  g_assert_no_error (error);
  tiny_add_text (layout, "unused");
  g_autoptr (VarveDescriptor) manifest = tiny_image (layout, "second");
  g_assert_true (varve_layout_publish (layout, manifest, "second", &error));
  g_assert_no_error (error);
  g_autofree char *warning = varve_observer_take_warning (observer);
  g_assert_nonnull (warning);
  g_assert_nonnull (strstr (warning, "unused blobs are not removed: "));
  g_assert_true (exists (path, VARVE_PENDING_NAME));
  g_assert_cmpuint (count_blobs (path), ==, 2 + 3 + 1);
}

static void
test_lock (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  g_autoptr (VarveLayout) layout = tiny_layout (path);
  pid_t child = fork ();
  if (child == 0)
    {
      close (varve_layout_fd (layout)); /* fork shares the lock */
      VarveObserver *observer = varve_observer_new ();
      VarveLayout *second = varve_layout_open (path, observer, NULL, NULL);
      char *warning = varve_observer_take_warning (observer), *more = varve_observer_take_warning (observer);
      gboolean waited = access (g_build_filename (path, "done", NULL), F_OK) == 0;
      _exit (second != NULL && warning != NULL && more == NULL && waited ? 0 : 1);
    }
  g_usleep (200000);
  write_file (path, "done", "");
  g_clear_pointer (&layout, varve_layout_free);
  int status;
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

/* A process that may not write files over 100 bytes, which fails as a full disk does. */
static void
write_too_much (const char *path)
{
  g_autoptr (GError) error = NULL;
  signal (SIGXFSZ, SIG_IGN);
  VarveLayout *layout = varve_layout_open (path, NULL, NULL, &error);
  struct rlimit limit = { .rlim_cur = 100, .rlim_max = 100 };
  g_autofree char *text = g_strnfill (4096, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new (text, 4096);
  VarveDigest digest;
  if (layout == NULL || setrlimit (RLIMIT_FSIZE, &limit) != 0 || varve_layout_add_blob (layout, bytes, &digest, &error)
      || !g_error_matches (error, VARVE_ERROR, VARVE_ERROR_IO) || strstr (error->message, path) == NULL)
    _exit (1);
  _exit (0);
}

static void
test_full_disk (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  tiny_publish (path, "first", "first");
  pid_t child = fork ();
  if (child == 0)
    write_too_much (path);
  int status;
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpuint (count_blobs (path), ==, 3);
  g_autoptr (VarveIndex) index = read_index (path);
  g_assert_nonnull (varve_index_find_ref (index, "first"));
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (100000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_lock_cancelled (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  g_autoptr (VarveLayout) layout = tiny_layout (path);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_null (varve_layout_open (path, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
}

/* Who can only read the folder cannot open the lock, and a lock on the folder itself is not ours. */
static void
test_lock_readers (void)
{
  static const struct {
    mode_t folder, lock;
  } MODES[] = { { 0755, 0600 }, { 0775, 0660 }, { 0777, 0666 } };
  for (guint i = 0; i < G_N_ELEMENTS (MODES); i++)
    {
      g_autoptr (TinyFolder) path = tiny_folder ();
      g_assert_cmpint (chmod (path, MODES[i].folder), ==, 0);
      int reader = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      g_assert_cmpint (flock (reader, LOCK_EX | LOCK_NB), ==, 0);
      g_autoptr (VarveLayout) layout = tiny_layout (path);
      g_assert_cmpuint (mode_of (path, VARVE_LAYOUT_LOCK_NAME), ==, MODES[i].lock);
      g_clear_pointer (&layout, varve_layout_free);
      g_assert_false (exists (path, VARVE_LAYOUT_LOCK_NAME));
      close (reader);
    }
}

static void
test_lock_timeout (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  g_autoptr (VarveLayout) layout = tiny_layout (path);
  g_autoptr (VarveObserver) observer = varve_observer_new ();
  for (guint seconds = 0; seconds < 2; seconds++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *expected
          = g_strdup_printf ("layout '%s': locked by process %d for %u seconds: wait until that ends, or set a longer "
                             "--lock-timeout",
                             path, (int)getpid (), seconds);
      varve_layout_lock_set_timeout (seconds);
      gint64 start = g_get_monotonic_time ();
      g_assert_null (varve_layout_open (path, observer, NULL, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_IO);
      g_assert_cmpstr (error->message, ==, expected);
      g_assert_cmpint (g_get_monotonic_time () - start, >=, seconds * G_USEC_PER_SEC);
    }
  varve_layout_lock_set_timeout (VARVE_LOCK_TIMEOUT_SECONDS);
  g_autofree char *warning = varve_observer_take_warning (observer), *pid = g_strdup_printf ("%d", (int)getpid ());
  g_assert_nonnull (strstr (warning, pid));
  g_assert_null (varve_observer_take_warning (observer));
}

/* A lock that somebody made a link of is not written to. */
static void
test_lock_links (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autofree char *path = g_build_filename (folder, "layout", NULL),
                  *victim = g_build_filename (folder, "victim", NULL),
                  *lock = g_build_filename (path, VARVE_LAYOUT_LOCK_NAME, NULL), *content = NULL;
  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  write_file (folder, "victim", "kept");
  g_assert_cmpint (symlink (victim, lock), ==, 0);
  assert_refused (path, VARVE_ERROR_IO, "opening '.varve_lock': Too many levels of symbolic links");
  g_assert_cmpint (g_remove (lock), ==, 0);
  g_assert_cmpint (link (victim, lock), ==, 0);
  assert_refused (path, VARVE_ERROR_CORRUPT,
                  "'.varve_lock' is not a regular file with one name: expected a lock: remove it");
  g_assert_true (g_file_get_contents (victim, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "kept");
}

/* A damaged blob, or one that is a symlink, does not count, and is replaced. */
static void
test_blob_damaged (void)
{
  static const char *const DAMAGED[] = { "Text", NULL };
  for (guint i = 0; i < G_N_ELEMENTS (DAMAGED); i++)
    {
      g_autoptr (TinyFolder) path = tiny_folder ();
      g_autoptr (VarveLayout) layout = tiny_layout (path);
      VarveDigest digest = tiny_add_text (layout, "text");
      g_autofree char *blob = tiny_blob_path (path, &digest), *content = NULL;
      g_clear_pointer (&layout, varve_layout_free);
      g_assert_cmpint (g_remove (blob), ==, 0);
      write_file (path, "aside", "text");
      g_autofree char *aside = g_build_filename (path, "aside", NULL);
      if (DAMAGED[i] != NULL)
        g_assert_true (g_file_set_contents (blob, DAMAGED[i], -1, NULL));
      else
        g_assert_cmpint (symlink (aside, blob), ==, 0);
      layout = tiny_layout (path);
      g_assert_false (varve_layout_has_blob (layout, &digest, 4));
      tiny_add_text (layout, "text");
      g_assert_true (varve_layout_has_blob (layout, &digest, 4));
      g_assert_false (g_file_test (blob, G_FILE_TEST_IS_SYMLINK));
      g_assert_true (g_file_get_contents (blob, &content, NULL, NULL));
      g_assert_cmpstr (content, ==, "text");
    }
}

static void
test_blobs_read (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLayout) layout = tiny_layout (path);
  VarveDigest digest = tiny_add_text (layout, "text"), other = varve_digest_of ("else", 4);
  g_autoptr (VarveDescriptor) descriptor = varve_descriptor_new ("a/b", &digest, 4);
  g_autoptr (VarveBlobs) blobs = varve_layout_blobs (layout, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) bytes = varve_blobs_load (blobs, descriptor, 4, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "text", 4);
  g_assert_null (varve_blobs_load (blobs, descriptor, 3, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
  g_clear_error (&error);

  g_autofree char *name = varve_digest_to_string (&digest);
  g_autofree char *blob = tiny_blob_path (path, &digest);
  g_assert_true (g_file_set_contents (blob, "Text", -1, NULL)); /* tampered with */
  g_assert_null (varve_blobs_load (blobs, descriptor, 4, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, name));
  g_assert_nonnull (strstr (error->message, ": content has the digest"));
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (blob, "text and more", -1, NULL));
  g_assert_null (varve_blobs_load (blobs, descriptor, 4, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, "has 13 bytes: expected 4"));
  g_clear_error (&error);

  g_assert_cmpint (g_remove (blob), ==, 0);
  g_assert_cmpint (mkfifo (blob, 0644), ==, 0); /* must not wait for a writer */
  g_assert_null (varve_blobs_load (blobs, descriptor, 4, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_clear_error (&error);

  descriptor->digest = other;
  g_assert_null (varve_blobs_load (blobs, descriptor, 4, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
}

static void
test_read_refused (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  g_autoptr (GError) error = NULL;
  g_assert_null (varve_layout_read (path, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (varve_layout_read ("/nonexistent/\n", &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "layout '/nonexistent/\\x0a': opening the folder: No such file or directory");
}

static void
publish_pruning (const char *path, const char *ref, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLayout) layout = tiny_layout (path);
  varve_layout_prune_when_published (layout);
  g_autoptr (VarveDescriptor) manifest = tiny_image (layout, text);
  g_assert_true (varve_layout_publish (layout, manifest, ref, &error));
  g_assert_no_error (error);
}

/* What a build replaces stays until the next one that prunes; what another entry leads to stays. */
static void
test_prune (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  tiny_publish (path, "shared", "kept");
  tiny_publish (path, "shared", "daily");
  guint n_shared = count_blobs (path);
  publish_pruning (path, "daily", "monday");
  g_assert_false (exists (path, VARVE_REPLACED_NAME)); /* all is led to by the other entry */
  guint n_monday = count_blobs (path);
  g_assert_cmpuint (n_monday, >, n_shared);
  publish_pruning (path, "daily", "tuesday");
  guint n_two = count_blobs (path);
  g_assert_cmpuint (n_two, ==, n_monday + (n_monday - n_shared)); /* a reader of monday's may still be at work */
  g_assert_true (exists (path, VARVE_REPLACED_NAME));
  for (guint day = 0; day < 5; day++)
    {
      g_autofree char *text = g_strdup_printf ("day %u", day);
      publish_pruning (path, "daily", text);
      g_assert_cmpuint (count_blobs (path), ==, n_two);
    }
  publish_pruning (path, "daily", "tuesday"); /* what comes again is not removed */
  publish_pruning (path, "daily", "day 4");
  publish_pruning (path, "daily", "tuesday");
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveBlobs) blobs = varve_layout_read (path, &error);
  g_autoptr (GHashTable) reached = varve_reachable_blobs (blobs, &error);
  g_assert_no_error (error);
  GHashTableIter iterator;
  gpointer digest;
  g_hash_table_iter_init (&iterator, reached);
  while (g_hash_table_iter_next (&iterator, &digest, NULL))
    {
      g_autofree char *blob = tiny_blob_path (path, digest);
      g_assert_true (g_file_test (blob, G_FILE_TEST_EXISTS));
    }
}

/* Builds without it only take notes, so that a later one with it finds them all; blobs of someone else's stay. */
static void
test_prune_later (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  tiny_publish (path, "monday", "daily");
  guint n_one = count_blobs (path);
  tiny_publish (path, "tuesday", "daily");
  tiny_publish (path, "wednesday", "daily");
  g_assert_cmpuint (count_blobs (path), ==, 3 * n_one);
  g_autofree char *theirs
      = g_build_filename ("blobs", "sha256", "0000000000000000000000000000000000000000000000000000000000000000", NULL);
  write_file (path, theirs, "theirs");
  publish_pruning (path, "daily", "thursday");
  g_assert_cmpuint (count_blobs (path), ==, 2 * n_one + 1);
  g_assert_true (exists (path, theirs));
}

static void
test_replaced_journal_untrusted (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  tiny_publish (path, "monday", "daily");
  g_autoptr (VarveLayout) layout = tiny_layout (path);
  VarveDigest stray = tiny_add_text (layout, "stray");
  g_clear_pointer (&layout, varve_layout_free);
  g_autofree char *hex = varve_digest_to_hex (&stray),
                  *journal = g_strdup_printf ("../../index.json\n/etc/passwd\n%s\n%.10s", hex, hex);
  write_file (path, VARVE_REPLACED_NAME, journal);
  guint n = count_blobs (path);
  publish_pruning (path, "daily", "monday");
  g_assert_true (exists (path, VARVE_LAYOUT_INDEX));
  g_assert_cmpuint (count_blobs (path), ==, n - 1);
  g_assert_false (exists (path, VARVE_REPLACED_NAME));
}

static void
test_reach (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  g_autoptr (GError) error = NULL;
  tiny_publish (path, "one", "one");
  g_autoptr (VarveLayout) layout = tiny_layout (path);
  g_autoptr (VarveDescriptor) manifest = tiny_image (layout, "inner");
  g_autoptr (VarveIndex) inner = varve_index_new ();
  g_assert_true (varve_index_add (inner, manifest, NULL));
  g_autoptr (GBytes) bytes = varve_index_to_bytes (inner);
  g_autoptr (VarveDescriptor) nested = tiny_add (layout, bytes, VARVE_MEDIA_TYPE_INDEX);
  g_assert_true (varve_layout_publish (layout, nested, "nested", &error));
  g_assert_no_error (error);
  g_autoptr (VarveBlobs) blobs = varve_layout_blobs (layout, NULL);
  g_autoptr (GHashTable) reached = varve_reachable_blobs (blobs, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (reached), ==, 3 + 1 + 3);
  g_assert_cmpuint (count_blobs (path), ==, 3 + 1 + 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout/entries", test_entries);
  g_test_add_func ("/layout/modes", test_modes);
  g_test_add_func ("/layout/folders-refused", test_folders_refused);
  g_test_add_func ("/layout/bad-ref", test_bad_ref);
  g_test_add_func ("/layout/blob-kept", test_blob_kept);
  g_test_add_func ("/layout/blob-short", test_blob_short);
  g_test_add_func ("/layout/killed", test_killed);
  g_test_add_func ("/layout/killed-at-creation", test_killed_at_creation);
  g_test_add_func ("/layout/journal-untrusted", test_journal_untrusted);
  g_test_add_func ("/layout/settle-careful", test_settle_careful);
  g_test_add_func ("/layout/full-disk", test_full_disk);
  g_test_add_func ("/layout/lock", test_lock);
  g_test_add_func ("/layout/lock-cancelled", test_lock_cancelled);
  g_test_add_func ("/layout/lock-readers", test_lock_readers);
  g_test_add_func ("/layout/lock-timeout", test_lock_timeout);
  g_test_add_func ("/layout/lock-links", test_lock_links);
  g_test_add_func ("/layout/blob-damaged", test_blob_damaged);
  g_test_add_func ("/layout/blobs-read", test_blobs_read);
  g_test_add_func ("/layout/read-refused", test_read_refused);
  g_test_add_func ("/layout/prune", test_prune);
  g_test_add_func ("/layout/prune-later", test_prune_later);
  g_test_add_func ("/layout/replaced-journal-untrusted", test_replaced_journal_untrusted);
  g_test_add_func ("/layout/reach", test_reach);
  return g_test_run ();
}

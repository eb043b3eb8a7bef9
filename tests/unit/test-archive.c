/* SPDX-License-Identifier: Apache-2.0 */
/* oci/archive, oci/tarfile, transport/open, transport/target: archives written and read back, and those of others. */
#include "oci/archive.h"

#include <sys/stat.h>

#include "base/error.h"
#include "oci/index.h"
#include "tests/unit/tinyimage.h"
#include "transport/open-image.h"
#include "transport/target.h"

/* Writes one image to "oci-archive:FOLDER/NAME:REF". */
static void
write_archive (const char *folder, const char *name, const char *text, const char *ref)
{
  g_autofree char *place = g_strdup_printf ("oci-archive:%s/%s:%s", folder, name, ref);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveReference) reference = varve_reference_parse (place, &error);
  g_assert_no_error (error);
  g_autoptr (VarveTarget) target = varve_target_open (reference, NULL, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (VarveDescriptor) manifest = tiny_image (varve_target_layout (target), text);
  g_assert_true (varve_target_publish (target, manifest, VARVE_ARCHIVE_WHOLE, NULL, &error));
  g_assert_no_error (error);
}

static void
assert_readable (const char *folder, const char *transport, const char *name, const char *text)
{
  g_autofree char *place = g_strdup_printf ("%s:%s/%s", transport, folder, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveReference) reference = varve_reference_parse (place, &error);
  g_assert_no_error (error);
  g_autoptr (VarveImage) image = varve_open_image (reference, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (varve_config_label (image->config, "text"), ==, text);
  const VarveDescriptor *layer = varve_manifest_layer (image->manifest, 0);
  g_assert_true (varve_blobs_stream (image->blobs, layer, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
assert_refused (const char *folder, const char *name, VarveError code, const char *message)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_assert_null (varve_archive_read (path, &error));
  g_assert_error (error, VARVE_ERROR, (int)code);
  g_autofree char *expected = g_strdup_printf ("archive '%s': %s", path, message);
  g_assert_cmpstr (error->message, ==, expected);
}

/* A compressed archive is decompressed when its first blob is opened, and read from there afterwards, whatever becomes
 * of the file. */
static void
assert_inflated_once (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL), *nowhere = g_build_filename (folder, "nowhere", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveBlobs) blobs = varve_archive_read (path, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) bytes = varve_blobs_load_index (blobs, &error);
  g_autoptr (VarveIndex) index = varve_index_from_bytes (bytes, &error);
  g_assert_no_error (error);
  g_setenv ("TMPDIR", nowhere, TRUE);
  g_assert_null (varve_blobs_load (blobs, varve_index_entry (index, 0), 4096, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "creating a temporary file in"));
  g_clear_error (&error);
  g_setenv ("TMPDIR", folder, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GBytes) manifest = varve_blobs_load (blobs, varve_index_entry (index, 0), 4096, &error);
      g_assert_no_error (error);
      g_setenv ("TMPDIR", nowhere, TRUE); /* is not asked again */
    }
  g_unsetenv ("TMPDIR");
}

/* Runs shell commands in the folder, each of which must succeed. */
static void
run (const char *folder, const char *command)
{
  g_autofree char *quoted = g_shell_quote (folder);
  g_autofree char *line = g_strdup_printf ("cd %s; { %s; } >&2", quoted, command);
  char *argv[] = { "/bin/sh", "-ec", line, NULL };
  g_autoptr (GError) error = NULL;
  int status;
  g_assert_true (g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error));
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static gboolean
have (const char *program)
{
  g_autofree char *path = g_find_program_in_path (program);
  if (path == NULL)
    g_test_skip_printf ("%s is not installed", program);
  return path != NULL;
}

static void
test_round_trip (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  write_archive (folder, "a.tar", "first", "latest");
  assert_readable (folder, "oci-archive", "a.tar", "first");
  assert_readable (folder, "oci-archive", "a.tar:latest", "first");
  write_archive (folder, "a.tar", "second", "other"); /* takes the place of the whole */
  assert_readable (folder, "oci-archive", "a.tar", "second");
  g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (entries), ==, "a.tar");
  g_assert_null (g_dir_read_name (entries));
}

/* Somebody else may have made names in the folder, and what they lead to stays. */
static void
test_planted_link (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autofree char *victim = g_build_filename (folder, "victim", NULL),
                  *link = g_build_filename (folder, ".a.tar.varve", NULL);
  tiny_publish (victim, "kept", "latest");
  g_assert_cmpint (symlink (victim, link), ==, 0);
  write_archive (folder, "a.tar", "first", "latest");
  assert_readable (folder, "oci-archive", "a.tar", "first");
  assert_readable (folder, "oci", "victim", "kept");
}

/* What a killed run left beside the archive is removed by the next one. */
static void
test_leftover (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autofree char *leftover = g_build_filename (folder, "varve-tmp-killed", NULL),
                  *layout = g_build_filename (leftover, "layout", NULL);
  g_assert_cmpint (g_mkdir (leftover, 0700), ==, 0);
  tiny_publish (layout, "half", "latest");
  write_archive (folder, "a.tar", "first", "latest");
  g_assert_false (g_file_test (leftover, G_FILE_TEST_EXISTS));
}

static void
test_bytes (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  mode_t before = umask (0);
  write_archive (folder, "a.tar", "text", "latest");
  umask (077);
  g_usleep (1100000); /* a time that got into it would differ */
  write_archive (folder, "b.tar", "text", "latest");
  umask (before);
  run (folder, "cmp a.tar b.tar");
  if (!have ("tar"))
    return;
  run (folder, "tar -tvf a.tar > list; test $(wc -l < list) = 7; sed -n '1p' list | grep -q ' oci-layout$';"
               "sed -n '2p' list | grep -q ' index.json$'; sed -n '3p' list | grep -q '^drwxr-xr-x 0/0 .* blobs/$';"
               "sed -n '5,$p' list | awk '{print $6}' > names; LC_ALL=C sort -c names;"
               "sed -n '5p' list | grep -q '^-rw-r--r-- 0/0 '");
  struct stat status;
  g_autofree char *path = g_build_filename (folder, "b.tar", NULL);
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 07777, ==, 0644);
}

static void
test_made_by_tar (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autofree char *layout = g_build_filename (folder, "layout", NULL);
  if (!have ("tar"))
    return;
  tiny_publish (layout, "text", "latest");
  run (folder, "tar -cf plain.tar -C layout .");
  assert_readable (folder, "oci-archive", "plain.tar", "text");
  run (folder, "tar --format=pax -cf pax.tar -C layout blobs index.json oci-layout");
  assert_readable (folder, "oci-archive", "pax.tar", "text");
  run (folder, "tar -czf gzip.tar -C layout .");
  assert_readable (folder, "oci-archive", "gzip.tar", "text");
  assert_inflated_once (folder, "gzip.tar");
  if (!have ("zstd"))
    return;
  run (folder, "zstd -q plain.tar -o zstd.tar");
  assert_readable (folder, "oci-archive", "zstd.tar", "text");
}

static void
test_refused (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autofree char *layout = g_build_filename (folder, "layout", NULL);
  if (!have ("tar"))
    return;
  tiny_publish (layout, "text", "latest");
  run (folder, "tar -cf twice.tar -C layout . && tar -rf twice.tar -C layout ./index.json");
  assert_refused (folder, "twice.tar", VARVE_ERROR_CORRUPT, "'index.json': duplicate entry");
  run (folder, "tar -cf empty.tar -C layout blobs");
  assert_refused (folder, "empty.tar", VARVE_ERROR_NOT_FOUND, "not an OCI archive: 'oci-layout' is missing");
  run (folder, "echo [] > manifest.json && tar -cf docker.tar manifest.json");
  assert_refused (
      folder, "docker.tar", VARVE_ERROR_NOT_FOUND,
      "not an OCI archive: 'oci-layout' is missing: a docker-archive, which 'skopeo copy docker-archive:FILE "
      "oci-archive:FILE' converts");
  run (folder, "tar -cf noindex.tar -C layout oci-layout");
  assert_refused (folder, "noindex.tar", VARVE_ERROR_NOT_FOUND, "not an OCI archive: 'index.json' is missing");
  run (folder, "mkdir link && ln -s /etc/passwd link/index.json && tar -cf link.tar -C link .");
  assert_refused (folder, "link.tar", VARVE_ERROR_CORRUPT, "'index.json': not a regular file");
  run (folder, "mkdir big && truncate -s 5M big/index.json && tar -cf big.tar -C big .");
  assert_refused (folder, "big.tar", VARVE_ERROR_LIMIT, "'index.json': size 5242880 bytes: the limit is 4194304");
  run (folder, "truncate -s 5M big/index.json && tar -Scf sparse.tar -C big .");
  assert_refused (folder, "sparse.tar", VARVE_ERROR_CORRUPT, "'index.json': not a regular file");
  run (folder, "truncate -s 1M zeros && truncate -s 0 nothing && head -c 4096 /dev/urandom > noise && mkfifo pipe");
  assert_refused (folder, "nothing", VARVE_ERROR_CORRUPT, "not a readable tar: Unrecognized archive format");
  assert_refused (folder, "zeros", VARVE_ERROR_NOT_FOUND, "not an OCI archive: 'oci-layout' is missing");
  assert_refused (folder, "noise", VARVE_ERROR_CORRUPT, "not a readable tar: Unrecognized archive format");
  assert_refused (folder, "pipe", VARVE_ERROR_USAGE, "not a regular file");
  assert_refused (folder, "absent", VARVE_ERROR_NOT_FOUND, "opening the file: No such file or directory");
}

static void
test_cut_short (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autoptr (GError) error = NULL;
  write_archive (folder, "a.tar", "text", "latest");
  run (folder, "size=$(wc -c < a.tar); truncate -s $((size - 1800)) a.tar");
  g_autofree char *path = g_build_filename (folder, "a.tar", NULL);
  g_autoptr (VarveBlobs) blobs = varve_archive_read (path, &error);
  g_assert_null (blobs);
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
}

static void
test_tampered (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autoptr (GError) error = NULL;
  write_archive (folder, "a.tar", "text", "latest");
  g_autofree char *path = g_build_filename (folder, "a.tar", NULL);
  g_autofree char *content = NULL;
  gsize size_bytes;
  g_assert_true (g_file_get_contents (path, &content, &size_bytes, NULL));
  char *label = memmem (content, size_bytes, "{\"text\":", 8);
  g_assert_nonnull (label);
  label[2] = 'T';
  g_assert_true (g_file_set_contents (path, content, (gssize)size_bytes, NULL));
  VarveBlobs *blobs = varve_archive_read (path, &error);
  g_assert_no_error (error);
  g_autoptr (VarveImage) image = varve_image_open (blobs, NULL, NULL, &error);
  g_assert_null (image);
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, ": content has the digest"));
}

static void
test_missing_blob (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autoptr (GError) error = NULL;
  g_autofree char *source = g_build_filename (folder, "layout", NULL);
  g_autofree char *path = g_build_filename (folder, "a.tar", NULL);
  tiny_publish (source, "text", "latest");
  VarveImage *image = varve_image_open (varve_layout_read (source, NULL), NULL, NULL, NULL);
  g_autofree char *blob = tiny_blob_path (source, &varve_manifest_layer (image->manifest, 0)->digest);
  varve_image_free (image);
  g_assert_cmpint (g_remove (blob), ==, 0);
  g_autoptr (VarveBlobs) blobs = varve_layout_read (source, NULL);
  {
    g_autoptr (VarveArchive) archive = varve_archive_create (path, NULL, NULL, &error);
    g_assert_no_error (error);
    g_assert_false (varve_archive_finish (archive, blobs, VARVE_ARCHIVE_WHOLE, NULL, &error));
    g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
    g_clear_error (&error);
    g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
    g_assert_true (varve_archive_finish (archive, blobs, VARVE_ARCHIVE_THIN, NULL, &error));
    g_assert_no_error (error);
  }
  g_autoptr (VarveImage) thin = varve_image_open (varve_archive_read (path, NULL), NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (varve_blobs_stream (thin->blobs, varve_manifest_layer (thin->manifest, 0), NULL, NULL, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
}

static void
test_targets_refused (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  static const struct {
    const char *format, *message;
  } WRONG[] = {
    { "oci:%s:@0", "cannot be written to: expected a ref name after the path" },
    { "oci-archive:%s", "found a folder: expected a file name" },
    { "oci-archive:%s/", "found a folder: expected a file name" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_auto (GStrv) parts = g_strsplit (WRONG[i].format, "%s", 2);
      g_autofree char *text = g_strjoinv (folder, parts);
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveReference) reference = varve_reference_parse (text, &error);
      g_assert_no_error (error);
      g_assert_null (varve_target_open (reference, NULL, NULL, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_USAGE);
      g_assert_nonnull (strstr (error->message, WRONG[i].message));
    }
}

static void
test_skopeo (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  if (!have ("skopeo"))
    return;
  g_autofree char *layout = g_build_filename (folder, "layout", NULL);
  tiny_publish (layout, "first", "one");
  tiny_publish (layout, "second", "two");
  write_archive (folder, "ours.tar", "third", "latest");
  run (folder, "echo '{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}' > policy");
  run (folder, "skopeo inspect oci:layout:two && skopeo inspect oci-archive:ours.tar");
  run (folder,
       "skopeo --policy policy copy -q --dest-oci-accept-uncompressed-layers oci:layout:two oci-archive:theirs.tar");
  assert_readable (folder, "oci-archive", "theirs.tar", "second");
  run (folder,
       "skopeo --policy policy copy -q --dest-oci-accept-uncompressed-layers oci-archive:ours.tar oci:layout:three");
  assert_readable (folder, "oci", "layout:three", "third");
  assert_readable (folder, "oci", "layout:one", "first");
  tiny_publish (layout, "fourth", "one"); /* into a layout that skopeo wrote to */
  assert_readable (folder, "oci", "layout:two", "second");
  run (folder, "skopeo --policy policy copy -q oci:layout:one dir:out"); /* reads and hashes every blob */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/archive/round-trip", test_round_trip);
  g_test_add_func ("/archive/planted-link", test_planted_link);
  g_test_add_func ("/archive/leftover", test_leftover);
  g_test_add_func ("/archive/bytes", test_bytes);
  g_test_add_func ("/archive/made-by-tar", test_made_by_tar);
  g_test_add_func ("/archive/refused", test_refused);
  g_test_add_func ("/archive/cut-short", test_cut_short);
  g_test_add_func ("/archive/tampered", test_tampered);
  g_test_add_func ("/archive/missing-blob", test_missing_blob);
  g_test_add_func ("/archive/targets-refused", test_targets_refused);
  g_test_add_func ("/archive/skopeo", test_skopeo);
  return g_test_run ();
}

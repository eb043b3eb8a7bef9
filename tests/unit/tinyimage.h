/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Helpers of the tests that need a folder or a small image; for one test program each. */

#include <glib/gstdio.h>
#include <string.h>

#include "oci/architecture.h"
#include "oci/config.h"
#include "oci/layout.h"
#include "oci/manifest.h"

G_GNUC_UNUSED static void
tiny_remove (char *path)
{
  g_autoptr (GDir) folder = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  for (const char *name = folder != NULL ? g_dir_read_name (folder) : NULL; name != NULL;
       name = g_dir_read_name (folder))
    tiny_remove (g_build_filename (path, name, NULL));
  g_assert_cmpint (g_remove (path), ==, 0);
  g_free (path);
}

/* A new folder, removed with what is in it at the end of the scope. */
typedef char TinyFolder;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TinyFolder, tiny_remove)

G_GNUC_UNUSED static TinyFolder *
tiny_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("varve-test-XXXXXX", &error);
  g_assert_no_error (error);
  return path;
}

G_GNUC_UNUSED static VarveDigest
tiny_add_text (VarveLayout *layout, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  VarveDigest digest;
  g_assert_true (varve_layout_add_blob (layout, bytes, &digest, &error));
  g_assert_no_error (error);
  return digest;
}

G_GNUC_UNUSED static VarveDescriptor *
tiny_add (VarveLayout *layout, GBytes *bytes, const char *media_type)
{
  g_autoptr (GError) error = NULL;
  VarveDigest digest;
  g_assert_true (varve_layout_add_blob (layout, bytes, &digest, &error));
  g_assert_no_error (error);
  return varve_descriptor_new (media_type, &digest, g_bytes_get_size (bytes));
}

/* Adds an image of one layer, which is an empty tar with @text behind its end, and returns its manifest. */
G_GNUC_UNUSED static VarveDescriptor *
tiny_image (VarveLayout *layout, const char *text)
{
  g_autofree char *content = g_malloc0 (1024 + strlen (text));
  memcpy (content + 1024, text, strlen (text));
  g_autoptr (GBytes) layer = g_bytes_new (content, 1024 + strlen (text));
  g_autoptr (VarveConfig) config = varve_config_new (varve_architecture_host ());
  config->created = g_strdup ("2026-10-16T00:00:00Z");
  varve_config_set_label (config, "text", text);

  g_autoptr (VarveManifest) manifest = varve_manifest_new ();
  VarveDescriptor *descriptor = tiny_add (layout, layer, VARVE_MEDIA_TYPE_LAYER);
  varve_config_add_layer (config, &descriptor->digest, config->created, text);
  g_ptr_array_add (manifest->layers, descriptor);
  g_autoptr (GBytes) config_bytes = varve_config_to_bytes (config);
  manifest->config = tiny_add (layout, config_bytes, VARVE_MEDIA_TYPE_CONFIG);
  g_autoptr (GBytes) bytes = varve_manifest_to_bytes (manifest);
  return tiny_add (layout, bytes, VARVE_MEDIA_TYPE_MANIFEST);
}

G_GNUC_UNUSED static VarveLayout *
tiny_layout (const char *path)
{
  g_autoptr (GError) error = NULL;
  VarveLayout *layout = varve_layout_open (path, NULL, NULL, &error);
  g_assert_no_error (error);
  return layout;
}

/* A layout at @path with one image under @ref. */
G_GNUC_UNUSED static void
tiny_publish (const char *path, const char *text, const char *ref)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLayout) layout = tiny_layout (path);
  g_autoptr (VarveDescriptor) manifest = tiny_image (layout, text);
  g_assert_true (varve_layout_publish (layout, manifest, ref, &error));
  g_assert_no_error (error);
}

/* The path of a blob in a layout. */
G_GNUC_UNUSED static char *
tiny_blob_path (const char *path, const VarveDigest *digest)
{
  g_autofree char *hex = varve_digest_to_hex (digest);
  return g_build_filename (path, "blobs", "sha256", hex, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A small image of an OSTree commit, made entry by entry, so that a test can change any of it. In two layers:
 * / sysroot, usr, usr/bin, usr/etc; usr/bin/tool and usr/bin/again (one object, with an attribute), usr/bin/link (a
 * symlink), usr/empty, usr/etc/conf. */

#include <string.h>
#include <sys/stat.h>

#include "base/sink.h"
#include "emit/tar.h"
#include "model/content-checksum.h"
#include "oci/image.h"

typedef struct {
  char type;
  char *name, *link_name;
  guint32 mode;
  GBytes *content, *pax; /* each may be NULL */
} FixtureEntry;

typedef struct {
  GPtrArray *layers[3]; /* FixtureEntry */
  guint n_layers;
  VarveDigest commit, tool, conf, symlink;
} Fixture;

static void
fixture_entry_free (gpointer data)
{
  FixtureEntry *entry = data;
  g_free (entry->name);
  g_free (entry->link_name);
  g_clear_pointer (&entry->content, g_bytes_unref);
  g_clear_pointer (&entry->pax, g_bytes_unref);
  g_free (entry);
}

static void
fixture_free (Fixture *fixture)
{
  for (guint i = 0; i < G_N_ELEMENTS (fixture->layers); i++)
    g_clear_pointer (&fixture->layers[i], g_ptr_array_unref);
  g_free (fixture);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

static FixtureEntry *
fixture_entry (char type, const char *name, const char *link_name, guint32 mode, GBytes *content)
{
  FixtureEntry *entry = g_new0 (FixtureEntry, 1);
  *entry = (FixtureEntry){
    .type = type, .name = g_strdup (name), .link_name = g_strdup (link_name), .mode = mode, .content = content
  };
  return entry;
}

static FixtureEntry *
fixture_add (Fixture *fixture, guint layer, char type, const char *name, const char *link_name, guint32 mode,
             GBytes *content)
{
  FixtureEntry *entry = fixture_entry (type, name, link_name, mode, content);
  g_ptr_array_add (fixture->layers[layer], entry);
  return entry;
}

static char *
fixture_object_name (const VarveDigest *checksum, const char *suffix)
{
  g_autofree char *hex = varve_digest_to_hex (checksum);
  return g_strdup_printf ("sysroot/ostree/repo/objects/%.2s/%s.%s", hex, hex + 2, suffix);
}

static FixtureEntry *
fixture_add_object (Fixture *fixture, guint layer, const VarveDigest *checksum, const char *suffix, GBytes *content)
{
  g_autofree char *name = fixture_object_name (checksum, suffix);
  return fixture_add (fixture, layer, '0', name, NULL, 0644, content);
}

static void
fixture_add_skeleton (Fixture *fixture, guint layer)
{
  static const char *const FIRST[]
      = { "sysroot", "sysroot/ostree", "sysroot/ostree/repo", "sysroot/ostree/repo/objects" };
  static const char *const LAST[]
      = { "extensions", "refs", "refs/heads", "refs/mirrors", "refs/remotes", "state", "tmp", "tmp/cache" };
  static const char CONFIG[] = "[core]\nrepo_version=1\nmode=bare-split-xattrs\n";
  for (guint i = 0; i < G_N_ELEMENTS (FIRST); i++)
    fixture_add (fixture, layer, '5', FIRST[i], NULL, 0755, NULL);
  for (guint i = 0; i < 256; i++)
    {
      g_autofree char *name = g_strdup_printf ("sysroot/ostree/repo/objects/%02x", i);
      fixture_add (fixture, layer, '5', name, NULL, 0755, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (LAST); i++)
    {
      g_autofree char *name = g_strconcat ("sysroot/ostree/repo/", LAST[i], NULL);
      fixture_add (fixture, layer, '5', name, NULL, 0755, NULL);
    }
  fixture_add (fixture, layer, '0', "sysroot/ostree/repo/config", NULL, 0644,
               g_bytes_new_static (CONFIG, strlen (CONFIG)));
}

/* Metadata. */

static GVariant *
fixture_checksum (const VarveDigest *digest)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, digest->bytes, VARVE_DIGEST_BYTES, 1);
}

static VarveDigest
fixture_digest (GBytes *bytes)
{
  return varve_digest_of (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static GBytes *
fixture_dirmeta (void)
{
  return g_bytes_new_static ("\0\0\0\0\0\0\0\0\0\0\x41\xed", 12);
}

typedef struct {
  const char *name;
  VarveDigest checksum;
} FixtureName;

static GBytes *
fixture_dirtree (const FixtureName *files, guint n_files, const FixtureName *directories, guint n_directories)
{
  g_autoptr (GBytes) dirmeta = fixture_dirmeta ();
  VarveDigest meta = fixture_digest (dirmeta);
  g_auto (GVariantBuilder) file_list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(say)"));
  g_auto (GVariantBuilder) directory_list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sayay)"));
  for (guint i = 0; i < n_files; i++)
    g_variant_builder_add (&file_list, "(s@ay)", files[i].name, fixture_checksum (&files[i].checksum));
  for (guint i = 0; i < n_directories; i++)
    g_variant_builder_add (&directory_list, "(s@ay@ay)", directories[i].name,
                           fixture_checksum (&directories[i].checksum), fixture_checksum (&meta));
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new (
      "(@a(say)@a(sayay))", g_variant_builder_end (&file_list), g_variant_builder_end (&directory_list)));
  return g_variant_get_data_as_bytes (variant);
}

static GBytes *
fixture_commit (const VarveDigest *root)
{
  g_autoptr (GBytes) dirmeta = fixture_dirmeta ();
  VarveDigest meta = fixture_digest (dirmeta);
  g_autoptr (GVariant) variant = g_variant_ref_sink (
      g_variant_new ("(@a{sv}@ay@a(say)sst@ay@ay)", g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0),
                     g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, "", 0, 1),
                     g_variant_new_array (G_VARIANT_TYPE ("(say)"), NULL, 0), "subject", "", GUINT64_TO_BE (1000),
                     fixture_checksum (root), fixture_checksum (&meta)));
  return g_variant_get_data_as_bytes (variant);
}

static GBytes *
fixture_commitmeta (void)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  g_variant_dict_insert (&dict, "key", "s", "detached");
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_dict_end (&dict));
  return g_variant_get_data_as_bytes (variant);
}

static GBytes *
fixture_xattrs (void)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_parsed ("[(b'user.a', [byte 0x78])]"));
  return g_variant_get_data_as_bytes (variant);
}

/* Content: the attributes, the object, its paths. */

static VarveDigest
fixture_add_file (Fixture *fixture, guint layer, const char *content, const char *target, GBytes *xattrs,
                  const char *const *paths)
{
  VarveContentHeader header
      = { .mode = target != NULL ? S_IFLNK | 0777 : S_IFREG | 0755, .symlink_target = target, .xattrs = xattrs };
  VarveDigest checksum = varve_content_checksum_of (&header, content, strlen (content));
  g_autofree char *name = fixture_object_name (&checksum, "file");
  fixture_add_object (fixture, layer, &checksum, "file-xattrs-link", g_bytes_ref (xattrs));
  FixtureEntry *entry = fixture_add (fixture, layer, target != NULL ? '2' : '0', name, target, header.mode & 07777,
                                     target != NULL ? NULL : g_bytes_new (content, strlen (content)));
  if (g_bytes_get_size (xattrs) > 0)
    entry->pax = g_bytes_new_static ("25 SCHILY.xattr.user.a=x\n", 25);
  for (guint i = 0; paths[i] != NULL; i++)
    if (content[0] == '\0' && target == NULL)
      fixture_add (fixture, layer, '0', paths[i], NULL, 0755, NULL);
    else
      fixture_add (fixture, layer, '1', paths[i], name, header.mode & 07777, NULL);
  return checksum;
}

static VarveDigest
fixture_add_dirtree (Fixture *fixture, GBytes *raw)
{
  VarveDigest checksum = fixture_digest (raw);
  fixture_add_object (fixture, 0, &checksum, "dirtree", raw);
  return checksum;
}

static Fixture *
fixture_new (void)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  for (guint i = 0; i < G_N_ELEMENTS (fixture->layers); i++)
    fixture->layers[i] = g_ptr_array_new_with_free_func (fixture_entry_free);
  fixture->n_layers = 2;

  g_autoptr (GBytes) xattrs = fixture_xattrs (), none = g_bytes_new (NULL, 0);
  fixture_add_skeleton (fixture, 1);
  fixture->tool = fixture_add_file (fixture, 1, "tool", NULL, xattrs,
                                    (const char *const[]){ "usr/bin/tool", "usr/bin/again", NULL });
  fixture->symlink = fixture_add_file (fixture, 1, "", "tool", none, (const char *const[]){ "usr/bin/link", NULL });
  VarveDigest empty = fixture_add_file (fixture, 1, "", NULL, none, (const char *const[]){ "usr/empty", NULL });
  fixture->conf = fixture_add_file (fixture, 1, "conf", NULL, none, (const char *const[]){ "etc/conf", NULL });

  g_autoptr (GBytes) nothing = fixture_dirtree (NULL, 0, NULL, 0);
  g_autoptr (GBytes) bin = fixture_dirtree (
      (FixtureName[]){ { "again", fixture->tool }, { "link", fixture->symlink }, { "tool", fixture->tool } }, 3, NULL,
      0);
  g_autoptr (GBytes) etc = fixture_dirtree ((FixtureName[]){ { "conf", fixture->conf } }, 1, NULL, 0);
  g_autoptr (GBytes) usr
      = fixture_dirtree ((FixtureName[]){ { "empty", empty } }, 1,
                         (FixtureName[]){ { "bin", fixture_digest (bin) }, { "etc", fixture_digest (etc) } }, 2);
  g_autoptr (GBytes) root = fixture_dirtree (
      NULL, 0, (FixtureName[]){ { "sysroot", fixture_digest (nothing) }, { "usr", fixture_digest (usr) } }, 2);
  VarveDigest root_digest = fixture_digest (root);
  GBytes *commit = fixture_commit (&root_digest);
  fixture->commit = fixture_digest (commit);

  fixture_add (fixture, 0, '5', "./", NULL, 0755, NULL);
  fixture_add_skeleton (fixture, 0);
  fixture_add_object (fixture, 0, &fixture->commit, "commit", commit);
  fixture_add_object (fixture, 0, &fixture->commit, "commitmeta", fixture_commitmeta ());
  GBytes *dirmeta = fixture_dirmeta ();
  VarveDigest dirmeta_digest = fixture_digest (dirmeta);
  fixture_add_object (fixture, 0, &dirmeta_digest, "dirmeta", dirmeta);
  fixture_add_dirtree (fixture, g_steal_pointer (&root));
  fixture_add_dirtree (fixture, g_steal_pointer (&nothing));
  fixture_add (fixture, 0, '5', "usr", NULL, 0755, NULL);
  fixture_add_dirtree (fixture, g_steal_pointer (&usr));
  fixture_add (fixture, 0, '5', "usr/bin", NULL, 0755, NULL);
  fixture_add_dirtree (fixture, g_steal_pointer (&bin));
  fixture_add (fixture, 0, '5', "etc", NULL, 0755, NULL);
  fixture_add_dirtree (fixture, g_steal_pointer (&etc));
  fixture_add (fixture, 0, '5', "var/tmp", NULL, 01777, NULL);
  return fixture;
}

/* The first entry whose name ends so. */
static guint
fixture_find (Fixture *fixture, guint layer, const char *suffix)
{
  for (guint i = 0; i < fixture->layers[layer]->len; i++)
    if (g_str_has_suffix (((FixtureEntry *)fixture->layers[layer]->pdata[i])->name, suffix))
      return i;
  g_error ("no entry %s", suffix);
}

static G_GNUC_UNUSED FixtureEntry *
fixture_get (Fixture *fixture, guint layer, const char *suffix)
{
  return fixture->layers[layer]->pdata[fixture_find (fixture, layer, suffix)];
}

static G_GNUC_UNUSED FixtureEntry *
fixture_get_object (Fixture *fixture, guint layer, const VarveDigest *checksum, const char *suffix)
{
  g_autofree char *name = fixture_object_name (checksum, suffix);
  return fixture_get (fixture, layer, name);
}

/* The image: blobs in memory. */

typedef struct {
  VarveBlobs base;
  GPtrArray *layers; /* GBytes */
  VarveManifest *manifest;
} FixtureBlobs;

static GInputStream *
fixture_open_blob (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  FixtureBlobs *self = (FixtureBlobs *)blobs;
  for (guint i = 0; i < self->layers->len; i++)
    if (varve_manifest_layer (self->manifest, i) == descriptor && self->layers->pdata[i] != NULL)
      return g_memory_input_stream_new_from_bytes (self->layers->pdata[i]);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no such blob");
  return NULL;
}

static void
fixture_blobs_free (VarveBlobs *blobs)
{
  g_ptr_array_unref (((FixtureBlobs *)blobs)->layers);
  g_free (blobs);
}

static gboolean
fixture_sink_write (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

static GBytes *
fixture_tar (GPtrArray *entries)
{
  g_autoptr (GByteArray) tar = g_byte_array_new ();
  VarveSink sink = { .write = fixture_sink_write, .data = tar };
  for (guint i = 0; i < entries->len; i++)
    {
      FixtureEntry *entry = entries->pdata[i];
      gsize size_bytes = entry->content != NULL ? g_bytes_get_size (entry->content) : 0;
      VarveTarEntry header = { .type = (VarveTarType)entry->type,
                               .name = entry->name,
                               .link_name = entry->link_name,
                               .mode = entry->mode,
                               .size_bytes = size_bytes,
                               .pax = entry->pax };
      g_assert_true (varve_tar_write_entry (&sink, &header, NULL));
      if (size_bytes > 0)
        g_byte_array_append (tar, g_bytes_get_data (entry->content, NULL), (guint)size_bytes);
      g_assert_true (varve_tar_write_padding (&sink, size_bytes, NULL));
    }
  g_assert_true (varve_tar_write_end (&sink, NULL));
  return g_byte_array_free_to_bytes (g_steal_pointer (&tar));
}

/* An image of the layers as they are now, not compressed. */
static VarveImage *
fixture_image (Fixture *fixture)
{
  VarveImage *image = g_new0 (VarveImage, 1);
  FixtureBlobs *blobs = g_new0 (FixtureBlobs, 1);
  image->manifest = varve_manifest_new ();
  image->config = varve_config_new ("amd64");
  image->config->created = g_strdup ("2026-01-01T00:00:00Z");
  *blobs = (FixtureBlobs){ .base = { .open_blob = fixture_open_blob, .free = fixture_blobs_free },
                           .layers = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref),
                           .manifest = image->manifest };
  image->blobs = &blobs->base;
  VarveDigest diff_id = { 0 };
  for (guint i = 0; i < fixture->n_layers; i++)
    {
      GBytes *tar = fixture_tar (fixture->layers[i]);
      diff_id = fixture_digest (tar);
      VarveDescriptor *descriptor = varve_descriptor_new (VARVE_MEDIA_TYPE_LAYER, &diff_id, g_bytes_get_size (tar));
      varve_descriptor_annotate (descriptor, "ostree.components", "");
      g_ptr_array_add (image->manifest->layers, descriptor);
      g_ptr_array_add (blobs->layers, tar);
      varve_config_add_layer (image->config, &diff_id, "2026-01-01T00:00:00Z", "test");
    }
  g_autofree char *final = varve_digest_to_string (&diff_id), *commit = varve_digest_to_hex (&fixture->commit);
  varve_config_set_label (image->config, "ostree.final-diffid", final);
  varve_config_set_label (image->config, "ostree.commit", commit);
  varve_config_set_label (image->config, "containers.bootc", "1");
  return image;
}

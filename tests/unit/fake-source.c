/* SPDX-License-Identifier: Apache-2.0 */
/* A node for each path, its children sorted by byte, walked as an OSTree commit is. */
#include "tests/unit/fake-source.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "model/content-checksum.h"

typedef struct {
  GTree *children; /* name -> Node; NULL for what is no directory */
  GBytes *content, *xattrs;
  char *target;
  guint64 size_bytes;
} Node;

struct _FakeSource {
  VarveSource source; /* first */
  Node *root;
  GHashTable *contents; /* VarveDigest -> GBytes */
};

static void
node_free (gpointer data)
{
  Node *node = data;
  g_clear_pointer (&node->children, g_tree_unref);
  g_clear_pointer (&node->content, g_bytes_unref);
  g_clear_pointer (&node->xattrs, g_bytes_unref);
  g_free (node->target);
  g_free (node);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static Node *
directory_new (void)
{
  Node *node = g_new0 (Node, 1);
  node->children = g_tree_new_full (compare_names, NULL, g_free, node_free);
  node->xattrs = g_bytes_new (NULL, 0);
  return node;
}

static GInputStream *
open_content (VarveSource *source, const VarveDigest *checksum, GCancellable *cancellable, GError **error)
{
  FakeSource *fake = (FakeSource *)source;
  GBytes *content = g_hash_table_lookup (fake->contents, checksum);
  if (content != NULL)
    return g_memory_input_stream_new_from_bytes (content);
  g_autofree char *hex = varve_digest_to_hex (checksum);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "object %s: not found", hex);
  return NULL;
}

static GBytes *
load_metadata (VarveSource *source, VarveMetadataKind kind, const VarveDigest *checksum, GError **error)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "a fake source has no metadata");
  return NULL;
}

FakeSource *
fake_source_new (void)
{
  FakeSource *fake = g_new0 (FakeSource, 1);
  fake->source = (VarveSource){ .open_content = open_content, .load_metadata = load_metadata };
  fake->root = directory_new ();
  fake->contents = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free,
                                          (GDestroyNotify)g_bytes_unref);
  return fake;
}

void
fake_source_free (FakeSource *fake)
{
  node_free (fake->root);
  g_hash_table_unref (fake->contents);
  g_free (fake);
}

VarveSource *
fake_source_source (FakeSource *fake)
{
  return &fake->source;
}

/* Puts @node, which it takes, at @path; a directory that is there stays. Returns what is there then. */
static Node *
put (FakeSource *fake, const char *path, Node *node)
{
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  Node *parent = fake->root;
  for (guint i = 0; names[i + 1] != NULL; i++)
    {
      Node *child = g_tree_lookup (parent->children, names[i]);
      if (child == NULL)
        g_tree_insert (parent->children, g_strdup (names[i]), child = directory_new ());
      g_assert_nonnull (child->children);
      parent = child;
    }
  const char *name = names[g_strv_length (names) - 1];
  Node *known = g_tree_lookup (parent->children, name);
  if (known != NULL && known->children != NULL && node->children != NULL)
    {
      node_free (node);
      return known;
    }
  g_tree_replace (parent->children, g_strdup (name), node);
  return node;
}

static Node *
find (FakeSource *fake, const char *path)
{
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  Node *node = fake->root;
  for (guint i = 0; names[i] != NULL && names[i][0] != '\0'; i++)
    node = g_tree_lookup (node->children, names[i]);
  g_assert_nonnull (node);
  return node;
}

void
fake_source_add_directory (FakeSource *fake, const char *path)
{
  put (fake, path, directory_new ());
}

void
fake_source_add_bytes (FakeSource *fake, const char *path, GBytes *bytes)
{
  Node *node = g_new0 (Node, 1);
  *node = (Node){ .content = g_bytes_ref (bytes),
                  .xattrs = g_bytes_new (NULL, 0),
                  .size_bytes = g_bytes_get_size (bytes) };
  put (fake, path, node);
}

void
fake_source_add_text (FakeSource *fake, const char *path, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  fake_source_add_bytes (fake, path, bytes);
}

void
fake_source_add_symlink (FakeSource *fake, const char *path, const char *target)
{
  Node *node = g_new0 (Node, 1);
  *node = (Node){ .target = g_strdup (target), .xattrs = g_bytes_new (NULL, 0) };
  put (fake, path, node);
}

void
fake_source_set_raw_xattrs (FakeSource *fake, const char *path, const void *data, gsize size_bytes)
{
  Node *node = find (fake, path);
  g_bytes_unref (node->xattrs);
  node->xattrs = g_bytes_new (data, size_bytes);
}

void
fake_source_set_xattr (FakeSource *fake, const char *path, const char *name, const void *value, gsize size_bytes)
{
  GVariant *pair[] = {
    g_variant_new_bytestring (name),
    g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, value, size_bytes, 1),
  };
  GVariant *entry = g_variant_new_tuple (pair, 2);
  g_autoptr (GVariant) list = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("(ayay)"), &entry, 1));
  fake_source_set_raw_xattrs (fake, path, g_variant_get_data (list), g_variant_get_size (list));
}

void
fake_source_set_size (FakeSource *fake, const char *path, guint64 size_bytes)
{
  find (fake, path)->size_bytes = size_bytes;
}

static VarveContentHeader
header_of (const Node *node)
{
  guint32 mode = node->target != NULL ? S_IFLNK | 0777 : S_IFREG | 0644;
  return (VarveContentHeader){ .mode = mode, .symlink_target = node->target, .xattrs = node->xattrs };
}

static VarveDigest
checksum_of (const Node *node)
{
  VarveContentHeader header = header_of (node);
  gsize size_bytes = 0;
  const void *data = node->content != NULL ? g_bytes_get_data (node->content, &size_bytes) : "";
  return varve_content_checksum_of (&header, data, size_bytes);
}

typedef struct {
  FakeSource *fake;
  VarveInventoryBuilder *builder;
  GHashTable *nodes; /* VarveDigest -> Node */
} Walk;

static gboolean
walk_file (gpointer name, gpointer data, gpointer user_data)
{
  Walk *walk = user_data;
  Node *node = data;
  if (node->children != NULL)
    return FALSE;
  VarveDigest checksum = checksum_of (node);
  varve_inventory_builder_add_file (walk->builder, name, &checksum);
  g_hash_table_insert (walk->nodes, g_memdup2 (&checksum, sizeof checksum), node);
  if (node->content != NULL)
    g_hash_table_insert (walk->fake->contents, g_memdup2 (&checksum, sizeof checksum), g_bytes_ref (node->content));
  return FALSE;
}

static gboolean
walk_directory (gpointer name, gpointer data, gpointer user_data)
{
  Walk *walk = user_data;
  Node *node = data;
  if (node->children == NULL)
    return FALSE;
  VarveDirectory directory = { .mode = S_IFDIR | 0755, .xattrs = node->xattrs };
  varve_inventory_builder_enter (walk->builder, name, &directory);
  g_tree_foreach (node->children, walk_file, walk);
  g_tree_foreach (node->children, walk_directory, walk);
  varve_inventory_builder_leave (walk->builder);
  return FALSE;
}

static void
fill_object (VarveInventory *inventory, VarveObject *object, const Node *node)
{
  VarveContentHeader header = header_of (node);
  object->size_bytes = node->size_bytes;
  object->mode = header.mode;
  object->symlink_target = node->target != NULL ? varve_inventory_intern_string (inventory, node->target) : NULL;
  gsize size_bytes;
  const void *data = g_bytes_get_data (node->xattrs, &size_bytes);
  object->xattrs = varve_inventory_intern_xattrs (inventory, data, size_bytes);
}

VarveInventory *
fake_source_inventory (FakeSource *fake)
{
  VarveDigest commit = { 0 };
  g_autoptr (VarveInventoryBuilder) builder = varve_inventory_builder_new (&commit);
  g_autoptr (GHashTable) nodes
      = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
  Walk walk = { .fake = fake, .builder = builder, .nodes = nodes };
  walk_directory ((gpointer) "", fake->root, &walk);
  VarveInventory *inventory = varve_inventory_builder_finish (builder);
  for (guint32 i = 0; i < inventory->n_objects; i++)
    fill_object (inventory, &inventory->objects[i], g_hash_table_lookup (nodes, &inventory->objects[i].checksum));
  return inventory;
}

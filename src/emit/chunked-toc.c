/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/chunked-toc.h"

#include "base/rfc3339.h"
#include "emit/tar.h"

static const char *
type_name (char type)
{
  static const char *const NAMES[] = { "reg", "hardlink", "symlink", "char", "block", "dir", "fifo" };
  guint index = (guint)(type - VARVE_TAR_FILE);
  g_return_val_if_fail (index < G_N_ELEMENTS (NAMES), "");
  return NAMES[index];
}

static void
toc_add_number (json_object *json, const char *key, guint64 value)
{
  if (value != 0)
    varve_json_add_size (json, key, value);
}

static void
toc_add_digest (json_object *json, const char *key, const VarveDigest *digest)
{
  g_autofree char *text = varve_digest_to_string (digest);
  varve_json_add_string (json, key, text);
}

/* A time that no calendar has is left out. */
static void
toc_add_time (json_object *json, guint64 seconds)
{
  g_autofree char *text = seconds <= G_MAXINT64 ? varve_rfc3339_format ((gint64)seconds) : NULL;
  varve_json_add_string (json, "modtime", text);
}

static void
toc_add_xattrs (json_object *json, const VarveTarReadEntry *entry)
{
  if (entry->n_xattrs == 0)
    return;
  json_object *xattrs = json_object_new_object ();
  for (guint i = 0; i < entry->n_xattrs; i++)
    {
      g_autofree char *value = g_base64_encode (entry->xattrs[i].value, entry->xattrs[i].size_bytes);
      varve_json_add_string (xattrs, entry->xattrs[i].name, value);
    }
  json_object_object_add (json, "xattrs", xattrs);
}

json_object *
varve_toc_entry_new (const VarveTarReadEntry *entry)
{
  json_object *json = json_object_new_object ();
  varve_json_add_string (json, "type", type_name (entry->type));
  varve_json_add_string (json, "name", entry->name);
  if (entry->link_name[0] != '\0')
    varve_json_add_string (json, "linkName", entry->link_name);
  toc_add_number (json, "mode", entry->mode);
  toc_add_number (json, "size", entry->size_bytes);
  toc_add_number (json, "uid", entry->uid);
  toc_add_number (json, "gid", entry->gid);
  toc_add_time (json, entry->mtime);
  toc_add_xattrs (json, entry);
  return json;
}

static void
toc_add_chunk (json_object *json, const VarveTocChunk *chunk)
{
  varve_json_add_size (json, "chunkSize", chunk->size_bytes);
  toc_add_number (json, "chunkOffset", chunk->chunk_offset);
  toc_add_digest (json, "chunkDigest", &chunk->digest);
}

void
varve_toc_entry_add_content (json_object *json, const VarveDigest *digest, const GArray *chunks, guint64 end_offset)
{
  const VarveTocChunk *first = &g_array_index (chunks, VarveTocChunk, 0);
  toc_add_digest (json, "digest", digest);
  varve_json_add_size (json, "offset", first->offset);
  varve_json_add_size (json, "endOffset", end_offset);
  if (chunks->len > 1)
    toc_add_chunk (json, first);
}

json_object *
varve_toc_chunk_new (const char *name, const VarveTocChunk *chunk)
{
  json_object *json = json_object_new_object ();
  varve_json_add_string (json, "type", "chunk");
  varve_json_add_string (json, "name", name);
  varve_json_add_size (json, "offset", chunk->offset);
  toc_add_chunk (json, chunk);
  return json;
}

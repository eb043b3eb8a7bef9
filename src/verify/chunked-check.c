/* SPDX-License-Identifier: Apache-2.0 */
/* The table of contents comes after the tar, so what it must say is recorded while the tar passes: the entries with
 * the digests of their contents, and where each frame begins in both. */
#include "verify/chunked-check.h"

#include <string.h>

#include "base/error.h"
#include "base/fasthash.h"
#include "emit/chunked-read.h"
#include "emit/split-sums.h"
#include "emit/tar-split.h"
#include "emit/tar-splitter.h"

enum { FRAMES_MAX = 1 << 24 };

/* An entry of the tar. */
typedef struct {
  char *name, *facts;
  guint64 size_bytes, raw_offset; /* of the content; the offset in the tar */
  VarveDigest digest;             /* of the content */
  gboolean is_listed;             /* in the table of contents */
} Entry;

/* A frame of the blob. */
typedef struct {
  guint64 blob_offset, raw_offset;
  VarveDigest digest; /* of what it decodes to */
} Frame;

struct _VarveChunkedCheck {
  VarveFindings *findings;
  char *place;
  VarveChunkedIndex index;
  VarveTarSplitter *splitter;
  GError *failure; /* of the splitter */
  guint64 raw_bytes;
  GArray *entries;     /* Entry */
  GHashTable *by_name; /* name -> index + 1 */
  GArray *frames;      /* Frame */
  VarveHash *frame_hash, *content_hash;
  guint64 crc;
  VarveSplitSums *sums; /* of what tar-split data must say */
  GByteArray *toc, *tar_split;
};

static void
chunked_clear_entry (gpointer data)
{
  Entry *entry = data;
  g_free (entry->name);
  g_free (entry->facts);
}

static void
chunked_report (const VarveChunkedCheck *self, const char *rule, const char *name, const char *message)
{
  g_autofree char *where = name != NULL ? g_strconcat (self->place, ": ", name, NULL) : g_strdup (self->place);
  varve_findings_add (self->findings, VARVE_SEVERITY_ERROR, rule, where, "%s", message);
}

static gboolean
check_frame_bytes (gpointer data, const guint8 *bytes, gsize size_bytes, GError **error)
{
  VarveChunkedCheck *self = data;
  varve_split_sums_add_bytes (self->sums, bytes, size_bytes);
  self->raw_bytes += size_bytes;
  return TRUE;
}

static gboolean
check_entry (gpointer data, const VarveTarReadEntry *found, GError **error)
{
  VarveChunkedCheck *self = data;
  Entry entry = {
    .name = g_strdup (found->name),
    .facts = varve_toc_tar_facts (found),
    .size_bytes = found->size_bytes,
    .raw_offset = self->raw_bytes,
  };
  g_array_append_val (self->entries, entry);
  g_hash_table_insert (self->by_name, entry.name, GUINT_TO_POINTER (self->entries->len));
  self->crc = 0;
  if (found->size_bytes == 0)
    varve_split_sums_add_file (self->sums, entry.name, 0, 0);
  return TRUE;
}

static gboolean
check_content (gpointer data, const guint8 *bytes, gsize size_bytes, GError **error)
{
  VarveChunkedCheck *self = data;
  varve_hash_update (self->content_hash, bytes, size_bytes);
  self->crc = varve_crc64_update (self->crc, bytes, size_bytes);
  self->raw_bytes += size_bytes;
  return TRUE;
}

static gboolean
check_content_end (gpointer data, GError **error)
{
  VarveChunkedCheck *self = data;
  Entry *entry = &g_array_index (self->entries, Entry, self->entries->len - 1);
  entry->digest = varve_hash_finish (self->content_hash);
  varve_split_sums_add_file (self->sums, entry->name, entry->size_bytes, self->crc);
  return TRUE;
}

static void
end_frame (VarveChunkedCheck *self)
{
  if (self->frames->len > 0)
    g_array_index (self->frames, Frame, self->frames->len - 1).digest = varve_hash_finish (self->frame_hash);
}

static void
watch_frame (gpointer data, guint64 blob_offset, guint64 raw_offset)
{
  VarveChunkedCheck *self = data;
  Frame frame = { .blob_offset = blob_offset, .raw_offset = raw_offset };
  end_frame (self);
  if (self->frames->len >= FRAMES_MAX && self->failure == NULL)
    g_set_error (&self->failure, VARVE_ERROR, VARVE_ERROR_LIMIT, "the layer has more than the limit of %d frames",
                 FRAMES_MAX);
  if (self->frames->len >= FRAMES_MAX)
    return;
  g_array_append_val (self->frames, frame);
}

/* Keeps those of the bytes that are of this part. */
static void
keep_part (GByteArray *out, const VarveChunkedPart *part, guint64 blob_offset, const guint8 *bytes, gsize size_bytes)
{
  guint64 begin = MAX (blob_offset, part->offset);
  guint64 end = MIN (blob_offset + size_bytes, part->offset + part->size_bytes);
  if (begin < end && part->size_bytes <= VARVE_CHUNKED_TOC_MAX_BYTES)
    g_byte_array_append (out, bytes + (begin - blob_offset), (guint)(end - begin));
}

static void
watch_skippable (gpointer data, guint64 blob_offset, const guint8 *bytes, gsize size_bytes)
{
  VarveChunkedCheck *self = data;
  keep_part (self->toc, &self->index.toc, blob_offset, bytes, size_bytes);
  keep_part (self->tar_split, &self->index.tar_split, blob_offset, bytes, size_bytes);
}

VarveChunkedCheck *
varve_chunked_check_new (const VarveDescriptor *layer, VarveDecompressor *decompressor, VarveFindings *findings,
                         const char *place)
{
  static const VarveTarSplitterFuncs FUNCS = { check_frame_bytes, check_entry, check_content, check_content_end };
  VarveChunkedIndex index;
  g_autoptr (GError) failure = NULL;
  if (!varve_chunked_index_is_declared (layer))
    return NULL;
  if (!varve_chunked_index_read (layer, &index, &failure))
    {
      varve_findings_add (findings, VARVE_SEVERITY_ERROR, "chunked.annotations", place, "%s", failure->message);
      return NULL;
    }
  VarveChunkedCheck *self = g_new0 (VarveChunkedCheck, 1);
  self->findings = findings;
  self->place = g_strdup (place);
  self->index = index;
  self->splitter = varve_tar_splitter_new (&FUNCS, self);
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, chunked_clear_entry);
  self->by_name = g_hash_table_new (varve_fasthash_string, g_str_equal);
  self->frames = g_array_new (FALSE, TRUE, sizeof (Frame));
  self->frame_hash = varve_hash_new ();
  self->content_hash = varve_hash_new ();
  self->sums = varve_split_sums_new ();
  self->toc = g_byte_array_new ();
  self->tar_split = g_byte_array_new ();
  varve_decompressor_watch (decompressor,
                            &(VarveFrameWatch){ .frame = watch_frame, .skippable = watch_skippable, .data = self });
  return self;
}

void
varve_chunked_check_free (VarveChunkedCheck *self)
{
  g_free (self->place);
  varve_tar_splitter_free (self->splitter);
  g_clear_error (&self->failure);
  g_hash_table_unref (self->by_name);
  g_array_unref (self->entries);
  g_array_unref (self->frames);
  varve_hash_free (self->frame_hash);
  varve_hash_free (self->content_hash);
  varve_split_sums_free (self->sums);
  g_byte_array_unref (self->toc);
  g_byte_array_unref (self->tar_split);
  g_free (self);
}

void
varve_chunked_check_feed (VarveChunkedCheck *self, const void *bytes, gsize size_bytes)
{
  varve_hash_update (self->frame_hash, bytes, size_bytes);
  if (self->failure == NULL)
    (void)!varve_tar_splitter_write (self->splitter, bytes, size_bytes, &self->failure);
}

/* The frame that begins at this byte of the blob, or NULL. */
static const Frame *
find_frame (const VarveChunkedCheck *self, guint64 blob_offset)
{
  guint low = 0, high = self->frames->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (g_array_index (self->frames, Frame, middle).blob_offset < blob_offset)
        low = middle + 1;
      else
        high = middle;
    }
  const Frame *frame = low < self->frames->len ? &g_array_index (self->frames, Frame, low) : NULL;
  return frame != NULL && frame->blob_offset == blob_offset ? frame : NULL;
}

/* A piece of a file: from a frame, up to another one. @end_offset is 0 where the table of contents does not say it. */
static void
judge_piece (const VarveChunkedCheck *self, const Entry *entry, const VarveTocEntry *listed, guint64 size_bytes,
             guint64 end_offset)
{
  const Frame *first = find_frame (self, listed->offset), *next = first != NULL ? first + 1 : NULL;
  guint64 raw_offset = entry->raw_offset + listed->chunk_offset;
  const Frame *end = end_offset != 0 ? find_frame (self, end_offset) : NULL;
  gboolean has_next = next != NULL && next < &g_array_index (self->frames, Frame, self->frames->len);
  if (first == NULL || first->raw_offset != raw_offset
      || (end_offset != 0 && (end == NULL || end->raw_offset != raw_offset + size_bytes)))
    chunked_report (self, "chunked.content", entry->name,
                    "the table of contents names a place in the blob that has other bytes");
  else if (listed->has_chunk_digest && has_next && next->raw_offset == raw_offset + size_bytes
           && varve_digest_compare (&first->digest, &listed->chunk_digest) != 0)
    chunked_report (self, "chunked.content", entry->name,
                    "the table of contents has another digest of a chunk than the blob");
}

/* Judges the file at @i with its chunks; returns the index after them. */
static gsize
judge_file (const VarveChunkedCheck *self, json_object *entries, gsize i, const Entry *entry,
            const VarveTocEntry *listed)
{
  VarveTocEntry piece = *listed, next;
  gsize n = json_object_array_length (entries);
  guint64 left = entry->size_bytes;
  if (listed->has_digest != (entry->size_bytes > 0)
      || (listed->has_digest && varve_digest_compare (&listed->digest, &entry->digest) != 0))
    chunked_report (self, "chunked.content", entry->name,
                    "the table of contents has another digest of the content than the tar");
  for (i++; i < n && varve_toc_entry_parse (json_object_array_get_idx (entries, i), &next, NULL) && next.is_chunk; i++)
    {
      judge_piece (self, entry, &piece, piece.chunk_bytes, next.offset);
      left -= MIN (left, piece.chunk_bytes);
      piece = next;
    }
  if (entry->size_bytes == 0)
    return i;
  if (piece.chunk_bytes != 0 && piece.chunk_bytes != left)
    chunked_report (self, "chunked.content", entry->name, "the chunks are not as long as the file");
  judge_piece (self, entry, &piece, left, piece.is_chunk ? listed->end_offset : piece.end_offset);
  return i;
}

static void
judge_facts (const VarveChunkedCheck *self, json_object *json, const Entry *entry, const VarveTocEntry *listed)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *facts = varve_toc_entry_facts (json, &failure);
  if (facts != NULL && strcmp (facts, entry->facts) == 0)
    return;
  g_autofree char *found = varve_escape (facts != NULL ? facts : failure->message);
  g_autofree char *expected = varve_escape (entry->facts);
  g_autofree char *message = g_strdup_printf ("the table of contents says %s: the tar has %s", found, expected);
  chunked_report (self, "chunked.toc", listed->name, message);
}

static void
judge_entries (VarveChunkedCheck *self, json_object *entries)
{
  for (gsize i = 0; i < json_object_array_length (entries);)
    {
      VarveTocEntry listed;
      g_autoptr (GError) failure = NULL;
      json_object *json = json_object_array_get_idx (entries, i);
      if (!varve_toc_entry_parse (json, &listed, &failure))
        {
          chunked_report (self, "chunked.toc", NULL, failure->message);
          return;
        }
      guint index = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_name, listed.name));
      Entry *entry = index > 0 ? &g_array_index (self->entries, Entry, index - 1) : NULL;
      if (entry == NULL || listed.is_chunk || entry->is_listed)
        {
          chunked_report (self, "chunked.toc", listed.name,
                          entry == NULL ? "the table of contents has an entry that the tar lacks"
                                        : "the table of contents has this name twice");
          i++;
          continue;
        }
      entry->is_listed = TRUE;
      judge_facts (self, json, entry, &listed);
      i = judge_file (self, entries, i, entry, &listed);
    }
  for (guint i = 0; i < self->entries->len; i++)
    if (!g_array_index (self->entries, Entry, i).is_listed)
      chunked_report (self, "chunked.toc", g_array_index (self->entries, Entry, i).name,
                      "the table of contents lacks an entry of the tar, or the tar has it twice");
}

static void
judge_tar_split (VarveChunkedCheck *self, const char *expected)
{
  g_autoptr (GError) failure = NULL;
  if (expected == NULL || expected[0] == '\0')
    {
      varve_findings_add (self->findings, VARVE_SEVERITY_NOTE, "chunked.whole", self->place,
                          "the table of contents has no digest of tar-split data: clients fetch the whole layer");
      return;
    }
  VarveDigest digest = varve_digest_of (self->tar_split->data, self->tar_split->len);
  g_autofree char *found = varve_digest_to_string (&digest);
  if (strcmp (found, expected) != 0)
    chunked_report (self, "chunked.tar-split", NULL,
                    "the tar-split data does not have the digest in the table of contents");
  else if (!varve_split_sums_check (self->sums, self->tar_split, &failure))
    chunked_report (self, "chunked.tar-split", NULL, failure->message);
}

void
varve_chunked_check_finish (VarveChunkedCheck *self)
{
  g_autoptr (GError) failure = NULL;
  const char *tar_split;
  end_frame (self);
  if (self->failure == NULL)
    (void)!varve_tar_splitter_finish (self->splitter, &self->failure);
  if (self->failure != NULL)
    {
      chunked_report (self, "chunked.toc", NULL, self->failure->message);
      return;
    }
  if (self->index.toc.size_bytes > VARVE_CHUNKED_TOC_MAX_BYTES
      || self->index.tar_split.size_bytes > VARVE_CHUNKED_TOC_MAX_BYTES)
    {
      varve_findings_add (self->findings, VARVE_SEVERITY_NOTE, "chunked.whole", self->place,
                          "the table of contents is larger than clients accept: they fetch the whole layer");
      return;
    }
  g_autoptr (GBytes) compressed = g_bytes_new (self->toc->data, self->toc->len);
  g_autoptr (json_object) toc = varve_toc_read (compressed, &self->index, &tar_split, &failure);
  if (toc == NULL)
    {
      chunked_report (self, "chunked.toc", NULL, failure->message);
      return;
    }
  judge_entries (self, varve_toc_entries (toc));
  judge_tar_split (self, tar_split);
}

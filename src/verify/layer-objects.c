/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the same state as importers: the number of objects so far, and the attributes of the next file object. */
#include "verify/layer-objects.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "ostree/commit.h"
#include "ostree/dirmeta.h"
#include "ostree/dirtree.h"

static const guint64 SHARED_XATTRS_MAX_BYTES = 64u << 20;   /* of one layer, in memory */
static const guint64 METADATA_MAX_BYTES = (guint64)1 << 30; /* of one layer, in memory */
static const char SELINUX_XATTR[] = "security.selinux";

struct _VarveLayerObjects {
  VarveLayerRole role;
  VarveLayerRecord *record;
  VarveFindings *findings;
  const VarveObjectSink *sink;

  guint64 n_taken;
  gboolean after_commit;     /* the previous entry was the commit */
  GHashTable *shared_xattrs; /* VarveDigest -> GBytes */
  guint64 shared_xattrs_bytes, metadata_bytes;
  GBytes *pending_xattrs; /* for the file object that comes next */
  VarveDigest pending_for;
  gboolean noted_pax;
  VarveHash *hash;
};

/* The current entry. */
typedef struct {
  VarveLayerObjects *self;
  const VarveObjectName *name;
  const VarveTarReadEntry *entry;
  VarveTarReader *reader;
  GCancellable *cancellable;
} Entry;

VarveLayerObjects *
varve_layer_objects_new (VarveLayerRole role, VarveLayerRecord *record, VarveFindings *findings,
                         const VarveObjectSink *sink)
{
  VarveLayerObjects *self = g_new0 (VarveLayerObjects, 1);
  *self = (VarveLayerObjects){
    .role = role,
    .record = record,
    .findings = findings,
    .sink = sink,
    .shared_xattrs
    = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, (GDestroyNotify)g_bytes_unref),
    .hash = varve_hash_new (),
  };
  return self;
}

void
varve_layer_objects_free (VarveLayerObjects *self)
{
  g_hash_table_unref (self->shared_xattrs);
  g_clear_pointer (&self->pending_xattrs, g_bytes_unref);
  varve_hash_free (self->hash);
  g_free (self);
}

static void G_GNUC_PRINTF (3, 4) object_fault (const Entry *current, const char *rule, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  varve_findings_add (current->self->findings, VARVE_SEVERITY_ERROR, rule, varve_tar_reader_where (current->reader),
                      "%s", message);
}

static void
object_note (const Entry *current, const char *rule, const char *message)
{
  varve_findings_add (current->self->findings, VARVE_SEVERITY_NOTE, rule, varve_tar_reader_where (current->reader),
                      "%s", message);
}

/* For metadata and attributes, which are plain files of the repository. */
static void
judge_owner (const Entry *current)
{
  if (current->entry->uid != 0 || current->entry->gid != 0 || (current->entry->mode & 07777) != 0644)
    object_note (current, "object.header", "expected mode 0644 and owner 0:0");
}

/* Metadata. */

static gboolean
judge_order (const Entry *current)
{
  VarveLayerObjects *self = current->self;
  VarveObjectKind kind = current->name->kind;
  if (self->role != VARVE_LAYER_COMMIT)
    {
      object_fault (current, "object.metadata-in-component", "a metadata object in a content layer");
      return FALSE;
    }
  if (kind == VARVE_OBJECT_COMMIT && self->record->has_commit)
    {
      object_fault (current, "object.order", "a second commit");
      return FALSE;
    }
  if (kind == VARVE_OBJECT_COMMIT && self->n_taken > 1)
    object_fault (current, "object.order",
                  "the commit is not the first object"); /* recorded anyway, so that its tree is checked */
  if (kind == VARVE_OBJECT_COMMITMETA
      && (!self->after_commit || !varve_digest_table_equal (&current->name->checksum, &self->record->commit)))
    {
      object_fault (current, "object.order", "detached metadata does not directly follow its commit");
      return FALSE;
    }
  return TRUE;
}

static gboolean
object_parses (VarveObjectKind kind, GBytes *raw, GError **error)
{
  if (kind == VARVE_OBJECT_COMMIT)
    {
      g_autoptr (VarveCommit) commit = varve_commit_parse (raw, error);
      return commit != NULL;
    }
  if (kind == VARVE_OBJECT_DIRTREE)
    {
      g_autoptr (VarveDirtree) dirtree = varve_dirtree_parse (raw, error);
      return dirtree != NULL;
    }
  if (kind == VARVE_OBJECT_DIRMETA)
    {
      g_autoptr (VarveDirmeta) dirmeta = varve_dirmeta_parse (raw, error);
      return dirmeta != NULL;
    }
  return varve_commitmeta_check (raw, error);
}

static gboolean
keep_metadata (const Entry *current, GBytes *raw, GError **error)
{
  VarveLayerRecord *record = current->self->record;
  if (current->name->kind == VARVE_OBJECT_COMMIT)
    {
      record->has_commit = TRUE;
      record->commit = current->name->checksum;
      record->commit_raw = g_bytes_ref (raw);
      return TRUE;
    }
  if (current->name->kind == VARVE_OBJECT_COMMITMETA)
    {
      g_clear_pointer (&record->commitmeta_raw, g_bytes_unref);
      record->commitmeta_raw = g_bytes_ref (raw);
      return TRUE;
    }
  gboolean is_dirtree = current->name->kind == VARVE_OBJECT_DIRTREE;
  current->self->metadata_bytes += g_bytes_get_size (raw);
  if (current->self->metadata_bytes > METADATA_MAX_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "more metadata objects than the limit of %" G_GUINT64_FORMAT " bytes", METADATA_MAX_BYTES);
      return FALSE;
    }
  g_hash_table_insert (is_dirtree ? record->dirtrees : record->dirmetas,
                       g_memdup2 (&current->name->checksum, sizeof current->name->checksum), g_bytes_ref (raw));
  const VarveObjectSink *sink = current->self->sink;
  return sink == NULL || sink->metadata == NULL
         || sink->metadata (sink->data, is_dirtree ? VARVE_METADATA_DIRTREE : VARVE_METADATA_DIRMETA,
                            &current->name->checksum, raw, current->cancellable, error);
}

static gboolean
take_metadata (const Entry *current, GError **error)
{
  if (!judge_order (current))
    return TRUE;
  if (current->entry->type != VARVE_TAR_FILE)
    {
      object_fault (current, "object.type", "metadata object: expected a regular file");
      return TRUE;
    }
  if (current->entry->size_bytes > VARVE_METADATA_MAX_BYTES)
    {
      object_fault (current, "object.size",
                    "metadata object of %" G_GUINT64_FORMAT " bytes: importers accept at most %u",
                    current->entry->size_bytes, VARVE_METADATA_MAX_BYTES);
      return TRUE;
    }
  judge_owner (current);
  g_autoptr (GBytes) raw = varve_tar_reader_load (current->reader, VARVE_METADATA_MAX_BYTES, error);
  if (raw == NULL)
    return FALSE;
  VarveDigest actual = varve_digest_of (g_bytes_get_data (raw, NULL), g_bytes_get_size (raw));
  if (current->name->kind != VARVE_OBJECT_COMMITMETA && varve_digest_compare (&actual, &current->name->checksum) != 0)
    {
      g_autofree char *hex = varve_digest_to_hex (&actual);
      {
        object_fault (current, "object.checksum", "the content has the checksum %s", hex);
        return TRUE;
      }
    }
  g_autoptr (GError) parse_error = NULL;
  if (!object_parses (current->name->kind, raw, &parse_error))
    {
      object_fault (current, "object.content", "%s", parse_error->message);
      return TRUE;
    }
  return keep_metadata (current, raw, error);
}

/* Extended attributes. */

static gboolean
take_shared_xattrs (const Entry *current, GError **error)
{
  if (current->entry->type != VARVE_TAR_FILE)
    {
      object_fault (current, "object.type", "shared attributes: expected a regular file");
      return TRUE;
    }
  current->self->shared_xattrs_bytes += current->entry->size_bytes;
  if (current->entry->size_bytes > VARVE_XATTRS_MAX_BYTES
      || current->self->shared_xattrs_bytes > SHARED_XATTRS_MAX_BYTES)
    {
      object_fault (current, "object.size", "shared attributes are larger than the limit");
      return TRUE;
    }
  judge_owner (current);
  g_autoptr (GBytes) raw = varve_tar_reader_load (current->reader, VARVE_XATTRS_MAX_BYTES, error);
  if (raw == NULL)
    return FALSE;
  VarveDigest actual = varve_digest_of (g_bytes_get_data (raw, NULL), g_bytes_get_size (raw));
  if (varve_digest_compare (&actual, &current->name->checksum) != 0)
    {
      object_fault (current, "object.checksum", "the checksum of the shared attributes differs from their name");
      return TRUE;
    }
  g_hash_table_insert (current->self->shared_xattrs, g_memdup2 (&actual, sizeof actual), g_steal_pointer (&raw));
  return TRUE;
}

/* The shared attributes that a link refers to. NULL, with a finding, where they are missing. */
static GBytes *
follow_link (const Entry *current)
{
  VarveObjectName target;
  GBytes *shared = NULL;
  if (varve_object_name_parse (current->entry->link_name, &target, NULL) && target.kind == VARVE_OBJECT_FILE_XATTRS)
    shared = g_hash_table_lookup (current->self->shared_xattrs, &target.checksum);
  if (shared != NULL)
    return g_bytes_ref (shared);
  g_autofree char *escaped = varve_escape (current->entry->link_name);
  object_fault (current, "object.xattrs-link", "'%s' is not an earlier '.file-xattrs' of this layer", escaped);
  return NULL;
}

static void
drop_pending (VarveLayerObjects *self, const char *where)
{
  if (self->pending_xattrs == NULL)
    return;
  g_autofree char *hex = varve_digest_to_hex (&self->pending_for);
  varve_findings_add (self->findings, VARVE_SEVERITY_ERROR, "object.xattrs-dangling", where,
                      "the file object %s does not follow its attributes", hex);
  g_clear_pointer (&self->pending_xattrs, g_bytes_unref);
}

static gboolean
take_xattrs_link (const Entry *current, GError **error)
{
  VarveLayerObjects *self = current->self;
  drop_pending (self, varve_tar_reader_where (current->reader));
  if (self->role == VARVE_LAYER_COMMIT && (self->after_commit || !self->record->has_commit))
    object_fault (current, "object.order", "attributes where importers expect metadata");
  if (current->entry->type == VARVE_TAR_HARD_LINK)
    self->pending_xattrs = follow_link (current);
  else if (current->entry->type != VARVE_TAR_FILE)
    {
      object_fault (current, "object.type", "attributes: expected a regular file or a hard link");
      return TRUE;
    }
  else if (current->entry->size_bytes > VARVE_XATTRS_MAX_BYTES)
    {
      object_fault (current, "object.size", "attributes of more than the limit of %u bytes", VARVE_XATTRS_MAX_BYTES);
      return TRUE;
    }
  else
    {
      judge_owner (current);
      self->pending_xattrs = varve_tar_reader_load (current->reader, VARVE_XATTRS_MAX_BYTES, error);
      if (self->pending_xattrs == NULL)
        return FALSE;
    }
  self->pending_for = current->name->checksum;
  return TRUE;
}

/* Content. */

/* "name=value". */
static GByteArray *
pax_record_of (const VarveXattr *xattr)
{
  GByteArray *record = g_byte_array_new ();
  g_byte_array_append (record, (const guint8 *)xattr->name, (guint)strlen (xattr->name));
  g_byte_array_append (record, (const guint8 *)"=", 1);
  if (xattr->size_bytes > 0)
    g_byte_array_append (record, xattr->value, (guint)xattr->size_bytes);
  return record;
}

/* Whether both have the same "name=value". Readers of a record split it at the first '=', also inside a name. */
static gboolean
is_same_record (const VarveXattr *a, const VarveXattr *b)
{
  g_autoptr (GByteArray) left = pax_record_of (a), right = pax_record_of (b);
  return left->len == right->len && memcmp (left->data, right->data, left->len) == 0;
}

static gboolean
has_record (const VarveXattr *list, guint n, const VarveXattr *wanted)
{
  for (guint i = 0; i < n; i++)
    if (is_same_record (&list[i], wanted))
      return TRUE;
  return FALSE;
}

/* Readers other than OSTree's use the PAX records, so these must match the attributes. */
static void
judge_pax (const Entry *current, const VarveXattrs *xattrs)
{
  for (guint i = 0; i < current->entry->n_xattrs; i++)
    if (!has_record (xattrs->list, xattrs->n, &current->entry->xattrs[i]))
      {
        g_autofree char *name = varve_escape (current->entry->xattrs[i].name);
        object_fault (current, "object.pax-xattrs",
                      "the PAX record of the attribute '%s' differs from the object's attribute", name);
      }
  for (guint i = 0; i < xattrs->n && !current->self->noted_pax; i++)
    if (strcmp (xattrs->list[i].name, SELINUX_XATTR) != 0
        && !has_record (current->entry->xattrs, current->entry->n_xattrs, &xattrs->list[i]))
      {
        current->self->noted_pax = TRUE;
        object_note (current, "object.pax-missing", "attributes of objects in this layer have no PAX record");
      }
}

/* FALSE, with a finding, for a header that no object can have. */
static gboolean
make_header (const Entry *current, GBytes *xattrs, VarveContentHeader *out_header)
{
  const VarveTarReadEntry *entry = current->entry;
  gboolean is_symlink = entry->type == VARVE_TAR_SYMLINK;
  if (!is_symlink && entry->type != VARVE_TAR_FILE)
    {
      object_fault (current, "object.type", "file object: expected a regular file or a symlink");
      return FALSE;
    }
  if (entry->uid > G_MAXUINT32 || entry->gid > G_MAXUINT32 || entry->mode > G_MAXUINT32)
    {
      object_fault (current, "object.header", "mode or owner exceeds 32 bits");
      return FALSE;
    }
  if (is_symlink && (entry->link_name[0] == '\0' || !g_utf8_validate (entry->link_name, -1, NULL)))
    {
      object_fault (current, "object.target", "the target of a symlink is empty or not UTF-8");
      return FALSE;
    }
  if ((entry->mode & ~(guint64)07777) != 0)
    object_note (current, "object.mode", "the mode has more than permission bits");
  *out_header = (VarveContentHeader){
    .uid = (guint32)entry->uid,
    .gid = (guint32)entry->gid,
    .mode = is_symlink ? S_IFLNK | 0777 : (guint32)entry->mode | S_IFREG, /* as importers do */
    .symlink_target = is_symlink ? entry->link_name : NULL,
    .xattrs = xattrs,
  };
  return TRUE;
}

static gboolean
hash_content (const Entry *current, const VarveContentHeader *header, gboolean *out_is_right, GError **error)
{
  varve_content_checksum_start (current->self->hash, header);
  const guint8 *data;
  gsize n;
  do
    {
      if (!varve_tar_reader_chunk (current->reader, &data, &n, error))
        return FALSE;
      varve_hash_update (current->self->hash, data, n);
    }
  while (n > 0);
  VarveDigest actual = varve_hash_finish (current->self->hash);
  *out_is_right = varve_digest_compare (&actual, &current->name->checksum) == 0;
  if (!*out_is_right)
    {
      g_autofree char *hex = varve_digest_to_hex (&actual);
      object_fault (current, "object.checksum", "the object has the checksum %s", hex);
    }
  return TRUE;
}

static gboolean
object_to_sink (const Entry *current, const VarveContentHeader *header, GError **error)
{
  const VarveObjectSink *sink = current->self->sink;
  g_autoptr (GInputStream) stream = header->symlink_target == NULL ? varve_tar_reader_stream (current->reader) : NULL;
  VarveLayerContent content = {
    .checksum = current->name->checksum,
    .header = header,
    .size_bytes = current->entry->size_bytes,
    .stream = stream,
  };
  return sink->content (sink->data, &content, current->cancellable, error);
}

static gboolean
take_file (const Entry *current, GError **error)
{
  VarveLayerObjects *self = current->self;
  g_autoptr (GBytes) xattrs_raw = g_steal_pointer (&self->pending_xattrs);
  if (self->role == VARVE_LAYER_COMMIT && !self->record->has_commit)
    {
      object_fault (current, "object.order", "a file object before the commit");
      return TRUE;
    }
  if (xattrs_raw == NULL)
    {
      object_fault (current, "object.xattrs-missing", "no attributes before this file object");
      return TRUE;
    }
  if (!varve_digest_table_equal (&self->pending_for, &current->name->checksum))
    {
      object_fault (current, "object.xattrs-mismatch",
                    "the attributes before this file object belong to another object");
      return TRUE;
    }
  g_autoptr (GError) xattrs_error = NULL;
  g_autoptr (VarveXattrs) xattrs = varve_xattrs_parse (xattrs_raw, &xattrs_error);
  if (xattrs == NULL)
    {
      object_fault (current, "object.xattrs", "%s", xattrs_error->message);
      return TRUE;
    }
  VarveContentHeader header;
  if (!make_header (current, xattrs_raw, &header))
    return TRUE;
  judge_pax (current, xattrs);
  gboolean is_right = TRUE;
  if (!(self->sink != NULL ? object_to_sink (current, &header, error)
                           : hash_content (current, &header, &is_right, error)))
    return FALSE;
  VarveLayerObject object = {
    .checksum = current->name->checksum,
    .size_bytes = current->entry->size_bytes,
    .uid = header.uid,
    .gid = header.gid,
    .mode = (header.mode & S_IFMT) | (guint32)(current->entry->mode & 07777),
  };
  if (is_right)
    varve_layer_record_add_object (self->record, &object);
  return TRUE;
}

gboolean
varve_layer_objects_take (VarveLayerObjects *self, const VarveObjectName *name, const VarveTarReadEntry *entry,
                          VarveTarReader *reader, GCancellable *cancellable, GError **error)
{
  Entry current = { .self = self, .name = name, .entry = entry, .reader = reader, .cancellable = cancellable };
  gboolean ok;
  self->n_taken++;
  if (entry->n_xattrs > 0 && name->kind != VARVE_OBJECT_FILE)
    object_note (&current, "pax.misplaced", "attributes on an entry that is not a file object");
  if (name->kind == VARVE_OBJECT_FILE)
    ok = take_file (&current, error);
  else if (name->kind == VARVE_OBJECT_FILE_XATTRS)
    ok = take_shared_xattrs (&current, error);
  else if (name->kind == VARVE_OBJECT_FILE_XATTRS_LINK)
    ok = take_xattrs_link (&current, error);
  else
    ok = take_metadata (&current, error);
  self->after_commit = name->kind == VARVE_OBJECT_COMMIT;
  return ok;
}

void
varve_layer_objects_finish (VarveLayerObjects *self)
{
  drop_pending (self, self->record->place);
  if (self->role == VARVE_LAYER_COMMIT && !self->record->has_commit)
    varve_findings_add (self->findings, VARVE_SEVERITY_ERROR, "object.commit-missing", self->record->place,
                        "the commit layer has no commit");
}

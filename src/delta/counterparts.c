/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels and unified kernel images are recognised by their first bytes, an initramfs by its file name: any compressed
 * file may begin as it does. */
#include "delta/counterparts.h"

#include <string.h>

#include "codec/kernel-image.h"

enum { BOOT_PART_MIN_BYTES = 1 << 14, HEAD_BYTES = 1024 };

gboolean
varve_counterparts_is_promising (VarveExtentFile *spool, const VarveImageFile *file, gboolean *out_is_promising,
                                 GError **error)
{
  guint8 head[VARVE_ANATOMY_HEAD_BYTES];
  gsize n = (gsize)MIN (file->content.size_bytes, sizeof head);
  if (!varve_extent_file_read (spool, file->content.at, head, n, error))
    return FALSE;
  *out_is_promising = varve_anatomy_is_promising (head, n);
  return TRUE;
}

typedef struct {
  VarveExtentFile *spool;
  VarveSources *sources;
  GArray *parts;
  GCancellable *cancellable;
} Search;

static gboolean
has_base_prefix (const VarveImageFile *file, const char *prefix)
{
  for (guint i = 0; i < file->names->len; i++)
    {
      const char *name = file->names->pdata[i], *slash = strrchr (name, '/');
      if (g_str_has_prefix (slash != NULL ? slash + 1 : name, prefix))
        return TRUE;
    }
  return FALSE;
}

static void
search_add (Search *search, const VarveImageFile *file, const char *role, guint64 size_bytes)
{
  VarveBootPart part = { .file = file, .role = role, .size_bytes = size_bytes };
  g_array_append_val (search->parts, part);
}

static const char *
role_of_section (const char *name)
{
  if (strcmp (name, VARVE_PE_LINUX) == 0)
    return VARVE_PIECE_LINUX;
  return strcmp (name, VARVE_PE_INITRD) == 0 ? VARVE_PIECE_INITRD : NULL;
}

static gboolean
search_add_section (Search *search, const VarveImageFile *file, const VarvePeSection *section, GError **error)
{
  VarveExtent part = { .at = file->content.at + section->at, .size_bytes = section->size_bytes };
  guint64 hash;
  if (!varve_extent_file_hash (search->spool, part, search->cancellable, &hash, error))
    return FALSE;
  varve_sources_add_equal (search->sources, file, part, hash);
  if (role_of_section (section->name) != NULL)
    search_add (search, file, role_of_section (section->name), section->size_bytes);
  return TRUE;
}

static gboolean
search_pe (Search *search, const VarveImageFile *file, GError **error)
{
  g_autoptr (GArray) sections = varve_pe_read_sections (search->spool, file->content, error);
  if (sections == NULL)
    return FALSE;
  gboolean is_uki = FALSE;
  for (guint i = 0; i < sections->len; i++)
    is_uki |= role_of_section (g_array_index (sections, VarvePeSection, i).name) != NULL;
  for (guint i = 0; i < sections->len && is_uki; i++)
    if (!search_add_section (search, file, &g_array_index (sections, VarvePeSection, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
search_file (Search *search, const VarveImageFile *file, GError **error)
{
  guint8 head[HEAD_BYTES];
  gsize n = (gsize)MIN (file->content.size_bytes, sizeof head);
  const char *role = has_base_prefix (file, "initr") ? VARVE_PIECE_INITRD : NULL;
  if (!varve_extent_file_read (search->spool, file->content.at, head, n, error))
    return FALSE;
  if (varve_kernel_image_recognise (head, n) || has_base_prefix (file, "vmlinuz"))
    role = VARVE_PIECE_LINUX;
  else if (varve_pe_recognise (head, n))
    return search_pe (search, file, error);
  if (role == NULL)
    return TRUE;
  varve_sources_add_role (search->sources, file, role);
  search_add (search, file, role, file->content.size_bytes);
  return TRUE;
}

GArray *
varve_boot_parts_find (const VarveImageFiles *files, VarveExtentFile *spool, VarveSources *sources,
                       GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (VarveBootPart));
  Search search = { .spool = spool, .sources = sources, .parts = parts, .cancellable = cancellable };
  for (guint i = 0; i < files->files->len; i++)
    {
      const VarveImageFile *file = files->files->pdata[i];
      if (file->content.size_bytes >= BOOT_PART_MIN_BYTES && !search_file (&search, file, error))
        return NULL;
    }
  return g_steal_pointer (&parts);
}

static guint64
distance (guint64 a, guint64 b)
{
  return a > b ? a - b : b - a;
}

/* The old part to make a new one of this role from: one in @counterpart, else the one with the nearest size. */
static const VarveImageFile *
choose_part (const GArray *parts, const char *role, guint64 size_bytes, const VarveImageFile *counterpart)
{
  const VarveBootPart *best = NULL;
  for (guint i = 0; i < parts->len; i++)
    {
      const VarveBootPart *part = &g_array_index (parts, VarveBootPart, i);
      if (strcmp (part->role, role) != 0)
        continue;
      if (part->file == counterpart)
        return counterpart;
      if (best == NULL || distance (part->size_bytes, size_bytes) < distance (best->size_bytes, size_bytes))
        best = part;
    }
  return best != NULL ? best->file : NULL;
}

/* The files found so far, each once. */
typedef struct {
  const VarveCounterparts *input;
  GPtrArray *files;
  GHashTable *seen;
} Found;

static gboolean
found_add (Found *found, const VarveImageFile *file, GError **error)
{
  gboolean is_promising = FALSE;
  if (file == NULL || !g_hash_table_add (found->seen, (gpointer)file))
    return TRUE;
  if (!varve_counterparts_is_promising (found->input->old_spool, file, &is_promising, error))
    return FALSE;
  if (is_promising)
    g_ptr_array_add (found->files, (gpointer)file);
  return TRUE;
}

static gboolean
found_add_of (Found *found, const VarveImageFile *file, const VarveAnatomy *anatomy, GError **error)
{
  const VarveCounterparts *input = found->input;
  guint64 file_bytes = file->content.size_bytes;
  const VarveImageFile *named = varve_sources_find_file (input->sources, file->names, file_bytes);
  if (!found_add (found, named, error))
    return FALSE;
  if (anatomy->role != NULL
      && !found_add (found, choose_part (input->boot_parts, anatomy->role, file_bytes, named), error))
    return FALSE;
  for (guint i = 0; i < anatomy->pieces->len; i++)
    {
      const VarvePiece *piece = &g_array_index (anatomy->pieces, VarvePiece, i);
      guint64 size_bytes = piece->content.size_bytes;
      const char *role = piece->kind == VARVE_PIECE_SECTION ? role_of_section (piece->name + 1) : NULL;
      if (role != NULL && !varve_sources_has_equal (input->sources, piece->hash, size_bytes)
          && !found_add (found, choose_part (input->boot_parts, role, size_bytes, named), error))
        return FALSE;
    }
  return TRUE;
}

GPtrArray *
varve_counterparts_find (const VarveCounterparts *counterparts, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  Found found = { .input = counterparts, .files = files, .seen = seen };
  for (guint i = 0; i < counterparts->new_files->files->len; i++)
    {
      const VarveImageFile *file = counterparts->new_files->files->pdata[i];
      const VarveAnatomy *anatomy = counterparts->new_anatomies[i];
      if (anatomy != NULL && !varve_sources_has_equal (counterparts->sources, file->hash, file->content.size_bytes)
          && !found_add_of (&found, file, anatomy, error))
        return NULL;
    }
  return g_steal_pointer (&files);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/spooled-contents.h"

enum { PIECE_BYTES = 1 << 18 };

typedef struct {
  VarveTreeContents contents; /* first: cast back */
  VarveExtentFile *spool;
} Spooled;

static VarveExtent
extent_of (const VarveTreeInode *inode)
{
  return (VarveExtent){ .at = inode->place, .size_bytes = inode->size_bytes };
}

static GInputStream *
spooled_open (VarveTreeContents *contents, const VarveTreeInode *inode, GError **error)
{
  return varve_extent_file_open (((Spooled *)contents)->spool, extent_of (inode));
}

static void
spooled_forget (VarveTreeContents *contents, const VarveTreeInode *inode)
{
  varve_extent_file_forget (((Spooled *)contents)->spool, extent_of (inode));
}

static void
spooled_free (VarveTreeContents *contents)
{
  varve_extent_file_free (((Spooled *)contents)->spool);
  g_free (contents);
}

VarveTreeContents *
varve_spooled_contents_new (GError **error)
{
  VarveExtentFile *spool = varve_extent_file_new (NULL, error);
  if (spool == NULL)
    return NULL;
  Spooled *spooled = g_new0 (Spooled, 1);
  spooled->contents = (VarveTreeContents){ .open = spooled_open, .forget = spooled_forget, .free = spooled_free };
  spooled->spool = spool;
  return &spooled->contents;
}

VarveExtentFile *
varve_spooled_contents_spool (VarveTreeContents *contents)
{
  return ((Spooled *)contents)->spool;
}

gboolean
varve_spooled_contents_take (gpointer contents, VarveForeignTar *tar, VarveTreeInode *inode, GCancellable *cancellable,
                             GError **error)
{
  VarveExtentFile *spool = varve_spooled_contents_spool (contents);
  g_autofree guint8 *piece = g_malloc (MIN (PIECE_BYTES, inode->size_bytes + 1));
  guint64 written = 0;
  gssize n;
  if (!varve_extent_file_reserve (spool, inode->size_bytes, &inode->place, error))
    return FALSE;
  while ((n = varve_foreign_tar_read (tar, piece, MIN (PIECE_BYTES, inode->size_bytes + 1), error)) > 0)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !varve_extent_file_write (spool, inode->place + written, piece, (gsize)n, error))
        return FALSE;
      written += (guint64)n;
    }
  return n == 0;
}

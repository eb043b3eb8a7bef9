/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/spooled-contents.h"

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

#include "build/spooled.h"

typedef struct {
  VarveTreeContents contents; /* first: cast back */
  VarveSpool *spool;
} Spooled;

static GInputStream *
open_content (VarveTreeContents *contents, const VarveTreeInode *inode, GError **error)
{
  return varve_spool_open (((Spooled *)contents)->spool, inode->place, inode->size_bytes);
}

static void
forget (VarveTreeContents *contents, const VarveTreeInode *inode)
{
  varve_spool_forget (((Spooled *)contents)->spool, inode->place, inode->size_bytes);
}

static void
spooled_free (VarveTreeContents *contents)
{
  varve_spool_free (((Spooled *)contents)->spool);
  g_free (contents);
}

VarveTreeContents *
varve_spooled_new (GError **error)
{
  VarveSpool *spool = varve_spool_new (error);
  if (spool == NULL)
    return NULL;
  Spooled *spooled = g_new0 (Spooled, 1);
  spooled->contents = (VarveTreeContents){ .open = open_content, .forget = forget, .free = spooled_free };
  spooled->spool = spool;
  return &spooled->contents;
}

VarveSpool *
varve_spooled_spool (VarveTreeContents *contents)
{
  return ((Spooled *)contents)->spool;
}

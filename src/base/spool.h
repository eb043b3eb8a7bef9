#pragma once

#include <gio/gio.h>

/* One file without a name, in which pieces are kept aside: it is gone with the process, however that ends. Thread-safe. */
typedef struct _VarveSpool VarveSpool;

/* In varve_temporary_folder(). */
VarveSpool *varve_spool_new (GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_spool_free (VarveSpool *spool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSpool, varve_spool_free)

/* Room for so many bytes: where they begin. Writing them is the caller's affair. */
guint64 varve_spool_reserve (VarveSpool *spool, guint64 size_bytes);
gboolean varve_spool_write (VarveSpool *spool, guint64 place, const void *data, gsize size_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Gives the room back to the file system, where that can. */
void varve_spool_forget (VarveSpool *spool, guint64 place, guint64 size_bytes);
/* Reads them; @spool must outlive it. */
GInputStream *varve_spool_open (VarveSpool *spool, guint64 place, guint64 size_bytes);

/* Images opened by reference. */
#include "transport/open.h"

#include "base/error.h"
#include "oci/archive.h"
#include "oci/layout.h"

VarveBlobs *
varve_open_blobs (const VarveReference *reference, GError **error)
{
  switch (reference->transport)
    {
    case VARVE_TRANSPORT_OCI:
      return varve_layout_read (reference->path, error);
    case VARVE_TRANSPORT_OCI_ARCHIVE:
      return varve_archive_read (reference->path, error);
    }
  g_return_val_if_reached (NULL);
}

VarveImage *
varve_open_image (const VarveReference *reference, const char *architecture, GError **error)
{
  VarveBlobs *blobs = varve_open_blobs (reference, error);
  if (blobs == NULL)
    return NULL;
  VarveImage *image = varve_image_open (blobs, reference->ref, architecture, error);
  if (image == NULL)
    {
      g_autofree char *escaped = varve_escape (reference->text);
      g_prefix_error (error, "'%s': ", escaped);
    }
  return image;
}

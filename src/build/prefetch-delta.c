#include "build/prefetch-delta.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <unistd.h>

#include "base/error.h"
#include "delta/rebuild.h"

struct _VarvePrefetchDelta {
  VarveDelta *delta;
  VarveOpenBase *base; /* NULL where the repository is not what the delta is for */
  VarveReplayCache *cache;
  char *work_path;
  VarveTarSource tars;
};

gboolean
varve_prefetch_delta_is_one (VarveBlobs *blobs, const char *ref)
{
  g_autoptr (VarveDescriptor) descriptor = varve_image_resolve (blobs, ref, NULL, NULL);
  g_autoptr (GBytes) bytes = descriptor != NULL ? varve_blobs_load (blobs, descriptor, VARVE_DOCUMENT_MAX_BYTES, NULL) : NULL;
  g_autoptr (VarveManifest) manifest = bytes != NULL ? varve_manifest_from_bytes (bytes, NULL) : NULL;
  return manifest != NULL && g_strcmp0 (manifest->artifact_type, VARVE_DELTA_ARTIFACT_TYPE) == 0;
}

/* A file of its own, which goes away with the stream. */
static GInputStream *
stream_of (VarveExtentFile *spool, VarveExtent tar, GError **error)
{
  int fd = fcntl (varve_extent_file_fd (spool), F_DUPFD_CLOEXEC, 3);
  if (fd < 0 || lseek (fd, (off_t)tar.at, SEEK_SET) < 0 || ftruncate (fd, (off_t)(tar.at + tar.size_bytes)) != 0)
    {
      varve_set_errno (error, errno, "reading a rebuilt layer");
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  return g_unix_input_stream_new (fd, TRUE);
}

static GInputStream *
open_tar (gpointer data, guint layer, GCancellable *cancellable, GError **error)
{
  VarvePrefetchDelta *self = data;
  if (self->base == NULL)
    return NULL;
  VarveApplyOptions options = VARVE_APPLY_OPTIONS_INIT;
  options.work_path = self->work_path;
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (self->work_path, error);
  VarveRebuiltLayer rebuilt;
  if (spool == NULL
      || !varve_rebuild_layer (self->delta, layer, self->base->tree, self->cache, spool, &options, NULL, &rebuilt, cancellable, error))
    return NULL;
  gboolean is_replayed = rebuilt.kind == VARVE_DELTA_ENTRY_TARDIFF || rebuilt.kind == VARVE_DELTA_ENTRY_LOOKING;
  return is_replayed ? stream_of (spool, rebuilt.tar, error) : NULL;
}

VarvePrefetchDelta *
varve_prefetch_delta_new (VarveDelta *delta, const char *repo_path, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarvePrefetchDelta) self = g_new0 (VarvePrefetchDelta, 1);
  VarveDeltaBase base = { .repo_path = repo_path };
  self->delta = delta;
  self->work_path = g_build_filename (repo_path, "tmp", NULL);
  self->tars = (VarveTarSource){ .open_tar = open_tar, .data = self };
  self->cache = varve_replay_cache_new (self->work_path, error);
  if (self->cache == NULL)
    return NULL;
  VarveOpenBaseOptions options = { .jobs = 1, .work_path = self->work_path, .observer = observer };
  g_autoptr (GError) failure = NULL;
  self->base = varve_delta_base_open (delta, &base, &options, cancellable, &failure);
  if (self->base == NULL)
    varve_observer_warn (observer, "the delta cannot be applied to the repository: %s", failure->message);
  return g_steal_pointer (&self);
}

void
varve_prefetch_delta_free (VarvePrefetchDelta *self)
{
  g_clear_pointer (&self->base, varve_delta_base_close);
  g_clear_pointer (&self->cache, varve_replay_cache_free);
  g_clear_pointer (&self->delta, varve_delta_free);
  g_free (self->work_path);
  g_free (self);
}

const VarveDigest *
varve_prefetch_delta_target (const VarvePrefetchDelta *self)
{
  return &self->delta->target_descriptor->digest;
}

const VarveTarSource *
varve_prefetch_delta_tars (const VarvePrefetchDelta *self)
{
  return &self->tars;
}

/* The blobs of the delta, which stay its. */
typedef struct {
  VarveBlobs base;
  VarveBlobs *of_delta;
} CarriedBlobs;

static GInputStream *
open_carried (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  return varve_blobs_open (((CarriedBlobs *)blobs)->of_delta, descriptor, cancellable, error);
}

static GBytes *
load_index (VarveBlobs *blobs, GError **error)
{
  return varve_blobs_load_index (((CarriedBlobs *)blobs)->of_delta, error);
}

static void
free_carried (VarveBlobs *blobs)
{
  g_free (blobs);
}

VarveImage *
varve_prefetch_delta_image (VarvePrefetchDelta *self, GError **error)
{
  g_autoptr (VarveImage) image = g_new0 (VarveImage, 1);
  CarriedBlobs *blobs = g_new0 (CarriedBlobs, 1);
  *blobs = (CarriedBlobs){ .base = { .open_blob = open_carried, .load_index = load_index, .free = free_carried }, .of_delta = self->delta->blobs };
  image->blobs = &blobs->base;
  image->descriptor = varve_descriptor_copy (self->delta->target_descriptor);
  image->manifest_bytes = g_bytes_ref (self->delta->target_bytes);
  image->config_bytes = g_bytes_ref (self->delta->config_bytes);
  image->manifest = varve_manifest_from_bytes (image->manifest_bytes, error);
  image->config = image->manifest != NULL ? varve_config_from_bytes (image->config_bytes, error) : NULL;
  return image->config != NULL ? g_steal_pointer (&image) : NULL;
}

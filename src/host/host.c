/* SPDX-License-Identifier: Apache-2.0 */
/* Determines which image the next upgrade pulls, and rejects hosts that would not use what is prefetched, from the same
 * files as bootc. */
#include "host/host.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/tempfile.h"
#include "host/bootc-status.h"
#include "host/private-mount.h"
#include "host/unified-storage.h"
#include "ostree/stored-image.h"
#include "ostree/sysroot.h"
#include "skopeo/signature-policy.h"

struct _VarveHost {
  char *repo_path;
  gboolean is_this_machine;
  VarveHostReference *reference;
  VarveSysroot *sysroot;
};

static gboolean
host_unsupported (GError **error, const char *reason)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, reason);
  return FALSE;
}

static gboolean
has_composefs_argument (void)
{
  g_autofree char *text = NULL;
  return g_file_get_contents ("/proc/cmdline", &text, NULL, NULL) && strstr (text, "composefs=") != NULL;
}

static const char COMPOSEFS_REASON[] = "this host uses bootc's composefs backend, which does not keep images in an "
                                       "OSTree repository: an upgrade would not use what is prefetched";

/* Called before anything is opened or mounted. */
static gboolean
host_check_kind (const VarveHost *host, const char *sysroot_path, GError **error)
{
  g_autofree char *composefs = g_build_filename (sysroot_path, "composefs", NULL);
  if (host->is_this_machine && !g_file_test ("/run/ostree-booted", G_FILE_TEST_EXISTS))
    return host_unsupported (
        error, has_composefs_argument ()
                   ? COMPOSEFS_REASON
                   : "this system was not booted from an OSTree deployment: give a repository with --repo");
  if (g_file_test (host->repo_path, G_FILE_TEST_IS_DIR))
    return TRUE;
  if (g_file_test (composefs, G_FILE_TEST_IS_DIR))
    return host_unsupported (error, COMPOSEFS_REASON);
  g_autofree char *escaped = varve_escape (host->repo_path);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "no repository at '%s'", escaped);
  return FALSE;
}

/* NULL when there is no bootc and, with a warning, when it fails. */
static VarveBootcStatus *
host_ask_bootc (VarveObserver *observer, GCancellable *cancellable)
{
  g_autoptr (GError) failure = NULL;
  VarveBootcStatus *status = NULL;
  if (!varve_bootc_status_load (&status, cancellable, &failure))
    varve_observer_warn (observer, "%s; using the image reference in the origin of the deployment", failure->message);
  return status;
}

static gboolean
host_find_reference (VarveHost *host, VarveBootcStatus *status, const VarveDeployment *deployment, GError **error)
{
  if (status != NULL && status->is_composefs)
    return host_unsupported (error, COMPOSEFS_REASON);
  if (status != NULL && status->reference != NULL)
    host->reference = g_steal_pointer (&status->reference);
  else if (deployment == NULL)
    return host_unsupported (error, "no deployment found");
  else if (deployment->image_reference == NULL)
    return host_unsupported (
        error,
        "the host does not upgrade from an image: the origin of the deployment has no container-image-reference");
  else
    host->reference = varve_host_reference_parse (deployment->image_reference, error);
  return host->reference != NULL;
}

static gboolean
host_check_signature (const VarveHost *host, GError **error)
{
  if (host->reference->signature != VARVE_HOST_POLICY)
    return TRUE;
  if (!g_str_has_prefix (host->reference->image, "docker://"))
    return host_unsupported (error, "the host's image must be signed by containers-policy.json, which varve enforces "
                                    "only for registries (docker://)");
  return varve_signature_policy_check_default (error);
}

/* bootc does not upgrade hosts with packages layered by rpm-ostree; rpm-ostree pulls the image as bootc does. */
static gboolean
host_check_layered_packages (const VarveHost *host, const VarveDeployment *deployment, VarveObserver *observer,
                             GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveRepo) repo = varve_repo_open (host->repo_path, cancellable, error);
  g_autoptr (VarveStoredImage) image = NULL;
  if (repo == NULL || !varve_stored_image_load (repo, &deployment->commit, &image, error))
    return FALSE;
  if (image == NULL || !image->is_client_layered)
    return TRUE;
  g_autofree char *rpm_ostree = host->is_this_machine ? g_find_program_in_path ("rpm-ostree") : NULL;
  if (host->is_this_machine && rpm_ostree == NULL)
    return host_unsupported (
        error, "the host has layered packages: bootc does not upgrade such hosts, and rpm-ostree is not in $PATH");
  varve_observer_warn (
      observer, "the host has layered packages: bootc does not upgrade such hosts; rpm-ostree uses what is prefetched");
  return TRUE;
}

static gboolean
host_check_storage (const VarveHost *host, const char *sysroot_path, GError **error)
{
  gboolean is_unified;
  g_autofree char *storage = g_build_filename (sysroot_path, "ostree", "bootc", "storage", NULL);
  if (!varve_unified_storage_has (storage, host->reference->image, &is_unified, error))
    return FALSE;
  return !is_unified
         || host_unsupported (error,
                              "the host's image is in bootc's unified storage: podman pulls it from the registry and "
                              "does not use what is prefetched");
}

static gboolean
host_make_writable (const VarveHost *host, const char *sysroot_path, GError **error)
{
  /* On a booted host "/ostree" leads to "/sysroot/ostree", which is not on the mount of "/". */
  return varve_private_mount_writable (host->is_this_machine ? "/sysroot" : sysroot_path, error);
}

static gboolean
host_load (VarveHost *host, const char *sysroot_path, VarveObserver *observer, GCancellable *cancellable,
           GError **error)
{
  if (!host_check_kind (host, sysroot_path, error))
    return FALSE;
  g_autoptr (VarveBootcStatus) status = host->is_this_machine ? host_ask_bootc (observer, cancellable) : NULL;
  if (!host_make_writable (host, sysroot_path, error))
    return FALSE;
  host->sysroot = varve_sysroot_open (sysroot_path, cancellable, error);
  if (host->sysroot == NULL)
    return FALSE;
  const VarveDeployment *deployment = varve_sysroot_next (host->sysroot);
  return host_find_reference (host, status, deployment, error) && host_check_signature (host, error)
         && host_check_storage (host, sysroot_path, error)
         && (deployment == NULL || host_check_layered_packages (host, deployment, observer, cancellable, error));
}

VarveHost *
varve_host_open (const char *sysroot_path, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveHost) host = g_new0 (VarveHost, 1);
  host->is_this_machine = g_str_equal (sysroot_path, "/");
  host->repo_path = g_build_filename (sysroot_path, "ostree", "repo", NULL);
  return host_load (host, sysroot_path, observer, cancellable, error) ? g_steal_pointer (&host) : NULL;
}

void
varve_host_free (VarveHost *host)
{
  g_clear_pointer (&host->sysroot, varve_sysroot_free);
  g_clear_pointer (&host->reference, varve_host_reference_free);
  g_free (host->repo_path);
  g_free (host);
}

const char *
varve_host_repo_path (const VarveHost *host)
{
  return host->repo_path;
}

const VarveHostReference *
varve_host_reference (const VarveHost *host)
{
  return host->reference;
}

/* Source: ostree-ext, globals.rs, for root. */
char *
varve_host_find_authfile (void)
{
  static const char *const PLACES[] = { "/run/ostree/auth.json", "/etc/ostree/auth.json", "/usr/lib/ostree/auth.json" };
  for (guint i = 0; i < G_N_ELEMENTS (PLACES); i++)
    if (g_file_test (PLACES[i], G_FILE_TEST_EXISTS))
      return g_strdup (PLACES[i]);
  return NULL;
}

/* The same manifest, or another manifest with the same config: an upgrade would not see a change. */
static gboolean
is_same_image (const VarveStoredImage *stored, const VarveImage *image)
{
  g_autofree char *digest = varve_digest_to_string (&image->descriptor->digest);
  if (g_str_equal (stored->manifest_digest, digest))
    return TRUE;
  g_autoptr (VarveManifest) manifest
      = stored->manifest != NULL ? varve_manifest_from_bytes (stored->manifest, NULL) : NULL;
  return manifest != NULL && manifest->config != NULL && image->manifest->config != NULL
         && varve_digest_compare (&manifest->config->digest, &image->manifest->config->digest) == 0;
}

gboolean
varve_host_has_image (VarveHost *host, const VarveImage *image, gboolean *out_has, GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (VarveRepo) repo = varve_repo_open (host->repo_path, cancellable, error);
  const VarveDeployment *deployment = varve_sysroot_next (host->sysroot);
  g_autoptr (VarveStoredImage) stored = NULL;
  if (repo == NULL || (deployment != NULL && !varve_stored_image_load (repo, &deployment->commit, &stored, error)))
    return FALSE;
  *out_has = stored != NULL && is_same_image (stored, image);
  return TRUE;
}

static gboolean
host_lock (gpointer data, GCancellable *cancellable, GError **error)
{
  return varve_sysroot_lock (data, cancellable, error);
}

static void
host_unlock (gpointer data)
{
  varve_sysroot_unlock (data);
}

VarvePrefetchGuard
varve_host_guard (VarveHost *host)
{
  return (VarvePrefetchGuard){ .lock = host_lock, .unlock = host_unlock, .data = host->sysroot };
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Determines which image the next upgrade pulls, and rejects hosts that would not use what is prefetched, from the same
 * files as bootc. */
#include "host/host.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/temporary-folder.h"
#include "host/bootc-status.h"
#include "host/composefs-origin.h"
#include "host/composefs-store.h"
#include "host/importer-version.h"
#include "host/private-mount.h"
#include "host/unified-storage.h"
#include "host/unified-store.h"
#include "ostree/stored-image.h"
#include "ostree/sysroot.h"
#include "skopeo/signature-policy.h"

struct _VarveHost {
  char *sysroot_path, *repo_path, *composefs_path;
  gboolean is_this_machine, is_composefs;
  VarveHostReference *reference;
  VarveSysroot *sysroot;          /* NULL with the composefs backend */
  VarveComposefsOrigins *origins; /* NULL without */
  VarveImageStore *store;         /* NULL where layers go into the repository */
  VarveTemporaryFolder *run;      /* of the store, if it needs one */
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

/* Called before anything is opened or mounted. */
static gboolean
host_find_kind (VarveHost *host, const VarveBootcStatus *status, GError **error)
{
  gboolean has_repo = g_file_test (host->repo_path, G_FILE_TEST_IS_DIR),
           has_composefs = g_file_test (host->composefs_path, G_FILE_TEST_IS_DIR);
  gboolean is_ostree_booted
      = (status != NULL && status->is_ostree) || g_file_test ("/run/ostree-booted", G_FILE_TEST_EXISTS);
  host->is_composefs = host->is_this_machine ? (status != NULL && status->is_composefs)
                                                   || (!is_ostree_booted && has_composefs_argument ())
                                             : !has_repo && has_composefs;
  if (host->is_composefs && has_composefs)
    return TRUE;
  if (host->is_this_machine && !host->is_composefs && !is_ostree_booted)
    return host_unsupported (error,
                             "this system was not booted from an OSTree deployment: give a repository with --repo");
  if (has_repo && !host->is_composefs)
    return TRUE;
  g_autofree char *escaped = varve_escape (host->is_composefs ? host->composefs_path : host->repo_path);
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

/* Of a host with the composefs backend. */
static gboolean
host_find_composefs_reference (VarveHost *host, VarveBootcStatus *status, GError **error)
{
  VarveHostReference **from
      = status != NULL && status->reference != NULL ? &status->reference : &host->origins->reference;
  host->reference = g_steal_pointer (from);
  return host->reference != NULL
         || host_unsupported (error, "the host's deployments do not say which one image it upgrades from");
}

static gboolean
host_check_signature (const VarveHost *host, GError **error)
{
  if (host->reference->signature == VARVE_HOST_REMOTE && host->store != NULL)
    return host_unsupported (error, "the host's image must be signed by a key of an OSTree remote, which can only be "
                                    "checked where layers go into the OSTree repository");
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

/* The folder of a running system's storage is that of bootc. */
static char *
host_run_path (VarveHost *host, GError **error)
{
  if (host->is_this_machine)
    return g_strdup ("/run/bootc/storage");
  host->run = varve_temporary_folder_new (NULL, error);
  return host->run != NULL ? g_strdup (varve_temporary_folder_path (host->run)) : NULL;
}

/* Where the host's image is in bootc's unified storage, podman pulls it there first, with any backend. */
static gboolean
host_find_store (VarveHost *host, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  gboolean is_unified;
  g_autofree char *storage = g_build_filename (host->sysroot_path, "ostree", "bootc", "storage", NULL);
  if (!varve_unified_storage_has (storage, host->reference->image, &is_unified, error))
    return FALSE;
  g_autofree char *run = is_unified ? host_run_path (host, error) : NULL;
  if (is_unified)
    host->store = run != NULL ? varve_unified_store_new (storage, run, observer, cancellable) : NULL;
  else if (host->is_composefs)
    host->store = varve_composefs_store_new (host->composefs_path, error);
  return host->store != NULL || (!is_unified && !host->is_composefs);
}

static gboolean
host_make_writable (const VarveHost *host, GError **error)
{
  return varve_private_mount_writable (host->sysroot_path, error);
}

static gboolean
host_load_ostree (VarveHost *host, VarveBootcStatus *status, VarveObserver *observer, GCancellable *cancellable,
                  GError **error)
{
  host->sysroot = varve_sysroot_open (host->is_this_machine ? "/" : host->sysroot_path, cancellable, error);
  if (host->sysroot == NULL)
    return FALSE;
  const VarveDeployment *deployment = varve_sysroot_next (host->sysroot);
  return host_find_reference (host, status, deployment, error) && host_find_store (host, observer, cancellable, error)
         && host_check_signature (host, error)
         && (deployment == NULL || host_check_layered_packages (host, deployment, observer, cancellable, error));
}

static gboolean
host_load_composefs (VarveHost *host, VarveBootcStatus *status, VarveObserver *observer, GCancellable *cancellable,
                     GError **error)
{
  gboolean has_reference = status != NULL && status->reference != NULL;
  host->origins = varve_composefs_origins_load (host->sysroot_path, has_reference ? observer : NULL, error);
  return host->origins != NULL && host_find_composefs_reference (host, status, error)
         && host_find_store (host, observer, cancellable, error) && host_check_signature (host, error);
}

static gboolean
host_load (VarveHost *host, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveBootcStatus) status = host->is_this_machine ? host_ask_bootc (observer, cancellable) : NULL;
  return host_find_kind (host, status, error) && host_make_writable (host, error)
         && (host->is_composefs ? host_load_composefs (host, status, observer, cancellable, error)
                                : host_load_ostree (host, status, observer, cancellable, error));
}

VarveHost *
varve_host_open (const char *sysroot_path, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveHost) host = g_new0 (VarveHost, 1);
  host->is_this_machine = g_str_equal (sysroot_path, "/");
  /* On a booted host "/ostree" leads to "/sysroot/ostree", which is not on the mount of "/". */
  host->sysroot_path = g_strdup (host->is_this_machine ? "/sysroot" : sysroot_path);
  host->repo_path = g_build_filename (host->sysroot_path, "ostree", "repo", NULL);
  host->composefs_path = g_build_filename (host->sysroot_path, "composefs", NULL);
  return host_load (host, observer, cancellable, error) ? g_steal_pointer (&host) : NULL;
}

void
varve_host_free (VarveHost *host)
{
  g_clear_pointer (&host->sysroot, varve_sysroot_free);
  g_clear_pointer (&host->origins, varve_composefs_origins_free);
  g_clear_pointer (&host->store, varve_image_store_free);
  g_clear_pointer (&host->run, varve_temporary_folder_free);
  g_clear_pointer (&host->reference, varve_host_reference_free);
  g_free (host->sysroot_path);
  g_free (host->repo_path);
  g_free (host->composefs_path);
  g_free (host);
}

const VarveImageStore *
varve_host_store (const VarveHost *host)
{
  return host->store;
}

const char *
varve_host_tree_path (const VarveHost *host)
{
  return host->is_this_machine && host->is_composefs ? "/" : NULL;
}

const char *
varve_host_repo_path (const VarveHost *host)
{
  return host->is_composefs ? NULL : host->repo_path;
}

const GArray *
varve_host_manifests (const VarveHost *host)
{
  return varve_host_tree_path (host) != NULL ? host->origins->manifests : NULL;
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
  if (host->is_composefs)
    {
      *out_has = varve_composefs_origins_have (host->origins, &image->descriptor->digest);
      return TRUE;
    }
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

/* bootc labels the layers of a plain image by the booted system's policy since 1.15.0. */
static const VarveDigest *
host_booted_commit (const VarveHost *host)
{
  GPtrArray *deployments = varve_sysroot_deployments (host->sysroot);
  for (guint i = 0; i < deployments->len; i++)
    if (((const VarveDeployment *)deployments->pdata[i])->is_booted)
      return &((const VarveDeployment *)deployments->pdata[i])->commit;
  return NULL;
}

gboolean
varve_host_check_plain (const VarveHost *host, const VarveDigest **out_policy_commit, VarveObserver *observer,
                        GCancellable *cancellable, GError **error)
{
  VarveImporterVersion version = VARVE_IMPORTER_VERSION_NEWEST;
  *out_policy_commit = NULL;
  if (!host->is_this_machine || host->store != NULL)
    return TRUE;
  g_autoptr (GError) failure = NULL;
  if (!varve_importer_version_load (&version, cancellable, &failure))
    varve_observer_warn (observer, "%s; assuming a version that imports plain images", failure->message);
  if (!version.takes_plain)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                   "the host's %s does not import images that are not of an OSTree commit; bootc does since 1.1.3, "
                   "rpm-ostree since 2025.2",
                   version.name);
      return FALSE;
    }
  *out_policy_commit = version.labels_plain ? host_booted_commit (host) : NULL;
  return TRUE;
}

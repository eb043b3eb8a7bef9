/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for streams and tags by their names in the file system; all else is done by the host's program. */
#include "host/composefs-store.h"

#include "base/child.h"
#include "base/error.h"

static const char TAG[] = "varve-prefetch";
enum { OUTPUT_MAX_BYTES = 1 << 20 };

typedef struct {
  char *repo_path, *program;
  gboolean is_bootc;
} ComposefsStore;

/* Runs the program with arguments up to a NULL. */
static gboolean
composefs_run (const ComposefsStore *self, const char *const *arguments, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_ptr_array_add (argv, self->program);
  if (self->is_bootc)
    {
      g_ptr_array_add (argv, (gpointer) "internals");
      g_ptr_array_add (argv, (gpointer) "cfs");
    }
  g_ptr_array_add (argv, (gpointer) "--repo");
  g_ptr_array_add (argv, self->repo_path);
  for (guint i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)arguments[i]);
  g_ptr_array_add (argv, NULL);
  VarveChildSetup setup = { .argv = (const char *const *)argv->pdata, .max_output_bytes = OUTPUT_MAX_BYTES };
  g_auto (VarveChildResult) result = { 0 };
  if (!varve_child_run (&setup, &result, cancellable, error))
    return FALSE;
  if (result.status == 0)
    return TRUE;
  g_autofree char *escaped = varve_escape_long (g_strstrip (result.messages), OUTPUT_MAX_BYTES);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "%s%s %s %s: exited with status %d: %s", self->program,
               self->is_bootc ? " internals cfs" : "", arguments[0], arguments[1], result.status, escaped);
  return FALSE;
}

static gboolean
composefs_has_layer (gpointer data, const VarveDigest *digest, const VarveDigest *diff_id, gboolean *out_has,
                     GError **error)
{
  const ComposefsStore *self = data;
  g_autofree char *text = varve_digest_to_string (diff_id), *name = g_strconcat ("oci-layer-", text, NULL);
  g_autofree char *path = g_build_filename (self->repo_path, "streams", name, NULL);
  *out_has = g_file_test (path, G_FILE_TEST_EXISTS);
  return TRUE;
}

static gboolean
composefs_take (gpointer data, const char *layout_path, GCancellable *cancellable, GError **error)
{
  g_autofree char *image = g_strconcat ("oci:", layout_path, ":", VARVE_IMAGE_STORE_REF, NULL);
  const char *const arguments[] = { "oci", "pull", image, TAG, NULL };
  return composefs_run (data, arguments, cancellable, error);
}

static gboolean
composefs_clear (gpointer data, gboolean *out_had, GCancellable *cancellable, GError **error)
{
  const ComposefsStore *self = data;
  const char *const arguments[] = { "oci", "untag", TAG, NULL };
  g_autofree char *path = g_build_filename (self->repo_path, "streams", "refs", "oci", TAG, NULL);
  *out_had = g_file_test (path, G_FILE_TEST_IS_SYMLINK);
  return !*out_had || composefs_run (self, arguments, cancellable, error);
}

static void
composefs_free (gpointer data)
{
  ComposefsStore *self = data;
  g_free (self->repo_path);
  g_free (self->program);
  g_free (self);
}

VarveImageStore *
varve_composefs_store_new (const char *repo_path, GError **error)
{
  g_autofree char *bootc = g_find_program_in_path ("bootc");
  g_autofree char *program = bootc != NULL ? g_strdup (bootc) : g_find_program_in_path ("cfsctl");
  if (program == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                   "the host uses bootc's composefs backend, and neither bootc nor cfsctl is in $PATH");
      return NULL;
    }
  ComposefsStore *self = g_new0 (ComposefsStore, 1);
  *self = (ComposefsStore){ .repo_path = g_strdup (repo_path),
                            .program = g_steal_pointer (&program),
                            .is_bootc = bootc != NULL };
  VarveImageStore *store = g_new0 (VarveImageStore, 1);
  *store = (VarveImageStore){
    .name = "bootc's composefs storage",
    .finds_by_diff_id = TRUE,
    .has_layer = composefs_has_layer,
    .take = composefs_take,
    .clear = composefs_clear,
    .free = composefs_free,
    .data = self,
  };
  return store;
}

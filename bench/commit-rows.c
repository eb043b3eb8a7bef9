/* SPDX-License-Identifier: Apache-2.0 */
/* Blobs are written only to be measured, so they are removed with the folder; manifests and configs are in memory by
 * then. The first build is the same in both series. */
#include "bench/commit-rows.h"

#include "base/error.h"
#include "base/temporary-folder.h"
#include "transport/open-image.h"

typedef struct {
  const VarveCommitRowsOptions *options;
  const char *folder;
  VarveObserver *observer;
  GCancellable *cancellable;
} Bench;

void
varve_commit_rows_free (VarveCommitRows *rows)
{
  g_clear_pointer (&rows->previous, varve_image_row_free);
  g_clear_pointer (&rows->afresh, varve_image_row_free);
  g_free (rows);
}

static char *
image_name (const Bench *bench, const char *layout, guint index)
{
  return g_strdup_printf ("oci:%s/%s:%u", bench->folder, layout, index);
}

/* Builds commit @index as the image @name, with @previous as the previous image, which may be NULL. */
static gboolean
bench_build (const Bench *bench, const char *name, guint index, const char *previous, GError **error)
{
  VarveBuildOptions options = *bench->options->build;
  char *names[] = { (char *)previous, NULL };
  options.draft.ref = bench->options->commits[index];
  options.draft.previous.names = previous != NULL ? names : NULL;
  options.draft.previous.is_optional = FALSE;
  g_autoptr (VarveReference) target = varve_reference_parse (name, error);
  g_autoptr (VarveReport) report
      = target != NULL ? varve_build (&options, target, bench->observer, bench->cancellable, error) : NULL;
  g_autofree char *commit = varve_escape (bench->options->commits[index]);
  if (report == NULL)
    g_prefix_error (error, "building '%s': ", commit);
  return report != NULL;
}

static gboolean
row_add_image (VarveImageRow *row, const char *commit, const char *name, GError **error)
{
  g_autoptr (VarveReference) reference = varve_reference_parse (name, error);
  VarveImage *image = reference != NULL ? varve_open_image (reference, NULL, error) : NULL;
  if (image == NULL)
    return FALSE;
  varve_image_row_add (row, commit, image);
  return TRUE;
}

static gboolean
bench_build_all (const Bench *bench, VarveCommitRows *rows, GError **error)
{
  g_autofree char *before = NULL;
  for (guint i = 0; bench->options->commits[i] != NULL; i++)
    {
      const char *commit = bench->options->commits[i];
      g_autofree char *previous = image_name (bench, "previous", i),
                      *afresh = image_name (bench, i > 0 ? "afresh" : "previous", i);
      if (!bench_build (bench, previous, i, before, error) || (i > 0 && !bench_build (bench, afresh, i, NULL, error))
          || !row_add_image (rows->previous, commit, previous, error)
          || !row_add_image (rows->afresh, commit, afresh, error))
        return FALSE;
      g_free (before);
      before = g_steal_pointer (&previous);
    }
  return varve_image_row_measure (rows->previous, error) && varve_image_row_measure (rows->afresh, error);
}

VarveCommitRows *
varve_commit_rows_measure (const VarveCommitRowsOptions *options, VarveObserver *observer, GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (VarveCommitRows) rows = g_new0 (VarveCommitRows, 1);
  g_autoptr (VarveTemporaryFolder) temporary = NULL;
  if (options->work_path == NULL && (temporary = varve_temporary_folder_new (NULL, error)) == NULL)
    return NULL;
  const char *folder = temporary != NULL ? varve_temporary_folder_path (temporary) : options->work_path;
  Bench bench = { options, folder, observer, cancellable };
  rows->previous = varve_image_row_new ();
  rows->afresh = varve_image_row_new ();
  return bench_build_all (&bench, rows, error) ? g_steal_pointer (&rows) : NULL;
}

json_object *
varve_commit_rows_to_json (const VarveCommitRows *rows)
{
  json_object *json = json_object_new_object (), *both = json_object_new_object (), *commits = json_object_new_array ();
  for (guint i = 0; i < rows->previous->images->len; i++)
    json_object_array_add (commits, json_object_new_string (varve_image_row_entry (rows->previous, i)->name));
  json_object_object_add (json, "commits", commits);
  json_object_object_add (both, "previous", varve_image_row_to_json (rows->previous));
  json_object_object_add (both, "afresh", varve_image_row_to_json (rows->afresh));
  json_object_object_add (json, "rows", both);
  return json;
}

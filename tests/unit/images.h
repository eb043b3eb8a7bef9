/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Images of nothing but a manifest and a config, for what looks no further. For one test program each. */

#include "compose/image-ledger.h"
#include "emit/ledger-text.h"
#include "model/image-keys.h"
#include "oci/image.h"

typedef struct {
  const char *tar;  /* what stands for the content: the diff ID follows from it */
  const char *blob; /* the digest follows from it; NULL: as the tar */
  guint64 size_bytes;
  const char *components; /* NULL: no annotation */
} ImageLayer;

/* Where an atom is: "NAME" or "NAME:SUBTREE", a digest, its bytes, its layer without the commit layer; the runs of its
 * objects if it is in several layers. */
typedef struct {
  const char *component, *subtree;
  guint64 digest, size_bytes;
  guint32 layer;
  VarveLedgerRun runs[3];
} ImageAtom;

static VarveDigest
image_digest (const char *text)
{
  return varve_digest_of (text, strlen (text));
}

static VarveImage *
image_new (const ImageLayer *layers, guint n_layers)
{
  VarveImage *image = g_new0 (VarveImage, 1);
  VarveDigest none = image_digest ("");
  image->descriptor = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &none, 100);
  image->manifest = varve_manifest_new ();
  image->manifest->config = varve_descriptor_new (VARVE_MEDIA_TYPE_CONFIG, &none, 20);
  image->config = varve_config_new ("amd64");
  varve_config_set_label (image->config, "ostree.final-diffid", "sha256:0");
  for (guint i = 0; i < n_layers; i++)
    {
      VarveDigest diff_id = image_digest (layers[i].tar);
      VarveDigest digest = image_digest (layers[i].blob != NULL ? layers[i].blob : layers[i].tar);
      VarveDescriptor *descriptor = varve_descriptor_new (VARVE_MEDIA_TYPE_LAYER, &digest, layers[i].size_bytes);
      if (layers[i].components != NULL)
        varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_COMPONENTS, layers[i].components);
      g_ptr_array_add (image->manifest->layers, descriptor);
      varve_config_add_layer (image->config, &diff_id, NULL, NULL);
    }
  return image;
}

static GArray *
image_runs (const VarveLedgerRun *runs)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (VarveLedgerRun));
  for (guint i = 0; i < 3 && runs[i].n_objects > 0; i++)
    g_array_append_val (array, runs[i]);
  return array;
}

static G_GNUC_UNUSED void
image_add_ledger (VarveImage *image, const ImageAtom *atoms, guint n_atoms)
{
  g_autoptr (VarveLedger) ledger = varve_ledger_new ();
  g_autoptr (GError) error = NULL;
  gint64 time = 1000;
  g_array_append_val (ledger->times, time);
  for (guint i = 0; i < n_atoms; i++)
    {
      VarveLedgerEntry *entry = varve_ledger_add (ledger, atoms[i].component, atoms[i].subtree);
      entry->digest = atoms[i].digest;
      entry->size_bytes = entry->raw_bytes = atoms[i].size_bytes;
      entry->layer = atoms[i].layer;
      if (atoms[i].runs[0].n_objects > 0)
        entry->runs = image_runs (atoms[i].runs);
    }
  varve_ledger_sort (ledger);
  g_autofree char *text = varve_ledger_to_text (ledger, &error);
  g_assert_no_error (error);
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_LEDGER, text);
}

/* One more stale object in a layer of an image with a ledger, the commit layer not counted; since 1000 seconds for each
 * byte of it after 1970. */
static G_GNUC_UNUSED void
image_add_stale (VarveImage *image, guint32 layer, const char *const *paths, guint64 size_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) ledger = varve_image_ledger_read (image->manifest, &error);
  g_assert_no_error (error);
  while (ledger->layers->len <= layer)
    varve_ledger_add_layer (ledger);
  GPtrArray *copy = g_ptr_array_new (), *stale = varve_ledger_layer (ledger, layer)->stale;
  for (guint i = 0; paths[i] != NULL; i++)
    g_ptr_array_add (copy, g_strdup (paths[i]));
  VarveStaleObject *object = varve_stale_object_new (copy, size_bytes, 1);
  object->since = (gint64)size_bytes * 1000;
  g_ptr_array_add (stale, object);
  guint64 bytes = 0;
  for (guint i = 0; i < stale->len; i++)
    bytes += ((VarveStaleObject *)stale->pdata[i])->size_bytes;
  g_autofree char *text = varve_ledger_to_text (ledger, &error), *n = g_strdup_printf ("%u", stale->len),
                  *size = g_strdup_printf ("%" G_GUINT64_FORMAT, bytes);
  g_assert_no_error (error);
  varve_manifest_annotate (image->manifest, VARVE_ANNOTATION_LEDGER, text);
  varve_descriptor_annotate (image->manifest->layers->pdata[layer + 1], VARVE_ANNOTATION_STALE_OBJECTS, n);
  varve_descriptor_annotate (image->manifest->layers->pdata[layer + 1], VARVE_ANNOTATION_STALE_BYTES, size);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/uki-check.h"

#include <string.h>

#include "base/error.h"
#include "packages/uki.h"
#include "rootfs/uki-image.h"

enum { RELEASE_MAX_BYTES = 64 };

static const VarveObject *
object_of (const VarveInventory *inventory, guint32 file)
{
  return &inventory->objects[inventory->files[file].object];
}

static gboolean
is_uki (const VarveInventory *inventory, guint32 file)
{
  const char *path = inventory->files[file].path;
  return varve_uki_is_taken (path) && varve_uki_is_image (path) && object_of (inventory, file)->symlink_target == NULL;
}

gboolean
varve_uki_check_finds (const VarveInventory *inventory)
{
  for (guint32 i = 0; i < inventory->n_files; i++)
    if (is_uki (inventory, i))
      return TRUE;
  return FALSE;
}

/* FALSE where the content cannot be read. */
static gboolean
read_uki (const VarveObject *object, VarveSource *source, VarveUkiImage *out_image, GCancellable *cancellable)
{
  g_autoptr (GInputStream) content = source->open_content (source, &object->checksum, cancellable, NULL);
  if (content != NULL)
    varve_uki_image_read (content, out_image, cancellable);
  return content != NULL;
}

/* As uname(2) would give it. */
static gboolean
is_release (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c) || c - text >= RELEASE_MAX_BYTES)
      return FALSE;
  return text[0] != '\0';
}

char *
varve_uki_check_release (const VarveInventory *inventory, VarveSource *source)
{
  const VarveObject *only = NULL;
  g_auto (VarveUkiImage) image = { 0 };
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      if (!is_uki (inventory, i))
        continue;
      if (only != NULL && only != object_of (inventory, i))
        return NULL;
      only = object_of (inventory, i);
    }
  gboolean has_release = only != NULL && read_uki (only, source, &image, NULL) && image.release != NULL;
  return has_release && is_release (image.release) ? g_steal_pointer (&image.release) : NULL;
}

/* As composefs-boot's cmdline.rs reads it. */
static gboolean
names_composefs (const char *command_line)
{
  g_auto (GStrv) words = g_strsplit_set (command_line, " \t\n", -1);
  for (char **word = words; *word != NULL; word++)
    if (g_str_has_prefix (*word, "composefs=") || g_str_has_prefix (*word, "composefs.digest="))
      return TRUE;
  return FALSE;
}

static const char *
problem_of (const VarveUkiImage *image)
{
  if (!image->is_program)
    return "is not an EFI program; make it with 'bootc container ukify' or ukify";
  if (!image->has_kernel)
    return "is not a UKI: no section '.linux'; make it with 'bootc container ukify' or ukify";
  if (!image->has_os_release)
    return "has no section '.osrel', which bootc reads; make it again with 'ukify --os-release'";
  if (image->command_line == NULL || !names_composefs (image->command_line))
    return "has no 'composefs=DIGEST' in its command line, which bootc demands; make it with 'bootc container ukify'";
  return NULL;
}

static void
check_one (const VarveInventory *inventory, guint32 file, VarveSource *source, VarveObserver *observer,
           GCancellable *cancellable)
{
  g_auto (VarveUkiImage) image = { 0 };
  const char *problem = NULL;
  if (object_of (inventory, file)->symlink_target != NULL)
    problem = "is a symlink, which bootc's composefs backend refuses; put the file itself there";
  else if (is_uki (inventory, file) && read_uki (object_of (inventory, file), source, &image, cancellable))
    problem = problem_of (&image);
  if (problem == NULL)
    return;
  g_autofree char *escaped = varve_escape (inventory->files[file].path);
  varve_observer_warn (observer, "the image will not boot: '/%s' %s", escaped, problem);
}

void
varve_uki_check (const VarveInventory *inventory, VarveSource *source, VarveObserver *observer,
                 GCancellable *cancellable)
{
  for (guint32 i = 0; i < inventory->n_files; i++)
    if (varve_uki_is_taken (inventory->files[i].path))
      check_one (inventory, i, source, observer, cancellable);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/sink.h"
#include "model/inventory.h"
#include "model/source.h"

/* Copies contents of objects into a tar. One for each layer; one thread at a time. */
typedef struct _VarveContentCopy VarveContentCopy;

/* Both must outlive it. */
VarveContentCopy *varve_content_copy_new (VarveSource *source, GCancellable *cancellable);
void varve_content_copy_free (VarveContentCopy *copy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveContentCopy, varve_content_copy_free)

/* Writes the content and the padding of its last block. CORRUPT if it differs from the object's size or checksum. A
 * symlink has no content, but is checked too. */
gboolean varve_content_copy_write (VarveContentCopy *copy, const VarveObject *object, VarveSink *sink, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

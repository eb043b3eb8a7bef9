#pragma once

#include <gio/gio.h>

#include "base/extent-file.h"
#include "codec/codec.h"

/* The recipe by which @plain, both in the spool, becomes exactly @encoded. @head is the beginning of the stream, header
 * included. NULL without an error when none of the likely ones does within VARVE_RECIPE_MEMORY_MAX_BYTES. */
char *varve_recipe_try (VarveExtentFile *spool, const VarveCodec *codec, GBytes *head, VarveExtent plain,
                        VarveExtent encoded, GCancellable *cancellable);

/* CPU seconds that encoding takes, about: from figures of one machine, so that a delta does not depend on the machine.
 */
double varve_recipe_seconds (const char *recipe, guint64 plain_bytes);

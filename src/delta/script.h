/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/extent-file.h"
#include "delta/chains.h"

/* The ops of a delta entry as a table: what the bytes from an offset on are made of. So the ops of another delta, which
 * read these bytes, can be answered without having them. The table and all data are in a spool. */

typedef enum {
  VARVE_PART_DATA,    /* bytes of the delta */
  VARVE_PART_COPY,    /* bytes of a source */
  VARVE_PART_ADD,     /* bytes of a source, to which bytes of the delta are added */
  VARVE_PART_ENCODED, /* what an encoder makes of the bytes that another script describes */
} VarvePartKind;

typedef struct _VarveScript VarveScript;

/* A stretch of the stream that a script describes. */
typedef struct {
  VarvePartKind kind;
  guint64 at, size_bytes;
  guint64 data_at;          /* of DATA and ADD: in the spool */
  guint64 source_at;        /* of COPY and ADD: in the source */
  guint32 way;              /* of COPY and ADD: the source, in the chains */
  const VarveScript *inner; /* of ENCODED */
} VarvePart;

/* Reads the ops of an entry. UNSUPPORTED for an encoder whose recipe lacks the size of its output: what follows would
 * have no known place. */
VarveScript *varve_script_read (GInputStream *blob, VarveChains *chains, VarveExtentFile *spool,
                                GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A script of known bytes, which are in @spool. */
VarveScript *varve_script_new_known (VarveExtentFile *spool, VarveExtent content, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_script_free (VarveScript *script);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveScript, varve_script_free)

/* Of the stream that the script describes. */
guint64 varve_script_size_bytes (const VarveScript *script);
/* The encoder that an inner script is the input of. */
const char *varve_script_recipe (const VarveScript *script);

/* Finds parts; one thread at a time. The script must outlive it. */
typedef struct _VarveScriptReader VarveScriptReader;

VarveScriptReader *varve_script_reader_new (const VarveScript *script);
void varve_script_reader_free (VarveScriptReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveScriptReader, varve_script_reader_free)
const VarveScript *varve_script_reader_script (const VarveScriptReader *reader);
/* The part that the byte at @at belongs to; @at is below the size of the stream. */
gboolean varve_script_reader_find (VarveScriptReader *reader, guint64 at, VarvePart *out_part, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The header of a Python bytecode file, which names the time and the size of its source. Python compares both with the
 * source, and compiles the source again where one differs. CPython's Lib/importlib/_bootstrap_external.py has the
 * formats: 16 bytes since Python 3.7 (PEP 552), 12 since 3.3, before that 8. */

#define VARVE_PYC_HEADER_BYTES 16

typedef enum {
  VARVE_PYC_UNKNOWN, /* no bytecode, or of a form that Python does not load */
  VARVE_PYC_TIMED,
  VARVE_PYC_HASHED, /* names the hash of its source: no time matters */
} VarvePycKind;

typedef struct {
  VarvePycKind kind;
  gboolean is_python2;
  guint32 time; /* of a timed one: of the source, seconds since 1970 modulo 2^32 */
  gboolean has_size;
  guint32 source_bytes; /* size of the source modulo 2^32 */
} VarvePycHeader;

/* @bytes: the first VARVE_PYC_HEADER_BYTES of the file, or all of a shorter one. */
VarvePycHeader varve_pyc_header_parse (const guint8 *bytes, gsize size_bytes);

/* Where the source of a bytecode file is, by the path of the latter: "a/m.py" for "a/__pycache__/m.TAG.pyc" (PEP 3147,
 * PEP 488); for "a/m.pyc" or ".pyo", which only Python 2 compares with a source, *out_is_beside is set. NULL for other
 * paths. The caller frees it. */
char *varve_pyc_source (const char *path, gboolean *out_is_beside);

/* SPDX-License-Identifier: Apache-2.0 */
#include "model/pyc-header.h"

#include <string.h>

#include "base/little-endian.h"

/* Magic numbers: PyPy's are below 3000, those of Python 2 from 20121 on. */
enum { MAGIC_PYTHON3 = 3000, MAGIC_HAS_SIZE = 3210, MAGIC_PEP_552 = 3392, MAGIC_PYTHON2 = 20000 };
enum { FLAG_HASHED = 1, FLAG_CHECKED = 2 };
static const char CACHE[] = "__pycache__/";

static VarvePycHeader
parse_pep_552 (const guint8 *bytes)
{
  guint32 flags = varve_read_le32 (bytes + 4);
  if ((flags & ~(guint32)(FLAG_HASHED | FLAG_CHECKED)) != 0)
    return (VarvePycHeader){ .kind = VARVE_PYC_UNKNOWN };
  if ((flags & FLAG_HASHED) != 0)
    return (VarvePycHeader){ .kind = VARVE_PYC_HASHED };
  return (VarvePycHeader){ .kind = VARVE_PYC_TIMED,
                           .time = varve_read_le32 (bytes + 8),
                           .has_size = TRUE,
                           .source_bytes = varve_read_le32 (bytes + 12) };
}

VarvePycHeader
varve_pyc_header_parse (const guint8 *bytes, gsize size_bytes)
{
  VarvePycHeader header = { .kind = VARVE_PYC_UNKNOWN };
  if (size_bytes < 8 || bytes[2] != '\r' || bytes[3] != '\n')
    return header;
  guint magic = varve_read_le16 (bytes);
  gboolean is_old = magic >= MAGIC_PYTHON2 || (magic >= MAGIC_PYTHON3 && magic < MAGIC_PEP_552);
  if (!is_old)
    return size_bytes >= VARVE_PYC_HEADER_BYTES ? parse_pep_552 (bytes) : header;
  header.is_python2 = magic >= MAGIC_PYTHON2;
  header.has_size = !header.is_python2 && magic >= MAGIC_HAS_SIZE;
  if (header.has_size && size_bytes < 12)
    return header;
  header.kind = VARVE_PYC_TIMED;
  header.time = varve_read_le32 (bytes + 4);
  header.source_bytes = header.has_size ? varve_read_le32 (bytes + 8) : 0;
  return header;
}

/* The length of "NAME" in "NAME.TAG" or "NAME.TAG.opt-LEVEL"; 0 without a tag. */
static gsize
name_length (const char *name, gsize length)
{
  const char *dot = memrchr (name, '.', length);
  if (dot != NULL && g_str_has_prefix (dot, ".opt-"))
    dot = memrchr (name, '.', (gsize)(dot - name));
  return dot != NULL ? (gsize)(dot - name) : 0;
}

char *
varve_pyc_source (const char *path, gboolean *out_is_beside)
{
  gsize length = strlen (path), suffix = strlen (".pyc");
  if (!g_str_has_suffix (path, ".pyc") && !g_str_has_suffix (path, ".pyo"))
    return NULL;
  const char *slash = strrchr (path, '/'), *name = slash != NULL ? slash + 1 : path;
  gsize folder = (gsize)(name - path), stem = length - suffix - folder, cache = strlen (CACHE);
  gboolean is_cached = folder >= cache && strncmp (name - cache, CACHE, cache) == 0
                       && (folder == cache || name[-(gssize)cache - 1] == '/');
  if (is_cached)
    {
      stem = name_length (name, stem);
      folder -= cache;
    }
  if (stem == 0)
    return NULL;
  *out_is_beside = !is_cached;
  return g_strdup_printf ("%.*s%.*s.py", (int)folder, path, (int)stem, name);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Sources: bootc's history of ostree-ext/src/container/store.rs, and the revisions of it that rpm-ostree was built
 * with.
 */
#include "host/importer-version.h"

#include <string.h>

#include "base/child.h"
#include "base/error.h"

enum { OUTPUT_MAX_BYTES = 1 << 16 };

typedef struct {
  guint64 major, minor, patch;
} Version;

static const struct {
  const char *program, *before; /* what is written before the version */
  Version takes_plain, labels_plain;
} PROGRAMS[] = {
  { "bootc", "bootc ", { 1, 1, 3 }, { 1, 15, 0 } },
  { "rpm-ostree", "Version: '", { 2025, 2, 0 }, { G_MAXUINT64, 0, 0 } },
};

static gboolean
is_at_least (const Version *a, const Version *b)
{
  if (a->major != b->major)
    return a->major > b->major;
  return a->minor != b->minor ? a->minor > b->minor : a->patch >= b->patch;
}

/* "1.16.9" or "2025.6", and whatever follows. */
static gboolean
parse_version (const char *text, Version *out_version)
{
  guint64 *const parts[] = { &out_version->major, &out_version->minor, &out_version->patch };
  *out_version = (Version){ 0 };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      char *end;
      if (!g_ascii_isdigit (*text))
        return i == 2;
      *parts[i] = g_ascii_strtoull (text, &end, 10);
      if (*end != '.')
        return i > 0;
      text = end + 1;
    }
  return TRUE;
}

gboolean
varve_importer_version_parse (const char *program, const char *text, VarveImporterVersion *out_version, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (PROGRAMS); i++)
    {
      const char *found = g_str_equal (PROGRAMS[i].program, program) ? strstr (text, PROGRAMS[i].before) : NULL;
      Version version;
      if (found == NULL || !parse_version (found + strlen (PROGRAMS[i].before), &version))
        continue;
      g_snprintf (out_version->name, sizeof out_version->name,
                  "%s %" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT, program, version.major,
                  version.minor, version.patch);
      out_version->takes_plain = is_at_least (&version, &PROGRAMS[i].takes_plain);
      out_version->labels_plain = is_at_least (&version, &PROGRAMS[i].labels_plain);
      return TRUE;
    }
  g_autofree char *escaped = varve_escape (text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "%s --version: no version in '%s'", program, escaped);
  return FALSE;
}

static gboolean
load_version (const char *program, const char *path, VarveImporterVersion *out_version, GCancellable *cancellable,
              GError **error)
{
  const char *const argv[] = { path, "--version", NULL };
  VarveChildSetup setup = { .argv = argv, .max_output_bytes = OUTPUT_MAX_BYTES };
  g_auto (VarveChildResult) result = { 0 };
  if (!varve_child_run (&setup, &result, cancellable, error))
    return FALSE;
  gsize size_bytes;
  const char *data = g_bytes_get_data (result.output, &size_bytes);
  g_autofree char *text = g_strndup (data, size_bytes);
  return varve_importer_version_parse (program, text, out_version, error);
}

gboolean
varve_importer_version_load (VarveImporterVersion *out_version, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (PROGRAMS); i++)
    {
      g_autofree char *path = g_find_program_in_path (PROGRAMS[i].program);
      if (path != NULL)
        return load_version (PROGRAMS[i].program, path, out_version, cancellable, error);
    }
  return TRUE;
}

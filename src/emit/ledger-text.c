/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/ledger-text.h"

#include <string.h>

#include "base/error.h"
#include "chunker/ledger-codec.h"
#include "emit/frame.h"

enum { LEDGER_MAX_BYTES = 16 << 20 };
/* A shorter history is worth more than knowing what is in which layer. */
enum { BUILDS_BEFORE_OBJECTS = 16 };

static const char LEDGER_PREFIX[] = "1:";

static char *
ledger_encode (const VarveLedger *ledger, GError **error)
{
  g_autoptr (GBytes) bytes = varve_ledger_to_bytes (ledger), frame = varve_frame_compress (bytes, error);
  if (frame == NULL)
    return NULL;
  gsize size_bytes;
  const guchar *data = g_bytes_get_data (frame, &size_bytes);
  g_autofree char *base64 = g_base64_encode (data, size_bytes);
  return g_strconcat (LEDGER_PREFIX, base64, NULL);
}

/* FALSE when the ledger has no watched directories. */
static gboolean
ledger_forget_watched (VarveLedger *ledger)
{
  guint32 n_entries = ledger->entries->len;
  for (guint32 i = n_entries; i-- > 0;)
    if (varve_ledger_entry (ledger, i)->layer == VARVE_NO_LAYER)
      g_ptr_array_remove_index (ledger->entries, i);
  return ledger->entries->len < n_entries;
}

char *
varve_ledger_to_text (VarveLedger *ledger, GError **error)
{
  for (;;)
    {
      g_autofree char *text = ledger_encode (ledger, error);
      if (text == NULL || strlen (text) <= VARVE_LEDGER_TEXT_MAX_BYTES)
        return g_steal_pointer (&text);
      gboolean has_history = ledger->times->len > 1;
      if (ledger->times->len <= BUILDS_BEFORE_OBJECTS && varve_ledger_forget_objects (ledger))
        continue;
      if (has_history)
        varve_ledger_truncate (ledger, ledger->times->len - MAX (ledger->times->len / 4, 1));
      else if (!ledger_forget_watched (ledger))
        break;
    }
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "the ledger of %u components has more than %u bytes",
               ledger->entries->len, VARVE_LEDGER_TEXT_MAX_BYTES);
  return NULL;
}

VarveLedger *
varve_ledger_from_text (const char *text, GError **error)
{
  if (!g_str_has_prefix (text, LEDGER_PREFIX))
    {
      g_autofree char *escaped = varve_escape (text);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "ledger: expected the prefix '%s', found '%.20s'",
                   LEDGER_PREFIX, escaped);
      return NULL;
    }
  gsize size_bytes, length = strlen (text);
  if (length > 2ul * VARVE_LEDGER_TEXT_MAX_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "ledger: %" G_GSIZE_FORMAT " bytes, expected at most %u",
                   length, 2 * VARVE_LEDGER_TEXT_MAX_BYTES);
      return NULL;
    }
  const char *base64 = text + strlen (LEDGER_PREFIX);
  g_autofree guchar *data = g_base64_decode (base64, &size_bytes);
  g_autofree char *again = g_base64_encode (data, size_bytes);
  if (strcmp (again, base64) != 0) /* GLib ignores characters that are not base64 */
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "ledger: not base64");
      return NULL;
    }
  g_autoptr (GBytes) frame = g_bytes_new_take (g_steal_pointer (&data), size_bytes);
  g_autoptr (GBytes) bytes = varve_frame_decompress (frame, LEDGER_MAX_BYTES, error);
  if (bytes != NULL)
    return varve_ledger_from_bytes (bytes, error);
  g_prefix_error (error, "ledger: ");
  return NULL;
}

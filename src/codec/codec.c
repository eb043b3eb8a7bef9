/* SPDX-License-Identifier: Apache-2.0 */
/* Finds codecs by id, by magic and by the name in a recipe, and reads the keys of recipes. */
#include "codec/codec.h"

#include <string.h>

#include "base/error.h"

static const VarveCodec *
codec_at (guint index)
{
  switch (index)
    {
    case 0:
      return varve_codec_xz ();
    case 1:
      return varve_codec_gzip ();
    case 2:
      return varve_codec_zstd ();
    default:
      return varve_codec_lz4 ();
    }
}

enum { N_CODECS = 4 };

void
varve_encoder_free (VarveEncoder *encoder)
{
  encoder->free (encoder);
}

const VarveCodec *
varve_codec_find (guint8 id)
{
  for (guint i = 0; i < N_CODECS; i++)
    {
      const VarveCodec *codec = codec_at (i);
      if (codec != NULL && codec->id == id)
        return codec;
    }
  return NULL;
}

const VarveCodec *
varve_codec_recognise (const guint8 *head, gsize head_bytes)
{
  for (guint i = 0; i < N_CODECS; i++)
    {
      const VarveCodec *codec = codec_at (i);
      if (codec != NULL && head_bytes >= codec->magic_bytes && memcmp (head, codec->magic, codec->magic_bytes) == 0)
        return codec;
    }
  return NULL;
}

VarveEncoder *
varve_codec_encoder_new (const char *recipe, const VarveEncoderOptions *options, const VarveSink *out, GError **error)
{
  gsize length = strcspn (recipe, ";");
  for (guint i = 0; i < N_CODECS; i++)
    {
      const VarveCodec *codec = codec_at (i);
      if (codec == NULL || strlen (codec->name) != length || strncmp (codec->name, recipe, length) != 0)
        continue;
      VarveEncoder *encoder = codec->encoder_new (recipe, options, out, error);
      g_autofree char *escaped = varve_escape (recipe);
      if (encoder == NULL)
        g_prefix_error (error, "recipe '%s': ", escaped);
      return encoder;
    }
  g_autofree char *escaped = varve_escape (recipe);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "recipe '%s': unknown encoder", escaped);
  return NULL;
}

gboolean
varve_codec_error_is_about_data (const GError *error)
{
  return g_error_matches (error, VARVE_ERROR, VARVE_ERROR_CORRUPT)
         || g_error_matches (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED)
         || g_error_matches (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
}

char *
varve_recipe_text (const char *recipe, const char *key)
{
  gsize length = strlen (key);
  for (const char *part = strchr (recipe, ';'); part != NULL; part = strchr (part + 1, ';'))
    if (strncmp (part + 1, key, length) == 0 && part[1 + length] == '=')
      {
        const char *value = part + 2 + length;
        return g_strndup (value, strcspn (value, ";"));
      }
  return NULL;
}

gboolean
varve_recipe_number (const char *recipe, const char *key, guint64 min, guint64 max, guint64 *out_value, GError **error)
{
  g_autofree char *text = varve_recipe_text (recipe, key);
  if (text != NULL && g_ascii_string_to_unsigned (text, 10, min, max, out_value, NULL))
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "key '%s': missing or invalid, expected %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, key, min, max);
  return FALSE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "release/licence.h"

#include <string.h>

#include "base/digest.h"
#include "release/licence-ids.h"

enum { DEPTH_MAX = 32, REF_NAME_MAX_BYTES = 64, REF_DIGEST_DIGITS = 8 };

static const char REF[] = "LicenseRef-";

#define IDENTIFIER_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."

typedef struct {
  const char *p;
  GString *out;
  guint depth, depth_max;
} Parser;

static void
skip_spaces (Parser *parser)
{
  parser->p += strspn (parser->p, " \t");
}

/* The next word, without moving past it; NULL where there is none. */
static char *
peek_word (Parser *parser)
{
  skip_spaces (parser);
  gsize length = strspn (parser->p, IDENTIFIER_CHARACTERS "+");
  return length > 0 ? g_strndup (parser->p, length) : NULL;
}

/* Whether the next word is this operator; moves past it. */
static gboolean
take_operator (Parser *parser, const char *operator)
{
  g_autofree char *word = peek_word (parser);
  if (g_strcmp0 (word, operator) != 0)
    return FALSE;
  parser->p += strlen (word);
  g_string_append_printf (parser->out, " %s ", operator);
  return TRUE;
}

static gboolean
is_ref (const char *word)
{
  gsize prefix = strlen (REF);
  return strncmp (word, REF, prefix) == 0 && word[prefix] != '\0' && strchr (word, '+') == NULL;
}

/* With a plus sign at the end: this or any later version. */
static gboolean
take_identifier (Parser *parser)
{
  g_autofree char *word = peek_word (parser);
  if (word == NULL)
    return FALSE;
  parser->p += strlen (word);
  const char *known = is_ref (word) ? word : varve_licence_find (word);
  gboolean is_later = known == NULL && g_str_has_suffix (word, "+");
  if (is_later)
    {
      word[strlen (word) - 1] = '\0';
      known = varve_licence_find (word);
    }
  if (known == NULL)
    return FALSE;
  g_string_append_printf (parser->out, "%s%s", known, is_later ? "+" : "");
  return TRUE;
}

static gboolean
take_exception (Parser *parser)
{
  g_autofree char *word = peek_word (parser);
  const char *known = word != NULL ? varve_licence_exception_find (word) : NULL;
  if (known == NULL)
    return FALSE;
  parser->p += strlen (word);
  g_string_append (parser->out, known);
  return TRUE;
}

static gboolean take_alternatives (Parser *parser);

static gboolean
take_simple (Parser *parser)
{
  skip_spaces (parser);
  if (*parser->p != '(')
    return take_identifier (parser) && (!take_operator (parser, "WITH") || take_exception (parser));
  if (++parser->depth > parser->depth_max)
    return FALSE;
  parser->p++;
  g_string_append_c (parser->out, '(');
  if (!take_alternatives (parser))
    return FALSE;
  skip_spaces (parser);
  if (*parser->p != ')')
    return FALSE;
  parser->p++;
  parser->depth--;
  g_string_append_c (parser->out, ')');
  return TRUE;
}

static gboolean
take_conjunction (Parser *parser)
{
  do
    if (!take_simple (parser))
      return FALSE;
  while (take_operator (parser, "AND"));
  return TRUE;
}

static gboolean
take_alternatives (Parser *parser)
{
  do
    if (!take_conjunction (parser))
      return FALSE;
  while (take_operator (parser, "OR"));
  return TRUE;
}

static char *
parse (const char *text, guint depth_max)
{
  g_autoptr (GString) out = g_string_new (NULL);
  Parser parser = { .p = text, .out = out, .depth_max = depth_max };
  if (!take_alternatives (&parser))
    return NULL;
  skip_spaces (&parser);
  return *parser.p == '\0' ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}

char *
varve_licence_parse (const char *text)
{
  return parse (text, DEPTH_MAX);
}

gboolean
varve_licence_is_identifier (const char *text)
{
  return varve_licence_find (text) != NULL;
}

static void
ref_free (gpointer data)
{
  VarveLicenceRef *ref = data;
  g_free (ref->identifier);
  g_free (ref->text);
  g_free (ref);
}

void
varve_licence_refs_init (VarveLicenceRefs *refs)
{
  refs->by_identifier = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, ref_free);
}

void
varve_licence_refs_clear (VarveLicenceRefs *refs)
{
  g_clear_pointer (&refs->by_identifier, g_hash_table_unref);
}

static int
compare_refs (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(VarveLicenceRef *const *)a)->identifier, (*(VarveLicenceRef *const *)b)->identifier);
}

GPtrArray *
varve_licence_refs_list (const VarveLicenceRefs *refs)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer ref;
  g_hash_table_iter_init (&iter, refs->by_identifier);
  while (g_hash_table_iter_next (&iter, NULL, &ref))
    g_ptr_array_add (list, ref);
  g_ptr_array_sort (list, compare_refs);
  return list;
}

static void
refs_add (VarveLicenceRefs *refs, const char *identifier, const char *text)
{
  if (g_hash_table_contains (refs->by_identifier, identifier))
    return;
  VarveLicenceRef *ref = g_new0 (VarveLicenceRef, 1);
  ref->identifier = g_strdup (identifier);
  ref->text = g_strdup (text);
  g_hash_table_insert (refs->by_identifier, ref->identifier, ref);
}

/* "LicenseRef-GPLv2"; what an identifier cannot hold becomes "-", and some digits of the text's digest then keep two
 * texts apart. */
static char *
make_ref (const char *text)
{
  g_autofree char *name = g_strndup (text, REF_NAME_MAX_BYTES);
  g_strcanon (name, IDENTIFIER_CHARACTERS, '-');
  if (strcmp (name, text) == 0)
    return g_strconcat (REF, name, NULL);
  VarveDigest digest = varve_digest_of (text, strlen (text));
  g_autofree char *hex = varve_digest_to_hex (&digest);
  hex[REF_DIGEST_DIGITS] = '\0';
  return g_strconcat (REF, name, "-", hex, NULL);
}

static void
add_used_refs (VarveLicenceRefs *refs, const char *expression)
{
  for (const char *p = expression; *p != '\0';)
    {
      gsize length = strspn (p, IDENTIFIER_CHARACTERS "+");
      g_autofree char *word = g_strndup (p, MAX (length, 1));
      if (is_ref (word))
        refs_add (refs, word, word);
      p += MAX (length, 1);
    }
}

char *
varve_licences_join (const GPtrArray *licences, VarveLicenceRefs *refs)
{
  g_autoptr (GString) joined = g_string_new (NULL);
  for (guint i = 0; i < licences->len; i++)
    {
      const char *text = licences->pdata[i];
      g_autofree char *expression = parse (text, DEPTH_MAX - 1); /* the joined one has parentheses around it */
      if (expression != NULL)
        add_used_refs (refs, expression);
      else
        {
          expression = make_ref (text);
          refs_add (refs, expression, text);
        }
      gboolean is_compound = licences->len > 1 && strchr (expression, ' ') != NULL;
      g_string_append_printf (joined, "%s%s%s%s", i > 0 ? " AND " : "", is_compound ? "(" : "", expression,
                              is_compound ? ")" : "");
    }
  return joined->len > 0 ? g_string_free (g_steal_pointer (&joined), FALSE) : g_strdup ("NOASSERTION");
}

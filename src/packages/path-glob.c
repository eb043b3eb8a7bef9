/* SPDX-License-Identifier: Apache-2.0 */
/* Only the last '*' and the last '**' need to be retried: the pattern before the last '**' has matched as early as it
 * can, and a later match would only leave less of the path. */
#include "packages/path-glob.h"

#include <string.h>

#include "base/error.h"

#define PATTERN_MAX_BYTES 4096

/* The end of the bracket that starts at @bracket, its ']'; NULL when there is none. A ']' that comes first is a
 * member. */
static const char *
bracket_end (const char *bracket)
{
  const char *p = bracket + 1;
  if (*p == '!' || *p == '^')
    p++;
  if (*p == '\0')
    return NULL;
  return strchr (p + 1, ']');
}

static const char *
pattern_fault (const char *pattern)
{
  if (pattern[0] == '\0')
    return "empty";
  if (strlen (pattern) > PATTERN_MAX_BYTES)
    return "longer than " G_STRINGIFY (PATTERN_MAX_BYTES) " bytes";
  for (const char *p = pattern; *p != '\0'; p++)
    {
      if (*p == '\\')
        {
          if (*++p == '\0')
            return "ends in a backslash";
        }
      else if (*p == '[' && (p = bracket_end (p)) == NULL)
        return "a '[' has no ']'";
    }
  return NULL;
}

gboolean
varve_path_glob_check (const char *pattern, GError **error)
{
  const char *fault = pattern_fault (pattern);
  if (fault == NULL)
    return TRUE;
  g_autofree char *escaped = varve_escape (pattern);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "pattern '%s': %s", escaped, fault);
  return FALSE;
}

/* Sets *p past the bracket. */
static gboolean
match_bracket (const char **p, guint8 character)
{
  const char *end = bracket_end (*p);
  const char *member = *p + 1;
  gboolean is_negated = *member == '!' || *member == '^';
  gboolean is_member = FALSE;
  for (member += is_negated; member < end; member++)
    {
      guint8 low = (guint8)*member, high = low;
      if (member + 2 < end && member[1] == '-')
        {
          high = (guint8)member[2];
          member += 2;
        }
      is_member = is_member || (low <= character && character <= high);
    }
  *p = end + 1;
  return character != '/' && is_member != is_negated;
}

/* Matches one pattern element other than a star against the start of *t, and moves both past it. */
static gboolean
match_one (const char **p, const char **t)
{
  if (**t == '\0' || **p == '\0')
    return FALSE;
  if (**p == '?')
    {
      if (**t == '/')
        return FALSE;
      (*p)++;
      for ((*t)++; ((guint8) * *t & 0xc0) == 0x80;)
        (*t)++;
      return TRUE;
    }
  if (**p == '[')
    return match_bracket (p, (guint8) * (*t)++);
  if (**p == '\\')
    (*p)++;
  return *(*p)++ == *(*t)++;
}

typedef struct {
  const char *pattern, *path; /* where to retry; pattern NULL: no retry */
  gboolean whole_components;
} Retry;

/* Reads the '**' at @p. */
static Retry
globstar_at (const char *start, const char *p, const char *path)
{
  gboolean at_component = p == start || p[-1] == '/';
  p += strspn (p, "*");
  gboolean whole_components = at_component && *p == '/';
  return (Retry){ .pattern = p + whole_components, .path = path, .whole_components = whole_components };
}

/* Lets the '**' take one more character, or one more component. FALSE when there is none left. */
static gboolean
extend_globstar (Retry *retry)
{
  if (retry->pattern == NULL || retry->path[0] == '\0')
    return FALSE;
  const char *next = retry->whole_components ? strchr (retry->path, '/') : retry->path;
  if (next == NULL)
    return FALSE;
  retry->path = next + 1;
  return TRUE;
}

gboolean
varve_path_glob_match (const char *pattern, const char *path)
{
  Retry star = { 0 }, globstar = { 0 };
  for (const char *p = pattern, *t = path;;)
    {
      if (p[0] == '*')
        {
          Retry *found = p[1] == '*' ? &globstar : &star;
          star = (Retry){ 0 };
          *found = p[1] == '*' ? globstar_at (pattern, p, t) : (Retry){ .pattern = p + 1, .path = t };
          p = found->pattern;
          continue;
        }
      if (*p == '\0' && *t == '\0')
        return TRUE;
      if (match_one (&p, &t))
        continue;
      if (star.pattern != NULL && star.path[0] != '\0' && star.path[0] != '/')
        {
          p = star.pattern;
          t = ++star.path;
          continue;
        }
      if (!extend_globstar (&globstar))
        return FALSE;
      star = (Retry){ 0 };
      p = globstar.pattern;
      t = globstar.path;
    }
}

gboolean
varve_path_glob_match_any (const char *const *patterns, const char *path)
{
  for (const char *const *pattern = patterns; *pattern != NULL; pattern++)
    if (varve_path_glob_match (*pattern, path))
      return TRUE;
  return FALSE;
}

gsize
varve_path_glob_literal_folder (const char *pattern)
{
  gsize literal = strcspn (pattern, "*?[\\");
  while (literal > 0 && pattern[literal - 1] != '/')
    literal--;
  return literal;
}

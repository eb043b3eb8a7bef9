/* SPDX-License-Identifier: Apache-2.0 */
/* Checked character by character, since the name goes to skopeo and into URLs, where it must have one meaning only. */
#include "skopeo/registry-name.h"

#include <string.h>

enum {
  NAME_MAX_BYTES = 255,
  TAG_MAX_BYTES = 128,
  PORT_MAX = 65535,
};

static gboolean
is_lower_alnum (char c)
{
  return g_ascii_islower (c) || g_ascii_isdigit (c);
}

/* Letters and digits, with '.' or runs of '-' between them. */
static gboolean
is_domain (const char *host, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      gboolean is_edge = i == 0 || i == length - 1 || host[i - 1] == '.' || host[i + 1] == '.';
      if (!g_ascii_isalnum (host[i]) && (is_edge || (host[i] != '-' && host[i] != '.')))
        return FALSE;
    }
  return length > 0;
}

static gboolean
is_ipv6 (const char *host, gsize length)
{
  if (length < 4 || host[0] != '[' || host[length - 1] != ']')
    return FALSE;
  for (gsize i = 1; i < length - 1; i++)
    if (!g_ascii_isxdigit (host[i]) && host[i] != ':')
      return FALSE;
  return TRUE;
}

/* The ':' before the port; in "[ADDRESS]:PORT" the one after the bracket. */
static const char *
find_port_colon (const char *host, gsize length)
{
  const char *bracket = host[0] == '[' ? memchr (host, ']', length) : NULL;
  if (bracket == NULL)
    return memchr (host, ':', length);
  return bracket + 1 < host + length && bracket[1] == ':' ? bracket + 1 : NULL;
}

static const char *
host_problem (const char *host, gsize length)
{
  const char *end = host + length, *colon = find_port_colon (host, length);
  gsize name_length = colon != NULL ? (gsize)(colon - host) : length;
  if (host[0] == '[' ? !is_ipv6 (host, name_length) : !is_domain (host, name_length))
    return "has an invalid host";
  g_autofree char *port = colon != NULL ? g_strndup (colon + 1, (gsize)(end - colon - 1)) : NULL;
  if (port != NULL && !g_ascii_string_to_unsigned (port, 10, 1, PORT_MAX, NULL, NULL))
    return "has an invalid port";
  gboolean is_named = colon != NULL || host[0] == '[' || memchr (host, '.', length) != NULL
                      || (length == strlen ("localhost") && memcmp (host, "localhost", length) == 0);
  return is_named ? NULL : "has no host";
}

/* [a-z0-9]+, separated by one '.', one or two '_', or any number of '-'. */
static const char *
skip_path_component (const char *p)
{
  for (;;)
    {
      if (!is_lower_alnum (*p))
        return NULL;
      while (is_lower_alnum (*p))
        p++;
      if (*p == '.')
        p++;
      else if (*p == '_')
        p += p[1] == '_' ? 2 : 1;
      else if (*p == '-')
        p += strspn (p, "-");
      else
        return p;
    }
}

const char *
varve_registry_name_problem (const char *name)
{
  const char *slash = strchr (name, '/');
  if (strlen (name) > NAME_MAX_BYTES)
    return "is longer than 255 bytes";
  if (slash == NULL)
    return "has no host or no repository";
  const char *problem = host_problem (name, (gsize)(slash - name));
  if (problem != NULL)
    return problem;
  const char *p = skip_path_component (slash + 1);
  while (p != NULL && *p == '/')
    p = skip_path_component (p + 1);
  return p != NULL && *p == '\0' ? NULL
                                 : "has an invalid repository name (lower-case letters, digits, single separators)";
}

gboolean
varve_registry_name_is_tag (const char *tag)
{
  gsize length = strlen (tag);
  if (length == 0 || length > TAG_MAX_BYTES || tag[0] == '.' || tag[0] == '-')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (tag[i]) && strchr ("_.-", tag[i]) == NULL)
      return FALSE;
  return TRUE;
}

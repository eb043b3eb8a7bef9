/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs with verbs of their own, such as delta and bench. */
#include "cli/subverbs.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/dump-options.h"

static void
print_usage (FILE *out, const char *verb, const VarveSubverb *subverbs, guint n)
{
  fputs ("Usage:\n", out);
  for (guint i = 0; i < n; i++)
    fprintf (out, "  varve %s %s %s [OPTION...]\n      %s\n", verb, subverbs[i].name, subverbs[i].parameters,
             subverbs[i].summary);
  fprintf (out, "\nSee 'varve %s %s --help' for its options, likewise for the others, and varve-%s(1).\n", verb,
           subverbs[0].name, verb);
}

static int
run_subverb (VarveSession *session, const char *verb, const VarveSubverb *subverb, int argc, char **argv)
{
  g_autofree char *name = g_strdup_printf ("varve %s %s", verb, subverb->name);
  g_set_prgname (name);
  return subverb->run (session, argc, argv);
}

static int
dump_subverbs (VarveSession *session, const char *verb, const VarveSubverb *subverbs, guint n)
{
  int status = 0;
  for (guint i = 0; i < n && status == 0; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s %s", verb, subverbs[i].name);
      char *arguments[] = { (char *)subverbs[i].name, NULL };
      varve_dump_verb (name, subverbs[i].summary);
      status = run_subverb (session, verb, &subverbs[i], 1, arguments);
    }
  return status;
}

int
varve_subverbs_run (VarveSession *session, const char *verb, const VarveSubverb *subverbs, guint n, int argc,
                    char **argv)
{
  const char *word = argc > 1 ? argv[1] : NULL;
  if (session->dumps)
    return dump_subverbs (session, verb, subverbs, n);
  gboolean asks_help = word != NULL && (strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0);
  if (word == NULL || asks_help)
    {
      print_usage (asks_help ? stdout : stderr, verb, subverbs, n);
      return asks_help ? 0 : VARVE_EXIT_USAGE;
    }
  for (guint i = 0; i < n; i++)
    if (strcmp (word, subverbs[i].name) == 0)
      return run_subverb (session, verb, &subverbs[i], argc - 1, argv + 1);
  g_autofree char *escaped = varve_escape (word);
  fprintf (stderr, "varve %s: unknown verb '%s'\nTry 'varve %s --help'.\n", verb, escaped, verb);
  return VARVE_EXIT_USAGE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/dump-options.h"
#include "config.h"

typedef struct {
  const char *name, *summary;
  int (*run) (VarveSession *session, int argc, char **argv);
} Verb;

static const Verb VERBS[] = {
  { "build", "build an image from an OSTree commit, a tree or another image", varve_cmd_build },
  { "plan", "show the layers that build would create, without writing them", varve_cmd_plan },
  { "inspect", "show an image's layers and components", varve_cmd_inspect },
  { "diff", "show what an update downloads, and why", varve_cmd_diff },
  { "explain", "explain why something is in its layer, or why layers changed", varve_cmd_explain },
  { "verify", "check every digest and every rule of the format", varve_cmd_verify },
  { "sbom", "write a bill of materials of an image, a commit or a tree", varve_cmd_sbom },
  { "import", "import an image into an OSTree repository", varve_cmd_import },
  { "push", "push an image to a registry", varve_cmd_push },
  { "publish", "push an image with deltas from the images before it", varve_cmd_publish },
  { "pull", "pull an image from a registry into a layout", varve_cmd_pull },
  { "bundle", "put deltas and what else hosts without a network need into a folder", varve_cmd_bundle },
  { "copy", "copy images between layouts, archives and registries", varve_cmd_copy },
  { "index", "create one index of images for several architectures", varve_cmd_index },
  { "prefetch", "fill a host's layer cache before its upgrade", varve_cmd_prefetch },
  { "delta", "create, apply and inspect deltas between images", varve_cmd_delta },
  { "bench", "measure updates, builds and deltas", varve_cmd_bench },
  { "report", "write an HTML page with plots of measurements", varve_cmd_report },
};

static void
print_help (FILE *stream)
{
  fputs ("Usage: varve VERB [OPTION...]\n\n"
         "Builds bootable OCI images whose layers stay the same from release to release.\n\n",
         stream);
  for (guint i = 0; i < G_N_ELEMENTS (VERBS); i++)
    fprintf (stream, "  %-10s %s\n", VERBS[i].name, VERBS[i].summary);
  fputs ("\nSee 'varve VERB --help' for the options of a verb, and varve(1).\n", stream);
}

/* GLib ends the process where it gets no memory or cannot start a thread: as any other failure, with a message and
 * status 1, instead of a signal and a core dump. No memory is used here. */
static void
end_without_memory (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  static const char START[] = "varve: ", END[] = "\n";
  const struct iovec parts[] = {
    { (gpointer)START, sizeof START - 1 },
    { (gpointer)message, strlen (message) },
    { (gpointer)END, sizeof END - 1 },
  };
  (void)!writev (STDERR_FILENO, parts, G_N_ELEMENTS (parts));
  _exit (1);
}

/* GLib aborts where it has no descriptor for its main loop or to look at a pipe. Two jobs get along with twenty. */
enum { OPEN_FILES_MIN = 64, OPEN_FILES_WANTED = 1024 };

static gboolean
check_open_files (const char *verb)
{
  struct rlimit limit;
  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return TRUE;
  rlim_t wanted = MIN (limit.rlim_max, OPEN_FILES_WANTED);
  if (limit.rlim_cur < wanted)
    {
      limit.rlim_cur = wanted;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
  if (limit.rlim_cur >= OPEN_FILES_MIN)
    return TRUE;
  fprintf (stderr, "varve %s: at most %u open files are allowed: expected %d or more (ulimit -n)\n", verb,
           (guint)limit.rlim_cur, OPEN_FILES_MIN);
  return FALSE;
}

static int
run_verb (const Verb *verb, int argc, char **argv)
{
  g_autofree char *name = g_strconcat ("varve ", verb->name, NULL);
  g_set_prgname (name);
  if (!check_open_files (verb->name))
    return 1;
  VarveSession *session = varve_session_new ();
  int status = varve_session_finish (session, verb->run (session, argc, argv));
  varve_session_free (session);
  return status;
}

/* For the build, which generates shell completions from this; not for users. */
static int
dump_options (void)
{
  VarveSession *session = varve_session_new ();
  int status = 0;
  session->dumps = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (VERBS) && status == 0; i++)
    {
      g_autofree char *name = g_strconcat ("varve ", VERBS[i].name, NULL);
      char *arguments[] = { (char *)VERBS[i].name, NULL };
      g_set_prgname (name);
      varve_dump_verb (VERBS[i].name, VERBS[i].summary);
      status = VERBS[i].run (session, 1, arguments);
    }
  status = varve_session_finish (session, status);
  varve_session_free (session);
  return status;
}

int
main (int argc, char **argv)
{
  const char *word = argc > 1 ? argv[1] : NULL;
  g_log_set_handler ("GLib", G_LOG_LEVEL_ERROR | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION, end_without_memory, NULL);
  if (word == NULL)
    {
      print_help (stderr);
      return VARVE_EXIT_USAGE;
    }
  if (strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0 || strcmp (word, "help") == 0)
    {
      print_help (stdout);
      return 0;
    }
  if (strcmp (word, "--version") == 0)
    {
      puts ("varve " VARVE_VERSION);
      return 0;
    }
  if (strcmp (word, "--dump-options") == 0)
    return dump_options ();
  for (guint i = 0; i < G_N_ELEMENTS (VERBS); i++)
    if (strcmp (word, VERBS[i].name) == 0)
      return run_verb (&VERBS[i], argc - 1, argv + 1);
  g_autofree char *escaped = varve_escape (word);
  fprintf (stderr, "varve: unknown verb '%s'\nTry 'varve --help'.\n", escaped);
  return VARVE_EXIT_USAGE;
}

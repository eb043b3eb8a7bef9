/* SPDX-License-Identifier: Apache-2.0 */
/* Signals, common options, progress. A thread of its own draws the progress several times a second; while it runs,
 * nothing else writes to stderr. */
#include "cli/session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/dump-options.h"
#include "cli/image-options.h"
#include "cli/print.h"
#include "transport/open-image.h"
#include "transport/target.h"

enum {
  TERMINAL_INTERVAL_MS = 200,
  LOG_INTERVAL_MS = 10000,
  JOBS_MAX = 1024,
  LOCK_TIMEOUT_DEFAULT = 600,
  LOCK_TIMEOUT_MAX = 1000000,
  STREAMS_DEFAULT = 6,
  OUTPUT_BUFFER_BYTES = 8 << 20,
};

/* Owned by the signal thread, which runs until the process ends. */
typedef struct {
  sigset_t signals;
  GCancellable *cancellable;
} SignalWatch;

static int caught_signal;
static int work_is_done;

/* The result stays here until the verb has cleaned up, so that a signal can end a blocked write at once. */
static char output_buffer[OUTPUT_BUFFER_BYTES];

static GThread *progress_thread;
static GMutex progress_mutex;
static GCond progress_ended;
static gboolean progress_running;

static gpointer
wait_for_signals (gpointer data)
{
  const SignalWatch *watch = data;
  int signal_number;
  if (sigwait (&watch->signals, &signal_number) == 0 && !g_atomic_int_get (&work_is_done))
    {
      g_atomic_int_set (&caught_signal, signal_number);
      g_cancellable_cancel (watch->cancellable);
      if (sigwait (&watch->signals, &signal_number) != 0)
        return NULL;
    }
  _exit (128 + signal_number); /* a second signal; the next run removes the temporary files */
}

VarveSession *
varve_session_new (void)
{
  static SignalWatch watch;
  VarveSession *session = g_new0 (VarveSession, 1);
  session->cancellable = g_cancellable_new ();
  session->observer = varve_observer_new ();
  session->jobs = VARVE_JOBS_ALL;
  session->lock_timeout = LOCK_TIMEOUT_DEFAULT;
  session->arguments = g_ptr_array_new_with_free_func (g_free);
  setvbuf (stdout, output_buffer, _IOFBF, sizeof output_buffer);
  signal (SIGPIPE, SIG_IGN); /* a closed pipe becomes a write error */
  watch.cancellable = g_object_ref (session->cancellable);
  sigemptyset (&watch.signals);
  sigaddset (&watch.signals, SIGINT);
  sigaddset (&watch.signals, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &watch.signals, NULL);
  GThread *thread = g_thread_try_new ("varve-signals", wait_for_signals, &watch, NULL);
  if (thread != NULL)
    g_thread_unref (thread);
  else /* the signals end the process at once */
    pthread_sigmask (SIG_UNBLOCK, &watch.signals, NULL);
  return session;
}

int
varve_session_finish (VarveSession *session, int status)
{
  varve_session_stop (session);
  g_atomic_int_set (&work_is_done, TRUE);
  if (fflush (stdout) == 0 && !ferror (stdout))
    return status;
  fprintf (stderr, "varve: writing to stdout: %s\n", g_strerror (errno));
  return status != 0 ? status : 1;
}

void
varve_session_free (VarveSession *session)
{
  g_object_unref (session->cancellable);
  varve_observer_free (session->observer);
  g_ptr_array_unref (session->arguments);
  g_free (session);
}

static gboolean
check_arguments (VarveSession *session, const VarveSyntax *syntax, int n_arguments, const char *verb)
{
  if (session->jobs != VARVE_JOBS_ALL && (session->jobs < 1 || session->jobs > JOBS_MAX))
    fprintf (stderr, "varve: --jobs %d: expected 1 to %d\n", session->jobs, JOBS_MAX);
  else if (session->lock_timeout < 0 || session->lock_timeout > LOCK_TIMEOUT_MAX)
    fprintf (stderr, "varve: --lock-timeout %d: expected 0 to %d\n", session->lock_timeout, LOCK_TIMEOUT_MAX);
  else if (n_arguments < syntax->min_arguments)
    fprintf (stderr, "varve %s: missing argument: expected %s\n", verb, syntax->parameters);
  else if (n_arguments > syntax->max_arguments)
    fprintf (stderr, "varve %s: too many arguments: expected %s\n", verb, syntax->parameters);
  else
    return TRUE;
  fprintf (stderr, "Try 'varve %s --help'.\n", verb);
  return FALSE;
}

/* One spelling of --arch for all verbs. */
static gboolean
map_architecture (const VarveSyntax *syntax, const char *verb)
{
  for (const GOptionEntry *entry = syntax->entries; entry->long_name != NULL; entry++)
    {
      char **value = strcmp (entry->long_name, "arch") == 0 ? entry->arg_data : NULL;
      if (value == NULL || *value == NULL)
        continue;
      g_autoptr (GError) error = NULL;
      const char *name = varve_open_architecture (*value, &error);
      if (name == NULL)
        {
          fprintf (stderr, "varve %s: --arch %s\nTry 'varve %s --help'.\n", verb, error->message, verb);
          return FALSE;
        }
      g_free (*value);
      *value = g_strdup (name);
    }
  return TRUE;
}

/* GOption accepts "-j 4" but not "-j4". */
static void
split_jobs (VarveSession *session, int argc, char **argv)
{
  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    {
      if (!g_str_has_prefix (argv[i], "-j") || !g_ascii_isdigit (argv[i][2]))
        continue;
      argv[i] = g_strconcat ("--jobs=", argv[i] + 2, NULL);
      g_ptr_array_add (session->arguments, argv[i]);
    }
}

/* The verb's own options and those that several verbs have. */
static GArray *
list_entries (VarveSession *session, const VarveSyntax *syntax)
{
  const GOptionEntry json
      = { "json", 0, 0, G_OPTION_ARG_NONE, &session->json, "Write one JSON document to stdout", NULL };
  const GOptionEntry jobs = { "jobs", 'j', 0, G_OPTION_ARG_INT, &session->jobs, "Number of cores to use (all)", "N" };
  const GOptionEntry quiet = { "quiet", 'q', 0, G_OPTION_ARG_NONE, &session->quiet, "Show no progress", NULL };
  const GOptionEntry lock = { "lock-timeout",
                              0,
                              0,
                              G_OPTION_ARG_INT,
                              &session->lock_timeout,
                              "Wait this long for another writer of the same layout (600)",
                              "SECONDS" };
  GArray *entries = g_array_new (TRUE, FALSE, sizeof (GOptionEntry));
  for (const GOptionEntry *entry = syntax->entries; entry->long_name != NULL; entry++)
    g_array_append_val (entries, *entry);
  if (syntax->flags & VARVE_OPTIONS_JSON)
    g_array_append_val (entries, json);
  if (syntax->flags & VARVE_OPTIONS_JOBS)
    g_array_append_val (entries, jobs);
  if (syntax->flags & VARVE_OPTIONS_LOCK)
    g_array_append_val (entries, lock);
  g_array_append_val (entries, quiet);
  return entries;
}

static void
dump_syntax (VarveSession *session, const VarveSyntax *syntax)
{
  const char *verb = g_get_prgname () + strlen ("varve ");
  g_autoptr (GArray) entries = list_entries (session, syntax);
  varve_dump_operands (verb, syntax->parameters);
  varve_dump_entries (verb, (const GOptionEntry *)entries->data);
  if (syntax->images == NULL)
    return;
  g_autoptr (GArray) registry = varve_image_options_entries (syntax->images);
  varve_dump_entries (verb, (const GOptionEntry *)registry->data);
}

static gboolean
parse_arguments (VarveSession *session, const VarveSyntax *syntax, int *argc, char ***argv)
{
  const char *verb = g_get_prgname () + strlen ("varve ");
  g_autoptr (GOptionContext) context = g_option_context_new (syntax->parameters);
  g_autoptr (GArray) entries = list_entries (session, syntax);
  g_option_context_set_summary (context, syntax->summary);
  g_option_context_add_main_entries (context, (const GOptionEntry *)entries->data, NULL);
  if (syntax->flags & VARVE_OPTIONS_JOBS)
    split_jobs (session, *argc, *argv);
  if (syntax->images != NULL)
    g_option_context_add_group (context, varve_image_options_group (syntax->images));
  g_autoptr (GError) error = NULL;
  g_autofree char **all = g_memdup2 (*argv, (gsize)*argc * sizeof (char *));
  int n_all = *argc;
  varve_image_options_prepare (*argc, *argv);
  gboolean parsed = g_option_context_parse (context, argc, argv, &error);
  varve_image_options_hide (n_all, all);
  if (!parsed)
    {
      g_autofree char *message = varve_escape_long (error->message, G_MAXSIZE);
      fprintf (stderr, "varve %s: %s\nTry 'varve %s --help'.\n", verb, message, verb);
      return FALSE;
    }
  if (*argc > 1 && strcmp ((*argv)[1], "--") == 0) /* GOption keeps it when no option follows */
    {
      memmove (&(*argv)[1], &(*argv)[2], (gsize)(*argc - 1) * sizeof (char *));
      (*argc)--;
    }
  if (!map_architecture (syntax, verb) || !check_arguments (session, syntax, *argc - 1, verb))
    return FALSE;
  varve_target_set_lock_timeout ((guint)session->lock_timeout);
  return TRUE;
}

static void
print_warnings (VarveSession *session, gboolean is_terminal)
{
  for (;;)
    {
      g_autofree char *warning = varve_observer_take_warning (session->observer);
      if (warning == NULL)
        return;
      fprintf (stderr, "%svarve: warning: %s\n", is_terminal ? "\r\033[K" : "", warning);
    }
}

static void
print_progress (const VarveProgress *progress, gint64 elapsed_us, gboolean is_terminal)
{
  g_autoptr (GString) line = g_string_new (progress->phase);
  if (progress->total_bytes > 0)
    {
      g_autofree char *done = varve_format_size (progress->done_bytes),
                      *total = varve_format_size (progress->total_bytes);
      g_string_append_printf (line, ": %s of %s, %u %%", done, total,
                              (guint)(progress->done_bytes * 100 / progress->total_bytes));
      if (elapsed_us >= G_USEC_PER_SEC / 2)
        {
          g_autofree char *rate = varve_format_size (progress->done_bytes * G_USEC_PER_SEC / (guint64)elapsed_us);
          g_string_append_printf (line, ", %s/s", rate);
        }
    }
  fprintf (stderr, is_terminal ? "\r\033[K%s" : "%s\n", line->str);
}

typedef struct {
  const char *phase;
  gint64 phase_start_us, printed_us;
} Display;

static void
draw_progress (VarveSession *session, Display *display, gboolean is_terminal)
{
  VarveProgress progress = varve_observer_progress (session->observer);
  gint64 now_us = g_get_monotonic_time ();
  print_warnings (session, is_terminal);
  if (session->quiet || progress.phase == NULL)
    return;
  gboolean is_new = progress.phase != display->phase;
  if (is_new)
    *display = (Display){ .phase = progress.phase, .phase_start_us = now_us };
  if (!is_terminal && !is_new && now_us - display->printed_us < LOG_INTERVAL_MS * 1000)
    return;
  display->printed_us = now_us;
  print_progress (&progress, now_us - display->phase_start_us, is_terminal);
}

static gpointer
show_progress (gpointer data)
{
  VarveSession *session = data;
  gboolean is_terminal = isatty (STDERR_FILENO);
  Display display = { 0 };
  g_mutex_lock (&progress_mutex);
  while (progress_running)
    {
      gint64 deadline = g_get_monotonic_time () + TERMINAL_INTERVAL_MS * 1000;
      while (progress_running && g_cond_wait_until (&progress_ended, &progress_mutex, deadline))
        ;
      if (progress_running)
        draw_progress (session, &display, is_terminal);
    }
  g_mutex_unlock (&progress_mutex);
  if (is_terminal && display.phase != NULL)
    fputs ("\r\033[K", stderr);
  print_warnings (session, FALSE);
  return NULL;
}

void
varve_session_start (VarveSession *session)
{
  g_return_if_fail (progress_thread == NULL);
  progress_running = TRUE;
  progress_thread = g_thread_try_new ("varve-progress", show_progress, session, NULL);
}

void
varve_session_stop (VarveSession *session)
{
  if (progress_thread == NULL)
    {
      print_warnings (session, FALSE);
      return;
    }
  g_mutex_lock (&progress_mutex);
  progress_running = FALSE;
  g_cond_signal (&progress_ended);
  g_mutex_unlock (&progress_mutex);
  g_thread_join (g_steal_pointer (&progress_thread));
}

/* Prints the error and returns its exit status: 2 for wrong usage, 128 plus the signal if a signal cancelled the verb,
 * else 1. */
static int
print_error (VarveSession *session, const GError *error)
{
  varve_session_stop (session);
  int signal_number = g_atomic_int_get (&caught_signal);
  if (signal_number != 0)
    {
      fprintf (stderr, "%s: stopped by %s; finished work stays valid\n", g_get_prgname (),
               signal_number == SIGINT ? "SIGINT" : "SIGTERM");
      return 128 + signal_number;
    }
  g_autofree char *message = varve_escape_long (error->message, G_MAXSIZE);
  fprintf (stderr, "%s: %s\n", g_get_prgname (), message);
  return g_error_matches (error, VARVE_ERROR, VARVE_ERROR_USAGE) ? VARVE_EXIT_USAGE : 1;
}

/* Frees what GOption allocated for the verb. */
static void
clear_syntax (const VarveSyntax *syntax)
{
  for (const GOptionEntry *entry = syntax->entries; entry->long_name != NULL; entry++)
    if (entry->arg == G_OPTION_ARG_FILENAME || entry->arg == G_OPTION_ARG_STRING)
      g_clear_pointer ((char **)entry->arg_data, g_free);
    else if (entry->arg == G_OPTION_ARG_FILENAME_ARRAY || entry->arg == G_OPTION_ARG_STRING_ARRAY)
      g_clear_pointer ((char ***)entry->arg_data, g_strfreev);
  if (syntax->images != NULL)
    varve_image_options_clear (syntax->images);
}

int
varve_session_run (VarveSession *session, const VarveSyntax *syntax, int argc, char **argv, VarveVerb verb,
                   gpointer arguments)
{
  g_autoptr (GError) error = NULL;
  int status = VARVE_EXIT_USAGE;
  if (session->dumps)
    {
      dump_syntax (session, syntax);
      return 0;
    }
  if (parse_arguments (session, syntax, &argc, &argv))
    status = verb (session, arguments, argv + 1, &error);
  if (error != NULL)
    status = print_error (session, error);
  clear_syntax (syntax);
  return status;
}

guint
varve_session_jobs (const VarveSession *session)
{
  return session->jobs > 0 ? (guint)session->jobs : g_get_num_processors ();
}

guint
varve_session_streams (const VarveSession *session)
{
  return session->jobs > 0 ? (guint)session->jobs : STREAMS_DEFAULT;
}

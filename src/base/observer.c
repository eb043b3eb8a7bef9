/* SPDX-License-Identifier: Apache-2.0 */
/* A mutex suffices: writers call this once for each megabyte or file. */
#include "base/observer.h"

#include "base/error.h"

struct _VarveObserver {
  GMutex mutex;
  VarveProgress progress;
  GQueue warnings;
};

VarveObserver *
varve_observer_new (void)
{
  VarveObserver *observer = g_new0 (VarveObserver, 1);
  g_mutex_init (&observer->mutex);
  g_queue_init (&observer->warnings);
  return observer;
}

void
varve_observer_free (VarveObserver *observer)
{
  g_queue_clear_full (&observer->warnings, g_free);
  g_mutex_clear (&observer->mutex);
  g_free (observer);
}

void
varve_observer_begin (VarveObserver *observer, const char *phase, guint64 total_bytes)
{
  if (observer == NULL)
    return;
  g_mutex_lock (&observer->mutex);
  observer->progress = (VarveProgress){ .phase = phase, .total_bytes = total_bytes };
  g_mutex_unlock (&observer->mutex);
}

void
varve_observer_advance (VarveObserver *observer, guint64 done_bytes)
{
  if (observer == NULL)
    return;
  g_mutex_lock (&observer->mutex);
  observer->progress.done_bytes += done_bytes;
  g_mutex_unlock (&observer->mutex);
}

void
varve_observer_warn (VarveObserver *observer, const char *format, ...)
{
  if (observer == NULL)
    return;
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  char *warning = varve_escape_long (message, G_MAXSIZE);
  g_mutex_lock (&observer->mutex);
  g_queue_push_tail (&observer->warnings, warning);
  g_mutex_unlock (&observer->mutex);
}

VarveProgress
varve_observer_progress (VarveObserver *observer)
{
  g_mutex_lock (&observer->mutex);
  VarveProgress progress = observer->progress;
  g_mutex_unlock (&observer->mutex);
  return progress;
}

char *
varve_observer_take_warning (VarveObserver *observer)
{
  g_mutex_lock (&observer->mutex);
  char *warning = g_queue_pop_head (&observer->warnings);
  g_mutex_unlock (&observer->mutex);
  return warning;
}

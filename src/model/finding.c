/* SPDX-License-Identifier: Apache-2.0 */
/* Errors and notes have separate limits, so that many notes cannot displace an error. */
#include "model/finding.h"

#include "base/error.h"

enum { N_SEVERITIES = VARVE_SEVERITY_NOTE + 1 };

static const guint KEPT_MAX[N_SEVERITIES] = { VARVE_FINDINGS_MAX_ERRORS, VARVE_FINDINGS_MAX_NOTES };

struct _VarveFindings {
  GMutex mutex;
  GPtrArray *kept[N_SEVERITIES];
  guint64 counts[N_SEVERITIES];
};

const char *
varve_severity_to_string (VarveSeverity severity)
{
  return severity == VARVE_SEVERITY_ERROR ? "error" : "note";
}

static void
finding_free (gpointer data)
{
  VarveFinding *finding = data;
  g_free (finding->rule);
  g_free (finding->where);
  g_free (finding->message);
  g_free (finding);
}

VarveFindings *
varve_findings_new (void)
{
  VarveFindings *findings = g_new0 (VarveFindings, 1);
  g_mutex_init (&findings->mutex);
  for (guint i = 0; i < N_SEVERITIES; i++)
    findings->kept[i] = g_ptr_array_new_with_free_func (finding_free);
  return findings;
}

void
varve_findings_free (VarveFindings *findings)
{
  for (guint i = 0; i < N_SEVERITIES; i++)
    g_ptr_array_unref (findings->kept[i]);
  g_mutex_clear (&findings->mutex);
  g_free (findings);
}

/* Counts @finding, and keeps or frees it. */
static void
findings_take (VarveFindings *findings, VarveFinding *finding)
{
  g_mutex_lock (&findings->mutex);
  GPtrArray *kept = findings->kept[finding->severity];
  findings->counts[finding->severity]++;
  if (kept->len < KEPT_MAX[finding->severity])
    g_ptr_array_add (kept, g_steal_pointer (&finding));
  g_mutex_unlock (&findings->mutex);
  g_clear_pointer (&finding, finding_free);
}

void
varve_findings_add (VarveFindings *findings, VarveSeverity severity, const char *rule, const char *where,
                    const char *format, ...)
{
  if (findings == NULL)
    return;
  VarveFinding *finding = g_new0 (VarveFinding, 1);
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  *finding = (VarveFinding){
    .severity = severity,
    .rule = g_strdup (rule),
    .where = varve_escape (where),
    .message = varve_escape_long (message, G_MAXSIZE),
  };
  findings_take (findings, finding);
}

void
varve_findings_append (VarveFindings *findings, VarveFindings *other)
{
  for (guint i = 0; i < N_SEVERITIES; i++)
    {
      guint64 dropped = other->counts[i] - other->kept[i]->len;
      while (other->kept[i]->len > 0)
        findings_take (findings, g_ptr_array_steal_index (other->kept[i], 0));
      findings->counts[i] += dropped;
      other->counts[i] = 0;
    }
}

guint64
varve_findings_count (VarveFindings *findings, VarveSeverity severity)
{
  g_mutex_lock (&findings->mutex);
  guint64 count = findings->counts[severity];
  g_mutex_unlock (&findings->mutex);
  return count;
}

guint
varve_findings_kept (VarveFindings *findings, VarveSeverity severity)
{
  g_mutex_lock (&findings->mutex);
  guint count = findings->kept[severity]->len;
  g_mutex_unlock (&findings->mutex);
  return count;
}

const VarveFinding *
varve_findings_get (VarveFindings *findings, VarveSeverity severity, guint index)
{
  g_mutex_lock (&findings->mutex);
  const VarveFinding *finding = g_ptr_array_index (findings->kept[severity], index);
  g_mutex_unlock (&findings->mutex);
  return finding;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* librpm opens databases only by name, so the files are copied out of the tree first. It also has its settings and its
 * log in global state: one database is read at a time, the host's configuration is not loaded, and all settings made
 * here are undone. */
#include "config.h"

#include "packages/database.h"

#include <fcntl.h>
#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmfi.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>
#include <rpm/rpmsq.h>
#include <rpm/rpmts.h>

#include "base/error.h"
#include "packages/rpm-copy.h"
#include "packages/rpm-places.h"
#include "packages/rpm-source.h"

enum { PACKAGES_MAX = 100000, FILES_OF_PACKAGE_MAX = 4000000 };

static GMutex librpm_mutex;

/* Warnings and errors of librpm. */
typedef struct {
  const VarveRpmCopy *copy;
  char *first; /* NULL when there are none */
  guint n;
} Log;

/* librpm warns that a Berkeley database has no indexes; they are not copied, since all packages are read in order. The
 * text of the message depends on the locale, the path in it does not. */
static gboolean
is_missing_index (const Log *log, rpmlogRec record)
{
  g_autofree char *folder = g_strconcat (varve_temporary_folder_path (log->copy->folder), "/", NULL);
  const char *file = strstr (rpmlogRecMessage (record), folder);
  return rpmlogRecPriority (record) == RPMLOG_WARNING && strcmp (log->copy->backend, "bdb_ro") == 0 && file != NULL
         && !g_str_has_prefix (file + strlen (folder), "Packages");
}

static int
take_log (rpmlogRec record, rpmlogCallbackData data)
{
  Log *log = data;
  if (rpmlogRecPriority (record) > RPMLOG_WARNING || is_missing_index (log, record))
    return 0;
  if (log->n++ == 0)
    log->first = g_strstrip (g_strdup (rpmlogRecMessage (record)));
  return 0;
}

static char *
describe_log (const Log *log)
{
  return log->first != NULL ? varve_escape (log->first) : g_strdup ("librpm gives no reason");
}

typedef struct {
  VarvePackageTree *tree;
  VarveClaims *claims;
  guint32 database; /* the file that holds the packages */
  guint n_packages;
} Reading;

static void
add_changes (Reading *reading, guint32 component, Header header)
{
  struct rpmtd_s times;
  if (headerGet (header, RPMTAG_CHANGELOGTIME, &times, HEADERGET_MINMEM) != 1)
    return;
  for (guint n = 0; n < VARVE_CHANGES_MAX && rpmtdNext (&times) >= 0; n++)
    varve_claims_add_change (reading->claims, component, (gint64)rpmtdGetNumber (&times));
  rpmtdFreeData (&times);
}

/* The parallel lists of a package's files in its header. */
typedef struct {
  struct rpmtd_s names, folders, folder_indices, states, flags;
} FileTags;

static void
file_tags_clear (FileTags *tags)
{
  rpmtdFreeData (&tags->names);
  rpmtdFreeData (&tags->folders);
  rpmtdFreeData (&tags->folder_indices);
  rpmtdFreeData (&tags->states);
  rpmtdFreeData (&tags->flags);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FileTags, file_tags_clear)

/* FALSE when the package has no files. */
static gboolean
file_tags_get (FileTags *tags, Header header)
{
  headerGet (header, RPMTAG_FILESTATES, &tags->states, HEADERGET_MINMEM);
  headerGet (header, RPMTAG_FILEFLAGS, &tags->flags, HEADERGET_MINMEM);
  return headerGet (header, RPMTAG_BASENAMES, &tags->names, HEADERGET_MINMEM) == 1
         && headerGet (header, RPMTAG_DIRNAMES, &tags->folders, HEADERGET_MINMEM) == 1
         && headerGet (header, RPMTAG_DIRINDEXES, &tags->folder_indices, HEADERGET_MINMEM) == 1;
}

/* The number at @index, or @fallback where the list is too short. */
static guint64
number_at (struct rpmtd_s *list, guint index, guint64 fallback)
{
  return rpmtdSetIndex (list, (int)index) >= 0 ? rpmtdGetNumber (list) : fallback;
}

static gboolean
is_installed (FileTags *tags, guint index)
{
  guint64 state = tags->states.type == RPM_CHAR_TYPE ? number_at (&tags->states, index, RPMFILE_STATE_NORMAL)
                                                     : RPMFILE_STATE_NORMAL;
  return state == RPMFILE_STATE_NORMAL || state == RPMFILE_STATE_NETSHARED;
}

/* The package lists a %ghost path but does not contain the file: another program creates it later. */
static gboolean
is_ghost (FileTags *tags, guint index)
{
  guint64 flags = tags->flags.type == RPM_INT32_TYPE ? number_at (&tags->flags, index, 0) : 0;
  return (flags & RPMFILE_GHOST) != 0;
}

/* The folder of the file at @index, or NULL when the header is wrong. */
static const char *
folder_at (FileTags *tags, guint index)
{
  guint64 folder = number_at (&tags->folder_indices, index, G_MAXUINT64);
  if (folder >= rpmtdCount (&tags->folders) || rpmtdSetIndex (&tags->folders, (int)folder) < 0)
    return NULL;
  return rpmtdGetString (&tags->folders);
}

static void
claim_files (Reading *reading, guint32 component, Header header)
{
  g_auto (FileTags) tags = { 0 };
  if (!file_tags_get (&tags, header))
    return;
  g_autoptr (GString) path = g_string_new (NULL);
  guint n_files = MIN (rpmtdCount (&tags.names), FILES_OF_PACKAGE_MAX);
  for (guint i = 0; i < n_files; i++)
    {
      const char *folder = folder_at (&tags, i);
      const char *name = rpmtdSetIndex (&tags.names, (int)i) >= 0 ? rpmtdGetString (&tags.names) : NULL;
      if (folder == NULL || name == NULL || !is_installed (&tags, i))
        continue;
      g_string_assign (path, folder);
      g_string_append (path, name);
      guint32 file = varve_package_tree_find_listed (reading->tree, path->str);
      if (file == VARVE_NO_INDEX)
        continue;
      if (is_ghost (&tags, i))
        varve_claims_own_weakly (reading->claims, component, file);
      else
        varve_claims_own (reading->claims, component, file);
    }
}

/* A package whose name and whose other tags are a key for signatures; it contains nothing. */
static const char PUBLIC_KEY[] = "gpg-pubkey";

static char *
version_of (Header header)
{
  const char *version = headerGetString (header, RPMTAG_VERSION), *release = headerGetString (header, RPMTAG_RELEASE);
  g_autofree char *epoch = headerIsEntry (header, RPMTAG_EPOCH)
                               ? g_strdup_printf ("%" G_GUINT64_FORMAT ":", headerGetNumber (header, RPMTAG_EPOCH))
                               : g_strdup ("");
  return version != NULL && release != NULL ? g_strdup_printf ("%s%s-%s", epoch, version, release) : NULL;
}

static void
record_package (Reading *reading, Header header)
{
  const char *name = headerGetString (header, RPMTAG_NAME), *licence = headerGetString (header, RPMTAG_LICENSE);
  const char *source = headerGetString (header, RPMTAG_SOURCERPM);
  if (!varve_claims_records_packages (reading->claims) || g_strcmp0 (name, PUBLIC_KEY) == 0)
    return;
  VarvePackage *record = varve_package_new (VARVE_PACKAGE_RPM);
  g_autofree char *version = version_of (header);
  g_autofree char *source_name = source != NULL ? varve_rpm_source_name (source) : NULL;
  g_autofree char *source_version = source != NULL ? varve_rpm_source_version (source) : NULL;
  varve_package_set (&record->name, name);
  varve_package_set (&record->version, version);
  varve_package_set (&record->architecture, headerGetString (header, RPMTAG_ARCH));
  varve_package_set (&record->source_name, source_name);
  varve_package_set (&record->source_version, source_version);
  varve_package_set (&record->maintainer, headerGetString (header, RPMTAG_PACKAGER));
  varve_package_set (&record->vendor, headerGetString (header, RPMTAG_VENDOR));
  varve_package_set (&record->homepage, headerGetString (header, RPMTAG_URL));
  varve_package_set (&record->summary, headerGetString (header, RPMTAG_SUMMARY));
  if (licence != NULL)
    varve_package_add_licence (record, licence);
  varve_claims_begin_package (reading->claims, record);
}

static void
read_package (Reading *reading, Header header)
{
  record_package (reading, header);
  const char *source_rpm = headerGetString (header, RPMTAG_SOURCERPM);
  g_autofree char *source = source_rpm != NULL ? varve_rpm_source_name (source_rpm) : NULL;
  const char *name = source != NULL ? source : headerGetString (header, RPMTAG_NAME);
  guint32 component
      = varve_package_component (reading->tree, reading->claims, reading->database, name != NULL ? name : "");
  if (component == VARVE_NO_INDEX)
    return;
  varve_claims_add_build (reading->claims, component, (gint64)headerGetNumber (header, RPMTAG_BUILDTIME));
  add_changes (reading, component, header);
  claim_files (reading, component, header);
}

static gboolean
read_packages (Reading *reading, rpmts transaction, GError **error)
{
  rpmdbMatchIterator iterator = rpmtsInitIterator (transaction, RPMDBI_PACKAGES, NULL, 0);
  gboolean is_good = TRUE;
  for (Header header; is_good && (header = rpmdbNextIterator (iterator)) != NULL;)
    {
      read_package (reading, header);
      is_good = !g_cancellable_set_error_if_cancelled (reading->tree->cancellable, error);
      if (++reading->n_packages >= PACKAGES_MAX && is_good)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than %d packages", PACKAGES_MAX);
          is_good = FALSE;
        }
    }
  rpmdbFreeIterator (iterator);
  return is_good;
}

/* A percent sign starts a macro, so it is escaped. */
static void
push_macro (const char *name, const char *value)
{
  g_autoptr (GString) escaped = g_string_new (value);
  g_string_replace (escaped, "%", "%%", 0);
  rpmPushMacro (NULL, name, NULL, escaped->str, RMIL_CMDLINE);
}

/* A librpm without the backend warns and opens an empty database. */
static gboolean
open_database (rpmts transaction, const char *backend, const Log *log, GError **error)
{
  gboolean is_open = rpmtsOpenDB (transaction, O_RDONLY) == 0;
  if (is_open && log->n == 0)
    return TRUE;
  g_autofree char *message = describe_log (log);
  g_set_error (error, VARVE_ERROR, is_open ? VARVE_ERROR_UNSUPPORTED : VARVE_ERROR_CORRUPT,
               "librpm cannot open the database as %s: %s", backend, message);
  return FALSE;
}

static gboolean
open_and_read (Reading *reading, const VarveRpmCopy *copy, Log *log, GError **error)
{
  rpmts transaction = rpmtsCreate ();
  rpmtsSetRootDir (transaction, "/");
  rpmtsSetVSFlags (transaction, RPMVSF_MASK_NODIGESTS | RPMVSF_MASK_NOSIGNATURES | RPMVSF_NOHDRCHK);
  gboolean is_good
      = open_database (transaction, copy->backend, log, error) && read_packages (reading, transaction, error);
  rpmtsCloseDB (transaction);
  rpmtsFree (transaction);
  return is_good;
}

/* librpm's own handling of signals would end the process while a database is open. */
static void
leave_signals_alone (void)
{
#if VARVE_HAVE_RPMSQ_INTERRUPT_SAFETY
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  rpmsqSetInterruptSafety (0);
  G_GNUC_END_IGNORE_DEPRECATIONS
#endif
}

static gboolean
read_copy (Reading *reading, const VarveRpmCopy *copy, Log *log, GError **error)
{
  g_mutex_lock (&librpm_mutex);
  leave_signals_alone ();
  int mask = rpmlogSetMask (RPMLOG_UPTO (RPMLOG_WARNING));
  rpmlogCallback callback = rpmlogSetCallback (take_log, log);
  push_macro ("_dbpath", varve_temporary_folder_path (copy->folder));
  push_macro ("_db_backend", copy->backend);
  gboolean is_good = open_and_read (reading, copy, log, error);
  rpmPopMacro (NULL, "_db_backend");
  rpmPopMacro (NULL, "_dbpath");
  rpmlogSetCallback (callback, NULL);
  rpmlogSetMask (mask);
  rpmlogClose ();
  g_mutex_unlock (&librpm_mutex);
  return is_good;
}

/* librpm skips damaged headers and stops at the end of a truncated file; it only logs both. */
static gboolean
judge_log (Reading *reading, const Log *log, const char *path, GError **error)
{
  if (log->n == 0)
    return TRUE;
  g_autofree char *message = describe_log (log);
  if (reading->n_packages == 0)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "no package can be read: %s", message);
      return FALSE;
    }
  varve_package_tree_warn (reading->tree, "'%s' is damaged, %u packages could be read: %s", path, reading->n_packages,
                           message);
  return TRUE;
}

static gboolean
rpm_fail_empty (const char *path, GError **error)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND,
               "'%s' has no package: expected the database of the tree's packages; '--packages none' builds without it",
               path);
  return FALSE;
}

static gboolean
read_rpm (VarvePackageTree *tree, guint32 directory, VarveClaims *claims, GError **error)
{
  g_auto (VarveRpmCopy) copy = { 0 };
  if (!varve_rpm_copy (tree, directory, &copy, error))
    return FALSE;
  if (copy.folder == NULL)
    return TRUE;
  Reading reading = { .tree = tree, .claims = claims, .database = copy.file };
  const VarveFile *file = &tree->inventory->files[copy.file];
  g_autofree char *path = varve_escape (file->path);
  if (tree->inventory->objects[file->object].size_bytes == 0)
    return rpm_fail_empty (path, error);
  Log log = { .copy = &copy };
  gboolean is_good = read_copy (&reading, &copy, &log, error) && judge_log (&reading, &log, path, error);
  g_free (log.first);
  if (!is_good)
    g_prefix_error (error, "'%s': ", path);
  return is_good && (reading.n_packages > 0 || rpm_fail_empty (path, error));
}

const VarvePackageDatabase varve_rpm_database = {
  .kind = VARVE_PACKAGES_RPM,
  .name = "rpm",
  .places = VARVE_RPM_PLACES,
  .markers = VARVE_RPM_MARKERS,
  .read = read_rpm,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* How each program compares is from its sources. */
#include "explain/compared-times.h"

#include "packages/compiled-files.h"
#include "packages/path-glob.h"

#define GLOBS(...)                                                                                                     \
  (const char *const[]) { __VA_ARGS__, NULL }

typedef struct {
  const char *const *globs;
  const char *plain, *commit; /* the latter NULL: as the former */
} Comparison;

static const Comparison COMPARISONS[] = {
  { GLOBS ("**/*.py", "**/*.pyc"),
    "Python compares the time and size of a module with those in its bytecode: the module has that time, so the "
    "bytecode is used if it was compiled from this source",
    "Python compares the time and size of a module with those in its bytecode: all times are 0 here, so it compiles "
    "the module again unless the bytecode has a hash (compileall --invalidation-mode unchecked-hash)" },
  { GLOBS ("usr/lib/fontconfig/cache/**", "var/cache/fontconfig/**"),
    "fontconfig compares the time of a font directory with the one in its cache: directories have the time 0, which "
    "is always valid",
    NULL },
  { GLOBS ("usr/share/icons/*/icon-theme.cache", "usr/share/icons/*/.icon-theme.cache"),
    "GTK uses an icon cache that is not older than its directory, which has the time 0: valid", NULL },
  { GLOBS ("usr/lib*/guile/**/*.go", "usr/lib/*/guile/**/*.go"),
    "Guile compares its time with that of the source: valid where both are of one package, or neither of any",
    "Guile compares its time with that of the source: all times are 0: valid" },
  { GLOBS ("usr/share/apparmor*/cache*/**", "var/cache/apparmor/**", "usr/etc/apparmor.d/cache*/**",
           "etc/apparmor.d/cache*/**"),
    "AppArmor compares the times of profiles with that of their cache: valid where the cache is of no package, "
    "because it then has the time 0",
    "AppArmor compares the times of profiles with that of their cache: valid, because it has the time 0" },
  { GLOBS ("var/cache/man/**/index.db", "usr/share/man/**/index.db"),
    "mandb compares its time with those of the manual's directories: with the time 0, mandb reads all pages again "
    "when it runs; man compares nothing",
    NULL },
  { GLOBS ("usr/etc/.updated", "etc/.updated", "var/.updated"),
    "systemd's ConditionNeedsUpdate= compares the time of /usr with it: /usr has the time 0, so the condition is "
    "false even at the first boot; remove the file from the tree",
    "systemd's ConditionNeedsUpdate= compares the time of /usr with it: the condition may be false even at the first "
    "boot; remove the file from the tree" },
  { GLOBS ("usr/lib*/vlc/plugins/plugins.dat", "usr/lib/*/vlc/plugins/plugins.dat"),
    "VLC compares the time of each plugin with the one in this file: valid if the image is made of a tree that has "
    "the times of the packages; of a commit, VLC loads each plugin to look",
    "VLC compares the time of each plugin with the one in this file: all times are 0 here, so VLC loads each plugin "
    "to look" },
  { GLOBS ("**/*.jsa"),
    "Java compares the times of JAR files with those in this archive: valid if the image is made of a tree where "
    "they are of packages; else Java starts without the archive",
    "Java compares the times of JAR files with those in this archive: all times are 0 here, so Java starts without "
    "the archive if it has JAR files" },
  { GLOBS ("**/giomodule.cache"),
    "GIO compares the change times (ctime) of modules with those of this file: these depend on the order in which a "
    "host writes the files, not on the image",
    NULL },
};

static const char *const COMPILED[] = {
  [VARVE_COMPILED_EMACS] = "Emacs compares its time with that of the source, which is not newer: valid",
  [VARVE_COMPILED_ZSH] = "zsh compares its time with that of the source, which is not newer: valid",
  [VARVE_COMPILED_SELINUX] = "libselinux compares its time with that of the text file, which is not newer: valid",
  [VARVE_COMPILED_POSTFIX]
  = "Postfix compares the time of a database with that of its text file, which is not newer: valid",
};

const char *
varve_compared_times (const char *path, VarveImageTimes times)
{
  VarveCompiledKind kind = varve_compiled_files_kind (path, NULL);
  if (kind != VARVE_COMPILED_NOT)
    return COMPILED[kind];
  for (guint i = 0; i < G_N_ELEMENTS (COMPARISONS); i++)
    if (varve_path_glob_match_any (COMPARISONS[i].globs, path))
      {
        gboolean is_other = times == VARVE_TIMES_OF_COMMIT && COMPARISONS[i].commit != NULL;
        return is_other ? COMPARISONS[i].commit : COMPARISONS[i].plain;
      }
  return NULL;
}

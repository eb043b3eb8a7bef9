/* SPDX-License-Identifier: Apache-2.0 */
/* explain/compared-times: which program compares the time of a file. */
#include "explain/compared-times.h"

#include <string.h>

static void
test_programs (void)
{
  static const struct {
    const char *path, *plain, *commit; /* how the sentences begin, and what they have; NULL: nothing compares it */
  } CASES[] = {
    { "usr/lib/python3/dist-packages/m.py", "has that time", "all times are 0" },
    { "usr/lib/python3/dist-packages/__pycache__/m.cpython-311.pyc", "has that time", "unchecked-hash" },
    { "var/cache/fontconfig/x.cache-8", "always valid", "always valid" },
    { "usr/share/icons/hicolor/icon-theme.cache", "GTK", "GTK" },
    { "usr/etc/aliases.db", "Postfix", "Postfix" },
    { "etc/aliases.db", "Postfix", "Postfix" },
    { "usr/share/emacs/site-lisp/a.elc", "Emacs", "Emacs" },
    { "usr/share/zsh/functions/a.zwc", "zsh", "zsh" },
    { "etc/selinux/targeted/contexts/files/file_contexts.bin", "libselinux", "libselinux" },
    { "usr/etc/selinux/targeted/contexts/files/file_contexts.bin", "libselinux", "libselinux" },
    { "usr/share/aliases.db", NULL, NULL },
    { "var/cache/man/index.db", "mandb", "mandb" },
    { "etc/apparmor.d/cache/x", "AppArmor", "AppArmor" },
    { "usr/lib/x86_64-linux-gnu/vlc/plugins/plugins.dat", "of a tree", "all times are 0" },
    { "usr/lib/jvm/x/lib/server/classes.jsa", "Java", "Java" },
    { "etc/.updated", "remove the file", "remove the file" },
    { "usr/lib/x86_64-linux-gnu/gio/modules/giomodule.cache", "ctime", "ctime" },
    { "usr/lib/udev/hwdb.bin", NULL, NULL },
    { "usr/bin/bash", NULL, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      const char *plain = varve_compared_times (CASES[i].path, VARVE_TIMES_OF_PLAIN);
      const char *commit = varve_compared_times (CASES[i].path, VARVE_TIMES_OF_COMMIT);
      g_test_message ("%s", CASES[i].path);
      g_assert_true (CASES[i].plain != NULL ? plain != NULL && strstr (plain, CASES[i].plain) != NULL : plain == NULL);
      g_assert_true (CASES[i].commit != NULL ? commit != NULL && strstr (commit, CASES[i].commit) != NULL
                                             : commit == NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compared-times/programs", test_programs);
  return g_test_run ();
}

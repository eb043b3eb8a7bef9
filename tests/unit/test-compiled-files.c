/* SPDX-License-Identifier: Apache-2.0 */
/* packages/compiled-files: what is compiled, from which source, for which program. */
#include "packages/compiled-files.h"

static void
test_kinds (void)
{
  static const struct {
    const char *path, *source;
    VarveCompiledKind kind;
  } CASES[] = {
    { "usr/share/emacs/site-lisp/a.elc", "usr/share/emacs/site-lisp/a.el", VARVE_COMPILED_EMACS },
    { "a.elc", "a.el", VARVE_COMPILED_EMACS },
    { "usr/share/zsh/functions.zwc", "usr/share/zsh/functions", VARVE_COMPILED_ZSH },
    { "etc/selinux/x/contexts/files/f.bin", "etc/selinux/x/contexts/files/f", VARVE_COMPILED_SELINUX },
    { "usr/etc/selinux/x/contexts/files/f.bin", "usr/etc/selinux/x/contexts/files/f", VARVE_COMPILED_SELINUX },
    { "etc/selinux/x/contexts/f.bin", NULL, VARVE_COMPILED_NOT },
    { "etc/aliases.db", "etc/aliases", VARVE_COMPILED_POSTFIX },
    { "usr/etc/postfix/maps/virtual.db", "usr/etc/postfix/maps/virtual", VARVE_COMPILED_POSTFIX },
    { "var/lib/x.db", NULL, VARVE_COMPILED_NOT },
    { "usr/share/emacs/site-lisp/a.el", NULL, VARVE_COMPILED_NOT },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *source = NULL;
      g_test_message ("%s", CASES[i].path);
      g_assert_cmpint (varve_compiled_files_kind (CASES[i].path, &source), ==, CASES[i].kind);
      g_assert_cmpstr (source, ==, CASES[i].source);
      g_assert_cmpint (varve_compiled_files_kind (CASES[i].path, NULL), ==, CASES[i].kind);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compiled-files/kinds", test_kinds);
  return g_test_run ();
}

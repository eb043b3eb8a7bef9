/* SPDX-License-Identifier: Apache-2.0 */
/* verify/layer-apply: whiteouts in any order, opaque folders, hard links across layers, refused entries. */
#include "verify/layer-apply.h"

#include "rootfs/spooled-contents.h"
#include "tests/unit/text-layer.h"

static gboolean
list (gpointer data, const char *path, VarveTreeNode *node, GError **error)
{
  if (node->children == NULL)
    g_string_append_printf (data, "%s ", path);
  return TRUE;
}

/* The files that are there in the end, or the error. */
static char *
applied (const char *const *entries)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveImage) image = image_of (entries);
  g_autoptr (VarveTreeContents) contents = varve_spooled_contents_new (&error);
  g_assert_no_error (error);
  g_autoptr (VarveTree) tree = varve_tree_new (contents);
  VarveSkipped skipped = { 0 };
  VarveLayerApply apply
      = { .tree = tree, .content = varve_spooled_contents_take, .data = contents, .skipped = &skipped };
  g_autoptr (GString) result = g_string_new (NULL);
  for (guint i = 0; i < image->manifest->layers->len; i++)
    if (!varve_layer_apply (&apply, image, i, NULL, NULL, &error))
      return g_strdup (error->message);
  g_assert_true (varve_tree_visit (tree, list, result, NULL));
  varve_skipped_clear (&skipped);
  return g_string_free (g_steal_pointer (&result), FALSE);
}

#define APPLIED(...) applied ((const char *const[]){ __VA_ARGS__, NULL })

static void
assert_applied (char *found, const char *expected)
{
  g_assert_cmpstr (found, ==, expected);
  g_free (found);
}

static void
assert_refused (char *found, const char *expected)
{
  if (strstr (found, expected) == NULL)
    g_error ("'%s' is not in '%s'", expected, found);
  g_free (found);
}

static void
test_whiteouts (void)
{
  assert_applied (APPLIED ("a/", "a/x:1", "a/y:2", "|", "a/.wh.x:"), "a/y ");
  assert_applied (APPLIED ("a/", "a/b/", "a/b/x:1", "|", ".wh.a:"), "");
  assert_applied (APPLIED ("x:1", "|", ".wh.x:", "x:2"), "x ");
  assert_applied (APPLIED ("x:1", "|", "x:2", ".wh.x:"), "x "); /* spares what its own layer brings */
  assert_applied (APPLIED ("a/", "a/old:1", "|", "a/", "a/new:2", ".wh.a:"), "a/new ");
  assert_applied (APPLIED ("x:1", "|", "nowhere/.wh.x:"), "x ");
  assert_applied (APPLIED (".wh.x:", "x:1"), "x ");
}

static void
test_opaque (void)
{
  assert_applied (APPLIED ("a/", "a/old:1", "a/b/", "a/b/old:1", "|", "a/new:2", "a/.wh..wh..opq:"), "a/new ");
  assert_applied (APPLIED ("a/", "a/old:1", "|", "a/.wh..wh..opq:", "a/new:2"), "a/new ");
  assert_applied (APPLIED ("a/", "a/b/", "a/b/old:1", "|", "a/b/new:2", "a/.wh..wh..opq:"), "a/b/new ");
  assert_applied (APPLIED ("a/", "a/old:1", "|", ".wh..wh..opq:", "b:2"), "b ");
}

static void
test_replacing (void)
{
  assert_applied (APPLIED ("a/", "a/x:1", "|", "a:2"), "a ");
  assert_applied (APPLIED ("a:1", "|", "a/", "a/x:2"), "a/x ");
  assert_applied (APPLIED ("a/", "a/x:1", "|", "a/", "a/y:2"), "a/x a/y ");
  assert_applied (APPLIED ("a>b", "|", "a:1"), "a ");
  assert_applied (APPLIED ("./a/", "./a/x:1", "|", "/a//./y:2"), "a/x a/y ");
}

static void
test_links (void)
{
  assert_applied (APPLIED ("x:1", "|", "y=x"), "x y ");
  assert_applied (APPLIED ("x:1", "|", "y=x", ".wh.x:"), "y ");
  assert_refused (APPLIED ("y=x"), "the target is missing");
  assert_refused (APPLIED ("a/", "y=a"), "the target is a folder");
  assert_refused (APPLIED ("y=../x"), "the path has a component '..'");
  assert_refused (APPLIED ("a>/etc", "a/passwd:1"), "is a symlink to '/etc'");
  assert_refused (APPLIED ("a>b", "|", "a/x:1"), "is a symlink");
  assert_refused (APPLIED ("a:1", "|", "a/x:1"), "is a file");
  assert_refused (APPLIED ("a/../../x:1"), "the path has a component '..'");
  assert_refused (APPLIED ("x:1", "x:2"), "duplicate entry in this layer");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layer-apply/whiteouts", test_whiteouts);
  g_test_add_func ("/layer-apply/opaque", test_opaque);
  g_test_add_func ("/layer-apply/replacing", test_replacing);
  g_test_add_func ("/layer-apply/links", test_links);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* page: every kind of document becomes a section, hostile text stays text, nonsense does no harm. */
#include "page/page.h"

#include <string.h>

#include "base/error.h"

static json_object *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  json_object *json = varve_json_parse (bytes, 1 << 20, &error);
  g_assert_no_error (error);
  return json;
}

static char *
render (const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (VarvePageInput));
  g_autoptr (json_object) json = parse (text);
  g_assert_true (varve_page_check (json, &error));
  g_assert_no_error (error);
  VarvePageInput input = { (char *)name, json };
  g_array_append_val (inputs, input);
  return varve_page_render (inputs);
}

static guint
count (const char *text, const char *what)
{
  guint n = 0;
  for (const char *at = text; (at = strstr (at, what)) != NULL; at += strlen (what))
    n++;
  return n;
}

#define EVIL "</title><script>alert(1)</script>\\\"'&<img src=http://x>"

static const char ROW[]
    = "{\"full_bytes\": 2000, \"lags\": {\"1\": {\"updates\": 1, \"digest_bytes\": 1500, \"ratio\": 1.5, "
      "\"bound_bytes\": 1000}},"
      "\"steps\": [{\"from\": \"a\", \"to\": \"" EVIL "\", \"digest_bytes\": 1500, \"bound_bytes\": 1000,"
      "\"commit_layer_bytes\": 10, \"ratio\": 1.49,"
      "\"causes\": [{\"component\": \"" EVIL "\", \"size_bytes\": 1000}]}],"
      "\"images\": [{\"label\": \"" EVIL "\", \"layers\": [{\"digest\": \"sha256:1\", \"size_bytes\": 500,"
      "\"n_components\": 9, \"components\": [\"" EVIL "\"]}]},"
      "{\"label\": \"b\", \"layers\": [{\"digest\": \"sha256:1\", \"size_bytes\": 500}, {\"digest\": \"sha256:2\", "
      "\"size_bytes\": 1500}]}]}";

static void
assert_harmless (const char *page)
{
  static const char *const NEVER[] = { "<script", "<img", "<a ", "href", "@import", "url(", "onload", "nan", "inf\"" };
  for (guint i = 0; i < G_N_ELEMENTS (NEVER); i++)
    g_assert_cmpuint (count (page, NEVER[i]), ==, 0);
  g_assert_true (g_utf8_validate (page, -1, NULL));
  g_assert_cmpuint (count (page, "<svg"), ==, count (page, "</svg>"));
  g_assert_cmpuint (count (page, "<div"), ==, count (page, "</div>"));
  g_assert_cmpuint (count (page, "<span"), ==, count (page, "</span>"));
  g_assert_cmpuint (count (page, "<tr"), ==, count (page, "</tr>"));
  g_assert_cmpuint (count (page, "<p>") + count (page, "<p "), ==, count (page, "</p>"));
}

static void
test_row (void)
{
  g_autofree char *page = render (EVIL, ROW);
  assert_harmless (page);
  g_assert_cmpuint (count (page, "class=\"strip\""), ==, 2);
  g_assert_cmpuint (count (page, "class=\"bar\""), ==, 2);
  g_assert_nonnull (strstr (page, "× 1.490"));
  g_assert_nonnull (strstr (page, "1 of 2 new"));
}

static void
test_kinds (void)
{
  static const char *const DOCUMENTS[] = {
    "{\"rows\": {\"previous\": {}, \"afresh\": {}}}",
    "{\"policies\": {\"" EVIL
    "\": {\"bytes\": 5, \"layers\": 3}}, \"bound_bytes\": 4, \"bound_lag3_bytes\": 9, \"steps\": 7}",
    "{\"clients\": {\"digest\": {\"bytes\": 100, \"layers\": 1}}, \"bounds\": {\"package_bytes\": 50, "
    "\"object_bytes\": 60}, \"old\": \"" EVIL "\","
    "\"changed\": [{\"layer\": 3, \"components_changed\": [\"" EVIL "\", 5, null], \"components_moved\": [\"b\"]}],"
    "\"without_package\": [{\"component\": \"" EVIL "\","
    "\"causes\": [{\"advice\": \"" EVIL "\", \"paths\": [\"" EVIL "\"], \"files\": 2}]}]}",
    "{\"limit_seconds\": 3.5, \"build_seconds\": 4}",
    "{\"image\": \"" EVIL "\","
    "\"layers\": [{\"size_bytes\": 5, \"components\": [\"" EVIL
    "\"], \"change_probability\": 0.7, \"state\": \"reused\"}]}",
  };
  for (guint i = 0; i < G_N_ELEMENTS (DOCUMENTS); i++)
    {
      g_autofree char *page = render ("name", DOCUMENTS[i]);
      assert_harmless (page);
      g_assert_cmpuint (count (page, "<section>"), ==, 1);
    }
}

/* What is stale is there once where something is, and not where nothing is. */
static void
test_stale (void)
{
#define STALE "\"stale_objects\": 3, \"stale_bytes\": 1500000, \"stale_share\": 0.0123"
  static const char *const DOCUMENTS[][2] = {
    { "{\"clients\": {\"digest\": {\"bytes\": 100}}, \"kept_stale_layers\": 2, \"kept_stale_bytes\": 7000000, " STALE
      "}",
      "<b>7.0 MB</b><span>kept although partly stale</span>" },
    { "{\"full_bytes\": 2, \"steps\": [], \"lags\": {}, \"images\": [], " STALE "}", "first installation" },
    { "{\"image\": \"a\", \"layers\": [{\"size_bytes\": 5, \"stale_objects\": 3, \"stale_bytes\": 1500000}, "
      "{\"size_bytes\": 5, \"whiteouts\": true}], " STALE "}",
      "<td class=\"n\">1.5 MB</td><td class=\"names\">" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (DOCUMENTS); i++)
    {
      g_autofree char *page = render ("name", DOCUMENTS[i][0]);
      assert_harmless (page);
      g_assert_cmpuint (count (page, "<b>1.2 %</b><span>of a new installation is stale: 1.5 MB uncompressed"), ==, 1);
      g_assert_cmpuint (count (page, DOCUMENTS[i][1]), ==, 1);
    }
  g_autofree char *page = render ("name", "{\"image\": \"a\", \"layers\": [{\"size_bytes\": 5}], \"stale_bytes\": 0}");
  g_assert_cmpuint (count (page, "tale"), ==, 0);
}

/* Of an update that is smaller than what changed, nothing is negative and nothing is counted twice. */
static void
test_smaller_than_bound (void)
{
  g_autofree char *page = render (
      "name", "{\"full_bytes\": 2000, \"lags\": {}, \"images\": [], \"steps\": [{\"from\": \"a\", \"to\": \"b\", "
              "\"digest_bytes\": 1000000, \"commit_layer_bytes\": 100000, \"bound_bytes\": 5000000, "
              "\"moved_bytes\": 300000, \"ratio\": 0.18}]}");
  assert_harmless (page);
  g_assert_nonnull (strstr (page, "<rect class=\"what\" x=\"0.00\" y=\"0\" width=\"600.00\""));
  g_assert_nonnull (strstr (page, "<rect class=\"more\" x=\"600.00\" y=\"0\" width=\"300.00\""));
  g_assert_nonnull (strstr (page, "<rect class=\"commit\" x=\"900.00\" y=\"0\" width=\"100.00\""));
}

/* Members of other types, and numbers that are none. */
static void
test_nonsense (void)
{
  static const char *const DOCUMENTS[] = {
    "{\"rows\": {\"previous\": [1], \"afresh\": 5}}",
    "{\"steps\": [1, null, [], {}, {\"digest_bytes\": -5}, {\"digest_bytes\": \"x\", \"to\": 7}], \"images\": [null, "
    "3, {\"layers\": [{}, 1]}]}",
    "{\"policies\": {\"a\": 1, \"b\": null, \"c\": {\"bytes\": 1e308}}, \"bound_bytes\": 1e-300}",
    "{\"clients\": {\"digest\": 5}, \"changed\": [1, null], \"without_package\": [[], {\"causes\": [null]}]}",
    "{\"limit_seconds\": \"x\"}",
    "{\"layers\": [null, 1, {\"components\": 5, \"size_bytes\": 1e300}, {\"change_probability\": 99}]}",
  };
  for (guint i = 0; i < G_N_ELEMENTS (DOCUMENTS); i++)
    {
      g_autofree char *page = render ("name", DOCUMENTS[i]);
      assert_harmless (page);
    }
}

static void
test_unknown (void)
{
  static const char *const DOCUMENTS[] = { "{}", "[]", "5", "null", "{\"layers\": 5}", "{\"steps\": []}" };
  for (guint i = 0; i < G_N_ELEMENTS (DOCUMENTS); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = g_bytes_new_static (DOCUMENTS[i], strlen (DOCUMENTS[i]));
      g_autoptr (json_object) json = varve_json_parse (bytes, 100, NULL);
      g_assert_false (varve_page_check (json, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/page/row", test_row);
  g_test_add_func ("/page/kinds", test_kinds);
  g_test_add_func ("/page/stale", test_stale);
  g_test_add_func ("/page/smaller-than-bound", test_smaller_than_bound);
  g_test_add_func ("/page/nonsense", test_nonsense);
  g_test_add_func ("/page/unknown", test_unknown);
  return g_test_run ();
}

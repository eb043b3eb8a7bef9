/* base/json: the canonical form, and what outside documents may not do. */
#include "base/json.h"

#include <string.h>

#include "base/error.h"

static json_object *
parse (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  return varve_json_parse (bytes, 4096, error);
}

static void
test_canonical (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_object) value = parse (" {\"b\": [1, true, null], \"a\": \"x/\\u00e4\\n\", \"B\": {} }\n", &error);
  g_assert_no_error (error);
  g_autofree char *text = varve_json_to_canonical (value);
  g_assert_cmpstr (text, ==, "{\"B\":{},\"a\":\"x/ä\\n\",\"b\":[1,true,null]}");
}

static void
test_refused (void)
{
  static const char *const WRONG[]
      = { "", "{", "{} {}", "nonsense", "{\"a\":}", "\xff", "null", "[1,]", "[\"\\ä\"]", "ä", "{\"a\":ä}" };
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (json_object) value = parse (WRONG[i], &error);
      g_assert_null (value);
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
    }
}

static void
test_limits (void)
{
  g_autofree char *large = g_strnfill (5000, ' ');
  g_autoptr (GError) error = NULL;
  g_assert_null (parse (large, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
  g_clear_error (&error);
  g_autofree char *deep = g_strnfill (100, '[');
  g_assert_null (parse (deep, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
}

/* Two, three and four bytes, escapes before them, and the first and last characters that are written as two escapes. */
static void
test_characters (void)
{
  static const char TEXT[] = "[\"ä€\\\\ä\\\"é\",\"\360\220\200\200\364\217\277\277\",\"\177\"]";
  g_autoptr (GError) error = NULL;
  g_autoptr (json_object) value = parse (TEXT, &error);
  g_assert_no_error (error);
  g_autofree char *text = varve_json_to_canonical (value);
  g_assert_cmpstr (text, ==, TEXT);
}

/* Some versions of json-c refuse the document, others give the largest number. */
static void
test_large_number (void)
{
  g_autoptr (json_object) value = parse ("{\"big\":99999999999999999999}", NULL);
  guint64 size;
  g_assert_true (value == NULL || !varve_json_get_size (value, "big", &size, NULL));
}

static void
test_members (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_object) value = parse ("{\"s\":\"x\",\"n\":-1,\"nul\":\"a\\u0000b\"}", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (varve_json_get_string (value, "s", &error), ==, "x");
  g_assert_no_error (error);
  guint64 size;
  g_assert_false (varve_json_get_size (value, "n", &size, NULL));
  g_assert_false (varve_json_get_size (value, "s", &size, NULL));
  g_assert_null (varve_json_get_string (value, "nul", NULL));
  g_assert_null (varve_json_get_string (value, "absent", &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  const char *absent = "unchanged";
  g_assert_true (varve_json_find_string (value, "absent", &absent, NULL));
  g_assert_null (absent);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/canonical", test_canonical);
  g_test_add_func ("/json/refused", test_refused);
  g_test_add_func ("/json/limits", test_limits);
  g_test_add_func ("/json/characters", test_characters);
  g_test_add_func ("/json/large-number", test_large_number);
  g_test_add_func ("/json/members", test_members);
  return g_test_run ();
}

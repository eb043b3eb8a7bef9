/* SPDX-License-Identifier: Apache-2.0 */
/* base/json: the canonical form, and what outside documents may not do. */
#include "base/json-keys.h"

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

/* Readers differ in which of equal keys they take. */
static void
test_duplicate_keys (void)
{
  static const struct {
    const char *text, *message;
  } CASES[] = {
    { "{\"a\":1,\"b\":{\"a\":[{\"a\":1},{\"a\":2}]},\"A\":3,\"\":\"a\"}", NULL },
    { "{\"x\":\"\\\"a\\\":{\",\"a\":\"\\\\\"}", NULL },
    { "{\"a\":1,\"a\":1}", "not valid JSON: duplicate key 'a'" },
    { "{\"a\" :{\"a\":[]},\n\"a\"\t:{}}", "not valid JSON: duplicate key 'a'" },
    { "[{},{\"b\":[{\"c\":0,\"a\":1,\"\\u0061\":2}]}]", "not valid JSON: duplicate key 'a'" },
    { "{\"ä\":1,\"\\u00e4\":1}", "not valid JSON: duplicate key 'ä'" },
    { "{\"\\n\":1,\"\\n\":1}", "not valid JSON: duplicate key '\\x0a'" },
    { "{\"a\\u0000b\":1}", "not valid JSON: key 'a\\u0000b' contains a NUL byte" },
    { "{'a':1}", "not valid JSON: unexpected character '''" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (json_object) value = parse (CASES[i].text, &error);
      g_test_message ("%s", CASES[i].text);
      g_assert_cmpstr (error != NULL ? error->message : NULL, ==, CASES[i].message);
      g_assert_true ((value == NULL) == (error != NULL));
    }
}

static void
test_keys (void)
{
  static const VarveJsonKey INNER[] = { { "size", NULL }, { "kind", NULL }, { NULL, NULL } };
  static const VarveJsonKey KEYS[] = { { "layers", INNER }, { "labels", NULL }, { NULL, NULL } };
  static const struct {
    const char *text, *message;
  } CASES[] = {
    { "{\"layers\":[{\"size\":1},{\"kind\":2}],\"labels\":{\"a\":1,\"A\":2,\"Layers\":3},\"other\":{\"Size\":1}}",
      NULL },
    { "{\"layers\":7,\"labels\":null}", NULL },
    { "[7]", NULL },
    { "{\"layers\":[],\"Layers\":[]}", "found the key 'Layers': expected 'layers'" },
    { "{\"LABELS\":{}}", "found the key 'LABELS': expected 'labels'" },
    { "{\"layers\":[{},{\"Size\":1}]}", "'layers': entry 1: found the key 'Size': expected 'size'" },
    { "{\"layers\":{\"\u017fize\":1}}", "'layers': found the key '\u017fize': expected 'size'" },
    { "{\"layers\":{\"\u212aind\":1}}", "'layers': found the key '\u212aind': expected 'kind'" },
    { "{\"new\":1,\"New\":2}", "another key differs from 'New' only in case" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (json_object) value = parse (CASES[i].text, &error);
      g_assert_no_error (error);
      g_test_message ("%s", CASES[i].text);
      g_assert_true (varve_json_check_keys (value, KEYS, &error) == (CASES[i].message == NULL));
      g_assert_cmpstr (error != NULL ? error->message : NULL, ==, CASES[i].message);
    }
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
  g_test_add_func ("/json/duplicate-keys", test_duplicate_keys);
  g_test_add_func ("/json/keys", test_keys);
  g_test_add_func ("/json/characters", test_characters);
  g_test_add_func ("/json/large-number", test_large_number);
  g_test_add_func ("/json/members", test_members);
  return g_test_run ();
}

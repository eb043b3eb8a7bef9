/* SPDX-License-Identifier: Apache-2.0 */
/* The frame and the style of the page; which section a document gets depends on its keys. */
#include "page/page.h"

#include "base/error.h"
#include "page/markup.h"
#include "page/section.h"

static const char STYLE[]
    = ":root{color-scheme:light dark;--paper:#fbfaf7;--ink:#23262b;--soft:#656a73;--line:#dcd8cf;--what:#2f6f8f;"
      "--more:#d9822b;--commit:#8d8576;--quiet:#c9d3d6;--other:#9fb6c1;--mark:#14171a;--age0:#d9822b;"
      "--age1:#bcd3dc;--age2:#9dc0ce;--age3:#7eabbe;--age4:#5f95ac;--age5:#447f98;--age6:#2c6680}\n"
      "@media (prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e6e3dc;--soft:#9aa0a8;--line:#343a41;"
      "--what:#5fa8c9;--more:#eb9a48;--commit:#8b8474;--quiet:#3d474d;--other:#4d6d7c;--mark:#fff;--age0:#eb9a48;"
      "--age1:#31444d;--age2:#38535f;--age3:#406473;--age4:#4a7688;--age5:#55899e;--age6:#61a0b8}}\n"
      "@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--what:#2f6f8f;"
      "--more:#d9822b;--commit:#8d8576;--quiet:#c9d3d6;--other:#9fb6c1;--mark:#000;--age0:#d9822b;--age1:#bcd3dc;"
      "--age2:#9dc0ce;--age3:#7eabbe;--age4:#5f95ac;--age5:#447f98;--age6:#2c6680}body{font-size:10pt}"
      "section{break-inside:auto}.bar,.strip,tr,.cause,.lead{break-inside:avoid}h2,h3{break-after:avoid}"
      "details>*{display:revert}}\n"
      "*{box-sizing:border-box;print-color-adjust:exact;-webkit-print-color-adjust:exact}\n"
      "body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:62rem;background:var(--paper);color:var(--ink);"
      "font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"DejaVu Sans\",sans-serif;"
      "font-variant-numeric:tabular-nums}\n"
      "h1{font-size:1.7rem;margin:.2rem 0 0}h2{font-size:1.3rem;margin:2.8rem 0 .3rem;padding-top:1.2rem;"
      "border-top:1px solid var(--line);overflow-wrap:anywhere}h3{font-size:1.02rem;margin:1.9rem 0 .5rem}"
      "p{margin:.5rem 0}.soft,.legend{color:var(--soft);font-size:.88rem}\n"
      ".from{color:var(--soft);font-size:.85rem;margin:0;overflow-wrap:anywhere}\n"
      ".lead{display:flex;flex-wrap:wrap;gap:.4rem 2.2rem;margin:1rem 0 .4rem;padding:0;list-style:none}"
      ".lead b{display:block;font-size:1.6rem;line-height:1.25;font-weight:650}.lead span{color:var(--soft);"
      "font-size:.88rem}\n"
      ".bar,.strip{display:grid;grid-template-columns:11rem minmax(0,1fr) 11rem;gap:.7rem;align-items:center;"
      "margin:.22rem 0}.label{overflow-wrap:anywhere;font-size:.92rem;line-height:1.25}.value{font-size:.88rem;"
      "color:var(--ink)}.plot{display:block;width:100%;height:1.25rem;background:transparent}"
      ".strip .plot{height:1.7rem}.pairs .bar:nth-child(2n){margin-bottom:1rem}"
      ".pairs .bar:nth-child(2n) .label{color:var(--soft)}\n"
      ".legend{display:flex;flex-wrap:wrap;gap:.1rem 1.2rem}.legend svg{width:.8em;height:.8em;"
      "vertical-align:-.06em}\n"
      ".what{fill:var(--what)}.more{fill:var(--more)}.commit{fill:var(--commit)}.quiet{fill:var(--quiet)}"
      ".other{fill:var(--other)}.mark{fill:var(--mark)}.age0{fill:var(--age0)}.age1{fill:var(--age1)}"
      ".age2{fill:var(--age2)}.age3{fill:var(--age3)}.age4{fill:var(--age4)}.age5{fill:var(--age5)}"
      ".age6{fill:var(--age6)}\n"
      ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.88rem;margin:.6rem 0}"
      "th{font-weight:600;color:var(--soft);text-align:left;border-bottom:1px solid var(--line)}"
      "td{border-bottom:1px solid var(--line);vertical-align:top}th,td{padding:.28rem .8rem .28rem 0}"
      ".n{text-align:right;white-space:nowrap}.names{overflow-wrap:anywhere;min-width:12rem}\n"
      ".cause{margin:1rem 0;padding-left:.9rem;border-left:3px solid var(--more)}.cause p{margin:.25rem 0}"
      "code{font:.88em ui-monospace,\"DejaVu Sans Mono\",monospace;overflow-wrap:anywhere}\n"
      "footer{margin-top:3.5rem;color:var(--soft);font-size:.82rem;border-top:1px solid var(--line);"
      "padding-top:.8rem}\n"
      "@media (max-width:40rem){body{padding:1rem .8rem 3rem}.bar,.strip{grid-template-columns:1fr auto;"
      "gap:.1rem .6rem;margin:.55rem 0}.bar .plot,.strip .plot{grid-column:1/-1;grid-row:2}.value{text-align:right}"
      ".lead b{font-size:1.3rem}.lead{gap:.4rem 1.4rem}}\n";

typedef struct {
  const char *title;
  void (*render) (GString *out, json_object *document);
} Section;

static const Section *
find_section (json_object *document)
{
  static const Section SERIES_PAIR = { "Commits built with and without --previous", varve_section_series_pair };
  static const Section SERIES = { "A series of images", varve_section_series };
  static const Section REPLAY = { "Replay of a package history", varve_section_replay };
  static const Section UPDATE = { "An update", varve_section_update };
  static const Section SPEED = { "Build speed", varve_section_speed };
  static const Section LAYERS = { "Layers of an image", varve_section_layers };
  if (varve_markup_object (document, "rows") != NULL)
    return &SERIES_PAIR;
  if (varve_markup_array (document, "steps") != NULL && varve_markup_array (document, "images") != NULL)
    return &SERIES;
  if (varve_markup_object (document, "policies") != NULL)
    return &REPLAY;
  if (varve_markup_object (document, "clients") != NULL)
    return &UPDATE;
  if (varve_markup_has (document, "limit_seconds"))
    return &SPEED;
  return varve_markup_array (document, "layers") != NULL ? &LAYERS : NULL;
}

gboolean
varve_page_check (json_object *document, GError **error)
{
  if (find_section (document) != NULL)
    return TRUE;
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                       "not a document that can be shown: expected the --json output of 'diff', 'explain OLD NEW', "
                       "'inspect', 'plan', 'build' or 'bench'");
  return FALSE;
}

char *
varve_page_render (const GArray *inputs)
{
  GString *out = g_string_new (
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<title>varve report</title>\n<style>\n");
  g_string_append (out, STYLE);
  g_string_append (out, "</style>\n</head>\n<body>\n<h1>Download size of updates</h1>\n"
                        "<p class=\"soft\">Measured by varve. 1 MB is 1,000,000 bytes.</p>\n");
  for (guint i = 0; i < inputs->len; i++)
    {
      const VarvePageInput *input = &g_array_index (inputs, VarvePageInput, i);
      const Section *section = find_section (input->document);
      if (section == NULL)
        continue;
      varve_markup_printf (out, "<section>\n<h2>%s</h2>\n<p class=\"from\">", section->title);
      varve_markup_text (out, input->name);
      g_string_append (out, "</p>\n");
      section->render (out, input->document);
      g_string_append (out, "</section>\n");
    }
  g_string_append (
      out, "<footer>Made by varve report: one file, no scripts, no external resources.</footer>\n</body>\n</html>\n");
  return g_string_free (out, FALSE);
}

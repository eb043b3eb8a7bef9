#pragma once

#include "base/json.h"

/* What a document of each kind becomes on the page. All of it is outside data: what is missing or of another type is
 * left out. */

void varve_section_update (GString *out, json_object *document);      /* diff, explain OLD NEW */
void varve_section_series (GString *out, json_object *document);      /* bench images */
void varve_section_series_pair (GString *out, json_object *document); /* bench commits */
void varve_section_replay (GString *out, json_object *document);      /* bench replay */
void varve_section_speed (GString *out, json_object *document);       /* bench speed */
void varve_section_layers (GString *out, json_object *document);      /* build, plan, inspect */

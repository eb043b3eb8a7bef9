/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"

/* Renders the section for each kind of document. Documents are untrusted: members that are missing or have another type
 * are omitted. */

void varve_section_update (GString *out, json_object *document);      /* diff, explain OLD NEW */
void varve_section_series (GString *out, json_object *document);      /* bench images */
void varve_section_series_pair (GString *out, json_object *document); /* bench commits */
void varve_section_replay (GString *out, json_object *document);      /* bench replay */
void varve_section_speed (GString *out, json_object *document);       /* bench speed */
void varve_section_layers (GString *out, json_object *document);      /* build, plan, inspect */

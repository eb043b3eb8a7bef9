/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/session.h"

/* Each verb parses its arguments, calls one function and prints. argv[0] is the verb. Returns the exit status. */

int varve_cmd_bench (VarveSession *session, int argc, char **argv);
int varve_cmd_bench_commits (VarveSession *session, int argc, char **argv);
int varve_cmd_bench_images (VarveSession *session, int argc, char **argv);
int varve_cmd_bench_deltas (VarveSession *session, int argc, char **argv);
int varve_cmd_bench_fleet (VarveSession *session, int argc, char **argv);
int varve_cmd_bench_history (VarveSession *session, int argc, char **argv);
int varve_cmd_bench_replay (VarveSession *session, int argc, char **argv);
int varve_cmd_bench_scale (VarveSession *session, int argc, char **argv);
int varve_cmd_bench_speed (VarveSession *session, int argc, char **argv);
int varve_cmd_build (VarveSession *session, int argc, char **argv);
int varve_cmd_bundle (VarveSession *session, int argc, char **argv);
int varve_cmd_copy (VarveSession *session, int argc, char **argv);
int varve_cmd_diff (VarveSession *session, int argc, char **argv);
int varve_cmd_explain (VarveSession *session, int argc, char **argv);
int varve_cmd_delta (VarveSession *session, int argc, char **argv);
int varve_cmd_delta_apply (VarveSession *session, int argc, char **argv);
int varve_cmd_delta_merge (VarveSession *session, int argc, char **argv);
int varve_cmd_delta_create (VarveSession *session, int argc, char **argv);
int varve_cmd_import (VarveSession *session, int argc, char **argv);
int varve_cmd_index (VarveSession *session, int argc, char **argv);
int varve_cmd_inspect (VarveSession *session, int argc, char **argv);
int varve_cmd_plan (VarveSession *session, int argc, char **argv);
int varve_cmd_publish (VarveSession *session, int argc, char **argv);
int varve_cmd_pull (VarveSession *session, int argc, char **argv);
int varve_cmd_push (VarveSession *session, int argc, char **argv);
int varve_cmd_prefetch (VarveSession *session, int argc, char **argv);
int varve_cmd_report (VarveSession *session, int argc, char **argv);
int varve_cmd_sbom (VarveSession *session, int argc, char **argv);
int varve_cmd_verify (VarveSession *session, int argc, char **argv);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Removes what transactions that failed or were killed have left in the repository's "tmp". libostree removes it only
 * after a restart, or where a later transaction happens to take the same folder. What a running process uses, of
 * whatever program, is locked and stays. Best effort. */
void varve_staging_remove_leftovers (const char *repo_path);

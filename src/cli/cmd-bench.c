/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"
#include "cli/subverbs.h"

int
varve_cmd_bench (VarveSession *session, int argc, char **argv)
{
  static const VarveSubverb MEASURES[] = {
    { "images", "IMAGE IMAGE...", "a series of images: the download of each update, against the changed packages",
      varve_cmd_bench_images },
    { "commits", "--repo REPO REF|COMMIT...", "the same for commits, built with and without the previous image",
      varve_cmd_bench_commits },
    { "deltas", "OLD NEW", "encode the files that changed between two images, also with zstd --patch-from and bsdiff",
      varve_cmd_bench_deltas },
    { "fleet", "IMAGE IMAGE...", "simulate a fleet of hosts: egress, storage and CPU of each way to publish deltas",
      varve_cmd_bench_fleet },
    { "replay", "HISTORY... --components TSV",
      "replay a package history: the download of updates, against the bound and other packers",
      varve_cmd_bench_replay },
    { "history", "--repo REPO REF|COMMIT|--rootfs DIR --components TSV",
      "write a package history from the dates in package databases, for replay", varve_cmd_bench_history },
    { "scale", "--repo REPO REF|COMMIT", "time and memory of the main verbs as the tree grows", varve_cmd_bench_scale },
    { "speed", "--repo REPO REF|COMMIT", "time builds on this machine, against the lower bound",
      varve_cmd_bench_speed },
  };
  return varve_subverbs_run (session, "bench", MEASURES, G_N_ELEMENTS (MEASURES), argc, argv);
}

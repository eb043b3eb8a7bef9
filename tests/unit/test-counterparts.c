/* SPDX-License-Identifier: Apache-2.0 */
/* delta/counterparts: the kernels of an old image are found without loading them. */
#include "delta/counterparts.h"

#include <sys/resource.h>

#include "base/fasthash.h"
#include "tests/unit/one-file.h"
#include "tests/unit/pe-file.h"

enum { HEAD_BYTES = 4096, PART_BYTES = 1 << 20 };

static const guint64 KERNEL_BYTES = 160 * PART_BYTES, MEMORY_BYTES = 32 * PART_BYTES;

/* A UKI with a kernel of KERNEL_BYTES zeros, of which the spool stores next to nothing. */
static VarveExtentFile *
spool_new (VarveExtent *out_file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, &error);
  g_assert_no_error (error);
  PeFileSection kernel = { ".linux", (guint32)KERNEL_BYTES, (guint32)KERNEL_BYTES, HEAD_BYTES };
  g_autoptr (GByteArray) head = pe_file_headers (&kernel, 1);
  *out_file = (VarveExtent){ .size_bytes = HEAD_BYTES + KERNEL_BYTES };
  g_assert_true (varve_extent_file_reserve (spool, out_file->size_bytes, &out_file->at, &error));
  g_assert_true (varve_extent_file_write (spool, out_file->at, head->data, head->len, &error));
  g_assert_true (varve_extent_file_write (spool, out_file->at + out_file->size_bytes - 1, "", 1, &error));
  return g_steal_pointer (&spool);
}

static guint64
hash_of_kernel (void)
{
  g_autoptr (VarveFasthash) hash = varve_fasthash_new ();
  g_autofree guint8 *zeros = g_malloc0 (PART_BYTES);
  for (guint64 at = 0; at < KERNEL_BYTES; at += PART_BYTES)
    varve_fasthash_update (hash, zeros, PART_BYTES);
  return varve_fasthash_finish (hash);
}

static guint64
largest_memory_bytes (void)
{
  struct rusage usage;
  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  return (guint64)usage.ru_maxrss * 1024;
}

static void
test_large_section (void)
{
  g_autoptr (GError) error = NULL;
  VarveExtent content;
  g_autoptr (VarveExtentFile) spool = spool_new (&content);
  g_autoptr (VarveImageFiles) files = one_file_new ("boot/EFI/Linux/6.1.efi", content, 0);
  g_autoptr (VarveSources) sources = varve_sources_new (files);
  guint64 before = largest_memory_bytes ();
  g_autoptr (GArray) parts = varve_boot_parts_find (files, spool, sources, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (parts->len, ==, 1);
  g_assert_cmpuint (g_array_index (parts, VarveBootPart, 0).size_bytes, ==, KERNEL_BYTES);
  g_assert_cmpuint (largest_memory_bytes () - before, <, MEMORY_BYTES);
  g_assert_true (varve_sources_has_equal (sources, hash_of_kernel (), KERNEL_BYTES));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/counterparts/large-section", test_large_section);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The machine is in the first 20 bytes: System V ABI, "ELF Header". */
#include "rootfs/elf-machine.h"

#include <elf.h>
#include <string.h>

enum { MACHINE_OFFSET = 18, HEAD_BYTES = 20 };

static const struct {
  guint16 machine;
  guint8 class, order;
  const char *name;
} MACHINES[] = {
  { EM_X86_64, ELFCLASS64, ELFDATA2LSB, "x86_64" }, { EM_AARCH64, ELFCLASS64, ELFDATA2LSB, "aarch64" },
  { EM_PPC64, ELFCLASS64, ELFDATA2LSB, "ppc64le" }, { EM_S390, ELFCLASS64, ELFDATA2MSB, "s390x" },
  { EM_RISCV, ELFCLASS64, ELFDATA2LSB, "riscv64" }, { EM_386, ELFCLASS32, ELFDATA2LSB, "i686" },
  { EM_ARM, ELFCLASS32, ELFDATA2LSB, "armv7l" },    { EM_LOONGARCH, ELFCLASS64, ELFDATA2LSB, "loongarch64" },
};

const char *
varve_elf_machine (GInputStream *stream)
{
  guint8 head[HEAD_BYTES];
  gsize n = 0;
  if (!g_input_stream_read_all (stream, head, sizeof head, &n, NULL, NULL) || n < sizeof head
      || memcmp (head, ELFMAG, SELFMAG) != 0)
    return NULL;
  gboolean is_little = head[EI_DATA] == ELFDATA2LSB;
  guint16 machine = (guint16)(head[MACHINE_OFFSET + !is_little] | head[MACHINE_OFFSET + is_little] << 8);
  for (guint i = 0; i < G_N_ELEMENTS (MACHINES); i++)
    if (MACHINES[i].machine == machine && MACHINES[i].class == head[EI_CLASS] && MACHINES[i].order == head[EI_DATA])
      return MACHINES[i].name;
  return NULL;
}

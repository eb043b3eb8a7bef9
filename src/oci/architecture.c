/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/architecture.h"

#include <sys/utsname.h>

static const struct {
  const char *machine, *architecture;
} NAMES[] = {
  { "x86_64", "amd64" },
  { "aarch64", "arm64" },
  { "i386", "386" },
  { "i486", "386" },
  { "i586", "386" },
  { "i686", "386" },
  { "armv6l", "arm" },
  { "armv7l", "arm" },
  { "armv8l", "arm" },
  { "powerpc64le", "ppc64le" },
  { "armv6hl", "arm" },
  { "armv7hl", "arm" },
  { "armv7hnl", "arm" },
  { "armv8hl", "arm" },
  { "armhfp", "arm" },
  { "armhf", "arm" },
  { "armel", "arm" },
  { "ppc64el", "ppc64le" },
  { "x86-64", "amd64" },
  { "mips64el", "mips64le" },
  { "mipsel", "mipsle" },
  { "powerpc64", "ppc64" },
  { "loongarch64", "loong64" },
};

const char *
varve_architecture_from_machine (const char *machine)
{
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    if (g_str_equal (machine, NAMES[i].machine))
      return NAMES[i].architecture;
  return machine;
}

const char *
varve_architecture_host (void)
{
  static gsize host;
  if (g_once_init_enter (&host))
    {
      struct utsname name;
      const char *machine = uname (&name) == 0 ? name.machine : "unknown";
      g_once_init_leave (&host, (gsize)g_intern_string (varve_architecture_from_machine (machine)));
    }
  return (const char *)host;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The first match counts, so specific causes precede general ones. */
#include "explain/known-causes.h"

#include "packages/path-glob.h"

#define GLOBS(...)                                                                                                     \
  (const char *const[]) { __VA_ARGS__, NULL }

static const VarveKnownCause CAUSES[] = {
  { "initramfs", "every build packs it again, with new file times and settings of the build machine",
    "make it reproducible: dracut --reproducible --no-hostonly, or SOURCE_DATE_EPOCH for mkinitramfs; leave it "
    "uncompressed inside (dracut --no-compress) so that the layer's compression works on its contents",
    "initramfs",
    GLOBS ("usr/lib/modules/*/initramfs*", "usr/lib/modules/*/initrd*", "boot/initramfs*", "boot/initrd*",
           "usr/lib/ostree-boot/initr*") },
  { "uki", "a sealed UKI has the composefs digest of the whole image, so it changes with every other file",
    "expected; make the initramfs in it reproducible, so that deltas of it stay small", NULL,
    GLOBS ("boot/EFI/Linux/**/*.efi", "efi/EFI/Linux/**/*.efi", "usr/lib/modules/*/**/*.efi") },
  { "rpm database", "records the time and order in which packages were installed",
    "normalise INSTALLTIME and INSTALLTID, as rpm-ostree does where SOURCE_DATE_EPOCH is set; remove the write-ahead "
    "log (rpmdb.sqlite-wal, -shm)",
    "package-database",
    GLOBS ("usr/share/rpm/**", "usr/lib/sysimage/rpm/**", "var/lib/rpm/**", "usr/lib/sysimage/rpm-ostree-base-db/**") },
  { "dpkg database", "has every package's version, so it changes with each of them",
    "expected when packages change; otherwise remove status-old, available-old and the logs", "package-database",
    GLOBS ("usr/lib/sysimage/dpkg/**", "var/lib/dpkg/**", "usr/share/dpkg-db/**") },
  { "package manager state", "caches and history of the package manager record build times",
    "remove them from the tree: dnf clean all, apt-get clean and the lists below var/lib/apt", "package-database",
    GLOBS ("usr/lib/sysimage/libdnf5/**", "usr/lib/sysimage/dnf/**", "usr/lib/sysimage/apt/**", "var/lib/dnf/**",
           "var/lib/apt/**", "var/cache/apt/**", "var/cache/dnf/**", "var/cache/libdnf5/**", "var/lib/zypp/**",
           "usr/lib/pacman/**", "var/lib/pacman/**") },
  { "pyc", "compiled Python records the time of its source",
    "compile with python3 -m compileall --invalidation-mode unchecked-hash, and "
    "SOURCE_DATE_EPOCH set",
    NULL, GLOBS ("**/*.pyc", "**/*.pyo") },
  { "ld.so.cache", "ldconfig writes all libraries in file system order",
    "run ldconfig once, at the end of the build, so that it changes only when libraries are added or removed", NULL,
    GLOBS ("usr/etc/ld.so.cache", "etc/ld.so.cache", "var/cache/ldconfig/aux-cache") },
  { "icon cache", "records the times of the icon folders",
    "set all times in the tree to one value before gtk-update-icon-cache runs", NULL,
    GLOBS ("usr/share/icons/*/icon-theme.cache", "usr/share/icons/*/.icon-theme.cache") },
  { "mime cache", "combines all packages' types in file system order",
    "run update-mime-database once, at the end of the build", NULL,
    GLOBS ("usr/share/mime/**", "usr/share/applications/mimeinfo.cache") },
  { "font cache", "records the times of the font folders, and random names",
    "set all times in the tree to one value and run fc-cache "
    "--really-force with SOURCE_DATE_EPOCH set, or remove it: hosts create their own",
    NULL,
    GLOBS ("usr/lib/fontconfig/cache/**", "var/cache/fontconfig/**", "usr/share/fonts/**/.uuid",
           "usr/share/fonts/**/fonts.cache-*") },
  { "man-db index", "mandb writes times into it", "remove it from the tree: hosts create their own", NULL,
    GLOBS ("usr/share/man/**/index.db", "var/cache/man/**") },
  { "shadow", "records the day of the build as the day of the last password change",
    "set the third field to a fixed day, with "
    "chage -d, or SOURCE_DATE_EPOCH where useradd and passwd run",
    NULL, GLOBS ("usr/etc/shadow", "usr/etc/shadow-", "etc/shadow", "etc/shadow-", "usr/lib/shadow") },
  { "accounts", "user and group IDs depend on the order of installation",
    "give every system user a fixed ID, with sysusers.d(5) or a passwd file that the build starts from", NULL,
    GLOBS ("usr/etc/passwd*", "usr/etc/group*", "usr/etc/gshadow*", "usr/lib/passwd", "usr/lib/group",
           "usr/etc/subuid*", "usr/etc/subgid*") },
  { "machine identity", "random content", "remove it from the tree: hosts create their own at first boot", NULL,
    GLOBS ("usr/etc/machine-id", "usr/etc/ssh/ssh_host_*", "usr/lib/dbus/machine-id", "var/lib/dbus/machine-id",
           "var/lib/systemd/random-seed", "usr/etc/ssl/private/ssl-cert-snakeoil.key",
           "usr/etc/ssl/certs/ssl-cert-snakeoil.pem", "usr/etc/iscsi/initiatorname.iscsi", "usr/etc/nvme/host*") },
  { "certificates", "bundles are in file system order; Java's keystore records times",
    "run update-ca-trust or update-ca-certificates once, at the end of the build, with SOURCE_DATE_EPOCH set", NULL,
    GLOBS ("usr/etc/ssl/certs/**", "usr/etc/pki/ca-trust/extracted/**", "usr/etc/pki/java/cacerts",
           "usr/etc/ca-certificates/extracted/**", "usr/share/pki/ca-trust-*/extracted/**") },
  { "SELinux policy", "semodule compiles it again",
    "build it once and keep it: a policy store built in one step gives the same policy for the same modules", NULL,
    GLOBS ("usr/etc/selinux/**", "usr/share/selinux/**", "var/lib/selinux/**") },
  { "hwdb, catalog", "systemd compiles them from all packages' rules",
    "run systemd-hwdb update --usr and journalctl --update-catalog once, at the "
    "end of the build",
    NULL,
    GLOBS ("usr/lib/udev/hwdb.bin", "usr/etc/udev/hwdb.bin", "usr/lib/systemd/catalog/database",
           "var/lib/systemd/catalog/database") },
  { "locale archive", "localedef appends locales in the order of the calls",
    "generate all locales in one call, or ship them as folders", NULL, GLOBS ("usr/lib/locale/locale-archive*") },
  { "depmod", "depmod writes it from all modules",
    "expected when the kernel or a module changes; otherwise run depmod once, for this kernel", NULL,
    GLOBS ("usr/lib/modules/*/modules.*") },
  { "log, time stamp", "records the build", "remove it from the tree", NULL,
    GLOBS ("**/*.log", "var/log/**", "usr/etc/.updated", "var/.updated", "usr/etc/.pwd.lock", "**/*.timestamp",
           "**/timestamp") },
  { "release", "names the build", "keep the build's name in as few small files as possible, and out of the initramfs",
    NULL,
    GLOBS ("usr/lib/os-release", "usr/etc/os-release", "usr/lib/os.release.d/**", "usr/etc/issue*", "usr/etc/*-release",
           "usr/lib/*-release", "usr/share/rpm-ostree/**") },
};

const VarveKnownCause *
varve_known_cause_find (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (CAUSES); i++)
    if (varve_path_glob_match_any (CAUSES[i].globs, path))
      return &CAUSES[i];
  return NULL;
}

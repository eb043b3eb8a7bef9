"""A small bootable system laid out as Debian's under OSTree, with everything in it that is hard to carry in a tar.

The same call gives the same tree on any machine.
"""
import gzip
import hashlib
import json

from ostree_objects import Dir, File

KERNEL = "6.1.0-18-amd64"
TIMESTAMP = 1704067200
# A file capability as the kernel stores it (version 2, cap_net_raw).
CAPABILITY = bytes.fromhex("01000002002000000000000000000000000000 00".replace(" ", ""))
# source package: binary packages, each with about this many bytes
SOURCES = {
    "base-files": {"base-files": 3000},
    "bash": {"bash": 700000},
    "coreutils": {"coreutils": 400000},
    "dpkg": {"dpkg": 90000, "dpkg-dev": 20000},
    "glibc": {"libc6": 600000, "libc-bin": 90000, "locales": 300000},
    "iputils": {"iputils-ping": 60000},
    "krb5": {"libkrb5-3": 80000, "krb5-user": 40000},
    "linux-signed-amd64": {f"linux-image-{KERNEL}": 900000},
    "openssl": {"openssl": 200000, "libssl3": 500000},
    "perl": {"perl": 400000, "perl-base": 100000},
    "python3.11": {"python3.11": 30000, "libpython3.11-stdlib": 700000},
    "sudo": {"sudo": 150000},
    "systemd": {"systemd": 500000, "udev": 100000, "libsystemd0": 60000},
    "tzdata": {"tzdata": 50000},
    "util-linux": {"util-linux": 150000, "mount": 40000},
    "vim": {"vim": 300000, "vim-common": 50000},
    "zlib": {"zlib1g": 40000},
}
UPDATED = "openssl"


def noise(seed, size):
    """Bytes that do not compress."""
    return hashlib.shake_256(seed.encode()).digest(size)


def prose(seed, size):
    """Bytes that compress."""
    line = f"{seed}: the quick brown fox jumps over the lazy dog\n".encode()
    return (line * (size // len(line) + 1))[:size]


class Tree:
    def __init__(self):
        self.root = Dir()

    def folder(self, path, **properties):
        """The folder at a path, made with its parents where it is not there."""
        place = self.root
        parts = [part for part in path.split("/") if part]
        for depth, part in enumerate(parts):
            made = Dir(**properties) if depth == len(parts) - 1 else Dir()
            place = place.entries.setdefault(part, made)
        return place

    def add(self, path, entry):
        parent, _, name = path.rpartition("/")
        self.folder(parent).entries[name] = entry
        return entry

    def file(self, path, content=b"", **properties):
        return self.add(path, File(content, **properties))

    def link(self, path, target, **properties):
        return self.add(path, File(target=target, **properties))


def changelog(source, version, entries):
    """Debian's changelog, newest first, an entry each 40 days."""
    text = ""
    for index in range(entries):
        day = 1 + (index * 7) % 28
        month = ("Jan", "Oct", "Jul", "Apr")[index % 4]
        text += f"{source} ({version}-{entries - index}) unstable; urgency=medium\n\n  * Change {index}.\n\n"
        text += f" -- A Maintainer <maintainer@example.org>  Sun, {day:02} {month} {2024 - index // 4} 10:00:00 +0000\n\n"
    return gzip.compress(text.encode(), mtime=0)


def add_packages(tree, version_of, without=()):
    status = []
    for source, binaries in SOURCES.items():
        if source in without:
            continue
        version = version_of(source)
        for package, size in binaries.items():
            owned = add_package(tree, source, package, size, version)
            status.append(f"Package: {package}\nStatus: install ok installed\nArchitecture: amd64\nSource: {source}\n"
                          f"Version: {version}-1\nInstalled-Size: {size // 1024}\nDescription: part of {source}\n")
            paths = {"/."} | {"/" + path.rsplit("/", depth)[0] for path in owned for depth in range(path.count("/") + 1)}
            listing = "\n".join(sorted(paths)) + "\n"
            tree.file(f"usr/lib/sysimage/dpkg/info/{package}.list", listing.encode())
    tree.file("usr/lib/sysimage/dpkg/status", "\n".join(status).encode())
    # A diversion: what dash ships is found under another name.
    tree.file("usr/lib/sysimage/dpkg/diversions", b"/bin/sh\n/bin/sh.distrib\ndash\n")


def add_package(tree, source, package, size, version):
    """Its files; the paths that dpkg would list: Debian 12 still names /bin where usr/bin is meant."""
    owned = [f"usr/share/doc/{package}/copyright", f"usr/share/doc/{package}/changelog.Debian.gz"]
    tree.file(owned[0], prose(f"copyright of {source}", 600))
    tree.file(owned[1], changelog(source, version, 4 + len(source)))
    parts = 5
    for part in range(parts):
        path = f"usr/lib/{source}/{package}-{part}.so"
        make = noise if part % 2 else prose
        # One file in five changes with the version, the others stay.
        tree.file(path, make(f"{path} {version if part == 0 else ''}", size // parts + part))
        owned.append(path)
    tree.file(f"usr/bin/{package}", prose(f"{package} {version}", 700), mode=0o755)
    owned.append(f"bin/{package}" if source == "coreutils" else f"usr/bin/{package}")
    tree.file(f"usr/etc/{source}.conf", prose(f"configuration of {source}", 200))
    owned.append(f"etc/{source}.conf")
    return owned


def add_boot(tree):
    modules = f"usr/lib/modules/{KERNEL}"
    tree.file(f"{modules}/vmlinuz", noise("vmlinuz", 1 << 20))
    tree.file(f"{modules}/initramfs.img", noise("initramfs", 2 << 20), mode=0o600)
    for driver in ("fs/ext4/ext4", "drivers/net/e1000/e1000", "drivers/gpu/drm/i915/i915"):
        tree.file(f"{modules}/kernel/{driver}.ko", noise(driver, 50000))
    tree.file(f"{modules}/modules.dep.bin", prose("modules.dep", 9000))
    tree.file("usr/lib/ostree/prepare-root.conf", b"[composefs]\nenabled=yes\n")


def add_toplevel(tree):
    for name in ("boot", "dev", "proc", "run", "sys", "sysroot", "var"):
        tree.folder(name)
    tree.folder("tmp", mode=0o1777)
    for name in ("bin", "sbin", "lib", "lib64"):
        tree.folder(f"usr/{name}")
        tree.link(name, f"usr/{name}")
    for name, target in (("home", "var/home"), ("root", "var/roothome"), ("opt", "var/opt"), ("ostree", "sysroot/ostree")):
        tree.link(name, target)


def add_sizes_and_links(tree):
    for size in (1, 511, 512, 513, 1024, 130047, 130049):
        tree.file(f"usr/share/sizes/{size}", prose(f"size {size}", size))
    tree.file("usr/share/big/random", noise("big", 5 << 20))
    tree.file("usr/share/big/text", prose("big", 5 << 20))
    # The same content, owner and mode are one object with many paths, also in etc.
    for path in ("usr/share/same/a", "usr/share/same/b", "usr/bin/same", "usr/etc/same", "usr/etc/deep/same"):
        tree.file(path, b"one object, five paths\n")
    tree.file("usr/share/same/other-mode", b"one object, five paths\n", mode=0o600)
    # Empty files are not hard links of one another in an image.
    for path in ("usr/share/empty/a", "usr/share/empty/b", "usr/etc/hostname", "usr/lib/emptyfile"):
        tree.file(path)
    tree.file("usr/share/empty/executable", mode=0o755)
    tree.folder("usr/share/empty/folder")
    for name, target in (("double", "a//b"), ("dot", "./a/./b"), ("slash", "a/"), ("up", "../../../../etc/passwd"), ("self", "."),
                         ("root", "/"), ("100", "t" * 100), ("101", "t" * 101), ("long", "../" * 80 + "x//y"), ("utf8", "grün/日本")):
        tree.link(f"usr/share/links/{name}", target)
    # Two paths of one symlink object.
    tree.link("usr/share/links/again", "a//b")


def add_names(tree):
    tree.file("usr/share/names/grüße-日本語-🙂", b"utf-8\n")
    tree.file("usr/share/names/with space", b"space\n")
    tree.file("usr/share/names/new\nline\ttab\"quote'\\back", b"control\n")
    tree.file("usr/share/names/-dash", b"dash\n")
    tree.file("usr/share/names/.wh.not-a-whiteout", b"a name as any other\n")
    for length in (99, 100, 101, 255):
        stem = "usr/share/names/"
        tree.file(stem + "n" * (length - len(stem)), f"{length}\n".encode())
    deep = "usr/share/names/" + "/".join(letter * 60 for letter in "abcdef")
    tree.file(f"{deep}/leaf", b"deep\n")
    tree.link(f"{deep}/link", "leaf")
    tree.folder(f"{deep}/folder")
    # Sorted by byte these come in another order than in most locales.
    for name in ("A", "a", "B", "b", "Z", "_", "ä", "i", "I", "ı", "a-b", "ab", "a.b"):
        tree.file(f"usr/share/order/{name}", f"{name}\n".encode())


def add_owners_and_attributes(tree):
    tree.file("usr/bin/su", b"setuid\n", mode=0o4755)
    tree.file("usr/bin/wall", b"setgid\n", gid=5, mode=0o2755)
    tree.file("usr/share/owners/nobody", b"nobody\n", uid=65534, gid=65534)
    tree.file("usr/share/owners/large", b"beyond 7 octal digits\n", uid=3000000, gid=2097152)
    tree.file("usr/share/owners/last", b"the last that fits\n", uid=2097151, gid=2097151, mode=0)
    tree.link("usr/share/owners/link", "nobody", uid=1000, gid=1000)
    tree.folder("usr/share/owners/folder", uid=1000, gid=3000000, mode=0o2750)
    tree.folder("usr/share/owners/sticky", mode=0o1777)
    tree.file("usr/share/owners/sticky/inside", b"inside\n")
    tree.file("usr/bin/ping-capable", b"capable\n", mode=0o755, attributes=[("security.capability", CAPABILITY)])
    label = ("security.selinux", b"system_u:object_r:bin_t:s0\0")
    tree.file("usr/bin/labelled", b"labelled\n", mode=0o755, attributes=[label])
    tree.file("usr/bin/both", b"both\n", mode=0o755, attributes=[("security.capability", CAPABILITY), label])
    tree.folder("usr/share/attributes", attributes=[label])
    tree.file("usr/share/attributes/binary", b"binary\n", attributes=[("user.binary", bytes(range(256)))])
    tree.file("usr/share/attributes/empty-file", attributes=[("user.mark", b"on an empty file")])
    tree.file("usr/share/attributes/length", b"length\n", attributes=[(f"user.{n:02}", b"v" * n) for n in range(70, 100)])


def add_components(tree):
    component = [("user.component", b"firmware")]
    tree.folder("usr/lib/firmware", attributes=component)
    for vendor in ("amdgpu", "intel", "nvidia"):
        for index in range(3):
            tree.file(f"usr/lib/firmware/{vendor}/blob{index}.bin", noise(f"{vendor}{index}", 30000))
    tree.file("usr/share/app/main", noise("app", 40000), mode=0o755, attributes=[("user.component", b"app")])


def system(updated=False):
    """The whole system; @updated: one source package is a version further, and the package database with it."""
    tree = Tree()
    add_toplevel(tree)
    add_packages(tree, lambda source: "2.0" if updated and source == UPDATED else "1.0")
    add_boot(tree)
    add_sizes_and_links(tree)
    add_names(tree)
    add_owners_and_attributes(tree)
    add_components(tree)
    return tree.root


def release(number):
    """The system as time goes by: 1 is system(), 2 system(updated=True); then another package, then one more while one goes and a
    folder comes."""
    versions = {UPDATED: "2.0" if number > 1 else "1.0", "systemd": "2.0" if number > 2 else "1.0", "bash": "2.0" if number > 3 else "1.0"}
    tree = Tree()
    add_toplevel(tree)
    add_packages(tree, lambda source: versions.get(source, "1.0"), without=("tzdata",) if number > 3 else ())
    add_boot(tree)
    add_sizes_and_links(tree)
    add_names(tree)
    add_owners_and_attributes(tree)
    add_components(tree)
    if number > 3:
        tree.file("usr/share/added/new", noise("added", 40000))
    return tree.root


def touched():
    """The system with one small file of a package changed, and nothing else."""
    root = system()
    root.entries["usr"].entries["etc"].entries["tzdata.conf"] = File(prose("another configuration", 200))
    return root


def peer():
    """The system without the link targets that other exporters cannot write, so that their images can be compared."""
    root = system()
    links = root.entries["usr"].entries["share"].entries["links"].entries
    for name in ("dot", "slash", "long", "root", "100", "101"):
        del links[name]
    return root


def small():
    """A few files that any repository can hold, bare-user-only too: no attributes, no special modes, root's."""
    tree = Tree()
    add_toplevel(tree)
    tree.root.entries["tmp"].mode = 0o755
    tree.file("usr/bin/tool", prose("tool", 5000), mode=0o755)
    tree.link("usr/bin/link", "tool")
    tree.file("usr/share/empty")
    tree.file("usr/etc/conf", b"conf\n")
    tree.file("usr/lib/ostree/prepare-root.conf", b"[composefs]\nenabled=yes\n")
    tree.file(f"usr/lib/modules/{KERNEL}/vmlinuz", noise("vmlinuz", 60000))
    tree.file(f"usr/lib/modules/{KERNEL}/initramfs.img", noise("initramfs", 60000))
    return tree.root


def large():
    """256 MB, so that there is time to interrupt a build."""
    tree = Tree()
    add_toplevel(tree)
    for index in range(64):
        tree.file(f"usr/lib/large/{index // 8}/{index}", noise(f"large {index}", 4 << 20))
    return tree.root


def odd():
    """What only a repository that stores attributes beside the file can keep: a file system, or libostree's reader, would not."""
    tree = Tree()
    tree.file("usr/bin/empty", b"empty\n", attributes=[("user.empty", b"")])
    tree.file("usr/bin/many", b"many\n", attributes=[("security.capability", b"not one"), ("trusted.x", b""), ("user.x=y", b"=\n")])
    return tree.root


def unsorted():
    """What libostree before 2024.10 stores when a tar has more than one attribute: not in the order that newer ones demand."""
    tree = Tree()
    tree.file("usr/bin/unsorted", b"unsorted\n", attributes=[("user.b", b"2"), ("user.a", b"1")])
    return tree.root


def metadata(version):
    return {
        "version": version,
        "ostree.bootable": True,
        "ostree.linux": KERNEL,
        "ostree.architecture": "x86_64",
        "rpmostree.inputhash": hashlib.sha256(json.dumps(SOURCES).encode()).hexdigest(),
    }

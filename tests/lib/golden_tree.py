"""The tree that the importer's own tests use, and the checksums that they expect of it.

A commit of it made by anything else than the importer's authors' tools must have the same content checksum.
"""
import hashlib

from ostree_objects import Dir, File

# sha256 over the root's dirtree and dirmeta, for the tree without and with usr/bin/arping.
CONTENT_CHECKSUM = "acc42fb5c796033f034941dc688643bf8beddfd9068d87165344d2b99906220a"
CONTENT_CHECKSUM_ARPING = "bd3d13c3059e63e6f8a3d6d046923ded730d90bd7a055c9ad93312111ea7d395"
ARPING = "b048a4f451e9fdfaaec911c1fe07d5d1d39be02f932b827c25458d3b15ae589e"
TIMESTAMP = 872879442
METADATA = {
    "buildsys.checksum": "41af286dc0b172ed2f1ca934fd2278de4a1192302ffa07087cea2682e7d372e3",
    "ostree.container-cmd": ["/usr/bin/bash"],
    "version": "42.0",
    "ostree.bootable": True,
}
DETACHED = {"my-detached-key": "my-detached-value"}

_LABELS = {"": "root_t", "boot": "boot_t"}
_FILES = [
    ("usr/lib/modules/5.10.18-200.x86_64/vmlinuz", "this-is-a-kernel", 0o644),
    ("usr/lib/modules/5.10.18-200.x86_64/initramfs", "this-is-an-initramfs", 0o644),
    ("usr/bin/bash", "the-bash-shell", 0o755),
    ("usr/lib/emptyfile", "", 0o644),
    ("usr/lib64/emptyfile2", "", 0o644),
    ("usr/bin/hardlink-a", "testlink", 0o644),
    ("usr/bin/hardlink-b", "testlink", 0o644),
    ("usr/etc/someconfig.conf", "someconfig", 0o644),
    ("usr/etc/polkit.conf", "a-polkit-config", 0o644),
    ("usr/lib/sysimage/pkgdb", "some-package-database", 0o644),
    ("usr/lib/pkgdb/pkgdb", "some-package-database", 0o644),
]


def _label(path):
    kind = _LABELS.get(path.split("/")[0], "usr_t")
    return [("security.selinux", f"system_u:object_r:{kind}:s0".encode())]


def _parent(root, path):
    """The folder of a path; what has to be made gets the label of the last one."""
    folders = path.split("/")[:-1]
    for folder in folders:
        root = root.entries.setdefault(folder, Dir(attributes=_label(path.rpartition("/")[0])))
    return root


def tree(with_arping):
    # The first path's folder is where the root's label came from.
    root = Dir(attributes=_label("usr"))
    for path, text, mode in _FILES:
        _parent(root, path).entries[path.rpartition("/")[2]] = File(text.encode(), mode=mode, attributes=_label(path))
    if with_arping:
        attributes = [("security.capability", b"0sAAAAAgAgAAAAAAAAAAAAAAAAAAA="), *_label("usr/bin/arping")]
        _parent(root, "usr/bin/arping").entries["arping"] = File(b"arping-binary", mode=0o755, attributes=attributes)
    _parent(root, "usr/bin/sh").entries["sh"] = File(target="bash", attributes=_label("usr/bin/sh"))
    root.entries["opt"] = File(target="var/opt", attributes=_label("opt"))
    for name in ("boot", "run", "tmp"):
        root.entries[name] = Dir(attributes=_label(name))
    return root


def content_checksum(dirtree, dirmeta):
    return hashlib.sha256(bytes.fromhex(dirtree + dirmeta)).hexdigest()

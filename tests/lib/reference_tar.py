"""The bytes of an image's layers as the format describes them, made from a tree of ostree_objects: the second opinion.

Slow and simple on purpose. What is written here: GNU headers with NUL-padded octal fields, long names as `L` and `K`
members, attributes but security.selinux as PAX records before a content object.
"""
from ostree_objects import S_IFLNK, Dir, checksum_of, dirtree, xattrs
from oci_image import padded, with_checksum

REPO = "sysroot/ostree/repo"
CONFIG = b"[core]\nrepo_version=1\nmode=bare-split-xattrs\n"
END = b"\0" * 1024


def octal(value, width):
    if value < 8 ** (width - 1):
        return f"{value:0{width - 1}o}\0".encode()
    return b"\x80" + value.to_bytes(width - 1, "big")


def header(name, kind, mode=0, uid=0, gid=0, size=0, link=b""):
    fields = name[:100].ljust(100, b"\0") + octal(mode, 8) + octal(uid, 8) + octal(gid, 8) + octal(size, 12) + octal(0, 12)
    fields += b"\0" * 8 + kind + link[:100].ljust(100, b"\0") + b"ustar  \0"
    return with_checksum(fields.ljust(512, b"\0"))


def _long(kind, text):
    if len(text) <= 100:
        return b""
    data = text + b"\0"
    return header(b"././@LongLink", kind, 0o644, size=len(data)) + padded(data)


def member(name, kind, mode, uid=0, gid=0, data=b"", link=""):
    name, link = name.encode(), link.encode()
    return _long(b"L", name) + _long(b"K", link) + header(name, kind, mode, uid, gid, len(data), link) + padded(data)


def _pax(attributes):
    records = b""
    for key, value in attributes:
        if key == "security.selinux":
            continue
        body = b" SCHILY.xattr." + key.encode() + b"=" + value + b"\n"
        length = len(body)
        while length != len(str(length)) + len(body):
            length = len(str(length)) + len(body)
        records += str(length).encode() + body
    if not records:
        return b""
    header = b"\0" * 124 + octal(len(records), 12) + octal(0, 12) + b"\0" * 8 + b"x" + b"\0" * 100 + b"ustar\0" + b"00"
    return with_checksum(header.ljust(512, b"\0")) + padded(records)


def object_name(checksum, kind):
    return f"{REPO}/objects/{checksum[:2]}/{checksum[2:]}.{kind}"


def repo_structure():
    names = ["sysroot", "sysroot/ostree", REPO, f"{REPO}/objects", *(f"{REPO}/objects/{n:02x}" for n in range(256))]
    names += [f"{REPO}/{name}" for name in
              ("extensions", "refs", "refs/heads", "refs/mirrors", "refs/remotes", "state", "tmp", "tmp/cache")]
    return b"".join(member(name, b"5", 0o755) for name in names) + member(f"{REPO}/config", b"0", 0o644, data=CONFIG)


def visible(path):
    return path[4:] if path == "usr/etc" or path.startswith("usr/etc/") else path


def tree_bytes(directory):
    """A folder's dirtree object, computed from below."""
    files = {name: entry.checksum() for name, entry in directory.entries.items() if not isinstance(entry, Dir)}
    dirs = {name: (checksum_of(tree_bytes(entry)), checksum_of(entry.meta()))
            for name, entry in directory.entries.items() if isinstance(entry, Dir)}
    return dirtree(files, dirs)


def sorted_entries(directory):
    return sorted(directory.entries.items(), key=lambda item: item[0].encode())


def commit_layer(root, commit, detached=None):
    out, seen = [], set()

    def metadata_object(kind, data):
        checksum = checksum_of(data)
        if (kind, checksum) not in seen:
            seen.add((kind, checksum))
            out.append(member(object_name(checksum, kind), b"0", 0o644, data=data))

    def walk(directory, path):
        for name, child in sorted_entries(directory):
            if isinstance(child, Dir):
                below = f"{path}/{name}" if path else name
                metadata_object("dirmeta", child.meta())
                if below != "sysroot":
                    out.append(member(visible(below), b"5", child.mode, child.uid, child.gid))
                metadata_object("dirtree", tree_bytes(child))
                walk(child, below)

    out.append(member("./", b"5", root.mode, root.uid, root.gid))
    out.append(repo_structure())
    metadata_object("commit", commit)
    if detached is not None:
        out.append(member(object_name(checksum_of(commit), "commitmeta"), b"0", 0o644, data=detached))
    metadata_object("dirmeta", root.meta())
    metadata_object("dirtree", tree_bytes(root))
    walk(root, "")
    if "tmp" not in getattr(root.entries.get("var"), "entries", {}):
        out.append(member("var/tmp", b"5", 0o1777))
    return b"".join(out) + END


def objects(root):
    """{checksum: (file, its paths in the order of the walk)}: a folder's files come before the folders in it."""
    found = {}

    def walk(directory, path):
        ordered = sorted_entries(directory)
        for name, entry in ordered:
            if not isinstance(entry, Dir):
                found.setdefault(entry.checksum(), (entry, []))[1].append(path + name)
        for name, entry in ordered:
            if isinstance(entry, Dir):
                walk(entry, f"{path}{name}/")

    walk(root, "")
    return found


def object_members(checksum, file, paths):
    """All that one content object is in a component layer."""
    name = object_name(checksum, "file")
    mode = file.mode & 0o7777
    out = member(object_name(checksum, "file-xattrs-link"), b"0", 0o644, data=xattrs(file.attributes))
    is_link = file.mode & 0o170000 == S_IFLNK
    out += _pax(file.attributes)
    out += member(name, b"2" if is_link else b"0", mode, file.uid, file.gid, file.content, file.target or "")
    for path in paths:
        if file.content or is_link:
            out += member(visible(path), b"1", mode, file.uid, file.gid, link=name)
        else:
            out += member(visible(path), b"0", mode, file.uid, file.gid)
    return out

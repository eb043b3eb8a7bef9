"""OSTree's objects and repositories, written from their format alone: no libostree in here.

So a test can make what libostree would refuse to write, and has a second opinion on every checksum. The byte layouts
are GVariant's normal form, little-endian, with OSTree's own integers big-endian.
"""
import hashlib
import os
import struct
import zlib

S_IFREG, S_IFDIR, S_IFLNK = 0o100000, 0o040000, 0o120000
ARCHIVE, BARE_SPLIT_XATTRS = "archive", "bare-split-xattrs"


def _offsets(body, ends):
    """The framing offsets of a container: as narrow as its whole size allows."""
    for width, code in ((1, "B"), (2, "H"), (4, "I"), (8, "Q")):
        if len(body) + width * len(ends) < 1 << (8 * width):
            return b"".join(struct.pack("<" + code, end) for end in ends)
    raise ValueError("too large")


def _array(items, alignment=1):
    """An array of items that differ in size."""
    body, ends = b"", []
    for item in items:
        body += b"\0" * (-len(body) % alignment) + item
        ends.append(len(body))
    return body + _offsets(body, ends)


def _tuple(members, alignment=1):
    """A structure of (bytes, alignment, has a fixed size); the last member needs no offset."""
    body, ends = b"", []
    for index, (value, align, fixed) in enumerate(members):
        body += b"\0" * (-len(body) % align) + value
        if not fixed and index < len(members) - 1:
            ends.append(len(body))
    return body + _offsets(body, ends[::-1])


def _text(text):
    return text.encode() + b"\0"


def _variant(value):
    if isinstance(value, bool):
        return bytes([value]) + b"\0b"
    if isinstance(value, str):
        return _text(value) + b"\0s"
    if isinstance(value, list):
        return _array([_text(item) for item in value]) + b"\0as"
    if isinstance(value, bytes):
        return value + b"\0ay"
    raise TypeError(type(value))


def metadata(entries):
    """a{sv}, sorted by key."""
    return _array([_tuple([(_text(key), 1, False), (_variant(value), 8, False)]) for key, value in sorted(entries.items())], 8)


def xattrs(pairs):
    """a(ayay) of (name, value) in the order given: OSTree wants them sorted by name."""
    return _array([_tuple([(_text(name), 1, False), (value, 1, False)]) for name, value in pairs])


def dirmeta(uid, gid, mode, attributes=()):
    return struct.pack(">III", uid, gid, S_IFDIR | mode) + xattrs(attributes)


def dirtree(files, dirs):
    """@files: {name: checksum}; @dirs: {name: (dirtree, dirmeta)}; checksums in hex."""
    file_items = [_tuple([(_text(name), 1, False), (bytes.fromhex(checksum), 1, False)]) for name, checksum in _sorted(files)]
    dir_items = [
        _tuple([(_text(name), 1, False), (bytes.fromhex(tree), 1, False), (bytes.fromhex(meta), 1, False)])
        for name, (tree, meta) in _sorted(dirs)
    ]
    return _tuple([(_array(file_items), 1, False), (_array(dir_items), 1, False)])


def _sorted(names):
    return sorted(names.items(), key=lambda item: item[0].encode())


def commit(root, root_meta, timestamp, entries, subject="", body="", parent=None):
    members = [
        (metadata(entries), 8, False),
        (bytes.fromhex(parent or ""), 1, False),
        (b"", 1, False),
        (_text(subject), 1, False),
        (_text(body), 1, False),
        (struct.pack(">Q", timestamp), 8, True),
        (bytes.fromhex(root), 1, False),
        (bytes.fromhex(root_meta), 1, False),
    ]
    return _tuple(members)


def checksum_of(data):
    return hashlib.sha256(data).hexdigest()


class File:
    """A content object: a regular file, or a symlink when @target is given."""

    def __init__(self, content=b"", uid=0, gid=0, mode=0o644, attributes=(), target=None):
        self.content, self.uid, self.gid, self.target = content, uid, gid, target
        self.mode = S_IFLNK | 0o777 if target is not None else S_IFREG | mode
        self.attributes = list(attributes)

    def header(self):
        fixed = struct.pack(">IIII", self.uid, self.gid, self.mode, 0)
        return _tuple([(fixed, 4, True), (_text(self.target or ""), 1, False), (xattrs(self.attributes), 1, False)])

    def checksum(self):
        header = self.header()
        return checksum_of(struct.pack(">II", len(header), 0) + header + self.content)

    def filez(self):
        fixed = struct.pack(">QIIII", len(self.content), self.uid, self.gid, self.mode, 0)
        header = _tuple([(fixed, 8, True), (_text(self.target or ""), 1, False), (xattrs(self.attributes), 1, False)])
        prefix = struct.pack(">II", len(header), 0) + header
        if self.target is not None:
            return prefix
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        return prefix + deflate.compress(self.content) + deflate.flush()


class Dir:
    def __init__(self, uid=0, gid=0, mode=0o755, attributes=()):
        self.uid, self.gid, self.mode, self.attributes = uid, gid, mode, list(attributes)
        self.entries = {}

    def meta(self):
        return dirmeta(self.uid, self.gid, self.mode, self.attributes)


class Repo:
    """A repository that is written straight into the file system; `ostree init` made it, or this does."""

    def __init__(self, path, mode=ARCHIVE):
        self.path, self.mode = path, mode
        for name in ("objects", "refs/heads", "refs/mirrors", "refs/remotes", "state", "tmp/cache", "extensions"):
            os.makedirs(f"{path}/{name}", exist_ok=True)
        with open(f"{path}/config", "w", encoding="ascii") as config:
            config.write(f"[core]\nrepo_version=1\nmode={'archive-z2' if mode == ARCHIVE else mode}\n")

    def object_path(self, checksum, kind):
        return f"{self.path}/objects/{checksum[:2]}/{checksum[2:]}.{kind}"

    def write(self, checksum, kind, data):
        path = self.object_path(checksum, kind)
        if not os.path.lexists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as out:
                out.write(data)
            os.chmod(path, 0o644)
        return checksum

    def write_metadata(self, kind, data):
        return self.write(checksum_of(data), kind, data)

    def write_file(self, file):
        checksum = file.checksum()
        if self.mode == ARCHIVE:
            return self.write(checksum, "filez", file.filez())
        self._write_split(checksum, file)
        return checksum

    def _write_split(self, checksum, file):
        """A bare-split-xattrs object: what it is in the file system, and a hard link to its xattrs beside it."""
        path = self.object_path(checksum, "file")
        if os.path.lexists(path):
            return
        blob = self.write_metadata("file-xattrs", xattrs(file.attributes))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.link(self.object_path(blob, "file-xattrs"), self.object_path(checksum, "file-xattrs-link"))
        if file.target is not None:
            os.symlink(file.target, path)
            os.lchown(path, file.uid, file.gid)
            return
        with open(path, "wb") as out:
            out.write(file.content)
        os.chown(path, file.uid, file.gid)
        os.chmod(path, file.mode & 0o7777)

    def write_tree(self, directory):
        files, dirs = {}, {}
        for name, entry in directory.entries.items():
            if isinstance(entry, Dir):
                dirs[name] = self.write_tree(entry)
            else:
                files[name] = self.write_file(entry)
        tree = self.write_metadata("dirtree", dirtree(files, dirs))
        return tree, self.write_metadata("dirmeta", directory.meta())

    def write_commit(self, ref, directory, timestamp, entries, subject="", parent=None, detached=None):
        data = commit(*self.write_tree(directory), timestamp, entries, subject, parent=parent)
        checksum = self.write_metadata("commit", data)
        if detached is not None:
            self.write(checksum, "commitmeta", metadata(detached))
        os.makedirs(os.path.dirname(f"{self.path}/refs/heads/{ref}"), exist_ok=True)
        with open(f"{self.path}/refs/heads/{ref}", "w", encoding="ascii") as out:
            out.write(checksum + "\n")
        return checksum

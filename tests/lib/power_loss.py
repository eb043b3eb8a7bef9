#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a loss of power may leave of a layout or an archive, at each moment of a recorded run.

usage: tests/lib/power_loss.py layout|unsynced-layout|archive ROOT BEFORE TRACE PATH [STATES]

TRACE is what `strace OPTIONS` says of the run (see TRACE_OPTIONS, which `power_loss.py options` prints). ROOT is the folder
with all that the run writes, BEFORE a copy of it from before the run, PATH the layout or archive, relative to ROOT. A line
for each fault goes to stdout, and `N moments` to stderr; exit 1 with faults. With STATES, the state
after each change of a name, with zeros instead of data that was not synced, is written to STATES/NUMBER.

What may happen, by POSIX alone: of a file whose data was not synced, the data are old, new, cut off or zero. Of a name that
was made, replaced or removed, and whose folder was not synced, the old or any later state remains. Each independently.

At each moment, index.json is that from before or that of the end, or in a new layout absent or without images; what it
reaches is there for certain. An archive is that from before or that of the end. When the run has ended, the new one is
there for certain. In an unsynced layout nothing was synced before the run, so only the new index.json promises something.
"""
import hashlib
import json
import os
import re
import sys

CALLS = ("openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile,splice,lseek,ftruncate,truncate,"
         "fallocate,rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,mkdir,mkdirat,symlink,symlinkat,fsync,"
         "fdatasync,sync,syncfs,close,dup,dup2,dup3,fcntl,ioctl,clone,clone3,fork,vfork")
TRACE_OPTIONS = ["-f", "-y", "-xx", "-s", "100000000", "-e", "trace=" + CALLS, "-e", "signal=none"]
CALL = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+|\?).*")
UNFINISHED = re.compile(r"(\d+) +(\w+)\((.*?),? *<unfinished \.\.\.>")
NAMES = re.compile(r"\((rename|link|unlink|mkdir)")
RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>,? ?(.*)\) += (-?\d+|\?).*")
ARGUMENT = re.compile(r"((?:\{[^}]*\}|\[[^]]*\]|\"[^\"]*\"|<[^>]*>|[^,\[{\"<])+)(?:, |$)")


class Unknown(Exception):
    """The run does something that is not modelled."""


class File:
    def __init__(self, data=b""):
        self.data = data
        self.synced = data

    def outcomes(self):
        """What its data may be after a loss of power."""
        if self.data == self.synced:
            return [self.data]
        return [self.synced, self.data, self.data[:len(self.data) // 2], bytes(len(self.data))]


class Folder:
    def __init__(self):
        self.names = {}
        self.synced = {}
        self.changes = []  # (name, node or None), since it was synced

    def set(self, name, node):
        if node is None:
            self.names.pop(name, None)
        else:
            self.names[name] = node
        self.changes.append((name, node))

    def sync(self, n_changes):
        for name, node in self.changes[:n_changes]:
            self.synced[name] = node
        del self.changes[:n_changes]

    def outcomes(self, name):
        """The nodes that a name may lead to after a loss of power; None: there is none."""
        found = [self.synced.get(name)] + [node for changed, node in self.changes if changed == name]
        return [node for i, node in enumerate(found) if not any(node is other for other in found[:i])]


def unhex(text):
    return bytes.fromhex(text.replace("\\x", ""))


def text_of(argument):
    match = re.search(r'"([^"]*)"(\.\.\.)?', argument)
    if not match or match[2]:
        raise Unknown(f"a string that strace did not print: {argument[:80]}")
    return unhex(match[1])


def number_of(argument):
    return int(re.match(r"-?\d+", argument)[0], 0)


def load(path):
    if not os.path.isdir(path):
        with open(path, "rb") as file:
            return File(file.read())
    folder = Folder()
    for name in os.listdir(path):
        folder.names[name] = load(os.path.join(path, name))
    folder.synced = dict(folder.names)
    return folder


def load_unsynced(path, names):
    """Nothing of the layout was synced, but for the folders that lead to it and its own."""
    top = load(path)
    todo = [node_at(top, names)]
    for node in todo:
        if isinstance(node, File):
            node.synced = b""
            continue
        todo += node.names.values()
        node.changes = list(node.names.items())
        node.synced = {}
    return top


def node_at(top, names):
    node = top
    for name in names:
        node = node.names.get(name) if isinstance(node, Folder) else None
    return node


def parse(lines):
    """(call, arguments, result, line at which it began) in the order in which the calls ended, and where they began."""
    begun = {}
    for number, line in enumerate(lines):
        if match := UNFINISHED.match(line):
            begun[match[1]] = (match[3], number)
            yield match[2], None, None, number
        elif match := RESUMED.match(line):
            start, began = begun.pop(match[1])
            arguments = start + (", " if start and match[3] else "") + match[3]
            yield match[2], ARGUMENT.findall(arguments), match[4], began
        elif match := CALL.match(line):
            yield match[2], None, None, number
            yield match[2], ARGUMENT.findall(match[3]), match[4], number


class Run:
    """The folder ROOT as the recorded calls change it."""

    def __init__(self, root, top):
        self.root = os.path.realpath(root)
        self.top = top
        self.fds = {}  # number: [node, offset, appends]
        self.covered = {}  # line at which a sync began: what it covers

    def path_of(self, folder, name):
        """Names below ROOT, or None."""
        base = unhex(re.search(r"<([^>]*)>", folder)[1]).decode() if folder else "/"
        path = os.path.normpath(os.path.join(base, name.decode()))
        if path != self.root and not path.startswith(self.root + "/"):
            return None
        return path[len(self.root):].strip("/").split("/") if path != self.root else []

    def parent_at(self, names):
        return node_at(self.top, names[:-1])

    def files(self):
        found, todo = {}, [self.top]
        while todo:
            node = todo.pop()
            if id(node) not in found:
                found[id(node)] = node
                todo += node.names.values() if isinstance(node, Folder) else []
        return found.values()

    def begin_sync(self, call, fd, began):
        nodes = [self.fds[fd][0]] if fd in self.fds else []
        if call in ("sync", "syncfs"):
            nodes = self.files()
        self.covered[began] = [(node, len(node.changes) if isinstance(node, Folder) else node.data) for node in nodes]

    def end_sync(self, began):
        for node, covered in self.covered.pop(began):
            if isinstance(node, Folder):
                node.sync(covered)
            else:
                node.synced = covered

    def open(self, names, flags, fd):
        node = node_at(self.top, names) if names is not None else None
        if "O_TMPFILE" in flags:
            raise Unknown("O_TMPFILE")
        if names is None:
            return False
        changes = False
        if node is None:
            node = File()
            self.parent_at(names).set(names[-1], node)
            changes = True
        elif "O_TRUNC" in flags:
            node.data = b""
            changes = True
        self.fds[fd] = [node, 0, "O_APPEND" in flags]
        return changes

    def write(self, fd, data, offset=None):
        if fd not in self.fds:
            return False
        node, at, appends = self.fds[fd]
        at = offset if offset is not None else len(node.data) if appends else at
        node.data = node.data[:at].ljust(at, b"\0") + data + node.data[at + len(data):]
        if offset is None:
            self.fds[fd][1] = at + len(data)
        return True

    def rename(self, old, new):
        if old is None and new is None:
            return False
        if old is None or new is None:
            raise Unknown("a rename into or out of the folder")
        node = node_at(self.top, old)
        self.parent_at(new).set(new[-1], node)
        self.parent_at(old).set(old[-1], None)
        return True

    def link(self, source, names):
        if names is None:
            return False
        match = re.fullmatch(rb"/proc/self/fd/(\d+)", source[1])
        node = self.fds[int(match[1])][0] if match else node_at(self.top, self.path_of(*source) or ["?"])
        if node is None:
            raise Unknown("a link to a file that is not in the folder")
        self.parent_at(names).set(names[-1], node)
        return True

    def set_name(self, names, node):
        if names is None:
            return False
        self.parent_at(names).set(names[-1], node)
        return True

    def step(self, call, arguments, result, began):
        """True if something under ROOT changed."""
        if arguments is None or result == "?" or (int(result) < 0):
            return False
        at = lambda i: self.path_of(arguments[i], text_of(arguments[i + 1]))  # noqa: E731
        fd = number_of(arguments[0]) if arguments and re.match(r"\d", arguments[0]) else -1
        if call == "openat":
            return self.open(at(0), arguments[2], int(result))
        if call in ("mkdirat", "unlinkat"):
            return self.set_name(at(0), Folder() if call == "mkdirat" else None)
        if call in ("mkdir", "unlink", "rmdir"):
            return self.set_name(self.path_of(None, text_of(arguments[0])), Folder() if call == "mkdir" else None)
        if call in ("renameat", "renameat2"):
            return self.rename(at(0), at(2))
        if call == "linkat":
            return self.link((arguments[0], text_of(arguments[1])), at(2))
        if call in ("fsync", "fdatasync", "sync", "syncfs"):
            self.end_sync(began)
            return True
        if call in ("write", "pwrite64"):
            return self.write(fd, text_of(arguments[1])[:int(result)], number_of(arguments[3]) if call == "pwrite64" else None)
        if call == "writev":
            data = b"".join(map(unhex, re.findall(r'iov_base="([^"]*)"', arguments[1])))
            return self.write(fd, data[:int(result)])
        return self.step_of_fd(call, arguments, int(result), fd)

    def step_of_fd(self, call, arguments, result, fd):
        if call == "lseek" and fd in self.fds:
            self.fds[fd][1] = result
        elif call == "ftruncate" and fd in self.fds:
            node = self.fds[fd][0]
            node.data = node.data[:number_of(arguments[1])].ljust(number_of(arguments[1]), b"\0")
            return True
        elif call == "ioctl" and "FICLONE" in arguments[1]:
            self.fds[fd][0].data = self.fds[number_of(arguments[2])][0].data
            return True
        elif call in ("dup", "dup2", "dup3") or call == "fcntl" and "F_DUPFD" in arguments[1]:
            if fd in self.fds:
                self.fds[result] = self.fds[fd]
        elif call in ("clone", "clone3", "fork", "vfork"):
            if "CLONE_FILES" not in " ".join(arguments):
                raise Unknown("another process")
        elif call in ("open", "creat", "rename", "link", "truncate", "symlink", "symlinkat"):
            raise Unknown(call)
        elif call in ("pwritev", "pwritev2", "copy_file_range", "sendfile", "splice", "fallocate") and fd in self.fds:
            raise Unknown(call)
        return False

    def moments(self, lines):
        """Yields after each call that changes something, and once before."""
        yield "before the first call"
        for call, arguments, result, began in parse(lines):
            match = re.search(r"\((\d+)", lines[began])
            fd = int(match[1]) if match else -1
            if arguments is None and call in ("fsync", "fdatasync", "sync", "syncfs"):
                self.begin_sync(call, fd, began)
            elif arguments is None and call == "close":
                self.fds.pop(fd, None)  # another thread may get the number before the call ends
            elif arguments is not None and self.step(call, arguments, result, began):
                yield f"after line {began + 1} of the record ({call})"


def differs(node, path):
    """Where the model and the disk differ after the run."""
    if isinstance(node, Folder):
        real = set(os.listdir(path)) if os.path.isdir(path) else {"not a folder"}
        if real != set(node.names):
            return f"{path}: {sorted(real ^ set(node.names))}"
        return next((found for name in node.names if (found := differs(node.names[name], os.path.join(path, name)))), None)
    with open(path, "rb") as file:
        return None if file.read() == node.data else f"{path}: other data"


def data_at(top, names):
    node = node_at(top, names)
    return node.data if node is not None else None


def without_images(data):
    try:
        return json.loads(data)["manifests"] == []
    except (ValueError, KeyError, TypeError):
        return False


class Layout:
    """What must be true of the layout PATH."""

    def __init__(self, names, before, after):
        self.names = names
        self.old = data_at(before, [*names, "index.json"])
        self.new = data_at(after, [*names, "index.json"])
        self.is_new = self.old is None

    @staticmethod
    def blob_fault(folders, digest):
        """Why the blob may be missing or wrong, or None; and its content."""
        algorithm, name = digest.split(":")
        content = None
        for found in folders:
            for node in found.outcomes(name):
                if node is None:
                    return f"{digest} may be absent", None
                for data in node.outcomes():
                    if hashlib.new(algorithm, data).hexdigest() != name:
                        return f"the data of {digest} may be lost", None
                    content = data
        return None, content

    def reached_faults(self, layout, index):
        if without_images(index):
            return []
        folders = [layout]
        for name in ("blobs", "sha256"):
            folders = [node for folder in folders for node in folder.outcomes(name)]
            if None in folders:
                return [f"the folder {name} may be absent"]
        faults = []
        for entry in json.loads(index)["manifests"]:
            fault, manifest = self.blob_fault(folders, entry["digest"])
            faults.append(fault)
            if manifest is not None:
                parts = json.loads(manifest)
                faults += [self.blob_fault(folders, part["digest"])[0] for part in [parts["config"], *parts["layers"]]]
        return [fault for fault in faults if fault]

    def faults(self, top, is_end):
        folders = [top]
        for name in self.names:
            folders = [node for folder in folders for node in (folder.outcomes(name) if folder else [None])]
        faults = []
        for layout in folders:
            if layout is None:
                faults += ["the layout may be absent"] if is_end or not self.is_new else []
                continue
            for node in layout.outcomes("index.json"):
                for data in node.outcomes() if node is not None else [None]:
                    faults += self.index_faults(layout, data, is_end)
        return faults

    def index_faults(self, layout, data, is_end):
        if is_end and data != self.new:
            return ["index.json may be another than the new one"]
        if data is None:
            return [] if self.is_new else ["index.json may be absent"]
        if data not in (self.old, self.new) and not (self.is_new and without_images(data)):
            return [f"index.json may be neither the old nor the new one: {data[:40]!r}"]
        which = "the new index.json: " if data == self.new else "the old index.json: "
        return [which + fault for fault in self.reached_faults(layout, data)]


class UnsyncedLayout(Layout):
    """The same, where nothing was synced before."""

    def __init__(self, names, before, after):
        super().__init__(names, before, after)
        self.old = None

    def index_faults(self, layout, data, is_end):
        return super().index_faults(layout, data, is_end) if is_end or data == self.new else []


class Archive:
    """What must be true of the archive PATH."""

    def __init__(self, names, before, after):
        self.names = names
        self.old, self.new = data_at(before, names), data_at(after, names)

    def faults(self, top, is_end):
        nodes = [top]
        for name in self.names:
            nodes = [node for folder in nodes for node in (folder.outcomes(name) if folder else [None])]
        found = [data for node in nodes for data in (node.outcomes() if node is not None else [None])]
        allowed = [self.new] if is_end else [self.old, self.new]
        return ["the archive may be absent" if data is None else f"the archive may be of {len(data)} bytes: {data[:40]!r}"
                for data in found if data not in allowed]


def state_of(node):
    """With all names, and with zeros instead of data that was not synced."""
    if isinstance(node, File):
        return node.data if node.data == node.synced else bytes(len(node.data))
    return {name: state_of(child) for name, child in node.names.items()}


def write_state(state, path):
    if isinstance(state, bytes):
        with open(path, "wb") as file:
            file.write(state)
        return
    os.mkdir(path)
    for name, child in state.items():
        write_state(child, os.path.join(path, name))


def start(kind, before, names):
    return load_unsynced(before, names) if kind == "unsynced-layout" else load(before)


def replay(kind, root, before, trace, path, states=None):
    with open(trace, encoding="ascii") as file:
        lines = file.read().splitlines()
    names = path.split("/")
    rules = RULES[kind](names, load(before), load(root))
    run, faults, found, n_moments = Run(root, start(kind, before, names)), {}, [], 0
    for moment in run.moments(lines):
        n_moments += 1
        for fault in rules.faults(run.top, False):
            faults.setdefault(fault, moment)
        if states and NAMES.search(moment) and (state := state_of(run.top)) not in found:
            found.append(state)
    if difference := differs(run.top, run.root):
        raise Unknown(f"the record does not give what is on the disk: {difference}")
    for fault in rules.faults(run.top, True):
        faults.setdefault(fault, "after the end")
    for number, state in enumerate(found):
        write_state(state, os.path.join(states, str(number)))
    print(f"{n_moments} moments", file=sys.stderr)
    for fault, moment in faults.items():
        print(f"{moment}: {fault}")
    return not faults


RULES = {"layout": Layout, "unsynced-layout": UnsyncedLayout, "archive": Archive}


def main():
    if sys.argv[1:] == ["options"]:
        print(*TRACE_OPTIONS, sep="\n")
        return
    if len(sys.argv) not in (6, 7):
        sys.exit(__doc__)
    try:
        sys.exit(not replay(*sys.argv[1:]))
    except Unknown as error:
        sys.exit(f"power_loss: not modelled: {error}")


main()

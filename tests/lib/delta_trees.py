"""Two or three trees of files, an update apart, with what deltas look through in them. usage: delta_trees.py OLD NEW [NEWEST]"""
import gzip
import io
import lzma
import pathlib
import random
import shutil
import subprocess
import sys


def text(seed, words=6000):
    rng = random.Random(seed)
    return " ".join(rng.choice(["layer", "commit", "object", "the", "module\n", hex(rng.randrange(4096))]) for _ in range(words)).encode()


def program(seed, size=200000, change=0):
    """Bytes as of a program; @change moves a part and changes addresses, as a rebuild does."""
    rng = random.Random(seed)
    blocks = [rng.randbytes(64) for _ in range(300)]
    data = bytearray(b"".join(rng.choice(blocks) + rng.randbytes(12) for _ in range(size // 76)))
    if change:
        data[1000:1000] = random.Random(change).randbytes(200)
        for at in range(0, len(data), 400):
            data[at] = (data[at] + change) & 0xff
    return bytes(data)


def run(command, data):
    return subprocess.run(command.split(), input=data, stdout=subprocess.PIPE, check=True).stdout


def cpio(members):
    out = io.BytesIO()
    for inode, (name, data) in enumerate([*members, ("TRAILER!!!", b"")], 1):
        fields = [inode, 0o100644, 0, 0, 1, 1700000000 + inode, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        out.write(b"070701" + b"".join(b"%08x" % f for f in fields) + name.encode() + b"\0")
        out.write(b"\0" * (-out.tell() % 4) + data)
        out.write(b"\0" * (-out.tell() % 4))
    return out.getvalue() + b"\0" * (-out.tell() % 512)


def write(top, name, data):
    path = pathlib.Path(top, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def make(top, new):
    """@new is the number of updates before."""
    change = 3 * new
    kernel = f"6.1.0-{1 + new}"
    modules = {f"kernel/net/m{i}.ko": program(100 + i, 60000, change) for i in range(6)}
    for name, data in modules.items():
        write(top, f"usr/lib/modules/{kernel}/{name}.xz", run("xz --check=crc32 --lzma2=dict=1MiB -T2 -c", data))
    inside = [(f"usr/lib/modules/{kernel}/{name}", data) for name, data in modules.items()]
    write(top, f"usr/lib/modules/{kernel}/initramfs.img", cpio([("kernel/early", b"early" * 100)])
          + run("zstd -q -9 -T0 -c", cpio([*inside, ("etc/conf", text(9)), ("usr/share/man/tool.1.gz", gzip.compress(text(5), mtime=0))])))
    write(top, f"usr/lib/modules/{kernel}/vmlinuz", program(50, 30000, change))
    write(top, "usr/bin/tool", program(1, 400000, change))
    write(top, f"usr/lib/libtool.so.1.{2 + new}", program(2, 150000, change))
    write(top, "usr/share/doc/tool/changelog.gz", run("gzip -9n -c", b"a new entry\n" * new + text(3)))
    write(top, "usr/share/same.gz", run("gzip -9n -c", text(4)))
    write(top, "usr/share/moved" + ["", "-here", "-there"][new], text(6))
    write(top, "usr/share/zlib.gz", gzip.compress(text(7) + b"x" * change, mtime=0))
    write(top, "usr/share/lz4", run("lz4 -q -9 -l -c", text(12) + b"y" * change) if shutil.which("lz4") else b"none")
    write(top, "usr/etc/conf", b"setting = 1\n" * 20 + b"other = 2\n" * new)
    write(top, "usr/etc/a-file-of-some-length-whose-name-is-long/" + "n" * 90, text(8) + b"z" * change)
    write(top, "usr/share/lzma", lzma.compress(text(13, 20000 + change)))
    write(top, "usr/share/only-" + ["old", "new", "newest"][new], program(20, 50000))
    write(top, "usr/share/empty", b"")
    link = pathlib.Path(top, "usr/bin/again")
    link.hardlink_to(pathlib.Path(top, "usr/bin/tool"))
    pathlib.Path(top, "usr/bin/link").symlink_to("tool")


if __name__ == "__main__":
    for number, place in enumerate(sys.argv[1:4]):
        make(place, number)

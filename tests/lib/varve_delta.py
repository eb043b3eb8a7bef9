"""A reader of `application/vnd.varve.delta.v1`, written from docs/delta-format.md; its encoders are foreign programs.

usage: varve_delta.py LAYOUT REF OLD-TREE [OLD-LAYOUT OLD-REF]

Rebuilds each layer that has such an entry (with --all, each that has any delta) from a tree of files and prints
`DIGEST ok|wrong|skipped: reason`.
"""
import hashlib
import json
import lzma
import pathlib
import subprocess
import sys
import zlib

MAGIC = {b"varved1\0": True, b"tardf1\n\0": False}


class Unsupported(Exception):
    pass


def run(argv, data):
    try:
        return subprocess.run(argv, input=data, stdout=subprocess.PIPE, check=True).stdout
    except FileNotFoundError as error:
        raise Unsupported(str(error)) from error


def encode(recipe, data):
    name, *parts = recipe.split(";")
    keys = dict(part.split("=", 1) for part in parts)
    if name == "xz":
        check = {"0": "none", "1": "crc32", "4": "crc64", "10": "sha256"}[keys["check"]]
        extreme = "e" if keys["extreme"] == "1" else ""
        argv = ["xz", "-c", f"--check={check}", "-T2" if keys["threaded"] == "1" else "-T1"]
        if keys["threaded"] == "1" and keys["block"] != "0":
            argv.append(f"--block-size={keys['block']}")
        if keys["x86"] == "1":
            argv.append("--x86")
        return run(argv + [f"--lzma2=preset={keys['preset']}{extreme},dict={keys['dictionary']}"], data)
    if name == "gzip" and keys["version"].startswith("zlib "):
        deflate = zlib.compressobj(int(keys["level"]), zlib.DEFLATED, -15, int(keys["memory"]))
        tail = zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xffffffff).to_bytes(4, "little")
        return deflate.compress(data) + deflate.flush() + tail
    if name == "gzip":
        argv = ["gzip", "-n", "-c", f"-{keys['level']}"] + (["--rsyncable"] if keys.get("rsyncable") == "1" else [])
        return run(argv, data)[10:]
    if name == "zstd":
        if keys["workers"] == "0":
            argv = ["zstd", "-q", "-c", "--single-thread"]
        else:
            argv = ["zstd", "-q", "-c", "-T1"]
        argv += ["--ultra", f"-{keys['level']}", "--check" if keys["checksum"] == "1" else "--no-check"]
        if keys["size"] != "0":
            argv.append(f"--stream-size={int(keys['size']) - 1}")
        return run(argv, data)
    if name == "lz4":
        return run(["lz4", "-q", "-c", "-l", f"-{keys['level']}"], data)
    raise Unsupported(recipe)


def decode(codec, data):
    if codec == 1:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(data)
    if codec == 2:
        return zlib.decompressobj(31).decompress(data)
    # These tools go on behind the first stream, and what follows it is none of theirs: what they gave by then counts.
    argv = {3: ["zstd", "-dqcf"], 4: ["lz4", "-dqc"]}[codec]
    return subprocess.run(argv, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout


def leb128(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def find(tree, name):
    parts = [part for part in name.split("/") if part not in ("", ".")]
    assert parts and ".." not in parts, name
    path = tree.joinpath(*parts)
    if not path.is_file() and parts[0] == "etc":
        path = tree.joinpath("usr", *parts)
    return path.read_bytes()


def unpack(data):
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return run(["zstd", "-dqc", "--long=27"], data)
    return zlib.decompress(data, 31) if data[:2] == b"\x1f\x8b" else data


class Layout:
    def __init__(self, folder, ref):
        self.folder = pathlib.Path(folder)
        index = json.loads((self.folder / "index.json").read_bytes())
        entry = next(m for m in index["manifests"] if m.get("annotations", {}).get("org.opencontainers.image.ref.name") == ref)
        self.manifest = json.loads(self.blob(entry["digest"]))

    def blob(self, digest):
        data = (self.folder / "blobs/sha256" / digest.removeprefix("sha256:")).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest.removeprefix("sha256:")
        return data

    def layer(self, diff_id):
        config = json.loads(self.blob(self.manifest["config"]["digest"]))
        place = config["rootfs"]["diff_ids"].index("sha256:" + diff_id.hex())
        tar = unpack(self.blob(self.manifest["layers"][place]["digest"]))
        assert hashlib.sha256(tar).digest() == diff_id
        return tar


def rebuild(blob, tree, old):
    ours = MAGIC[blob[:8]]
    ops = subprocess.run(["zstd", "-dqc", "--long=27"], input=blob[8:], stdout=subprocess.PIPE, check=True).stdout
    outputs, recipes = [bytearray()], []
    source = position = None
    at = 0
    while at < len(ops):
        op = ops[at]
        size, at = leb128(ops, at + 1)
        data = b""
        if op not in (2, 4):
            data = ops[at:at + size]
            assert len(data) == size
            at += size
        assert op <= 4 or ours
        if op == 0:
            outputs[-1] += data
        elif op == 1:
            source, position = find(tree, data.decode()), 0
        elif op in (2, 3):
            old = source[position:position + size]
            assert len(old) == size
            position += size
            outputs[-1] += old if op == 2 else bytes((a + b) & 0xff for a, b in zip(old, data))
        elif op == 4:
            assert size <= len(source)
            position = size
        elif op == 16:
            start, next_at = leb128(data, 1)
            length, next_at = leb128(data, next_at)
            assert next_at == len(data) and start + length <= len(source)
            source, position = decode(data[0], source[start:start + length]), 0
        elif op == 17:
            recipes.append(data.decode())
            outputs.append(bytearray())
        elif op == 18:
            assert size == 0
            plain = outputs.pop()
            outputs[-1] += encode(recipes.pop(), bytes(plain))
        elif op == 19:
            assert size == 32
            if old is None:
                raise Unsupported("a layer of the old image")
            source, position = old.layer(data), 0
        else:
            raise ValueError(f"op {op}")
    assert len(outputs) == 1
    return bytes(outputs[0])


def main():
    arguments = [a for a in sys.argv[1:] if a != "--all"]
    delta, tree = Layout(*arguments[:2]), pathlib.Path(arguments[2])
    old = Layout(*arguments[3:5]) if len(arguments) > 3 else None
    content = {}
    for layer in delta.manifest["layers"]:
        content.setdefault(layer["annotations"]["io.github.containers.delta.content"], []).append(layer)
    target = json.loads(delta.blob(content["image-manifest"][0]["digest"]))
    config = json.loads(delta.blob(content["image-config"][0]["digest"]))
    diff_ids = dict(zip((layer["digest"] for layer in target["layers"]), config["rootfs"]["diff_ids"]))
    entries = content.get("varve.image-layer", [])
    if "--all" in sys.argv:
        entries += [e for e in content.get("image-layer", []) if e["mediaType"] == "application/vnd.tar-diff"]
    for layer in entries:
        to = layer["annotations"]["io.github.containers.delta.to"]
        try:
            tar = rebuild(delta.blob(layer["digest"]), tree, old)
            verdict = "ok" if "sha256:" + hashlib.sha256(tar).hexdigest() == diff_ids[to] else "wrong"
        except Unsupported as error:
            verdict = f"skipped: {error}"
        print(layer["mediaType"], to, verdict)


if __name__ == "__main__":
    main()

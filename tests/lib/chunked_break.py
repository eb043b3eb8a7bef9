#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the table of contents of a layer disagree with its tar, with all digests right: usage: chunked_break.py LAYOUT KIND

Changes the first layer of a file with several chunks. KIND: mode, missing, twice, digest, chunk, offset, split, no-split,
position, checksum.
"""
import base64
import hashlib
import json
import pathlib
import subprocess
import sys

KEY = "io.github.containers.zstd-chunked."


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def zstd(option, data):
    return subprocess.run(["zstd", "-q", option], input=data, stdout=subprocess.PIPE, check=True).stdout


def skippable(data):
    return b"\x50\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data


def first(entries, **wanted):
    return next(e for e in entries if all(e.get(key) == value for key, value in wanted.items()))


def break_entries(kind, entries):
    chunk = first(entries, type="chunk")
    file = first(entries, type="reg", name=chunk["name"])
    if kind == "mode":
        file["mode"] ^= 0o111
    if kind == "missing":
        entries.remove(first(entries, type="dir"))
    if kind == "twice":
        entries.append(first(entries, type="dir"))
    if kind == "digest":
        file["digest"] = chunk["chunkDigest"]
    if kind == "chunk":
        chunk["chunkDigest"] = file["digest"]
    if kind == "offset":
        chunk["offset"] += 1


def break_split(lines):
    """Not a zero at the end of the tar."""
    entry = json.loads(lines[-1])
    raw = bytearray(base64.b64decode(entry["payload"]))
    raw[-1] ^= 1
    entry["payload"] = base64.b64encode(raw).decode()
    lines[-1] = json.dumps(entry, separators=(",", ":")).encode()


def break_layer(kind, layer, blob):
    notes = layer["annotations"]
    at, size = (int(n) for n in notes[KEY + "manifest-position"].split(":")[:2])
    split_at, split_size = (int(n) for n in notes[KEY + "tarsplit-position"].split(":")[:2])
    toc = json.loads(zstd("-dc", blob[at:at + size]))
    lines = zstd("-dc", blob[split_at:split_at + split_size]).splitlines()
    break_entries(kind, toc["entries"])
    if kind == "split":
        break_split(lines)
    split = b"".join(line + b"\n" for line in lines)
    split_blob = zstd("-c", split)
    toc["tarSplitDigest"] = sha256(split_blob)
    if kind == "no-split":
        del toc["tarSplitDigest"]
    text = json.dumps(toc).encode()
    toc_blob = zstd("-c", text)
    notes[KEY + "manifest-checksum"] = sha256(toc_blob if kind != "checksum" else text)
    notes[KEY + "manifest-position"] = f"{at}:{len(toc_blob)}:{len(text)}:{2 if kind == 'position' else 1}"
    notes[KEY + "tarsplit-position"] = f"{at + len(toc_blob) + 8}:{len(split_blob)}:{len(split)}"
    return blob[:at - 8] + skippable(toc_blob) + skippable(split_blob)


def main():
    layout, kind = pathlib.Path(sys.argv[1]), sys.argv[2]

    def load(digest):
        return (layout / "blobs" / digest.replace(":", "/")).read_bytes()

    def store(data):
        (layout / "blobs" / sha256(data).replace(":", "/")).write_bytes(data)
        return {"digest": sha256(data), "size": len(data)}

    index = json.loads((layout / "index.json").read_bytes())
    manifest = json.loads(load(index["manifests"][0]["digest"]))
    for layer in manifest["layers"]:
        blob = load(layer["digest"])
        at, size = (int(n) for n in layer["annotations"][KEY + "manifest-position"].split(":")[:2])
        if b'"chunkDigest"' in zstd("-dc", blob[at:at + size]):
            layer.update(store(break_layer(kind, layer, blob)))
            break
    index["manifests"][0].update(store(json.dumps(manifest).encode()))
    (layout / "index.json").write_text(json.dumps(index))


main()

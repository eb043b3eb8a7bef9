#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges the layers of zstd:chunked of an image, independently of varve: usage: chunked_blob.py LAYOUT

For each layer: the annotations find a table of contents and tar-split data with the right digests; every file's bytes, decoded from
the frames that the table names, have its digest; tar-split data and these bytes together are the tar, whose digest is the diff ID.
Prints the number of layers, files and chunks.
"""
import base64
import ctypes
import hashlib
import json
import pathlib
import subprocess
import sys

KEY = "io.github.containers.zstd-chunked."
CRC_MAX_BYTES = 1 << 14  # of the files whose CRC is computed, which is slow here
ZSTD = ctypes.CDLL("libzstd.so.1")
ZSTD.ZSTD_decompress.restype = ctypes.c_size_t


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def unzstd(data):
    return subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, check=True).stdout


def unzstd_frame(data, size):
    """Exactly one frame of that size: faster than another process for each."""
    out = ctypes.create_string_buffer(size)
    if ZSTD.ZSTD_decompress(out, ctypes.c_size_t(size), data, ctypes.c_size_t(len(data))) != size:
        sys.exit("a chunk is not what its frame decodes to")
    return out.raw


def crc64(data):
    crc = 0xFFFFFFFFFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFFFFFFFFFF


def table_entry(value):
    for _ in range(8):
        value = value >> 1 ^ (0xD800000000000000 if value & 1 else 0)
    return value


TABLE = [table_entry(value) for value in range(256)]


def check(what, got, expected):
    if got != expected:
        sys.exit(f"{what}: {got!r}, expected {expected!r}")


def check_footer(blob, toc, split):
    footer = blob[-64:]
    check("footer's magic", footer[56:], b"GNUlInUx")
    numbers = [int.from_bytes(footer[i:i + 8], "little") for i in range(0, 56, 8)]
    check("footer", numbers, toc + split)


def file_bytes(blob, entries, i):
    """Content of the file at entries[i], and how many chunks it has."""
    chunks = [entries[i]]
    while i + len(chunks) < len(entries) and entries[i + len(chunks)]["type"] == "chunk":
        chunks.append(entries[i + len(chunks)])
    ends = [chunk["offset"] for chunk in chunks[1:]] + [entries[i]["endOffset"]]
    sizes = [chunk.get("chunkSize", entries[i]["size"]) for chunk in chunks]
    pieces = [unzstd_frame(blob[chunk["offset"]:end], size) for chunk, end, size in zip(chunks, ends, sizes)]
    at = 0
    for chunk, piece in zip(chunks, pieces):
        if len(chunks) > 1:
            check("chunkDigest", chunk["chunkDigest"], sha256(piece))
            check("chunkOffset", chunk.get("chunkOffset", 0), at)
            check("chunkSize", chunk["chunkSize"], len(piece))
        at += len(piece)
    return b"".join(pieces), len(chunks)


def check_layer(layer, diff_id, blob):
    notes = layer["annotations"]
    toc_place = [int(n) for n in notes[KEY + "manifest-position"].split(":")]
    split_place = [int(n) for n in notes[KEY + "tarsplit-position"].split(":")]
    check_footer(blob, toc_place, split_place)
    toc_blob = blob[toc_place[0]:toc_place[0] + toc_place[1]]
    split_blob = blob[split_place[0]:split_place[0] + split_place[1]]
    check("digest of the table of contents", sha256(toc_blob), notes[KEY + "manifest-checksum"])
    toc, split = json.loads(unzstd(toc_blob)), unzstd(split_blob)
    check("length of the table of contents", len(unzstd(toc_blob)), toc_place[2])
    check("length of the tar-split data", len(split), split_place[2])
    check("tarSplitDigest", toc["tarSplitDigest"], sha256(split_blob))
    files, n_chunks = {}, 0
    for i, entry in enumerate(toc["entries"]):
        if entry["type"] != "chunk" and entry["name"] in files:
            sys.exit(f"duplicate entry: {entry['name']}")
        if entry["type"] != "chunk":
            files[entry["name"]] = b""
        if entry.get("size", 0) > 0:
            files[entry["name"]], n = file_bytes(blob, toc["entries"], i)
            n_chunks += n
            check("size", len(files[entry["name"]]), entry["size"])
            check("digest", sha256(files[entry["name"]]), entry["digest"])
    tar = bytearray()
    for position, line in enumerate(split.splitlines()):
        entry = json.loads(line)
        check("position", entry["position"], position)
        if entry["type"] == 2:
            tar += base64.b64decode(entry["payload"])
            continue
        content = files[entry["name"]]
        check("size in the tar-split data", entry.get("size", 0), len(content))
        if 0 < len(content) <= CRC_MAX_BYTES:
            check("crc", base64.b64decode(entry["payload"]), crc64(content).to_bytes(8, "big"))
        tar += content
    check("diff ID", sha256(tar), diff_id)
    check("diff ID of the decoded blob", sha256(unzstd(blob)), diff_id)
    return len(files), n_chunks


def main():
    layout = pathlib.Path(sys.argv[1])

    def load(digest):
        return (layout / "blobs" / digest.replace(":", "/")).read_bytes()

    index = json.loads((layout / "index.json").read_bytes())
    manifest = json.loads(load(index["manifests"][0]["digest"]))
    config = json.loads(load(manifest["config"]["digest"]))
    totals = [0, 0, 0]
    for layer, diff_id in zip(manifest["layers"], config["rootfs"]["diff_ids"]):
        if KEY + "manifest-checksum" not in layer.get("annotations", {}):
            continue
        files, chunks = check_layer(layer, diff_id, load(layer["digest"]))
        totals = [totals[0] + 1, totals[1] + files, totals[2] + chunks]
    print(*totals)


main()

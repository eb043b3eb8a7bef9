#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Read the ledger of a manifest, from the description of its format alone: src/chunker/ledger-codec.h.

usage: tests/lib/ledger.py MANIFEST

Prints `builds N`, then a line for each entry: name, layer or `-`, and the steps in which it changed as 0 and 1, the newest first.
"""
import base64
import json
import subprocess
import sys


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value


def skip_layers(reader):
    """What is known of each layer: its key, its stale objects with their paths."""
    path = b""
    for _ in range(reader.number()):
        flags = reader.number()
        assert flags <= 3
        reader.take(32 if flags & 2 else 0)
        for _ in range(reader.number() if flags & 1 else 0):
            reader.take(4)
            reader.number()  # since when
            reader.number()
            for _ in range(reader.number()):
                path = path[:reader.number()] + reader.take(reader.number())


def read(text):
    assert text.startswith("1:")
    reader = Reader(subprocess.run(["zstd", "-dc"], input=base64.b64decode(text[2:]), stdout=subprocess.PIPE, check=True).stdout)
    assert reader.take(3) == b"VL\x03"
    builds = reader.number()
    for _ in range(builds):
        reader.number()
    entries, name = [], b""
    for _ in range(reader.number()):
        name = name[:reader.number()] + reader.take(reader.number())
        subtree = reader.take(reader.number()) if reader.number() else None
        reader.take(8)
        reader.number()
        reader.number()
        layer = reader.number()
        if layer:
            assert 0 < reader.number() <= 65536 + 1  # what was believed of it
            for _ in range(reader.number()):
                assert reader.number() < 65536 and reader.number() >= 0  # a run of objects: layer, number
        steps = reader.number()
        bits = int.from_bytes(reader.take((steps + 7) // 8), "little")
        full = (name + (b":" + subtree if subtree is not None else b"")).decode()
        entries.append((full, str(layer - 1) if layer else "-", "".join(str(bits >> step & 1) for step in range(steps))))
    skip_layers(reader)
    assert reader.at == len(reader.data)
    return builds, entries


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as manifest:
        builds, entries = read(json.load(manifest)["annotations"]["varve.ledger"])
    print("builds", builds)
    for entry in entries:
        print(*entry)


main()

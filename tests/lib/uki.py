#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a unified kernel image: a PE file whose sections are what it is given, as ukify lays them out.

usage: uki.py FILE SECTION=FILE|SECTION:TEXT…     such as .linux=vmlinuz .cmdline:composefs=…"""
import pathlib
import struct
import sys

ALIGNMENT = 512


def padded(data):
    return data + bytes(-len(data) % ALIGNMENT)


def image(sections, certificate=b""):
    """sections: pairs of a name and bytes; certificate: the table of a signed image."""
    optional = bytearray(struct.pack("<HBB", 0x20B, 0, 0) + bytes(236))
    optional[64:68] = struct.pack("<I", sum(sum(data) for _, data in sections) & 0xFFFFFFFF)  # a checksum, as ukify writes one
    header = b"MZ" + bytes(58) + struct.pack("<I", 64)
    header += b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, len(sections), 0, 0, 0, len(optional), 0x22E)
    certificate_at = len(header) + 144
    header += optional
    head_bytes = len(padded(bytes(len(header) + 40 * len(sections))))
    at, memory, table, contents = head_bytes, 0x1000, b"", b""
    for name, data in sections:
        table += struct.pack("<8sIIIIIIHHI", name.encode(), len(data), memory, len(padded(data)), at, 0, 0, 0, 0, 0x40000040)
        contents += padded(data)
        at += len(padded(data))
        memory += len(data) + -len(data) % 0x1000
    head = bytearray(padded(header + table))
    if certificate:
        head[certificate_at:certificate_at + 8] = struct.pack("<II", at, len(certificate))
    return bytes(head) + contents + certificate


def main():
    sections = []
    for argument in sys.argv[2:]:
        name, separator, value = argument.partition("=" if "=" in argument.split(":")[0] else ":")
        sections.append((name, pathlib.Path(value).read_bytes() if separator == "=" else value.encode()))
    pathlib.Path(sys.argv[1]).write_bytes(image(sections))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A skopeo that answers wrongly, for the tests of what is made of its answers.

usage: fake_skopeo.py MODE LAYOUT [ARGUMENT…]     the arguments are those of skopeo

Serves the first image of LAYOUT through experimental-image-proxy. MODE says what is wrong; "right" is nothing.
"""
import hashlib
import json
import os
import pathlib
import socket
import sys
import threading

MODE, LAYOUT, ARGUMENTS = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
VERSIONS = {"old": "1.8.0", "new": "1.21.0-dev", "version-garbage": "\x1b[2Jgarbage"}


def blob(digest):
    return (LAYOUT / "blobs/sha256" / digest.removeprefix("sha256:")).read_bytes()


class Proxy:
    def __init__(self, connection):
        self.connection = connection
        self.digest = json.loads((LAYOUT / "index.json").read_text())["manifests"][0]["digest"]
        self.pipe = None
        self.thread = None

    def reply(self, value=None, pipe=None, error=""):
        message = json.dumps({"success": not error, "value": value, "pipeid": 7 if pipe else 0, "error": error}).encode()
        socket.send_fds(self.connection, [message], [pipe] if pipe else [])

    def raw(self, message, fds=()):
        socket.send_fds(self.connection, [message], list(fds))

    def send(self, value, content, fds=1):
        """A reply with a pipe, which a thread fills."""
        reader, self.pipe = os.pipe()

        def fill():
            try:
                os.write(self.pipe, b"") if not content else [os.write(self.pipe, content[i:i + 4096]) for i in range(0, len(content), 4096)]
            except OSError:
                pass

        self.thread = threading.Thread(target=fill)
        self.thread.start()
        if fds == 1:
            self.reply(value, reader)
        else:
            message = json.dumps({"success": True, "value": value, "pipeid": 7, "error": ""}).encode()
            self.raw(message, [reader] * fds)
        os.close(reader)

    def Initialize(self):
        if MODE == "protocol":
            self.reply("0.3.0")
        elif MODE == "garbage":
            self.raw(b"\x00\xff{garbage")
        elif MODE == "no-success":
            self.raw(b'{"value": "0.2.3"}')
        elif MODE == "long":
            self.raw(b'{"success": true, "value": "' + b"x" * 40000 + b'"}')
        elif MODE == "deep":
            self.raw(b'{"success": true, "value": ' + b"[" * 5000 + b"]" * 5000 + b"}")
        elif MODE == "fd-unasked":
            self.raw(b'{"success": true, "value": "0.2.3", "pipeid": 0, "error": ""}', [0])
        elif MODE == "dies":
            print('time="t" level=fatal msg="the last \\x1b[31mwords"', file=sys.stderr, flush=True)
            sys.exit(1)
        elif MODE == "closes":
            sys.exit(0)
        elif MODE == "policy":
            self.reply("0.2.6")
        else:
            self.reply("0.2.3")

    def OpenImage(self, name):
        if MODE == "id":
            self.reply("one")
        elif MODE == "error-escape":
            self.reply(error="manifest unknown \x1b[2J\x07" + "x" * 20000)
        else:
            self.reply(1)

    def GetManifest(self, _):
        manifest = blob(self.digest)
        if MODE == "manifest-digest":
            self.send("sha256:" + hashlib.sha256(b"other").hexdigest(), manifest)
        elif MODE == "manifest-path":
            self.send("sha256:../../../../etc/passwd", manifest)
        elif MODE == "manifest-endless":
            self.send(self.digest, b"x" * (5 << 20))
        elif MODE == "manifest-no-fd":
            self.send(self.digest, manifest, fds=0)
        elif MODE == "manifest-fds":
            self.send(self.digest, manifest, fds=3)
        else:
            self.send(self.digest, manifest)

    def GetBlob(self, _, digest, size):
        content = blob(digest)
        if MODE == "blob-size":
            self.send(size + 1, content)
        elif MODE == "blob-longer":
            self.send(-1, content + b"x" * 100)
        elif MODE == "blob-shorter":
            self.send(-1, content[:-1])
        elif MODE == "blob-empty":
            self.send(-1, b"")
        elif MODE == "blob-wrong":
            self.send(-1, b"x" * size)
        elif MODE == "blob-no-fd":
            self.send(-1, content, fds=0)
        else:
            self.send(size, content)

    def FinishPipe(self, _):
        self.thread.join()
        os.close(self.pipe)
        if MODE == "finish":
            self.reply(error="corrupted blob")
        elif MODE == "finish-garbage":
            self.raw(b"[]")
        else:
            self.reply()

    def serve(self):
        while request := self.connection.recv(32768):
            call = json.loads(request)
            if call["method"] == "Shutdown":
                return
            getattr(self, call["method"])(*call["args"])


def main():
    if "--version" in ARGUMENTS:
        print("skopeo version", VERSIONS.get(MODE, "1.9.3"))
    elif "experimental-image-proxy" in ARGUMENTS:
        number = next(a for a in ARGUMENTS if a.startswith("--sockfd=")).removeprefix("--sockfd=")
        Proxy(socket.socket(fileno=int(number))).serve()
    elif "inspect" in ARGUMENTS:
        sys.stdout.buffer.write(b"x" * (5 << 20) if MODE == "manifest-endless" else blob(Proxy(None).digest))
    else:
        print("arguments", *ARGUMENTS)
        sys.exit('time="t" level=fatal msg="no such command"')


main()

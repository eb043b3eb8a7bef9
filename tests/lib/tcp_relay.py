#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A connection to a server that fails when a test wants it to.

usage: tcp_relay.py PORT SERVER-PORT [--up BYTES] [--down BYTES] [--stall] [--rate BYTES-A-SECOND]

Passes on what comes in at PORT. After so many bytes to the server (--up) or from it (--down) all connections break and new ones
are refused; with --stall they hang instead. Prints "ready" when it listens, and "stalled" when a
connection begins to hang.
"""
import argparse
import os
import socket
import threading
import time

PIECE = 16384


class Relay:
    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.left = {"up": options.up, "down": options.down}

    def allow(self, way, size):
        with self.lock:
            if self.left[way] is None:
                return True
            self.left[way] -= size
            return self.left[way] >= 0

    def pump(self, source, target, way):
        try:
            while piece := source.recv(PIECE):
                if not self.allow(way, len(piece)):
                    if self.options.stall:
                        print("stalled", flush=True)
                        time.sleep(3600)
                    os._exit(0)
                target.sendall(piece)
                if self.options.rate:
                    time.sleep(len(piece) / self.options.rate)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            source.close()
            target.close()

    def serve(self):
        listener = socket.create_server(("127.0.0.1", self.options.port), backlog=64)
        print("ready", flush=True)
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", self.options.server))
            for source, target, way in ((client, server, "up"), (server, client, "down")):
                threading.Thread(target=self.pump, args=(source, target, way), daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("server", type=int)
    parser.add_argument("--up", type=int)
    parser.add_argument("--down", type=int)
    parser.add_argument("--rate", type=int)
    parser.add_argument("--stall", action="store_true")
    Relay(parser.parse_args()).serve()


main()

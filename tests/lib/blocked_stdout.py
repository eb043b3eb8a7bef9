#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Send a signal to a program that waits to write to a full pipe.

usage: blocked_stdout.py SIGNAL PROGRAM ARGUMENT...

Prints the exit status as a shell does.
"""
import os
import pathlib
import signal
import subprocess
import sys
import time


def full_pipe():
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    try:
        while True:
            os.write(write_end, b"x" * 65536)
    except BlockingIOError:
        os.set_blocking(write_end, True)
    return read_end, write_end


def is_blocked(pid):
    """The main thread is in write (1 on x86-64, 64 on other 64-bit machines) to stdout."""
    return pathlib.Path(f"/proc/{pid}/syscall").read_text(encoding="ascii").split()[:2] in (["1", "0x1"], ["64", "0x1"])


def main():
    read_end, write_end = full_pipe()
    child = subprocess.Popen(sys.argv[2:], stdout=write_end, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not is_blocked(child.pid):
        time.sleep(0.02)
    child.send_signal(getattr(signal, sys.argv[1]))
    try:
        status = child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
        sys.exit("still blocked after 10 s")
    print(status if status >= 0 else 128 - status)
    os.close(read_end)


main()

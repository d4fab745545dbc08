"""viaduct-proxy beside a name server that says nothing about some names: the others are found at once all the same.

usage: slow_names.py VIADUCT_PROXY [cares]

The network is the test's own (own_network.py), and so is the name server; it needs root or user namespaces, and fails
without. 'cares' says that the proxy can ask name servers itself.
"""

import contextlib
import socket
import struct
import sys
import threading
import time

from harness import (LOOPBACK, LOOPBACK_ALLOWED, TcpOrigin, Tests, ViaductProxy, Wire, echo, expect, scratch_directory,
                     status_of)
from own_network import enter

SLOW = 40  # names at once about which the server is silent
LIMIT = 1  # second, for a name beside them
RESOLVE_LIMIT = 5  # --resolve-timeout, as it is by itself

FILES = {"/etc/hosts": "127.0.0.1 localhost\n",
         "/etc/resolv.conf": f"nameserver {LOOPBACK}\n",
         "/etc/nsswitch.conf": "hosts: files dns\n"}

TYPE_A, IN = 1, 1


class NameServer:
    """Knows fast.example and the names under it: all are 127.0.0.1. About everything else it is silent."""

    def __init__(self):
        self.silent_about = set()
        self._news = threading.Condition()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            question, client = self._socket.recvfrom(512)
            name, end = self._name(question)
            if name.endswith("fast.example"):
                self._socket.sendto(self._answer(question[:end + 4], question[end:end + 2]), client)
                continue
            with self._news:
                self.silent_about.add(name)
                self._news.notify_all()

    @staticmethod
    def _name(question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        return ".".join(labels), at + 1

    @staticmethod
    def _answer(question, kind):
        has_one = kind == struct.pack("!H", TYPE_A)
        head = question[:2] + struct.pack("!HHHHH", 0x8580, 1, int(has_one), 0, 0)
        record = struct.pack("!HHHIH", 0xC00C, TYPE_A, IN, 60, 4) + socket.inet_aton(LOOPBACK)
        return head + question[12:] + (record if has_one else b"")

    def await_silence_about(self, count):
        """Waits until so many names have been asked for in vain."""
        with self._news:
            if not self._news.wait_for(lambda: len(self.silent_about) >= count, LIMIT * 3):
                raise AssertionError(f"{len(self.silent_about)} of {count} names have been asked for")


def ask(wire, host, port):
    wire.send(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())


def opens(proxy, origin, host):
    with Wire(proxy.port) as wire:
        begin = time.monotonic()
        ask(wire, host, origin.port)
        expect(status_of(wire.read_head()), 200, f"the status for {host}")
        wire.send(b"x")
        expect(wire.read_exactly(1), b"x", "what the tunnel brings back")
        return time.monotonic() - begin


def fast_beside_slow(proxy, origin, server):
    """Asks for many names that hang, then for others; then waits for what becomes of the first."""
    server.silent_about.clear()  # nothing is under way
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(Wire(proxy.port)) for _ in range(SLOW)]
        begin = time.monotonic()
        for number, wire in enumerate(slow):
            ask(wire, f"n{number}.slow.example", origin.port)
        server.await_silence_about(SLOW)
        times = [opens(proxy, origin, f"n{number}.fast.example") for number in range(10)]
        print(f"# beside {SLOW} names that hang, ten others took {max(times) * 1000:.0f} ms at most", flush=True)
        if max(times) >= LIMIT:
            raise AssertionError(f"a name that is known at once took {max(times):.2f} s")
        for wire in slow:
            expect(status_of(wire.read_head()), 504, "the status for a name that hangs")
        took = time.monotonic() - begin
        if took > RESOLVE_LIMIT + LIMIT:
            raise AssertionError(f"the last 504 came after {took:.2f} s")


def run(tests, resolver, server, viaduct_proxy, *options):
    with TcpOrigin(echo) as origin, \
         ViaductProxy(viaduct_proxy, "--allow-port", "all", *LOOPBACK_ALLOWED, *options) as proxy:
        tests.run(f"slow names, {resolver}: one that is known opens its tunnel", opens, proxy, origin, "fast.example")
        tests.run(f"slow names, {resolver}: forty that hang hold up no other, and are given up in time",
                  fast_beside_slow, proxy, origin, server)


def main(viaduct_proxy, cares=""):
    tests = Tests()
    with scratch_directory() as directory:
        entered = []

        def network():
            enter(directory, FILES)
            entered.append(True)

        tests.run("slow names: a network of the test's own", network)
        if entered:
            server = NameServer()  # as long as the program, and as its network
            run(tests, "by the system", server, viaduct_proxy)
            if cares:
                run(tests, "by c-ares", server, viaduct_proxy, "--dns", "cares", "--dns-server", LOOPBACK)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Who uses a routed_network: a proxy, origins that do as they are told, tunnels, and one that must come to no harm."""

import contextlib
import hashlib
import json
import os
import random
import socket
import threading
import time

from harness import PATIENCE, Program, TcpOrigin, echo, expect, expect_match, status_of
from routed_network import CLIENT, ORIGIN, PROXY, SOUND

PORT = 443
DRIP = 0.2  # seconds between the octets of a slow peer
POURED = bytes(65536)


class RoutedProxy(Program):
    """viaduct-proxy in the place for it, with a record of JSON for each tunnel in its output."""

    def __init__(self, network, program, *options, config=None):
        """config: a file that says where it listens and who is let in; its own words for that otherwise."""
        listen = ("-f", config) if config else ("--http-port", f"{PROXY}:0")
        with network.proxy:
            super().__init__(program, *listen, "--access-log", "- json", "--allow-destination",
                             ORIGIN + "0/24", "--idle-timeout", "0", *options)
        try:
            self.port = int(self.await_line(rf"^viaduct-proxy: listening on {PROXY}:(\d+)")[1])
        except AssertionError:
            self.stop()
            raise
        self.url = f"http://{PROXY}:{self.port}"
        self._idle = self.descriptors()

    def record(self, port):
        """Of the tunnel whose client had this port, once it has ended."""
        return json.loads(self.await_line(rf'^(\{{.*"client_port":{port},.*\}})$')[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def expect_only(self, tunnels):
        """That these many are open, and that nothing is kept of others: two descriptors for each, and no more."""
        wanted = self._idle + 2 * tunnels
        give_up = time.monotonic() + PATIENCE
        while self.descriptors() > wanted and time.monotonic() < give_up:
            time.sleep(0.02)  # the system tells nobody
        expect(self.descriptors(), wanted, f"the number of descriptors with {tunnels} tunnels")


def serve(connection):
    """What an origin does is what its client asks for in the first line."""
    wish = b""
    while not wish.endswith(b"\n"):
        wish += connection.recv(1) or b"\n"
    connection.sendall(b"!")
    if wish == b"echo\n":
        echo(connection)
    elif wish == b"pour\n":
        while True:
            connection.sendall(POURED)
    elif wish == b"drip\n":
        while True:
            connection.sendall(b".")
            time.sleep(DRIP)
    else:  # listens
        while connection.recv(65536):
            pass


def origins(network):
    """At all of their addresses."""
    with network.origin:
        return TcpOrigin(serve, ("", PORT))


class Client:
    """A connection from one of the clients to the proxy."""

    def __init__(self, network, proxy, host=SOUND):
        with network.client:
            self.socket = socket.create_connection((PROXY, proxy.port), PATIENCE, (CLIENT + host, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = self.socket.getsockname()[1]
        self.proxy = proxy

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, target):
        """Returns when the answer is there, with its head."""
        self.socket.sendall(f"CONNECT {target}:{PORT} HTTP/1.1\r\nHost: {target}:{PORT}\r\n\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            octet = self.socket.recv(1)
            if not octet:
                raise AssertionError(f"the connection ended inside a head: {head!r}")
            head += octet
        return head.decode()

    def open(self, target, wish):
        """A tunnel to an origin that does as it is told."""
        head = self.ask(target)
        expect(status_of(head.encode()), 200, f"the status for {target}")
        self.socket.sendall(wish.encode() + b"\n")
        expect(self.socket.recv(1), b"!", f"what the origin at {target} says")
        return self

    def expect_echo(self, octets=b"there and back"):
        self.socket.sendall(octets)
        self.expect_late_echo(octets)

    def expect_late_echo(self, octets):
        """Of what was sent before."""
        received = b""
        while len(received) < len(octets):
            part = self.socket.recv(65536)
            if not part:
                raise AssertionError(f"the tunnel ended behind {len(received)} octets of {len(octets)}")
            received += part
        expect(hashlib.sha256(received).hexdigest(), hashlib.sha256(octets).hexdigest(), "the checksum of the echo")

    def end(self):
        """Half-closes: nothing more will be sent."""
        self.socket.shutdown(socket.SHUT_WR)

    def settle(self):
        """Nothing is under way to the client any more: the segment that it sends acknowledges all that came."""
        self.socket.sendall(b".")
        return self

    def pour(self):
        """Sends without a pause, in a thread of its own, until that fails or takes too long."""
        def send():
            with contextlib.suppress(OSError):
                while True:
                    self.socket.sendall(POURED)

        threading.Thread(target=send, daemon=True).start()
        return self

    def read_to_end(self):
        """How it ends: 'eof', or the name of the system's error."""
        try:
            while self.socket.recv(65536):
                pass
        except OSError as why:
            return type(why).__name__
        return "eof"


class Witness:
    """A tunnel between two that nobody spoils: what it carries meanwhile must arrive, all of it and as it was."""

    def __init__(self, network, proxy):
        self._client = Client(network, proxy).open(ORIGIN + SOUND, "echo")
        self._rounds = 0
        self._stop = False
        self._failure = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, *_):
        self._stop = True
        self._thread.join(PATIENCE)
        self._client.socket.close()
        if kind is None and (self._failure or self._rounds == 0):
            raise AssertionError(f"the sound tunnel failed after {self._rounds} rounds: {self._failure}")

    def _run(self):
        noise = random.Random(9)
        try:
            while not self._stop:
                self._client.expect_echo(noise.randbytes(noise.randrange(1, 50_000)))
                self._rounds += 1
                time.sleep(0.01)  # it is not to take all of the machine
        except (OSError, AssertionError) as why:
            self._failure = why


def between(took, least, most, what):
    if not least <= took <= most:
        raise AssertionError(f"{what} took {took * 1000:.0f} ms, not {least * 1000:.0f} to {most * 1000:.0f}")


def refused(network, proxy, target, status, error, least, most):
    """Asks for a tunnel that cannot come about; returns its record."""
    with Client(network, proxy) as client:
        begin = time.monotonic()
        head = client.ask(target)
        took = time.monotonic() - begin
        expect(status_of(head.encode()), status, f"the status for {target}")
        expect_match(rf"(?i)proxy-status: .*error={error}\b", head, "the refusal")
        between(took, least, most, f"the refusal of {target}")
    return proxy.record(client.port)  # once the client has gone: it is given two seconds for that

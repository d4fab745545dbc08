"""Servers that keep, octet for octet, what comes over each connection, and answer as a script tells them."""

import collections
import contextlib
import hashlib
import os
import select
import socket
import ssl
import threading
from typing import NamedTuple

from harness import LOOPBACK, PATIENCE
from wire_common import reset_on_close

PLENTY = 65536
HELLO = b"\x16\x03"  # how TLS begins
SHOWN = 4000  # octets of a body; of longer ones there is a digest


class Request(NamedTuple):
    method: str
    target: str
    fields: tuple
    body: bytes

    def field(self, name):
        return next((value for own, value in self.fields if own == name.lower()), "")


class Ended(Exception):
    """The client has gone."""


class Visit:
    """One connection: what has been read from it, and in what parts."""

    def __init__(self, server, connection, peer):
        self.server, self.socket, self.peer = server, connection, peer
        self.is_open = True
        self.parts = []
        self._buffer = b""

    def _more(self):
        received = self.socket.recv(PLENTY)
        if not received:
            raise Ended
        self._buffer += received

    def take(self, count):
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def rest(self):
        return self.take(len(self._buffer))

    def _until(self, end):
        while end not in self._buffer:
            self._more()
        return self.take(self._buffer.index(end) + len(end))

    def _exactly(self, count):
        while len(self._buffer) < count:
            self._more()
        return self.take(count)

    def request(self):
        """The next one, or None where the client has ended; what is left of half a request is kept as well."""
        try:
            if not self._buffer:
                self._more()
            if self._buffer.startswith(HELLO):
                self.parts.append("TLS, where there is none")
                return None
            head = self._until(b"\r\n\r\n").decode("latin-1")
            self.parts.append(head)
            return self._with_body(head)
        except (Ended, OSError):
            if self._buffer:
                self.parts.append("half: " + shown(self.rest()))
            return None

    def _with_body(self, head):
        lines = head.split("\r\n")[:-2]
        if lines[0].startswith("PROXY "):
            lines = lines[1:]
        method, _, target = lines[0].rpartition(" ")[0].partition(" ")
        fields = tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:]))
        request = Request(method, target, fields, b"")
        body = self._body(request)
        if body:
            self.parts.append(shown(body))
        return request._replace(body=body)

    def _body(self, request):
        if request.field("expect") and "/unexpected" in request.target:
            return b""
        if request.field("expect"):
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in request.field("transfer-encoding"):
            return b"".join(self._chunks())
        return self._exactly(int(request.field("content-length") or 0))

    def _chunks(self):
        """As they are on the wire would depend on how the client reads its file; so without their sizes."""
        while size := int(self._until(b"\r\n"), 16):
            yield self._exactly(size + 2)[:-2]
        self._until(b"\r\n")

    def send(self, octets):
        self.socket.sendall(octets)

    def await_end(self):
        """Says nothing until the client goes."""
        with contextlib.suppress(OSError):
            while self.socket.recv(PLENTY):
                pass

    def reset(self):
        reset_on_close(self.socket)

    def tunnel(self, port):
        with socket.create_connection((LOOPBACK, port), PATIENCE) as other:
            other.sendall(self.rest())
            carry(self.socket, other)


def shown(octets):
    if len(octets) > SHOWN:
        return f"[{len(octets)} octets, {hashlib.sha256(octets).hexdigest()}]"
    return octets.decode("latin-1")


def carry(client, origin):
    """Both ways, until one of them ends."""
    while True:
        waiting = isinstance(client, ssl.SSLSocket) and client.pending()
        for one in [client] if waiting else select.select([client, origin], [], [], PATIENCE)[0]:
            received = one.recv(PLENTY)
            if not received:
                return
            (origin if one is client else client).sendall(received)


class Server:
    """Listens on a free port. `answer(visit, request)` says whether the connection goes on."""

    def __init__(self, answer, context=None, loose=False):
        """loose: for what is behind another server, whose connections outlive the client's."""
        self._answer, self._context, self._loose = answer, context, loose
        if context:
            context.sni_callback = keep_name
        self._changed = threading.Condition()
        self._visits = []
        self.counts = collections.Counter()
        self._listener = socket.create_server((LOOPBACK, 0), backlog=64)
        self.port = self._listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def begin(self):
        with self._changed:
            self._visits = [visit for visit in self._visits if visit.is_open] if self._loose else []
            for visit in self._visits:
                visit.parts.clear()
            self.counts.clear()

    def end(self):
        """What has come since `begin`. Connections are handed out in order, so one of ours is known after all others;
        and all of them have to end."""
        with socket.create_connection((LOOPBACK, self.port), PATIENCE) as marker:
            ours = marker.getsockname()
            self._wait(lambda: any(visit.peer == ours for visit in self._visits))
        ended = self._wait(lambda: not any(visit.is_open and visit.peer != ours for visit in self._visits)
                           or self._loose)
        visits = [visit.parts for visit in self._visits if visit.peer != ours]
        if self._loose:
            return "\n".join(part for parts in visits for part in parts)
        return "\n".join("\n".join((f"connection {number}:", *parts)) for number, parts in enumerate(visits, 1)) + (
            "" if ended else "\nand one has not ended")

    def _wait(self, condition):
        with self._changed:
            return self._changed.wait_for(condition, PATIENCE / 3)

    def _accept(self):
        while True:
            try:
                visit = Visit(self, *self._listener.accept())
            except OSError:
                return
            with self._changed:
                self._visits.append(visit)
                self._changed.notify_all()
            threading.Thread(target=self._receive, args=(visit,), daemon=True).start()

    def _receive(self, visit):
        with contextlib.suppress(OSError, ValueError, Ended):
            visit.socket.settimeout(PATIENCE)
            visit.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context:
                self._secure(visit)
            while (request := visit.request()) and self._answer(visit, request):
                pass
            if self._context:
                visit.socket.unwrap()
        visit.socket.close()
        with self._changed:
            visit.is_open = False
            self._changed.notify_all()

    def _secure(self, visit):
        secured = self._context.wrap_socket(visit.socket, server_side=True, do_handshake_on_connect=False)
        visit.socket = secured
        try:
            secured.do_handshake()
        except OSError:
            visit.parts.append("no TLS")
            drain(secured)
            raise
        subject = (secured.getpeercert() or {}).get("subject")
        visit.parts.append(f"{secured.version()} for {getattr(secured, 'asked_name', None)}, certificate {subject}, "
                           f"protocol {secured.selected_alpn_protocol()}")


def drain(connection):
    """Ends, and reads to the client's end: to close before would be a reset, which may overtake the alert."""
    socket.socket.shutdown(connection, socket.SHUT_WR)
    while select.select([connection], [], [], PATIENCE)[0] and os.read(connection.fileno(), PLENTY):
        pass


def keep_name(connection, name, _context):
    connection.asked_name = name

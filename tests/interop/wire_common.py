"""What the tests of viaduct-proxy octet by octet share: requests, and what every refusal must look like."""

import contextlib
import re
import socket
import struct
import time

from harness import LOG_TIMES, LOOPBACK, PATIENCE, TcpOrigin, ViaductProxy, Wire, expect, expect_match, status_of

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
PLENTY = 64 * 1024

REQUEST = b"CONNECT localhost:443 HTTP/1.1\r\n"
HOST = b"Host: localhost:443\r\n"
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

# The tag in the log of a request that was refused, and what Proxy-Status calls the reason where a status has one only.
TAGS = {403: "TCP_DENIED", 405: "TCP_DENIED", 407: "TCP_DENIED", 502: "TCP_TUNNEL", 504: "TCP_TUNNEL"}
ERRORS = {400: "http_request_error", 405: "http_request_denied", 407: "http_request_denied",
          408: "http_request_error", 414: "http_request_error", 431: "http_request_error", 505: "http_request_error"}


def connect(target, fields=b"Host: somewhere.example\r\n", version=b"HTTP/1.1"):
    return b"CONNECT " + target.encode("utf-8") + b" " + version + b"\r\n" + fields + b"\r\n"


class CountedProxy(ViaductProxy):
    """Counts the connections to it: each must leave one line in the log, and none two."""

    def __init__(self, program, *options):
        self._connections = 0
        super().__init__(program, *options)

    def wire(self):
        self._connections += 1
        return Wire(self.port)

    def expect_orderly_end(self):
        """Ends it: with status 0, and with as many lines as there have been connections."""
        expect(self.stop(), 0, "the exit status")
        written = [line for line in self.lines if re.match(LOG_TIMES, line)]
        expect(len(written), self._connections, "the number of lines in the log")


class Trap(TcpOrigin):
    """An origin that nobody may reach: it keeps what has come to it."""

    def __init__(self):
        self.visits = []
        super().__init__(self._serve)

    def _serve(self, connection):
        visit = bytearray()
        self.visits.append(visit)
        with contextlib.suppress(OSError):
            visit += connection.recv(PLENTY)

    def expect_untouched(self):
        """Whoever has come before this visit of ours is known by then: the system hands connections out in order."""
        with socket.create_connection((self.host, self.port), timeout=PATIENCE) as own:
            own.sendall(b"own")
            expect(own.recv(1), b"", "the trap's answer")
        expect([visit for visit in self.visits if visit != b"own"], [], "what came to an origin that is out of bounds")


class StalledOrigin:
    """A port at which connections are not made until `resume`: its queue is full."""

    def __init__(self):
        self._listener = socket.create_server((LOOPBACK, 0), backlog=0)
        self._listener.settimeout(PATIENCE)
        self.port = self._listener.getsockname()[1]
        self._fillers = []
        self._fill()

    def _fill(self):
        for _ in range(64):
            filler = socket.socket()
            self._fillers.append(filler)
            filler.settimeout(0.2)
            try:
                filler.connect((LOOPBACK, self.port))
            except TimeoutError:
                filler.close()
                return
        raise AssertionError("the queue of a listener does not fill")

    def await_dial(self):
        """Returns once somebody tries to connect."""
        dialling = re.compile(rf" [0-9A-F]+:{self.port:04X} 02 ")  # a remote end, and SYN_SENT
        for _ in range(PATIENCE * 100):
            with open("/proc/net/tcp", encoding="ascii") as connections:
                if dialling.search(connections.read()):
                    return
            time.sleep(0.01)
        raise AssertionError("nobody has tried to connect")

    def resume(self):
        """Takes our own connections out of the queue; returns the next one, which is the proxy's."""
        own = {filler.getsockname() for filler in self._fillers if filler.fileno() != -1}
        while True:
            connection, peer = self._listener.accept()
            if peer not in own:
                connection.settimeout(PATIENCE)
                return connection
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in (*self._fillers, self._listener):
            one.close()


def reset_on_close(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


# ---- refusals -------------------------------------------------------------------------------------------------------


def fields_of(head):
    lines = head.decode("latin-1").split("\r\n")[1:-2]
    names = [line.partition(":")[0].lower() for line in lines]
    single = [name for name in names if name != "proxy-authenticate"]
    expect(len(single), len(set(single)), "the number of different fields")
    return {name: line.partition(":")[2].strip() for name, line in zip(names, lines)}


def expect_refusal(answer, status, error=None, content=True, more=""):
    """One complete answer that closes, and nothing behind it; returns its fields.

    `more` matches what Proxy-Status has behind the error.
    """
    head, end, rest = answer.partition(b"\r\n\r\n")
    head += end
    expect(status_of(head), status, "the status")
    fields = fields_of(head)
    expect(len(rest), int(fields["content-length"]) if content else 0, "the length of the content")
    expect(len(re.findall(rb"HTTP/1", answer)), 1, "the number of status lines")
    expect(fields.get("connection"), "close", "the field Connection")
    wanted = rf"^viaduct; error={error or ERRORS[status]}{more}$"
    expect_match(wanted, fields.get("proxy-status", ""), "the field Proxy-Status")
    return fields


def expect_refusal_logged(proxy, mark, answer, status, target=r"\S+", peer=None, tag=None):
    """The line of a refusal: seven columns, whatever the client has sent, and the number of octets of the answer."""
    tag = tag or TAGS.get(status, "NONE_NONE")
    proxy.await_line(rf"{LOG_TIMES}{tag}/{status} {len(answer)} \S+ {target} - {peer or 'HIER_NONE/-'} \S+$", mark)


def refused(proxy, octets, status, error=None, content=True, more="", end=False, **logged):
    """Sends these octets; the answer must be a refusal, the connection must end, and the log must have its line."""
    mark = proxy.mark()
    with proxy.wire() as wire:
        wire.send(octets)
        if end:
            wire.end()
        answer = wire.read_to_end()
        fields = expect_refusal(answer, status, error, content, more)
    expect_refusal_logged(proxy, mark, answer, status, **logged)
    return fields


def refused_with_more(proxy, first, status, error=None):
    """Behind the request come two more, in its segment: neither is answered, nor done."""
    refused(proxy, first + GET + connect("localhost:443"), status, error)


# ---- tunnels --------------------------------------------------------------------------------------------------------


def tunnel_carries(proxy, request):
    """Through an echo: the answer, then exactly what was sent, then the end."""
    with proxy.wire() as wire:
        wire.send(request)
        expect(wire.read_head(), ESTABLISHED, "the answer")
        wire.send(b"to the origin and back")
        wire.end()
        expect(wire.read_to_end(), b"to the origin and back", "what came back")

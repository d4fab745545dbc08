"""viaduct-proxy and what a parent proxy may answer: what its clients hear of it, and when early octets go on.

usage: wire_parents.py VIADUCT_PROXY
"""

import queue
import sys

from harness import LOOPBACK, PATIENCE, ReservedPort, TcpOrigin, Tests, echo, expect, expect_match
from wire_common import (ESTABLISHED, GET, HOST, PLENTY, CountedProxy, connect, refused, reset_on_close)

TARGET = "target.example:443"
OPEN = b"HTTP/1.1 200 OK\r\n\r\n"
BY_PARENT = {"peer": f"FIRSTUP_PARENT/{LOOPBACK}", "tag": "TCP_TUNNEL"}  # in the log
EARLY = b"\x16\x03\x01early octets"

REFUSALS = (
    # what the parent answers, and what the client hears: its status, and the error in Proxy-Status
    ("302 to somewhere", b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n",
     502, "destination_unavailable", 302),
    ("407 for this proxy",
     b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 5\r\n\r\nhello",
     502, "proxy_configuration_error", 407),
    ("401", b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n",
     502, "destination_unavailable", 401),
    ("400", b"HTTP/1.1 400 What\r\nContent-Length: 0\r\n\r\n", 502, "destination_unavailable", 400),
    ("403 with content", b"HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\nhello", 403, "http_request_denied", 403),
    ("403 with content up to its end", b"HTTP/1.1 403 No\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
     403, "http_request_denied", 403),
    ("429", b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n", 429, "http_request_denied", 429),
    ("503", b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", 503, "destination_unavailable", 503),
    ("504", b"HTTP/1.1 504 No\r\nContent-Length: 0\r\n\r\n", 504, "connection_timeout", 504),
    ("508", b"HTTP/1.1 508 Loop\r\nContent-Length: 0\r\n\r\n", 508, "proxy_loop_detected", 508),
    ("101 to another protocol", b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
     502, "destination_unavailable", 101),
    ("100 and then 403", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
     403, "http_request_denied", 403),
)

NO_ANSWERS = (
    ("nothing", b""),
    ("half a head", b"HTTP/1.1 200 OK\r\n"),
    ("what is not HTTP", b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    ("a version of tomorrow", b"HTTP/2.0 200 OK\r\n\r\n"),
    ("a status of four digits", b"HTTP/1.1 2000 OK\r\n\r\n"),
    ("interim answers without end", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 200),
    ("a head of a megabyte", b"HTTP/1.1 200 OK\r\n" + (b"X: " + b"y" * 1000 + b"\r\n") * 1000 + b"\r\n"),
)

OPENINGS = (
    ("200", OPEN),
    ("200 by HTTP/1.0", b"HTTP/1.0 200 Connection established\r\nProxy-agent: x\r\n\r\n"),
    ("200 with a Content-Length", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
    ("200 with a chunked coding", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ("200 that closes", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
    ("204", b"HTTP/1.1 204 No Content\r\n\r\n"),
    ("100, 103 and then 200", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OPEN),
)


def read_head(connection):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        if not (octet := connection.recv(1)):
            break
        head += octet
    return head


class Scene:
    """A proxy with one parent, which does what the test at hand has put into `serve`."""

    def __init__(self, program):
        self.serve = None
        self.parent = TcpOrigin(lambda connection: self.serve(connection))
        self.proxy = None
        self._program = program

    def __enter__(self):
        self.parent.__enter__()
        self.proxy = CountedProxy(self._program, "--nonhierarchical-direct", "off",
                                  "--cache-peer", f"http://{LOOPBACK}:{self.parent.port}")
        return self

    def __exit__(self, *_):
        self.proxy.__exit__()
        self.parent.__exit__()

    def answers(self, answer, ends):
        """The parent answers so, ends if it is to, and tells what else has come to it."""
        heard = queue.Queue()

        def serve(connection):
            head = read_head(connection)
            try:
                connection.sendall(answer)
                rest = b"" if not ends else connection.recv(PLENTY)
            except OSError:
                rest = b""
            heard.put((head, rest))
            connection.close()

        self.serve = serve
        return heard


def told_on(scene, answer, status, error, received):
    heard = scene.answers(answer, ends=True)
    more = rf"; next-hop=\"{LOOPBACK}:{scene.parent.port}\"; received-status={received}"
    octets = connect(TARGET, HOST + b"Proxy-Authorization: Basic dTpw\r\n") + EARLY
    fields = refused(scene.proxy, octets, status, error, more=more, **BY_PARENT)
    expect(sorted(set(fields) & {"location", "proxy-authenticate", "www-authenticate"}), [], "fields of the parent")
    head, rest = heard.get(timeout=PATIENCE)
    expect_match(rf"^CONNECT {TARGET} HTTP/1.1\r\nHost: {TARGET}\r\n", head.decode("ascii"), "the parent's request")
    expect(b"dTpw" in head, False, "whether the parent got the client's password")
    expect(rest, b"", "what reached the parent behind the request")


def no_answer(scene, answer):
    scene.answers(answer, ends=False)
    refused(scene.proxy, connect(TARGET) + EARLY, 502, "destination_unavailable",
            more=rf"; next-hop=\"{LOOPBACK}:{scene.parent.port}\"", **BY_PARENT)


def opened(scene, answer, piece):
    """However the answer is cut: the client gets one 200 of this proxy, and behind it what came behind the answer."""
    def serve(connection):
        read_head(connection)
        octets = answer + b"hello"
        for at in range(0, len(octets), piece):
            connection.sendall(octets[at:at + piece])
        echo(connection)

    scene.serve = serve
    mark = scene.proxy.mark()
    with scene.proxy.wire() as wire:
        wire.send(connect(TARGET) + EARLY)
        wire.end()
        expect(wire.read_to_end(), ESTABLISHED + b"hello" + EARLY, "everything received")
    scene.proxy.await_line(rf"TCP_TUNNEL/200 \d+ CONNECT {TARGET} - FIRSTUP_PARENT/{LOOPBACK} -$", since=mark)


def early_octets_wait(scene, early):
    """Until the parent has opened the tunnel they do not go on."""
    asked, answer, heard = queue.Queue(), queue.Queue(), queue.Queue()

    def serve(connection):
        asked.put(read_head(connection))
        answer.get(timeout=PATIENCE)
        connection.setblocking(False)
        try:
            heard.put(connection.recv(PLENTY))
        except BlockingIOError:
            heard.put(b"")
        connection.settimeout(PATIENCE)
        connection.sendall(OPEN)
        echo(connection)

    scene.serve = serve
    with scene.proxy.wire() as wire:
        wire.send(connect(TARGET) + early)
        asked.get(timeout=PATIENCE)
        refused(scene.proxy, connect("localhost"), 400)  # had it anything to send, it would have sent it by then
        answer.put(True)
        expect(heard.get(timeout=PATIENCE), b"", "what the parent had before its answer")
        wire.end()
        expect(wire.read_to_end(), ESTABLISHED + early, "everything received")


def parent_resets(scene):
    def serve(connection):
        read_head(connection)
        reset_on_close(connection)
        connection.close()

    scene.serve = serve
    refused(scene.proxy, connect(TARGET) + EARLY, 502, "destination_unavailable",
            more=rf"; next-hop=\"{LOOPBACK}:{scene.parent.port}\"", **BY_PARENT)


def nobody_there(program):
    port = ReservedPort()
    with CountedProxy(program, "--nonhierarchical-direct", "off", "--never-direct", "allow all",
                      "--cache-peer", f"http://{LOOPBACK}:{port.number}") as proxy:
        refused(proxy, connect(TARGET) + EARLY, 502, "destination_unavailable",
                more=rf"; next-hop=\"{LOOPBACK}:{port.number}\"", **BY_PARENT)
        proxy.expect_orderly_end()


def main(program):
    tests = Tests()
    with Scene(program) as scene:
        for name, answer, *told in REFUSALS:
            tests.run(f"{told[0]} for a parent that answers {name}", told_on, scene, answer, *told)
        for name, answer in NO_ANSWERS:
            tests.run(f"502 for a parent that answers {name}", no_answer, scene, answer)
        for name, answer in OPENINGS:
            tests.run(f"a tunnel through a parent that answers {name}", opened, scene, answer, PLENTY)
            tests.run(f"a tunnel through a parent that answers {name}, one octet at a time", opened, scene, answer, 1)
        tests.run("502 for a parent that resets", parent_resets, scene)
        tests.run("a ClientHello waits for the parent's 200", early_octets_wait, scene, EARLY)
        tests.run("a GET waits for the parent's 200, and is data", early_octets_wait, scene, GET)
        tests.run("the proxy has logged each connection once, and ends", scene.proxy.expect_orderly_end)
    tests.run("502 for a parent that is not there", nobody_there, program)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

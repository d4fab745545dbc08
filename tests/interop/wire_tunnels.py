"""viaduct-proxy and the tunnels that it carries: what comes early, who speaks first, who ends first, and how.

usage: wire_tunnels.py VIADUCT_PROXY
"""

import queue
import select
import socket
import sys
import threading

from harness import (LOOPBACK, LOOPBACK_ALLOWED, PATIENCE, TcpOrigin, Tests, echo, expect, expect_match,
                     pattern_bytes, tunnel_line)
from wire_common import (ESTABLISHED, GET, HOST, PLENTY, CountedProxy, StalledOrigin, connect, reset_on_close,
                         tunnel_carries)

ACCEPTED = (
    ("HTTP/1.1 with Host", b"HTTP/1.1", b"Host: localhost:443\r\n"),
    ("HTTP/1.0 without Host", b"HTTP/1.0", b""),
    ("HTTP/1.0 with Host", b"HTTP/1.0", b"Host: localhost\r\n"),
    ("a Host without a port", b"HTTP/1.1", b"Host: localhost\r\n"),
    ("a Host of another name", b"HTTP/1.1", b"Host: other.example:80\r\n"),
    ("Content-Length 0", b"HTTP/1.1", HOST + b"Content-Length: 0\r\n"),
    ("an empty Host", b"HTTP/1.1", b"Host:\r\n"),
    ("one Proxy-Authorization that nobody has asked for", b"HTTP/1.1", HOST + b"Proxy-Authorization: Basic dTpw\r\n"),
    ("fields of hop and proxy", b"HTTP/1.1", HOST + b"Proxy-Connection: Keep-Alive\r\nUser-Agent: x\r\n"),
    ("a field with octets above ASCII", b"HTTP/1.1", HOST + b"X-Name: J\xc3\xbcrgen\r\n"),
)


def accepted(proxy, origin, version, fields):
    tunnel_carries(proxy, connect(f"localhost:{origin.port}", fields, version))


def accepted_behind_empty_line(proxy, origin):
    tunnel_carries(proxy, b"\r\n" + connect(f"localhost:{origin.port}"))


def accepted_octet_by_octet(proxy, origin):
    with proxy.wire() as wire:
        for octet in connect(f"localhost:{origin.port}"):
            wire.send(bytes([octet]))
        expect(wire.read_head(), ESTABLISHED, "the answer")


def early_data(proxy, origin, early):
    """What comes in the segment of the CONNECT reaches the origin once; its echo comes behind the 200."""
    with proxy.wire() as wire:
        wire.send(connect(f"localhost:{origin.port}") + early)
        wire.end()
        expect(wire.read_to_end(), ESTABLISHED + early, "everything received")


def origin_speaks_first(proxy):
    def greet(connection):
        connection.sendall(b"220 at your service\r\n")
        echo(connection)

    with TcpOrigin(greet) as origin, proxy.wire() as wire:
        wire.send(connect(f"localhost:{origin.port}"))
        expect(wire.read_exactly(len(ESTABLISHED) + 21), ESTABLISHED + b"220 at your service\r\n", "what comes first")
        wire.send(b"QUIT\r\n")
        wire.end()
        expect(wire.read_to_end(), b"QUIT\r\n", "what comes then")


def client_ends_first(proxy):
    """The origin answers only after the client's end; all of its answer must arrive, and be counted."""
    question, answer = pattern_bytes(100_000), pattern_bytes(3_000_000)

    def serve(connection):
        received = b""
        while part := connection.recv(PLENTY):
            received += part
        connection.sendall(answer if received == question else b"not what was sent")
        connection.close()

    mark = proxy.mark()
    with TcpOrigin(serve) as origin, proxy.wire() as wire:
        wire.send(connect(f"localhost:{origin.port}"))
        expect(wire.read_head(), ESTABLISHED, "the answer")
        wire.send(question)
        wire.end()
        expect(wire.read_to_end() == answer, True, "3 MB unchanged")
        line = proxy.await_line(tunnel_line(origin.port), since=mark).string
    expect_match(rf" TCP_TUNNEL/200 {len(ESTABLISHED) + len(answer)} CONNECT ", line, "the log line")


def origin_ends_first(proxy):
    """The origin's end reaches the client, which then still sends to the origin."""
    heard = queue.Queue()
    answer = pattern_bytes(3_000_000)

    def serve(connection):
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(PLENTY):
            received += part
        heard.put(received)

    with TcpOrigin(serve) as origin, proxy.wire() as wire:
        wire.send(connect(f"localhost:{origin.port}"))
        expect(wire.read_head(), ESTABLISHED, "the answer")
        expect(wire.read_to_end() == answer, True, "3 MB unchanged")
        wire.send(pattern_bytes(100_000))
        wire.end()
        expect(heard.get(timeout=PATIENCE) == pattern_bytes(100_000), True, "what the origin heard then, unchanged")


def client_ends_with_its_request(proxy):
    def serve(connection):
        expect(connection.recv(1), b"", "what the client sent")
        connection.sendall(b"and yet an answer")
        connection.close()

    with TcpOrigin(serve) as origin, proxy.wire() as wire:
        wire.send(connect(f"localhost:{origin.port}"))
        wire.end()
        expect(wire.read_to_end(), ESTABLISHED + b"and yet an answer", "everything received")


def origin_resets(proxy):
    def serve(connection):
        connection.recv(1)
        reset_on_close(connection)
        connection.close()

    with TcpOrigin(serve) as origin, proxy.wire() as wire:
        wire.send(connect(f"localhost:{origin.port}"))
        expect(wire.read_head(), ESTABLISHED, "the answer")
        wire.send(b"x")
        try:
            rest = wire.read_to_end()
        except ConnectionResetError:
            return
        raise AssertionError(f"the reset arrived as an orderly end, after {rest!r}")


def client_resets(proxy):
    ended = queue.Queue()

    def serve(connection):
        connection.sendall(b"x")
        try:
            connection.recv(1)
            ended.put("in order")
        except ConnectionResetError:
            ended.put("by a reset")

    with TcpOrigin(serve) as origin:
        with proxy.wire() as wire:
            wire.send(connect(f"localhost:{origin.port}"))
            expect(wire.read_exactly(len(ESTABLISHED) + 1), ESTABLISHED + b"x", "what comes first")
            reset_on_close(wire.socket)
        expect(ended.get(timeout=PATIENCE), "by a reset", "the way the connection to the origin ended")


def client_resets_at_once(proxy, origin):
    """Clients that vanish while the proxy dials cost nobody else anything."""
    for _ in range(50):
        with proxy.wire() as wire:
            wire.send(connect(f"localhost:{origin.port}"))
            reset_on_close(wire.socket)
    tunnel_carries(proxy, connect(f"localhost:{origin.port}"))


def second_connect_is_data(proxy, origin):
    """Behind an accepted CONNECT nothing is a request any more."""
    early_data(proxy, origin, connect("localhost:443"))


HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(32)) + bytes(157)  # of TLS, as far as its form goes


def already_there(wire):
    """What the client could read at this moment; leaves it there."""
    readable, _, _ = select.select([wire.socket], [], [], 0)
    return wire.socket.recv(PLENTY, socket.MSG_PEEK) if readable else b""


def early_hello(proxy, size):
    """When the first octets of a ClientHello reach the origin, the client has its 200; all come in their order."""
    heard = queue.Queue()
    with proxy.wire() as wire:
        def serve(connection):
            received = connection.recv(PLENTY)
            heard.put(already_there(wire))
            while part := connection.recv(PLENTY):
                received += part
            heard.put(received)
            connection.sendall(b"hello")
            connection.close()

        with TcpOrigin(serve) as origin:
            octets = connect(f"localhost:{origin.port}") + HELLO
            wire.send(octets[:len(octets) - size])
            wire.send(octets[len(octets) - size:])
            expect(heard.get(timeout=PATIENCE), ESTABLISHED, "what the client had when its hello arrived")
            wire.end()
            expect(heard.get(timeout=PATIENCE), HELLO, "what reached the origin")
            expect(wire.read_to_end(), ESTABLISHED + b"hello", "everything received")


def early_hello_waits(proxy):
    """Nothing is answered and nothing passed on while the origin cannot be reached; then all of it is."""
    with StalledOrigin() as origin, proxy.wire() as wire:
        wire.send(connect(f"{LOOPBACK}:{origin.port}") + HELLO)
        origin.await_dial()
        expect(already_there(wire), b"", "what the client had before")
        with origin.resume() as connection:
            expect(connection.recv(len(HELLO), socket.MSG_WAITALL), HELLO, "what reached the origin")
            expect(wire.read_head(), ESTABLISHED, "the answer")


def client_resets_while_dialling(proxy):
    """The dial is given up, for there is nobody left to dial for; the log has a line without an answer."""
    mark = proxy.mark()
    with StalledOrigin() as origin:
        with proxy.wire() as wire:
            wire.send(connect(f"{LOOPBACK}:{origin.port}") + HELLO)
            origin.await_dial()
            reset_on_close(wire.socket)
        proxy.await_line(rf" TCP_TUNNEL/000 0 CONNECT {LOOPBACK}:{origin.port} - HIER_", since=mark)


def client_ends_while_dialling(proxy):
    """A half-close is no good-bye: the tunnel opens all the same, and the origin learns of the end."""
    with StalledOrigin() as origin, proxy.wire() as wire:
        wire.send(connect(f"{LOOPBACK}:{origin.port}") + HELLO)
        wire.end()
        origin.await_dial()
        with origin.resume() as connection:
            received = b""
            while part := connection.recv(PLENTY):
                received += part
            expect(received, HELLO, "what reached the origin")
            connection.sendall(b"hello")
            connection.shutdown(socket.SHUT_WR)
            expect(wire.read_to_end(), ESTABLISHED + b"hello", "everything received")


def origin_resets_at_once(proxy):
    """Before the client has said a word, once the proxy has: a reset any earlier may count as a failed connect."""
    established = threading.Event()

    def serve(connection):
        established.wait(PATIENCE)
        reset_on_close(connection)
        connection.close()

    with TcpOrigin(serve) as origin, proxy.wire() as wire:
        wire.send(connect(f"localhost:{origin.port}"))
        expect(wire.read_head(), ESTABLISHED, "the answer")
        established.set()
        try:
            rest = wire.read_to_end()
        except ConnectionResetError:
            return
        raise AssertionError(f"the reset arrived as an orderly end, after {rest!r}")


def client_resets_after_its_end(proxy):
    """A client that has half-closed may still go: its origin, which is sending, is told so."""
    ended, told = queue.Queue(), threading.Event()

    def serve(connection):
        connection.sendall(b"x")
        told.wait(PATIENCE)
        try:
            while True:
                connection.sendall(bytes(PLENTY))
        except (ConnectionResetError, BrokenPipeError):
            ended.put("by an error")

    with TcpOrigin(serve) as origin:
        with proxy.wire() as wire:
            wire.send(connect(f"localhost:{origin.port}"))
            expect(wire.read_exactly(len(ESTABLISHED) + 1), ESTABLISHED + b"x", "what comes first")
            wire.end()
            reset_on_close(wire.socket)
        told.set()
        expect(ended.get(timeout=PATIENCE), "by an error", "the way the origin's sending ended")


def slow_reader(proxy):
    """An origin that sends far more than buffers hold, to a client that reads only afterwards."""
    answer = pattern_bytes(30_000_000)
    sent = queue.Queue()

    def serve(connection):
        connection.sendall(answer[:100_000])
        sent.put(True)
        connection.sendall(answer[100_000:])
        connection.close()

    with TcpOrigin(serve) as origin, proxy.wire() as wire:
        wire.send(connect(f"localhost:{origin.port}"))
        expect(wire.read_head(), ESTABLISHED, "the answer")
        sent.get(timeout=PATIENCE)
        wire.end()
        received = wire.read_to_end()
        expect((len(received), received == answer), (len(answer), True), "length and identity of what came")


def tunnel_tests(tests, proxy, origin):
    for name, version, fields in ACCEPTED:
        tests.run(f"200 for {name}", accepted, proxy, origin, version, fields)
    tests.run("200 for an empty line before the request", accepted_behind_empty_line, proxy, origin)
    tests.run("200 for a head that comes octet by octet", accepted_octet_by_octet, proxy, origin)
    tests.run("early data reaches the origin once, and behind the 200", early_data, proxy, origin, b"early octets")
    tests.run("early data of 1 MB", early_data, proxy, origin, pattern_bytes(1_000_000))
    tests.run("early data that looks like an empty line", early_data, proxy, origin, b"\r\n\r\n")
    tests.run("a second CONNECT behind an accepted one is data", second_connect_is_data, proxy, origin)
    tests.run("an origin that speaks first", origin_speaks_first, proxy)
    tests.run("the client ends first: the answer still comes", client_ends_first, proxy)
    tests.run("the origin ends first: the client still sends", origin_ends_first, proxy)
    tests.run("the client ends with its request", client_ends_with_its_request, proxy)
    tests.run("a reset by the origin is a reset for the client", origin_resets, proxy)
    tests.run("a reset by the client is a reset for the origin", client_resets, proxy)
    tests.run("clients that reset while the proxy dials", client_resets_at_once, proxy, origin)
    tests.run("a slow reader loses nothing", slow_reader, proxy)
    for size in range(1, 4):
        tests.run(f"a ClientHello comes behind the 200, its last {size} by itself", early_hello, proxy, size)
    tests.run("a ClientHello in the segment of the request comes behind the 200", early_hello, proxy, 0)
    tests.run("a ClientHello waits for the origin", early_hello_waits, proxy)
    tests.run("a GET behind an accepted CONNECT is data", early_data, proxy, origin, GET)
    tests.run("a client that resets while its origin is dialled", client_resets_while_dialling, proxy)
    tests.run("a client that half-closes while its origin is dialled", client_ends_while_dialling, proxy)
    tests.run("a reset by the origin before anything is said", origin_resets_at_once, proxy)
    tests.run("a reset by the client after its end", client_resets_after_its_end, proxy)


# ---- the end --------------------------------------------------------------------------------------------------------


def terminated_with_open_tunnel(program, origin):
    """The proxy lets the tunnel end, and then ends itself."""
    with CountedProxy(program, "--allow-port", "all", *LOOPBACK_ALLOWED) as proxy, proxy.wire() as wire:
        wire.send(connect(f"localhost:{origin.port}"))
        expect(wire.read_head(), ESTABLISHED, "the answer")
        proxy.process.terminate()
        wire.send(b"still there")
        expect(wire.read_exactly(11), b"still there", "what comes back")
        wire.end()
        expect(wire.read_to_end(), b"", "the rest")
        expect(proxy.wait(), 0, "the exit status")


def main(program):
    tests = Tests()
    with TcpOrigin(echo) as origin, \
         CountedProxy(program, "--allow-port", "all", *LOOPBACK_ALLOWED) as proxy:
        tunnel_tests(tests, proxy, origin)
        tests.run("SIGTERM with an open tunnel", terminated_with_open_tunnel, program, origin)
        tests.run("the proxy has logged each connection once, and ends", proxy.expect_orderly_end)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

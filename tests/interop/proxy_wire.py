"""viaduct-proxy octet by octet: what it takes for a CONNECT, what it refuses and how, and what a tunnel carries.

usage: proxy_wire.py VIADUCT_PROXY
"""

import queue
import re
import socket
import struct
import sys
import time

from harness import (LOG_TIMES, LOOPBACK, LOOPBACK_ALLOWED, PATIENCE, ReservedPort, TcpOrigin, Tests, ViaductProxy,
                     Wire, echo, expect, expect_match, pattern_bytes, status_of, tunnel_line)

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
PLENTY = 64 * 1024
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing the socket sends a reset


# ---- refusals -------------------------------------------------------------------------------------------------------

MALFORMED_TARGETS = (
    ("a host without a port", "example.com"),
    ("a host with an empty port", "example.com:"),
    ("a port without a host", ":443"),
    ("port 0", "example.com:0"),
    ("a port with leading zeros", "example.com:00443"),
    ("a port above 65535", "example.com:65536"),
    ("a port of many digits", "example.com:99999999999999999999"),
    ("a port with a letter behind", "example.com:443x"),
    ("a port with a sign", "example.com:+443"),
    ("two ports", "example.com:443:443"),
    ("an IPv4 address in brackets", "[127.0.0.1]:443"),
    ("an IPv6 address without brackets", "::1:443"),
    ("an IPv6 address with an open bracket", "[::1:443"),
    ("an IPv6 address without a port", "[::1]"),
    ("an IPv6 address with an escaped zone", "[::1%25eth0]:443"),
    ("an IPv6 address with a zone", "[fe80::1%eth0]:443"),
    ("an address of the future", "[v1.x]:443"),
    ("empty brackets", "[]:443"),
    ("a user before the host", "user@example.com:443"),
    ("a URL", "http://example.com:443"),
    ("a path behind the port", "example.com:443/"),
    ("a query behind the port", "example.com:443?x"),
    ("an origin-form target", "/"),
    ("an asterisk", "*"),
    ("nothing", ""),
    ("a space inside", "example.com :443"),
    ("a tab inside", "example.com\t:443"),
    ("a NUL inside", "example.com\0:443"),
    ("a carriage return inside", "example.com\r:443"),
    ("an escape character inside", "example.com\x1b[2J:443"),
    ("a percent-encoded dot", "example%2ecom:443"),
    ("an empty label", "example..com:443"),
    ("two final dots", "example.com..:443"),
    ("a label of 64 characters", "a" * 64 + ".com:443"),
    ("a name of 254 characters", ".".join(["a" * 63] * 3 + ["a" * 62]) + ":443"),
    ("an address as one decimal number", "2130706433:443"),
    ("an address as one hexadecimal number", "0x7f000001:443"),
    ("an address with a hexadecimal part", "0x7f.1:443"),
    ("an address with an octal part", "0177.0.0.1:443"),
    ("an address of two parts", "127.1:443"),
    ("an address of five parts", "127.0.0.1.1:443"),
    ("an address in circled digits", "\u2460\u2461\u2466.0.0.1:443"),
    ("an address in full-width digits", "\uff11\uff12\uff17.0.0.1:443"),
)

REQUEST = b"CONNECT localhost:443 HTTP/1.1\r\n"
HOST = b"Host: localhost:443\r\n"

MALFORMED_MESSAGES = (
    ("content announced by Content-Length", REQUEST + HOST + b"Content-Length: 5\r\n\r\nhello"),
    ("a Content-Length that is no number", REQUEST + HOST + b"Content-Length: -1\r\n\r\n"),
    ("two different Content-Lengths", REQUEST + HOST + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello"),
    ("chunked content", REQUEST + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("Transfer-Encoding in other letters", REQUEST + HOST + b"tRANSFER-eNCODING: Chunked\r\n\r\n0\r\n\r\n"),
    ("no Host", REQUEST + b"\r\n"),
    ("two Hosts", REQUEST + HOST + HOST + b"\r\n"),
    ("a Host that is none", REQUEST + b"Host: a b\r\n\r\n"),
    ("two Proxy-Authorizations", REQUEST + HOST + 2 * b"Proxy-Authorization: Basic dTpw\r\n" + b"\r\n"),
    ("a folded line", REQUEST + HOST + b"X-Folded: a\r\n b\r\n\r\n"),
    ("a field line that begins with a space", REQUEST + b" " + HOST + b"\r\n"),
    ("a space before a colon", REQUEST + b"Host : localhost:443\r\n\r\n"),
    ("a field line without a colon", REQUEST + HOST + b"X-No-Colon\r\n\r\n"),
    ("an empty field name", REQUEST + HOST + b": value\r\n\r\n"),
    ("lines that end in LF alone", b"CONNECT localhost:443 HTTP/1.1\nHost: localhost:443\n\n"),
    ("a CR alone in a field", REQUEST + HOST + b"X-Return: a\rb\r\n\r\n"),
    ("a NUL in a field", REQUEST + HOST + b"X-Nul: a\0b\r\n\r\n"),
    ("two spaces behind the method", b"CONNECT  localhost:443 HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("no version", b"CONNECT localhost:443\r\n" + HOST + b"\r\n"),
    ("a version of another protocol", b"CONNECT localhost:443 HTTPS/1.1\r\n" + HOST + b"\r\n"),
    ("a version in small letters", b"CONNECT localhost:443 http/1.1\r\n" + HOST + b"\r\n"),
    ("a method that is no token", b"CONN[]ECT localhost:443 HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("a TLS handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64)),
    ("a SOCKS handshake and more", b"\x05\x01\x00\r\n\r\n"),
)

OTHER_METHODS = (
    ("GET of a URL", b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("GET of a path", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("POST with content", b"POST http://localhost/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"),
    ("OPTIONS", b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("TRACE", b"TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("CONNECT in small letters", b"connect localhost:443 HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("a method nobody knows", b"FROBNICATE / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
)

OTHER_VERSIONS = (
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("HTTP/2.0", b"CONNECT localhost:443 HTTP/2.0\r\n" + HOST + b"\r\n"),
    ("HTTP/3.0", b"CONNECT localhost:443 HTTP/3.0\r\n" + HOST + b"\r\n"),
    ("HTTP/0.9", b"CONNECT localhost:443 HTTP/0.9\r\n" + HOST + b"\r\n"),
)

TOO_LARGE = (
    ("a field of 64 KiB", 431, REQUEST + HOST + b"X-Large: " + b"a" * PLENTY + b"\r\n\r\n"),
    ("a field without an end", 431, REQUEST + HOST + b"X-Large: " + b"a" * PLENTY),
    ("fields of 64 KiB altogether", 431, REQUEST + HOST + (b"X-Large: " + b"a" * 1000 + b"\r\n") * 64 + b"\r\n"),
    ("1000 fields", 431, REQUEST + HOST + b"X: y\r\n" * 1000 + b"\r\n"),
    ("a request line of 64 KiB", 414, b"CONNECT " + b"a" * PLENTY + b":443 HTTP/1.1\r\n" + HOST + b"\r\n"),
)

# What leads to this very machine. These come first: while one of them gets through, no other address is tried.
LOOPBACK_SPELLINGS = (
    ("127.0.0.1", "127.0.0.1"),
    ("another address of 127.0.0.0/8", "127.8.8.8"),
    ("localhost", "localhost"),
    ("localhost in other letters", "LocalHost"),
    ("localhost with a final dot", "localhost."),
    ("::1", "[::1]"),
    ("::1 in full", "[0:0:0:0:0:0:0:1]"),
    ("127.0.0.1 mapped", "[::ffff:127.0.0.1]"),
    ("127.0.0.1 mapped, in hexadecimal", "[::ffff:7f00:1]"),
    ("127.0.0.1 compatible", "[::127.0.0.1]"),
    ("127.0.0.1 behind NAT64", "[64:ff9b::7f00:1]"),
    ("127.0.0.1 in 6to4", "[2002:7f00:1::]"),
    ("127.0.0.1 in Teredo", "[2001:0:4136:e378:8000:63bf:80ff:fffe]"),
    ("127.0.0.1 in ISATAP", "[2001:db8::5efe:7f00:1]"),
    ("0.0.0.0", "0.0.0.0"),
    ("::", "[::]"),
    ("0.0.0.0 mapped", "[::ffff:0.0.0.0]"),
)

OTHER_PROHIBITED = (
    ("cloud metadata", "169.254.169.254"),
    ("cloud metadata, mapped", "[::ffff:169.254.169.254]"),
    ("cloud metadata in IPv6", "[fd00:ec2::254]"),
    ("a private address of 10.0.0.0/8", "10.0.0.1"),
    ("a private address of 172.16.0.0/12", "172.31.255.254"),
    ("a private address of 192.168.0.0/16", "192.168.0.1"),
    ("a private address, mapped", "[::ffff:10.0.0.1]"),
    ("a private address behind NAT64", "[64:ff9b::a00:1]"),
    ("carrier-grade NAT", "100.64.0.1"),
    ("link-local in IPv6", "[fe80::1]"),
    ("unique local in IPv6", "[fc00::1]"),
    ("multicast", "224.0.0.1"),
    ("multicast in IPv6", "[ff02::1]"),
    ("broadcast", "255.255.255.255"),
    ("documentation", "192.0.2.1"),
    ("documentation in IPv6", "[2001:db8::1]"),
)


def connect(target, fields=b"Host: somewhere.example\r\n", version=b"HTTP/1.1"):
    return b"CONNECT " + target.encode("utf-8") + b" " + version + b"\r\n" + fields + b"\r\n"


def answer_to(proxy, octets):
    """Everything that the proxy sends for these octets, up to the end of the connection, which must be in order."""
    with Wire(proxy.port) as wire:
        wire.send(octets)
        return wire.read_to_end()


def fields_of(head):
    lines = head.decode("latin-1").split("\r\n")[1:-2]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def expect_refusal(answer, status, content=True):
    """One complete answer and nothing behind it; returns its fields."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    expect(status_of(head + b"\r\n\r\n"), status, "the status")
    fields = fields_of(head + b"\r\n\r\n")
    expect(len(rest), int(fields.get("content-length", 0)) if content else 0, "the length of the content")
    expect(len(re.findall(rb"^HTTP/", answer, re.M)), 1, "the number of answers")
    return fields


def refused(proxy, octets, status, **options):
    return expect_refusal(answer_to(proxy, octets), status, **options)


def other_method(proxy, octets):
    expect(refused(proxy, octets, 405).get("allow"), "CONNECT", "the field Allow")


def other_method_head(proxy):
    """An answer to HEAD has no content, whoever gives it."""
    fields = refused(proxy, b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, content=False)
    expect(fields.get("allow"), "CONNECT", "the field Allow")


def refused_with_second_request(proxy, first, status):
    refused(proxy, first + OTHER_METHODS[0][1] + connect("localhost:443"), status)


def refused_octet_by_octet(proxy):
    with Wire(proxy.port) as wire:
        for octet in connect("example.com"):
            wire.send(bytes([octet]))
        expect_refusal(wire.read_to_end(), 400)


def refused_while_sending(proxy):
    """A client that is still sending when it is refused must get to read the answer."""
    refused(proxy, connect("example.com") + bytes(PLENTY), 400)


def refused_after_half_close(proxy):
    with Wire(proxy.port) as wire:
        wire.send(connect("example.com"))
        wire.end()
        expect_refusal(wire.read_to_end(), 400)


def own_listener(proxy):
    refused(proxy, connect(proxy.address), 403)


def dead_origin(proxy):
    port = ReservedPort()
    refused(proxy, connect(f"localhost:{port.number}") + b"early octets", 502)


def malformed_tests(tests, proxy):
    for name, target in MALFORMED_TARGETS:
        tests.run(f"400 for a target that is {name}", refused, proxy, connect(target), 400)
    for name, octets in MALFORMED_MESSAGES:
        tests.run(f"400 for {name}", refused, proxy, octets, 400)
    for name, octets in OTHER_METHODS:
        tests.run(f"405 with Allow for {name}", other_method, proxy, octets)
    tests.run("405 without content for HEAD", other_method_head, proxy)
    for name, octets in OTHER_VERSIONS:
        tests.run(f"505 for {name}", refused, proxy, octets, 505)
    for name, status, octets in TOO_LARGE:
        tests.run(f"{status} for {name}", refused, proxy, octets, status)
    tests.run("a refusal of a head that comes octet by octet", refused_octet_by_octet, proxy)
    tests.run("a refusal reaches a client that goes on sending", refused_while_sending, proxy)
    tests.run("a refusal reaches a client that has half-closed", refused_after_half_close, proxy)
    tests.run("nothing behind a malformed request is answered", refused_with_second_request, proxy,
              connect("example.com"), 400)
    tests.run("nothing behind a GET is answered", refused_with_second_request, proxy, OTHER_METHODS[0][1], 405)
    tests.run("502 where nobody listens, and early data is dropped", dead_origin, proxy)
    tests.run("403 for the proxy's own listener", own_listener, proxy)


def guard_tests(tests, proxy, port):
    failures = tests.failures
    for name, host in LOOPBACK_SPELLINGS:
        tests.run(f"403 for {name}", refused, proxy, connect(f"{host}:{port}"), 403)
    if tests.failures == failures:
        for name, host in OTHER_PROHIBITED:
            tests.run(f"403 for {name}", refused, proxy, connect(f"{host}:443"), 403)
    tests.run("nothing behind a denied CONNECT is answered", refused_with_second_request, proxy,
              connect(f"localhost:{port}"), 403)


def port_tests(tests, proxy, port):
    tests.run("403 for a port that is not 443", refused, proxy, connect(f"localhost:{port}"), 403)
    tests.run("403 for port 80", refused, proxy, connect("localhost:80"), 403)


# ---- clocks ---------------------------------------------------------------------------------------------------------


def silent_client(proxy, octets):
    refused(proxy, octets, 408)


def dripping_client(proxy):
    """Each octet comes in time, the head as a whole does not."""
    begin = time.monotonic()
    with Wire(proxy.port) as wire:
        wire.socket.settimeout(0.1)  # the pace of the client
        answer = b""
        for octet in connect("localhost:443", b"Host: localhost\r\nX-Slow: " + b"a" * 200 + b"\r\n"):
            wire.send(bytes([octet]))
            try:
                answer = wire.socket.recv(PLENTY)
                break
            except TimeoutError:
                continue
        wire.socket.settimeout(10)
        expect_refusal(answer + wire.read_to_end(), 408)
    if time.monotonic() - begin > 8:
        raise AssertionError("each octet gave the client new time")


def slow_clients_hold_up_nobody(proxy, origin):
    request = connect(f"localhost:{origin.port}")
    slow = [Wire(proxy.port) for _ in range(40)]
    try:
        for wire in slow:
            wire.send(request[:20])
        tunnel_carries(proxy, origin, request)
        for wire in slow:
            wire.send(request[20:])
        for wire in slow:
            expect(wire.read_head(), ESTABLISHED, "the answer to a slow client")
    finally:
        for wire in slow:
            wire.socket.close()


def clock_tests(tests, program, origin):
    with ViaductProxy(program, "--head-timeout", "1", "--allow-port", "all", *LOOPBACK_ALLOWED) as proxy:
        tests.run("408 for half a head", silent_client, proxy, REQUEST + HOST)
        tests.run("408 for a head that misses its last octet", silent_client, proxy, (REQUEST + HOST + b"\r\n")[:-1])
        tests.run("408 for a head that drips in", dripping_client, proxy)
        tests.run("the time for the head does not count for the tunnel", tunnel_outlives_head_timeout, proxy, origin)


def tunnel_outlives_head_timeout(proxy, origin):
    with Wire(proxy.port) as wire:
        wire.send(connect(f"localhost:{origin.port}"))
        expect(wire.read_head(), ESTABLISHED, "the answer")
        silent_client(proxy, REQUEST)  # takes as long as a head may take
        wire.send(b"still there")
        expect(wire.read_exactly(11), b"still there", "what comes back")


# ---- tunnels --------------------------------------------------------------------------------------------------------

ACCEPTED = (
    ("HTTP/1.1 with Host", b"HTTP/1.1", b"Host: localhost:443\r\n"),
    ("HTTP/1.0 without Host", b"HTTP/1.0", b""),
    ("HTTP/1.0 with Host", b"HTTP/1.0", b"Host: localhost\r\n"),
    ("a Host without a port", b"HTTP/1.1", b"Host: localhost\r\n"),
    ("a Host of another name", b"HTTP/1.1", b"Host: other.example:80\r\n"),
    ("Content-Length 0", b"HTTP/1.1", HOST + b"Content-Length: 0\r\n"),
    ("fields of hop and proxy", b"HTTP/1.1", HOST + b"Proxy-Connection: Keep-Alive\r\nUser-Agent: x\r\n"),
    ("a field with octets above ASCII", b"HTTP/1.1", HOST + b"X-Name: J\xc3\xbcrgen\r\n"),
)


def tunnel_carries(proxy, origin, request):
    """Through an echo: the answer, then exactly what was sent, then the end."""
    with Wire(proxy.port) as wire:
        wire.send(request)
        expect(wire.read_head(), ESTABLISHED, "the answer")
        wire.send(b"to the origin and back")
        wire.end()
        expect(wire.read_to_end(), b"to the origin and back", "what came back")


def accepted(proxy, origin, version, fields):
    tunnel_carries(proxy, origin, connect(f"localhost:{origin.port}", fields, version))


def accepted_behind_empty_line(proxy, origin):
    tunnel_carries(proxy, origin, b"\r\n" + connect(f"localhost:{origin.port}"))


def accepted_octet_by_octet(proxy, origin):
    with Wire(proxy.port) as wire:
        for octet in connect(f"localhost:{origin.port}"):
            wire.send(bytes([octet]))
        expect(wire.read_head(), ESTABLISHED, "the answer")


def early_data(proxy, origin, early):
    """What comes in the segment of the CONNECT reaches the origin once; its echo comes behind the 200."""
    with Wire(proxy.port) as wire:
        wire.send(connect(f"localhost:{origin.port}") + early)
        wire.end()
        expect(wire.read_to_end(), ESTABLISHED + early, "everything received")


def origin_speaks_first(proxy):
    def greet(connection):
        connection.sendall(b"220 at your service\r\n")
        echo(connection)

    with TcpOrigin(greet) as origin, Wire(proxy.port) as wire:
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
    with TcpOrigin(serve) as origin, Wire(proxy.port) as wire:
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

    with TcpOrigin(serve) as origin, Wire(proxy.port) as wire:
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

    with TcpOrigin(serve) as origin, Wire(proxy.port) as wire:
        wire.send(connect(f"localhost:{origin.port}"))
        wire.end()
        expect(wire.read_to_end(), ESTABLISHED + b"and yet an answer", "everything received")


def origin_resets(proxy):
    def serve(connection):
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.close()

    with TcpOrigin(serve) as origin, Wire(proxy.port) as wire:
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
        with Wire(proxy.port) as wire:
            wire.send(connect(f"localhost:{origin.port}"))
            expect(wire.read_exactly(len(ESTABLISHED) + 1), ESTABLISHED + b"x", "what comes first")
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        expect(ended.get(timeout=PATIENCE), "by a reset", "the way the connection to the origin ended")


def client_resets_at_once(proxy, origin):
    """Clients that vanish while the proxy dials cost nobody else anything."""
    for _ in range(50):
        with Wire(proxy.port) as wire:
            wire.send(connect(f"localhost:{origin.port}"))
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    tunnel_carries(proxy, origin, connect(f"localhost:{origin.port}"))


def second_connect_is_data(proxy, origin):
    """Behind an accepted CONNECT nothing is a request any more."""
    early_data(proxy, origin, connect("localhost:443"))


def slow_reader(proxy):
    """An origin that sends far more than buffers hold, to a client that reads only afterwards."""
    answer = pattern_bytes(30_000_000)
    sent = queue.Queue()

    def serve(connection):
        connection.sendall(answer[:100_000])
        sent.put(True)
        connection.sendall(answer[100_000:])
        connection.close()

    with TcpOrigin(serve) as origin, Wire(proxy.port) as wire:
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
    tests.run("forty slow clients hold up nobody", slow_clients_hold_up_nobody, proxy, origin)


# ---- the log, and the end -------------------------------------------------------------------------------------------

REFUSAL_END = r" - HIER_NONE/- \S+$"


def log_line_of(proxy, octets, pattern):
    mark = proxy.mark()
    with Wire(proxy.port) as wire:
        wire.send(octets)
        wire.end()
        answer = wire.read_to_end()
    line = proxy.await_line(LOG_TIMES + pattern, since=mark).string
    logged = int(expect_match(r" [A-Z_]+/\d{3} (\d+) ", line)[1])
    expect(logged, len(answer), "the bytes in the log")


def log_tests(tests, proxy, guarded, origin):
    target = f"localhost:{origin.port}"
    tests.run("the log line of a denied CONNECT", log_line_of, guarded, connect(target),
              f"TCP_DENIED/403 \\d+ CONNECT {target}" + REFUSAL_END)
    tests.run("the log line of what is no request", log_line_of, proxy, b"not HTTP\r\n\r\n",
              r"NONE_NONE/400 \d+ - error:invalid-request" + REFUSAL_END)
    tests.run("the log line of a malformed target", log_line_of, proxy, connect("localhost:0"),
              r"NONE_NONE/400 \d+ CONNECT localhost:0" + REFUSAL_END)
    tests.run("the log line of a client that sends nothing", log_line_of, proxy, b"",
              r"NONE_NONE/000 0 - error:transaction-end-before-headers - HIER_NONE/- -$")
    tests.run("the log line of a client that ends inside its head", log_line_of, proxy, REQUEST,
              r"NONE_NONE/000 0 - error:transaction-end-before-headers - HIER_NONE/- -$")
    tests.run("the log line of a tunnel", log_line_of, proxy, connect(target) + b"early",
              f"TCP_TUNNEL/200 \\d+ CONNECT {target} - HIER_DIRECT/(127\\.0\\.0\\.1|::1) -$")
    tests.run("the log line of a tunnel to an address", log_line_of, proxy, connect(f"{LOOPBACK}:{origin.port}"),
              f"TCP_TUNNEL/200 \\d+ CONNECT {LOOPBACK}:{origin.port} - HIER_DIRECT/127\\.0\\.0\\.1 -$")


def terminated_with_open_tunnel(program, origin):
    """The proxy lets the tunnel end, and then ends itself."""
    with ViaductProxy(program, "--allow-port", "all", *LOOPBACK_ALLOWED) as proxy, Wire(proxy.port) as wire:
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
         ViaductProxy(program, "--allow-port", "all", *LOOPBACK_ALLOWED) as proxy, \
         ViaductProxy(program, "--allow-port", "all") as guarded, \
         ViaductProxy(program) as default:
        malformed_tests(tests, proxy)
        guard_tests(tests, guarded, origin.port)
        port_tests(tests, default, origin.port)
        tunnel_tests(tests, proxy, origin)
        clock_tests(tests, program, origin)
        log_tests(tests, proxy, guarded, origin)
        tests.run("SIGTERM with an open tunnel", terminated_with_open_tunnel, program, origin)
        for name, one in (("after all of this", proxy), ("after its refusals", guarded), ("at once", default)):
            tests.run(f"SIGTERM {name} ends the proxy with status 0", lambda: expect(one.stop(), 0, "the exit status"))
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""viaduct-proxy and the requests that it refuses for their form, their size or their pace, and the lines of its log.

usage: wire_heads.py VIADUCT_PROXY
"""

import sys
import time

from harness import LOG_TIMES, LOOPBACK, LOOPBACK_ALLOWED, PATIENCE, TcpOrigin, Tests, echo, expect, expect_match
from wire_common import (ESTABLISHED, HOST, PLENTY, REQUEST, CountedProxy, connect, expect_refusal,
                         expect_refusal_logged, refused, refused_with_more, tunnel_carries)

# ---- what is no request ---------------------------------------------------------------------------------------------

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
    ("content announced by Content-Length, and a CONNECT in it", REQUEST + HOST + b"Content-Length: 54\r\n\r\n" +
     REQUEST + HOST + b"\r\n"),
    ("chunked content and a Content-Length of 0",
     REQUEST + HOST + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("a Transfer-Encoding of no name", REQUEST + HOST + b"Transfer-Encoding:\r\n\r\n"),
    ("a Transfer-Encoding of identity", REQUEST + HOST + b"Transfer-Encoding: identity\r\n\r\n"),
    ("two Content-Lengths of 0", REQUEST + HOST + 2 * b"Content-Length: 0\r\n" + b"\r\n"),
    ("a Content-Length with a sign", REQUEST + HOST + b"Content-Length: +0\r\n\r\n"),
    ("a Content-Length that no number holds", REQUEST + HOST + b"Content-Length: 18446744073709551616\r\n\r\n"),
    ("two Hosts of different letters", REQUEST + HOST + b"hOST: other.example\r\n\r\n"),
    ("two Hosts in one", REQUEST + b"Host: localhost:443, other.example\r\n\r\n"),
    ("two Proxy-Authorizations of different schemes", REQUEST + HOST +
     b"Proxy-Authorization: Basic dTpw\r\nproxy-authorization: Bearer x\r\n\r\n"),
    ("a line folded by a tab", REQUEST + HOST + b"X-Folded: a\r\n\tb\r\n\r\n"),
    ("a Host in a folded line", REQUEST + b"Host:\r\n localhost:443\r\n\r\n"),
    ("a field line that ends in LF alone", REQUEST + b"Host: localhost:443\n\r\n"),
    ("a request line that ends in LF alone", b"CONNECT localhost:443 HTTP/1.1\n" + HOST + b"\r\n"),
    ("a head whose last line ends in LF alone", REQUEST + HOST + b"\n\r\n"),
    ("a request line that ends in CR alone", b"CONNECT localhost:443 HTTP/1.1\r" + HOST + b"\r\n"),
    ("a NUL in the request line", b"CONNECT localhost:443 HTTP/1.1\0\r\n" + HOST + b"\r\n"),
    ("a NUL in a field name", REQUEST + HOST + b"X-N\0l: a\r\n\r\n"),
    ("a tab behind the method", b"CONNECT\tlocalhost:443 HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("a space behind the version", b"CONNECT localhost:443 HTTP/1.1 \r\n" + HOST + b"\r\n"),
    ("a version of one digit", b"CONNECT localhost:443 HTTP/1\r\n" + HOST + b"\r\n"),
    ("a version of two digits behind the dot", b"CONNECT localhost:443 HTTP/1.10\r\n" + HOST + b"\r\n"),
    ("a space first", b" " + REQUEST + HOST + b"\r\n"),
)

GET_URL = b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n"  # of a path it asks for a page

OTHER_METHODS = (
    ("GET", GET_URL),
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
    ("HTTP/1.9", b"CONNECT localhost:443 HTTP/1.9\r\n" + HOST + b"\r\n"),
    ("HTTP/0.9", b"CONNECT localhost:443 HTTP/0.9\r\n" + HOST + b"\r\n"),
)

TOO_LARGE = (
    ("a field of 64 KiB", 431, REQUEST + HOST + b"X-Large: " + b"a" * PLENTY + b"\r\n\r\n"),
    ("a field without an end", 431, REQUEST + HOST + b"X-Large: " + b"a" * PLENTY),
    ("fields of 64 KiB altogether", 431, REQUEST + HOST + (b"X-Large: " + b"a" * 1000 + b"\r\n") * 64 + b"\r\n"),
    ("1000 fields", 431, REQUEST + HOST + b"X: y\r\n" * 1000 + b"\r\n"),
    ("a request line of 64 KiB", 414, b"CONNECT " + b"a" * PLENTY + b":443 HTTP/1.1\r\n" + HOST + b"\r\n"),
)


def other_method(proxy, octets, **options):
    of_a_page = octets.split(b" ")[1].startswith(b"/")
    expect(refused(proxy, octets, 405, **options).get("allow"), "GET, HEAD, DELETE" if of_a_page else "CONNECT",
           "the field Allow")


def refused_octet_by_octet(proxy):
    mark = proxy.mark()
    with proxy.wire() as wire:
        for octet in connect("example.com"):
            wire.send(bytes([octet]))
        answer = wire.read_to_end()
        expect_refusal(answer, 400)
    expect_refusal_logged(proxy, mark, answer, 400, "example.com")


def message_tests(tests, proxy):
    for name, octets in MALFORMED_MESSAGES:
        tests.run(f"400 for {name}", refused, proxy, octets, 400)
    for name, octets in OTHER_METHODS:
        tests.run(f"405 with Allow for {name}", other_method, proxy, octets)
    tests.run("405 without content for HEAD", other_method, proxy, b"HEAD http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
              content=False)
    for name, octets in OTHER_VERSIONS:
        tests.run(f"505 for {name}", refused, proxy, octets, 505)
    for name, status, octets in TOO_LARGE:
        tests.run(f"{status} for {name}", refused, proxy, octets, status)
    tests.run("a refusal of a head that comes octet by octet", refused_octet_by_octet, proxy)
    tests.run("a refusal reaches a client that goes on sending", refused, proxy,
              connect("example.com") + bytes(PLENTY), 400)
    tests.run("a refusal reaches a client that has half-closed", refused, proxy, connect("example.com"), 400, end=True)
    tests.run("nothing behind a malformed head is answered", refused_with_more, proxy, REQUEST + b"\r\n", 400)
    tests.run("nothing behind a GET is answered", refused_with_more, proxy, GET_URL, 405)
    tests.run("nothing behind a version of tomorrow is answered", refused_with_more, proxy, OTHER_VERSIONS[1][1], 505)


# ---- clocks ---------------------------------------------------------------------------------------------------------


def dripping_client(proxy):
    """Each octet comes in time, the head as a whole does not."""
    mark = proxy.mark()
    begin = time.monotonic()
    with proxy.wire() as wire:
        wire.socket.settimeout(0.1)  # the pace of the client
        answer = b""
        for octet in connect("localhost:443", b"Host: localhost\r\nX-Slow: " + b"a" * 200 + b"\r\n"):
            wire.send(bytes([octet]))
            try:
                answer = wire.socket.recv(PLENTY)
                break
            except TimeoutError:
                continue
        wire.socket.settimeout(PATIENCE)
        answer += wire.read_to_end()
        expect_refusal(answer, 408)
    expect_refusal_logged(proxy, mark, answer, 408)
    if time.monotonic() - begin > 8:
        raise AssertionError("each octet gave the client new time")


def tunnel_outlives_head_timeout(proxy, origin):
    with proxy.wire() as wire:
        wire.send(connect(f"localhost:{origin.port}"))
        expect(wire.read_head(), ESTABLISHED, "the answer")
        refused(proxy, REQUEST, 408)  # takes as long as a head may take
        wire.send(b"still there")
        expect(wire.read_exactly(11), b"still there", "what comes back")


def slow_clients_hold_up_nobody(proxy, origin):
    request = connect(f"localhost:{origin.port}")
    slow = [proxy.wire() for _ in range(40)]
    try:
        for wire in slow:
            wire.send(request[:20])
        tunnel_carries(proxy, request)
        for wire in slow:
            wire.send(request[20:])
        for wire in slow:
            expect(wire.read_head(), ESTABLISHED, "the answer to a slow client")
    finally:
        for wire in slow:
            wire.socket.close()


def clock_tests(tests, program, origin):
    with CountedProxy(program, "--head-timeout", "0.5", "--allow-port", "all", *LOOPBACK_ALLOWED) as proxy:
        tests.run("408 for a client that says nothing", refused, proxy, b"", 408)
        tests.run("408 for half a request line", refused, proxy, REQUEST[:10], 408)
        tests.run("408 for half a head", refused, proxy, REQUEST + HOST, 408)
        tests.run("408 for a head that misses its last octet", refused, proxy, (REQUEST + HOST + b"\r\n")[:-1], 408)
        tests.run("408 for a head that drips in", dripping_client, proxy)
        tests.run("the time for the head does not count for the tunnel", tunnel_outlives_head_timeout, proxy, origin)
        tests.run("and a line for each of these", proxy.expect_orderly_end)


# ---- the log --------------------------------------------------------------------------------------------------------

REFUSAL_END = r" - HIER_NONE/- \S+$"


def log_line_of(proxy, octets, pattern):
    mark = proxy.mark()
    with proxy.wire() as wire:
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
    tests.run("the log line of a target with an end of a line in it", log_line_of, proxy,
              connect("a\rb\n 0 - TCP_TUNNEL/200 0 CONNECT c\x1b[2J:443"),
              r"NONE_NONE/400 \d+ - error:invalid-request" + REFUSAL_END)
    tests.run("the log line of a target beyond ASCII", log_line_of, proxy, connect("\u2460.0.0.1:443"),
              r"NONE_NONE/400 \d+ CONNECT %E2%91%A0\.0\.0\.1:443" + REFUSAL_END)


def main(program):
    tests = Tests()
    with TcpOrigin(echo) as origin, \
         CountedProxy(program, "--allow-port", "all", *LOOPBACK_ALLOWED) as proxy, \
         CountedProxy(program, "--allow-port", "all") as guarded:
        message_tests(tests, proxy)
        tests.run("forty slow clients hold up nobody", slow_clients_hold_up_nobody, proxy, origin)
        clock_tests(tests, program, origin)
        log_tests(tests, proxy, guarded, origin)
        for name, one in (("that allows loopback", proxy), ("that allows public addresses", guarded)):
            tests.run(f"a proxy {name} has logged each connection once, and ends", one.expect_orderly_end)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

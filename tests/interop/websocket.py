"""The example that speaks WebSocket with Boost.Beast through a proxy: Squid, and tinyproxy.

usage: websocket.py 4_WEBSOCKET
"""

import base64
import contextlib
import hashlib
import ssl
import struct
import sys

from curl_through_proxies import squid, tinyproxy
from harness import (PATIENCE, Certificates, ReservedPort, TcpOrigin, Tests, expect, expect_match, expect_success,
                     run_client, scratch_directory)

CONTINUATION, TEXT, CLOSE = 0x0, 0x1, 0x8
FINAL, MASKED = 0x80, 0x80


# ---- an origin that echoes (RFC 6455) --------------------------------------------------------------------------------


def read_head(stream):
    lines = iter(lambda: stream.readline().decode("latin-1").rstrip("\r\n"), "")
    request = next(lines)
    return request, {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def switch_protocols(stream, seen):
    request, fields = read_head(stream)
    seen.append((request, fields["host"]))
    proof = hashlib.sha1(fields["sec-websocket-key"].encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    stream.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 b"Sec-WebSocket-Accept: " + base64.b64encode(proof) + b"\r\n\r\n")
    stream.flush()


def read_frame(stream):
    """One frame of a client, whose octets are always masked."""
    first, second = stream.read(2)
    length = second & 0x7F
    if length == 126:
        length, = struct.unpack("!H", stream.read(2))
    elif length == 127:
        length, = struct.unpack("!Q", stream.read(8))
    mask = stream.read(4)
    payload = bytes(octet ^ mask[place % 4] for place, octet in enumerate(stream.read(length)))
    return first & FINAL, first & 0x0F, payload


def send_frame(stream, kind, payload):
    size = len(payload)
    length = bytes([size]) if size < 126 else struct.pack("!BH", 126, size) if size < 1 << 16 else struct.pack(
        "!BQ", 127, size)
    stream.write(bytes([FINAL | kind]) + length + payload)
    stream.flush()


def read_message(stream):
    final, kind, payload = read_frame(stream)
    while not final:
        final, _, more = read_frame(stream)
        payload += more
    return kind, payload


def echo(stream):
    kind = TEXT
    while kind != CLOSE:
        kind, payload = read_message(stream)
        send_frame(stream, kind, payload)


def serve_over_tls(certificates, seen):
    """For `TcpOrigin`; the request line and the Host of each connection go to `seen`."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates.certificate, certificates.key)

    def serve(connection):
        with contextlib.suppress(ssl.SSLError), tls.wrap_socket(connection, server_side=True) as session:
            session.settimeout(PATIENCE)
            with session.makefile("rwb") as stream:
                switch_protocols(stream, seen)
                echo(stream)
            session.unwrap()

    return serve


# ---- the tests ------------------------------------------------------------------------------------------------------


class Visit:
    """The example, the proxy it goes through, and the origin behind."""

    def __init__(self, program, proxy, origin, seen, ca):
        self.program, self.proxy, self.origin, self.seen, self.ca = program, proxy, origin, seen, ca

    def say(self, message, *options, host="localhost", port=None):
        url = f"wss://{host}:{port or self.origin.port}/chat?room=1"
        return run_client(self.program, self.proxy, url, message, *options)

    def trusting(self, message, **where):
        return self.say(message, "--cacert", self.ca, **where)


def short_message(visit):
    visit.seen.clear()
    expect(expect_success(visit.trusting("hello")).stdout, b"hello\n", "the echo")
    expect(visit.seen, [("GET /chat?room=1 HTTP/1.1", f"localhost:{visit.origin.port}")], "what the origin was asked")


def long_message(visit):
    message = "all the way and back " * 5000
    expect(expect_success(visit.trusting(message)).stdout.decode() == message + "\n", True, "that all came back")


def expect_failure(done, pattern):
    expect(done.returncode, 1, "the exit status")
    expect(done.stdout, b"", "the output")
    expect_match(pattern, done.stderr.decode(), "the message")


def untrusted_origin(visit):
    expect_failure(visit.say("hello"), "certificate verify failed")


def refused_port(visit):
    expect_failure(visit.trusting("hello", port=ReservedPort().number), "answered 403 .*: the proxy does not permit the tunnel")


CASES = (
    ("a message comes back", short_message),
    ("a message of 100 kB comes back", long_message),
    ("an origin that nobody trusts gets no message", untrusted_origin),
    ("a port that is refused is told as such", refused_port),
)


def main(program):
    tests, seen = Tests(), []
    with scratch_directory() as directory:
        certificates = Certificates(directory)
        with TcpOrigin(serve_over_tls(certificates, seen)) as origin:
            for name, start in (("Squid", squid), ("tinyproxy", tinyproxy)):
                visit_all(tests, name, start, Visit(program, None, origin, seen, certificates.ca))
    tests.done()


def visit_all(tests, name, start, visit):
    """Starts one proxy and runs the cases through it; a proxy that is not installed is one skipped test."""
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(scratch_directory())

        def start_proxy():
            visit.proxy = stack.enter_context(start(directory, visit.origin, False))

        visit.proxy = None
        tests.run(f"websocket: {name} starts", start_proxy)
        for case, test in CASES if visit.proxy else ():
            tests.run(f"websocket through {name}: {case}", test, visit)


if __name__ == "__main__":
    main(*sys.argv[1:])

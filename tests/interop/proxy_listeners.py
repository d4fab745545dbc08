"""How clients reach viaduct-proxy, and how much it gives them: TLS, certificates, HAProxy in front, limits, signals.

usage: proxy_listeners.py VIADUCT_PROXY
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import sys
import time

from front_programs import haproxy
from harness import (LOOPBACK, LOOPBACK_ALLOWED, PATIENCE, Certificates, TcpOrigin, Tests, TlsOrigin, ViaductProxy,
                     Wire, echo, expect, expect_match, expect_success, find_program, run_client, scratch_directory,
                     status_of)
from through_proxy import REFUSED, Way, ask_raw, eventually, expect_status, listening_port, log_line, run_group

MANY = 20  # requests, of which some come too soon


class Scene:
    """The program, an origin with a page, and one that sends back what it gets."""

    def __init__(self, program, way, echo_port, certificates, stack):
        self.program, self.way, self.certificates, self._stack = program, way, certificates, stack
        self.echo = f"localhost:{echo_port}"

    def directory(self):
        return self._stack.enter_context(scratch_directory())

    @contextlib.contextmanager
    def proxy(self, *options):
        with ViaductProxy(self.program, "--allow-port", "all", *LOOPBACK_ALLOWED, *options) as proxy:
            yield proxy
            expect(proxy.stop(), 0, "the exit status of the proxy")

    @contextlib.contextmanager
    def tls_proxy(self, *options, certificate=None, key=None):
        """A proxy with a second listener; `tls_port` and `tls_url` are the proxy's then."""
        files = certificate or self.certificates.certificate, key or self.certificates.key
        with self.proxy("--https-port", f"{LOOPBACK}:0", "--tls-cert", files[0], "--tls-key", files[1],
                        *options) as proxy:
            plain, since = listening_port(proxy, 0)
            expect(plain, proxy.port, "the first listener")
            proxy.tls_port, _ = listening_port(proxy, since)
            proxy.tls_url = f"https://localhost:{proxy.tls_port}"
            yield proxy


def passes(scene, proxy, visit, **logged):
    mark = proxy.mark()
    visit().arrives()
    proxy.await_line(log_line(scene.way.target, **logged), since=mark)


class TlsWire(Wire):
    """A connection to the TLS listener."""

    def __init__(self, port, context):
        super().__init__(port)
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")


def open_tunnel(wire, target):
    wire.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    expect(status_of(wire.read_head()), 200, "the status")
    return wire


def is_open(wire, text):
    wire.send(text)
    expect(wire.read_exactly(len(text)), text, "what comes back through the tunnel")


# ---- TLS ------------------------------------------------------------------------------------------------------------


def pages_over_tls(tests, scene):
    with scene.tls_proxy() as proxy:
        trusted = ("--proxy-cacert", scene.certificates.ca)
        tests.run("curl over TLS", passes, scene, proxy, lambda: scene.way.curl(proxy.tls_url, *trusted))
        tests.run("curl in the clear beside it", passes, scene, proxy, lambda: scene.way.curl(proxy.url))
        tests.run("10 MB over TLS", download, scene, proxy, trusted)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            tests.run(f"{version.name} and no other", one_version, scene, proxy, version)
        tests.run("TLS 1.1 is too old", too_old, scene, proxy)
        tests.run("HTTP in the clear to the TLS listener", clear_to_tls, proxy)


def download(scene, proxy, trusted):
    count = 10_000_000
    page = scene.way.curl(proxy.tls_url, *trusted, url=f"{scene.way.origin.url}/bytes/{count}").page
    expect((len(page), page[-16:]), (count, b"%015d\n" % (count // 16 - 1)), "the length and the end of it")


def one_version(scene, proxy, version):
    context = ssl.create_default_context(cafile=scene.certificates.ca)
    context.minimum_version = context.maximum_version = version
    with TlsWire(proxy.tls_port, context) as wire:
        expect(wire.socket.version().replace(".", "_"), version.name, "the version")
        is_open(open_tunnel(wire, scene.echo), b"there and back")


def too_old(scene, proxy):
    """openssl offers it only at security level 0, and is told by an alert."""
    done = run_client(find_program("openssl"), "s_client", "-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0", "-connect",
                      f"{LOOPBACK}:{proxy.tls_port}")
    expect_match("alert protocol version", done.stderr.decode("latin-1"), "what openssl says")


def clear_to_tls(proxy):
    with Wire(proxy.tls_port) as wire:
        wire.send(b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n")
        received = b""
        with contextlib.suppress(ConnectionResetError):
            received = wire.read_to_end()
        expect(b"HTTP/1" in received, False, f"that there is an answer in the clear, {received!r},")


def client_certificates(tests, scene):
    trusted = ("--proxy-cacert", scene.certificates.ca)
    stranger = Certificates(scene.directory())

    def shown(certificates):
        certificate, key = certificates.issue("alice")
        return (*trusted, "--proxy-cert", certificate, "--proxy-key", key)

    ours, theirs = shown(scene.certificates), shown(stranger)
    authority = ("--tls-client-ca", scene.certificates.ca)
    for name, options, cases in (
            ("required", authority, ((ours, "alice"), (trusted, None), (theirs, None))),
            ("optional", (*authority, "--tls-client-cert", "optional"),
             ((ours, "alice"), (trusted, "-"), (theirs, None)))):
        with scene.tls_proxy(*options) as proxy:
            for what, (how, user) in zip(("our", "no", "a stranger's"), cases):
                def visit(how=how, proxy=proxy):
                    return scene.way.curl(proxy.tls_url, *how)

                if user:
                    tests.run(f"{name}: {what} certificate", passes, scene, proxy, visit, user=user)
                else:
                    tests.run(f"{name}: {what} certificate is turned away", stays_outside, proxy, visit)


def stays_outside(proxy, visit):
    mark = proxy.mark()
    visit().is_refused(0)
    proxy.await_line(r" NONE_NONE/000 0 - error:\S+ - HIER_NONE/- -$", since=mark)


def serial_shown(port):
    done = expect_success(run_client(find_program("openssl"), "s_client", "-connect", f"{LOOPBACK}:{port}",
                                     "-servername", "localhost"))
    shown = run_client(find_program("openssl"), "x509", "-noout", "-serial", input=done.stdout)
    return expect_success(shown).stdout.decode().strip()


def serial_of(certificate):
    shown = run_client(find_program("openssl"), "x509", "-noout", "-serial", "-in", certificate)
    return expect_success(shown).stdout.decode().strip()


def new_certificate(scene):
    """SIGHUP: new clients see the new certificate, a tunnel that is open goes on; a broken file changes nothing."""
    directory = scene.directory()
    newer = Certificates(scene.directory())
    files = [os.path.join(directory, name) for name in ("proxy.pem", "proxy.key")]

    def install(certificates):
        for source, place in zip((certificates.certificate, certificates.key), files):
            shutil.copyfile(source, place)

    def reload():
        mark = proxy.mark()
        proxy.process.send_signal(signal.SIGHUP)
        proxy.await_line(r"^viaduct-proxy: configuration (not )?reloaded", since=mark)
        return "\n".join(proxy.lines[mark:])

    install(scene.certificates)
    context = ssl.create_default_context(cafile=scene.certificates.ca)
    with scene.tls_proxy(certificate=files[0], key=files[1]) as proxy, TlsWire(proxy.tls_port, context) as wire:
        open_tunnel(wire, scene.echo)
        expect(serial_shown(proxy.tls_port), serial_of(scene.certificates.certificate), "the first certificate")
        install(newer)
        reload()
        expect(serial_shown(proxy.tls_port), serial_of(newer.certificate), "the new certificate")
        is_open(wire, b"after the new one")
        with open(files[0], "w", encoding="ascii") as file:
            file.write("no certificate\n")
        expect_match(re.escape(files[0]), reload(), "what the proxy says of the broken file")
        expect(serial_shown(proxy.tls_port), serial_of(newer.certificate), "the certificate that is still in use")
        is_open(wire, b"after the broken one")
        wire.socket.close()


# ---- the PROXY protocol ---------------------------------------------------------------------------------------------


def behind_haproxy(tests, scene):
    with scene.proxy("--proxy-protocol-from", f"{LOOPBACK}/32") as proxy:
        for version in ("send-proxy", "send-proxy-v2"):
            with haproxy(scene.directory(), proxy.port, server=version) as front:
                url = f"http://{LOOPBACK}:{front}"
                for client in ("127.0.0.1", "127.0.0.77"):
                    tests.run(f"HAProxy with {version}: {client} is in the log", passes, scene, proxy,
                              lambda: scene.way.curl(url, "--interface", client), client=client)
        tests.run("curl --haproxy-protocol", by_curl, proxy)
        tests.run("a trusted sender without a header", without_header, scene, proxy)
        tests.run("a sender that is not trusted", not_trusted, scene, proxy)


def by_curl(proxy):
    """curl puts the header in front of its request to whomever it connects to: here the proxy itself."""
    mark = proxy.mark()
    done = run_client(find_program("curl"), "-sSi", "--haproxy-protocol", proxy.url + "/")
    expect_match(r"^HTTP/1\.1 200 ", expect_success(done).stdout.decode("latin-1"), "the answer")
    proxy.await_line(rf" {re.escape(LOOPBACK)} TCP_MISS/200 \d+ GET / ", since=mark)


def closed_without_answer(wire, proxy, mark):
    received = b""
    with contextlib.suppress(ConnectionResetError):
        received = wire.read_to_end()
    expect(received, b"", "the answer")
    proxy.await_line(r" NONE_NONE/000 0 - error:\S+ - HIER_NONE/- -$", since=mark)


def without_header(scene, proxy):
    mark = proxy.mark()
    with Wire(proxy.port) as wire:
        wire.send(f"CONNECT {scene.echo} HTTP/1.1\r\nHost: {scene.echo}\r\n\r\n".encode())
        closed_without_answer(wire, proxy, mark)


def not_trusted(scene, proxy):
    """Its header is not believed, and the same octets from the trusted address are."""
    request = f"CONNECT {scene.echo} HTTP/1.1\r\nHost: {scene.echo}\r\n\r\n"
    octets = f"PROXY TCP4 192.0.2.7 192.0.2.1 4711 3128\r\n{request}".encode()
    mark = proxy.mark()
    with Wire(proxy.port) as wire:
        wire.socket.close()
        wire.socket = socket.create_connection((LOOPBACK, proxy.port), PATIENCE, source_address=("127.0.0.9", 0))
        wire.send(octets)
        closed_without_answer(wire, proxy, mark)
    mark = proxy.mark()
    with Wire(proxy.port) as wire:
        wire.send(octets)
        expect(status_of(wire.read_head()), 200, "the status")
    proxy.await_line(log_line(scene.echo, client="192.0.2.7"), since=mark)


def tls_behind_haproxy(scene):
    """The header comes first, and the client's TLS behind it."""
    with scene.tls_proxy("--proxy-protocol-from", f"{LOOPBACK}/32") as proxy, \
         haproxy(scene.directory(), proxy.tls_port, server="send-proxy-v2") as front:
        passes(scene, proxy, lambda: scene.way.curl(f"https://localhost:{front}", "--proxy-cacert",
                                                    scene.certificates.ca, "--interface", "127.0.0.5"),
               client="127.0.0.5")


# ---- limits ---------------------------------------------------------------------------------------------------------


def retry_after(head):
    return int(expect_match(r"(?i)\r\nRetry-After: (\d+)\r\n", head, "the refusal")[1])


def full(scene, option, status, other=None):
    """With one tunnel open the next one is refused, and it is not when that has ended."""
    with scene.proxy(option, "1") as proxy:
        with open_tunnel(Wire(proxy.port), scene.echo) as wire:
            mark = proxy.mark()
            head = expect_status(proxy.port, scene.echo, status)
            expect(retry_after(head) >= 1, True, "that there is a time to come again")
            proxy.await_line(log_line(scene.echo, status, way=REFUSED), since=mark)
            if other:
                other(scene, proxy)
            is_open(wire, b"still there")
        proxy.await_line(log_line(scene.echo))
        expect_status(proxy.port, scene.echo, 200)


def another_client(scene, proxy):
    passes(scene, proxy, lambda: scene.way.curl(proxy.url, "--interface", "127.0.0.6"), client="127.0.0.6")


def another_destination(scene, proxy):
    port = scene.echo.rpartition(":")[2]
    expect_status(proxy.port, f"{LOOPBACK}:{port}", 200)


def per_user(scene):
    """Users are counted wherever they come from."""
    certificate, key = scene.certificates.issue("alice")
    context = ssl.create_default_context(cafile=scene.certificates.ca)
    context.load_cert_chain(certificate, key)
    options = ("--tls-client-ca", scene.certificates.ca, "--max-tunnels-per-user", "1")
    with scene.tls_proxy(*options) as proxy, TlsWire(proxy.tls_port, context) as wire:
        open_tunnel(wire, scene.echo)
        scene.way.curl(proxy.tls_url, "--proxy-cacert", scene.certificates.ca, "--proxy-cert", certificate,
                       "--proxy-key", key, "--interface", "127.0.0.8").is_refused(429, r"(?i)\nretry-after: \d")
        expect_status(proxy.port, scene.echo, 200)  # of nobody


def too_often(scene):
    """One a second, of which twenty in a row are too many; to wait as long as the refusal says is enough."""
    with scene.proxy("--new-tunnels", "1/1") as proxy:
        answers = []
        for _ in range(MANY):
            head, wire = ask_raw(proxy.port, scene.echo)
            wire.socket.close()
            answers.append(head.decode("latin-1"))
        expect(status_of(answers[0].encode()), 200, "the first status")
        refused = [head for head in answers if head.startswith("HTTP/1.1 429 ")]
        expect(len(refused) > 0, True, "that any of many is refused")
        time.sleep(retry_after(refused[-1]))  # what the proxy asks for
        expect_status(proxy.port, scene.echo, 200)


def octets_through(wire, most):
    """How much comes back until the tunnel ends, in whichever way."""
    received = 0
    with contextlib.suppress(ConnectionError):
        while received < most:
            wire.send(bytes(10_000))
            part = wire.socket.recv(65536)
            if not part:
                break
            received += len(part)
    return received


def quota(scene):
    with scene.proxy("--quota-per-client", "100000", "--quota-period", "3600") as proxy:
        expect_status(proxy.port, scene.echo, 200)
        with open_tunnel(Wire(proxy.port), scene.echo) as wire:
            expect(10_000 <= octets_through(wire, 1_000_000) <= 100_000, True, "that the tunnel ends with the quota")
        head = expect_status(proxy.port, scene.echo, 429)
        expect(0 < retry_after(head) <= 3600, True, "that it is the rest of the period after which to come again")
        another_client(scene, proxy)


def rate(scene):
    """600 kB at 200 kB a second take two seconds, once what may come at once has come."""
    with scene.proxy("--rate-per-tunnel", "10m/200k") as proxy:
        begun = time.monotonic()
        page = scene.way.curl(proxy.url, url=f"{scene.way.origin.url}/bytes/600000").page
        took = time.monotonic() - begun
        expect(len(page), 600_000, "the length")
        expect(1.5 < took < 10, True, f"that {took:.1f} s are about two,")


# ---- rules, and what is told of them --------------------------------------------------------------------------------


def only_reported(scene):
    """What would be denied passes, and is told with its rule; what would not is not told."""
    rules = ("--acl", f"origin port {scene.way.origin.port}", "--report-only", "deny origin", "--report-only",
             "allow all", "--http-access", "allow all")
    with scene.proxy(*rules) as proxy:
        mark = proxy.mark()
        expect_status(proxy.port, scene.echo, 200)
        passes(scene, proxy, lambda: scene.way.curl(proxy.url))
        told = proxy.await_line(r"^viaduct-proxy: .*deny origin.*", since=mark).string
        expect_match(rf"localhost:{scene.way.origin.port}", told, "the report")
        expect(len([line for line in proxy.lines[mark:] if line.startswith("viaduct-proxy: ")]), 1, "reports")


EXPLAINED = (
    ("192.0.2.1", "example.com:443", 0, r"=> allowed by .*allow office"),
    ("198.51.100.1", "example.com:443", 1, r"=> denied by .*deny all"),
    ("192.0.2.1", "example.com:22", 1, r"=> denied by .*deny !web"),
    ("192.0.2.1", "10.0.0.1:443", 1, r"(?i)guard|not public|private|prohibited"),
)


def explained(scene, client, target, status, text):
    rules = ("--acl", "office src 192.0.2.0/24", "--acl", "web port 443", "--http-access", "deny !web",
             "--http-access", "allow office", "--http-access", "deny all")
    done = run_client(scene.program, *rules, "--explain", client, target)
    said = (done.stdout + done.stderr).decode("latin-1")
    expect_match(text, said, "the explanation")
    expect(done.returncode, status, "the exit status")


# ---- ends -----------------------------------------------------------------------------------------------------------


def second_signal(scene):
    """The first SIGTERM waits for the tunnel, and nobody else is let in; the second one ends it."""
    with scene.proxy("--shutdown-lifetime", "600") as proxy, open_tunnel(Wire(proxy.port), scene.echo) as wire:
        mark = proxy.mark()
        proxy.process.send_signal(signal.SIGTERM)
        proxy.await_line(r"waiting up to 600 s for 1 open", since=mark)
        is_open(wire, b"still there")
        eventually(lambda: refuses_connections(proxy.port), "refused connection")
        proxy.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(ConnectionResetError):
            expect(wire.read_to_end(), b"", "the rest of the tunnel")
        expect(proxy.wait(), 0, "the exit status")
        proxy.await_line(log_line(scene.echo), since=mark)


def refuses_connections(port):
    try:
        socket.create_connection((LOOPBACK, port), 1).close()
    except ConnectionRefusedError:
        return True
    return False


def reset_clients(scene):
    """Clients that vanish in the middle of TLS leave nothing behind that keeps the proxy from ending."""
    with scene.tls_proxy() as proxy:
        for _ in range(10):
            with Wire(proxy.tls_port) as wire:
                wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                wire.send(b"\x16\x03\x01")


ALONE = (
    ("SIGHUP with a new certificate", new_certificate),
    ("clients that vanish in the middle of TLS", reset_clients),
    ("TLS behind HAProxy", tls_behind_haproxy),
    ("as many tunnels of a user as there may be", per_user),
    ("too many new tunnels", too_often),
    ("a quota", quota),
    ("a rate", rate),
    ("rules that are only reported", only_reported),
    ("a second SIGTERM", second_signal),
)

FULL = (
    ("--max-tunnels", 503, None),
    ("--max-tunnels-per-client", 429, another_client),
    ("--max-tunnels-per-destination", 429, another_destination),
)


def main(program):
    tests = Tests()
    with contextlib.ExitStack() as stack:
        certificates = Certificates(stack.enter_context(scratch_directory()))
        way = Way(stack.enter_context(TlsOrigin(certificates)), certificates)
        echo_origin = stack.enter_context(TcpOrigin(echo))
        scene = Scene(program, way, echo_origin.port, certificates, stack)
        for group in (pages_over_tls, client_certificates, behind_haproxy):
            run_group(tests, group, scene)
        for name, test in ALONE:
            tests.run(name, test, scene)
        for option, status, other in FULL:
            tests.run(option, full, scene, option, status, other)
        for client, target, status, text in EXPLAINED:
            tests.run(f"{client} to {target} explained", explained, scene, client, target, status, text)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The pages of viaduct-proxy itself: who gets them, what they say, tunnels that are listed and ended, and a drain.

usage: manager_pages.py VIADUCT_PROXY [no-metrics]

'no-metrics' is for a build without prometheus-cpp. Pages are on every listener once there is a --management-port, which
has nothing else and is listed behind the others.
"""

import contextlib
import http.client
import json
import re
import signal
import socket
import sys

from harness import (LOG_TIMES, LOOPBACK, LOOPBACK_ALLOWED, PATIENCE, TcpOrigin, Tests, ViaductProxy, Wire, echo,
                     expect, expect_match, status_of)
from through_proxy import eventually, listening_port

SAMPLE = r'[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? -?[0-9.e+\-]+(Inf)?$'


class Proxy(ViaductProxy):
    """With a listener for pages at `pages`."""

    def __init__(self, program, *options):
        super().__init__(program, "--management-port", f"{LOOPBACK}:0", "--allow-port", "all", *LOOPBACK_ALLOWED,
                         *options)
        try:
            _, since = listening_port(self, 0)
            self.pages, _ = listening_port(self, since)
        except AssertionError:
            self.stop()
            raise

    def ask(self, path, method="GET", port=None, **fields):
        """Status, content and fields."""
        connection = http.client.HTTPConnection(LOOPBACK, port or self.pages, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, headers=fields)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers

    def get(self, path, **options):
        status, content, _ = self.ask(path, **options)
        expect(status, 200, f"the status of {path}")
        return content

    def tunnels(self, query=""):
        return json.loads(self.get("/tunnels" + query))

    @contextlib.contextmanager
    def tunnel(self, origin):
        with Wire(self.port) as wire:
            wire.send(f"CONNECT {LOOPBACK}:{origin.port} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            expect(status_of(wire.read_head()), 200, "the status")
            yield wire


def says(port, octets):
    """The status of the answer to what is no proper request."""
    with Wire(port) as wire:
        wire.send(octets)
        return status_of(wire.read_head())


def pages_are_served_and_logged(program, origin):
    with Proxy(program) as proxy:
        expect(proxy.get("/healthz"), "ok\n")
        expect(proxy.get("/readyz"), "ready\n")
        expect(proxy.get("/healthz", port=proxy.port), "ok\n")
        expect_match(r"/tunnels/ID", proxy.get("/"))
        mark = proxy.mark()
        status, content, fields = proxy.ask("/nothing?secret")
        expect((status, fields["Connection"], fields["Cache-Control"]), (404, "close", "no-store"))
        expect((fields["X-Content-Type-Options"], fields["Access-Control-Allow-Origin"]), ("nosniff", None))
        expect(int(fields["Content-Length"]), len(content))
        proxy.await_line(LOG_TIMES + r"TCP_MISS/404 \d+ GET /nothing - HIER_NONE/- text/plain$", since=mark)
        expect(proxy.ask("/healthz", method="HEAD")[:2], (200, ""))
        status, _, fields = proxy.ask("/healthz", method="DELETE")
        expect((status, fields["Allow"]), (405, "GET, HEAD"))
        with Wire(proxy.pages) as wire:
            wire.send(f"CONNECT {LOOPBACK}:{origin.port} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            expect(status_of(wire.read_head()), 405)
        expect(proxy.stop(), 0, "the exit status")


def rules_say_who_has_them(program, origin):
    with Proxy(program, "--http-access", "allow localhost manager", "--http-access", "deny all") as proxy:
        expect(proxy.get("/healthz"), "ok\n")
        target = f"{LOOPBACK}:{origin.port}".encode()
        expect(says(proxy.port, b"CONNECT " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n"), 403)
        expect(proxy.stop(), 0, "the exit status")
    with Proxy(program, "--http-access", "deny manager", "--http-access", "allow all") as proxy:
        mark = proxy.mark()
        expect(proxy.ask("/tunnels")[0], 403)
        proxy.await_line(LOG_TIMES + r"TCP_DENIED/403 \d+ GET /tunnels - HIER_NONE/- text/plain", since=mark)
        with proxy.tunnel(origin):
            pass
        expect(proxy.stop(), 0, "the exit status")


def metrics_are_what_prometheus_reads(program, origin, has_metrics):
    with Proxy(program, "--workers", "2") as proxy:
        status, content, fields = proxy.ask("/metrics")
        if not has_metrics:
            expect(status, 501)
            expect_match("prometheus", content)
            return
        expect((status, fields["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        for line in content.splitlines():
            line.startswith("# ") or expect_match("^" + SAMPLE, line, "a sample")
        with proxy.tunnel(origin):
            eventually(lambda: "viaduct_tunnels_open 1" in proxy.get("/metrics").splitlines(), "open tunnel")
            text = proxy.get("/metrics")
            for sample in ("viaduct_requests_active 1", "viaduct_workers 2",
                           "viaduct_tunnels_opened_total 0", "viaduct_reloads 0"):
                expect(sample in text.splitlines(), True, sample)
            expect_match(r'(?m)^viaduct_build_info\{version="[0-9.]+"\} 1$', text)
            descriptors = int(expect_match(r"(?m)^process_open_fds (\d+)$", text)[1])
            expect(descriptors > 5, True, "that there are descriptors")
        eventually(lambda: "viaduct_tunnels_opened_total 1" in proxy.get("/metrics").splitlines(), "the tunnel's end")
        text = proxy.get("/metrics")
        expect_match(r'(?m)^viaduct_requests_total\{outcome="page",status="200"\} [1-9]', text)
        expect(str(origin.port) in re.sub(r"(?m) \S+$", "", text), False, "that it names the target")


def tunnels_are_listed_and_ended(program, origin):
    with Proxy(program, "--workers", "2") as proxy, contextlib.ExitStack() as stack:
        expect(proxy.tunnels(), {"tunnels": [], "more": False})
        wires = [stack.enter_context(proxy.tunnel(origin)) for _ in range(3)]
        wires[1].send(b"hello")
        expect(wires[1].socket.recv(5, socket.MSG_WAITALL), b"hello")
        found = proxy.tunnels()
        expect((len(found["tunnels"]), found["more"]), (3, False))
        some = proxy.tunnels("?limit=2")
        expect((len(some["tunnels"]), some["more"]), (2, True))
        for query in ("?limit=0", "?limit=10001", "?limit=", "?limit=+1", "?limit=2&x", "?x"):
            expect(proxy.ask("/tunnels" + query)[0], 400, query)
        ports = {wire.socket.getsockname()[1]: wire for wire in wires}
        expect({each["client_port"] for each in found["tunnels"]}, set(ports))
        one = next(each for each in found["tunnels"] if ports[each["client_port"]] is wires[1])
        expect((one["target"], one["phase"]), (f"{LOOPBACK}:{origin.port}", "tunnel"))
        expect((one["bytes_from_client"], one["client"]), (5, LOOPBACK))
        path = f"/tunnels/{one['id']}"
        expect(json.loads(proxy.get(path))["id"], one["id"])

        for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "", "[::1",
                     "[::1]evil.example", "127.0.0.1:80:80"):
            expect(proxy.ask(path, method="DELETE", Host=host)[0], 403, f"DELETE for {host!r}")
        expect(proxy.ask(path, Host="evil.example")[0], 403)
        expect(proxy.ask(path, Host="[::1]:80")[0], 200)
        expect(len(proxy.tunnels()["tunnels"]), 3, "what is still there")
        expect(proxy.ask(path, method="OPTIONS", Origin="http://evil.example")[0], 405)
        mark = proxy.mark()
        expect(proxy.ask(path, method="DELETE", Host=f"localhost:{proxy.pages}")[0], 200)
        wires[1].read_to_end()
        proxy.await_line(LOG_TIMES + r"TCP_TUNNEL/200 ", since=mark)
        for gone in (path, "/tunnels/0", "/tunnels/x", "/tunnels/", "/tunnels/" + "f" * 17, "/tunnels/1/2"):
            expect(proxy.ask(gone, method="DELETE")[0], 404, gone)
            expect(proxy.ask(gone)[0], 404, gone)
        expect(proxy.ask("/tunnels", method="DELETE")[0], 405)
        expect(proxy.ask("/tunnelsx")[0], 404)
        expect(len(proxy.tunnels()["tunnels"]), 2, "the others")


def bad_requests_get_no_page(program, _):
    with Proxy(program) as proxy:
        head = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
        for octets, status in ((head + b"Content-Length: 5\r\n\r\n", 400),
                               (head + b"Transfer-Encoding: chunked\r\n\r\n", 400),
                               (head + b"Host: a\r\n\r\n", 400),
                               (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
                               (b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                               (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                               (b"GET /" + b"x" * 2048 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
                               (b"POST /tunnels HTTP/1.1\r\nHost: a\r\n\r\n", 405),
                               (b"GET http://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n", 405),
                               (b"GET /%2e%2e/healthz HTTP/1.1\r\nHost: a\r\n\r\n", 404),
                               (b"GET /healthz/../healthz HTTP/1.1\r\nHost: a\r\n\r\n", 404),
                               (b"GET //healthz HTTP/1.1\r\nHost: a\r\n\r\n", 404),
                               (b"GET /healthz HTTP/1.0\r\n\r\n", 200)):
            for port in (proxy.port, proxy.pages):
                expect(says(port, octets), status, f"the status of {octets[:40]!r}")
        with Wire(proxy.pages) as wire:  # what lies behind a request is not another one
            wire.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
            wire.end()
            expect(wire.read_to_end().count(b"HTTP/1.1 200 OK\r\n"), 1)
        expect(proxy.get("/readyz"), "ready\n")
        expect(proxy.stop(), 0, "the exit status")


def a_drain_can_be_looked_at(program, origin):
    with Proxy(program, "--shutdown-lifetime", "60", "--workers", "2") as proxy:
        with proxy.tunnel(origin) as wire:
            proxy.process.send_signal(signal.SIGTERM)
            eventually(lambda: not answers(proxy.port), "that the proxy takes no more tunnels")
            status, content, _ = proxy.ask("/readyz")
            expect((status, content), (503, "draining\n"))
            expect(proxy.get("/healthz"), "ok\n")
            expect(len(proxy.tunnels()["tunnels"]), 1, "what is waited for")
            wire.end()
            wire.read_to_end()
        expect(proxy.wait(), 0, "the exit status")
        expect(answers(proxy.pages), False, "that the pages are there")


def answers(port):
    with contextlib.suppress(ConnectionError), socket.create_connection((LOOPBACK, port), PATIENCE):
        return True
    return False


def main(program, *lacking):
    tests = Tests()
    with TcpOrigin(echo) as origin:
        tests.run("manager pages: they are there, and logged", pages_are_served_and_logged, program, origin)
        tests.run("manager pages: rules say who has them", rules_say_who_has_them, program, origin)
        tests.run("manager pages: metrics are what Prometheus reads", metrics_are_what_prometheus_reads, program,
                  origin, "no-metrics" not in lacking)
        tests.run("manager pages: tunnels are listed, and ended", tunnels_are_listed_and_ended, program, origin)
        tests.run("manager pages: bad requests get none", bad_requests_get_no_page, program, origin)
        tests.run("manager pages: a drain can be looked at", a_drain_can_be_looked_at, program, origin)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

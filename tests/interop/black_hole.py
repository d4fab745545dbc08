"""viaduct-proxy where packets vanish: one family of a name leads nowhere, or both do; a client that gives up meanwhile.

usage: black_hole.py VIADUCT_PROXY

The network is the test's own (own_network.py); it needs root or user namespaces, and fails without.
"""

import contextlib
import socket
import struct
import sys
import threading
import time

from harness import (LOG_TIMES, PATIENCE, Skip, Tests, ViaductProxy, Wire, echo, expect, expect_match, scratch_directory,
                     status_of)
from own_network import black_hole, enter, here, prohibit

ATTEMPT_DELAY = 0.25  # connect_clocks::stagger: the lead of an address on the next one
GRACE = 0.3  # what a busy machine may take beside
CONNECT_LIMIT = 2  # --connect-timeout: one address; a name with two takes an attempt delay more
PORT = 443

# Documentation prefixes: of each family one address is this machine, one is behind a hole, one is prohibited.
HERE_4, HOLE_4, BANNED_4 = "198.51.100.1", "203.0.113.1", "203.0.113.129"
HERE_6, HOLE_6, BANNED_6 = "2001:db8:1::1", "2001:db8:2::1", "2001:db8:3::1"

HOSTS = f"""127.0.0.1 localhost
{HERE_4} v6-hole.example v6-banned.example
{HOLE_6} v6-hole.example all-holes.example
{BANNED_6} v6-banned.example all-banned.example
{HERE_6} v4-hole.example v4-banned.example
{HOLE_4} v4-hole.example all-holes.example
{BANNED_4} v4-banned.example all-banned.example
"""

ALLOWED = [word for block in ("198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
           for word in ("--allow-destination", block)]


class Origin:
    """Sends everything back, on both addresses of this machine."""

    def __enter__(self):
        self._listeners = [socket.create_server((address, PORT), family=family)
                           for address, family in ((HERE_4, socket.AF_INET), (HERE_6, socket.AF_INET6))]
        for listener in self._listeners:
            threading.Thread(target=self._serve, args=(listener,), daemon=True).start()
        return self

    def __exit__(self, *_):
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    @staticmethod
    def _serve(listener):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(PATIENCE)
                threading.Thread(target=Origin._echo, args=(connection,), daemon=True).start()

    @staticmethod
    def _echo(connection):
        with connection, contextlib.suppress(OSError):
            echo(connection)


def ask(wire, name):
    wire.send(f"CONNECT {name}:{PORT} HTTP/1.1\r\nHost: {name}:{PORT}\r\n\r\n".encode())


def timed(proxy, name, wanted):
    """Asks for a tunnel; returns the seconds until its answer, and the answer's head."""
    with Wire(proxy.port) as wire:
        begin = time.monotonic()
        ask(wire, name)
        head = wire.read_head()
        took = time.monotonic() - begin
        expect(status_of(head), wanted, f"the status for {name}")
        if wanted == 200:
            wire.send(b"there and back")
            expect(wire.read_exactly(14), b"there and back", "what the tunnel brings back")
    print(f"# {name}: {wanted} after {took * 1000:.0f} ms", flush=True)
    return took, head


def between(took, least, most, what):
    if not least <= took <= most:
        raise AssertionError(f"{what} took {took * 1000:.0f} ms, not {least * 1000:.0f} to {most * 1000:.0f}")


def opens(proxy, name, least, most, peer):
    mark = proxy.mark()
    took, _ = timed(proxy, name, 200)
    between(took, least, most, name)
    proxy.await_line(LOG_TIMES + rf"TCP_TUNNEL/200 \d+ CONNECT {name}:{PORT} - HIER_DIRECT/{peer} -$", since=mark)


def which_leads(proxy):
    """Whether IPv6 is tried first is the system's choice (RFC 6724): only who leads can hold the other up."""
    first = socket.getaddrinfo("v6-hole.example", PORT, type=socket.SOCK_STREAM)[0][0]
    expect(first, socket.AF_INET6, "the family that the system puts first, with an address and a route of its own")
    opens(proxy, "v6-hole.example", ATTEMPT_DELAY * 0.9, ATTEMPT_DELAY + GRACE, HERE_4)


def many_at_once(proxy):
    """Twenty clients, each behind the hole: none waits for another."""
    wires = [Wire(proxy.port) for _ in range(20)]
    with contextlib.ExitStack() as stack:
        for wire in wires:
            stack.enter_context(wire)
        begin = time.monotonic()
        for wire in wires:
            ask(wire, "v6-hole.example")
        for wire in wires:
            expect(status_of(wire.read_head()), 200, "the status")
        between(time.monotonic() - begin, ATTEMPT_DELAY * 0.9, ATTEMPT_DELAY + GRACE, "all twenty")


def nothing_answers(proxy):
    took, head = timed(proxy, "all-holes.example", 504)
    between(took, CONNECT_LIMIT * 0.95, CONNECT_LIMIT + ATTEMPT_DELAY + GRACE, "the refusal")
    expect_match(r"(?i)proxy-status: .*error=connection_timeout", head.decode(), "the refusal")


def nothing_permitted(proxy):
    took, head = timed(proxy, "all-banned.example", 502)
    between(took, 0, GRACE, "the refusal")
    expect_match(r"(?i)proxy-status: .*error=", head.decode(), "the refusal")


def beside_the_silent(proxy):
    """Whoever waits for what never comes holds up nobody."""
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            ask(stack.enter_context(Wire(proxy.port)), "all-holes.example")
        took, _ = timed(proxy, "v4-hole.example", 200)
        between(took, 0, GRACE, "a tunnel beside 50 that wait")


def dials_under_way():
    """How many connections of this network wait for an answer to their SYN."""
    syn_sent = "02"
    count = 0
    for table in ("tcp", "tcp6"):
        with open(f"/proc/self/net/{table}", encoding="ascii") as lines:
            count += sum(line.split()[3] == syn_sent for line in lines)
    return count


def await_dials(count):
    give_up = time.monotonic() + PATIENCE
    while dials_under_way() != count:
        if time.monotonic() > give_up:
            raise AssertionError(f"{dials_under_way()} dials are under way, not {count}")
        time.sleep(0.005)  # the system tells nobody


def gives_up(proxy):
    """A reset during the dial: the attempts end, and the log says so without a status."""
    await_dials(0)
    mark = proxy.mark()
    wire = Wire(proxy.port)
    ask(wire, "all-holes.example")
    await_dials(2)
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    begin = time.monotonic()
    wire.socket.close()
    proxy.await_line(LOG_TIMES + rf"TCP_TUNNEL/000 0 CONNECT all-holes.example:{PORT} - HIER_DIRECT/\S+ -$", since=mark)
    between(time.monotonic() - begin, 0, GRACE, "giving up")
    expect(dials_under_way(), 0, "the number of dials afterwards")


def run(tests, viaduct_proxy):
    here(HERE_4 + "/32")
    here(HERE_6 + "/128")
    black_hole("203.0.113.0/25")
    black_hole("2001:db8:2::/48")
    prohibit("203.0.113.128/25")
    prohibit("2001:db8:3::/48")
    with Origin(), ViaductProxy(viaduct_proxy, "--connect-timeout", str(CONNECT_LIMIT), *ALLOWED) as proxy:
        tests.run("black hole: IPv6 leads nowhere, and IPv4 opens the tunnel after the attempt delay", which_leads, proxy)
        tests.run("black hole: twenty such tunnels at once wait for the delay only", many_at_once, proxy)
        tests.run("black hole: IPv6 is prohibited, and IPv4 opens the tunnel at once", opens, proxy, "v6-banned.example",
                  0, GRACE, HERE_4)
        tests.run("black hole: IPv4 leads nowhere, and IPv6 opens the tunnel at once", opens, proxy, "v4-hole.example",
                  0, GRACE, HERE_6)
        tests.run("black hole: IPv4 is prohibited, and IPv6 opens the tunnel at once", opens, proxy, "v4-banned.example",
                  0, GRACE, HERE_6)
        tests.run("black hole: both prohibited are a refusal at once", nothing_permitted, proxy)
        tests.run("black hole: a client that resets during the dial ends it", gives_up, proxy)
        tests.run("black hole: fifty that wait for nothing hold up nobody", beside_the_silent, proxy)
        tests.run("black hole: both lead nowhere, and the client has its 504 when the clocks say so", nothing_answers,
                  proxy)
        tests.run("black hole: after all of them SIGTERM ends the proxy with status 0",
                  lambda: expect(proxy.stop(), 0, "the exit status"))


def main(viaduct_proxy):
    tests = Tests()
    with scratch_directory() as directory:
        entered = []

        def network():
            enter(directory, {"/etc/hosts": HOSTS})
            entered.append(True)

        tests.run("black hole: a network of the test's own", network)
        if entered:
            run(tests, viaduct_proxy)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

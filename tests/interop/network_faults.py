"""viaduct-proxy where the way to a target is spoilt: what cannot be dialled is told in time, and open tunnels live on.

usage: network_faults.py VIADUCT_PROXY

The network is the test's own (routed_network.py); it needs root or user namespaces, and fails without.
"""

import contextlib
import sys
import threading
import time

from harness import Program, Tests, expect, scratch_directory
from routed_network import ORIGIN, SOUND, Network
from routed_tunnels import Client, RoutedProxy, Witness, between, origins, refused

CONNECT_LIMIT = 2.5  # --connect-timeout; the system sends its SYN again after one second
ATTEMPT_DELAY = 0.25  # connect_clocks::stagger
GRACE = 0.7  # what a busy machine may take beside
MANY = 4


class Scene:
    """A proxy, and a sound tunnel through it that must outlive whatever happens."""

    def __init__(self, network, program):
        self._network = network
        self._program = program

    def run(self, fault, *options):
        with RoutedProxy(self._network, self._program, "--connect-timeout", str(CONNECT_LIMIT), *options) as proxy:
            with Witness(self._network, proxy):
                proxy.expect_only(1)
                fault(self._network, proxy)
                proxy.expect_only(1)
            proxy.expect_only(0)


def no_route_known(network, proxy):
    with network.no_route(network.proxy, ORIGIN + "20"):
        record = refused(network, proxy, ORIGIN + "20", 502, "destination_ip_unroutable", 0, GRACE)
    expect(record["error"], "EHOSTUNREACH", "the error of the record")


def link_is_down(network, proxy):
    """For as long as a dial takes: tunnels that are open only wait."""
    with Client(network, proxy).open(ORIGIN + "20", "echo") as other:
        with network.link_down(network.proxy, "back"):
            record = refused(network, proxy, ORIGIN + "20", 502, "destination_ip_unroutable", 0, GRACE)
        expect(record["error"], "ENETUNREACH", "the error of the record")
        other.expect_echo()


def vanishes_while_dialling(network, proxy):
    """The first SYN is lost; the router has an answer for the second."""
    with network.silence(ORIGIN + "20"), Client(network, proxy) as client:
        answer = []
        asker = threading.Thread(target=lambda: answer.append(client.ask(ORIGIN + "20")))
        begin = time.monotonic()
        asker.start()
        await_dial(network)
        with network.no_route(network.router, ORIGIN + "20"):
            asker.join()
        took = time.monotonic() - begin
    between(took, 0, 1 + GRACE, "the refusal")
    expect(answer[0].split()[1], "502", "the status")
    expect(proxy.record(client.port)["error"], "EHOSTUNREACH", "the error of the record")


def await_dial(network):
    with network.proxy, open("/proc/thread-self/net/tcp", encoding="ascii") as table:
        give_up = time.monotonic() + GRACE
        while " 02 " not in table.read():  # SYN_SENT
            if time.monotonic() > give_up:
                raise AssertionError("nobody dials")
            table.seek(0)


def lost_for_good(network, proxy):
    with network.silence(ORIGIN + "20"):
        record = refused(network, proxy, ORIGIN + "20", 504, "connection_timeout", CONNECT_LIMIT - 0.1,
                         CONNECT_LIMIT + GRACE)
    expect(record["error"], "connect_timeout", "the error of the record")


def several_addresses(network, proxy):
    """Two of the three are behind a hole, whichever come first."""
    with network.silence(ORIGIN + "21", ORIGIN + "22"), Client(network, proxy) as client:
        begin = time.monotonic()
        client.open("several.example", "echo")
        between(time.monotonic() - begin, 0, 2 * ATTEMPT_DELAY + GRACE, "the tunnel")
        client.expect_echo()
    expect(proxy.record(client.port)["peer"], ORIGIN + SOUND, "the address of the tunnel")


def next_parent(network, program):
    """The ways to two parents are lost, silently and not; who has found that out is not held up again."""
    with network.origin, Program(program, "--http-port", "0.0.0.0:0", "--allow-destination", ORIGIN + "0/24") as parent:
        port = parent.await_line(r"^viaduct-proxy: listening on 0\.0\.0\.0:(\d+)$")[1]
        peers = [word for host in ("20", "21", SOUND)
                 for word in ("--cache-peer", f"http://{ORIGIN}{host}:{port} connect-fail-limit=1")]
        with RoutedProxy(network, program, "--connect-timeout", str(CONNECT_LIMIT), "--never-direct", "allow all",
                         *peers) as proxy, Client(network, proxy).open(ORIGIN + SOUND, "echo") as before:
            with network.silence(ORIGIN + "20"), network.no_route(network.proxy, ORIGIN + "21"):
                for wait in (CONNECT_LIMIT, 0):
                    with Client(network, proxy) as client:
                        begin = time.monotonic()
                        client.open(ORIGIN + SOUND, "echo").expect_echo()
                        between(time.monotonic() - begin, wait - 0.1, wait + GRACE, "the tunnel")
                    expect(proxy.record(client.port)["peer"], ORIGIN + SOUND, "the parent")
            before.expect_echo()  # through the first one


def full_table(network, proxy):
    """The router has room for so many connections to this origin, and drops what would be another one."""
    with network.no_more_connections(ORIGIN + "20", MANY), contextlib.ExitStack() as stack:
        others = [stack.enter_context(Client(network, proxy).open(ORIGIN + "20", "echo")) for _ in range(MANY)]
        record = refused(network, proxy, ORIGIN + "20", 504, "connection_timeout", CONNECT_LIMIT - 0.1,
                         CONNECT_LIMIT + GRACE)
        expect(record["error"], "connect_timeout", "the error of the record")
        for other in others:
            other.expect_echo()
        others[0].socket.close()
        proxy.record(others[0].port)
        with Client(network, proxy).open(ORIGIN + "20", "echo") as last:  # there is room again
            last.expect_echo()


def run(tests, network, program):
    scene = Scene(network, program)
    with origins(network):
        for name, fault, *options in (
                ("the proxy has no route: 502 at once", no_route_known),
                ("the proxy's link is down: 502 at once, and open tunnels wait for it", link_is_down),
                ("the route vanishes while dialling: 502 once the router says so", vanishes_while_dialling),
                ("SYNs are lost: 504 when the clock says so", lost_for_good),
                ("two of three addresses are lost: the third is reached all the same", several_addresses),
                ("a full table of connections: 504 for the next one, until another has ended", full_table)):
            tests.run(f"network faults: {name}", scene.run, fault, *options)
        tests.run("network faults: the way to a parent is lost: the next one is asked, and at once from then on",
                  next_parent, network, program)


def main(program):
    tests = Tests()
    with scratch_directory() as directory:
        networks = []
        tests.run("network faults: a network of the test's own", lambda: networks.append(Network(directory)))
        for network in networks:
            run(tests, network, program)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

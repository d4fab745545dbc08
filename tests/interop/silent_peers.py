"""viaduct-proxy with tunnels whose peer falls silent without a FIN or a reset: the clocks end those, and only those.

usage: silent_peers.py VIADUCT_PROXY

The network is the test's own (routed_network.py); it needs root or user namespaces, and fails without. What happens
concerns one address each, so all of it happens at once.
"""

import concurrent.futures
import contextlib
import random
import sys
import tempfile
import time

from harness import PATIENCE, Tests, expect, expect_match, run_client, scratch_directory, write_file
from routed_network import CLIENT, ORIGIN, PROXY, Network
from routed_tunnels import Client, RoutedProxy, Witness, between, origins
from slow_way import slow_way

SILENCE = 3  # --silent-peer-timeout
EARLY = 1.2  # the last that was heard may be a second old when the fault begins: the next probe was due then
LATE = 1.8  # a busy machine, and probes that come once a second
LARGE = random.Random(7).randbytes(50_000)
SMALLER_MTU = 1200  # TCP's own search for it begins with segments of 1024


class Scene:
    """A proxy for one test, with two tunnels between sound addresses: one that is used, and one that is not."""

    def __init__(self, network, program, silence=SILENCE):
        self.network = network
        self._options = (program, "--silent-peer-timeout", str(silence))

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.proxy = stack.enter_context(RoutedProxy(self.network, *self._options))
            self._idle = stack.enter_context(Client(self.network, self.proxy).open(ORIGIN + "10", "echo"))
            stack.enter_context(Witness(self.network, self.proxy))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind, why, trace):
        with self._stack:
            if kind is None:
                self.proxy.expect_only(2)
                self._idle.expect_echo()
            return self._stack.__exit__(kind, why, trace)

    def client(self, host="10"):
        return Client(self.network, self.proxy, host)

    def expect_end(self, client, since, state):
        """That the tunnel of this client has been ended by the clock, and what its record says."""
        record = self.proxy.record(client.port)
        between(time.monotonic() - since, SILENCE - EARLY, SILENCE + LATE, "the end")
        expect(record["error"], "ETIMEDOUT", "the error of the record")
        expect(record["state"], state, "how it ended")


def idle_target(network, program):
    with Scene(network, program) as scene, scene.client().open(ORIGIN + "20", "listen") as client:
        with network.silence(ORIGIN + "20"):
            begin = time.monotonic()
            expect(client.read_to_end(), "eof", "what the client hears")
            scene.expect_end(client, begin, "sD")


def target_that_is_sent_to(network, program):
    with Scene(network, program) as scene, scene.client().open(ORIGIN + "21", "listen") as client:
        client.pour()
        with network.silence(ORIGIN + "21"):
            scene.expect_end(client, time.monotonic(), "sD")


def idle_client(network, program):
    with Scene(network, program) as scene, scene.client("20").open(ORIGIN + "10", "listen") as client:
        client.settle()
        with network.silence(CLIENT + "20"):
            scene.expect_end(client, time.monotonic(), "cD")


def client_that_is_sent_to(network, program):
    with Scene(network, program) as scene, scene.client("21").open(ORIGIN + "10", "drip") as client:
        with network.silence(CLIENT + "21"):
            scene.expect_end(client, time.monotonic(), "cD")


def short_silence(network, program):
    """It is over before the time is: nothing is lost, in whichever direction it was under way."""
    with Scene(network, program) as scene, scene.client("22").open(ORIGIN + "22", "echo") as client:
        with network.silence(CLIENT + "22", ORIGIN + "22"):
            client.socket.sendall(b"under way")
            time.sleep(SILENCE / 3)
        client.expect_late_echo(b"under way")
        with network.no_route(network.proxy, ORIGIN + "22"):
            client.socket.sendall(b"once more")
            time.sleep(SILENCE / 3)
        client.expect_late_echo(b"once more")


def route_is_gone(network, program):
    with Scene(network, program) as scene, scene.client().open(ORIGIN + "23", "listen") as client:
        with network.no_route(network.proxy, ORIGIN + "23"):
            client.socket.sendall(LARGE)
            scene.expect_end(client, time.monotonic(), "sD")


def mtu_black_hole(network, program):
    """What is small passes, what is large is lost for good; with TCP's own search for the MTU it passes, too."""
    with network.mtu_black_hole(ORIGIN + "24", SMALLER_MTU):
        with Scene(network, program) as scene, scene.client().open(ORIGIN + "24", "echo") as client:
            client.expect_echo()
            begin = time.monotonic()
            client.socket.sendall(LARGE)
            scene.expect_end(client, begin, "sD")
        network.probe_mtu()
        with Scene(network, program, 3 * SILENCE) as scene, scene.client().open(ORIGIN + "24", "listen") as client:
            client.socket.sendall(LARGE)
            client.end()
            expect(client.read_to_end(), "eof", "what the client hears")
            record = scene.proxy.record(client.port)
            expect(record.get("error"), None, "the error of the record")


def long_way(network, program):
    """Where packets are late, overtaken and lost, every octet arrives, and no clock takes that for silence."""
    with Scene(network, program, 4 * SILENCE) as scene, \
            slow_way(network, "26", delay=0.05, loss=0.05, late=0.1) as way, \
            scene.client().open(ORIGIN + "26", "echo") as client:
        for _ in range(3):
            client.expect_echo(LARGE)
        client.end()
        expect(client.read_to_end(), "eof", "what the client hears")
        record = scene.proxy.record(client.port)
        expect(record.get("error"), None, "the error of the record")
        between(record["connect_ms"] / 1000, 0.1, PATIENCE, "the connection")
        if not (way.lost and way.overtaken):
            raise AssertionError(f"{way.lost} packets were lost, and {way.overtaken} overtook others: this was no test")
        print(f"# {way.lost} packets lost, {way.overtaken} overtook others", flush=True)


def port_of_squid(network, program):
    """Squid's words for it are about the clients of a port: its probes end with the last one, and targets have none."""
    with tempfile.TemporaryDirectory() as directory:
        config = write_file(f"{directory}/squid.conf", f"http_port {PROXY}:0 tcpkeepalive=1,1,2\npid_filename none\n"
                            "cache_effective_user root\n"
                            "http_access allow all\n")
        with RoutedProxy(network, program, config=config) as proxy, \
                Client(network, proxy, "25").open(ORIGIN + "10", "listen").settle() as client, \
                Client(network, proxy).open(ORIGIN + "25", "listen") as other, \
                network.silence(CLIENT + "25", ORIGIN + "25"):
            begin = time.monotonic()
            record = proxy.record(client.port)
            between(time.monotonic() - begin, SILENCE - EARLY, SILENCE + LATE, "the end")
            expect((record["error"], record["state"]), ("ETIMEDOUT", "cD"), "how it ended")
            proxy.expect_only(1)
            other.end()  # it is there, and hears this
        for wrong in ("0", "1,", "1,2,3,4", "32768", "minute"):
            write_file(config, f"http_port 3128 tcpkeepalive={wrong}\n")
            done = run_client(program, "-f", config, "-k", "parse")
            expect_match("tcpkeepalive=IDLE,INTERVAL,TIMEOUT", done.stderr.decode(), f"what is said of {wrong}")


CASES = (
    ("an idle target is silent: its tunnel ends when the clock says so", idle_target),
    ("a target is silent while octets are under way to it", target_that_is_sent_to),
    ("an idle client is silent", idle_client),
    ("a client is silent while octets are under way to it", client_that_is_sent_to),
    ("a silence and a lost route that are over in time end nothing", short_silence),
    ("the route of an open tunnel is gone for good", route_is_gone),
    ("a path MTU that nobody tells of: small is carried, large ends by the clock, or passes where TCP looks for it",
     mtu_black_hole),
    ("a long way that loses, delays and reorders packets carries every octet, and no clock runs out", long_way),
    ("tcpkeepalive of a port in squid.conf watches its clients, and nobody else", port_of_squid),
)


def run(tests, network, program):
    with origins(network), concurrent.futures.ThreadPoolExecutor(len(CASES)) as pool:
        under_way = [(name, pool.submit(case, network, program)) for name, case in CASES]
        for name, outcome in under_way:
            tests.run(f"silent peers: {name}", outcome.result)


def main(program):
    tests = Tests()
    with scratch_directory() as directory:
        networks = []
        tests.run("silent peers: a network of the test's own", lambda: networks.append(Network(directory)))
        for network in networks:
            run(tests, network, program)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

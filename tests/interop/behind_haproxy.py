"""Three of viaduct-proxy behind HAProxy, as docs/guide/scaling.md shows them, full of tunnels, while one is drained and
one is killed.

usage: behind_haproxy.py VIADUCT_PROXY
"""

import collections
import contextlib
import json
import os
import re
import signal
import sys
import textwrap
import time

import tunnel_crowd
from harness import (LOOPBACK, Program, ReservedPort, Tests, Wire, expect, expect_match, expect_success, find_program,
                     run_client, scratch_directory, status_of, write_file)
from through_proxy import eventually
from tunnel_crowd import Crowd

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
GUIDE = os.path.join(ROOT, "docs", "guide", "scaling.md")
MANIFESTS = os.path.join(ROOT, "examples", "proxy", "kubernetes")
SOURCES = [f"127.0.88.{last}" for last in range(1, 9)]  # no other test has them
STEADY = 240
OPENERS = 8
NAMES = "abc"
BOUND = 5  # seconds within which a new tunnel is open, whatever has become of a proxy; timeout connect and two checks


def say(text):
    print(f"# {text}", flush=True)


# ---- programs -------------------------------------------------------------------------------------------------------


def shown(language):
    """What the guide shows in that language."""
    with open(GUIDE, encoding="ascii") as guide:
        return re.search(rf"(?s)```{language}\n(.*?)```", guide.read())[1]


def replaced(text, *replacements):
    """The text but for what stands in for addresses and ports of the guide; each of them must be there."""
    for pattern, by in replacements:
        text, found = re.subn(pattern, by, text)
        expect(found >= 1, True, f"that there is {pattern!r} in what the guide shows")
    return text


def front_configuration(front, ports):
    def server(found):
        port, management = ports[found[1]]
        return f"server {found[1]} {LOOPBACK}:{port.number} port {management.number}"

    return replaced(shown("haproxy"), (r"bind :3128", f"bind {LOOPBACK}:{front}"),
                    (r"server (\w) 192\.0\.2\.\d+:3128", server))


def proxy_configuration(port, management, origin):
    return replaced(shown("squid"), (r"http_port 3128", f"http_port {LOOPBACK}:{port}"),
                    (r"192\.0\.2\.10\b", LOOPBACK), (r"192\.0\.2\.11:9128", f"{LOOPBACK}:{management}"),
                    (r"src 10\.0\.0\.0/8", f"src {SOURCES[0]}-{SOURCES[-1]}"), (r"port 443", f"port {origin}"))


class Proxy(Program):
    """One of the three. Its records are in its output."""

    def __init__(self, program, file):
        super().__init__(program, "-f", file, "--log-starts")
        self.await_line("listening on")

    def records(self, event, since=0):
        lines = (json.loads(line) for line in self.lines[since:] if line.startswith("{"))
        return [line for line in lines if line["event"] == event]

    def tunnels(self, event, since=0):
        """Addresses of the clients whose tunnels have begun, or ended."""
        return [address_of(record) for record in self.records(event, since) if record.get("status") == 200]


def address_of(record):
    return f"{record['client']}:{record['client_port']}"


class Scene:
    """All programs, and the clients."""

    def __init__(self, program, stack):
        self.program, self.stack = program, stack
        self.directory = stack.enter_context(scratch_directory())
        origin = stack.enter_context(Program(sys.executable, tunnel_crowd.__file__))
        self.origin = origin.await_line(r"^listening on (\d+)$")[1]
        self.ports = {name: (ReservedPort(), ReservedPort()) for name in NAMES}
        self.proxies = {name: self.start(name) for name in NAMES}
        self.door = ReservedPort()
        self.front = self.start_haproxy()
        self.crowd = stack.enter_context(Crowd(self.door.number, f"{LOOPBACK}:{self.origin}", SOURCES))
        self.of = {}  # name -> steady tunnels
        self.gone = []  # proxies that have ended

    def write(self, name, text):
        return write_file(os.path.join(self.directory, name), text)

    def start(self, name):
        port, management = (reserved.number for reserved in self.ports[name])
        file = self.write(f"{name}.conf", proxy_configuration(port, management, self.origin))
        return self.stack.enter_context(Proxy(self.program, file))

    def start_haproxy(self):
        file = self.write("haproxy.cfg", front_configuration(self.door.number, self.ports))
        front = self.stack.enter_context(Program(find_program("haproxy"), "-db", "-f", file))
        self.stack.callback(front.process.kill)  # it would wait for its connections to end
        front.await_port(self.door.number)
        return front

    def server_of(self, tunnel):
        """Whom HAProxy gave the connection to; it tells when the connection is over."""
        address, _, port = tunnel.address.rpartition(":")
        return self.front.await_line(rf"\b{re.escape(address)}:{port} \[.* proxies/(\S+) ")[1]

    def undisturbed(self, *names, pieces=5):
        """The steady tunnels of these move on, each by so many pieces."""
        tunnels = [tunnel for name in names for tunnel in self.of[name]]
        stuck = self.crowd.run(self.crowd.move_on(tunnels, pieces))
        expect([tunnel.wrong for tunnel in stuck], [], f"what has gone wrong in tunnels of {', '.join(names)}")

    def all_well(self, short):
        expect([(tunnel.wrong, tunnel.address) for tunnel in short if tunnel.wrong], [],
               "what has gone wrong in new tunnels")

    def finish(self, name):
        ended = self.crowd.run(self.crowd.finish(self.of[name]))
        expect(all(ended), True, f"that every tunnel of {name} ends in order")


# ---- what happens ---------------------------------------------------------------------------------------------------


def fill(scene):
    crowd = scene.crowd
    crowd.run(crowd.open_steady(STEADY))
    expect([tunnel.wrong for tunnel in crowd.steady if tunnel.wrong], [], "what has gone wrong")
    owner = eventually(lambda: owners_of_all(scene), "record of each tunnel")
    for name in NAMES:
        scene.of[name] = [tunnel for tunnel in crowd.steady if owner[tunnel.address] == name]
    shares = {name: len(tunnels) for name, tunnels in scene.of.items()}
    say(f"tunnels of each: {shares}")
    expect(min(shares.values()) > STEADY // 6, True, f"that each has its share of {shares}")
    scene.undisturbed(*NAMES)


def owners_of_all(scene):
    owner = {address: name for name in NAMES for address in scene.proxies[name].tunnels("start")}
    return owner if all(tunnel.address in owner for tunnel in scene.crowd.steady) else None


def new_ones(scene):
    crowd = scene.crowd
    crowd.run(crowd.open_all_the_time(OPENERS))
    scene.all_well(crowd.run(crowd.more_short(100)))


def drain(scene):
    """Nobody notices: neither its tunnels, nor those who come."""
    crowd, proxy = scene.crowd, scene.proxies["b"]
    proxy.process.send_signal(signal.SIGTERM)
    during = crowd.run(crowd.more_short(100))
    scene.front.await_line(r"Server proxies/b is DOWN")
    mark = len(proxy.lines)
    during += crowd.run(crowd.more_short(100))
    proxy.await_line(rf"waiting up to 600 s for {len(scene.of['b'])} open tunnel")  # its listener is closed now
    during += crowd.run(crowd.more_short(100))
    scene.undisturbed(*NAMES)
    scene.all_well(during)
    longest = max(tunnel.took for tunnel in during)
    say(f"{len(during)} new tunnels meanwhile, {longest:.3f} s at most until one was open")
    expect(longest < BOUND, True, f"that {longest:.3f} s are soon")
    expect(proxy.tunnels("start", mark), [], "the new tunnels of the drained one")


def drained(scene):
    """It ends with its last tunnel, and has a record of each."""
    proxy = scene.proxies["b"]
    expect(proxy.process.poll(), None, "the exit status while tunnels are open")
    scene.finish("b")
    expect(proxy.wait(), 0, "the exit status")
    states = {address_of(record): record["state"] for record in proxy.records("end")}
    expect({states.get(tunnel.address) for tunnel in scene.of["b"]}, {"--"}, "how its tunnels have ended")
    scene.undisturbed("a", "c")


def kill(scene):
    """Its tunnels break, and nobody else's; whoever comes is served by the other one."""
    crowd, mark = scene.crowd, len(scene.front.lines)
    before = len(crowd.short)
    scene.proxies["c"].process.kill()
    begun = time.monotonic()
    broken = crowd.run(crowd.all_ended(scene.of["c"]))
    expect(any(broken), False, "that a tunnel of the killed one ends in order")
    crowd.run(crowd.more_short(100))
    during = crowd.short[before:]
    scene.front.await_line(r"Server proxies/c is DOWN", since=mark)
    took = time.monotonic() - begun
    scene.undisturbed("a")
    failed = [tunnel for tunnel in during if tunnel.wrong]
    expect({scene.server_of(tunnel) for tunnel in failed} <= {"c"}, True, "that only the killed one's have failed")
    longest = max(tunnel.took for tunnel in during if tunnel.took)
    say(f"{len(failed)} failed, {OPENERS} at a time; it was known to be down after {took:.2f} s; "
        f"{longest:.3f} s at most until one was open")
    # Those which were under way, and who came while the system was still closing its sockets.
    expect(len(failed) <= 3 * OPENERS, True, f"that {len(failed)} are few")
    expect(max(took, longest) < BOUND, True, "that it is soon")
    scene.all_well(crowd.run(crowd.more_short(100)))


def come_back(scene):
    """A new one at the address of the killed one gets its share."""
    mark = len(scene.front.lines)
    scene.killed, scene.proxies["c"] = scene.proxies["c"], scene.start("c")
    scene.front.await_line(r"Server proxies/c is UP", since=mark)
    scene.proxies["c"].await_line(r'"event":"start"')
    scene.undisturbed("a")


def all_told(scene):
    """Every client is in the logs with its own address, and no connection of HAProxy's is taken for a client."""
    crowd = scene.crowd
    crowd.run(crowd.open_no_more())
    scene.finish("a")
    for name in "ac":
        scene.proxies[name].process.terminate()
    for name in "ac":
        expect(scene.proxies[name].wait(), 0, f"the exit status of {name}")
    everybody = crowd.steady + crowd.short
    told = collections.Counter(address for name in NAMES for address in scene.proxies[name].tunnels("end"))
    told_before = set(scene.killed.tunnels("start") + scene.killed.tunnels("end"))
    expect(told - collections.Counter(tunnel.address for tunnel in everybody), {}, "records of clients that nobody was")
    missing = [tunnel for tunnel in everybody if tunnel.took and tunnel.address not in told_before | set(told)]
    expect({scene.server_of(tunnel) for tunnel in missing} <= {"c"}, True, "that only of the killed one lines are lost")
    expect(len(missing) <= 2 * OPENERS, True, f"that {len(missing)} are those which it had not written yet")
    say(f"{len(everybody)} tunnels, of which {len(missing)} are in no log")


def manifest(name):
    with open(os.path.join(MANIFESTS, name), encoding="ascii") as file:
        return file.read()


def in_kubernetes(scene):
    """The manifests hold a squid.conf that the program takes, and give its drain enough time."""
    text = mounted_configuration()
    expect_success(run_client(scene.program, "-k", "parse", "-f", scene.write("kubernetes.conf", text)))
    delay, lifetime = (int(expect_match(pattern, text)[1]) for pattern in
                       (r"(?m)^drain_delay (\d+) seconds$", r"(?m)^shutdown_lifetime (\d+) minutes$"))
    deployment = manifest("deployment.yaml")
    grace = int(expect_match(r"terminationGracePeriodSeconds: (\d+)\n", deployment)[1])
    expect(grace > delay + 60 * lifetime, True, f"that {grace} s are enough for the drain")
    for port in ("http_port", "management_port"):
        number = expect_match(rf"(?m)^{port} (?:0\.0\.0\.0:)?(\d+)$", text)[1]
        expect_match(rf"containerPort: {number}}}", deployment)


def mounted_configuration():
    found = expect_match(r"(?m)^  squid\.conf: \|\n((?:    .*\n|\n)+)", manifest("configmap.yaml"))
    return textwrap.dedent(found[1])


def pages_in_kubernetes(scene):
    """The probes find their pages, at their port alone, and nobody ends a tunnel there."""
    port, management = ReservedPort().number, ReservedPort().number
    text = replaced(mounted_configuration(), (r"http_port 3128", f"http_port {LOOPBACK}:{port}"),
                    (r"0\.0\.0\.0:9128", f"{LOOPBACK}:{management}"), (r"localport 9128", f"localport {management}"))
    probes = re.findall(r"httpGet: {path: (\S+), port: management}", manifest("deployment.yaml"))
    expect(sorted(probes), ["/healthz", "/readyz"], "the probes")
    with Program(scene.program, "-f", scene.write("pages.conf", text)) as proxy:
        proxy.await_port(management)
        for page in (*probes, "/metrics"):
            expect((status_of_page(management, "GET", page), status_of_page(port, "GET", page)), (200, 403), page)
        expect(status_of_page(management, "DELETE", "/tunnels/1"), 403, "the status of DELETE")
        proxy.process.kill()  # it would wait for its drain_delay


def status_of_page(port, method, path):
    with Wire(port) as wire:
        wire.send(f"{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
        return status_of(wire.read_head())


STEPS = (
    (f"{STEADY} tunnels through three proxies", fill),
    ("new ones all the time", new_ones),
    ("one is drained, and nobody notices", drain),
    ("the drained one ends with its last tunnel", drained),
    ("one is killed, and its own tunnels break", kill),
    ("a new one in its place", come_back),
    ("every client is in the logs, by its own address", all_told),
    ("the manifests for Kubernetes", in_kubernetes),
    ("the pages that Kubernetes asks for", pages_in_kubernetes),
)


def main(program):
    tests = Tests()
    with contextlib.ExitStack() as stack:
        scene = Scene(program, stack)
        for name, step in STEPS:
            tests.run(name, step, scene)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

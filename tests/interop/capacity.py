"""viaduct-proxy with as many tunnels as its descriptors allow, with slow clients beside them, and with one too many.

usage: capacity.py VIADUCT_PROXY [few]

'few' is for programs with sanitizers: they need several times the memory and the time.
"""

import contextlib
import os
import resource
import selectors
import signal
import socket
import statistics
import sys
import time

from harness import (LOOPBACK, LOOPBACK_ALLOWED, PATIENCE, Program, Tests, expect, expect_match, scratch_directory,
                     write_file)

DESCRIPTORS = 20_000  # of the proxy; less where the machine allows no more
FEW_DESCRIPTORS = 4_200
OF_ITS_OWN = 200  # that the proxy is left for itself: log, listener, epoll, and some to spare
SLOW = 1_000
SLOW_SECONDS = 4  # for so long new tunnels are opened beside the slow ones, which send an octet a second each
MEASURED = 50
MEDIAN_LIMIT = 0.1  # seconds
AT_ONCE = 200  # under way at a time
SPREAD = 8  # addresses that clients come from, none of which another test uses


def say(text):
    print(f"# {text}", flush=True)


def take_all_descriptors():
    """Of this process; returns the limit."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def serve_echo():
    """An origin as a program of its own, for it needs as many descriptors as the clients."""
    take_all_descriptors()
    listener = socket.create_server((LOOPBACK, 0), backlog=4096)
    listener.setblocking(False)
    print(f"listening on {listener.getsockname()[1]}", flush=True)
    with selectors.DefaultSelector() as ready:
        ready.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is listener:
                    with contextlib.suppress(BlockingIOError):
                        while True:
                            connection = listener.accept()[0]
                            connection.setblocking(False)
                            ready.register(connection, selectors.EVENT_READ)
                elif not echo_once(key.fileobj):
                    ready.unregister(key.fileobj)
                    key.fileobj.close()


def echo_once(connection):
    try:
        octets = connection.recv(4096)
        return connection.send(octets) if octets else 0
    except OSError:
        return 0


class CrowdedProxy(Program):
    """viaduct-proxy with so many descriptors, its log in a file: the lines are many."""

    def __init__(self, program, directory, descriptors):
        self.log = os.path.join(directory, "access.log")
        start = write_file(os.path.join(directory, "start"), f'#!/bin/sh\nulimit -n {descriptors} && exec "$@"\n', 0o755)
        super().__init__(start, program, "--http-port", f"{LOOPBACK}:0", "--access-log", self.log, "--allow-port", "all",
                         "--shutdown-lifetime", "60", *LOOPBACK_ALLOWED)
        try:
            self.port = int(self.await_line(r"^viaduct-proxy: listening on 127\.0\.0\.1:(\d+)$")[1])
        except AssertionError:
            self.stop()
            raise

    def memory(self):
        """In KiB, as the system counts what is resident."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(expect_match(r"VmRSS:\s*(\d+) kB", status.read())[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def await_descriptors(self, most):
        """Waits until it has closed what its peers have closed."""
        give_up = time.monotonic() + PATIENCE
        while self.descriptors() > most:
            if time.monotonic() > give_up:
                raise AssertionError(f"the proxy keeps {self.descriptors()} descriptors, more than {most}")
            time.sleep(0.05)

    def count_logged(self, tag):
        with open(self.log, encoding="ascii") as lines:
            return sum(f" {tag} " in line for line in lines)


class Crowd:
    """All clients of the proxy, in this process."""

    def __init__(self, proxy, origin_port):
        self.proxy = proxy
        self.request = f"CONNECT {LOOPBACK}:{origin_port} HTTP/1.1\r\nHost: {LOOPBACK}:{origin_port}\r\n\r\n".encode()
        self.tunnels = []
        self.opened = 0
        self._connections = 0

    def connect(self):
        self._connections += 1
        source = (f"127.0.77.{1 + self._connections % SPREAD}", 0)
        wire = socket.create_connection((LOOPBACK, self.proxy.port), PATIENCE, source)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return wire

    def await_tunnel(self, wire):
        head = wire.recv(4096)
        while head and not head.endswith(b"\r\n\r\n"):
            head += wire.recv(4096)
        expect(head[:13], b"HTTP/1.1 200 ", "the beginning of the answer")
        self.tunnels.append(wire)
        self.opened += 1

    def open_tunnel(self):
        """One, and the seconds that it took."""
        begin = time.monotonic()
        wire = self.connect()
        wire.sendall(self.request)
        self.await_tunnel(wire)
        return time.monotonic() - begin

    def open_tunnels(self, count):
        while count > 0:
            wires = [self.connect() for _ in range(min(AT_ONCE, count))]
            for wire in wires:
                wire.sendall(self.request)
            for wire in wires:
                self.await_tunnel(wire)
            count -= len(wires)

    def use(self, step=1):
        """An octet there and back through each tunnel; its own, so that none can be taken for another's."""
        some = self.tunnels[::step]
        for first in range(0, len(some), AT_ONCE):
            part = list(enumerate(some[first:first + AT_ONCE]))
            for number, wire in part:
                wire.sendall(bytes([number]))
            for number, wire in part:
                expect(wire.recv(16), bytes([number]), "what came back")

    def close(self, keep):
        for wire in self.tunnels[keep:]:
            wire.close()
        del self.tunnels[keep:]


def as_many_as_possible(crowd, count):
    crowd.open_tunnels(10)  # what the first ones cost once and for all does not count
    crowd.use()
    before = crowd.proxy.memory()
    begin = time.monotonic()
    crowd.open_tunnels(count - 10)
    crowd.use()
    took = time.monotonic() - begin
    after = crowd.proxy.memory()
    say(f"{count} tunnels opened and used in {took:.1f} s; the proxy has {crowd.proxy.descriptors()} descriptors")
    say(f"resident: {before} KiB with 10 tunnels, {after} KiB with {count}: "
        f"{(after - before) * 1024 / (count - 10):.0f} octets a tunnel")
    expect(len(crowd.tunnels), count, "the number of tunnels")


def slow_ones_beside(crowd):
    room = crowd.proxy.descriptors() - SLOW - 2 * MEASURED
    crowd.close(len(crowd.tunnels) - SLOW // 2 - MEASURED)
    crowd.proxy.await_descriptors(room)
    times = []
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(crowd.connect()) for _ in range(SLOW)]
        begin = time.monotonic()
        octets = 0
        while len(times) < MEASURED:
            due = int((time.monotonic() - begin) * SLOW)
            for number in range(octets, due):
                slow[number % SLOW].sendall(crowd.request[number // SLOW:][:1])
            octets = max(octets, due)
            if time.monotonic() - begin > len(times) * SLOW_SECONDS / MEASURED:
                times.append(crowd.open_tunnel())
        say(f"{SLOW} slow clients sent {octets} octets; a new tunnel beside them: median "
            f"{statistics.median(times) * 1000:.1f} ms, most {max(times) * 1000:.1f} ms")
        crowd.use(step=50)
    if statistics.median(times) >= MEDIAN_LIMIT:
        raise AssertionError(f"a new tunnel takes {statistics.median(times):.3f} s beside slow clients")


def one_too_many(crowd, descriptors):
    """More connections than descriptors: the proxy says so, carries on with what is open, and recovers."""
    mark = len(crowd.proxy.lines)
    crowd.proxy.await_descriptors(2 * len(crowd.tunnels) + OF_ITS_OWN)
    room = descriptors - 2 * len(crowd.tunnels)  # not what is free now: it may still be closing what went before
    with contextlib.ExitStack() as stack:
        for _ in range(room + 100):
            stack.enter_context(crowd.connect())
        crowd.proxy.await_line(r"^viaduct-proxy: connections have to wait: ", since=mark)
        crowd.use(step=50)
        say(f"with {room + 100} more connections the proxy has {crowd.proxy.descriptors()} descriptors of {descriptors}")
    crowd.proxy.await_descriptors(descriptors - room // 2)
    for _ in range(20):
        crowd.open_tunnel()
    crowd.use(step=10)
    crowd.proxy.await_line(r"^viaduct-proxy: connections are accepted again$", since=mark)
    expect(sum("have to wait" in line for line in crowd.proxy.lines[mark:]), 1, "how often the shortage is told")


def all_gone(crowd):
    """At the end it knows how many are open, waits for them, and for nothing else."""
    crowd.close(37)
    crowd.proxy.await_descriptors(2 * 37 + OF_ITS_OWN)
    crowd.proxy.process.send_signal(signal.SIGTERM)
    crowd.proxy.await_line(r"^viaduct-proxy: waiting up to 60 s for 37 open tunnel\(s\)$")
    crowd.use()
    crowd.close(0)
    begin = time.monotonic()
    expect(crowd.proxy.wait(), 0, "the exit status")
    say(f"the proxy ended {time.monotonic() - begin:.2f} s after its last tunnel")
    expect(crowd.proxy.count_logged("TCP_TUNNEL/200"), crowd.opened, "the number of tunnels in the log")


def main(viaduct_proxy, few=""):
    tests = Tests()
    most = take_all_descriptors()
    wanted = FEW_DESCRIPTORS if few else DESCRIPTORS
    descriptors = min(wanted, most)
    if few:
        say(f"{descriptors} descriptors instead of {DESCRIPTORS}: a program with sanitizers needs more memory")
    if most < wanted:
        say(f"{descriptors} descriptors instead of {wanted}: the machine allows no more")
    count = (descriptors - OF_ITS_OWN) // 2
    with scratch_directory() as directory, Program(sys.executable, __file__, "--origin") as origin, \
         CrowdedProxy(viaduct_proxy, directory, descriptors) as proxy:
        crowd = Crowd(proxy, int(origin.await_line(r"^listening on (\d+)$")[1]))
        tests.run(f"capacity: {count} tunnels in one proxy, and each carries an octet there and back",
                  as_many_as_possible, crowd, count)
        tests.run(f"capacity: {SLOW} slow clients beside them disturb nobody", slow_ones_beside, crowd)
        tests.run("capacity: when the descriptors run out, what is open goes on, and the rest once there are some again",
                  one_too_many, crowd, descriptors)
        tests.run("capacity: at the end every tunnel is accounted for", all_gone, crowd)
        crowd.close(0)
    tests.done()


if __name__ == "__main__":
    if sys.argv[1:] == ["--origin"]:
        serve_echo()
    main(*sys.argv[1:])

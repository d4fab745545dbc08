"""Clients that keep a proxy busy, and what a log must have of them afterwards."""

import collections
import gzip
import itertools
import re
import threading
import time

from harness import LOOPBACK, PATIENCE, Wire, expect, status_of

# One line each: the number of the tunnel, the octets to its client, and so much more that half a line shows.
TAIL = "x" * 200
FORMAT = ("--logformat", f"crowd %{{X-Number}}>h %>Hs %<st {TAIL}")
LINE = re.compile(rf"(\d+) 200 (\d+) {TAIL}")


class Crowd:
    """Several clients, each with one tunnel after the other to an echo, from `with` to its end.

    ended: for the number of each tunnel that went well when that was (`time.monotonic`), and the octets of the proxy.
    failures: of clients, which give up then.
    """

    def __init__(self, port, origin, clients=4, above=0):
        """above: the number before the first one."""
        self.ended, self.failures = {}, []
        self._port, self._target = port, f"{LOOPBACK}:{origin}"
        self._numbers = itertools.count(above + 1)
        self._news = threading.Condition()
        self._is_over = False
        self._clients = [threading.Thread(target=self._client, daemon=True) for _ in range(clients)]

    def __enter__(self):
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_):
        self._is_over = True
        for client in self._clients:
            client.join(PATIENCE)

    def _client(self):
        try:
            while not self._is_over:
                number = next(self._numbers)
                octets = visit(self._port, self._target, b"." * (number % 500), f"X-Number: {number}")
                with self._news:
                    self.ended[number] = (time.monotonic(), octets)
                    self._news.notify_all()
        except (OSError, AssertionError) as why:
            with self._news:
                self.failures.append(why)
                self._news.notify_all()

    def await_more(self, count):
        """Returns once so many more tunnels have gone well."""
        with self._news:
            wanted = len(self.ended) + count
            self._news.wait_for(lambda: len(self.ended) >= wanted or self.failures, PATIENCE)
            self.expect_no_failure()
            expect(len(self.ended) >= wanted, True, f"whether {count} more tunnels go well")

    def await_time(self, seconds):
        """Returns when they have been busy for so long."""
        with self._news:
            self._news.wait_for(lambda: self.failures, seconds)
            self.expect_no_failure()

    def expect_no_failure(self):
        expect([repr(why) for why in self.failures], [], "what went wrong for clients")


def visit(port, target, payload, *fields, source=None):
    """One tunnel to an echo, from its head to its end; the number of octets that came from the proxy."""
    with Wire(port, source) as wire:
        lines = (f"CONNECT {target} HTTP/1.1", f"Host: {target}", *fields)
        wire.send("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n")
        head = wire.read_head()
        expect(status_of(head), 200, "the status")
        wire.send(payload)
        wire.end()
        expect(wire.read_to_end() == payload, True, "whether everything comes back")
        return len(head) + len(payload)


class Written:
    """What the lines of some files tell of a crowd.

    octets: for each number what its line has; strange: what is no line of a tunnel; doubled: numbers of several lines.
    """

    def __init__(self, *paths):
        self.octets, self.strange = {}, []
        counts = collections.Counter()
        for path in paths:
            for line in whole_lines(path):
                match = LINE.fullmatch(line)
                if match:
                    counts[int(match[1])] += 1
                    self.octets[int(match[1])] = int(match[2])
                else:
                    self.strange.append(line)
        self.doubled = [number for number, count in counts.items() if count > 1]

    def expect_whole_lines(self):
        expect(self.strange, [], "what is no line of a tunnel")
        expect(self.doubled, [], "which tunnels have several lines")

    def expect_all_of(self, *crowds):
        """One line for each tunnel, and none for any other."""
        self.expect_whole_lines()
        for crowd in crowds:
            self.expect_lines_of(crowd.ended, crowd)
        ended = set().union(*(crowd.ended for crowd in crowds))
        expect(sorted(set(self.octets) - ended), [], "which tunnels nobody has seen go well")

    def expect_lines_of(self, numbers, crowd):
        expect(sorted(set(numbers) - set(self.octets)), [], "which tunnels have no line")
        expect({number: self.octets[number] for number in numbers},
               {number: crowd.ended[number][1] for number in numbers}, "the octets")


def whole_lines(path):
    """The lines of a file; if there is anything behind the last line feed, it is one more, and says so."""
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="latin-1", newline="\n") as file:
        *lines, rest = file.read().split("\n")
    return lines + ([f"{rest} (without an end)"] if rest else [])

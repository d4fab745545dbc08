"""Debian's curl and viaduct-curl, twins: the same command line has the same outcome in both.

usage: curl_twins.py VIADUCT_CURL [PART OF A LINE]

Each line is run by both, in a fresh directory, between the same servers, and everything that is to be seen of it is
compared: exit code, output, files, messages, what -w tells, and what came to the servers, octet for octet. The lines
are in curl_twins_ways.py, _requests.py and _outputs.py; what has to differ is in curl_twins_differences.py, each with
its reason. With curl itself in place of viaduct-curl nothing differs.
"""

import concurrent.futures
import contextlib
import difflib
import os
import queue
import re
import sys
import types

from curl_through_proxies import tinyproxy
from curl_twins_differences import DIFFERENT, Wanted
from curl_twins_outputs import OUTPUTS
from curl_twins_requests import REQUESTS
from curl_twins_run import Stage
from curl_twins_ways import WAYS
from front_programs import microsocks
from harness import Certificates, ReservedPort, Tests, find_program, scratch_directory
from kerberos_realm import squid_asking

WORKERS = 6
MANY = 40  # lines of a difference that are shown
LINES = (*WAYS, *REQUESTS, *OUTPUTS)


class Credentials(Certificates):
    """Beside those that are trusted, some that are not."""

    def __init__(self, directory):
        super().__init__(directory)
        other = os.path.join(directory, "stranger")
        os.mkdir(other)
        stranger = Certificates(other)
        self.stranger = (stranger.certificate, stranger.key)


def start_proxies(stack, directory, credentials, stages):
    """The real ones, for all stages; what they are not to reach is the forbidden port."""
    ports = [server.port for stage in stages for name, server in stage.servers.items() if "proxy" not in name]
    ports += [int(stage.places["h2_port"]) for stage in stages]
    squid_tls = ReservedPort()
    forbidden = ReservedPort()
    stack.callback(lambda: (squid_tls, forbidden))
    more = (f"acl known src all\nserver_persistent_connections off\nhttps_port 127.0.0.1:{squid_tls.number} "
            f"tls-cert={credentials.certificate} tls-key={credentials.key}")
    squid = stack.enter_context(squid_asking(stack.enter_context(scratch_directory()), types.SimpleNamespace(
        port=" ".join(map(str, (*ports, *(stage.closed.number for stage in stages))))), more))
    tiny = stack.enter_context(tinyproxy(stack.enter_context(scratch_directory()), types.SimpleNamespace(
        port="\nConnectPort ".join(map(str, ports))), False))
    return {"squid": squid, "tiny": tiny, "forbidden_port": str(forbidden.number),
            "tlssquid": f"https://localhost:{squid_tls.number}",
            "socks": f"localhost:{stack.enter_context(microsocks())}"}


class Twins:
    """Runs lines, each worker in a stage of its own."""

    def __init__(self, stack, program):
        self._programs = (find_program("curl"), os.path.abspath(program))  # each line has a directory of its own
        self._directory = stack.enter_context(scratch_directory())
        credentials = Credentials(self._directory)
        stages = [Stage(stack, credentials, number) for number in range(WORKERS)]
        proxies = start_proxies(stack, self._directory, credentials, stages)
        self._free = queue.SimpleQueue()
        for stage in stages:
            stage.places |= proxies
            self._free.put(stage)

    def run(self, number):
        stage = self._free.get()
        try:
            return [stage.seen(program, LINES[number], os.path.join(self._directory, f"{number}.{who}"))
                    for who, program in enumerate(self._programs)]
        finally:
            self._free.put(stage)


class Comparison:
    """Knows which differences are expected, and which of them have been met."""

    def __init__(self, differences):
        self._differences = differences
        self.met = set()

    def line(self, line, found):
        theirs, ours = found.result()
        names = theirs.keys() | ours.keys()
        if theirs["-w"] != ours["-w"]:
            names = {name for name in names if not name.startswith("%")}
        wrong = []
        for name in sorted(names):
            wrong += self._wrong(line.name(), theirs, name, theirs.get(name, ""), ours.get(name, ""))
        if wrong:
            raise AssertionError("\n".join(wrong))

    def _wrong(self, line, seen, name, theirs, ours):
        if theirs == ours:
            return []
        wanted = Wanted(theirs)
        for difference in self._differences:
            if difference.concerns(line, seen, name):
                wanted.apply(difference)
        if not wanted.fits(ours):
            return [told(name, str(wanted), ours)]
        self.met.update(wanted.met)
        return []

    def all_met(self):
        """An expectation that nothing has met is out of date."""
        unmet = [difference.why for difference in self._differences if difference not in self.met]
        if unmet:
            raise AssertionError("there are no more: " + "; ".join(unmet))


def told(name, wanted, value):
    if "\n" not in wanted + value:
        return f"{name} is {value!r}, not {wanted!r}"
    lines = difflib.unified_diff(wanted.split("\n"), value.split("\n"), "curl", "viaduct-curl", n=1, lineterm="")
    return f"{name} differs:\n" + "\n".join(repr(line)[1:-1] for line in list(lines)[2:2 + MANY])


def is_quick(number):
    """Those that wait for clocks are begun first."""
    return not re.search(r"-m 1|-y 1|--retry|--connect-timeout", LINES[number].words)


def main(program, part=""):
    tests = Tests()
    itself = os.path.realpath(program) == os.path.realpath(find_program("curl"))
    numbers = [number for number, line in enumerate(LINES) if part in line.name()]
    comparison = Comparison(() if itself else DIFFERENT)
    with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor(WORKERS) as workers:
        twins = []
        tests.run("all servers start", lambda: twins.append(Twins(stack, program)))
        found = {number: workers.submit(twins[0].run, number) for number in sorted(numbers, key=is_quick) if twins}
        for number in sorted(found):
            tests.run(LINES[number].name(), comparison.line, LINES[number], found[number])
    if twins and not part and not itself:
        tests.run("all differences that are expected are there", comparison.all_met)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

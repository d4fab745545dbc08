"""The same squid.conf and the same requests in Squid and in viaduct-proxy: verdicts, statuses, tunnels and log lines.

usage: squid_conf.py VIADUCT_PROXY [PART OF A NAME]

Each proxy has a world of its own for it (squid_conf_world.py), so that the file, its ports and its paths are those of a
real machine. The scenes are in squid_conf_rules.py, _users.py, _ways.py and _files.py; what must differ from Squid is
in squid_conf_differences.py, each with its reason.
"""

import multiprocessing
import os
import re
import subprocess
import sys

from harness import (PATIENCE, Program, Skip, Tests, clean_environment, expect, expect_match, find_program,
                     scratch_directory)
from squid_conf_asks import Ask, Timed, seen
from squid_conf_differences import DIFFERENT
from squid_conf_files import FILES, LOGS, REFUSED, REFUSED_BY_SQUID, REFUSED_HERE
from squid_conf_rules import ACLS, ORDERS, THE_SCENE
from squid_conf_users import BASIC_SCENES, EXTERNAL, LISTENERS
from squid_conf_ways import OUT, PARENT_SCENES
from squid_conf_world import World, eventually

SCENES = [THE_SCENE, *ORDERS, *ACLS, *BASIC_SCENES, *EXTERNAL, *LISTENERS, *PARENT_SCENES, *OUT, *FILES, *LOGS]
BAD = [*REFUSED, *REFUSED_HERE, *REFUSED_BY_SQUID]

SQUID, VIADUCT = "Squid", "viaduct-proxy"
CONF = "/etc/squid/squid.conf"
WORKERS = 4
LISTENS = re.compile(r"Accepting .*connections at|viaduct-proxy: listening on")

LINE = re.compile(r" *\d+\.\d{3} +\d+ (?P<client>\S+) (?P<tag>\w+)/(?P<logged>\d{3}) (?P<octets>\d+) (?P<method>\S+) "
                  r"(?P<url>\S+) (?P<user>\S+) (?P<hierarchy>\w+)/(?P<server>\S+) (?P<type>\S+)")


# ---- one proxy and one scene, in a world of its own -----------------------------------------------------------------


class Worker:
    """Has its world, and runs scenes there one after the other."""

    def __init__(self, directory, viaduct):
        own = os.path.join(directory, str(os.getpid()))
        os.mkdir(own)
        os.chmod(own, 0o755)
        self._world = World(own)
        self._commands = {SQUID: (find_program("squid"), "-N", "-d", "1"), VIADUCT: (viaduct, "-f", CONF)}

    def run(self, who, scene):
        """What is seen of every request, by name."""
        self._world.fresh({CONF: scene.conf} | scene.files)
        with Program(*self._commands[who]) as program:
            try:
                self._await_start(program, scene)
                return [self._visit(program, scene, request) for request in scene.requests]
            finally:
                program.process.kill()

    @staticmethod
    def _await_start(program, scene):
        """A connection of ours would be in the logs; so it counts what both say of their listeners."""
        def started():
            return sum(bool(LISTENS.search(line)) for line in list(program.lines)) >= len(scene.ports)
        eventually(lambda: program.process.poll() is not None or started(), "listener")
        if not started():
            raise ended(program)

    def _visit(self, program, scene, request):
        before = len(lines_of(scene.log))
        result = seen(request) if isinstance(request, Ask) else request.seen()
        if program.process.poll() is not None:
            raise ended(program)
        result |= said(new_lines(scene.log, before, request.lines + ("then" in result)))
        if scene.conf.find("cache_peer") >= 0:
            asked, self._world.parents.asked = self._world.parents.asked, []
            result["parents"] = ", ".join(str(port) for port, _ in asked) or "none"
            result |= {"to a parent": "\n".join(fields_of(asked[-1][1]))} if asked else {}
        return result

    def parse(self, who, verdict):
        """The exit status of -k parse, and what is said."""
        self._world.fresh({CONF: verdict.conf} | verdict.files)
        done = subprocess.run([self._commands[who][0], "-k", "parse", "-f", CONF], env=clean_environment(),
                              capture_output=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL)
        return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def ended(program):
    program.wait()
    return AssertionError(f"it ended with {program.process.returncode}:\n" + "\n".join(program.lines[-12:]))


def lines_of(path):
    try:
        with open(path, encoding="latin-1") as file:
            return file.read().split("\n")[:-1]
    except FileNotFoundError:
        return []


def new_lines(path, before, count):
    """Those of a request: as many as there must be, or more."""
    eventually(lambda: len(lines_of(path)) >= before + count, f"line {before + count} in {path}", PATIENCE / 3)
    return lines_of(path)[before:]


def said(lines):
    """The fields of log lines: of Squid's own format by name, of others as they are but for numbers."""
    parsed = [match.groupdict() if (match := LINE.fullmatch(line)) else {"line": re.sub(r"\d+", "0", line)}
              for line in lines]
    names = sorted({name for line in parsed for name in line})
    parsed.sort(key=lambda line: line.get("tag", "") + line.get("url", "") + line.get("client", ""))
    return {name: ", ".join(line.get(name, "none") for line in parsed) for name in names}


def fields_of(head):
    """What both tell a parent, in an order of their own: Squid has more fields, and a comment in Via."""
    told = [line for line in head.split("\r\n") if re.match("CONNECT|Host:|Via:|Proxy-Auth", line)]
    return sorted(re.sub(r" \(.*?\)", "", line) for line in told)


worker = None


def start_worker(directory, viaduct):
    global worker
    try:
        worker = Worker(directory, viaduct)
    except Exception as why:  # an exception here would start worker after worker
        worker = why


def work(task):
    """The results of a task, or the text of what went wrong; where there is no world, why."""
    who, kind, number = task
    if isinstance(worker, Exception):
        return task, worker
    try:
        return task, worker.run(who, SCENES[number]) if kind == "scene" else worker.parse(who, BAD[number])
    except Exception as why:
        return task, f"{type(why).__name__}: {why}"


def outcomes(viaduct, scenes, verdicts):
    """What every task came to. Those that wait for clocks come first."""
    if os.geteuid() != 0:
        raise Skip("Squid gives up root's rights, which nobody else has to give up: run this as root")
    tasks = [(who, "scene", number) for number in scenes for who in (SQUID, VIADUCT)]
    tasks.sort(key=lambda task: not any(isinstance(request, Timed) for request in SCENES[task[2]].requests))
    tasks += [(who, "verdict", number) for number in verdicts for who in (SQUID, VIADUCT)]
    with scratch_directory() as directory, \
         multiprocessing.get_context("fork").Pool(WORKERS, start_worker, (directory, viaduct)) as pool:
        found = dict(pool.imap_unordered(work, tasks))
    for result in found.values():
        if isinstance(result, Exception):
            raise result
    return found


# ---- comparison -----------------------------------------------------------------------------------------------------


class Comparison:
    """Knows which differences are expected, and which of them have been met."""

    def __init__(self):
        self.met = set()

    def same(self, where, name, theirs, ours):
        if theirs == ours:
            return True
        for difference in DIFFERENT:
            if difference.fits(where, name, theirs, ours):
                self.met.add(difference)
                return True
        return False

    def request(self, where, wanted, theirs, ours):
        status = theirs["status"] if isinstance(wanted, list) else theirs["status"].split(",")[0]
        expect(status, str(wanted or "none"), "Squid's status")
        if other := next((difference for difference in DIFFERENT if difference.is_whole(where)), None):
            self.met.add(other)
            expect_match(f"^({other.ours})$", ours["status"], "the status")
            return
        wrong = [f"{name} is {ours.get(name)!r}, in Squid {theirs.get(name)!r}"
                 for name in sorted(theirs.keys() | ours.keys())
                 if not self.same(where, name, theirs.get(name, ""), ours.get(name, ""))]
        if wrong:
            raise AssertionError("\n".join(wrong))

    def scene(self, scene, number, theirs, ours):
        for who, result in ((SQUID, theirs), (VIADUCT, ours)):
            if isinstance(result, str):
                raise AssertionError(f"{who}: {result}")
        self.request(f"{scene.name}: {number}", scene.requests[number].status, theirs[number], ours[number])


def said_where(verdict, text):
    """Whether the file and the line are named, in Squid's way or in ours."""
    file = next(iter(verdict.files), CONF) if verdict.included else CONF
    return bool(re.search(rf"{re.escape(file)}(:| line |\(|, line ){verdict.line}\b", text))


def verdict_of_both(verdict, theirs, ours):
    refused = (verdict not in REFUSED_HERE, verdict not in REFUSED_BY_SQUID)
    expect((theirs[0] != 0, ours[0] != 0), refused, f"who refuses it, Squid or viaduct-proxy, which says {ours[1]!r},")
    if refused[1]:
        expect(said_where(verdict, ours[1]), True, f"that line {verdict.line} is named in {ours[1]!r}")


def all_met(comparison):
    """An expectation that nothing has met is out of date."""
    expect([difference.why for difference in DIFFERENT if difference.always and difference not in comparison.met], [],
           "the list of differences that there are no more")


def main(program, part=""):
    tests = Tests()
    scenes = [number for number, scene in enumerate(SCENES) if part in scene.name]
    verdicts = [number for number, verdict in enumerate(BAD) if part in verdict.name]
    found = {}
    tests.run("all scenes in Squid and here", lambda: found.update(outcomes(program, scenes, verdicts)))
    comparison = Comparison()
    for number in scenes if found else ():
        for place, request in enumerate(SCENES[number].requests):
            tests.run(f"{SCENES[number].name}: {place}, {request.name}", comparison.scene, SCENES[number], place,
                      found[SQUID, "scene", number], found[VIADUCT, "scene", number])
    for number in verdicts if found else ():
        tests.run(f"refused: {BAD[number].name}", verdict_of_both, BAD[number], found[SQUID, "verdict", number],
                  found[VIADUCT, "verdict", number])
    if found and not part:
        tests.run("all differences that are expected are there", all_met, comparison)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

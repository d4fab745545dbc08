"""Processes, what they cost, and the load that is put on them.

The contender has the first of this process's CPUs for itself; the load generator, the origin and this driver share the
others. CPU time is that of the whole process tree: the kernel's clock of each live process, which counts the threads
that have ended and is finer than the ticks of /proc/PID/stat, and from /proc/PID/stat the children that have ended.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import time

from harness import LOOPBACK, Program, clean_environment

CPUS = sorted(os.sched_getaffinity(0))
CONTENDER_CPU = CPUS[0]
LOAD_CPUS = CPUS[1:] or CPUS
LOAD_THREADS = min(4, len(LOAD_CPUS))
TICK = os.sysconf("SC_CLK_TCK")
RUN_LIMIT = 60  # seconds that a single run may take


class Invalid(Exception):
    """A run in which something went wrong: it gives no figure."""


# ---- what a process tree costs --------------------------------------------------------------------------------------


def read(path):
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read()


class Tree:
    """A process and its descendants."""

    def __init__(self, pid):
        self.root = pid

    def pids(self):
        found = [self.root]
        for pid in found:
            with contextlib.suppress(OSError):
                for thread in os.listdir(f"/proc/{pid}/task"):
                    found += map(int, read(f"/proc/{pid}/task/{thread}/children").split())
        return found

    def cpu(self):
        """Seconds of CPU so far."""
        return sum(self._cpu_of(pid) for pid in self.pids())

    @staticmethod
    def _cpu_of(pid):
        try:
            ended = read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()[13:15]
            return time.clock_gettime((~pid << 3) | 2) + sum(map(int, ended)) / TICK
        except OSError:
            return 0

    def settled_cpu(self):
        """The same once it stands still, or after half a second: for work that goes on after the load has ended."""
        before = self.cpu()
        for _ in range(25):
            time.sleep(0.02)
            now = self.cpu()
            if now - before < 0.0002:
                break
            before = now
        return now

    def resident(self):
        """Bytes of resident memory; pages that processes of the tree share count once."""
        rolled = []
        for pid in self.pids():
            with contextlib.suppress(OSError):
                rolled.append(read(f"/proc/{pid}/smaps_rollup"))
        field = "Rss" if len(rolled) == 1 else "Pss"
        return sum(int(re.search(rf"(?m)^{field}: +(\d+) kB$", text)[1]) for text in rolled) * 1024

    def busiest_thread(self):
        """Seconds of CPU of the thread that has used most."""
        threads = os.listdir(f"/proc/{self.root}/task")
        return max(int(read(f"/proc/{self.root}/task/{thread}/schedstat").split()[0]) for thread in threads) / 1e9


# ---- contenders that run --------------------------------------------------------------------------------------------


class Running(Program):
    """A contender, pinned to its CPU, in a process group of its own so that nothing of it can be left over."""

    def __init__(self, contender, place, cpus=(CONTENDER_CPU,)):
        self.contender = contender
        self.origin = place.origin
        super().__init__("setsid", "taskset", "-c", ",".join(map(str, cpus)), *contender.command(place))
        self.tree = Tree(self.process.pid)
        try:
            self._await_ready(contender, place)
        except BaseException:
            self.stop()
            raise

    def _await_ready(self, contender, place):
        self.port = place.port.number
        if contender.announces:
            self.port = int(self.await_line(contender.announces)[1])
        else:
            self.await_port(self.port)

    def way(self, spread):
        """How the load generator gets to the origin."""
        door = f"{LOOPBACK}:{self.port}"
        if self.contender.asks:
            return ["--proxy", door, "--target", self.origin, "--spread", str(spread)]
        return ["--direct", door]

    def stop(self):
        """Ends the tree: in order if it does so in time, or else at once."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(3)
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.wait()


class Direct:
    """In the place of a contender: nothing."""

    tree = None

    def __init__(self, contender, place):
        self.contender = contender
        self.origin = place.origin

    def way(self, spread):
        return ["--direct", self.origin, "--spread", str(spread)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


# ---- load -----------------------------------------------------------------------------------------------------------


class Load:
    """A run of the load generator, which waits for its caller once its tunnels are open and once it is done."""

    def __init__(self, program, running, mode, spread, *options):
        command = [program, "load", mode, *running.way(spread), "--threads", str(LOAD_THREADS),
                   "--limit", str(RUN_LIMIT), "--staged", *map(str, options)]
        self.process = subprocess.Popen(command, env=clean_environment(), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.tree = Tree(self.process.pid)

    def await_open(self):
        line = self.process.stdout.readline()
        if line != "open\n":
            raise Invalid(json.loads(line or "{}").get("error", "the load generator has ended"))

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def result(self):
        result = json.loads(self.process.stdout.readline() or '{"errors": 1}')
        if result["errors"]:
            raise Invalid(result.get("error", "the load generator has ended"))
        return result

    def finish(self):
        """Closes the tunnels; fails if one of them had ended before."""
        output, _ = self.process.communicate("\n")
        if self.process.returncode != 0:
            raise Invalid(json.loads(output or "{}").get("error", "the load generator has failed"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def cpu_of(*trees):
    return sum(tree.cpu() for tree in trees if tree)

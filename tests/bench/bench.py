"""Proxies side by side, on one origin and one load generator: what a tunnel costs, a gigabyte, a ping, an idle tunnel.

Every round starts every contender afresh, in an order that moves on by one from round to round, so that what the
machine does beside hits all alike. Each figure is the median of the rounds, with the least and the most.
"""

import argparse
import contextlib
import json
import os
import platform
import resource
import shutil
import signal
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))

import dataclasses

from contenders import CONTENDERS, ORIGIN_ADDRESSES, OURS, VIADUCT_LISTENS, Contender, Place, viaduct_proxy
from harness import Program, ReservedPort, Skip
from measure import CONTENDER_CPU, CPUS, LOAD_CPUS, LOAD_THREADS, Direct, Invalid, Load, Running, Tree, cpu_of
from report import print_report, summarise, write_svg
from syscalls import count_syscalls

FIGURES = ("memory", "setup", "bulk", "ping")
QUICK_SECONDS = 110  # after which a quick run begins nothing new
FEW = 256  # tunnels that a contender is ready for where no idle ones are open; Apache has so many threads then


@dataclasses.dataclass(frozen=True)
class Sizes:
    rounds: int = 5
    setup: int = 8000
    bulk: int = 2_000_000_000
    ping_1: int = 20_000
    ping_32: int = 60_000
    idle: tuple = (1000, 8000)
    beside: tuple = (10, 100, 1000, 8000)
    beside_rounds: int = 3


QUICK = Sizes(rounds=2, setup=1500, bulk=300_000_000, ping_1=4000, ping_32=15_000, idle=(1000,), beside=(10, 1000),
              beside_rounds=1)


class Bench:
    """The origin, the programs, and where the figures go."""

    def __init__(self, programs, sizes, wanted, origin, deadline):
        self.programs = programs
        self.sizes = sizes
        self.wanted = wanted
        self.origin_tree = Tree(origin.process.pid)
        self.origin = "127.0.0.1:" + origin.await_line(r"^listening on 127\.0\.0\.1:(\d+)$")[1]
        self.deadline = deadline
        self.values = {}  # contender -> figure -> one value per round
        self.notes = []

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def late(self):
        return time.monotonic() > self.deadline

    # ---- runs

    @contextlib.contextmanager
    def running(self, contender, tunnels=FEW, cpus=(CONTENDER_CPU,)):
        """A contender that is set up for so many tunnels, started afresh; one tunnel has gone through it."""
        directory = tempfile.mkdtemp(prefix="viaduct-bench-")
        os.chmod(directory, 0o777)  # some go on as another user
        try:
            place = Place(directory, ReservedPort(), self.origin, tunnels, self.programs)
            with Direct(contender, place) if contender.kind == "direct" else Running(contender, place, cpus) as it:
                self.run(it, "setup", "--count", 1)
                yield it
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def load(self, running, mode, *options):
        return Load(self.programs["bench-load"], running, mode, ORIGIN_ADDRESSES, *options)

    def run(self, running, mode, *options):
        """One run; the load's object with the CPU of the contender, and that of the load and the origin."""
        with self.load(running, mode, *options) as load:
            load.await_open()
            before, load_before = cpu_of(running.tree), cpu_of(load.tree, self.origin_tree)
            load.go_on()
            result = load.result()
            if running.tree:
                settle = mode == "setup"  # the last tunnels are still being closed
                result["cpu"] = (running.tree.settled_cpu() if settle else running.tree.cpu()) - before
            result["load_cpu"] = cpu_of(load.tree, self.origin_tree) - load_before
            load.finish()
        return result

    @contextlib.contextmanager
    def idle(self, running, count):
        """So many tunnels, open and silent for as long as the context lasts."""
        with self.load(running, "idle", "--tunnels", count) as load:
            load.await_open()
            load.go_on()
            load.result()
            yield
            load.finish()

    # ---- figures: each function returns figure -> value

    def setup(self, running):
        done = self.run(running, "setup", "--tunnels", 32, "--count", self.sizes.setup)
        return {"setup_cpu": per(done, "done", 1e6), "setup_rate": done["done"] / done["seconds"],
                "setup_load": busy(done)}

    def bulk(self, running):
        figures = {}
        for direction in ("down", "up"):
            for tunnels in (1, 8):
                done = self.run(running, "bulk", "--tunnels", tunnels, "--bytes", self.sizes.bulk, "--" + direction)
                name = f"{direction}{tunnels}"
                figures |= {name + "_cpu": per(done, "bytes", 1e9), name + "_load": busy(done),
                            name + "_rate": done["bytes"] / done["seconds"] / 1e9}
        return figures

    def ping(self, running):
        figures = {}
        for tunnels, count in ((1, self.sizes.ping_1), (32, self.sizes.ping_32)):
            done = self.run(running, "ping", "--tunnels", tunnels, "--count", count)
            name = f"ping{tunnels}"
            figures |= {name + "_cpu": per(done, "done", 1e6), name + "_load": busy(done),
                        name + "_p50": done["p50_us"], name + "_p99": done["p99_us"]}
        return figures

    def memory(self, running):
        """The first level's tunnels stay open while the next level adds what it has more."""
        start, opened = running.tree.resident(), 0
        figures = {"start": start / 1e6}
        with contextlib.ExitStack() as stack:
            for level in self.sizes.idle:
                count = self.fitting(running.contender, level)
                if count > opened:
                    stack.enter_context(self.idle(running, count - opened))
                    figures[f"idle{level}"] = (running.tree.resident() - start) / count / 1000
                    opened = count
        return figures

    def fitting(self, contender, level):
        """As many idle tunnels, or those for which the system gives descriptors to one process."""
        count = min(level, (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 300) // contender.descriptors)
        if count < level:
            self.note(f"{contender.name}: {count} idle tunnels instead of {level}, for lack of descriptors")
        return count

    # ---- rounds

    def measure(self, contender, name):
        """Starts a contender for one kind of figure. Whatever goes wrong leaves the figures out, and is told."""
        try:
            with self.running(contender, max(self.sizes.idle) if name == "memory" else FEW) as running:
                for figure, value in getattr(self, name)(running).items():
                    if value is not None:
                        self.values.setdefault(contender.name, {}).setdefault(figure, []).append(value)
        except Skip as why:
            self.note(f"{contender.name}: {why}")
        except (Invalid, AssertionError, OSError, ValueError) as why:
            self.note(f"{contender.name}: no figures of one run ({name}): {why}")

    def round(self, contenders):
        for contender in contenders:
            tell(f"  {contender.name}")
            for name in self.wanted:
                if self.late():
                    return self.note("time was up before the last round had ended; some figures have a value less")
                if name in contender.figures:
                    self.measure(contender, name)

    def rounds(self, contenders):
        count, took = 0, 0
        for count in range(1, self.sizes.rounds + 1):
            begin = time.monotonic()
            if begin + took > self.deadline:
                return count - 1
            tell(f"round {count} of {self.sizes.rounds}")
            turn = (count - 1) % len(contenders)
            self.round(contenders[turn:] + contenders[:turn])
            took = time.monotonic() - begin
        return count

    # ---- our own proxy alone

    def flatness(self, contender):
        """Cost per tunnel and per ping while so many idle tunnels are open beside."""
        curve = []
        for wanted in self.sizes.beside:
            level = self.fitting(contender, wanted)
            if self.late():
                break
            tell(f"  {level} idle tunnels beside")
            tunnel, ping = [], []
            for _ in range(self.sizes.beside_rounds):
                with self.running(contender, level) as running, self.idle(running, level):
                    tunnel.append(self.setup(running)["setup_cpu"])
                    done = self.run(running, "ping", "--tunnels", 32, "--count", self.sizes.ping_32)
                    ping.append(per(done, "done", 1e6))
            curve.append({"idle": level, "setup_cpu": statistics.median(tunnel), "ping32_cpu": statistics.median(ping)})
        return curve

    def workers(self):
        """Tunnels that two workers carry for one of a single worker, when each has a CPU of its own.

        The load has no CPU apart on a machine of two, so this counts CPU: the worker that has used most is the one
        that would be full first.
        """
        if not offers_workers(self.programs["viaduct-proxy"]):
            return self.note("viaduct-proxy has no --workers: two workers were not measured against one")
        costs = {}
        for count in (1, 2):
            contender = Contender(f"{count} workers", "ours", viaduct_proxy("--workers", str(count)),
                                  announces=VIADUCT_LISTENS)
            samples = []
            for _ in range(self.sizes.beside_rounds):
                with self.running(contender, FEW, CPUS[:2]) as running:
                    before = running.tree.busiest_thread()
                    self.setup(running)
                    samples.append((running.tree.busiest_thread() - before) / self.sizes.setup * 1e6)
            costs[count] = statistics.median(samples)
        return {"one_us": costs[1], "two_us": costs[2], "gain": costs[1] / costs[2]}


def per(done, amount, scale):
    return done["cpu"] / done[amount] * scale if "cpu" in done else None


def busy(done):
    """The part of the time in which the load and the origin had their CPU busy: near 1, the load was the limit."""
    return done["load_cpu"] / done["seconds"] / len(LOAD_CPUS)


def offers_workers(program):
    with Program(program, "--help") as helper:
        helper.wait()
        return any("--workers" in line for line in helper.lines)


def tell(text):
    print(text, file=sys.stderr, flush=True)


# ---- the command ----------------------------------------------------------------------------------------------------


def parse_arguments():
    names = [contender.name for contender in CONTENDERS]
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0],
                                     epilog="'./dev bench client' measures what a tunnel costs its client instead.")
    parser.add_argument("--programs", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--proxy", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="two minutes: fewer octets, fewer rounds, 1,000 idle")
    parser.add_argument("--only", metavar="NAME,...", help="some of " + ", ".join(names))
    parser.add_argument("--figures", metavar="NAME,...", help="some of " + ", ".join(FIGURES) + "; then nothing else")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds (5; with --quick 2)")
    parser.add_argument("--json", metavar="FILE", help="write every value there")
    parser.add_argument("--svg", metavar="FILE", help="draw the figures there")
    parser.add_argument("--syscalls", action="store_true", help="only count the system calls of a tunnel, with strace")
    typed = parser.parse_args()
    wanted = some_of(parser, typed.only, names, "contender")
    typed.wanted = some_of(parser, typed.figures, FIGURES, "figure")
    if typed.rounds is not None and typed.rounds < 1:
        parser.error("--rounds needs at least 1")
    typed.contenders = [contender for contender in CONTENDERS if contender.name in wanted]
    return typed


def some_of(parser, typed, names, what):
    wanted = typed.split(",") if typed else names
    for name in wanted:
        if name not in names:
            parser.error(f"there is no {what} {name!r}; there are: {', '.join(names)}")
    return wanted


def raise_descriptor_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def machine():
    model = next((line.split(": ", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="ascii")
                  if line.startswith("model name")), platform.machine())
    return {"cpu": model, "cpus": len(CPUS), "kernel": platform.release(), "contender_cpu": CONTENDER_CPU,
            "load_cpus": LOAD_CPUS, "load": os.getloadavg()[0]}


def measure_all(bench, typed):
    report = {"machine": machine(), "quick": typed.quick, "sizes": dataclasses.asdict(bench.sizes)}
    report["rounds"] = bench.rounds(typed.contenders)
    if OURS in typed.contenders and not typed.figures:
        tell("viaduct-proxy alone")
        report["flatness"] = bench.flatness(OURS)
        report["workers"] = None if bench.late() else bench.workers()
    if any(contender.name == "apache" for contender in typed.contenders):
        bench.note(f"apache has a thread for each tunnel that may be open: at start {max(bench.sizes.idle)}")
    report["figures"] = summarise(bench.values, typed.contenders)
    report["notes"] = bench.notes
    return report


def write_files(typed, report):
    if typed.json:
        with open(typed.json, "w", encoding="ascii") as file:
            json.dump(report, file, indent=1)
    if typed.svg and "figures" in report:
        write_svg(typed.svg, report)


def main():
    typed = parse_arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _: sys.exit(128 + caught))  # on the way out every context ends its program
    raise_descriptor_limit()
    os.sched_setaffinity(0, LOAD_CPUS)  # this driver, and what inherits from it: the origin and the load
    programs = {name: os.path.join(typed.programs, name) for name in ("bench-load", "bench-floor")}
    programs["viaduct-proxy"] = typed.proxy
    sizes = QUICK if typed.quick else Sizes()
    if typed.rounds:
        sizes = dataclasses.replace(sizes, rounds=typed.rounds)
    deadline = time.monotonic() + (QUICK_SECONDS if typed.quick else float("inf"))
    with Program(programs["bench-load"], "origin", "--threads", str(LOAD_THREADS)) as origin:
        bench = Bench(programs, sizes, typed.wanted, origin, deadline)
        report = {"syscalls": count_syscalls(bench, typed.contenders)} if typed.syscalls else measure_all(bench, typed)
    print_report(report)
    write_files(typed, report)


if __name__ == "__main__":
    main()

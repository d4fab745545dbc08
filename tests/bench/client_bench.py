"""What a tunnel costs its client: Viaduct beside libcurl, through viaduct-proxy, in the same run.

Each round starts the proxy afresh for every row, and the rows' order moves on by one, so that what the machine does
beside hits all alike. The client has a CPU for itself; the proxy and the origin share the others. Figures with a clock
in them are medians of the rounds, ratios are medians of the ratios of each round; instructions, allocations and system
calls are counted, and hardly depend on the load.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))

from bench import machine, tell
from contenders import ORIGIN_ADDRESSES, VIADUCT_LISTENS, VIADUCT_OPTIONS
from harness import Program, Skip, clean_environment, find_program
from measure import CONTENDER_CPU, LOAD_CPUS
from report import print_table

ROUNDS, COUNT, WARM_UP = 15, 500, 100
COUNTED = 500  # tunnels that one run under strace or valgrind has more than another
FLOW = 64 << 20
LIMIT = 120  # seconds for any one run


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    program: str
    mode: str
    against: str = ""  # the row of libcurl that it is compared with
    basic: bool = False


FLOOR, LIBCURL, LIBCURL_BASIC = "the floor", "libcurl, one handle", "libcurl, one handle, Basic"
ROWS = (
    Row(FLOOR, "floor", "floor", LIBCURL),
    Row(LIBCURL, "libcurl", "one-handle"),
    Row("libcurl, a handle each", "libcurl", "handles"),
    Row("dialer, a socket", "viaduct", "dial", LIBCURL),
    Row("dialer, a tunnel", "viaduct", "tunnel", LIBCURL),
    Row("async_connect_tunnel", "viaduct", "exchange", LIBCURL),
    Row(LIBCURL_BASIC, "libcurl", "one-handle", basic=True),
    Row("dialer, a socket, Basic", "viaduct", "dial", LIBCURL_BASIC, True),
    Row("async_connect_tunnel, Basic", "viaduct", "exchange", LIBCURL_BASIC, True),
)
FLOWS = tuple(row for row in ROWS if row.mode in ("handles", "dial", "tunnel") and not row.basic)


class ClientBench:
    """The origin, the programs, and how a client is run."""

    def __init__(self, programs, proxy, port):
        self.programs = programs
        self.proxy = proxy
        self.port = port
        self.targets = 0

    def target(self):
        """Another address each time, of one length: the ports of connections that have just ended cannot run out."""
        self.targets += 1
        return f"127.0.0.{10 + self.targets % (ORIGIN_ADDRESSES - 9)}:{self.port}"

    def run(self, row, *options, under=()):
        """One run of a client through a proxy of its own; what it printed, and what the program around it did."""
        with Program("taskset", "-c", ",".join(map(str, LOAD_CPUS)), self.proxy, *VIADUCT_OPTIONS) as proxy:
            port = proxy.await_line(VIADUCT_LISTENS)[1]
            command = ["taskset", "-c", str(CONTENDER_CPU), *under, os.path.join(self.programs, "bench-client-") +
                       row.program, row.mode, "--proxy", f"127.0.0.1:{port}", "--target", self.target(),
                       *["--basic"] * row.basic, *map(str, options)]
            done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=LIMIT)
        if done.returncode != 0:
            raise AssertionError(f"{row.name}: {done.stderr or done.stdout}")
        return json.loads(done.stdout), done.stderr

    def tunnels(self, row, count):
        done, _ = self.run(row, "--count", count, "--warm-up", WARM_UP)
        each = ("cpu_us", "allocations", "heap_octets")
        return {"p50_us": done["p50_us"], "p99_us": done["p99_us"]} | {key: done[key] / count for key in each}

    def allocations_per_mebibyte(self, row):
        return self.run(row, "--bytes", FLOW)[0]["allocations"] / (FLOW >> 20)

    # ---- counted: what a longer run has more than a shorter one

    def instructions(self, row):
        """Of the program itself, without the kernel's."""
        under = (find_program("valgrind"), "--tool=callgrind", "--callgrind-out-file=/dev/null")
        def count(tunnels):
            return int(re.search(r"Collected : (\d+)", self.run(row, "--count", tunnels, under=under)[1])[1])
        return (count(1 + COUNTED) - count(1)) / COUNTED

    def system_calls(self, row):
        short, long = (self.traced(row, tunnels) for tunnels in (1, 1 + COUNTED))
        more = {call: (number - short.get(call, 0)) / COUNTED for call, number in long.items()}
        return {call: number for call, number in sorted(more.items(), key=lambda item: -item[1]) if number >= 0.05}

    def traced(self, row, tunnels):
        with tempfile.NamedTemporaryFile("r", encoding="ascii") as log:
            self.run(row, "--count", tunnels,
                     under=(find_program("strace"), "-c", "-f", "-U", "calls,name", "-o", log.name))
            lines = (re.match(r"\s*(\d+)\s+(\w+)$", line) for line in log)
            return {line[2]: int(line[1]) for line in lines if line and line[2] != "total"}


# ---- sums -----------------------------------------------------------------------------------------------------------


def measure(bench, rounds, count):
    values = {row.name: [] for row in ROWS}
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}")
        turn = number % len(ROWS)
        for row in ROWS[turn:] + ROWS[:turn]:
            values[row.name].append(bench.tunnels(row, count))
    report = {"machine": machine(), "rounds": rounds, "tunnels": count, "values": values}
    report["figures"] = {name: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
                         for name, runs in values.items()}
    for figures in report["figures"].values():
        figures["above_us"] = figures["cpu_us"] - report["figures"][FLOOR]["cpu_us"]
    tell("allocations of a flow, system calls, instructions")
    report["flow"] = {row.name: bench.allocations_per_mebibyte(row) for row in FLOWS}
    with contextlib.suppress(Skip):
        report["system_calls"] = {row.name: bench.system_calls(row) for row in ROWS}
        for name, calls in report["system_calls"].items():
            report["figures"][name]["calls"] = sum(calls.values())
    with contextlib.suppress(Skip):
        for row in ROWS:
            report["figures"][row.name]["instructions"] = bench.instructions(row)
    report["ratios"] = {row.name: ratios(report, row) for row in ROWS if row.against}
    return report


def ratios(report, row):
    """With a clock: the median of the rounds' ratios."""
    of_medians = {key: value / report["figures"][row.against][key]
                  for key, value in report["figures"][row.name].items()}
    pairs = list(zip(report["values"][row.name], report["values"][row.against]))
    return of_medians | {key: statistics.median(ours[key] / theirs[key] for ours, theirs in pairs) for key in pairs[0][0]}


# ---- the table ------------------------------------------------------------------------------------------------------

COLUMNS = (("p50 us", "p50_us"), ("p99 us", "p99_us"), ("CPU us", "cpu_us"), ("above floor", "above_us"),
           ("instructions", "instructions"), ("system calls", "calls"), ("allocations", "allocations"),
           ("octets", "heap_octets"))


def print_rows(title, rows, form):
    titles = [["", *(column for column, _ in COLUMNS)]]
    print_table(title, titles + [[name, *(form(figures[key]) if key in figures else "-" for _, key in COLUMNS)]
                                 for name, figures in rows.items()])


def print_report(report):
    where = report["machine"]
    print(f"{where['cpu']}, {where['cpus']} CPUs, Linux {where['kernel']}, load {where['load']:.1f};"
          f" {report['rounds']} rounds of {report['tunnels']} tunnels, one after the other")
    print_rows("A tunnel, from nothing to closed", report["figures"], lambda value: f"{value:.4g}")
    print_rows("The same, times that of libcurl with one handle", report["ratios"], lambda value: f"{value:.2f}")
    print_table(f"Allocations per MiB, {FLOW >> 20} MiB through one tunnel into a fixed buffer",
                [["", "allocations"], *([name, f"{number:.2f}"] for name, number in report["flow"].items())])
    for name, calls in report.get("system_calls", {}).items():
        counts = (f"{call} {number:.1f}".removesuffix(".0") for call, number in calls.items())
        print(f"\n{name}: {', '.join(counts)}")


# ---- the command ----------------------------------------------------------------------------------------------------


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench client", description=__doc__.splitlines()[0])
    parser.add_argument("--programs", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--proxy", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help=f"rounds ({ROUNDS})")
    parser.add_argument("--count", type=int, default=COUNT, metavar="N", help=f"tunnels of a row and round ({COUNT})")
    parser.add_argument("--json", metavar="FILE", help="write every value there")
    typed = parser.parse_args()
    if typed.rounds < 1 or typed.count < 1:
        parser.error("--rounds and --count need at least 1")
    return typed


def main():
    typed = parse_arguments()
    os.sched_setaffinity(0, LOAD_CPUS)  # this driver, and what inherits from it: the origin
    with Program(os.path.join(typed.programs, "bench-load"), "origin") as origin:
        port = origin.await_line(r"^listening on 127\.0\.0\.1:(\d+)$")[1]
        report = measure(ClientBench(typed.programs, typed.proxy, port), typed.rounds, typed.count)
    print_report(report)
    if typed.json:
        with open(typed.json, "w", encoding="ascii") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()

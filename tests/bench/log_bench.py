"""What a line of log costs: each format and each place beside spdlog, and a tunnel of viaduct-proxy with and without one.

The rows of a program of its own first; then viaduct-proxy with its log on and off, started afresh in every round, in an
order that changes. CPU is what the kernel accounts to the process, all of its threads included.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))

from bench import Bench, Sizes, machine, raise_descriptor_limit, tell
from contenders import VIADUCT_LISTENS, Contender, viaduct_proxy
from harness import Program, clean_environment
from measure import LOAD_CPUS
from report import print_table

ROUNDS, RECORDS, TUNNELS = 7, 200_000, 8000
LIMIT = 300  # seconds for the rows
OFF, ON = "without a log", "with a log"
SPDLOG = "spdlog, asynchronous, a file"


# ---- rows -----------------------------------------------------------------------------------------------------------


def measure_rows(program, rounds, records):
    with tempfile.TemporaryDirectory(prefix="viaduct-bench-") as directory:
        command = [program, "--directory", directory, "--rounds", rounds, "--count", records]
        done = subprocess.run(list(map(str, command)), env=clean_environment(), stdout=subprocess.PIPE, text=True,
                              timeout=LIMIT, check=True)
    return json.loads(done.stdout)


def print_rows(rows):
    formats = [row for row in rows if row["kind"] == "format"]
    print_table("A record becomes a line", [["", "ns", "octets", "allocations"]] + [
        [row["name"], f"{row['writer_ns']:.0f}", f"{row['octets']:.0f}", f"{row['allocations']:.2f}"]
        for row in formats])
    peer = next(row for row in rows if row["name"] == SPDLOG)
    print_table("Squid's line is written", [["", "ns for the writer", "x spdlog", "CPU ns", "x spdlog", "records/s",
                                             "allocations", "lost"]] + [
        [row["name"], f"{row['writer_ns']:.0f}", f"{row['writer_ns'] / peer['writer_ns']:.2f}",
         f"{row['cpu_ns']:.0f}", f"{row['cpu_ns'] / peer['cpu_ns']:.2f}", f"{1e9 / row['all_ns']:.0f}",
         f"{row['allocations']:.2f}", f"{row['lost']:.0f}"] for row in rows if row["kind"] == "sink"])


# ---- the proxy ------------------------------------------------------------------------------------------------------


def measure_proxy(programs, proxy, rounds, tunnels):
    """CPU us per tunnel, one value a round."""
    ways = [Contender(OFF, "ours", viaduct_proxy(), announces=VIADUCT_LISTENS),
            Contender(ON, "ours", viaduct_proxy("--access-log", "{root}/access.log"), announces=VIADUCT_LISTENS)]
    values = {way.name: [] for way in ways}
    with Program(os.path.join(programs, "bench-load"), "origin") as origin:
        bench = Bench({"bench-load": os.path.join(programs, "bench-load"), "viaduct-proxy": proxy},
                      Sizes(setup=tunnels), ("setup",), origin, float("inf"))
        for number in range(rounds):
            tell(f"viaduct-proxy, round {number + 1} of {rounds}")
            for way in ways if number % 2 else ways[::-1]:
                with bench.running(way) as running:
                    values[way.name].append(bench.setup(running)["setup_cpu"])
    return values


def print_proxy(values):
    ratio = statistics.median(on / off for on, off in zip(values[ON], values[OFF]))
    spread = {name: f"{statistics.median(v):.1f} ({min(v):.1f} to {max(v):.1f})" for name, v in values.items()}
    print_table("viaduct-proxy, 32 tunnels at a time", [["", "CPU us per tunnel"],
                                                        *([name, text] for name, text in spread.items()),
                                                        ["with / without", f"{ratio:.3f}"]])


# ---- the command ----------------------------------------------------------------------------------------------------


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench log", description=__doc__.splitlines()[0])
    parser.add_argument("--programs", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--proxy", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help=f"rounds ({ROUNDS})")
    parser.add_argument("--records", type=int, default=RECORDS, metavar="N", help=f"of a row and round ({RECORDS})")
    parser.add_argument("--tunnels", type=int, default=TUNNELS, metavar="N",
                        help=f"of the proxy in a round ({TUNNELS}); 0 leaves it out")
    parser.add_argument("--json", metavar="FILE", help="write every value there")
    typed = parser.parse_args()
    if typed.rounds < 1 or typed.records < 1 or typed.tunnels < 0:
        parser.error("--rounds and --records need at least 1")
    return typed


def main():
    typed = parse_arguments()
    raise_descriptor_limit()
    tell("formats and places")
    report = {"machine": machine(),
              "rows": measure_rows(os.path.join(typed.programs, "bench-log"), typed.rounds, typed.records)}
    where = report["machine"]
    print(f"{where['cpu']}, {where['cpus']} CPUs, Linux {where['kernel']}, load {where['load']:.1f};"
          f" {typed.rounds} rounds of {typed.records} records")
    print_rows(report["rows"])
    if typed.tunnels:
        os.sched_setaffinity(0, LOAD_CPUS)  # this driver, and what inherits from it: the origin and the load
        report["proxy"] = measure_proxy(typed.programs, typed.proxy, typed.rounds, typed.tunnels)
        print_proxy(report["proxy"])
    if typed.json:
        with open(typed.json, "w", encoding="ascii") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()

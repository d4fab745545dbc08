"""What rules cost: a tunnel of viaduct-proxy with few rules and with thousands, beside Squid with the same squid.conf.

The tunnels match no rule but the last, so every rule has its say. Every round starts every contender afresh, in an order
that moves on; ratios are those of one round, and their median is told with the least and the most. CPU is what the kernel
accounts to the process, all of its threads included.
"""

import argparse
import dataclasses
import json
import os
import signal
import statistics
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))

from bench import Bench, Sizes, machine, raise_descriptor_limit, tell
from contenders import OURS, SQUID, Contender
from harness import Program, find_program
from measure import LOAD_CPUS, Invalid
from report import print_table

ROUNDS, TUNNELS = 5, 3000
SQUIDS = "squid"
LINE = 10  # domains a line; Squid cuts long lines


@dataclasses.dataclass(frozen=True)
class Shape:
    rules: int
    domains: int

    @property
    def name(self):
        return f"{self.rules:,} rules, {self.domains:,} domains"


FEW = Shape(10, 100)
SHAPES = (FEW, Shape(10, 20_000), Shape(2000, 20_000))


def rules_of(shape):
    """Half of the rules ask for the domain alone, and half of them for a network before."""
    each = shape.domains // shape.rules
    for rule in range(shape.rules):
        for first in range(rule * each, (rule + 1) * each, LINE):
            names = " ".join(f".{word_of(number)}.example" for number in range(first, first + LINE))
            yield f"acl site{rule} dstdomain -n {names}"
        network = f"net{rule} " if rule % 2 else ""
        if network:
            yield f"acl net{rule} src 10.{rule >> 8}.{rule & 255}.0/24"
        yield f"http_access deny {network}site{rule}"
    yield "http_access allow all"


def word_of(number):
    """Names that are as different as those of real lists are, and the same ones in every run."""
    return f"{number * 2_654_435_761 % 2**32:08x}"


# ---- contenders -----------------------------------------------------------------------------------------------------

def configuration(place, shape):
    """One file for both."""
    head = SQUID.replace("http_access allow all\n", "")
    return place.write("squid.conf", head + "\n".join(rules_of(shape)) + "\n")


def viaduct_proxy(shape):
    return lambda place: [place.programs[OURS.name], "-f", configuration(place, shape)]


def squid(shape):
    return lambda place: [find_program("squid"), "-N", "-n", f"viaduct{place.port.number}", "-f",
                          configuration(place, shape)]


def contenders(wanted):
    """In the order of the table."""
    return [(shape, kind, Contender(f"{kind}, {shape.name}", "proxy", command(shape)))
            for shape in SHAPES for kind, command in ((OURS.name, viaduct_proxy), (SQUIDS, squid)) if kind in wanted]


# ---- rounds ---------------------------------------------------------------------------------------------------------


def measure(bench, contender):
    """CPU us per tunnel, MB of resident memory, and seconds until it has carried its first tunnel."""
    begun = time.monotonic()
    with bench.running(contender) as running:
        ready = time.monotonic() - begun
        bench.setup(running)  # the first ones warm it up
        return {"cpu": bench.setup(running)["setup_cpu"], "memory": running.tree.resident() / 1e6, "ready": ready}


def measure_all(bench, wanted, rounds):
    """(shape, kind) -> figure -> one value a round."""
    runs = contenders(wanted)
    values = {(shape, kind): {"cpu": [], "memory": [], "ready": []} for shape, kind, _ in runs}
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}")
        turn = number % len(runs)
        for shape, kind, contender in runs[turn:] + runs[:turn]:
            tell(f"  {contender.name}")
            for figure, value in measure(bench, contender).items():
                values[shape, kind][figure].append(value)
    return values


# ---- telling --------------------------------------------------------------------------------------------------------


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def ratios(values, over):
    return spread([value / other for value, other in zip(values, over)])


def print_values(values):
    rows = [["", "", "CPU us per tunnel", "x few rules", "x squid", "resident MB", "ready after s"]]
    for (shape, kind), figures in values.items():
        peer = values.get((shape, SQUIDS))
        rows.append([shape.name, kind, spread(figures["cpu"], 1), ratios(figures["cpu"], values[FEW, kind]["cpu"]),
                     ratios(figures["cpu"], peer["cpu"]) if peer and kind != SQUIDS else "-",
                     f"{statistics.median(figures['memory']):.1f}", f"{statistics.median(figures['ready']):.2f}"])
    print_table("A tunnel that no rule is about, 32 at a time", rows)


# ---- the command ----------------------------------------------------------------------------------------------------


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench rules", description=__doc__.splitlines()[0])
    parser.add_argument("--programs", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--proxy", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help=f"rounds ({ROUNDS})")
    parser.add_argument("--tunnels", type=int, default=TUNNELS, metavar="N", help=f"of each in a round ({TUNNELS})")
    parser.add_argument("--only", choices=(OURS.name, SQUIDS), help="one of the two")
    parser.add_argument("--json", metavar="FILE", help="write every value there")
    typed = parser.parse_args()
    if typed.rounds < 1 or typed.tunnels < 1:
        parser.error("--rounds and --tunnels need at least 1")
    return typed


def main():
    typed = parse_arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _: sys.exit(128 + caught))  # on the way out every context ends its program
    raise_descriptor_limit()
    os.sched_setaffinity(0, LOAD_CPUS)  # this driver, and what inherits from it: the origin and the load
    programs = {"bench-load": os.path.join(typed.programs, "bench-load"), OURS.name: typed.proxy}
    where = machine()
    print(f"{where['cpu']}, {where['cpus']} CPUs, Linux {where['kernel']}, load {where['load']:.1f};"
          f" {typed.rounds} rounds of {typed.tunnels} tunnels", flush=True)
    with Program(programs["bench-load"], "origin") as origin:
        bench = Bench(programs, Sizes(setup=typed.tunnels), ("setup",), origin, float("inf"))
        try:
            values = measure_all(bench, (typed.only,) if typed.only else (OURS.name, SQUIDS), typed.rounds)
        except (Invalid, AssertionError) as why:
            sys.exit(f"no figures: {why}")
    print_values(values)
    if typed.json:
        with open(typed.json, "w", encoding="ascii") as file:
            json.dump({"machine": where, "values": [{"shape": shape.name, "of": kind} | figures
                                                    for (shape, kind), figures in values.items()]}, file, indent=1)


if __name__ == "__main__":
    main()

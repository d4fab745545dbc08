"""The system calls of one tunnel, from accept to close, as strace sees them."""

import collections
import re
import signal
import statistics
import tempfile

from harness import Program, find_program

TUNNELS = 100
NAMES = ("viaduct-proxy", "floor-splice", "floor-copy")
CALL = re.compile(r"^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed>).* = (-?\d+|\?)")  # whole, or the end of one cut in two


def count_syscalls(bench, contenders):
    return {contender.name: count_of(bench, contender) for contender in contenders if contender.name in NAMES}


def count_of(bench, contender):
    with bench.running(contender) as running, tempfile.NamedTemporaryFile("r", encoding="ascii") as log:
        with Program(find_program("strace"), "-f", "-o", log.name, "-p", str(running.process.pid)) as tracer:
            tracer.await_line("attached")
            bench.run(running, "setup", "--tunnels", 1, "--count", TUNNELS)
            tracer.process.send_signal(signal.SIGINT)
            tracer.wait()
        return summary(tunnels_in(log))


def tunnels_in(lines):
    """One counter for each tunnel; one tunnel follows the other, so each goes from an accept to the next."""
    tunnels = []
    for line in lines:
        if match := CALL.match(line):
            call, result = match.groups()
            if call.startswith("accept") and result.isdigit():
                tunnels.append(collections.Counter())
            if tunnels:
                tunnels[-1][call] += 1
    return tunnels[:-1]  # after the last one there is no accept to end it


def summary(tunnels):
    calls = sorted({call for tunnel in tunnels for call in tunnel})
    medians = {call: statistics.median(tunnel[call] for tunnel in tunnels) for call in calls}
    used = {call: count for call, count in medians.items() if count > 0}
    return {"tunnels": len(tunnels), "total": statistics.median(tunnel.total() for tunnel in tunnels),
            "calls": dict(sorted(used.items(), key=lambda item: -item[1]))}

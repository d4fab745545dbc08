"""What a soak has shown: the figures, and for each that has to be a certain one whether it is."""

import collections
import re
import typing

from harness import printable
from world import KEPT, MOVED, MORTAL, number_of

# What is lost with every request shows as growth: 64 octets are less than any of the objects that a tunnel is made of.
# The rest is for what the busiest moments leave to the allocator: those of the last fifth are not those of the second.
LEAK = 64  # octets a request
SLACK = 1024  # KiB
KEPT_PIPES = 2 + 2 * 2 * 16  # its output; and two workers, two ends, as many as a worker keeps
LONG = 120  # seconds from which on there are enough requests for that


class Claim(typing.NamedTuple):
    what: str
    figure: str
    holds: bool | None  # None: only told


# ---- lines of the log -----------------------------------------------------------------------------------------------


class Lines:
    """The lines of all files of a log, against the requests that there have been."""

    def __init__(self, files, load):
        self._load = load
        self.counts, self.strange, self.wrong = collections.Counter(), [], []
        for path in files:
            with open(path, encoding="latin-1", newline="\n") as file:
                for line in file:
                    self._take(line)
        self.missing = [number for number in load.expected if not self.counts[number]]
        self.doubled = [number for number, count in self.counts.items() if count > 1]

    def _take(self, line):
        words = line.split() if line.endswith("\n") else []
        number = number_of(words[0]) if len(words) == 3 and words[1].isdigit() else None
        if number not in self._load.expected:
            return self.strange.append(line[:80])
        self.counts[number] += 1
        if int(words[1]) not in self._load.expected[number]:
            self.wrong.append(f"{number} has {words[1]} instead of {sorted(self._load.expected[number])}")
        elif number in self._load.through_mortal and words[2] not in (MORTAL, "-"):
            self.wrong.append(f"{number} was cut although its parent was {words[2]}")

    def claims(self, name):
        total = sum(self.counts.values())
        yield Claim(f"{name}: lines", f"{total} for {self._load.begun} requests", total == self._load.begun)
        for what, some in (("missing", self.missing), ("there twice", self.doubled), ("strange", self.strange),
                           ("with another outcome", self.wrong)):
            yield Claim(f"{name}: lines {what}", f"{len(some)}" + (f": {some[:5]}" if some else ""), not some)


# ---- memory ---------------------------------------------------------------------------------------------------------


def memory(watch, judged):
    """The medians of the second and the last fifth: what a moment needs goes up and down."""
    early, late = watch.median(0.2, 0.4), watch.median(0.8, 1)
    requests = watch.median(0.8, 1, "requests") - watch.median(0.2, 0.4, "requests")
    bound = SLACK + requests * LEAK / 1024
    mib = lambda kib: f"{kib / 1024:.1f} MiB"
    yield Claim("resident, at 20 % of the time, at its end, most",
                ", ".join(map(mib, (watch.between(0.2, 1)[0].resident, watch.looks[-1].resident,
                                    max(look.resident for look in watch.looks)))), None)
    yield Claim("resident, in the second fifth and in the last",
                f"{mib(early)}, {mib(late)}, at most {mib(early + bound)}" + ("" if judged else "; not judged"),
                late - early <= bound if judged else None)


# ---- what the proxy said --------------------------------------------------------------------------------------------

USUAL = (r"listening on ", r"configuration (not )?reloaded", r"squid\.conf:\d+: htp_access: ", r"\d+ open tunnel",
         r"squid\.conf:\d+: \S+: .* ignored$", r"parent \S+ ")


def unusual(lines):
    """What it told that a proxy under this load need not tell."""
    pattern = "^viaduct-proxy: .*(" + "|".join(USUAL) + ")"
    return [line for line in lines if not re.search(pattern, line)]


# ---- the whole ------------------------------------------------------------------------------------------------------


def claims_of(soak):
    load, watch = soak.load, soak.watch
    yield Claim("unexpected outcomes", str(soak.trouble.count), soak.trouble.count == 0)
    yield Claim("tunnels with wrong octets", str(load.wrong_octets), load.wrong_octets == 0)
    never = [kind.name for kind, account in load.accounts.items() if not account.well + account.cut]
    yield Claim("kinds of requests that never came to their end", str(never or 0), not never)
    for name in (MOVED, KEPT):
        yield from Lines(soak.world.logs(name), load).claims(name)
    yield from memory(watch, soak.judges_memory)
    before, after = soak.before, soak.after
    yield Claim("descriptors but for pipes, at the start, most, at the end",
                f"{before.others}, {max(look.others for look in watch.looks)}, {after.others}",
                before.others == after.others)
    yield Claim("descriptors of pipes", f"{after.pipes}, at most {KEPT_PIPES}", after.pipes <= KEPT_PIPES)
    most_threads = max(look.threads for look in watch.looks)
    yield Claim("threads, in the second fifth, most, at the end",
                f"{watch.usual_threads:g}, {most_threads}, {after.threads}", after.threads <= watch.usual_threads)
    yield Claim("open tunnels at the end", str(soak.open_tunnels), soak.open_tunnels == 0)
    strange = unusual(soak.world.proxy.lines)
    yield Claim("lines of the proxy that are not usual",
                "".join([str(len(strange)), *(f"\n    {printable(line[:200])}" for line in strange[:20])]), not strange)
    yield Claim("exit status of the proxy", str(soak.status), soak.status == 0)


def print_accounts(load):
    print(f"\n{'requests':<20}{'begun':>8}{'well':>8}{'cut':>6}{'MiB':>10}")
    for kind, account in load.accounts.items():
        print(f"{kind.name:<20}{account.begun:8}{account.well:8}{account.cut:6}{account.octets / (1 << 20):10.1f}")
    print(f"{'all':<20}{load.begun:8}{sum(each.well for each in load.accounts.values()):8}"
          f"{sum(each.cut for each in load.accounts.values()):6}{load.moved / (1 << 20):10.1f}"
          "   (cut: by the death of a parent)\n")


def print_claims(claims):
    for claim in claims:
        print(f"{'NOT ' if claim.holds is False else '    '}{claim.what}: {claim.figure}")

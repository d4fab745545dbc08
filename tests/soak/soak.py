"""A proxy under mixed load for minutes: every octet compared, every line of its log accounted for, nothing left over.

usage: ./dev soak MINUTES [--sanitize] [--seed N] [--rate N]
"""

import argparse
import asyncio
import os
import random
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))

from disturb import Disturbances
from harness import scratch_directory
from load import Load, Shape, Trouble
from report import LONG, Claim, claims_of, print_accounts, print_claims
from watch import Watch
from world import ProxyEnded, World

SETTLED = 20  # seconds until the proxy must have tidied up


class Soak:
    """One run; afterwards it has what the report is made of."""

    def __init__(self, world, seconds, seed, shape, every, is_sanitized):
        """every: seconds between two reloads"""
        self.world, self.seconds = world, seconds
        self.trouble = Trouble()
        self.load = Load(world, seed, shape, self.trouble)
        self.disturbances = Disturbances(world, self.load, self.trouble, every, seconds)
        self.watch = Watch(world.proxy.process.pid, self.load, self.trouble)
        # A sanitizer keeps freed memory aside, and finds what leaks in a way of its own.
        self.judges_memory = seconds >= LONG and not is_sanitized

    async def run(self):
        self.world.targets.start()
        await self.disturbances.reload()
        await self.disturbances.rotate()  # what the first ones cost once and for all does not count
        self.before = await self._quiet_look()
        self.disturbances.start()
        self.watch.start()
        await self.load.run(self.seconds)
        self.watch.stop()
        await self.load.drain()
        await self.disturbances.stop()
        self.world.expect_proxy()
        await self._settle()
        self.open_tunnels = await self.world.open_tunnels()
        self.after = self.watch.look()
        self.status = await asyncio.to_thread(self.world.proxy.stop)

    async def _quiet_look(self):
        """What it has when it does nothing any more, such as closing a log that has been moved."""
        looks = [self.watch.look()]
        while len({look.others for look in looks[-10:]}) > 1 or len(looks) < 10:
            await asyncio.sleep(0.05)
            looks.append(self.watch.look())
        return looks[-1]

    async def _settle(self):
        """Until it has closed what its peers have closed, and the logs of configurations that are out of use."""
        give_up = time.monotonic() + SETTLED
        while not self._is_settled(self.watch.look()) and time.monotonic() < give_up:
            await asyncio.sleep(0.05)

    def _is_settled(self, look):
        return look.others == self.before.others and look.threads <= self.watch.usual_threads


def soak(program, seconds, seed, shape=Shape(), every=5, is_sanitized=False):
    """Runs one; returns what it claims."""
    print(f"seed {seed}", flush=True)
    with scratch_directory() as directory, World(program, directory) as world:
        it = Soak(world, seconds, seed, shape, every, is_sanitized)
        try:
            asyncio.run(it.run())
        except ProxyEnded as why:
            return [Claim("the proxy", str(why), False)]
        done = it.disturbances
        print(f"{done.reloads} reloads, {done.rotations} rotations, {done.deaths} deaths of a parent")
        print_accounts(it.load)
        return list(claims_of(it))


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__.splitlines()[0])
    parser.add_argument("--proxy", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--sanitize", action="store_true", help="with a proxy that has AddressSanitizer in it")
    parser.add_argument("minutes", type=float, metavar="MINUTES")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), metavar="N",
                        help="of an earlier run, to do the same again")
    parser.add_argument("--rate", type=float, default=Shape.rate, metavar="N",
                        help=f"requests that begin in a second ({Shape.rate})")
    typed = parser.parse_args()
    if typed.minutes <= 0 or typed.rate <= 0:
        parser.error("MINUTES and --rate are more than 0")
    return typed


def main():
    typed = parse_arguments()
    claims = soak(typed.proxy, typed.minutes * 60, typed.seed, Shape(rate=typed.rate), is_sanitized=typed.sanitize)
    print_claims(claims)
    failed = sum(claim.holds is False for claim in claims)
    found = f"something: {failed} of {len(claims)} do not hold" if failed else "nothing"
    print(f"\nThe soak found {found}.")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()

"""Requests of all kinds, a bounded number at a time and in a second, and an account of each."""

import asyncio
import collections
import dataclasses
import time

from kinds import KINDS, Request, kind_of
from wire import Octets, Reset, Unexpected, WrongOctets

PATIENCE = 120  # seconds that a request may take at most; none should come near
SHOWN = 40  # of what is unexpected; all of it is counted


@dataclasses.dataclass(frozen=True)
class Shape:
    """What the load is bounded by."""

    rate: float = 40  # requests that begin in a second
    at_once: int = 200
    largest: int = 64 << 20  # octets in one direction of a tunnel


class Trouble:
    """What should not have happened, with when and where; each is told as it comes."""

    def __init__(self):
        self.count, self._begin = 0, time.monotonic()

    def add(self, where, what):
        self.count += 1
        if self.count <= SHOWN:
            print(f"unexpected, {time.monotonic() - self._begin:.1f} s after the start: {where}: {what}", flush=True)


class Account:
    """What has become of the requests of one kind."""

    def __init__(self):
        self.begun = self.well = self.cut = self.octets = 0


class Load:
    """deaths: pairs of times between which a parent died. Tunnels through parents may end by that, others never."""

    def __init__(self, world, seed, shape, trouble):
        self.accounts = {kind: Account() for kind in KINDS}
        self.expected = {}  # the statuses that the log may have, by the number of the request
        self.through_mortal = set()  # requests that have failed, and may have if the log names that parent
        self.deaths = collections.deque()
        self.wrong_octets = 0
        self._world, self._seed, self._shape, self._trouble = world, seed, shape, trouble
        self._octets = Octets(seed)
        self._room = asyncio.Semaphore(shape.at_once)
        self._over = asyncio.Event()
        self._tasks = set()

    @property
    def begun(self):
        return len(self.expected)

    @property
    def under_way(self):
        return len(self._tasks)

    @property
    def moved(self):
        return sum(account.octets for account in self.accounts.values())

    async def run(self, seconds):
        """Begins requests for so long."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        end = due + seconds
        while loop.time() < end:
            self._world.expect_proxy()
            await self._room.acquire()
            task = asyncio.create_task(self._request(self.begun))
            self.expected[self.begun] = set()
            self._tasks.add(task)
            task.add_done_callback(self._ended)
            due = max(due + 1 / self._shape.rate, loop.time())  # who is late does not hurry afterwards
            await asyncio.sleep(due - loop.time())

    def _ended(self, task):
        self._tasks.discard(task)
        self._room.release()
        if not task.cancelled() and task.exception():
            self._trouble.add("the soak itself", repr(task.exception()))

    async def drain(self):
        """Returns when all requests have come to their end; whoever only waits ends at once."""
        self._over.set()
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _request(self, number):
        request = Request(self._world, self._octets, self._seed, number, self._shape.largest, self._over)
        kind, begin = kind_of(request), time.monotonic()
        account = self.accounts[kind]
        account.begun += 1
        why = await self._outcome(kind, request)
        account.octets += request.octets
        if not why:
            account.well += 1
        elif not isinstance(why, WrongOctets) and request.route == "parented" and self._died_since(begin):
            account.cut += 1
            request.statuses = {200, 502}
            self.through_mortal.add(number)
        else:
            self.wrong_octets += isinstance(why, WrongOctets)
            self._trouble.add(f"request {number}, {kind.name} ({request.route})", describe(why))
        self.expected[number] = request.statuses

    @staticmethod
    async def _outcome(kind, request):
        try:
            with request.closed_at_the_end():
                async with asyncio.timeout(PATIENCE):
                    await kind.act(request)
        except (Unexpected, Reset, OSError, TimeoutError) as why:
            return why
        return None

    def _died_since(self, begin):
        return any(begin <= until for _, until in self.deaths)


def describe(why):
    if isinstance(why, Reset):
        return "a reset"
    if isinstance(why, TimeoutError):
        return f"not over within {PATIENCE} s"
    return str(why) or repr(why)


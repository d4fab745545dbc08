"""What goes on around the tunnels: reloads, rotations of the logs, and a parent that dies and comes back."""

import asyncio
import signal
import time

from world import OLD_LOGS

RELOADED = r"^viaduct-proxy: configuration reloaded$"
NOT_RELOADED = r"^viaduct-proxy: configuration not reloaded: everything stays as it was$"
MISTAKE = "htp_access allow all\n"
EACH_MISTAKE = 7  # reload has a mistake in the file


class Disturbances:
    """Each goes on by itself until it is cancelled between two turns."""

    def __init__(self, world, load, trouble, every, seconds):
        """every: seconds between two reloads; the rest follows from that.

        seconds: how long it will go on; the proxy keeps no more than a certain number of old logs.
        """
        self.reloads = self.rotations = self.deaths = 0
        self._world, self._load, self._trouble, self._every = world, load, trouble, every
        self._rotate_every = max(every * 0.7, 1.1 * seconds / OLD_LOGS)
        self._over = asyncio.Event()

    def start(self):
        self._tasks = [asyncio.create_task(self._repeat(*each)) for each in (
            ("a reload", self.reload, self._every), ("a rotation", self.rotate, self._rotate_every),
            ("a parent's death", self.die, self._every * 1.9))]

    async def stop(self):
        self._over.set()
        await asyncio.gather(*self._tasks)

    async def _repeat(self, name, act, every):
        while not self._over.is_set():
            try:
                await act()
            except (AssertionError, OSError) as why:
                self._trouble.add(name, str(why))
            try:
                await asyncio.wait_for(self._over.wait(), every)
            except TimeoutError:
                pass

    async def reload(self):
        self.reloads += 1
        spoiled = self.reloads % EACH_MISTAKE == 0
        self._world.write_configuration(MISTAKE if spoiled else "")
        await self._world.told(signal.SIGHUP, NOT_RELOADED if spoiled else RELOADED)

    async def rotate(self):
        """One log is renamed by us, as logrotate does it, and the other one by the proxy."""
        self.rotations += 1
        files = len(self._world.logs("kept.log"))
        self._world.move_log(self.rotations)
        self._world.tell(signal.SIGUSR1)
        for _ in range(500):
            if self._world.log_is_back() and len(self._world.logs("kept.log")) > files:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the logs were not opened anew within 10 s")

    async def die(self):
        """It is dead for a while, then alive for a while."""
        self.deaths += 1
        begin = time.monotonic()
        self._load.deaths.append((begin, float("inf")))
        await asyncio.to_thread(self._world.kill_parent)
        self._load.deaths[-1] = (begin, time.monotonic())
        await asyncio.sleep(self._every / 2)
        await asyncio.to_thread(self._world.revive_parent)

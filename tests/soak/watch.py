"""What the proxy has of the system while it is under load, and a line about it every ten seconds."""

import asyncio
import contextlib
import os
import re
import statistics
import time
import typing

EACH = 0.5  # seconds between two looks
TOLD_EACH = 10


class Look(typing.NamedTuple):
    time: float
    requests: int  # begun by then
    resident: int  # KiB
    descriptors: int
    pipes: int  # the descriptors of pipes among them: workers keep some empty ones for the next tunnel
    threads: int

    @property
    def others(self):
        """Descriptors that belong to somebody for whom there must be a reason."""
        return self.descriptors - self.pipes


class Watch:
    """Looks at a process until it is stopped."""

    def __init__(self, process, load, trouble):
        self.looks = []
        self._process, self._load, self._trouble = process, load, trouble
        self._begin = time.monotonic()

    def look(self):
        with open(f"/proc/{self._process}/status", encoding="ascii") as file:
            status = file.read()
        number = lambda name: int(re.search(rf"^{name}:\s*(\d+)", status, re.M)[1])
        kinds = self._kinds_of_descriptors()
        return Look(time.monotonic() - self._begin, self._load.begun, number("VmRSS"), len(kinds),
                    kinds.count("pipe"), number("Threads"))

    def _kinds_of_descriptors(self):
        directory, kinds = f"/proc/{self._process}/fd", []
        for name in os.listdir(directory):
            with contextlib.suppress(FileNotFoundError):  # closed since
                kinds.append(os.readlink(f"{directory}/{name}").partition(":")[0])
        return kinds

    def start(self):
        self._begin = time.monotonic()
        self._task = asyncio.create_task(self._run())

    def stop(self):
        self._task.cancel()

    async def _run(self):
        told = 0
        while self._process_is_there():
            self.looks.append(self.look())
            if self.looks[-1].time - told >= TOLD_EACH:
                told = self.looks[-1].time
                self._tell(self.looks[-1])
            await asyncio.sleep(EACH)

    def _process_is_there(self):
        with contextlib.suppress(FileNotFoundError), open(f"/proc/{self._process}/stat", encoding="ascii") as file:
            return file.read().rpartition(") ")[2][0] != "Z"
        return False

    def _tell(self, look):
        load = self._load
        print(f"{look.time:5.0f} s: {load.begun} requests, {load.under_way} under way, {load.moved >> 20} MiB, "
              f"{self._trouble.count} unexpected; proxy: {look.resident / 1024:.1f} MiB, {look.descriptors} "
              f"descriptors, {look.threads} threads", flush=True)

    # ---- afterwards

    def between(self, begin, end):
        """The looks between two parts of the time, 0 to 1."""
        last = self.looks[-1].time
        return [look for look in self.looks if begin * last <= look.time <= end * last]

    def median(self, begin, end, what="resident"):
        return statistics.median(getattr(look, what) for look in self.between(begin, end))

    @property
    def usual_threads(self):
        """Not those of the very start: some threads are started by the first who needs them."""
        return self.median(0.2, 0.4, "threads")

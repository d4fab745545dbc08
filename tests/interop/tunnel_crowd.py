"""A crowd of clients whose tunnels move octets all the time, each of them checked, in a thread beside the test.

Every tunnel sends a piece that no other sends, waits for it to come back, and sends the next one a moment later. What
goes wrong is kept, and asked for at the end; what is waited for is a number of pieces, never a time.
"""

import asyncio
import sys
import threading
import time

from harness import LOOPBACK, PATIENCE

PACE, PACE_OF_SHORT = 0.1, 0.02  # seconds between two pieces of a tunnel: others need the machine, too
PIECES_OF_SHORT = 3


def piece(number, position):
    return b"%07d:%07d\n" % (number, position) * (1 + (number + position) % 64)


class Tunnel(asyncio.Protocol):
    """One client. `opened` and `ended` are futures of a bool, whether it went well; `address` is its own."""

    def __init__(self, crowd, number, pieces):
        self.number, self.pieces, self.position = number, pieces, 0
        self._pace = PACE_OF_SHORT if pieces else PACE
        self.address = None
        self.wrong = ""
        self.opened, self.ended = crowd.loop.create_future(), crowd.loop.create_future()
        self._crowd, self._head, self._due, self._awaited = crowd, b"", b"", []
        self._begun = time.monotonic()
        self.took = None  # seconds until it was open

    def connection_made(self, transport):
        self._transport = transport
        self.address = "%s:%d" % transport.get_extra_info("sockname")
        transport.write(self._crowd.request)

    def data_received(self, octets):
        if not self.opened.done():
            self._head += octets
            head, end, octets = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 200 "):
                return self._give_up(f"the answer is {head!r}")
            self.took = time.monotonic() - self._begun
            self.opened.set_result(True)
            self._send()
        if octets:
            self._check(octets)

    def _check(self, octets):
        if not self._due.startswith(octets):
            return self._give_up(f"piece {self.position} came back as {octets[:80]!r}")
        self._due = self._due[len(octets):]
        if not self._due:
            self.position += 1
            self._tell()
            self._crowd.loop.call_later(self._pace, self._send)

    def _send(self):
        if self.ended.done() or self._due:
            return
        if self.position == self.pieces:
            return self._transport.write_eof()
        self._due = piece(self.number, self.position)
        self._transport.write(self._due)

    def _give_up(self, why):
        self.wrong = self.wrong or why
        self._transport.abort()

    def eof_received(self):
        if self.position != self.pieces:
            self.wrong = self.wrong or f"it ended after {self.position} pieces"

    def connection_lost(self, error):
        if error:
            self.wrong = self.wrong or f"after {self.position} pieces: {error}"
        if not self.opened.done():
            self.wrong = self.wrong or "it ended before it was open"
            self.opened.set_result(False)
        self.ended.set_result(not self.wrong)
        self._tell()

    def _tell(self):
        for least, future in self._awaited:
            if not future.done() and (self.position >= least or self.ended.done()):
                future.set_result(self.position >= least)
        self._awaited = [(least, future) for least, future in self._awaited if not future.done()]

    # ---- for coroutines of the crowd

    async def moves_on(self, pieces):
        """Whether so many more pieces have come back; false if the tunnel has ended before."""
        future = self._crowd.loop.create_future()
        self._awaited.append((self.position + pieces, future))
        self._tell()
        return await future

    async def finish(self):
        """Ends it in order, behind the piece that is under way."""
        self.pieces = self.position + bool(self._due)
        if not self._due:
            self._crowd.loop.call_soon(self._send)
        return await self.ended


class Crowd:
    """Clients of what listens on `door`; they come from many addresses, and ask for the target."""

    def __init__(self, door, target, sources):
        self.door, self.sources = door, sources
        self.request = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode()
        self.steady = []
        self.short = []  # those that have ended, or failed to open
        self._numbers, self._openers, self._waiting, self._enough = 0, [], [], False
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE)

    def run(self, coroutine, patience=PATIENCE):
        """What the coroutine returns; it runs in the crowd's thread."""
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(coroutine, patience), self.loop).result()

    async def _connect(self, pieces=None):
        number, self._numbers = self._numbers, self._numbers + 1
        source = (self.sources[number % len(self.sources)], 0)
        _, tunnel = await self.loop.create_connection(lambda: Tunnel(self, number, pieces), LOOPBACK, self.door,
                                                      local_addr=source)
        await tunnel.opened
        return tunnel

    async def open_steady(self, count):
        self.steady += await asyncio.gather(*(self._connect() for _ in range(count)))

    async def move_on(self, tunnels, pieces):
        """Waits for so many more pieces through each; returns the tunnels in which they did not come."""
        moved = await asyncio.gather(*(tunnel.moves_on(pieces) for tunnel in tunnels))
        return [tunnel for tunnel, well in zip(tunnels, moved) if not well]

    async def all_ended(self, tunnels):
        return await asyncio.gather(*(tunnel.ended for tunnel in tunnels))

    async def finish(self, tunnels):
        return await asyncio.gather(*(tunnel.finish() for tunnel in tunnels))

    # ---- new tunnels all the time

    async def open_all_the_time(self, openers):
        self._openers = [self.loop.create_task(self._opener()) for _ in range(openers)]

    async def _opener(self):
        while not self._enough:
            tunnel = await self._connect(PIECES_OF_SHORT)
            await tunnel.ended
            self.short.append(tunnel)
            for least, future in self._waiting:
                if not future.done() and len(self.short) >= least:
                    future.set_result(None)

    async def more_short(self, count):
        """Waits until so many more have been opened and have ended, however; returns them."""
        before, future = len(self.short), self.loop.create_future()
        self._waiting.append((before + count, future))
        await future
        return self.short[before:]

    async def open_no_more(self):
        self._enough = True
        await asyncio.gather(*self._openers)


# ---- the far end, a program of its own ------------------------------------------------------------------------------


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self._transport = transport

    def data_received(self, octets):
        self._transport.write(octets)


async def serve_echo():
    server = await asyncio.get_running_loop().create_server(Echo, LOOPBACK, 0, backlog=1024)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    asyncio.run(serve_echo())

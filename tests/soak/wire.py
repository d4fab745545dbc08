"""The two ends of a tunnel: what each sends is known to the other, octet by octet.

Sockets are used directly, and never read ahead of whoever uses them: a reader that pauses is felt by the sender.
"""

import asyncio
import random
import socket
import struct

PIECE = 128 * 1024  # octets that are sent or asked for at a time
PERIOD = 1_048_573  # a prime, so that no buffer's size divides it: a piece that is lost, doubled or moved shows


class Unexpected(Exception):
    """Something that the proxy should not have done."""


class WrongOctets(Unexpected):
    """What arrived is not what was sent."""


class Reset(Exception):
    """The other side broke the connection off."""


class Octets:
    """Endless octets; each tunnel and direction begins somewhere else in them."""

    def __init__(self, seed):
        block = random.Random(f"octets {seed}").randbytes(PERIOD)
        self._octets = block + block[:PIECE]

    def piece(self, position, count):
        start = position % PERIOD
        return self._octets[start:start + count]


async def together(*tasks):
    """All of them at the same time; if one fails the others are ended first, for they use the same sockets."""
    running = [asyncio.ensure_future(task) for task in tasks]
    try:
        return await asyncio.gather(*running)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class End:
    """One end of a tunnel.

    sending, receiving: where in the octets the two directions begin.
    """

    def __init__(self, wire, octets, sending, receiving):
        wire.setblocking(False)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent = self.received = 0
        self._was_reset = False  # the system tells that once: to a sender or to a reader, who sees an end afterwards
        self._wire, self._octets = wire, octets
        self._sending, self._receiving = sending, receiving
        self._loop = asyncio.get_running_loop()

    async def send(self, count):
        """The next octets of this end."""
        until = self.sent + count
        while self.sent < until:
            piece = self._octets.piece(self._sending + self.sent, min(PIECE, until - self.sent))
            await self.send_raw(piece)
            self.sent += len(piece)

    def early(self, count):
        """The first octets of this end, for somebody who sends them behind a head."""
        self.sent = count
        return self._octets.piece(self._sending, count)

    async def send_raw(self, octets):
        try:
            await self._loop.sock_sendall(self._wire, octets)
        except (ConnectionResetError, BrokenPipeError) as why:
            self._was_reset = True
            raise Reset from why

    async def receive_raw(self, most):
        try:
            return await self._loop.sock_recv(self._wire, most)
        except ConnectionResetError as why:
            raise Reset from why

    async def receive(self, count):
        """So many more octets, which have to be the right ones."""
        until = self.received + count
        while self.received < until:
            if not await self._receive_some(until - self.received):
                raise Unexpected(f"an end after {self.received} octets of {until}")

    async def receive_to_end(self, total=None):
        """Everything that is still to come; `total` is what there must be in all."""
        while await self._receive_some(PIECE):
            pass
        if total is not None and self.received != total:
            raise Unexpected(f"an end after {self.received} octets of {total}")

    async def receive_to_reset(self):
        try:
            await self.receive_to_end()
        except Reset:
            return
        if not self._was_reset:
            raise Unexpected(f"a reset arrived as an orderly end, after {self.received} octets")

    async def _receive_some(self, most):
        octets = await self.receive_raw(min(PIECE, most))
        if octets != self._octets.piece(self._receiving + self.received, len(octets)):
            raise WrongOctets(f"wrong octets behind {self.received}")
        self.received += len(octets)
        return len(octets)

    async def receive_head(self):
        """A head, to its empty line and not an octet further."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            octet = await self.receive_raw(1)
            if not octet or len(head) > 4096:
                raise Unexpected(f"an end inside a head of {len(head)} octets")
            head += octet
        return head

    def finish(self):
        """Half-closes: nothing more will be sent."""
        try:
            self._wire.shutdown(socket.SHUT_WR)
        except OSError as why:
            raise Reset from why

    def break_off(self):
        """Closes with a reset."""
        self._wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._wire.close()

    def close(self):
        self._wire.close()

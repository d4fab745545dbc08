"""What clients and targets do: each kind is one request, from its connection to its end.

A kind raises `Unexpected` if the proxy does what it should not, and says in `request.statuses` what the log may tell.
Whatever it chooses comes from the random numbers of its request: the same seed and number do the same again.
"""

import asyncio
import contextlib
import random
import socket
import typing

from harness import LOOPBACK
from wire import End, Reset, Unexpected, together
from world import CONNECT_TIMEOUT, CREDENTIALS, HEAD_TIMEOUT, WRONG_CREDENTIALS, client_address, target_address

ROUTES = ("open", "guarded", "parented")
MIB = 1 << 20
LATE = 5  # seconds by which a clock may be late on a machine that is busy
EARLY = 0.05  # and early, as clocks have grains


class Request:
    """One request: its random numbers, its two ends, and what the log is to say of it.

    until: an event that is set when whoever only waits should come to an end.
    """

    def __init__(self, world, octets, seed, number, largest, until):
        self.number, self.largest, self.until = number, largest, until
        self.random = random.Random(f"{seed} {number}")
        self.route, self.statuses = None, {200}
        self.ends = []
        self._world, self._octets = world, octets
        self._streams = self.random.randrange(1 << 40), self.random.randrange(1 << 40)

    @property
    def octets(self):
        return sum(end.received for end in self.ends)

    def size(self):
        """Most are small, some are large, and a few as large as they may be."""
        sort = self.random.random()
        if sort < 0.01:
            return self.largest
        return int(2 ** self.random.uniform(0, 20 if sort < 0.94 else min(24, self.largest.bit_length() - 1)))

    def _end(self, wire, sending, receiving):
        self.ends.append(End(wire, self._octets, self._streams[sending], self._streams[receiving]))
        return self.ends[-1]

    async def connect(self):
        wire = socket.socket()
        near = self._end(wire, 0, 1)
        wire.bind((client_address(self.number), 0))
        await asyncio.get_running_loop().sock_connect(wire, (LOOPBACK, self._world.port))
        return near

    def head(self, port, credentials=None):
        """port: the name of one, or its number"""
        target = f"{target_address(self.number)}:{self._world.targets.ports.get(port, port)}"
        field = f"Proxy-Authorization: Basic {credentials}\r\n" if credentials else ""
        return f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{field}\r\n".encode()

    @contextlib.contextmanager
    def closed_at_the_end(self):
        try:
            yield
        finally:
            for end in self.ends:
                end.close()

    @contextlib.asynccontextmanager
    async def tunnel(self, early=0):
        """The client's end and the target's, once it is open; `early` octets are sent in the segment of the head."""
        self.route = self.random.choice(ROUTES)
        with self._world.targets.arrival(self.number) as arrival:
            near = await self.connect()
            credentials = CREDENTIALS if self.route == "guarded" else None
            await near.send_raw(self.head(self.route, credentials) + near.early(early))
            head = await near.receive_head()
            if not head.startswith(b"HTTP/1.1 200 "):
                raise Unexpected(f"{head[:12]!r} instead of a tunnel")
            yield near, self._end(await arrival, 1, 0)

    async def refusal(self, status, *head):
        """Asks for what has to be refused: one answer, whole, and the end."""
        self.statuses = {status}
        near = await self.connect()
        await near.send_raw(self.head(*head))
        await expect_refusal(near, status)


async def expect_refusal(near, status):
    head = await near.receive_head()
    if not head.startswith(b"HTTP/1.1 %d " % status):
        raise Unexpected(f"{head[:12]!r} instead of {status}")
    content = 0
    while octets := await near.receive_raw(4096):
        content += len(octets)
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
    if content != int(fields[b"content-length"]):
        raise Unexpected(f"{content} octets of content instead of {fields[b'content-length'].decode()}")


@contextlib.contextmanager
def expect_seconds(seconds, what):
    begin = asyncio.get_running_loop().time()
    yield
    took = asyncio.get_running_loop().time() - begin
    if not seconds - EARLY <= took <= seconds + LATE:
        raise Unexpected(f"{what} after {took:.2f} s, which should take {seconds} s")


# ---- tunnels that end in order --------------------------------------------------------------------------------------


async def sends_all(end, count):
    await end.send(count)
    end.finish()


async def transfer(request):
    """Both ways at the same time."""
    up, down = request.size(), request.size()
    async with request.tunnel() as (near, far):
        await together(sends_all(near, up), far.receive_to_end(up), sends_all(far, down), near.receive_to_end(down))


async def early_data(request):
    """Octets of the client that do not wait for the answer."""
    up, down = request.random.randrange(1, 8192), request.size()
    early = request.random.randrange(1, up + 1)
    async with request.tunnel(early) as (near, far):
        await together(sends_all(near, up - early), far.receive_to_end(up), sends_all(far, down),
                       near.receive_to_end(down))


async def ends_first(request, first, second):
    """One side has sent its last before the other one sends its first."""
    there, back = request.size(), request.size()
    await together(sends_all(first, there), second.receive_to_end(there))
    await together(sends_all(second, back), first.receive_to_end(back))


async def client_ends_first(request):
    async with request.tunnel() as (near, far):
        await ends_first(request, near, far)


async def target_ends_first(request):
    async with request.tunnel() as (near, far):
        await ends_first(request, far, near)


async def stalls(request, sender, reader):
    """The reader pauses while octets queue: once before the first one, and once among them."""
    count = min(request.largest, request.random.randrange(1, 16 * MIB))

    async def reads():
        await asyncio.sleep(request.random.uniform(0.3, 2))
        await reader.receive(request.random.randrange(count))
        await asyncio.sleep(request.random.uniform(0.3, 2))
        await reader.receive_to_end(count)

    await together(sends_all(sender, count), reads())
    reader.finish()
    await sender.receive_to_end(0)


async def client_stalls(request):
    async with request.tunnel() as (near, far):
        await stalls(request, far, near)


async def target_stalls(request):
    async with request.tunnel() as (near, far):
        await stalls(request, near, far)


async def idle(request):
    """Open for long, with a few octets there and back now and then."""
    turns = request.random.randrange(3, 20)
    async with request.tunnel() as (near, far):
        for _ in range(turns):
            count = request.random.randrange(1, 2000)
            await together(near.send(count), far.receive(count))
            await together(far.send(count), near.receive(count))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(request.until.wait(), request.random.uniform(0.5, 5))
        near.finish()
        await far.receive_to_end(near.sent)
        far.finish()
        await near.receive_to_end(far.sent)


# ---- tunnels that are broken off ------------------------------------------------------------------------------------


async def breaks_off(request, breaker, other):
    """Somewhere in the middle, with octets under way in both directions."""
    there, back = request.size(), request.size()
    heard = request.random.randrange(back + 1)

    async def goes_on():
        with contextlib.suppress(Reset):
            await other.send(back)

    async def breaks():
        await together(breaker.send(there), breaker.receive(heard))
        breaker.break_off()

    await together(breaks(), goes_on(), other.receive_to_reset())


async def client_breaks_off(request):
    async with request.tunnel() as (near, far):
        await breaks_off(request, near, far)


async def target_breaks_off(request):
    async with request.tunnel() as (near, far):
        await breaks_off(request, far, near)


# ---- requests that come to nothing ----------------------------------------------------------------------------------


async def slow_head(request):
    """An octet now and then keeps nobody: the clock is that of the whole head."""
    request.statuses = {408}
    with expect_seconds(HEAD_TIMEOUT, "the end of a slow head"):
        near = await request.connect()
        answer = asyncio.ensure_future(expect_refusal(near, 408))
        for octet in request.head("open"):
            with contextlib.suppress(Reset):
                await near.send_raw(bytes([octet]))
            await asyncio.wait([answer], timeout=0.2)
            if answer.done():
                break
        await answer


async def refused_target(request):
    await request.refusal(502, "refusing")


async def silent_target(request):
    with expect_seconds(CONNECT_TIMEOUT, "a dial without an answer"):
        await request.refusal(504, "silent")


async def forbidden_port(request):
    await request.refusal(403, 9)


async def no_password(request):
    await request.refusal(407, "guarded")


async def wrong_password(request):
    await request.refusal(407, "guarded", WRONG_CREDENTIALS)


async def breaks_off_dial(request):
    """It is watched for that while its target is dialled."""
    request.statuses = {0}
    near = await request.connect()
    await near.send_raw(request.head("silent"))
    await asyncio.sleep(request.random.uniform(0, CONNECT_TIMEOUT / 2))
    near.break_off()


async def leaves_dial(request):
    """In order: that might be a client that only sends no more, so its target is dialled to the end."""
    request.statuses = {504}
    near = await request.connect()
    await near.send_raw(request.head("silent"))
    await asyncio.sleep(request.random.uniform(0, CONNECT_TIMEOUT / 2))


async def leaves_at_once(request):
    """Whether the target has been reached before is a matter of luck."""
    request.statuses = {0, 200}
    near = await request.connect()
    await near.send_raw(request.head("open"))
    near.break_off()


class Kind(typing.NamedTuple):
    act: typing.Callable
    share: int  # of a hundred or so

    @property
    def name(self):
        return self.act.__name__.replace("_", " ")


KINDS = tuple(Kind(*each) for each in (
    (transfer, 24), (early_data, 8), (client_ends_first, 8), (target_ends_first, 8), (client_stalls, 4),
    (target_stalls, 4), (idle, 4), (client_breaks_off, 6), (target_breaks_off, 6), (slow_head, 3), (refused_target, 5),
    (silent_target, 3), (forbidden_port, 3), (no_password, 4), (wrong_password, 3), (breaks_off_dial, 3),
    (leaves_dial, 2), (leaves_at_once, 3)))


def kind_of(request):
    """The first requests are one of each kind."""
    if request.number < len(KINDS):
        return KINDS[request.number]
    return request.random.choices(KINDS, [kind.share for kind in KINDS])[0]

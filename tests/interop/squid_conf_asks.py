"""What clients ask of the two proxies, and what they see of the answer.

An observation is a dictionary of words; one of Squid's is compared with one of viaduct-proxy's word by word.
"""

import contextlib
import hashlib
import re
import socket
import threading
import time
from typing import NamedTuple

from harness import PATIENCE, status_of
from squid_conf_world import Line, PAYLOAD, basic


class Ask(NamedTuple):
    """One request over a connection of its own."""
    target: str
    status: object  # that Squid answers with; none if it closes without a word
    user: str = ""  # NAME:PASSWORD
    fields: tuple = ()
    method: str = "CONNECT"
    port: int = 3128
    address: str = "127.0.0.1"
    source: object = None
    before: bytes = b""  # octets in front of the request
    raw: bytes = b""  # instead of the request
    lines: int = 1  # in the access log
    then: object = None  # (target, status, user) of a second request over the same connection, if it stays open

    @property
    def name(self):
        return " ".join(filter(None, (self.target or "nothing", self.user.partition(":")[0], self.source)))

    def octets(self):
        if self.raw:
            return self.before + self.raw
        if not self.target:
            return self.before
        return self.before + head(self.target, *self.fields, user=self.user, method=self.method)


def head(target, *fields, user="", method="CONNECT"):
    host = target.split("/")[2] if "//" in target else target
    if user:
        fields = (*fields, basic(user))
    lines = (f"{method} {target} HTTP/1.1", f"Host: {host}", *fields)
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n"


def ask(target, status=200, **more):
    return Ask(target, status, **more)


def field(answer, name):
    """The values of a field in a head, if it is there."""
    return ", ".join(line.partition(":")[2].strip() for line in answer.decode("latin-1").split("\r\n")[1:]
                     if line.partition(":")[0].lower() == name.lower())


def line_of(wire):
    text = b""
    while not text.endswith(b"\n"):
        octet = wire.socket.recv(1)
        if not octet:
            break
        text += octet
    return text.decode("latin-1").strip()


def tunnel_seen(wire):
    """The origin's words, a thousand octets there and back, and an end in order."""
    greeting = line_of(wire)
    if not greeting:
        return {"tunnel": "it ends at once"}
    wire.send(PAYLOAD)
    back = wire.read_exactly(len(PAYLOAD))
    wire.end()
    rest = wire.read_to_end()
    return {"tunnel": f"{greeting}, {'the same' if back == PAYLOAD else back} comes back, {rest!r} at the end"}


def read_up_to(wire, length):
    octets = b""
    while len(octets) < length and (part := wire.socket.recv(length - len(octets))):
        octets += part
    return octets


def refusal_seen(wire, answer):
    length = int(field(answer, "Content-Length") or 0)
    body = read_up_to(wire, length)
    challenge = re.sub(r'nonce="[^"]*"', 'nonce=""', field(answer, "Proxy-Authenticate"))
    seen = {"challenge": challenge, "stays": "no" if "close" in field(answer, "Connection").lower() else "yes"}
    if len(body) < length:
        seen["body"] = f"{len(body)} octets of {length}"
    if location := field(answer, "Location"):
        seen["location"] = location
    return seen


def answer_seen(wire, request):
    try:
        answer = wire.read_head()
    except AssertionError:
        return {"status": "none"}
    status = status_of(answer)
    seen = {"status": str(status)}
    return seen | (tunnel_seen(wire) if status == 200 and request.method == "CONNECT" else refusal_seen(wire, answer))


def seen(request):
    """Asks, and returns what comes back."""
    with Line(request.address, request.port, request.source) as wire:
        wire.send(request.octets())
        try:
            result = answer_seen(wire, request)
            if request.then and result.get("stays") == "yes":
                wire.send(head(request.then[0], user=request.then[2]))
                result["then"] = str(answer_seen(wire, request))
            return result
        except OSError as why:
            return {"status": f"none, {type(why).__name__}"}


# ---- more than one at a time ----------------------------------------------------------------------------------------


class Crowd(NamedTuple):
    """Tunnels that stay open while others are asked for; all end before the log is looked at."""
    requests: tuple
    lines: int
    name: str = "several at a time"

    @property
    def status(self):
        return [request.status for request in self.requests]

    def seen(self):
        """The statuses in the order of the requests."""
        with contextlib.ExitStack() as stack:
            statuses = []
            for request in self.requests:
                wire = stack.enter_context(Line(request.address, request.port, request.source))
                wire.send(request.octets())
                try:
                    answer = wire.read_head()
                    statuses.append(status_of(answer))
                    if statuses[-1] == 200:
                        line_of(wire)
                except (OSError, AssertionError):
                    statuses.append(None)
            return {"status": str(statuses)}


class Timed(NamedTuple):
    """What a tunnel does with time: `act(wire)` has the opened tunnel, and returns a word."""
    request: Ask
    act: object
    lines: int = 1
    tls: bool = False
    name: str = "a tunnel"

    @property
    def status(self):
        return self.request.status

    def seen(self):
        with Line(self.request.address, self.request.port, self.request.source, self.tls) as wire:
            wire.asked = time.monotonic()
            wire.send(self.request.octets())
            status = status_of(wire.read_head())
            return {"status": str(status), "act": self.act(wire)}


def ends_by_itself(within, at_least=0.0):
    """The proxy ends the tunnel though nobody else does."""
    def act(wire):
        line_of(wire)
        wire.socket.settimeout(within)
        try:
            how = "in order" if wire.socket.recv(1) == b"" else "with octets"
        except TimeoutError:
            return "does not end"
        except OSError:
            how = "by reset"
        took = time.monotonic() - wire.asked
        return f"ends {how}" + ("" if took >= at_least else f" too early, after {took:.1f} s")
    return act


def rate(octets, slowest, fastest):
    """How fast octets come back through the tunnel: a word for a band of seconds."""
    def act(wire):
        line_of(wire)
        begin = time.monotonic()
        sender = threading.Thread(target=wire.send, args=(b"x" * octets,), daemon=True)
        sender.start()
        wire.read_exactly(octets)
        took = time.monotonic() - begin
        if took < slowest:
            return f"too fast: {took:.2f} s"
        return "as told" if took <= fastest else f"too slow: {took:.2f} s"
    return act


def echoes(wire):
    """A thousand octets there and back."""
    greeting = line_of(wire)
    wire.send(PAYLOAD)
    return f"{greeting}, {'the same' if wire.read_exactly(len(PAYLOAD)) == PAYLOAD else 'others'} comes back"


def half_closed(wire):
    """The client half-closes at once: does the answer still come?"""
    line_of(wire)
    wire.send(PAYLOAD)
    wire.end()
    wire.socket.settimeout(PATIENCE)
    with contextlib.suppress(socket.error):
        return f"{len(wire.read_to_end())} octets after the half-close"
    return "reset after the half-close"


# ---- Digest ---------------------------------------------------------------------------------------------------------


class Digest(NamedTuple):
    """A request without credentials, and one that answers the challenge, over a connection of its own."""
    target: str
    status: int
    user: str  # NAME:PASSWORD
    lines: int = 2

    @property
    def name(self):
        return f"{self.target} {self.user.partition(':')[0]} by Digest"

    def seen(self):
        with Line("127.0.0.1", 3128) as wire:
            wire.send(head(self.target))
            challenge = field(wire.read_head(), "Proxy-Authenticate")
        return seen(Ask(self.target, self.status, fields=(self._answer(challenge),)))

    def _answer(self, challenge):
        told = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        name, _, password = self.user.partition(":")
        count, own = "00000001", "0a4f113b"
        secret = md5(f"{name}:{told['realm']}:{password}")
        proof = md5(f"{secret}:{told['nonce']}:{count}:{own}:auth:" + md5(f"CONNECT:{self.target}"))
        return (f'Proxy-Authorization: Digest username="{name}", realm="{told["realm"]}", nonce="{told["nonce"]}", '
                f'uri="{self.target}", qop=auth, nc={count}, cnonce="{own}", response="{proof}"')


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()

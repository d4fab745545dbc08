"""viaduct-proxy and the names that it looks up: what a name server may say, and who is dialled then.

usage: wire_names.py VIADUCT_PROXY
"""

import collections
import socket
import struct
import sys
import threading

from harness import LOOPBACK, PATIENCE, TcpOrigin, Tests, echo, expect
from wire_common import CountedProxy, Trap, connect, refused, tunnel_carries

OUTSIDE = "127.0.0.2"  # nobody may go there; a trap listens
SERVFAIL, NXDOMAIN, REFUSED = 2, 3, 5
LONGEST = ".".join(["a" * 63] * 3 + ["a" * 61])  # 253 characters


class NameServer:
    """Answers DNS queries over UDP: `answer(name, kind)` gives addresses, a response code, or None for silence.

    `kind` is "A" or "AAAA", and names are in lower case. All answers have a lifetime of no seconds.
    """

    KINDS = {1: ("A", socket.AF_INET), 28: ("AAAA", socket.AF_INET6)}

    def __init__(self, answer):
        self._answer = answer
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self.address = f"{LOOPBACK}:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self):
        while True:
            query, sender = self._socket.recvfrom(4096)
            if query == b"end" or not (reply := self._reply(query)):
                if query == b"end":
                    return
                continue
            self._socket.sendto(reply, sender)

    def _reply(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("ascii").lower())
            at += 1 + query[at]
        number = struct.unpack("!H", query[at + 1:at + 3])[0]
        kind, family = self.KINDS.get(number, ("", None))
        found = self._answer(".".join(labels), kind)
        if found is None:
            return None
        code, addresses = (found, ()) if isinstance(found, int) else (0, found)
        packed = [socket.inet_pton(family, address) for address in addresses]
        records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", number, 1, 0, len(one)) + one for one in packed)
        head = query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(packed), 0, 0)
        return head + query[12:at + 5] + records

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        host, port = self._socket.getsockname()
        self._socket.sendto(b"end", (host, port))
        self._thread.join(PATIENCE)
        self._socket.close()


ADDRESSES = {
    "inside.example": [LOOPBACK],
    "outside.example": [OUTSIDE],
    "both.example": [OUTSIDE, LOOPBACK],
    "both-otherwise.example": [LOOPBACK, OUTSIDE],
    "mapped.example": ["::ffff:" + OUTSIDE],
    "nat64.example": ["64:ff9b::" + OUTSIDE],
    "6to4.example": ["2002:7f00:2::"],
    "metadata.example": ["169.254.169.254"],
    "unique-local.example": ["fd00:ec2::254"],
    "any.example": ["0.0.0.0", "::"],
    "empty.example": [],
    "missing.example": NXDOMAIN,
    "broken.example": SERVFAIL,
    "unwilling.example": REFUSED,
    "silent.example": None,
    "a" * 63 + ".example": [LOOPBACK],
    LONGEST: [LOOPBACK],
}


class Zone:
    """`ADDRESSES`, and names that change: `changing-N.example` is inside when it is asked for first, then outside."""

    def __init__(self):
        self.asked = collections.Counter()

    def __call__(self, name, kind):
        self.asked[name, kind] += 1
        found = ADDRESSES.get(name, NXDOMAIN)
        if name.startswith("changing"):
            found = [LOOPBACK] if self.asked[name, kind] == 1 else [OUTSIDE]
        if not isinstance(found, list):
            return found
        return [address for address in found if (":" in address) == (kind == "AAAA")]


class Outside(Trap):
    """A trap at the same port of another address."""

    def __init__(self, port):
        self.visits = []
        TcpOrigin.__init__(self, self._serve, (OUTSIDE, port))


def changing(proxy, zone, port):
    """The address that was judged is the one that is dialled: one question for one request."""
    tunnel_carries(proxy, connect(f"changing.example:{port}"))
    expect(zone.asked["changing.example", "A"], 1, "how often its address was asked for")
    refused(proxy, connect(f"changing.example:{port}"), 403, "destination_ip_prohibited")
    expect(zone.asked["changing.example", "A"], 2, "how often its address was asked for")


def not_asked(proxy, zone, target):
    before = sum(zone.asked.values())
    refused(proxy, connect(target), 400)
    expect(sum(zone.asked.values()), before, "the number of questions")


def name_tests(tests, proxy, zone, port, outside):
    for name in ("inside.example", "INSIDE.Example", "inside.example.", LONGEST, LONGEST + ".", "a" * 63 + ".example"):
        tests.run(f"200 for {name[:40]}", tunnel_carries, proxy, connect(f"{name}:{port}"))
    for name in ("both", "both-otherwise"):
        tests.run(f"200 by the allowed one of two addresses: {name}", tunnel_carries, proxy,
                  connect(f"{name}.example:{port}"))
        tests.run(f"and 502 where that does not answer: {name}", refused, proxy, connect(f"{name}.example:1"), 502,
                  "connection_refused", peer=f"HIER_DIRECT/{LOOPBACK}")
    for name in ("outside", "mapped", "nat64", "6to4", "metadata", "unique-local", "any"):
        tests.run(f"403 for a name that is {name}", refused, proxy, connect(f"{name}.example:{port}"), 403,
                  "destination_ip_prohibited")
    for name in ("inside", "both"):
        tests.run(f"403 for the proxy's own listener by a name: {name}", refused, proxy,
                  connect(f"{name}.example:{proxy.port}"), 403, "destination_ip_prohibited")
    tests.run("403 for a name that has changed since", changing, proxy, zone, port)
    for name in ("empty", "missing", "broken", "unwilling"):
        tests.run(f"502 for a name that is {name}", refused, proxy, connect(f"{name}.example:{port}"), 502, "dns_error")
    for name in (LONGEST + "a", LONGEST + "a.", "a" * 64 + ".example", "2130706433", "127.1", "0x7f.1"):
        tests.run(f"400 without a question for {name[:40]}", not_asked, proxy, zone, f"{name}:{port}")
    tests.run("504 for a name that nobody answers for", refused, proxy, connect(f"silent.example:{port}"), 504,
              "dns_timeout")
    tests.run("nothing of all this has reached an address out of bounds", outside.expect_untouched)


def main(program):
    tests = Tests()
    zone = Zone()
    with NameServer(zone) as server, TcpOrigin(echo) as origin, Outside(origin.port) as outside, \
         CountedProxy(program, "--allow-port", "all", "--allow-destination", f"{LOOPBACK}/32", "--dns-cache", "0",
                      "--dns-server", server.address, "--resolve-timeout", "1") as proxy:
        name_tests(tests, proxy, zone, origin.port, outside)
        tests.run("the proxy has logged each connection once, and ends", proxy.expect_orderly_end)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

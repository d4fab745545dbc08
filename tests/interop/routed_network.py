"""Clients, a proxy and origins, with a router on every way between them that can be told to spoil it.

    client ---- router ---- proxy        192.0.2.0/24 (clients) and 198.51.100.0/25 (the proxy's front)
                     \\----- proxy        198.51.100.128/25 (its back)
                      \\---- origin       203.0.113.0/24

Each is a namespace of the test's own (own_network.py). Clients and origins have several addresses, so that a fault can
concern one of them and spare its neighbour.
"""

import contextlib
import itertools
import subprocess

from harness import Skip, find_program
from own_network import NotPermitted, Place, enter, ip

CLIENT, FRONT, BACK, ORIGIN = "192.0.2.", "198.51.100.", "198.51.100.", "203.0.113."
SOUND = "10"  # the last octet of those whose way is never spoilt
SPOILT = ("20", "21", "22", "23", "24", "25", "26")
PROXY = FRONT + "2"

HOSTS = f"""127.0.0.1 localhost
{ORIGIN}21 several.example
{ORIGIN}22 several.example
{ORIGIN}{SOUND} several.example
"""


class Network:
    """The places `client`, `proxy`, `origin`, and `router`, and faults for the ways between them.

    A fault is a context manager: the way is sound again behind it.
    """

    def __init__(self, directory):
        enter(directory, {"/etc/hosts": HOSTS})
        self.router, self.client, self.proxy, self.origin = (Place() for _ in range(4))
        hosts = (SOUND, *SPOILT)
        self._join(self.client, "client", CLIENT, "1/24", *(f"{host}/24" for host in hosts))
        self._join(self.proxy, "front", FRONT, "1/25", "2/25")
        self._join(self.proxy, "back", BACK, "129/25", "130/25")
        self._join(self.origin, "origin", ORIGIN, "1/24", *(f"{host}/24" for host in hosts))
        self.restore_routes()
        with self.router:
            write_setting("net/ipv4/ip_forward", 1)
        self._numbers = itertools.count()

    def _join(self, place, name, block, near, *far):
        """A wire from the router to a place; both ends have one name, and the place those addresses."""
        with self.router:
            ip("link", "add", name, "type", "veth", "peer", "name", name, "netns", place.path)
            ip("address", "add", block + near, "dev", name)
            ip("link", "set", name, "up")
        with place:
            for address in far:
                ip("address", "add", block + address, "dev", name)
            ip("link", "set", name, "up")

    def restore_routes(self):
        """Those of all places, which a link that goes down takes with it."""
        with self.client:
            ip("route", "replace", "default", "via", CLIENT + "1")
        with self.origin:
            ip("route", "replace", "default", "via", ORIGIN + "1")
        with self.proxy:
            ip("route", "replace", CLIENT + "0/24", "via", FRONT + "1")
            ip("route", "replace", ORIGIN + "0/24", "via", BACK + "129")

    @contextlib.contextmanager
    def _filter(self, hook, *rules):
        table = f"fault{next(self._numbers)}"
        chain = "\n".join((f"type filter hook {hook} priority 0", *rules))
        with self.router:
            nft(f"table ip {table} {{\nchain drops {{\n{chain}\n}}\n}}\n")
        try:
            yield
        finally:
            with self.router:
                nft(f"delete table ip {table}\n")

    def silence(self, *addresses):
        """What comes from there and what goes there is dropped, and nobody is told."""
        them = f"{{ {', '.join(addresses)} }}"
        return self._filter("forward", f"ip saddr {them} drop", f"ip daddr {them} drop")

    def no_more_connections(self, address, most):
        """To there, beyond so many: what a router does for all whose table of connections is full."""
        return self._filter("forward", f"ip daddr {address} ct state new ct count over {most} drop")

    @contextlib.contextmanager
    def mtu_black_hole(self, address, mtu):
        """Packets to there that are larger than `mtu` are dropped, and the ICMP that would say so is, too."""
        with self._filter("output", "icmp type destination-unreachable drop"), self.router:
            ip("route", "add", address, "dev", "origin", "mtu", "lock", str(mtu))
            try:
                yield
            finally:
                ip("route", "delete", address)

    def probe_mtu(self):
        """From now on the proxy's system looks for the MTU itself where large packets vanish (RFC 4821)."""
        with self.proxy:
            write_setting("net/ipv4/tcp_mtu_probing", 1)

    @contextlib.contextmanager
    def no_route(self, place, *addresses):
        """A place has no way to these any more, and says so to whoever asks."""
        with place:
            for address in addresses:
                ip("route", "add", "unreachable", address)
        try:
            yield
        finally:
            with place:
                for address in addresses:
                    ip("route", "delete", "unreachable", address)

    @contextlib.contextmanager
    def link_down(self, place, name):
        with place:
            ip("link", "set", name, "down")
        try:
            yield
        finally:
            with place:
                ip("link", "set", name, "up")
            self.restore_routes()

    def loss(self, percent):
        """Of all packets, both ways, at random."""
        return self._filter("forward", f"numgen random mod 100 < {percent} drop")


def nft(script):
    try:
        program = find_program("nft")
    except Skip as why:
        raise NotPermitted(f"{why} (package nftables)") from None
    done = subprocess.run([program, "-f", "-"], input=script, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotPermitted(f"nft: {done.stderr.strip()}")


def write_setting(name, value):
    """Of the system, for the place that this thread is in."""
    with open(f"/proc/sys/{name}", "w", encoding="ascii") as file:
        file.write(str(value))

"""A long way with losses, as netem would make one, for kernels that have none: packets take it through this process.

The router sends what concerns one origin into a wire of its own, from whose other end it is taken, kept for a while,
and put back. What is lost and what is overtaken is the same in every run that sends the same.
"""

import array
import contextlib
import fcntl
import heapq
import random
import select
import socket
import struct
import threading
import time

from own_network import ip
from routed_network import BACK, ORIGIN, write_setting

ETH_P_IP = 0x0800
SIOCETHTOOL, ETHTOOL_STXCSUM = 0x8946, 0x17


@contextlib.contextmanager
def slow_way(network, host, delay, loss, late):
    """To and from this origin, for each packet: `delay` seconds one way; a share of `loss` never arrives, and one of
    `late` takes half as long again, so that others overtake it. Tells how many were `lost`, and how many have
    `overtaken` others."""
    with network.router:
        _lead_through_wire(ORIGIN + host)
        box = _Box(delay, loss, late)
    try:
        yield box
    finally:
        box.stop()


def _lead_through_wire(address):
    ip("link", "add", "slow", "type", "veth", "peer", "name", "slow-end")
    for name in ("slow", "slow-end"):
        ip("link", "set", name, "arp", "off", "up")
    for name in ("slow", "all"):
        write_setting(f"net/ipv4/conf/{name}/rp_filter", 0)
    _write_checksums_out("slow")
    ip("route", "add", address, "dev", "slow")
    ip("rule", "add", "iif", "origin", "from", address, "table", "101")
    ip("route", "add", "default", "dev", "slow", "table", "101")
    ip("rule", "add", "iif", "slow", "table", "100")
    ip("route", "add", ORIGIN + "0/24", "dev", "origin", "table", "100")
    ip("route", "add", BACK + "128/25", "dev", "back", "table", "100")


def _write_checksums_out(name):
    """And segments, which need them: what leaves there are packets as on a real wire."""
    value = array.array("I", [ETHTOOL_STXCSUM, 0])
    request = struct.pack("16sP16x", name.encode(), value.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCETHTOOL, request)


class _Box:
    def __init__(self, delay, loss, late):
        self._delay, self._loss, self._late = delay, loss, late
        self._wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
        self._wire.bind(("slow-end", ETH_P_IP))
        self._chance = random.Random(5)
        self._stopped = False
        self.lost = self.overtaken = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self):
        self._stopped = True
        self._thread.join()
        self._wire.close()

    def _run(self):
        kept = []  # (when it is due, its number, the packet)
        count = 0
        while not self._stopped:
            wait = min(kept[0][0] - time.monotonic(), 0.1) if kept else 0.1
            if select.select([self._wire], [], [], max(wait, 0))[0]:
                packet = self._wire.recv(65536)
                count += 1
                if self._chance.random() < self._loss:
                    self.lost += 1
                else:
                    self._keep(kept, count, packet)
            while kept and kept[0][0] <= time.monotonic():
                self._wire.send(heapq.heappop(kept)[2])

    def _keep(self, kept, number, packet):
        is_late = self._chance.random() < self._late
        due = time.monotonic() + self._delay * (1.5 if is_late else 1)
        self.overtaken += any(other[0] > due for other in kept)
        heapq.heappush(kept, (due, number, packet))

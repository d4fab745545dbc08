"""A service mesh with a company's proxy outside of it: where a client's way to the far end leads past four parties.

    client ---- sidecar ---- proxy ---- origin
        192.0.2.0/24  198.51.100.0/24  203.0.113.0/24

Each is a namespace of the test's own (own_network.py), and no one forwards a packet: whoever wants to go further has to
ask the next one. What the client sends over TCP, wherever it shall go, reaches a port of the sidecar's. The proxy alone
knows the name of the origin; the name server of the mesh knows none, and remembers what it was asked for.
"""

import os
import socket
import threading

from harness import TlsOrigin, write_file
from own_network import Place, enter, ip, lay_directory, with_own_mounts
from routed_network import nft, write_setting

CLIENT, CLIENTS_GATEWAY = "192.0.2.10", "192.0.2.1"
SIDECAR, PROXY = "198.51.100.10", "198.51.100.95"
PROXYS_BACK, ORIGIN = "203.0.113.1", "203.0.113.192"
PROXY_PORT, SIDECAR_PORT, ORIGIN_PORT = 3128, 15001, 443
NAME = "wiki.example"

HOSTS = "127.0.0.1 localhost\n"
NAME_SERVER = f"nameserver {CLIENTS_GATEWAY}\noptions timeout:1 attempts:1\n"


class Mesh:
    """The places `client`, `sidecar`, `proxy` and `origin`, with directories of their own where Squid has its files."""

    def __init__(self, directory):
        self.directory = directory
        enter(directory, {"/etc/hosts": HOSTS, "/etc/resolv.conf": NAME_SERVER})
        self._lay_directories()
        self._proxys_hosts = write_file(os.path.join(directory, "proxys-hosts"), f"{HOSTS}{ORIGIN} {NAME}\n")
        self.client, self.sidecar, self.proxy, self.origin = (Place() for _ in range(4))
        _join((self.client, CLIENT), (self.sidecar, CLIENTS_GATEWAY))
        _join((self.sidecar, SIDECAR), (self.proxy, PROXY))
        _join((self.proxy, PROXYS_BACK), (self.origin, ORIGIN))
        with self.client:
            ip("route", "replace", "default", "via", CLIENTS_GATEWAY)
        for place in (self.sidecar, self.proxy):
            with place:
                write_setting("net/ipv4/ip_forward", 0)

    def _lay_directories(self):
        for path, within in (("/var/log", "squid"), ("/var/spool", "squid"), ("/run", "")):
            lay_directory(self.directory, path)
            os.makedirs(os.path.join(path, within), exist_ok=True)
            os.chmod(os.path.join(path, within), 0o777)  # started by root, proxies go on as another user
        names = os.path.realpath("/etc/resolv.conf")
        if not os.path.exists(names):  # it was in /run
            os.makedirs(os.path.dirname(names))
            write_file(names, NAME_SERVER)

    def redirect(self, port):
        """From now on the client's connections, wherever they shall go, reach this port of the sidecar's."""
        with self.sidecar:
            nft(f"""
                table ip mesh {{}}
                delete table ip mesh
                table ip mesh {{
                    chain inbound {{
                        type nat hook prerouting priority dstnat
                        iif "to{_number(CLIENT)}" meta l4proto tcp redirect to :{port}
                    }}
                }}
            """)

    def knowing_the_origin(self):
        """The beginning of a command for a program that finds the origin's name in /etc/hosts."""
        return with_own_mounts('mount --bind "$1" /etc/hosts', self._proxys_hosts)


def _number(address):
    return address.rpartition(".")[2]


def _join(near, far):
    """A wire between two places. Each end is named after the address at the other one."""
    (place, address), (other_place, other_address) = near, far
    names = f"to{_number(other_address)}", f"to{_number(address)}"
    with place:
        ip("link", "add", names[0], "type", "veth", "peer", "name", names[1], "netns", other_place.path)
    for where, own, name in ((place, address, names[0]), (other_place, other_address, names[1])):
        with where:
            ip("address", "add", f"{own}/24", "dev", name)
            ip("link", "set", name, "up")


class Origin(TlsOrigin):
    """What can be reached by the proxy alone. It remembers who has come."""

    def __init__(self, mesh, certificates):
        certificates.certificate, certificates.key = certificates.issue(NAME)
        self.clients = []
        with mesh.origin:
            super().__init__(certificates, (ORIGIN, ORIGIN_PORT))
        self._server.verify_request = self._remember
        self.url = f"https://{NAME}"

    def _remember(self, _, address):
        self.clients.append(address[0])
        return True


class NameServer:
    """The mesh's own: it knows no name, and remembers for which ones it was asked."""

    def __init__(self, mesh):
        with mesh.sidecar:
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.bind((CLIENTS_GATEWAY, 53))
        self.asked = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            query, client = self._socket.recvfrom(512)
            self.asked.append(_name_in(query))
            self._socket.sendto(query[:2] + b"\x81\x83" + query[4:], client)  # the query's answer: there is no such name


def _name_in(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
        at += 1 + query[at]
    return ".".join(labels)

"""A small world for two proxies that read the same squid.conf: names, addresses, origins and parents are the same at
every run, so that the file, its ports and its paths are those of a real machine.

`World()` moves this process into a network, and among files, of its own. Afterwards /etc/squid, /var/log/squid,
/var/spool/squid, /run and /dev/shm belong to it, and a name server answers for the names in NAMES.
"""

import base64
import contextlib
import os
import shutil
import socket
import ssl
import struct
import threading
import time
from typing import NamedTuple

import own_network
from harness import PATIENCE, Certificates, TcpOrigin, Wire
from wire_common import reset_on_close

PROXY = "172.30.109.95"
CLIENT, OTHER_CLIENT = "172.30.109.89", "172.30.109.90"
WIKIPEDIA, ELSEWHERE, SECOND = "91.198.174.192", "93.184.216.34", "93.184.216.35"
INSIDE = "10.20.0.5"  # an origin at home
PARENTS = "172.30.109.70"
WAYS_OUT = ("172.30.109.201", "172.30.109.202")  # addresses for tcp_outgoing_address
HERE = (PROXY, CLIENT, OTHER_CLIENT, WIKIPEDIA, ELSEWHERE, SECOND, INSIDE, PARENTS, *WAYS_OUT)
SILENT_BLOCK, FORBIDDEN_BLOCK = "185.15.59.0/24", "185.15.58.0/24"

NAMES = {
    "en.wikipedia.org": WIKIPEDIA, "de.wikipedia.org": WIKIPEDIA, "wikipedia.org": WIKIPEDIA,
    "www.example.com": ELSEWHERE, "example.com": ELSEWHERE, "badexample.com": ELSEWHERE,
    "intranet.corp": INSIDE, "second.example.com": SECOND,
    "silent.example": "185.15.59.1", "prohibited.example": "185.15.58.1",
}
REVERSE = {WIKIPEDIA: "text-lb.wikimedia.org"}  # other addresses have no name
SERVFAIL, NXDOMAIN = 2, 3

HOSTS = "127.0.0.1 localhost\n"
PAYLOAD = b"0123456789" * 100


class Scene(NamedTuple):
    """A squid.conf, and what is asked of the proxy that has it."""
    name: str
    conf: str
    requests: tuple
    files: dict = {}
    ports: tuple = (3128,)
    log: str = "/var/log/squid/access.log"


class Verdict(NamedTuple):
    """A file that is only parsed."""
    name: str
    conf: str
    line: int = 0
    files: dict = {}
    included: bool = False  # the line is one of a file of `files`


# ---- names ----------------------------------------------------------------------------------------------------------


class NameServer(threading.Thread):
    """A, AAAA and PTR over UDP at 127.0.0.1:53. Names below `broken` are a failure of the server's, the rest of the
    unknown ones do not exist."""

    def __init__(self):
        super().__init__(daemon=True)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))
        self.start()

    def run(self):
        while True:
            query, sender = self._socket.recvfrom(4096)
            self._socket.sendto(self._reply(query), sender)

    @staticmethod
    def _answer(name, kind):
        """A response code, and a record's data."""
        if kind == 12 and name.endswith(".in-addr.arpa"):
            found = REVERSE.get(".".join(reversed(name.split(".")[:4])))
            return (0, encoded(found)) if found else (NXDOMAIN, None)
        if name.endswith("broken"):
            return SERVFAIL, None
        if name not in NAMES:
            return NXDOMAIN, None
        return 0, socket.inet_aton(NAMES[name]) if kind == 1 else None

    def _reply(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("ascii").lower())
            at += 1 + query[at]
        kind = struct.unpack("!H", query[at + 1:at + 3])[0]
        code, record = self._answer(".".join(labels), kind)
        head = query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, 1 if record else 0, 0, 0) + query[12:at + 5]
        return head + (b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(record)) + record if record else b"")


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


# ---- origins and parents --------------------------------------------------------------------------------------------


def origin(connection):
    """Says who it is, and to whom it speaks; sends back what comes."""
    own, peer = connection.getsockname(), connection.getpeername()
    connection.sendall(f"{own[0]}:{own[1]} sees {peer[0]}\n".encode())
    while received := connection.recv(65536):
        connection.sendall(received)


def read_head(connection):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        octet = connection.recv(1)
        if not octet:
            return head
        head += octet
    return head


class Parents:
    """Proxies with a script each; what they are asked is kept."""

    def __init__(self, stack):
        self.asked = []
        for port, answer in self.SCRIPTS.items():
            stack.enter_context(TcpOrigin(self._serving(port, answer), (PARENTS, port)))

    def _serving(self, port, answer):
        def serve(connection):
            head = read_head(connection)
            if head:
                self.asked.append((port, head.decode("latin-1")))
            if port != 8088 or basic("proxy:secret") in head.decode("latin-1"):
                return answer(connection)
            connection.sendall(ASKS)
        return serve

    @staticmethod
    def _says(text, then=lambda connection: None):
        def serve(connection):
            connection.sendall(text)
            then(connection)
        return serve

    SCRIPTS = {}


def refusal(status, *fields, body="no"):
    lines = (f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body)}", "Connection: close")
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body.encode()


ESTABLISHED = b"HTTP/1.1 200 Connection established\r\nVia: 1.1 parent\r\n\r\n"
ASKS = refusal("407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="parent"')
Parents.SCRIPTS = {
    8080: Parents._says(ESTABLISHED, origin),
    8081: Parents._says(ESTABLISHED, origin),
    8088: Parents._says(ESTABLISHED, origin),  # for those whom it knows
    8407: Parents._says(ASKS),
    8403: Parents._says(refusal("403 Forbidden")),
    8502: Parents._says(refusal("502 Bad Gateway")),
    8503: Parents._says(refusal("503 Service Unavailable")),
    8000: lambda connection: None,
    8002: reset_on_close,
    # 8009: nobody listens
}
ORIGINS = [(address, port) for address in (WIKIPEDIA, ELSEWHERE, INSIDE) for port in (443, 563, 8443, 22)] + [
    ("127.0.0.1", 443), (PROXY, 443)]


# ---- the world ------------------------------------------------------------------------------------------------------

# What a proxy finds empty at every start. Squid takes memory under names in /dev/shm: the Squid of another world must not
# find them there.
OWN_PLACES = ("/etc/squid", "/var/log/squid", "/var/spool/squid", "/run", "/dev/shm")


class World:
    def __init__(self, directory):
        self._stack = contextlib.ExitStack()
        self._directory = directory
        own_network.enter(directory, {"/etc/hosts": HOSTS, "/etc/resolv.conf": "nameserver 127.0.0.1\n"})
        for path in OWN_PLACES:
            own_network.lay_directory(directory, path)
        for address in HERE:
            own_network.here(address)
        own_network.black_hole(SILENT_BLOCK)
        own_network.prohibit(FORBIDDEN_BLOCK)
        NameServer()
        for place in ORIGINS:
            self._stack.enter_context(TcpOrigin(origin, place))
        self.parents = Parents(self._stack)
        self._certificates = Certificates(directory)

    def fresh(self, files):
        """Everything of an earlier scene goes; files by their path come."""
        self.parents.asked.clear()
        for path in OWN_PLACES:
            for name in os.listdir(path):
                whole = os.path.join(path, name)
                shutil.rmtree(whole) if os.path.isdir(whole) else os.unlink(whole)
            os.chmod(path, 0o777)
        for name in (self._certificates.ca, self._certificates.certificate, self._certificates.key):
            os.chmod(shutil.copy(name, "/etc/squid"), 0o644)  # Squid reads them without root's rights
        for path, text in files.items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="latin-1") as file:
                file.write(text)
            os.chmod(path, 0o755 if text.startswith("#!") else 0o644)


# ---- clients --------------------------------------------------------------------------------------------------------


class Line(Wire):
    """A connection of a client's to any address, in TLS if it is to be."""

    def __init__(self, address, port, source=None, tls=False):
        self.socket = eventually(lambda: self._connected(address, port, source), f"listener at {address}:{port}")
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = ssl.create_default_context(cafile="/etc/squid/ca.pem").wrap_socket(
                self.socket, server_hostname="localhost")


    @staticmethod
    def _connected(address, port, source):
        """Squid tells of a listener just before it is one."""
        with contextlib.suppress(ConnectionRefusedError):
            return socket.create_connection((address, port), PATIENCE, (source, 0) if source else None)


def basic(credentials):
    return "Proxy-Authorization: Basic " + base64.b64encode(credentials.encode()).decode()


def eventually(condition, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"there is no {what}")
        time.sleep(0.01)
    return value


def proxy_protocol(client):
    """A header of the PROXY protocol, version 1."""
    return f"PROXY TCP4 {client} {PROXY} 40000 3128\r\n".encode()

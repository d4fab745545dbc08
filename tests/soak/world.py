"""The proxy under load and its surroundings: two parents, targets of all sorts, and the files of its configuration.

Each request has a number, and with it two addresses in 127.0.0.0/8: its client comes from the one, its target is at the
other. So a target knows whom it serves before a single octet has come, and each line of the log tells whose it is.
"""

import asyncio
import base64
import contextlib
import itertools
import os
import pwd
import re
import signal
import socket
import subprocess

from harness import LOOPBACK, Program, ReservedPort, printable, write_file

HEAD_TIMEOUT, CONNECT_TIMEOUT = 3, 2  # seconds
PARENTS = ("127.0.0.2", "127.0.0.3")
MORTAL = PARENTS[0]  # the one that dies now and then
USER, PASSWORD = "ann", "open sesame"
CREDENTIALS = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
WRONG_CREDENTIALS = base64.b64encode(f"{USER}:something else".encode()).decode()
OLD_LOGS = 1000  # that the proxy keeps at most
MOVED, KEPT = "moved.log", "kept.log"  # the log that others rename, and the one that the proxy does

CONFIGURATION = """\
http_port {LOOPBACK}:0
pid_filename none
cache_effective_user {user}
workers 2
head_timeout {HEAD_TIMEOUT} seconds
connect_timeout {CONNECT_TIMEOUT} seconds
shutdown_lifetime 10 seconds
status_profile standard
logformat soak %>a %Hs %<a
access_log stdio:{directory}/moved.log logformat=soak
access_log stdio:{directory}/kept.log rotate={OLD_LOGS} logformat=soak
logfile_rotate 0
auth_basic_file {directory}/users
auth_failure_delay 0.1 seconds
acl open port {open} {refusing} {silent}
acl parented port {parented}
acl guarded port {guarded}
acl known proxy_auth REQUIRED
http_access allow open
http_access allow parented
http_access allow guarded known
http_access deny all
never_direct allow parented
cache_peer {PARENTS[0]} parent {parents[0]} 0 no-query round-robin name=mortal
cache_peer {PARENTS[1]} parent {parents[1]} 0 no-query round-robin name=immortal
# state {state}
"""

PARENT = """\
http_port {address}:{port}
pid_filename none
cache_effective_user {user}
access_log none
acl ours port {parented}
http_access allow ours
http_access deny all
"""


def address(number, second):
    return f"127.{second + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def client_address(number):
    return address(number, 64)


def target_address(number):
    return address(number, 128)


def number_of(text):
    """Of a client's address, or None."""
    match = re.fullmatch(r"127\.(\d+)\.(\d+)\.(\d+)", text)
    second, third, fourth = map(int, match.groups()) if match else (0, 0, 0)
    return (second - 64) << 16 | third << 8 | fourth if 64 <= second < 128 else None


def everywhere_on_loopback(backlog):
    """A listener at every address of 127.0.0.0/8, and at no other."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("0.0.0.0", 0))
    listener.listen(backlog)
    listener.setblocking(False)
    return listener


class Targets:
    """Listeners whose connections go to whoever waits for that number, and two that serve nobody."""

    def __init__(self):
        self._awaited = {}
        self._listeners = {name: everywhere_on_loopback(1024) for name in ("open", "guarded", "parented")}
        self._closed = socket.socket()
        self._closed.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
        self._closed.bind(("0.0.0.0", 0))
        self._silent = everywhere_on_loopback(0)
        self._fillers = []
        self.ports = {name: one.getsockname()[1] for name, one in self._listeners.items()}
        self.ports |= {"refusing": self._closed.getsockname()[1], "silent": self._silent.getsockname()[1]}
        self._fill()

    def _fill(self):
        """Until the queue of connections that nobody accepts is full: whoever comes then gets no answer."""
        for _ in range(64):
            filler = socket.socket()
            self._fillers.append(filler)
            filler.settimeout(0.2)
            try:
                filler.connect((LOOPBACK, self.ports["silent"]))
            except TimeoutError:
                return
        raise AssertionError("the queue of a listener does not fill")

    def start(self):
        self._tasks = [asyncio.create_task(self._accept(listener)) for listener in self._listeners.values()]

    async def _accept(self, listener):
        loop = asyncio.get_running_loop()
        while True:
            wire, _ = await loop.sock_accept(listener)
            waiting = self._awaited.pop(wire.getsockname()[0], None)
            if waiting and not waiting.done():
                waiting.set_result(wire)
            else:
                wire.close()  # for a client that has not waited

    @contextlib.contextmanager
    def arrival(self, number):
        """The connection of this number, as a future."""
        future = self._awaited[target_address(number)] = asyncio.get_running_loop().create_future()
        try:
            yield future
        finally:
            self._awaited.pop(target_address(number), None)
            if future.done() and not future.cancelled():
                future.result().close()

    def close(self):
        for task in self._tasks:
            task.cancel()
        for one in (*self._listeners.values(), *self._fillers, self._silent, self._closed):
            one.close()


class ProxyEnded(Exception):
    """It should not have; what it said last is in the text."""


class World:
    """The proxy, its parents, and the files in `directory`; `with` starts them and makes sure that they end."""

    def __init__(self, program, directory):
        self.directory, self.targets = directory, Targets()
        self._program = program
        self._user = pwd.getpwuid(os.geteuid()).pw_name
        self._reserved = [ReservedPort(where) for where in PARENTS]
        self._states = itertools.count()
        self._configuration = os.path.join(directory, "squid.conf")
        self.port = None

    def __enter__(self):
        hashed = subprocess.run(["openssl", "passwd", "-apr1", PASSWORD], check=True, capture_output=True, text=True)
        write_file(self._path("users"), f"{USER}:{hashed.stdout.strip()}\n")
        self.write_configuration()
        with contextlib.ExitStack() as stack:
            self._parents = {where: self._parent(where) for where in PARENTS}
            stack.callback(lambda: [parent.__exit__() for parent in self._parents.values()])  # whoever it is by then
            self.proxy = stack.enter_context(Program(self._program, "-f", self._configuration))
            self.port = int(self.proxy.await_line(r"^viaduct-proxy: listening on 127\.0\.0\.1:(\d+)$")[1])
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()
        self.targets.close()

    def _path(self, name):
        return os.path.join(self.directory, name)

    # ---- files

    def write_configuration(self, more=""):
        """Another state of it; `more` are lines of it."""
        text = CONFIGURATION.format(**globals(), **self.targets.ports, user=self._user, directory=self.directory,
                                    parents=[port.number for port in self._reserved], state=next(self._states))
        os.replace(write_file(self._configuration + ".new", text + more), self._configuration)

    def logs(self, name):
        return [os.path.join(self.directory, file) for file in os.listdir(self.directory) if file.startswith(name)]

    def move_log(self, turn):
        os.rename(self._path(MOVED), self._path(f"{MOVED}.{turn}"))

    def log_is_back(self):
        return os.path.exists(self._path(MOVED))

    # ---- parents

    def _parent(self, where):
        port = self._reserved[PARENTS.index(where)].number
        text = PARENT.format(address=where, port=port, user=self._user, **self.targets.ports)
        parent = Program(self._program, "-f", write_file(self._path(f"parent-{where}.conf"), text))
        parent.await_line(r"^viaduct-proxy: listening on ")
        return parent

    def kill_parent(self):
        self._parents[MORTAL].process.kill()
        self._parents[MORTAL].wait()

    def revive_parent(self):
        self._parents[MORTAL] = self._parent(MORTAL)

    # ---- the proxy

    def expect_proxy(self):
        status = self.proxy.process.poll()
        if status is not None:
            said = "".join(f"\n    {printable(line[:200])}" for line in self.proxy.lines[-60:])
            raise ProxyEnded(f"it ended with {status}, and said last:{said}")

    def tell(self, number):
        """Sends it a signal; returns where its answer will be in what it says."""
        mark = len(self.proxy.lines)
        self.proxy.process.send_signal(number)
        return mark

    async def told(self, number, pattern):
        mark = self.tell(number)
        return await asyncio.to_thread(self.proxy.await_line, pattern, mark)

    async def open_tunnels(self):
        return int((await self.told(signal.SIGUSR2, r"(\d+) open tunnel"))[1])

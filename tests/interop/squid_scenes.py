"""The same requests at two proxies, Squid and viaduct-proxy, and the log lines that each of them writes of each.

Every format has a file of its own. A request is over when each of these files has its next line; so lines belong to
requests by their number, whatever is in them.
"""

import base64
import contextlib
import os
import time

from harness import (LOOPBACK, PATIENCE, Program, ReservedPort, TcpOrigin, Wire, echo, expect, find_program, status_of,
                     write_file)
from wire_common import StalledOrigin, reset_on_close

USER, PASSWORD = "alice", "open sesame"
PAYLOAD = b"0123456789" * 100
SHORT = 1  # second, for the clocks that some requests wait for

SQUID = """
http_port {loopback}:{port}
pid_filename none
cache_log {directory}/cache.log
cache_store_log none
cache deny all
coredump_dir {directory}
netdb_filename none
pinger_enable off
visible_hostname squid
error_default_language en
logfile_rotate 0
shutdown_lifetime 0 seconds
connect_timeout {short} second
request_header_max_size 16 KB
request_timeout {short} second
request_start_timeout {short} second
forward_timeout 5 seconds
dns_nameservers 127.0.0.53
dns_timeout {short} second
dns_retransmit_interval {short} second
auth_param basic program {helper} {users}
auth_param basic realm test
{rules}
{logs}
"""


def log_name(number):
    return f"{number:02}.log"


class Logs:
    """The files of one proxy's logs, one for each format."""

    def __init__(self, directory, count):
        self._paths = [os.path.join(directory, log_name(number)) for number in range(count)]

    def _all(self):
        for path in self._paths:
            try:
                with open(path, encoding="latin-1") as file:
                    yield file.read().split("\n")[:-1]
            except FileNotFoundError:
                yield []

    def next(self, seen):
        """The lines behind the first `seen` ones, one of each format."""
        patience = time.monotonic() + PATIENCE
        while time.monotonic() < patience:
            files = list(self._all())
            if all(len(lines) > seen for lines in files):
                expect({len(lines) for lines in files}, {seen + 1}, "the number of lines in the files")
                return [lines[seen] for lines in files]
            time.sleep(0.02)
        raise AssertionError(f"line {seen + 1} is not there: the files have {[len(lines) for lines in files]}")


# ---- origins --------------------------------------------------------------------------------------------------------


def resetting(connection):
    """Answers the first octets with five, and resets the connection."""
    connection.recv(64)
    connection.sendall(b"until")
    connection.recv(64)
    reset_on_close(connection)


class Places:
    """What both proxies are asked for: the same ports, so that the same rules hold."""

    def __init__(self, stack):
        self.echo = stack.enter_context(TcpOrigin(echo)).port
        self.members = stack.enter_context(TcpOrigin(echo)).port
        self.resetting = stack.enter_context(TcpOrigin(resetting)).port
        self.out_of_bounds = stack.enter_context(TcpOrigin(echo)).port
        self.refused = ReservedPort()
        self.stalled = [stack.enter_context(StalledOrigin()) for _ in range(2)]  # one for each proxy

    def rules(self):
        """Lines of a squid.conf, which are flags of viaduct-proxy, too."""
        ports = (self.echo, self.members, self.resetting, self.refused.number, *(one.port for one in self.stalled))
        return (f"acl known port {' '.join(map(str, ports))}",
                f"acl members_only port {self.members}",
                "acl forbidden dstdomain .forbidden.example",
                "acl tunnels method CONNECT",
                "acl members proxy_auth REQUIRED",
                "http_access deny !tunnels",
                "http_access deny !known",
                "http_access deny forbidden",
                "http_access deny members_only !members",
                "http_access allow all")


# ---- the proxies ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def squid(directory, places, helper, users, logformats):
    """A context with a port; `logformats` are built-in names or specifications."""
    program, port = find_program("squid"), ReservedPort()
    os.chmod(directory, 0o777)  # started by root, Squid goes on as another user
    logs = []
    for number, (name, spec) in enumerate(logformats):
        if spec:
            logs.append(f"logformat {name} {spec}")
        logs.append(f"access_log stdio:{directory}/{log_name(number)} logformat={name}")
    text = SQUID.format(loopback=LOOPBACK, port=port.number, directory=directory, short=SHORT, helper=helper,
                        users=users, rules="\n".join(places.rules()), logs="\n".join(logs))
    file = write_file(os.path.join(directory, "squid.conf"), text)
    with Program(program, "-N", "-d", "1", "-n", f"viaduct{port.number}", "-f", file) as running:
        for _ in range(PATIENCE * 50):  # a connection of ours would be in its logs
            if running.process.poll() is not None:
                raise AssertionError("Squid did not start:\n" + "\n".join(running.lines))
            if listens(port.number):
                break
            time.sleep(0.02)
        yield port.number
        running.process.kill()  # in its own way it takes two seconds to end


def listens(port):
    with open("/proc/net/tcp", encoding="ascii") as connections:
        return f":{port:04X} 00000000:0000 0A " in connections.read()


@contextlib.contextmanager
def viaduct(program, directory, places, helper, users, logformats):
    """The same with viaduct-proxy, which is told by flags what is in Squid's file."""
    flags = ["--http-port", f"{LOOPBACK}:0", "--allow-destination", "127.0.0.0/8", "--head-timeout", str(SHORT),
             "--connect-timeout", str(SHORT), "--auth-program", f"basic {helper} {users}", "--auth-realm", "test"]
    for rule in places.rules():
        directive, _, value = rule.partition(" ")
        flags += [f"--{directive.replace('_', '-')}", value]
    for number, (name, spec) in enumerate(logformats):
        if spec:
            flags += ["--logformat", f"{name} {spec}"]
        flags += ["--access-log", f"stdio:{directory}/{log_name(number)} logformat={name}"]
    with Program(program, *flags) as proxy:
        yield int(proxy.await_line(r"listening on 127\.0\.0\.1:(\d+)$")[1])
        expect(proxy.stop(), 0, "the exit status")


# ---- the requests ---------------------------------------------------------------------------------------------------

AGENT = "Test/1.0 (a \"quoted\" word; 50%) [x]"
ODD = "tab\there, 'single' \"double\" back\\slash [brackets] 100% caf\u00e9 <tag> #hash /slash {brace} ~tilde"


class Visitor:
    """Makes the requests at one proxy."""

    def __init__(self, port, places, stalled):
        self.port, self.places, self._stalled = port, places, stalled

    @staticmethod
    def head(target, *fields, method="CONNECT", version="HTTP/1.1"):
        host = target.split("/")[2] if "//" in target else target
        lines = (f"{method} {target} {version}", f"Host: {host}", f"User-Agent: {AGENT}", *fields)
        return "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n"

    def asked(self, request):
        """The status of the answer, and its connection."""
        wire = Wire(self.port)
        wire.send(request)
        return status_of(wire.read_head()), wire

    def opened(self, *request, **more):
        status, wire = self.asked(self.head(*request, **more))
        expect(status, 200, "the status")
        return wire

    def refused(self, request, *statuses):
        """The client reads the whole answer, and goes."""
        status, wire = self.asked(request)
        with wire:
            expect(status in statuses, True, f"that the status {status} is one of {statuses},")
            wire.end()
            wire.read_to_end()

    def carried(self, *request, **more):
        with self.opened(*request, **more) as wire:
            wire.send(PAYLOAD)
            expect(wire.read_exactly(len(PAYLOAD)), PAYLOAD, "what comes back")
            wire.end()
            expect(wire.read_to_end(), b"", "what comes at the end")

    # each of these is one request, and one line

    def tunnel_by_address(self):
        self.carried(f"{LOOPBACK}:{self.places.echo}")

    def tunnel_by_name(self):
        self.carried(f"localhost:{self.places.echo}", "Referer: http://from.example/a", "X-List: a=1, b=2, c=3")

    def tunnel_in_capitals(self):
        self.carried(f"LOCALHOST:{self.places.echo}")

    def tunnel_of_http_1_0(self):
        self.carried(f"{LOOPBACK}:{self.places.echo}", version="HTTP/1.0")

    def odd_fields(self):
        self.carried(f"{LOOPBACK}:{self.places.echo}", f"X-Odd: {ODD}", "X-Twice: one", "X-Twice: two",
                     "X-Long: " + "x" * 2000, "X-Empty:")

    def forbidden_port(self):
        self.refused(self.head(f"{LOOPBACK}:{self.places.out_of_bounds}"), 403)

    def forbidden_name(self):
        self.refused(self.head(f"www.forbidden.example:{self.places.echo}"), 403)

    def no_password(self):
        self.refused(self.head(f"{LOOPBACK}:{self.places.members}"), 407)

    @staticmethod
    def credentials(password):
        return "Proxy-Authorization: Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()

    def wrong_password(self):
        self.refused(self.head(f"{LOOPBACK}:{self.places.members}", self.credentials("wrong")), 407)

    def right_password(self):
        self.carried(f"{LOOPBACK}:{self.places.members}", self.credentials(PASSWORD))

    def unasked_password(self):
        self.carried(f"{LOOPBACK}:{self.places.echo}", self.credentials(PASSWORD))

    def connection_refused(self):
        self.refused(self.head(f"{LOOPBACK}:{self.places.refused.number}"), 502, 503)

    def no_such_name(self):
        self.refused(self.head(f"nowhere.invalid:{self.places.echo}"), 500, 502)

    def dial_timeout(self):
        self.refused(self.head(f"{LOOPBACK}:{self._stalled.port}"), 503, 504)

    def abort_during_dial(self):
        with Wire(self.port) as wire:
            wire.send(self.head(f"{LOOPBACK}:{self._stalled.port}"))
            self._stalled.await_dial()
            reset_on_close(wire.socket)

    def garbage(self):
        self.refused(b"\x16\x03\x01 garbage\r\n\r\n", 400)

    def bad_version(self):
        """Nothing behind the line: Squid writes a second line for what it has not read."""
        self.refused(b"CONNECT 127.0.0.1:443 HTTP/9.9\r\n", 505)

    def get(self):
        self.refused(self.head(f"http://{LOOPBACK}:{self.places.echo}/path?query=1", method="GET"), 403, 405)

    def unknown_method(self):
        self.refused(self.head(f"http://{LOOPBACK}:{self.places.echo}/", method="BREW"), 403, 405)

    def too_big(self):
        self.refused(self.head(f"{LOOPBACK}:{self.places.echo}", *(f"X-{n}: {'x' * 1000}" for n in range(22))), 431)

    def nothing(self):
        Wire(self.port).socket.close()

    def half_a_head(self):
        with Wire(self.port) as wire:
            wire.send(b"CONNECT localhost:443 HTTP/1.1\r\nHost:")
            wire.end()
            with contextlib.suppress(OSError):
                wire.read_to_end()

    def silence(self):
        with Wire(self.port) as wire:
            with contextlib.suppress(OSError):
                wire.read_to_end()

    def slow_head(self):
        with Wire(self.port) as wire:
            wire.send(b"CONNECT localhost:443 HTTP/1.1\r\n")
            with contextlib.suppress(OSError):
                wire.read_to_end()

    def reset_by_client(self):
        with self.opened(f"{LOOPBACK}:{self.places.echo}") as wire:
            wire.send(PAYLOAD)
            wire.read_exactly(len(PAYLOAD))
            reset_on_close(wire.socket)

    def reset_by_origin(self):
        with self.opened(f"{LOOPBACK}:{self.places.resetting}") as wire:
            wire.send(b"some")
            expect(wire.read_exactly(5), b"until", "what comes before the reset")
            wire.send(b"more")
            with contextlib.suppress(OSError):
                wire.read_to_end()

    def early_octets(self):
        with Wire(self.port) as wire:
            wire.send(self.head(f"{LOOPBACK}:{self.places.echo}") + PAYLOAD)
            expect(status_of(wire.read_head()), 200, "the status")
            expect(wire.read_exactly(len(PAYLOAD)), PAYLOAD, "what comes back")

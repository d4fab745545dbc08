"""viaduct-proxy as a process among others: its pid file and -k, its service manager.

usage: process.py VIADUCT_PROXY
"""

import contextlib
import os
import pwd
import re
import signal
import socket
import stat
import sys
import time

from harness import (LOOPBACK, LOOPBACK_ALLOWED, PATIENCE, Program, ReservedPort, TcpOrigin, Tests, Wire, echo, expect,
                     expect_match, find_program, run_client, scratch_directory, status_of, write_file)
from own_network import with_own_mounts


def configuration(directory, pid_file, *lines, user=None):
    """A squid.conf; whoever runs the tests is to stay who he is."""
    text = [f"pid_filename {pid_file}", f"cache_effective_user {user or pwd.getpwuid(os.geteuid()).pw_name}", *lines]
    return write_file(os.path.join(directory, "squid.conf"), "".join(f"{line}\n" for line in text))


class Proxy(Program):
    """viaduct-proxy with a pid file in a directory; `before` is the beginning of its command.

    options: flags. lines: of its squid.conf."""

    def __init__(self, program, directory, *options, before=(), listen=f"{LOOPBACK}:0", user=None, log="none",
                 lines=(), **how):
        self.program = program
        self.pid_file = os.path.join(directory, "viaduct.pid")
        lines = [*([f"http_port {listen}"] if listen else []), f"access_log {log}", *lines]
        base = directory if os.path.isdir(directory) else os.path.dirname(directory)
        self.configuration = configuration(base, self.pid_file, *lines, user=user)
        super().__init__(*before, program, "-f", self.configuration, *LOOPBACK_ALLOWED, *options, **how)

    def await_listening(self):
        self.port = int(self.await_line(r"listening on \S+:(\d+)$")[1])
        return self

    def written_pid(self):
        return int(read_file(self.pid_file))

    def control(self, verb, *more):
        return control(self.program, self.configuration, verb, *more)


def control(program, path, verb, *more):
    """path: of a configuration"""
    return run_client(program, "-f", path, "-k", verb, *more)


def read_file(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def eventually(look, what):
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {PATIENCE} s: {what}")
        time.sleep(0.01)
    return found


def expect_failure(done, *patterns):
    expect(done.returncode, 1, "the exit status")
    for pattern in patterns:
        expect_match(pattern, done.stderr.decode(), "what it says")


@contextlib.contextmanager
def open_tunnel(proxy):
    """A tunnel to an echo, through a proxy that has been told `OPEN`."""
    with TcpOrigin(echo) as origin, Wire(proxy.port) as client:
        client.send(f"CONNECT {LOOPBACK}:{origin.port} HTTP/1.1\r\nHost: {LOOPBACK}:{origin.port}\r\n\r\n".encode())
        expect(status_of(client.read_head()), 200, "the answer")
        yield client


OPEN = {"lines": ["http_access allow all"]}


# ---- the pid file, and -k -------------------------------------------------------------------------------------------


def verbs_that_leave_it(program):
    """check, reconfigure, rotate and debug, also by the beginnings of their names; parse asks nobody."""
    with scratch_directory() as directory:
        log = os.path.join(directory, "access.log")
        with Proxy(program, directory, log=log).await_listening() as proxy:
            expect(proxy.written_pid(), proxy.process.pid, "the number in the file")
            expect(stat.S_IMODE(os.stat(proxy.pid_file).st_mode) & 0o133, 0, "what others may do with it")
            for verb, line in (("check", None), ("reconfigure", "configuration reloaded"), ("debug", r"0 open tunnel"),
                               ("rec", "configuration reloaded"), ("parse", None)):
                mark = len(proxy.lines)
                expect(proxy.control(verb).returncode, 0, f"-k {verb}")
                if line:
                    proxy.await_line(line, mark)
            os.rename(log, log + ".aside")
            expect(proxy.control("rotate").returncode, 0, "-k rotate")
            eventually(lambda: os.path.exists(log), "a log by the old name")
            expect(proxy.stop(), 0, "the exit status")
        expect(os.path.exists(proxy.pid_file), False, "a pid file in the end")


def verbs_that_end_it(program):
    """shutdown waits for tunnels, --wait for the end; what kill leaves behind misleads nobody."""
    with scratch_directory() as directory:
        with Proxy(program, directory, "--shutdown-lifetime", "0.2", **OPEN).await_listening() as proxy:
            with open_tunnel(proxy):
                expect(proxy.control("shutdown", "--wait").returncode, 0, "-k shutdown")
                expect(os.path.exists(proxy.pid_file), False, "a pid file when -k --wait returns")
                proxy.await_line(r"waiting up to 0\.2 s for 1 open tunnel")
            expect(proxy.wait(), 0, "the exit status")
        with Proxy(program, directory, **OPEN).await_listening() as proxy, open_tunnel(proxy):
            expect(proxy.control("interrupt").returncode, 0, "-k interrupt")  # does not wait for it
            expect(proxy.wait(), 0, "the exit status")
        with Proxy(program, directory).await_listening() as proxy:
            expect(proxy.control("kill", "--wait").returncode, 0, "-k kill")
            expect(proxy.wait(), -signal.SIGKILL, "the exit status")
        expect(proxy.written_pid(), proxy.process.pid, "what is left in the file")
        expect_failure(proxy.control("shutdown"), proxy.pid_file, f"process {proxy.process.pid}", "no longer runs")


def stale_files(program):
    """A number without a lock is nobody, even if a process has it; a new start takes the file over."""
    with scratch_directory() as directory:
        path = os.path.join(directory, "viaduct.pid")
        for left in (f"{os.getpid()}\n", "999999999\n", ""):
            write_file(path, left)
            expect_failure(control(program, configuration(directory, path), "kill"), path,
                           "no longer runs" if left else "has ended")
            with Proxy(program, directory).await_listening() as proxy:
                expect(proxy.written_pid(), proxy.process.pid, "the number in the file")
                expect(proxy.stop(), 0, "the exit status")


def no_file(program):
    with scratch_directory() as directory:
        path = os.path.join(directory, "viaduct.pid")
        for verb in ("check", "reconfigure", "rotate", "debug", "shutdown", "interrupt", "kill"):
            expect_failure(control(program, configuration(directory, path), verb), path, "it is not there")
        expect(control(program, configuration(directory, path), "parse").returncode, 0, "-k parse")
        expect_failure(control(program, configuration(directory, path), "restart"), "reconfigure")
        expect_failure(control(program, configuration(directory, path), "dance"), "'dance': write reconfigure, ")
        expect_failure(control(program, configuration(directory, "none"), "check"), "pid_filename is none")


def second_instance(program):
    """It says who runs, ends with 1 and leaves the first one's file alone."""
    with scratch_directory() as directory, Proxy(program, directory).await_listening() as first:
        with Proxy(program, directory) as second:
            second.await_line(rf"pid file {re.escape(first.pid_file)}: process {first.process.pid} runs with it")
            expect(second.wait(), 1, "the exit status of the second")
        expect(first.written_pid(), first.process.pid, "the number in the file")
        expect(first.control("check").returncode, 0, "-k check")


def other_files(program):
    """What is no pid file stays as it is, links are not followed, and a place that is not there is a mistake."""
    with scratch_directory() as directory:
        precious = write_file(os.path.join(directory, "viaduct.pid"), "root:x:0:0\n")
        with Proxy(program, directory) as proxy:
            proxy.await_line("it holds no process number")
            expect(proxy.wait(), 1, "the exit status")
        expect(read_file(precious), "root:x:0:0\n", "the file")
        os.rename(precious, precious + ".real")
        os.symlink(write_file(os.path.join(directory, "empty"), ""), precious)
        with Proxy(program, directory) as proxy:
            proxy.await_line("it cannot be written: .*symbolic links")
            expect(proxy.wait(), 1, "the exit status")
        with Proxy(program, os.path.join(directory, "nowhere")) as proxy:
            proxy.await_line("it cannot be written: No such file or directory")
            expect(proxy.wait(), 1, "the exit status")


def pid_files(tests, program):
    tests.run("-k check, reconfigure, rotate, debug and parse leave it running", verbs_that_leave_it, program)
    tests.run("-k shutdown, interrupt and kill end it, and --wait sees the end", verbs_that_end_it, program)
    tests.run("-k without a pid file, and what it does not know", no_file, program)
    tests.run("a stale pid file leads no signal to a stranger, and is taken over", stale_files, program)
    tests.run("a second instance says who runs", second_instance, program)
    tests.run("a pid file is no way to write into other files", other_files, program)


# ---- Squid's command line -------------------------------------------------------------------------------------------


def squid_command_line(program):
    """As Debian's squid.service calls it, and every switch that changes nothing."""
    done = run_client(program, "--foreground", "-z")
    expect(done.returncode, 0, "the exit status of -z")
    expect_match("no cache", done.stderr.decode())
    expect_match(r"^viaduct-proxy \d", run_client(program, "-v").stdout.decode())
    with scratch_directory() as directory, Proxy(program, directory, "--foreground", "-sYC", "-NDFRSX", "-d1", "-n",
                                                 "edge", "-u", "0").await_listening() as proxy:
        expect(proxy.stop(), 0, "the exit status")


# The program asks for /dev/log, and has no flag for another place.
OWN_DEV = """
for each in null zero full random urandom; do
    : >"$1/$each"
    mount --bind "/dev/$each" "$1/$each"
done
mount --rbind "$1" /dev
"""


def notices_in_syslog(program):
    """-s is local4, -l another facility; what is told is there as it is on standard error."""
    for switches, facility in ((["-s"], 20), (["-l", "daemon"], 3)):
        with scratch_directory() as directory:
            devices = os.path.join(directory, "dev")
            os.mkdir(devices)
            with datagrams(os.path.join(devices, "log")) as log:
                with Proxy(program, directory, *switches, before=with_own_mounts(OWN_DEV, devices)) as proxy:
                    port = proxy.await_listening().port
                    expect_match(rf"^<{facility * 8 + 5}>.*viaduct-proxy\[\d+\]: listening on 127\.0\.0\.1:{port}$",
                                 log.recv(4096).decode().rstrip("\0\n"), "the message")
                    expect(proxy.stop(), 0, "the exit status")


def command_lines(tests, program):
    tests.run("Squid's switches are accepted", squid_command_line, program)
    tests.run("-s and -l send notices to syslog as well", notices_in_syslog, program)


# ---- a service manager ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def datagrams(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(path)
        receiver.settimeout(PATIENCE)
        yield receiver


class Manager:
    """What is told to a service manager, message by message."""

    def __init__(self, receiver):
        self._receiver = receiver
        self.order = []

    def until(self, wanted):
        """Reads until a message has such an assignment, and returns that message."""
        while True:
            message = dict(line.split("=", 1) for line in self._receiver.recv(4096).decode().split("\n"))
            self.order += [name for name in ("READY", "RELOADING", "STOPPING") if name in message]
            if wanted.items() <= message.items():
                return message


NOTIFIED_BY = ("path", "abstract")


def notifications(program, kind):
    """Ready, reloading, ready again, stopping; how many tunnels are open; and signs of life."""
    with scratch_directory() as directory:
        path = os.path.join(directory, "notify") if kind == "path" else f"@viaduct-test-{os.getpid()}"
        environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "40000"}
        with datagrams(path.replace("@", "\0")) as receiver, \
                Proxy(program, directory, "--shutdown-lifetime", "7", environment=environment, **OPEN) as proxy:
            proxy.await_listening()
            manager = Manager(receiver)
            manager.until({"READY": "1"})
            for _ in range(3):
                manager.until({"WATCHDOG": "1"})
            with open_tunnel(proxy):
                manager.until({"STATUS": "1 open tunnel"})
                before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
                proxy.process.send_signal(signal.SIGHUP)
                told = int(manager.until({"RELOADING": "1"})["MONOTONIC_USEC"])
                expect(before <= told <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000, True, "the time is now")
                manager.until({"READY": "1"})
                manager.until({"STATUS": "1 open tunnel"})
                proxy.process.terminate()
                expect(manager.until({"STOPPING": "1"})["EXTEND_TIMEOUT_USEC"], "17000000", "the time it asks for")
                manager.until({"WATCHDOG": "1"})  # also while it waits for the tunnel
            expect(proxy.wait(), 0, "the exit status")
            expect(manager.order, ["READY", "RELOADING", "READY", "STOPPING"], "what was told")


def watchdog_of_another(program):
    """A watchdog that waits for another process gets nothing; nor does anybody if nobody asked."""
    with scratch_directory() as directory:
        path = os.path.join(directory, "notify")
        environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}
        with datagrams(path) as receiver, \
                Proxy(program, directory, environment=environment).await_listening() as proxy:
            expect(proxy.stop(), 0, "the exit status")
            receiver.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    expect(b"WATCHDOG" in receiver.recv(4096), False, "a sign of life")


def deaf_managers(program):
    """That nobody listens, or in no way that is known, is told and nothing more."""
    with scratch_directory() as directory:
        for address in (os.path.join(directory, "nobody"), "vsock:2:1234", "/" + "x" * 200):
            with Proxy(program, directory, environment={"NOTIFY_SOCKET": address}).await_listening() as proxy:
                proxy.await_line("NOTIFY_SOCKET '")
                expect(proxy.stop(), 0, "the exit status")


def forgotten_environment(program):
    """A helper hears nothing of the service manager, and has none of its sockets."""
    with scratch_directory() as directory, listening_socket() as server:
        seen = os.path.join(directory, "seen")
        helper = write_file(os.path.join(directory, "helper"),
                            f"#!/bin/sh\n(env; ls -l /proc/self/fd) >{seen}.new\nmv {seen}.new {seen}\nexec cat\n",
                            0o755)
        path = os.path.join(directory, "notify")
        environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "9000000", "LISTEN_FDNAMES": "http", "STAYS": "yes"}
        with datagrams(path), given(program, directory, [server], environment=environment,
                                    lines=[f"auth_param basic program {helper}",
                                           "auth_param basic children 1 startup=1"]) as proxy:
            proxy.await_listening()
            eventually(lambda: os.path.exists(seen), "a helper that has started")
            expect(re.findall(r"^(NOTIFY_\w+|WATCHDOG_\w+|LISTEN_\w+|STAYS)=", read_file(seen), re.M), ["STAYS"],
                   "what the helper is told")
            expect(os.fstat(server.fileno()).st_ino in
                   [int(number) for number in re.findall(r"socket:\[(\d+)\]", read_file(seen))], False,
                   "a listener that the helper has")


# ---- sockets that somebody has opened -------------------------------------------------------------------------------


def listening_socket(where=(LOOPBACK, 0), family=socket.AF_INET):
    server = socket.create_server(where, family=family, dualstack_ipv6=family == socket.AF_INET6)
    server.settimeout(PATIENCE)
    return server


# What a service manager does between fork and exec.
HAND_OVER = """
import fcntl, os, sys
count = int(sys.argv[1])
for place, number in enumerate([fcntl.fcntl(int(each), fcntl.F_DUPFD, 99) for each in sys.argv[2:2 + count]]):
    os.dup2(number, 3 + place)
os.environ.setdefault("LISTEN_PID", str(os.getpid()))
os.environ["LISTEN_FDS"] = str(count)
os.execv(sys.argv[2 + count], sys.argv[2 + count:])
"""


def given(program, directory, sockets, *options, listen=None, **how):
    """A proxy that is given open sockets, as systemd does it."""
    numbers = [each.fileno() for each in sockets]
    before = [sys.executable, "-c", HAND_OVER, str(len(numbers)), *map(str, numbers)]
    return Proxy(program, directory, *options, before=before, listen=listen, descriptors=numbers, **how)


def waiting_clients(program):
    """Who has connected before the proxy starts is served; with one worker and with several."""
    for workers in ("1", "3"):
        with scratch_directory() as directory, listening_socket() as server:
            port = server.getsockname()[1]
            with Wire(port) as client:
                client.send(b"CONNECT 192.0.2.1:1 HTTP/1.1\r\nHost: 192.0.2.1:1\r\n\r\n")
                with given(program, directory, [server], "--workers", workers, listen=f"{LOOPBACK}:{port}") as proxy:
                    expect(status_of(client.read_head()), 403, "the answer")
                    client.socket.close()  # a refused client is given some time otherwise
                    expect(proxy.await_listening().port, port, "the port")
                    expect_same_descriptors(proxy)
                    expect(proxy.stop(), 0, "the exit status")
                with Wire(port):
                    pass  # the socket outlives the program: whoever comes now waits for the next one


def expect_same_descriptors(proxy):
    """Reading everything anew opens nothing that stays, and keeps what was given."""
    def reload():
        mark = len(proxy.lines)
        proxy.process.send_signal(signal.SIGHUP)
        proxy.await_line("configuration reloaded", mark)

    def descriptors():
        return len(os.listdir(f"/proc/{proxy.process.pid}/fd"))

    before = descriptors()
    for _ in range(3):
        reload()
    eventually(lambda: descriptors() <= before, "as few descriptors as before")
    with Wire(proxy.port) as client:
        client.send(b"CONNECT 192.0.2.1:1 HTTP/1.1\r\nHost: 192.0.2.1:1\r\n\r\n")
        expect(status_of(client.read_head()), 403, "the answer")


def only_given(program):
    """With no listener of its own the given ones are its listeners, and nothing else is."""
    with scratch_directory() as directory, listening_socket() as one, listening_socket(("::1", 0),
                                                                                    socket.AF_INET6) as other:
        with given(program, directory, [one, other]) as proxy:
            proxy.await_line(rf"listening on 127\.0\.0\.1:{one.getsockname()[1]}$")
            proxy.await_line(rf"listening on \[::1\]:{other.getsockname()[1]}$")
            expect(proxy.stop(), 0, "the exit status")
            expect(sum("listening on" in line for line in proxy.lines), 2, "listeners")


def all_addresses(program):
    """A unit's plain port is [::] for both versions of IP: it serves for 0.0.0.0, too."""
    with scratch_directory() as directory, listening_socket(("::", 0), socket.AF_INET6) as server:
        port = server.getsockname()[1]
        with given(program, directory, [server], listen=f"0.0.0.0:{port}") as proxy:
            with Wire(port) as client:
                client.send(b"CONNECT 192.0.2.1:1 HTTP/1.1\r\nHost: 192.0.2.1:1\r\n\r\n")
                expect(status_of(client.read_head()), 403, "the answer")
            expect(proxy.stop(), 0, "the exit status")


def unfit_sockets(program):
    """What is no such socket, or fits no listener, is named."""
    plain, datagram = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
    with scratch_directory() as directory, plain, datagram, listening_socket() as unwanted:
        port = unwanted.getsockname()[1]
        for server, listen, complaint in ((plain, None, r"descriptor 3 \(edge\): it is no TCP socket that listens"),
                                          (datagram, None, "it is no TCP socket that listens"),
                                          (unwanted, f"{LOOPBACK}:0",
                                           rf"descriptor 3 \(edge\): it listens on 127\.0\.0\.1:{port}, and no http_")):
            with given(program, directory, [server], listen=listen, environment={"LISTEN_FDNAMES": "edge"}) as proxy:
                proxy.await_line(complaint)
                expect(proxy.wait(), 1, "the exit status")


def sockets_of_another(program):
    """LISTEN_PID says whom a service manager means."""
    with scratch_directory() as directory, listening_socket() as server:
        with given(program, directory, [server], listen=f"{LOOPBACK}:0", environment={"LISTEN_PID": "1"}) as proxy:
            expect(proxy.await_listening().port != server.getsockname()[1], True, "a port of its own")
            expect(proxy.stop(), 0, "the exit status")


def real_systemd(program):
    """systemd's own tool listens, starts the program at the first connection, and names the socket."""
    port = ReservedPort()
    before = [find_program("systemd-socket-activate"), "--fdname=http", "-l", f"{LOOPBACK}:{port.number}"]
    with scratch_directory() as directory, Proxy(program, directory, listen=None, before=before) as proxy:
        proxy.await_line("Listening on")
        with Wire(port.number) as client:
            client.send(b"CONNECT 192.0.2.1:1 HTTP/1.1\r\nHost: 192.0.2.1:1\r\n\r\n")
            expect(status_of(client.read_head()), 403, "the answer")
        expect(proxy.await_listening().port, port.number, "the port")
        expect(proxy.stop(), 0, "the exit status")


def file_without_port(program):
    """An empty squid.conf, as there is one while it is being written, is no configuration: nothing changes."""
    with scratch_directory() as directory:
        with Proxy(program, directory, listen=None) as proxy:
            proxy.await_line("there is no http_port")
            expect(proxy.wait(), 2, "the exit status")
        with Proxy(program, directory).await_listening() as proxy:
            mark = len(proxy.lines)
            write_file(proxy.configuration, "")
            os.kill(proxy.process.pid, signal.SIGHUP)
            proxy.await_line("configuration not reloaded: there is no http_port", mark)
            with Wire(proxy.port) as client:
                client.send(b"CONNECT 192.0.2.1:1 HTTP/1.1\r\nHost: 192.0.2.1:1\r\n\r\n")
                expect(status_of(client.read_head()), 403, "the answer")
            expect(proxy.stop(), 0, "the exit status")


def service_managers(tests, program):
    for kind in NOTIFIED_BY:
        tests.run(f"a service manager is told what happens, at a socket by {kind}", notifications, program, kind)
    tests.run("a watchdog for another process", watchdog_of_another, program)
    tests.run("a service manager that does not listen", deaf_managers, program)
    tests.run("helpers know nothing of the service manager", forgotten_environment, program)
    tests.run("a squid.conf without a port is none", file_without_port, program)
    tests.run("a client that came before the program is served", waiting_clients, program)
    tests.run("with no listener of its own it has those that it is given", only_given, program)
    tests.run("a socket for all addresses", all_addresses, program)
    tests.run("sockets that fit nothing are named", unfit_sockets, program)
    tests.run("sockets for another process", sockets_of_another, program)
    tests.run("systemd-socket-activate", real_systemd, program)


def main(program):
    tests = Tests()
    pid_files(tests, program)
    command_lines(tests, program)
    service_managers(tests, program)
    tests.done()


if __name__ == "__main__":
    main(sys.argv[1])

"""The access logs of viaduct-proxy by its flags: every place, several at once, rotation, troubles, and bad input.

usage: proxy_logs.py VIADUCT_PROXY
"""

import contextlib
import glob
import json
import os
import shutil
import signal
import socket
import sys

import own_network
from harness import (LOOPBACK, LOOPBACK_ALLOWED, PATIENCE, Program, TcpOrigin, Tests, Wire, echo, expect, expect_match,
                     run_client, scratch_directory, status_of, write_file)
from through_proxy import eventually, run_group

NATIVE = r"^ *\d+\.\d{3} +\d+ 127\.0\.0\.1 "


def squid_line(port, status=200):
    return NATIVE + (rf"TCP_TUNNEL/200 \d+ CONNECT 127\.0\.0\.1:{port} - HIER_DIRECT/127\.0\.0\.1 -$" if status == 200
                     else rf"TCP_DENIED/{status} \d+ CONNECT \S+ - HIER_NONE/- text/plain")


class Proxy(Program):
    """viaduct-proxy without a log, but for those of its options; what it says is in `lines`."""

    def __init__(self, program, *options, before=()):
        """before: the beginning of a command that becomes the program."""
        super().__init__(*before, program, "--http-port", f"{LOOPBACK}:0", "--allow-port", "all", *LOOPBACK_ALLOWED,
                         *options)
        try:
            self.port = int(self.await_line(r"listening on 127\.0\.0\.1:(\d+)$")[1])
        except AssertionError:
            self.stop()
            raise


class Scene:
    """The program, an origin, and a directory for files."""

    def __init__(self, program, stack):
        self.program, self._stack = program, stack
        self.origin = stack.enter_context(TcpOrigin(echo)).port

    def directory(self):
        path = self._stack.enter_context(scratch_directory())
        os.chmod(path, 0o777)
        return path

    @contextlib.contextmanager
    def proxy(self, *options, status=0):
        with Proxy(self.program, *options) as proxy:
            yield proxy
            expect(proxy.stop(), status, "the exit status of the proxy")

    def tunnel(self, proxy, *fields, target=None, status=200):
        """One request, to the end of its tunnel."""
        target = target or f"{LOOPBACK}:{self.origin}"
        head = "".join(f"{line}\r\n" for line in (f"CONNECT {target} HTTP/1.1", f"Host: {target}", *fields))
        with Wire(proxy.port) as wire:
            wire.send(head.encode() + b"\r\n")
            expect(status_of(wire.read_head()), status, "the status")
            wire.end()
            wire.read_to_end()


def lines_of(path):
    with contextlib.suppress(FileNotFoundError), open(path, encoding="utf-8") as file:
        return file.read().splitlines()
    return []


def await_lines(path, count):
    """The lines of a file, once there are so many; and no more."""
    lines = eventually(lambda: (found := lines_of(path)) and len(found) >= count and found, f"line {count} of {path}")
    expect(len(lines), count, f"the number of lines of {path}")
    return lines


# ---- files ----------------------------------------------------------------------------------------------------------


def one_file(scene, log, pattern):
    """`log` has @ where the file belongs."""
    path = os.path.join(scene.directory(), "access.log")
    with scene.proxy("--logformat", "mine <%>a %rm %ru>", "--access-log", log.replace("@", path)) as proxy:
        scene.tunnel(proxy)
        expect_match(pattern, await_lines(path, 1)[0], "the line")
        scene.tunnel(proxy)
    expect(len(lines_of(path)), 2, "the number of lines after the end of the program")
    expect(os.stat(path).st_mode & 0o777, 0o640, "the mode of the file")


def files(tests, scene):
    native = squid_line(scene.origin)
    mine = rf"^<127\.0\.0\.1 CONNECT 127\.0\.0\.1:{scene.origin}>$"
    for log, pattern in (("@", native), ("stdio:@", native), ("@ squid", native), ("stdio:@ logformat=mine", mine),
                         ("stdio:@ mine", mine), ("stdio:@ on-error=die buffer-size=4KB logformat=mine", mine),
                         ("@ logformat=mine all", mine), ('"@" mine', mine),
                         ("@ common", r'^127\.0\.0\.1 - - \[.* [+-]\d{4}\] "CONNECT 127\.0\.0\.1:'
                                      rf'{scene.origin} HTTP/1\.1" 200 \d+ TCP_TUNNEL:HIER_DIRECT$')):
        tests.run(f"--access-log '{log.replace('@', 'FILE')}'", one_file, scene, log, pattern)


def by_names(scene, *names):
    """Logs of all built-in formats at once; each has its line, and all tell of the same request."""
    folder = scene.directory()
    flags = [flag for name in names for flag in ("--access-log", f"{folder}/{name} logformat={name}")]
    with scene.proxy(*flags) as proxy:
        scene.tunnel(proxy, "User-Agent: Test/1.0")
        for name in names:
            wanted = "Test/1.0" if name == "useragent" else str(scene.origin)
            expect_match(wanted, await_lines(f"{folder}/{name}", 1)[0], f"the line in {name}")


def standard_output(scene, log):
    with scene.proxy("--access-log", log) as proxy:
        mark = len(proxy.lines)
        scene.tunnel(proxy)
        proxy.await_line(squid_line(scene.origin), since=mark)


def two_logs(scene):
    """One of them for refusals only, and what comes behind `none` without what that takes out."""
    folder = scene.directory()
    logs = [os.path.join(folder, name) for name in ("all", "refused", "rest")]
    with scene.proxy("--acl", "secret dstdomain secret.example", "--http-access", "deny secret", "--http-access",
                     "allow all", "--access-log", logs[0], "--access-log", f"{logs[1]} squid secret", "--access-log",
                     "none secret", "--access-log", f"stdio:{logs[2]} logformat=squid all !secret") as proxy:
        scene.tunnel(proxy)
        scene.tunnel(proxy, target="secret.example:443", status=403)
        scene.tunnel(proxy)
    wanted = ["TCP_TUNNEL", "TCP_DENIED", "TCP_TUNNEL"]
    for path, tags in zip(logs, (wanted, wanted[1:2], wanted[::2])):
        expect([line.split()[3].split("/")[0] for line in lines_of(path)], tags, f"what is in {path}")


def none_at_all(scene):
    path = os.path.join(scene.directory(), "access.log")
    with scene.proxy("--access-log", "none", "--access-log", path) as proxy:
        scene.tunnel(proxy)
    expect(os.path.exists(path), False, "whether there is a file behind 'none'")


def everything_at_the_end(scene):
    """What waits in queues and buffers when the program is told to end gets to its place."""
    path, count = os.path.join(scene.directory(), "access.log"), 200
    with scene.proxy("--access-log", f"{path} buffer-size=1MB") as proxy:
        for _ in range(count):
            scene.tunnel(proxy)
    expect(len(lines_of(path)), count, "the number of lines")


def events_of(path):
    return [(record["event"], record["bytes_from_client"]) for record in map(json.loads, lines_of(path))]


def while_it_is_open(scene):
    """A record when a tunnel opens, one again and again while it is open, and the one of its end."""
    path = os.path.join(scene.directory(), "access.log")
    with scene.proxy("--access-log", f"{path} json", "--log-starts", "--log-every", "0.1") as proxy, \
         Wire(proxy.port) as wire:
        wire.send(f"CONNECT {LOOPBACK}:{scene.origin} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        expect(status_of(wire.read_head()), 200, "the status")
        eventually(lambda: events_of(path)[:1] == [("start", 0)], "record of the start, first of all")
        wire.send(b"12345")
        eventually(lambda: ("progress", 5) in events_of(path), "record with the octets so far")
        wire.end()
        wire.read_to_end()
        eventually(lambda: events_of(path)[-1] == ("end", 5), "record of the end")


def together(tests, scene):
    tests.run("the built-in formats", by_names, scene, "squid", "common", "combined", "referrer", "useragent", "envoy",
              "istio", "haproxy", "json", "ecs", "otlp")
    for log in ("-", "stdout", "stdout: squid", "- logformat=squid"):
        tests.run(f"--access-log '{log}' is standard output", standard_output, scene, log)
    tests.run("several logs, and ACLs for them", two_logs, scene)
    tests.run("--access-log none", none_at_all, scene)
    tests.run("every line is there at the end", everything_at_the_end, scene)
    tests.run("--log-starts and --log-every", while_it_is_open, scene)


# ---- rotation -------------------------------------------------------------------------------------------------------


def inode_of(path):
    """None while there is no such file, which may be so in the middle of a rotation."""
    with contextlib.suppress(FileNotFoundError):
        return os.stat(path).st_ino
    return None


def rotated(proxy, path, inode):
    proxy.process.send_signal(signal.SIGUSR1)
    eventually(lambda: inode_of(path) not in (None, inode), f"new file {path}")


def rotation(scene, keep, *flags):
    """Five times a line and a signal: `keep` old files stay, the youngest first."""
    path, times = os.path.join(scene.directory(), "access.log"), 5
    with scene.proxy("--logformat", "mine %{X-Number}>h", *(flag.replace("@", path) for flag in flags)) as proxy:
        for number in range(times):
            scene.tunnel(proxy, f"X-Number: {number}")
            await_lines(path, 1)
            rotated(proxy, path, os.stat(path).st_ino)
        scene.tunnel(proxy, f"X-Number: {times}")
        await_lines(path, 1)
    expect({name: lines_of(name) for name in glob.glob(path + "*")},
           {path: [str(times)]} | {f"{path}.{old}": [str(times - 1 - old)] for old in range(keep)}, "the files")


def reopened(scene):
    """Without rotation of its own: somebody else moves the file away, and tells the program."""
    path = os.path.join(scene.directory(), "access.log")
    with scene.proxy("--access-log", path) as proxy:
        scene.tunnel(proxy)
        await_lines(path, 1)
        os.rename(path, path + ".old")
        scene.tunnel(proxy)
        await_lines(path + ".old", 2)
        proxy.process.send_signal(signal.SIGUSR1)
        eventually(lambda: os.path.exists(path), f"new file {path}")
        scene.tunnel(proxy)
    expect((len(lines_of(path)), len(lines_of(path + ".old"))), (1, 2), "the lines in the new file and in the old one")


def rotations(tests, scene):
    tests.run("SIGUSR1 with rotate=3", rotation, scene, 3, "--access-log", "stdio:@ rotate=3 logformat=mine")
    tests.run("SIGUSR1 with --logfile-rotate 2", rotation, scene, 2, "--logfile-rotate", "2", "--access-log", "@ mine")
    tests.run("rotate=1 in spite of --logfile-rotate 5", rotation, scene, 1, "--logfile-rotate", "5", "--access-log",
              "@ rotate=1 logformat=mine")
    tests.run("SIGUSR1 without rotation opens the file anew", reopened, scene)


# ---- troubles -------------------------------------------------------------------------------------------------------


def full_disk(scene):
    """Is told of once; requests are served, and another log has all of them."""
    path = os.path.join(scene.directory(), "access.log")
    with scene.proxy("--access-log", "/dev/full", "--access-log", path) as proxy:
        for _ in range(3):
            scene.tunnel(proxy)
        proxy.await_line(r"^viaduct-proxy: log /dev/full: No space left on device")
        expect(len(await_lines(path, 3)), 3, "the lines of the other log")
    expect(sum("/dev/full" in line for line in proxy.lines), 1, "how often it is told")


def fatal(scene):
    path = os.path.join(scene.directory(), "access.log")
    with Proxy(scene.program, "--access-log", path, "--access-log", "/dev/full on-error=die") as proxy:
        scene.tunnel(proxy)
        expect(proxy.wait(), 1, "the exit status")
    expect(sum("log /dev/full: No space left" in line for line in proxy.lines), 1, "how often it is told")
    expect(len(lines_of(path)), 1, "the lines of the other log")


def fatal_with_tunnels(scene):
    """Tunnels that are open then end, and are logged."""
    path = os.path.join(scene.directory(), "access.log")
    with Proxy(scene.program, "--access-log", path, "--access-log", "/dev/full on-error=die") as proxy, \
         Wire(proxy.port) as wire:
        wire.send(f"CONNECT {LOOPBACK}:{scene.origin} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        expect(status_of(wire.read_head()), 200, "the status")
        scene.tunnel(proxy)
        expect(proxy.wait(), 1, "the exit status")
    expect(len(lines_of(path)), 2, "the lines of the other log")


def lost_directory(scene):
    """A file that cannot be opened anew stays in use; one that can be again is told of."""
    folder = os.path.join(scene.directory(), "logs")
    os.mkdir(folder)
    path = os.path.join(folder, "access.log")
    with scene.proxy("--access-log", path) as proxy:
        scene.tunnel(proxy)
        await_lines(path, 1)
        with open(path, encoding="ascii") as old:
            shutil.rmtree(folder)
            proxy.process.send_signal(signal.SIGUSR1)
            proxy.await_line(rf"^viaduct-proxy: log {path}: No such file or directory")
            scene.tunnel(proxy)
            eventually(lambda: os.fstat(old.fileno()).st_size > 100 and len(old.read().splitlines()) == 2,
                       "second line in the old file")
        os.mkdir(folder)
        proxy.process.send_signal(signal.SIGUSR1)
        eventually(lambda: os.path.exists(path), f"new file {path}")
        scene.tunnel(proxy)
        await_lines(path, 1)
        proxy.await_line(rf"^viaduct-proxy: log {path}: written again")


def troubles(tests, scene):
    tests.run("a full disk is told of once, and holds up nobody", full_disk, scene)
    tests.run("a full disk with on-error=die ends the program", fatal, scene)
    tests.run("on-error=die ends tunnels, and logs them elsewhere", fatal_with_tunnels, scene)
    tests.run("a directory that vanishes and returns", lost_directory, scene)


# ---- bad input ------------------------------------------------------------------------------------------------------

# The flags, and what the line on standard error says of them.
BAD = (
    (("--access-log", ""), r"--access-log '': write a file name"),
    (("--access-log", "/nonexistent/access.log"), r"--access-log '/nonexistent/access.log': No such file or directory"),
    (("--access-log", "/"), r"--access-log '/': Is a directory"),
    (("--access-log", "sydio:/tmp/x"), r"--access-log 'sydio:/tmp/x': column 1: .*did you mean 'stdio'\?"),
    (("--access-log", "stdio:"), r"--access-log 'stdio:': column 7: 'stdio' lacks its place"),
    (("--access-log", "udp"), r"--access-log 'udp': column 4: 'udp' lacks its place: write udp://HOST:PORT"),
    (("--access-log", "udp://nobody"), r"--access-log 'udp://nobody'"),
    (("--access-log", "tcp://127.0.0.1:99999"), r"--access-log 'tcp://127.0.0.1:99999'"),
    (("--access-log", "tcp:127.0.0.1:1"), r"--access-log 'tcp:127.0.0.1:1': .*//HOST:PORT"),
    (("--access-log", "syslog:lokal1.info"), r"--access-log 'syslog:lokal1.info': column 8: .*'lokal1'.*local0"),
    (("--access-log", "syslog:local1.inof"), r"--access-log 'syslog:local1.inof': column 15: .*'inof'.*info"),
    (("--access-log", "x logformat=jsn"), r"--access-log 'x logformat=jsn': column 13: .*'jsn'.*did you mean 'json'\?"),
    (("--access-log", "x jsn"), r"--access-log 'x jsn': column 3: .*format nor an ACL 'jsn'; did you mean 'json'\?"),
    (("--access-log", "x logfromat=json"), r"--access-log 'x logfromat=json': column 3: .*did you mean 'logformat'\?"),
    (("--access-log", "x on-error=live"), r"--access-log 'x on-error=live': .*on-error=die or on-error=drop"),
    (("--access-log", "x rotate=many"), r"--access-log 'x rotate=many': 'many' is not a number"),
    (("--access-log", "x buffer-size=big"), r"--access-log 'x buffer-size=big'"),
    (("--access-log", "tcp://192.0.2.1:5140 buffer-size=0"), r"buffer-size= of 'tcp'"),
    (("--access-log", "- rotate=3"), r"--access-log '- rotate=3': rotate= is for files"),
    (("--access-log", "none squid"), r"--access-log 'none squid'"),
    (("--access-log", "x squid nobody"), r"--access-log 'x squid nobody': there is no ACL \"nobody\""),
    (("--acl", "many maxconn 3", "--access-log", "x squid many"), r"--access-log 'x squid many': .*maxconn"),
    (("--logformat", "mine"), r"--logformat 'mine': write a name and"),
    (("--logformat", "squid %>a"), r"--logformat 'squid %>a': the name 'squid' is that of a built-in format"),
    (("--logformat", "a %>a", "--logformat", "a %ts"), r"--logformat 'a %ts': there is a format 'a' already"),
    (("--logformat", "mine %>a %zz"), r"--logformat 'mine %>a %zz': column 10: "),
    (("--logformat", "mine %>Hz"), r"--logformat 'mine %>Hz': column 6: .*%>Hs"),
    (("--logformat", "mine %{Host>h"), r"--logformat 'mine %\{Host>h': column "),
    (("--logfile-rotate", "5000"), r"--logfile-rotate '5000'"),
    (("--logfile-rotate", "x"), r"--logfile-rotate 'x'"),
    (("--log-queue", "9"), r"--log-queue '9'"),
    (("--log-when-full", "drop"), r"--log-when-full 'drop': .*drop-new"),
    (("--logfile-daemon", "/nonexistent/daemon", "--access-log", "daemon:/tmp/x"), r"/nonexistent/daemon"),
)


def bad(scene, flags, pattern):
    done = run_client(scene.program, "--http-port", f"{LOOPBACK}:0", *flags)
    said = done.stderr.decode("utf-8", "replace").splitlines()
    expect(done.returncode, 2, f"the exit status, with {said},")
    expect_match("^viaduct-proxy: .*" + pattern, said[0], "what it says")
    expect(said[1:] in ([], ["Try 'viaduct-proxy --help'."]), True, f"that {said} is one line and perhaps a hint,")
    expect(done.stdout, b"", "its output")


def bad_input(tests, scene):
    for flags, pattern in BAD:
        tests.run(f"{' '.join(flags)} is refused", bad, scene, flags, pattern)


# ---- places that are no files ---------------------------------------------------------------------------------------


def tcp_receiver(scene):
    """One connection with all lines, and a new one once that has ended."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        listener.settimeout(PATIENCE)
        place = f"tcp://{LOOPBACK}:{listener.getsockname()[1]}"
        with scene.proxy("--access-log", f"{place} logformat=squid") as proxy:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as lines:
                for _ in range(2):
                    scene.tunnel(proxy)
                    expect_match(squid_line(scene.origin), lines.readline().decode(), "the line")
            scene.tunnel(proxy)
            scene.tunnel(proxy)
            second, _ = listener.accept()
            with second, second.makefile("rb") as lines:
                expect_match(squid_line(scene.origin), lines.readline().decode(), "the first line after the break")


def absent_receiver(scene):
    """Is told of, and does not keep the program from its work."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
    with scene.proxy("--access-log", f"tcp://{LOOPBACK}:{port}") as proxy:
        proxy.await_line(rf"^viaduct-proxy: log tcp://{LOOPBACK}:{port}: Connection refused")
        scene.tunnel(proxy)


def udp_receiver(scene, host, family):
    with socket.socket(family, socket.SOCK_DGRAM) as receiver:
        receiver.bind((host.strip("[]"), 0))
        receiver.settimeout(PATIENCE)
        with scene.proxy("--access-log", f"udp://{host}:{receiver.getsockname()[1]} squid") as proxy:
            for _ in range(2):
                scene.tunnel(proxy)
                expect_match(squid_line(scene.origin), receiver.recv(65536).decode(), "the datagram")


RECORDER = '#!/bin/sh\nexec cat > "$1"\n'


def daemon(scene):
    """A program that keeps the commands it is given."""
    folder = scene.directory()
    program = write_file(os.path.join(folder, "recorder"), RECORDER, 0o755)
    path = os.path.join(folder, "commands")
    with scene.proxy("--logfile-daemon", program, "--logfile-rotate", "4", "--access-log",
                     f"daemon:{path} logformat=squid") as proxy:
        scene.tunnel(proxy)
        eventually(lambda: any(line.startswith("L") for line in lines_of(path)), "line for the daemon")
        proxy.process.send_signal(signal.SIGUSR1)
        eventually(lambda: "R" in lines_of(path), "command to rotate")
    commands = lines_of(path)
    expect("r4" in commands, True, f"that the daemon is told how many files to keep, among {commands},")
    expect_match("^L" + squid_line(scene.origin).replace("^", ""), next(c for c in commands if c[0] == "L"), "the line")


def squid_daemon(scene):
    """Squid's own, with its rotation."""
    path = os.path.join(scene.directory(), "access.log")
    with scene.proxy("--logfile-rotate", "2", "--access-log", f"daemon:{path}") as proxy:
        for _ in range(3):
            scene.tunnel(proxy)
            await_lines(path, 1)
            rotated(proxy, path, os.stat(path).st_ino)
    expect(sorted(glob.glob(path + ".*")), [path + ".0", path + ".1"], "the old files")


def receivers(tests, scene):
    tests.run("tcp: lines arrive, and again over a new connection", tcp_receiver, scene)
    tests.run("tcp: a receiver that is not there is told of", absent_receiver, scene)
    tests.run("udp: a datagram each", udp_receiver, scene, LOOPBACK, socket.AF_INET)
    tests.run("daemon: a program gets Squid's commands", daemon, scene)
    tests.run("daemon: log_file_daemon rotates", squid_daemon, scene)


# ---- the system's own logs ------------------------------------------------------------------------------------------


@contextlib.contextmanager
def datagrams_at(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(path)
        receiver.settimeout(PATIENCE)
        yield receiver
    os.unlink(path)


def syslog(scene, place, number):
    with datagrams_at("/dev/log") as receiver, scene.proxy("--access-log", place) as proxy:
        scene.tunnel(proxy)
        message = receiver.recv(65536).decode()
        expect_match(rf"^<{number}>.* viaduct-proxy\[\d+\]: " + squid_line(scene.origin)[1:], message, "the message")


def journal(scene, place, identifier):
    with datagrams_at("/run/systemd/journal/socket") as receiver, scene.proxy("--access-log", place) as proxy:
        scene.tunnel(proxy)
        entry = dict(line.partition("=")[::2] for line in receiver.recv(65536).decode().splitlines())
        expect_match(squid_line(scene.origin), entry["MESSAGE"], "the message")
        expect((entry["SYSLOG_IDENTIFIER"], entry["PRIORITY"]), (identifier, "6"), "the identifier and the priority")


def system_logs(tests, scene):
    """In a network, and with a /dev and a /run, of the test's own. Must be the last group."""
    entered = []

    def enter():
        directory = scene.directory()
        own_network.enter(directory, {})
        own_network.own_devices(directory)
        own_network.lay_directory(directory, "/run")
        os.makedirs("/run/systemd/journal")
        entered.append(True)

    tests.run("a /dev and a /run of the test's own", enter)
    if entered:
        with TcpOrigin(echo) as origin:
            scene.origin = origin.port
            for place, number in (("syslog:local1.info", 142), ("syslog:daemon.warning squid", 28),
                                  ("syslog:LOG_LOCAL4|LOG_DEBUG", 167)):
                tests.run(f"--access-log '{place}'", syslog, scene, place, number)
            tests.run("udp: over IPv6", udp_receiver, scene, "[::1]", socket.AF_INET6)
            tests.run("--access-log journald", journal, scene, "journald", "viaduct-proxy")
            tests.run("--access-log 'journald:edge squid'", journal, scene, "journald:edge squid", "edge")


def main(program):
    tests = Tests()
    with contextlib.ExitStack() as stack:
        scene = Scene(program, stack)
        for group in (files, together, rotations, troubles, receivers, bad_input, system_logs):
            run_group(tests, group, scene)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

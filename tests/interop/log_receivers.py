"""What the programs that collect logs make of what the log's sinks send them: rsyslog, and systemd's journal.

usage: log_receivers.py LOG_LINES
"""

import contextlib
import glob
import json
import os
import re
import socket
import subprocess
import sys

from harness import (LOOPBACK, PATIENCE, Program, ReservedPort, Skip, Tests, expect, expect_match, expect_success,
                     find_program, run_client, scratch_directory, write_file)
from own_network import with_own_mounts
from through_proxy import eventually

LONG = "long " + "x" * 3000

# What is given to a sink, and what the collector is to make of it: one message each.
LINES = [
    ("one", "one"),
    ("two words", "two words"),
    ("<13>forged: with a priority", "<13>forged: with a priority"),
    ("16 <13>1 - - - - -", "16 <13>1 - - - - -"),
    ("a\rb\tc\x07d", "a#015b#011c#007d"),
    ("\u00e4\u20ac", "\u00e4\u20ac"),
    (LONG, LONG),
    ("last", "last"),
]

RSYSLOG = """
global(workDirectory="{directory}")
module(load="imuxsock" SysSock.Use="off")
module(load="imudp")
module(load="imtcp")
input(type="imuxsock" Socket="{local}")
input(type="imudp" address="127.0.0.1" port="{udp}")
input(type="imtcp" address="127.0.0.1" port="{tcp}")
template(name="all" type="string"
         string="%pri-text%|%hostname%|%programname%|%procid%|%protocol-version%|%msg%\\n")
action(type="omfile" file="{output}" template="all")
action(type="omfile" file="{traditional}" template="RSYSLOG_TraditionalFileFormat")
"""


class ReservedUdpPort:
    """A UDP port for a program that cannot choose one itself. The socket takes nothing from anybody but itself, so that
    what is sent there reaches the program."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((LOOPBACK, 0))
        self._socket.connect(self._socket.getsockname())
        self.number = self._socket.getsockname()[1]


class Rsyslog:
    """rsyslogd with a configuration of its own; the machine's, and its /dev/log, have nothing to do with it."""

    def __init__(self, directory, local="log"):
        """local: the name of its Unix socket."""
        self._program = find_program("rsyslogd")
        self._output = os.path.join(directory, "output")
        self._tcp, self._udp = ReservedPort(), ReservedUdpPort()
        self._local = os.path.join(directory, local)
        self.traditional = os.path.join(directory, "messages")  # what it writes to files if nobody says how
        text = RSYSLOG.format(directory=directory, output=self._output, traditional=self.traditional,
                              local=self._local, tcp=self._tcp.number, udp=self._udp.number)
        self._command = [self._program, "-n", "-f", write_file(os.path.join(directory, "rsyslog.conf"), text),
                         "-i", os.path.join(directory, "pid")]

    @contextlib.contextmanager
    def running(self):
        with Program(*self._command) as program:
            program.await_port(self._tcp.number)
            eventually(self._has_udp_port, "receiver of datagrams")
            eventually(self._has_socket, "socket of rsyslogd")
            yield self

    def _has_udp_port(self):
        """Whether it has the port beside the socket that keeps it."""
        with open("/proc/net/udp", encoding="ascii") as table:
            return sum(f":{self._udp.number:04X} " in line for line in table) > 1

    def _has_socket(self):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
            probe.connect(self._local)
            return True
        return False

    def place(self, kind):
        """The arguments with which log_lines finds it."""
        if kind == "syslog-local":
            return [self._local]
        return [LOOPBACK, str((self._udp if kind == "syslog-udp" else self._tcp).number)]

    def messages(self):
        """Everything that it has written so far, without lines that are not complete."""
        with contextlib.suppress(FileNotFoundError), open(self._output, encoding="utf-8", errors="surrogateescape",
                                                          newline="\n") as file:
            return file.read().split("\n")[:-1]
        return []


def send(program, *sink, lines=LINES):
    text = "".join(line + "\n" for line, _ in lines)
    return run_client(program, *sink, input=text.encode())


def expect_messages(messages, header, most=None):
    """Each line is one message, in its order, and there is nothing between them."""
    expect(len(messages), len(LINES), "the number of messages")
    for message, (_, text) in zip(messages, LINES):
        got = message.split("|", 5)
        expect_match("^" + header + "$", "|".join(got[:5]), "the header")
        if most:
            before = f"<165>1 2026-11-23T00:00:00.000000Z proxy.example log-lines {got[3]} - - "
            text = text[:most - len(before)]
        expect(got[5].removeprefix(" "), text, "the text")


LOCAL = rf"local4\.notice\|{re.escape(socket.gethostname())}\|log-lines\|\d+\|0"
REMOTE = r"local4\.notice\|proxy\.example\|log-lines\|\d+\|1"


def rsyslog_takes(program, kind, header, most=None):
    with scratch_directory() as directory, Rsyslog(directory).running() as rsyslog:
        before = len(rsyslog.messages())
        expect_success(send(program, kind, *rsyslog.place(kind)))
        eventually(lambda: len(rsyslog.messages()) >= before + len(LINES), "message for each line")
        expect_messages(rsyslog.messages()[before:], header, most)


def rsyslog_comes_back(program, kind):
    """One sink for the whole test; rsyslogd is there, ends, and is started again."""
    with contextlib.ExitStack() as stack:
        rsyslog = Rsyslog(stack.enter_context(scratch_directory()))
        with rsyslog.running():
            sink = stack.enter_context(subprocess.Popen([program, kind, *rsyslog.place(kind)], stdin=subprocess.PIPE))
            stack.callback(sink.stdin.close)

            def write(text):
                sink.stdin.write(text.encode() + b"\n")
                sink.stdin.flush()

            def has(text):
                return any(message.endswith(text) for message in rsyslog.messages())

            write("before")
            eventually(lambda: has("before"), "message")
        with rsyslog.running():
            write("after")
            eventually(lambda: has("after") or write("again"), "message after the second start")
        sink.stdin.close()
        expect(sink.wait(PATIENCE), 0, "the exit status, which tells of lost lines")


# ---- the journal ----------------------------------------------------------------------------------------------------

JOURNALD = "/lib/systemd/systemd-journald"

# It knows no other place than /run, so it gets one of its own; as a namespace of its own it leaves the kernel's log
# alone.
IN_OWN_RUN = 'mount --bind "$1" /run'


class Journal:
    """systemd-journald beside the machine's, if that has one."""

    def __init__(self, directory):
        """directory: what it takes for /run."""
        if not os.path.exists(JOURNALD):
            raise Skip("systemd-journald is not installed")
        self._reader = find_program("journalctl")
        self._files = os.path.join(directory, "log", "journal")
        settings = os.path.join(directory, "systemd", "journald@viaduct.conf.d")
        for each in (os.path.join(directory, "systemd", "journal.viaduct"), self._files, settings):
            os.makedirs(each)
        write_file(os.path.join(settings, "here.conf"), "[Journal]\nStorage=volatile\n")
        self.socket = os.path.join(directory, "systemd", "journal.viaduct", "socket")
        self._command = [*with_own_mounts(IN_OWN_RUN, directory), JOURNALD, "viaduct"]

    @contextlib.contextmanager
    def running(self):
        with Program(*self._command):
            eventually(lambda: os.path.exists(self.socket), "socket of systemd-journald")
            yield self

    def entries(self, identifier="log-lines"):
        """What somebody has written to it, oldest first."""
        files = [f"--file={each}" for each in glob.glob(os.path.join(self._files, "*.viaduct", "*.journal"))]
        if not files:
            return []
        done = subprocess.run([self._reader, *files, "--no-pager", "--output=json", "--all",
                               f"SYSLOG_IDENTIFIER={identifier}"], capture_output=True, check=False)
        return [json.loads(line) for line in done.stdout.splitlines()]


def text_of(field):
    """The value of a field, which is a list of octets where it is no printable text."""
    return bytes(field).decode("utf-8", "surrogateescape") if isinstance(field, list) else field


def journal_takes(program):
    with scratch_directory() as directory, Journal(directory).running() as journal:
        expect_success(send(program, "journald", journal.socket))
        eventually(lambda: len(journal.entries()) >= len(LINES), "entry for each line")
        entries = journal.entries()
    expect([text_of(entry["MESSAGE"]) for entry in entries], [line for line, _ in LINES], "the messages")
    for entry in entries:
        for name, value in (("PRIORITY", "5"), ("SYSLOG_FACILITY", "20"), ("VIADUCT_PLACE", "here"),
                            ("VIADUCT_TWO_LINES", "first\nsecond"), ("_TRANSPORT", "journal")):
            expect(text_of(entry[name]), value, name)


def main():
    program = sys.argv[1]
    tests = Tests()
    tests.run("rsyslogd takes RFC 3164 from a Unix socket", rsyslog_takes, program, "syslog-local", LOCAL)
    tests.run("rsyslogd takes RFC 5424 over UDP, 2048 octets of it", rsyslog_takes, program, "syslog-udp", REMOTE, 2048)
    tests.run("rsyslogd takes RFC 5424 over TCP, with lengths", rsyslog_takes, program, "syslog-tcp", REMOTE)
    tests.run("rsyslogd takes RFC 5424 over TCP, with line feeds", rsyslog_takes, program, "syslog-tcp-lines", REMOTE)
    for kind in ("syslog-local", "syslog-tcp"):
        tests.run(f"rsyslogd gets messages again when it was restarted: {kind}", rsyslog_comes_back, program, kind)
    tests.run("systemd-journald takes entries in its own protocol, and journalctl shows them", journal_takes, program)
    tests.done()


if __name__ == "__main__":
    main()

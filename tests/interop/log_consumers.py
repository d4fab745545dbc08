"""What those who read logs make of viaduct-proxy's: GoAccess, jq, awk, rsyslog and journalctl.

usage: log_consumers.py VIADUCT_PROXY
"""

import collections
import contextlib
import fcntl
import json
import os
import re
import shutil
import sys
import threading
from typing import NamedTuple

from harness import LOOPBACK, Tests, Wire, expect, expect_success, find_program, run_client, scratch_directory
from log_crowd import visit
from log_receivers import Journal, Rsyslog, text_of
from own_network import with_own_mounts
from proxy_logs import Proxy, Scene, lines_of
from squid_logformat import helper_and_users
from squid_scenes import Logs, Places, Visitor, log_name, squid, viaduct
from through_proxy import eventually, run_group

# ---- GoAccess -------------------------------------------------------------------------------------------------------

# Tunnels, denials, garbage; nothing that waits for a clock.
REQUESTS = ("tunnel_by_address", "tunnel_by_name", "tunnel_of_http_1_0", "odd_fields", "early_octets",
            "right_password", "reset_by_origin", "forbidden_port", "forbidden_name", "no_password", "wrong_password",
            "connection_refused", "no_such_name", "garbage", "bad_version", "too_big", "get", "unknown_method",
            "nothing", "half_a_head")

# The one that GoAccess has for Squid's native format expects before it what syslog writes before a message. This is
# without, and with the user.
NATIVE = ("--log-format=%x.%^ %~%L %h %^/%s %b %m %U %e %^", "--datetime-format=%s")
COMBINED = ("--log-format=COMBINED",)
COMBINED_WITH_USER = ('--log-format=%h %^ %e [%d:%t %^] "%r" %s %b "%R" "%u" %^', "--date-format=%d/%b/%Y",
                      "--time-format=%H:%M:%S")


class Entry(NamedTuple):
    """What is in a line, as we read it."""

    status: int
    octets: int
    method: str
    user: str
    target: str = ""


def native(line):
    fields = line.split()
    return Entry(int(fields[3].split("/")[1]), int(fields[4]), fields[5], fields[7], fields[6])


def combined(line):
    match = re.match(r'\S+ - (\S+) \[.*?\] "(\S+) \S+ \S+" (\d+) (\d+) ', line)
    return Entry(int(match[3]), int(match[4]), match[2], match[1])


def readable_native(entry):
    """GoAccess knows statuses from 100 on, and the methods that are registered, of whichever proxy."""
    return entry.status >= 100 and entry.method in ("CONNECT", "GET")


def readable_combined(entry):
    return entry.status >= 100


class Report:
    """What GoAccess tells of a log."""

    def __init__(self, log, *form):
        with scratch_directory() as directory:
            output, invalid = (os.path.join(directory, name) for name in ("report.json", "invalid"))
            expect_success(run_client(find_program("goaccess"), log, "--no-global-config", *form, "--no-progress",
                                      f"--output={output}", f"--invalid-requests={invalid}"))
            with open(output, encoding="utf-8") as file:
                self._panels = json.load(file)
            self.invalid = lines_of(invalid)
        general = self._panels["general"]
        self.numbers = (general["total_requests"], general["valid_requests"], general["failed_requests"])
        self.octets = general["bandwidth"]

    def counts(self, panel):
        """How often there is what; of a panel with groups, what is in them."""
        found = {}
        for group in self._panels[panel]["data"]:
            for item in group.get("items", [group]):
                found[item["data"].split(" ")[0]] = item["hits"]["count"]
        return found


def goaccess_reads(log, form, read, readable, has_users=True):
    """Every line that it can read at all, with the figures that are in it."""
    lines = lines_of(log)
    expect(len(lines), len(REQUESTS), "the number of lines")
    entries = [read(line) for line in lines]
    good = [entry for entry in entries if readable(entry)]
    report = Report(log, *form)
    expect(report.invalid, [line for line, entry in zip(lines, entries) if not readable(entry)], "what it cannot read")
    expect(report.numbers, (len(lines), len(good), len(lines) - len(good)), "the requests, the valid and the failed")
    expect(report.octets, sum(entry.octets for entry in good), "the octets")
    expect(report.counts("status_codes"), collections.Counter(str(entry.status) for entry in good), "the statuses")
    if has_users:
        expect(report.counts("remote_user"), collections.Counter(entry.user for entry in good), "the users")


def visit_all(places, port, logs, stalled):
    visitor = Visitor(port, places, stalled)
    for number, request in enumerate(REQUESTS):
        getattr(visitor, request)()
        logs.next(number)


def goaccess(tests, scene):
    """The same of a real Squid: what GoAccess cannot read there it need not read here, and nothing else."""
    with contextlib.ExitStack() as stack:
        places, folders = Places(stack), []
        for name, start in (("Squid", squid), ("viaduct-proxy", viaduct)):
            folder = stack.enter_context(scratch_directory())
            folders.append(folder)
            before = (scene.program,) if start is viaduct else ()
            formats = [("squid", None), ("combined", None)]
            with start(*before, folder, places, *helper_and_users(folders[0]), formats) as port:
                visit_all(places, port, Logs(folder, len(formats)), places.stalled[0])
            logs = [os.path.join(folder, log_name(number)) for number in range(len(formats))]
            tests.run(f"GoAccess reads the native log of {name}", goaccess_reads, logs[0], NATIVE, native,
                      readable_native)
            tests.run(f"GoAccess reads the combined log of {name}", goaccess_reads, logs[1], COMBINED, combined,
                      readable_combined, False)
            tests.run(f"GoAccess reads the combined log of {name}, with users", goaccess_reads, logs[1],
                      COMBINED_WITH_USER, combined, readable_combined)


# ---- jq -------------------------------------------------------------------------------------------------------------

OTLP = ".resourceLogs[].scopeLogs[].logRecords[].attributes[]"

# For each format: the octets to the client, the statuses, the targets of the lines, and the number in a line of losses.
JQ = {
    "json": (".bytes_to_client", ".status", ".target", ".lost"),
    "ecs": ('."destination.bytes"', '."http.response.status_code"', '."url.original"', '."viaduct.lost"'),
    "otlp": tuple(f'([{OTLP} | select(.key == "{key}") | .value.{value}][0])' for key, value in (
        ("viaduct.bytes_to_client", "intValue | tonumber"), ("http.response.status_code", "intValue | tonumber"),
        ("viaduct.target", "stringValue"), ("viaduct.lost", "intValue | tonumber"))),
}


def jq(expression, path, *flags):
    """What jq writes for a file."""
    done = expect_success(run_client(find_program("jq"), "-c", *flags, expression, path))
    return [json.loads(line) for line in done.stdout.splitlines()]


def mixed_requests(scene, proxy):
    """Tunnels, a target without a port, and what is no request; how many there are."""
    for size in (0, 1, 70000):
        visit(proxy.port, f"{LOOPBACK}:{scene.origin}", b"x" * size, 'User-Agent: "a\\b\t\u00e9"', "X-Empty:")
    scene.tunnel(proxy, target="secret", status=400)
    with Wire(proxy.port) as wire:
        wire.send(b"\x00\xff\x22 \x1b\r\n\r\n")
        wire.read_to_end()
    return 5


def jq_reads(scene, name):
    """The same figures as in a native log beside it."""
    octets, status, target, _ = JQ[name]
    folder = scene.directory()
    paths = [os.path.join(folder, each) for each in ("native", name)]
    with scene.proxy("--access-log", paths[0], "--access-log", f"{paths[1]} logformat={name}") as proxy:
        count = mixed_requests(scene, proxy)
    lines = [native(line) for line in lines_of(paths[0])]
    expect((len(lines), len(lines_of(paths[1]))), (count, count), "the number of lines in both")
    expect(jq("type", paths[1]), ["object"] * count, "what the lines are")
    expect(jq(f"map({octets}) | add", paths[1], "-s"), [sum(line.octets for line in lines)], "the sum of octets")
    expect(jq(status, paths[1]), [line.status for line in lines], "the statuses")
    expect(jq(target, paths[1])[:-1], [line.target for line in lines[:-1]], "the targets")


def jq_reads_losses(scene, name):
    """A pipe that nobody reads for a while, a queue with room for two lines: what is lost is told in the log itself."""
    octets, lost = JQ[name][0], JQ[name][3]
    folder = scene.directory()
    pipe, beside, path = (os.path.join(folder, each) for each in ("pipe", "native", "read"))
    os.mkfifo(pipe)
    with open(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as end, open(path, "wb") as written:
        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 4096)
        reader = threading.Thread(target=shutil.copyfileobj, args=(end, written))
        with scene.proxy("--log-queue", "12k", "--access-log", f"stdio:{pipe} logformat={name}", "--access-log",
                         beside) as proxy:
            for _ in range(40):
                visit(proxy.port, f"{LOOPBACK}:{scene.origin}", b"", "X-Long: " + "x" * 3000)
            os.set_blocking(end.fileno(), True)
            reader.start()
        reader.join()
    told = [int(match[1]) for line in proxy.lines for match in re.finditer(r"written again, (\d+) line", line)]
    losses = [number for number in jq(lost, path) if number is not None]
    records = [number for number in jq(octets, path) if number is not None]
    expect(jq("type", path), ["object"] * (len(losses) + len(records)), "what the lines are")
    expect(len(losses) > 0, True, "whether lines were lost")
    expect(len(records) + sum(losses) + sum(told), len(lines_of(beside)), "lines, and those that are lost")


def structured(tests, scene):
    for name in JQ:
        tests.run(f"jq reads {name}", jq_reads, scene, name)
        tests.run(f"jq reads of lost lines in {name}", jq_reads_losses, scene, name)


# ---- awk ------------------------------------------------------------------------------------------------------------

CLIENTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")


def awk(script, path):
    done = expect_success(run_client(find_program("awk"), script, path))
    return done.stdout.decode().splitlines()


def refused(proxy, source):
    """The octets of the answer."""
    with Wire(proxy.port, source) as wire:
        wire.send(b"CONNECT secret.example:443 HTTP/1.1\r\nHost: secret.example:443\r\n\r\n")
        return len(wire.read_to_end())


def awk_counts(scene):
    """What clients have counted of what came to them, heads included, is in the fifth column."""
    path = os.path.join(scene.directory(), "access.log")
    target = f"{LOOPBACK}:{scene.origin}"
    counted, lines = collections.Counter(), []
    with scene.proxy("--acl", "secret dstdomain secret.example", "--http-access", "deny secret", "--http-access",
                     "allow all", "--access-log", path) as proxy:
        for size in (0, 1, 100000):
            for client in CLIENTS:
                octets = [visit(proxy.port, target, b"x" * size, source=client), refused(proxy, client)]
                counted[client] += sum(octets)
                lines.append(f"{client} TCP_TUNNEL/200 {octets[0]} {target}")
                lines.append(f"{client} TCP_DENIED/403 {octets[1]} secret.example:443")
    expect(sorted(awk("{print $3, $4, $5, $7}", path)), sorted(lines), "the columns")
    sums = awk("{sum[$3] += $5} END {for (client in sum) print client, sum[client]}", path)
    expect(sorted(sums), sorted(f"{client} {octets}" for client, octets in counted.items()), "the sums")


def columns(tests, scene):
    tests.run("awk counts what clients have counted", awk_counts, scene)


# ---- the system's own logs ------------------------------------------------------------------------------------------

# The program asks for /dev/log, and has no flag for another place: it has a /dev of its own, as far as it needs one.
OWN_DEV = """
for each in null zero full random urandom; do
    : >"$1/$each"
    mount --bind "/dev/$each" "$1/$each"
done
mount --rbind "$1" /dev
"""
OWN_RUN = 'mount --bind "$1" /run'


@contextlib.contextmanager
def proxy_with_two_logs(scene, place, beside, before):
    with Proxy(scene.program, "--access-log", place, "--access-log", beside, before=before) as proxy:
        yield proxy
        expect(proxy.stop(), 0, "the exit status of the proxy")


def rsyslog_and_goaccess(scene):
    """Messages as they are in a file beside; and what rsyslog writes if it is told nothing is what GoAccess calls
    SQUID."""
    with scratch_directory() as directory:
        devices, beside = (os.path.join(directory, name) for name in ("dev", "access.log"))
        os.mkdir(devices)
        with Rsyslog(directory, "dev/log").running() as rsyslog:
            first = len(rsyslog.messages())
            with proxy_with_two_logs(scene, "syslog:local1.info", beside, with_own_mounts(OWN_DEV, devices)) as proxy:
                count = mixed_requests(scene, proxy)
            messages = eventually(lambda: len(rsyslog.messages()) >= first + count and rsyslog.messages()[first:],
                                  "message of each request")
            expect([message.split("|")[0] for message in messages], ["local1.info"] * count, "the priorities")
            texts = [message.split("|", 5)[5].removeprefix(" ") for message in messages]
            expect(texts, lines_of(beside), "the messages")
            ours = eventually(lambda: len(found := of_the_proxy(rsyslog.traditional)) >= count and found, "such lines")
        written = os.path.join(directory, "of-the-proxy")
        with open(written, "w", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in ours))
        good = [entry for entry in map(native, lines_of(beside)) if readable_native(entry)]
        report = Report(written, "--log-format=SQUID")
        expect(report.numbers, (count, len(good), count - len(good)), "the requests, the valid and the failed")
        expect(report.octets, sum(entry.octets for entry in good), "the octets")


def of_the_proxy(path):
    return [line for line in lines_of(path) if " viaduct-proxy[" in line]


def journalctl_shows(scene):
    with scratch_directory() as directory, Journal(os.path.join(directory, "run")).running() as journal:
        run, beside = (os.path.join(directory, name) for name in ("own-run", "access.log"))
        os.makedirs(os.path.join(run, "systemd"))
        os.symlink(os.path.dirname(journal.socket), os.path.join(run, "systemd", "journal"))
        with proxy_with_two_logs(scene, "journald:edge", beside, with_own_mounts(OWN_RUN, run)) as proxy:
            count = mixed_requests(scene, proxy)
            process = proxy.process.pid
        entries = eventually(lambda: len(found := journal.entries("edge")) >= count and found, "entry of each request")
        expect([text_of(entry["MESSAGE"]) for entry in entries], lines_of(beside), "the messages")
    for entry in entries:
        expect((entry["PRIORITY"], entry["_PID"]), ("6", str(process)), "the priority, and who has sent it")


def system_logs(tests, scene):
    tests.run("rsyslogd takes what --access-log syslog: sends, GoAccess reads its file", rsyslog_and_goaccess, scene)
    tests.run("journalctl shows what --access-log journald: sends", journalctl_shows, scene)


def main(program):
    tests = Tests()
    with contextlib.ExitStack() as stack:
        scene = Scene(program, stack)
        for group in (goaccess, structured, columns, system_logs):
            run_group(tests, group, scene)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

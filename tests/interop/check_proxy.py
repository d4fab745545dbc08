"""viaduct-curl --check-proxy: what it makes of proxies that do everything wrong, nothing wrong, or what ours and
others do.

usage: check_proxy.py VIADUCT_PROXY VIADUCT_CURL

The network is the test's own (own_network.py), as some vectors ask for addresses elsewhere; it needs root or user
namespaces, and fails without.
"""

import base64
import contextlib
import itertools
import json
import re
import socket
import struct
import sys
import threading
import time

from curl_through_proxies import squid, tinyproxy
from harness import (LOOPBACK, ReservedPort, TcpOrigin, Tests, ViaductProxy, expect, expect_match,
                     run_client, scratch_directory)
from own_network import enter

TARGET = "127.0.0.2"  # a machine of its own, as far as addresses tell
RISKY, UNREACHABLE, NO_ANSWER = 120, 7, 8  # exit codes
LIMIT = 20  # seconds for one check with slow heads of one
USER, PASSWORD = "alice", "open-sesame"

FILES = {"/etc/hosts": "127.0.0.1 localhost\n",
         "/etc/resolv.conf": f"nameserver {LOOPBACK}\n",
         "/etc/nsswitch.conf": "hosts: files dns\n"}


class KnowsNothing:
    """A name server: there is no such name."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            query, client = self._socket.recvfrom(4096)
            at = 12
            while query[at]:
                at += 1 + query[at]
            head = query[:2] + struct.pack("!HHHHH", 0x8183, 1, 0, 0, 0)
            self._socket.sendto(head + query[12:at + 5], client)


def talkative(connection):
    """An origin: answers what it is asked, whether or not more might come."""
    while not (received := connection.recv(65536)).endswith(b"\r\n\r\n"):
        if not received:
            return
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")


# ---- proxies of our own ---------------------------------------------------------------------------------------------


def heads_of(connection):
    """The heads that come, one after the other, whatever stands between them."""
    received = b""
    while True:
        while b"\n\r\n" not in received and b"\n\n" not in received:
            part = connection.recv(65536)
            if not part:
                return
            received += part
        head, end, received = re.split(rb"(\n\r?\n)", received, maxsplit=1)
        yield head + end


def careless(connection):
    """Refuses ports but for 443 and the target's in the same breath as it reads on; takes anything for a target."""
    for head in heads_of(connection):
        if not head.startswith(b"CONNECT"):
            connection.sendall(b"HTTP/1.1 404 \x1b[31mNo\r\nServer: careless/1.0\r\nContent-Length: 0\r\n\r\n")
        elif re.match(rb"CONNECT \S+:(25|22|80|0) ", head):
            connection.sendall(b"HTTP/1.1 403 N\xf6\r\nContent-Length: 2\r\n\r\nno")
        else:
            connection.sendall(b"HTTP/1.1 200 Yes\r\nContent-Length: 0\r\n\r\n")
            return


def secretive(connection):
    """Asks for credentials without saying which, and goes on; those that come are never right."""
    for _ in heads_of(connection):
        connection.sendall(b"HTTP/1.1 407 Who\r\n\r\nyou?")


class Strict:
    """Refuses everything, and keeps what it has been asked."""

    def __init__(self):
        self.heads = []

    def serve(self, connection):
        for head in heads_of(connection):
            self.heads.append(head)
            connection.sendall(b"HTTP/1.1 400 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            return


def endless(connection):
    """Never stops talking."""
    for part in itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"X: " + b"y" * 4000 + b"\r\n")):
        connection.sendall(part)


# ---- what is found --------------------------------------------------------------------------------------------------


class Check:
    """One run of the program."""

    def __init__(self, program, url, *options):
        began = time.monotonic()
        self.done = run_client(program, "--check-proxy", url, "--check-time", "1", *options)
        self.seconds = time.monotonic() - began
        self.output = self.done.stdout.decode("ascii")
        self.errors = self.done.stderr.decode("ascii")

    def rows(self):
        return {row["id"]: row for row in map(json.loads, self.output.splitlines())}

    def expect_code(self, code):
        if self.done.returncode != code:
            raise AssertionError(f"the exit code is {self.done.returncode}, not {code}:\n{self.output}{self.errors}")
        if self.seconds > LIMIT:
            raise AssertionError(f"it took {self.seconds:.1f} seconds")


def expect_verdicts(rows, **wanted):
    """wanted: ids of vectors by verdict, `_` for `-`."""
    found = {verdict: [name for name in names if rows[name]["verdict"] != verdict] for verdict, names in wanted.items()}
    for verdict, names in found.items():
        if names:
            raise AssertionError(f"not {verdict}: " + json.dumps([rows[name] for name in names], indent=1))


def found_in(program, url, target, code, **wanted):
    check = Check(program, url, "--json-report", *(("--check-target", target) if target else ()))
    check.expect_code(code)
    expect_verdicts(check.rows(), **wanted)
    return check.rows()


def nothing_risky(program, url, target):
    """Not one risk; what is left to note are slow heads, as this check gives them one second only."""
    rows = found_in(program, url, target, 0)
    notes = [name for name, row in rows.items() if row["verdict"] == "note"]
    expect([name for name in notes if not name.startswith("slow-")], [], "what there is to note")
    expect_verdicts(rows, ok=["target-no-port", "inward-127.0.0.1", "inward-metadata", "early-get", "early-connect",
                              "content-length", "two-hosts", "bare-lf", "64k", "preface"])
    if target:
        expect_verdicts(rows, ok=["control", "2xx-framing", "talk", "early-data", "half-close"])
    else:
        expect_verdicts(rows, untold=["2xx-framing", "talk", "early-data", "half-close"])


def bad_one(program):
    with TcpOrigin(careless) as proxy:
        found_in(program, f"http://{LOOPBACK}:{proxy.port}", None, RISKY,
                 risk=["early-get", "early-connect", "early-malformed", "target-no-port", "target-tab", "2xx-framing",
                       "inward-127.0.0.1", "two-hosts", "two-lengths"],
                 ok=["control", "port-25", "target-port-0", "fin"],
                 note=["slow-nothing", "slow-half", "slow-trickle", "bare-lf"])


def bad_challenge(program):
    with TcpOrigin(secretive) as proxy:
        found_in(program, f"http://{LOOPBACK}:{proxy.port}", None, RISKY, risk=["407-challenge", "407-framing"],
                 note=["407-closes"], untold=["bare-lf", "inward-127.0.0.1"])


def good_one(program):
    """It hears of the password, except where it should not; nobody else does."""
    strict = Strict()
    secret = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    with TcpOrigin(strict.serve) as proxy:
        url = f"http://{USER}:{PASSWORD}@{LOOPBACK}:{proxy.port}"
        for options in ((), ("--json-report",)):
            check = Check(program, url, *options)
            check.expect_code(0)
            for word in (PASSWORD, secret):
                expect(word in check.output + check.errors, False, f"whether {word} is shown")
    told = [head for head in strict.heads if f"Proxy-Authorization: Basic {secret}\r\n".encode() in head]
    expect(0 < len(told) < len(strict.heads), True, "whether some requests have the password")
    expect(len(strict.heads) <= 2 * 64, True, f"whether {len(strict.heads)} requests are few")


def talks_too_much(program):
    with TcpOrigin(endless) as proxy:
        check = Check(program, f"http://{LOOPBACK}:{proxy.port}", "--json-report")
        check.expect_code(NO_ANSWER)
        expect(check.rows()["control"]["verdict"], "untold", "the verdict on the control")


def table(program):
    """What is printed for people is ASCII without controls, in lines that fit."""
    with TcpOrigin(careless) as proxy:
        check = Check(program, f"http://{LOOPBACK}:{proxy.port}")
        check.expect_code(RISKY)
        expect_match(r"(?m)^RISK +a GET behind a refused", check.output, "the table")
        expect_match(r"403 N\\xf6, then 404 ", check.output, "the table")
        expect(re.findall(r"[^\n -~]", check.output), [], "the controls in the table")
        expect([line for line in check.output.splitlines() if len(line) > 100], [], "lines that are too long")


def nobody_there(program):
    port = ReservedPort()
    check = Check(program, f"http://{USER}:{PASSWORD}@{LOOPBACK}:{port.number}")
    check.expect_code(UNREACHABLE)
    expect_match(rf"Failed to connect to {LOOPBACK}:{port.number}", check.errors, "the message")
    expect(PASSWORD in check.errors, False, "whether the password is shown")


def squids_findings(program, origin):
    with scratch_directory() as directory, squid(directory, origin, False) as url:
        rows = found_in(program, url, f"{TARGET}:{origin.port}", RISKY,
                        risk=["target-port-garbage", "early-get", "early-connect", "no-host", "two-hosts"],
                        ok=["control", "port-25", "target-port-0", "64k", "2xx-framing", "early-data"],
                        note=["half-close", "content-length", "leaks-refusal"])
        expect_match(r"Via: .*squid", rows["leaks-refusal"]["did"], "what a refusal tells")


def tinyproxys_findings(program, origin):
    with scratch_directory() as directory, tinyproxy(directory, origin, False) as url:
        found_in(program, url, f"{TARGET}:{origin.port}", RISKY, ok=["control", "port-25", "early-get", "early-connect"],
                 risk=["no-host", "two-hosts"])


def through_ours(tests, program, viaduct_proxy, origin):
    allowed = itertools.chain.from_iterable(("--allow-port", str(port)) for port in (origin.port, 9, 443))
    with ViaductProxy(viaduct_proxy, *allowed, "--allow-destination", f"{TARGET}/32") as proxy:
        tests.run("viaduct-proxy: nothing is risky", nothing_risky, program, proxy.url, None)
        tests.run("viaduct-proxy: nothing is risky with a target", nothing_risky, program, proxy.url,
                  f"{TARGET}:{origin.port}")


def main(viaduct_proxy, program):
    tests = Tests()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(scratch_directory())
        tests.run("a network of its own", enter, directory, FILES)
        if tests.failures == 0:
            KnowsNothing()
            origin = stack.enter_context(TcpOrigin(talkative, (TARGET, 0)))
            tests.run("a proxy that does everything wrong", bad_one, program)
            tests.run("a proxy whose challenge is none", bad_challenge, program)
            tests.run("a proxy that refuses everything, and the password", good_one, program)
            tests.run("a proxy that never stops talking", talks_too_much, program)
            tests.run("a proxy that is not there", nobody_there, program)
            tests.run("the table", table, program)
            through_ours(tests, program, viaduct_proxy, origin)
            tests.run("Squid", squids_findings, program, origin)
            tests.run("tinyproxy", tinyproxys_findings, program, origin)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

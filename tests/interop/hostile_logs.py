"""The logs of viaduct-proxy under clients that mean no good, and with readers that sleep.

usage: hostile_logs.py VIADUCT_PROXY
"""

import base64
import contextlib
import json
import os
import re
import socket
import subprocess
import sys

from harness import (LOOPBACK, LOOPBACK_ALLOWED, PATIENCE, Program, TcpOrigin, Tests, clean_environment, echo, expect,
                     expect_match, run_client, scratch_directory, write_file)

JSON = ("json", "ecs", "otlp")
COLUMNS = {
    "squid": r" *\d+\.\d{3} +\d+ \S+ [A-Z_]+/\d{3} \d+ \S+ \S+ \S+ [A-Z_]+/\S+ \S+",
    "combined": r'\S+ - \S+ \[[^\]]+\] "([^"\\]|\\.)* HTTP/1\.[01]" \d+ \d+( "([^"\\]|\\.)*"){2} [A-Z_]+:[A-Z_]+',
    "useragent": r'\S+ \[[^\]]+\] "([^"\\]|\\.)*"',
    "haproxy": r"\S+:\d+ \[[^\]]+\] \S+ \S+/\S+ [-\d]+/[-\d]+/\d+ \d+ \S\S \S+ 0/0",
    "envoy": r'\[[^\]]+\] "\S+ \S+ [^"]*" \d+ .*',
    "mine": r'CONNECT "([^"\\]|\\.)*" \[[^\]]*\] \S+ \S+ \S+',
}
MINE = 'mine %rm "%"{User-Agent}>h" [%[{User-Agent}>h] %#{User-Agent}>h %{Cookie}>h %{Proxy-Authorization}>h'

# What upsets columns, quotes, JSON, terminals, and readers of UTF-8; as far as a field may hold it.
EVIL = [b'"', b"\\", b'\\"', b"%0a%s", b"'", b"] [", b"\t", b"# 12 records were lost here", b'","status":200,"x":"',
        b"\xc2\x85\xe2\x80\xa8", b"\xc2\x9b31m", b"\xff\xed\xa0\x80\xc0\xaf", b"a" * 1023 + b"\xc3\xa9" * 9,
        b"\xff" * 3000]

SECRET = "hunter2OPENSESAME"
HIDDEN = [SECRET.encode(), *(base64.b64encode(b"u" * n + b":" + SECRET.encode())[4:-4] for n in range(3))]
BASIC = base64.b64encode(b"u:" + SECRET.encode()).decode()
CREDENTIALS = [f"Proxy-Authorization: {value}" for value in (
    f"Basic {BASIC}", f"Bearer {SECRET}", f"NTLM {BASIC}", f'Digest username="u", response="{SECRET}"', SECRET,
    f"{SECRET} and more", f" Negotiate  {BASIC}")] + [
    f"Authorization: {SECRET} x", f"Cookie: a={SECRET}", f"Cookie2: {SECRET}", f"X-Api-Key: {SECRET}",
    f"Proxy-Authentication-Info: nextnonce={SECRET}"]


def send(port, octets):
    """One connection, to its end."""
    with socket.create_connection((LOOPBACK, port), PATIENCE) as wire, contextlib.suppress(ConnectionError):
        wire.sendall(octets)
        wire.shutdown(socket.SHUT_WR)
        while wire.recv(65536):
            pass


class Scene:
    def __init__(self, program, directory, origin):
        self.program, self.directory = program, directory
        self.target = f"{LOOPBACK}:{origin.port}".encode()

    def records(self, requests):
        """The contents of a log in each format, of so many requests."""
        logs = [word for name in (*JSON, *COLUMNS)
                for word in ("--access-log", f"{self.directory}/{name}.log logformat={name}")]
        with Program(self.program, "--http-port", f"{LOOPBACK}:0", "--allow-port", "all", *LOOPBACK_ALLOWED,
                     "--logformat", MINE, *logs) as proxy:
            port = int(proxy.await_line(r"listening on 127\.0\.0\.1:(\d+)$")[1])
            for octets in requests:
                send(port, octets)
            expect(proxy.stop(), 0, "the exit status")
        for name in (*JSON, *COLUMNS):
            path = f"{self.directory}/{name}.log"
            with open(path, "rb") as log:
                yield name, log.read()
            os.unlink(path)

    def connect(self, *fields):
        return b"CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n" % (
            self.target, self.target, b"".join(field + b"\r\n" for field in fields))


def one_line_each(scene):
    requests = [scene.connect(b"User-Agent: " + evil, b"Referer: " + evil, b"X-Evil: " + evil) for evil in EVIL]
    for name, content in scene.records(requests):
        lines = content.decode("utf-8").split("\n")
        expect((len(lines), lines[-1]), (len(requests) + 1, ""), f"the number of lines of {name}, and their end")
        for line in lines[:-1]:
            expect(re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", line), None, f"a control in {name}")
            if name in JSON:
                json.loads(line)
            else:
                expect_match(f"^{COLUMNS[name]}$", line, name)


def no_secrets(scene):
    requests = [scene.connect(field.encode()) for field in CREDENTIALS]
    requests += [b"%s\r\nHost: h\r\n\r\n" % line.encode() for line in (
        f"GET http://u:{SECRET}@h/ HTTP/1.1", f"CONNECT u:{SECRET}@h:443 HTTP/1.1", f"GET //u:{SECRET}@h HTTP/1.1")]
    for name, content in scene.records(requests):
        expect(content.count(b"\n"), len(requests), f"the number of lines of {name}")
        expect([each for each in HIDDEN if each in content], [], f"the secrets in {name}")


def no_secrets_in_complaints(scene):
    place = f"daemon:/host/base/table/u/{SECRET}"
    for said, *options in (("/nonexistent", "--logfile-daemon", "/nonexistent", "--access-log", place),
                           ("no format 'other'", "--access-log", f"{place} logformat=other"),
                           ("no program", "--auth-program", f"basic /nonexistent -w {SECRET}"),
                           ("begin with basic", "--auth-program", f"basc helper -w {SECRET}"),
                           ("no option", "--external-acl", f"x other=3 %SRC /nonexistent {SECRET}"),
                           ("no flag --cache-pear", "--cache-pear", f"http://u:{SECRET}@h"),
                           ("no flag --cache-pear", f"--cache-pear=http://u:{SECRET}@h")):
        done = run_client(scene.program, "--http-port", f"{LOOPBACK}:0", *options)
        expect(done.returncode, 2, f"the exit status with {options}")
        expect_match(said, done.stderr.decode(), "the complaint")
        expect(SECRET in done.stderr.decode(), False, "that the complaint tells the secret")


def rare_notices(scene):
    """A helper that nobody understands is told of, but not with every request."""
    helper = write_file(f"{scene.directory}/helper", "#!/bin/sh\nwhile read line; do echo what; done\n", 0o755)
    with Program(scene.program, "--http-port", f"{LOOPBACK}:0", "--allow-port", "all", *LOOPBACK_ALLOWED,
                 "--auth-program", f"basic {helper}", "--auth-failure-delay", "0") as proxy:
        port = int(proxy.await_line(r"listening on 127\.0\.0\.1:(\d+)$")[1])
        for _ in range(20):
            send(port, scene.connect(CREDENTIALS[0].encode()))
        expect(proxy.stop(), 0, "the exit status")
    expect(sum("cannot be checked" in line for line in proxy.lines), 1, "the number of notices")


def sleeping_reader(scene, stream, *options):
    """Nobody reads `stream` once the program listens; it is answered all the same, and ends."""
    with subprocess.Popen([scene.program, "--http-port", f"{LOOPBACK}:0", "--shutdown-lifetime", "0", *options],
                          env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as proxy:
        try:
            port = int(expect_match(rb"127\.0\.0\.1:(\d+)$", proxy.stderr.readline().strip(), "the first line")[1])
            request = b"CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: x\r\nUser-Agent: %s\r\n\r\n" % (b"x" * 900)
            for _ in range(1200):
                with socket.create_connection((LOOPBACK, port), PATIENCE) as wire:
                    wire.sendall(request)
                    expect_match(rb"^HTTP/1\.1 \d{3} ", wire.recv(4096), f"the answer while {stream} is not read")
            proxy.terminate()
            expect(proxy.wait(PATIENCE), 0, "the exit status")
        finally:
            proxy.kill()


def main(program):
    tests = Tests()
    with scratch_directory() as directory, TcpOrigin(echo) as origin:
        scene = Scene(program, directory, origin)
        tests.run("whatever a client sends, its record is one line in every format", one_line_each, scene)
        tests.run("credentials are in no log", no_secrets, scene)
        tests.run("credentials are in no complaint about the command line", no_secrets_in_complaints, scene)
        tests.run("what goes wrong with every request is told once", rare_notices, scene)
        tests.run("a reader of standard output that sleeps", sleeping_reader, scene, "stdout", "--http-access",
                  "deny all", "--access-log", "- combined", "--log-queue", "8k")
        tests.run("a reader of standard error that sleeps", sleeping_reader, scene, "stderr", "--http-access",
                  "deny all", "--report-only", "deny all")
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What viaduct-curl makes of answers, beside curl: patterns of URLs, files and their names, heads, redirects, retries.

usage: curl_answers.py VIADUCT_CURL
"""

import contextlib
import http.server
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading

from beside_curl import USER, PASSWORD
from harness import (PATIENCE, Tests, clean_environment, expect, expect_match, run_client, scratch_directory)

MANY = 1 << 30  # octets of an answer that is not to be kept in memory


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by the path; it knows no time, so that all answers to one request are the same."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    disable_nagle_algorithm = True

    FIELDS = {
        "/named": {"Content-Disposition": 'attachment; filename="named.txt"'},
        "/climbing": {"Content-Disposition": 'attachment; filename="../../climbed.txt"'},
        "/hidden": {"Content-Disposition": "attachment; filename=.hidden"},
        "/old": {"Last-Modified": "Tue, 15 Nov 1994 12:45:26 GMT"},
        "/fields": {"Other": 'say "no"', "X-A": "1", "x-a": "2"},
    }

    def do_GET(self):
        path, server = self.path, self.server
        if match := re.fullmatch(r"/status/(\d+)", path):
            self.answer(int(match[1]), b"what it is\n")
        elif path == "/busy-once":
            server.busy = not server.busy
            self.answer(503 if server.busy else 200, b"busy for now\n" if server.busy else b"fine\n")
        elif path == "/busy-for-ages":
            self.answer(503, b"busy\n", {"Retry-After": "999999999"})
        elif path.startswith("/redirect/"):
            self.answer(302, b"elsewhere\n", {"Location": path[len("/redirect"):]})
        elif path == "/loop":
            self.answer(302, b"again\n", {"Location": path})
        elif path == "/ten":
            self.ten()
        elif path in ("/short", "/unfinished"):
            self.answer(200, b"short", length=100)
            if path == "/unfinished":
                server.release.wait(PATIENCE)
            self.close_connection = True
        elif path == "/much":
            self.answer(200, length=MANY)
            piece = bytes(1 << 20)
            for _ in range(MANY // len(piece)):
                self.wfile.write(piece)
        else:
            self.answer(200, f"{self.command} {path}\n".encode(), self.FIELDS.get(path, {}))

    do_HEAD = do_GET

    def do_CONNECT(self):
        self.answer(403, b"not for you\n")

    def ten(self):
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        digits = b"0123456789"
        start = int(match[1]) if match else 0
        if start >= len(digits):
            self.answer(416)
        elif match:
            self.answer(206, digits[start:], {"Content-Range": f"bytes {start}-9/10"})
        else:
            self.answer(200, digits)

    def answer(self, status, body=b"", fields=None, length=None):
        self.send_response_only(status)
        for name, value in (fields or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Origin(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.busy = False
        self.release = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, *_):
        pass  # a client that goes away is what some tests are about

    def __exit__(self, *_):
        self.release.set()
        self.shutdown()
        self.server_close()


# ---- the same command lines -----------------------------------------------------------------------------------------

# U is the origin's URL, R one where nobody listens. After a `;` stand the files that are there before.
TWINS = r"""
U/{a,b}/[08-11:2]/[a-e:2]x -w '%{urlnum} %{num_connects} %{url}\n'
U/{a,b}[1-2] -o f_#1_#2_#3.txt
U/{a,b}[1-2] -o '#1#'
U/{a,b}[1-2] -o '#0#1x##2'
U/[001-3] U/[00-3] U/[1-03] U/[3-3] U/[a-a]
U/{a,} U/[]
U/\{a\} -o '#1'
-g U/{a} U/[1-2]
U/[1-
U/{a,b
U/[a-
U/[3-1]
U/[1-3:0]
U/[1-2:5]
U/[3-3:5]
U/[a-Z]
U/[z-a]
U/[a-c:9]
U/[1-3x]
U/[-1-3]
U/{}
U/]
U/}
U/{a{b}}
U/[1-9999999999999999999999]
U/[9223372036854775806-9223372036854775807]
U/[9223372036854775807-9223372036854775807]
U/[1-9223372036854775807:9223372036854775807]
U/[1-100000][1-100000][1-1000000][1-10000000][1-10000000]
U/a U/[1-2
U/a -o x -o y
-o q -O U/a U/b/c
--remote-name-all U/a -o x U/b/c
--output-dir new -O U/a
--output-dir new --create-dirs -O U/a
--create-dirs -o d/e/f U/a -w '%{filename_effective}'
-o d/e/f U/a -w '%{exitcode}'
-o - U/a --output-dir nowhere
-O U/a ; a=there
--no-clobber -O U/a -w '%{filename_effective}' ; a=there
-OJ U/named
-OJ U/named ; named.txt=there
-OJ --clobber U/named ; named.txt=there
-OJ --no-clobber U/named -w '%{filename_effective}' ; named.txt=there
-OJ U/a
-J -o foo U/named
-OJi U/named
-OJ U/climbing
-o x U/short
--remove-on-error -o x U/short
-f --remove-on-error -o x U/status/404
-f -o x U/status/404
--fail-with-body -o x U/status/404
-f --fail-with-body U/status/404
-C - -o r U/ten ; r=0123
-C 2 -o r U/ten ; r=0123
-C - -o r U/a ; r=01
-C - -o r U/ten ; r=0123456789
-C - -O U/ten -w '%{size_download}'
-C 3 U/ten
-C x U/ten
-D - U/a -o x
-D h U/a U/b
-D h U/a --next -D h U/b
-I U/a
-I -o x U/a
-i U/a
-L -i -D h U/redirect/a -w '%{num_redirects} %{num_connects} %{size_header} %{size_download} %{num_headers}'
U/redirect/a -w '%{redirect_url}'
-L --max-redirs 2 -i U/loop
-L --max-redirs 0 U/loop -w '%{num_redirects}'
-L --proto-redir =https U/redirect/a
-L --proto-redir -all,http U/redirect/a
--fail-early U/short U/a
R/ U/a
U/a R/
-f U/status/404 U/a -w '%{urlnum} %{exitcode}\n'
U/fields -w '%{header_json}|%header{x-a}|%header{other}|%header{none}|%header{|%{json|%%|\t|\q|%'
U/short -w 'a%{onerror}b'
U/a -w 'a%{onerror}b'
U/a -w 'a%{stderr}b%{stdout}c'
U/a U/b -w '%{http_code} %{http_version} %{method} %{scheme} %{size_download} %{num_connects} %{url_effective}\n'
--retry 1 R/ -w '%{exitcode}'
--retry 1 --retry-all-errors --retry-max-time 1 U/status/404 -w '%{http_code}'
-p -x U http://far.test/ -D h -i -w '%{http_connect}' --suppress-connect-headers -f
-p -x U http://far.test/ -D h -i -w '%{http_connect}' -f
"""


def outcome(program, words, before):
    """The exit code, the standard output and all files of a call in a directory of its own."""
    with scratch_directory() as directory:
        for name, text in before.items():
            with open(os.path.join(directory, name), "w", encoding="ascii") as file:
                file.write(text)
        done = subprocess.run([program, "-sS", "-A", "both", *words], cwd=directory, env=clean_environment(),
                              capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
        files = {}
        for place, _, names in os.walk(directory):
            for name in names:
                with open(os.path.join(place, name), "rb") as file:
                    files[os.path.relpath(os.path.join(place, name), directory)] = file.read()
    return done.returncode, done.stdout, files


def twins(program, line, origin, refused):
    command, _, files = line.partition(" ; ")
    words = [word.replace("U/", f"{origin.url}/").replace("R/", f"{refused}/") if word != "U" else origin.url
             for word in shlex.split(command)]
    before = dict(file.split("=") for file in files.split())
    expect(outcome(program, words, before), outcome("curl", words, before), "the outcome")


# ---- what curl does otherwise, or not at all ------------------------------------------------------------------------


def server_names_are_harmless(program, origin):
    expect(outcome(program, ("-OJ", f"{origin.url}/hidden"), {}), (0, b"", {"hidden": b"GET /hidden\n"}))


def remote_time(program, origin, directory):
    name = os.path.join(directory, "old")
    expect(run_client(program, "-sSR", "-o", name, f"{origin.url}/old").returncode, 0)
    expect(int(os.stat(name).st_mtime), 784903526)


def retries(program, origin, directory):
    name = os.path.join(directory, "retried")
    done = run_client(program, "-S", "--retry", "2", "--retry-delay", "0.05", "-o", name, "-D", "-",
                      f"{origin.url}/busy-once", "-w", "%{num_retries} %{http_code}")
    expect(done.returncode, 0)
    expect_match(r"(?s)^HTTP/1.1 503 .*HTTP/1.1 200 .*\n1 200$", done.stdout.decode().replace("\r", ""))
    expect_match(r"Warning: Problem : HTTP error\. Will retry in 0 seconds\. 2 retries left\.\n"
                 r"Warning: Throwing away 13 bytes\n", done.stderr.decode())
    with open(name, encoding="ascii") as file:
        expect(file.read(), "fine\n")


def refused_proxy_is_retried(program, refused):
    done = run_client(program, "-S", "--retry", "1", "--retry-delay", "0.05", "--retry-connrefused", "-x", refused,
                      "https://far.test/", "-w", "%{num_retries}")
    expect((done.returncode, done.stdout), (7, b"1"))
    expect(len(re.findall(r"Problem : connection refused", done.stderr.decode())), 1)


def refusals_are_not_retried(program, origin):
    done = run_client(program, "-S", "--retry", "1", "-x", origin.url, "https://far.test/", "-w", "%{num_retries}")
    expect((done.returncode, done.stdout), (7, b"0"))


def ages_are_bounded(program, origin):
    """Who is busy for longer than anybody lives is asked again after hours; and not at all where time is short."""
    url = f"{origin.url}/busy-for-ages"
    with subprocess.Popen([program, "--retry", "1", "-o", os.devnull, url], env=clean_environment(),
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        told = running.stderr.readline().decode()
        while running.poll() is None and "Will retry" not in told:
            told = running.stderr.readline().decode()
        running.kill()
    expect_match(r"Will retry in 21600 seconds\. 1 retries left\.", told)
    done = run_client(program, "-S", "--retry", "1", "--retry-max-time", "5", url, "-w", "%{num_retries}")
    expect((done.returncode, done.stdout), (0, b"busy\n0"))
    expect_match(r"The Retry-After: time would make this command line exceed", done.stderr.decode())


def interrupted(program, origin, directory, removes):
    name = os.path.join(directory, f"half-{removes}")
    switches = ("--remove-on-error",) if removes else ()
    with subprocess.Popen([program, "-sS", *switches, "-o", name, f"{origin.url}/unfinished"],
                          env=clean_environment(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        wait_for_file(running, name)
        running.send_signal(signal.SIGINT)
        told = running.communicate(timeout=PATIENCE)[1].decode()
    expect(running.returncode, -signal.SIGINT)
    expect(os.path.exists(name), not removes)
    fate = "was not complete and has been removed: it held" if removes else "is not complete: it holds"
    expect_match(rf"interrupted; {re.escape(name)} {fate} 5 octets\n$", told)


def wait_for_file(running, name):
    for _ in range(PATIENCE * 50):
        with contextlib.suppress(OSError):
            if os.stat(name).st_size > 0:
                return
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(0.02)
            break
    raise AssertionError(f"nothing came into {name}")


def full_disk(program, origin):
    for words in (("-o", "/dev/full"), ("-D", "/dev/full")):
        done = run_client(program, "-sS", *words, f"{origin.url}/a")
        expect(done.returncode, 23)
        expect_match("No space left on device", done.stderr.decode())


def closed_output(program, origin):
    """Told as curl tells it: not with -s alone."""
    for words, is_told in (((), True), (("-s",), False), (("-sS",), True)):
        done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", program, *words, f"{origin.url}/a"],
                              env=clean_environment(), stderr=subprocess.PIPE, timeout=PATIENCE)
        expect((done.returncode, b"viaduct-curl: (23) Failed to write to the standard output: " in done.stderr),
               (23, is_told), f"a closed output with {words}")


def constant_memory(program, origin):
    with subprocess.Popen([program, "-sS", "-o", "/dev/null", f"{origin.url}/much", "-w", "%{size_download}"],
                          env=clean_environment(), stdout=subprocess.PIPE) as running:
        expect(running.stdout.read(), str(MANY).encode())
        usage = os.wait4(running.pid, 0)[2]
        running.returncode = 0
    if usage.ru_maxrss > 256 * 1024:
        raise AssertionError(f"it took {usage.ru_maxrss} KiB")


def json_report(program, origin, refused):
    who = f"{USER}:{PASSWORD}@"
    done = run_client(program, "-sS", "--json-report", "-x", refused, "-x", origin.url.replace("//", f"//{who}"),
                      f"https://{who}far.test/a@b", "--next", "-sS", "--json-report", "-o", os.devnull,
                      f"{origin.url}/a")
    first, second = map(json.loads, done.stdout.decode().splitlines())
    expect(PASSWORD in done.stdout.decode(), False, "the password's presence")
    expect((first["url"], first["exit_code"]), ("https://far.test/a@b", 7))
    expect(first["route"], [origin.url, "far.test:443"])
    expect([(one["phase"], bool(one["error"])) for one in first["attempts"]],
           [("connect", True), ("connect", False), ("handshake", True)])
    expect((first["connect"]["status"], first["connect"]["scheme"], first["connect"]["refusal"]),
           (403, "Basic", "not for you\n"))
    expect((second["status"], second["connect"], second["route"]), (200, None, [origin.url[len("http://"):]]))
    expect(second["times"]["total"] >= second["times"]["start_transfer"] > 0, True, "the order of times")


def main(program):
    program = os.path.abspath(program)  # each line runs in a directory of its own
    tests = Tests()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(scratch_directory())
        origin = stack.enter_context(Origin())
        idle = stack.enter_context(socket.socket())
        idle.bind(("127.0.0.1", 0))
        refused = f"http://127.0.0.1:{idle.getsockname()[1]}"
        for line in TWINS.strip().splitlines():
            tests.run(line, twins, program, line, origin, refused)
        tests.run("a server names no hidden file", server_names_are_harmless, program, origin)
        tests.run("a file gets the time that the server tells", remote_time, program, origin, directory)
        tests.run("a retry begins its file anew", retries, program, origin, directory)
        tests.run("a proxy that is not there is tried again", refused_proxy_is_retried, program, refused)
        tests.run("a proxy that refuses is not asked again", refusals_are_not_retried, program, origin)
        tests.run("who is busy for ages is not waited for that long", ages_are_bounded, program, origin)
        tests.run("who interrupts a download is told what is there", interrupted, program, origin, directory, False)
        tests.run("or what is gone", interrupted, program, origin, directory, True)
        tests.run("a full disk is told", full_disk, program, origin)
        tests.run("a closed output is told", closed_output, program, origin)
        tests.run("a large file takes no memory", constant_memory, program, origin)
        tests.run("--json-report tells the way", json_report, program, origin, refused)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

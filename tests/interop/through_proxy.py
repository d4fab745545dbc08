"""Clients on their way to one page through one proxy, and what the proxy's log says of them afterwards."""

import functools
import os
import re
import sys
import time
from typing import NamedTuple

from harness import LOOPBACK, PAGE, PATIENCE, Wire, expect, expect_match, find_program, run_client, status_of

REQUESTS_CLIENT = """
import sys, requests
proxy, url, ca = sys.argv[1:]
try:
    print(requests.get(url, proxies={'https': proxy}, verify=ca, timeout=20).text, end='')
except requests.exceptions.ProxyError as why:
    sys.exit(str(why))
"""

DIRECT = r"HIER_DIRECT/(127\.0\.0\.1|::1)"
REFUSED = "HIER_NONE/-"


class Visit(NamedTuple):
    """What a client got: the proxy's last status, all heads, and the page if there was one."""

    status: int
    heads: str
    page: bytes
    said: str

    def arrives(self):
        if self.page != PAGE:
            raise AssertionError(f"the page did not come, but {self.page!r}:\n{self.heads}\n{self.said}")
        return self

    def is_refused(self, status, head=""):
        if self.status != status or self.page:
            raise AssertionError(f"this is no refusal with {status}:\n{self.heads}\n{self.said}")
        expect_match(head, self.heads, "the proxy's answer")
        return self


class Way:
    """The origin, and how clients ask for its page."""

    def __init__(self, origin, certificates, viaduct_curl=None):
        self.origin, self.ca, self.viaduct_curl = origin, certificates.ca, viaduct_curl
        self.url = origin.url + "/"
        self.target = f"localhost:{origin.port}"

    def curl(self, proxy, *options, url=None, environment=None, program=None):
        done = run_client(program or find_program("curl"), "-sSi", "--cacert", self.ca, "-x", proxy, "-w",
                          "%{stderr}\nstatus: %{http_connect}\n", *options, url or self.url, environment=environment)
        said = done.stderr.decode("latin-1")
        heads, _, page = done.stdout.rpartition(b"\r\n\r\n")
        status = int(expect_match(r"status: (\d+)", said, "what curl says")[1])
        if done.returncode == 0 and status != 200:
            raise AssertionError(f"a page came although the status is {status}:\n{said}")
        return Visit(status, heads.decode("latin-1"), page, said)

    def viaduct(self, proxy, *options, **more):
        return self.curl(proxy, *options, program=self.viaduct_curl, **more)

    def requests(self, proxy):
        """python3-requests, which speaks Basic, with the credentials in the proxy's URL."""
        done = run_client(python_with_requests(), "-c", REQUESTS_CLIENT, proxy, self.url, self.ca)
        said = done.stderr.decode("latin-1")
        status = 200 if done.returncode == 0 else int((re.search(r"\b([45]\d\d)\b", said) or [0, 0])[1])
        return Visit(status, "", done.stdout, said)


@functools.cache
def python_with_requests():
    for python in ("/usr/bin/python3", sys.executable):
        if os.path.exists(python) and run_client(python, "-c", "import requests").returncode == 0:
            return python
    raise AssertionError("python3-requests is not installed")


def named(url, user, password):
    """The URL of a proxy with credentials in it."""
    return url.replace("://", f"://{user}:{password}@")


def log_line(target, status=200, user="-", way=DIRECT, client=LOOPBACK):
    """The line of a request in Squid's native access log; `way` is a pattern for the hierarchy and the peer."""
    return (rf"^ *\d+\.\d{{3}} +\d+ {re.escape(client)} \w+/{status:03} \d+ CONNECT {re.escape(target)} "
            rf"{user} {way} \S+$")


def count_of(program, pattern, since=0):
    return sum(1 for line in program.lines[since:] if re.search(pattern, line))


def eventually(condition, what, step=0.02):
    """What the condition gives as soon as it gives anything; for what no single program tells of."""
    for _ in range(int(PATIENCE / step)):
        if result := condition():
            return result
        time.sleep(step)
    raise AssertionError(f"in {PATIENCE} seconds there has been no {what}")


def listening_port(proxy, since):
    """The port of the listener that the proxy tells of next, and the place behind that line."""
    line = proxy.await_line(r"listening on .*:(\d+)\b", since=since).string
    return int(re.search(r"listening on \S+:(\d+)", line)[1]), proxy.lines.index(line, since) + 1


def ask_raw(port, target, *fields):
    """The head of the answer to a CONNECT, and the connection that it came over."""
    wire = Wire(port)
    head = "".join(f"{line}\r\n" for line in (f"CONNECT {target} HTTP/1.1", f"Host: {target}", *fields))
    wire.send(head.encode() + b"\r\n")
    return wire.read_head(), wire


def expect_status(port, target, status, *fields):
    head, wire = ask_raw(port, target, *fields)
    with wire:
        expect(status_of(head), status, "the status")
    return head.decode("latin-1")


def run_group(tests, group, *arguments):
    """Runs what reports points of its own; whatever else goes wrong in it is one more."""
    def again(why):
        raise why

    try:
        group(tests, *arguments)
    except Exception as why:
        tests.run(group.__name__, again, why)

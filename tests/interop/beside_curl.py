"""Tables of what viaduct-curl does, checked line by line, with the curl of this machine beside it."""

import functools
import re
from typing import NamedTuple, Optional

from harness import PAGE, expect, expect_match, run_client

USER, PASSWORD, WRONG_PASSWORD = "alice", "open-sesame", "let-me-in"
IDENTITY = f"{USER}:{PASSWORD}"
WRONG_IDENTITY = f"{USER}:{WRONG_PASSWORD}"

# curl's exit codes.
UNSUPPORTED_PROTOCOL = 1
FAILED_INIT = 2
URL_MALFORMED = 3
COULD_NOT_RESOLVE_PROXY = 5
COULD_NOT_RESOLVE = 6
COULD_NOT_CONNECT = 7
WEIRD_REPLY = 8
WRITE_ERROR = 23
READ_ERROR = 26
TIMED_OUT = 28
TLS_CONNECT_FAILED = 35
BAD_ARGUMENT = 43
RECEIVE_FAILED = 56
CERTIFICATE_PROBLEM = 58
CIPHER_PROBLEM = 59
NOT_TRUSTED = 60
BAD_CA_FILE = 77
AUTHENTICATION_FAILED = 94
PROXY_HANDSHAKE_FAILED = 97

SAME = -1       # what curl does is what viaduct-curl does
NOT_ASKED = -2  # curl has no such switch, or one with another meaning


@functools.cache
def curl_version():
    text = run_client("curl", "--version").stdout.decode()
    return tuple(map(int, expect_match(r"^curl (\d+)\.(\d+)", text, "curl's version").groups()))


def refused_by_curl():
    """A refused CONNECT is 7 since curl 8.20, and was 56 before."""
    return COULD_NOT_CONNECT if curl_version() >= (8, 20) else RECEIVE_FAILED


class Case(NamedTuple):
    """One call of viaduct-curl, and what has to come of it."""

    name: str
    arguments: tuple
    exit_code: int = 0        # or several, where it depends on who is faster
    says: str = ""            # a pattern for the message
    shows: str = ""           # a pattern for what `FORMAT` shows, see below
    curl: int = SAME          # curl's exit code; where it is another one, the table says why
    url: Optional[str] = None # of the page, if it is left out; an empty one is none at all
    environment: dict = {}


FORMAT = "%{http_connect} %{proxy_attempts} %{proxy_auth} %{num_connects}"


def refused(name, arguments, **more):
    """A case in which the proxy says no."""
    return Case(name, arguments, COULD_NOT_CONNECT, curl=refused_by_curl(), **more)


class Table:
    """Runs cases towards one page."""

    def __init__(self, tests, program, origin, certificates):
        self._tests = tests
        self._program = program
        self._url = origin.url + "/"
        self._common = ("-sS", "--cacert", certificates.ca)

    def run(self, where, cases):
        for case in cases:
            self._tests.run(f"{where}: {case.name}", self._check, case)

    def _check(self, case):
        url = self._url if case.url is None else case.url
        command = (*self._common, *case.arguments, *filter(None, (url,)))
        done = run_client(self._program, "-w", "%{stderr}\nshown: " + FORMAT + "\n", *command,
                          environment=case.environment)
        errors = done.stderr.decode("latin-1")
        expect_outcome("viaduct-curl", done, case.exit_code)
        expect_match(case.says, errors, "the message")
        if case.shows:
            expect_match(f"^{case.shows}$", re.search("shown: (.*)", errors)[1], "what -w shows")
        expect_no_secret(done)
        if case.curl != NOT_ASKED:
            wanted = case.exit_code if case.curl == SAME else case.curl
            expect_outcome("curl", run_client("curl", *command, environment=case.environment), wanted)


def expect_outcome(who, done, exit_code):
    codes = exit_code if isinstance(exit_code, tuple) else (exit_code,)
    if done.returncode not in codes:
        raise AssertionError(f"{who} ended with {done.returncode}, not {exit_code}:\n{done.stderr.decode('latin-1')}")
    expect(done.stdout, PAGE if exit_code == 0 else b"", f"the output of {who}")


def expect_no_secret(done):
    for secret in (PASSWORD, WRONG_PASSWORD):
        shown = done.stdout + done.stderr
        if secret.encode() in shown:
            raise AssertionError(f"a password is shown:\n{shown.decode('latin-1')}")

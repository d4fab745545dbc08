"""Runs a command line in a stage of scripted servers, and tells all that is to be seen of it."""

import contextlib
import os
import re
import shlex
import ssl
import string
import subprocess
from typing import NamedTuple

from curl_twins_answers import NAMES, origin, proxy
from curl_twins_servers import Server
from harness import LOOPBACK, PATIENCE, Program, ReservedPort, clean_environment, find_program

VARIABLES = ("http_code", "response_code", "http_connect", "http_version", "num_connects", "num_headers",
             "num_redirects", "size_download", "size_header", "size_request", "size_upload", "content_type",
             "url_effective", "url", "urlnum", "method", "scheme", "exitcode", "errormsg", "redirect_url", "referer",
             "filename_effective", "remote_ip", "remote_port", "local_ip", "proxy_ssl_verify_result",
             "ssl_verify_result")
TIMES = ("namelookup", "connect", "appconnect", "pretransfer", "starttransfer", "redirect", "total")
MARK = "@@ "
WRITTEN = "%{stderr}" + "".join(f"{MARK}{name} %{{{name}}}\n" for name in VARIABLES) + (
    f"{MARK}times " + " ".join(f"%{{time_{name}}}" for name in TIMES) + "\n")
COMMON = ("--no-progress-meter", "-A", "twin/1", "--cacert", "$ca", "-w", WRITTEN)


class Line(NamedTuple):
    """A command line without the program's name. $names in its words, its variables and its files are places."""

    words: str
    files: dict = {}        # that are there before
    environment: dict = {}
    input: str = ""
    bare: bool = False      # without COMMON

    def name(self):
        """All of it, in one line; of long files only the beginning."""
        given = [f"{name}={value}" for name, value in self.environment.items()]
        texts = self.files | ({"stdin": self.input} if self.input else {})
        files = [f"{name}: {text[:60]!r}" for name, text in texts.items()]
        return " ".join((*given, "curl", self.words)) + (f" ({'; '.join(files)})" if files else "")

    def arguments(self, places):
        return [filled(word, places) for word in (*(() if self.bare else COMMON), *shlex.split(self.words))]


def filled(text, places):
    return string.Template(text).safe_substitute(places)


# ---- the stage ------------------------------------------------------------------------------------------------------


class Stage:
    """Servers for one line at a time; they keep what comes to them."""

    def __init__(self, stack, credentials, number):
        self._certificates = credentials
        certificate, key = credentials.issue(f"stage{number}.test", "DNS:localhost", "IP:127.0.0.1",
                                             *(f"DNS:{name}" for name in NAMES))
        self._pair = (certificate, key)
        servers = {"http": Server(origin), "tls": Server(origin, self._context()), "proxy": Server(proxy),
                   "mutual": Server(origin, self._context(credentials.ca)), "tlsproxy": Server(proxy, self._context()),
                   "strange": Server(origin, self._context(pair=credentials.stranger)),
                   "behind_h2": Server(origin, loose=True)}
        self.servers = {name: stack.enter_context(server) for name, server in servers.items()}
        h2 = stack.enter_context(h2_origin(servers["behind_h2"].port, certificate, key))
        self.closed = ReservedPort()
        ports = {name: server.port for name, server in servers.items()} | {"h2": h2, "closed": self.closed.number}
        schemes = {"http": "http", "proxy": "http", "closed": "http"}
        self.places = {f"{name}_port": str(port) for name, port in ports.items()}
        self.places |= {name: f"{schemes.get(name, 'https')}://localhost:{port}" for name, port in ports.items()}
        self.places |= {"ca": credentials.ca, "certificate": certificate, "key": key}

    def _context(self, demanding=None, pair=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*(pair or self._pair))
        context.set_alpn_protocols(["http/1.1"])
        if demanding:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(demanding)
        return context

    def seen(self, who, line, directory):
        """What is to be seen of one run, by name; `who` is a path of a program."""
        os.mkdir(directory)
        files = {name: filled(text, self.places) for name, text in line.files.items()}
        for name, text in files.items():
            with open(os.path.join(directory, name), "w", encoding="latin-1", newline="") as file:
                file.write(text)
        for server in self.servers.values():
            server.begin()
        environment = {name: filled(value, self.places) for name, value in line.environment.items()}
        try:
            done = subprocess.run([who, *line.arguments(self.places)], cwd=directory, timeout=PATIENCE, check=False,
                                  env=clean_environment(**environment),
                                  input=filled(line.input, self.places).encode("latin-1"), capture_output=True)
        except subprocess.TimeoutExpired:
            return {"exit": "none, it has not ended", "-w": "tells nothing"}
        seen = {"exit": str(done.returncode), "stdout": even(done.stdout.decode("latin-1"))}
        seen |= errors_of(even(done.stderr.decode("latin-1")))
        seen |= {f"file {name}": even(text) for name, text in files_in(directory, files)}
        return seen | {f"at ${name}": even(server.end()) for name, server in self.servers.items()}


@contextlib.contextmanager
def h2_origin(behind, certificate, key):
    """nghttpx in front of an origin; it speaks HTTP/2 to whoever offers it."""
    port = ReservedPort()
    with Program(find_program("nghttpx"), "--conf=/dev/null", "--single-process", "--workers=1", "--no-ocsp",
                 f"--frontend={LOOPBACK},{port.number}", f"--backend={LOOPBACK},{behind}", key,
                 certificate) as program:
        program.await_port(port.number)
        yield port.number
        program.process.kill()


# ---- what is seen ---------------------------------------------------------------------------------------------------


def files_in(directory, given):
    """Every file's text, and its time where that is not now; of those that were given, only if they have changed."""
    for folder, _, names in sorted(os.walk(directory)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            with open(path, encoding="latin-1", newline="") as file:
                text = file.read()
            time = os.stat(path).st_mtime
            if text != given.get(name):
                yield os.path.relpath(path, directory), f"{text}[of {time:.0f}]" if time < 1e9 else text


def errors_of(text):
    """Messages and heads of stderr, and each line that WRITTEN has written; several transfers have several."""
    marked = [line.removeprefix(MARK) for line in text.split("\n") if line.startswith(MARK)]
    seen = {}
    for line in marked:
        name, _, value = line.partition(" ")
        value = order_of(value) if name == "times" else value
        seen.setdefault(f"%{{{name}}}", []).append(value)
    lines = re.split(r"[\r\n]+", "".join(line + "\n" for line in text.split("\n") if not line.startswith(MARK)))
    told = [line for line in lines if not re.match(r"[*{}] |[ \d.kMGT]+[-\d]+:[-\d]+:[-\d]+ |[#=O ]+$", line)]
    seen["-w"] = ["tells something" if marked else "tells nothing"]
    return {"stderr": "\n".join(filter(None, told))} | {name: ", ".join(values) for name, values in seen.items()}


def order_of(times):
    """Which of them are not zero, and whether they are in order; some begin anew with every redirect. All of what is
    over at once may have taken no time."""
    values = dict(zip(TIMES, map(float, times.split())))
    chain = [value for value in values.values() if value]
    in_order = values["redirect"] or chain == sorted(chain)
    return " ".join((*(name for name, value in values.items() if value and name != "total"),
                     "in order" if in_order else "out of order"))


EVEN = tuple((re.compile(pattern), replacement) for pattern, replacement in (
    (r"viaduct-curl", "curl"),
    (r"\b\d+ (ms|milliseconds|out of)\b", r"N \1"),
    (r'\b((?:time|speed)_\w+"?[:=] ?)[\d.]+', r"\1N"),
    (r'\b(local_port"?[:=] ?)\d+', r"\1N"),
    (r'"curl_version":"[^"]*"', '"curl_version":"V"'),
    (r"(?i)(user-agent: )curl/[^\r\n]*", r"\1curl/V"),
    (r"-{24}[0-9a-f]{16}", "BOUNDARY"),
    (r"(?m)^== Info: .*\n", ""),
    (r"(?m)^\d\d:\d\d:\d\d\.\d{6} ", "TIME "),
    (r'\b(cnonce|response)="[^"]*"', r'\1="SECRET"'),
    (r"(?m)^((?:< )?Date: ).*", r"\1NOW"),
    (r"\w{3}, \d\d \w{3} 202\d [\d:]{8} GMT", "NOW"),
    (r"(PROXY TCP\d \S+ \S+) \d+", r"\1 N"),
))


def even(text):
    """Without what differs from run to run."""
    for pattern, replacement in EVEN:
        text = pattern.sub(replacement, text)
    return text

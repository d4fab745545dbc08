"""What the interoperability tests share: TAP, programs that start and end in order, certificates, origins, raw sockets.

Nothing here sleeps to let something happen: a program is ready when it says so or when its port answers, a log line is
awaited, a connection is read to its end. Every wait has a limit, and whoever reaches it fails.
"""

import contextlib
import http.server
import os
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import traceback

PATIENCE = 15  # seconds that any single wait may take before its test fails
LOOPBACK = "127.0.0.1"


# ---- tests ----------------------------------------------------------------------------------------------------------


class Skip(Exception):
    """Raised by a test that needs a program which is not on this machine."""


class Tests:
    """Runs one test after the other and reports each as a point of TAP version 13."""

    def __init__(self):
        self.number = 0
        self.failures = 0
        print("TAP version 13", flush=True)

    def run(self, name, test, *arguments, **options):
        self.number += 1
        try:
            test(*arguments, **options)
        except Skip as why:
            self._point("ok", f"{name} # SKIP {why}")
        except Exception as why:
            self.failures += 1
            self._point("not ok", name)
            self._explain(why)
        else:
            self._point("ok", name)

    def _point(self, verdict, name):
        print(f"{verdict} {self.number} - {printable(name)}", flush=True)

    @staticmethod
    def _explain(why):
        steps = [step for step in traceback.extract_tb(why.__traceback__) if step.filename != __file__]
        where = "".join(f"{os.path.basename(step.filename)}:{step.lineno}: " for step in steps[-1:])
        for line in f"{where}{type(why).__name__}: {why}".splitlines():
            print(f"# {printable(line)}")

    def done(self):
        print(f"1..{self.number}", flush=True)
        sys.exit(1 if self.failures else 0)


def printable(text):
    return text.encode("ascii", "backslashreplace").decode("ascii")


def expect(actual, wanted, what="value"):
    if actual != wanted:
        raise AssertionError(f"{what} is {actual!r}, not {wanted!r}")


def expect_match(pattern, text, what="text"):
    match = re.search(pattern, text)
    if not match:
        raise AssertionError(f"{what} does not match {pattern!r}:\n{text}")
    return match


# ---- files and certificates -----------------------------------------------------------------------------------------


@contextlib.contextmanager
def scratch_directory():
    """A directory for one test program; servers that give up root's rights may look into it."""
    path = tempfile.mkdtemp(prefix="viaduct-interop-")
    os.chmod(path, 0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def write_file(path, text, mode=0o644):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


class Certificates:
    """A throw-away authority (`ca`) and a certificate of its own for localhost (`certificate`, `key`)."""

    def __init__(self, directory):
        self._directory = directory
        self._ca_key = os.path.join(directory, "ca.key")
        self.ca = os.path.join(directory, "ca.pem")
        self._make(self.ca, self._ca_key, "/CN=Test CA", "keyUsage=critical,keyCertSign")
        self.certificate, self.key = self.issue("localhost", "IP:127.0.0.1")

    def issue(self, name, *other_names):
        """The files of a certificate for a name, and of its key."""
        certificate, key = (os.path.join(self._directory, f"{name}.{ending}") for ending in ("pem", "key"))
        names = ",".join((f"DNS:{name}", *other_names))
        self._make(certificate, key, f"/CN={name}", "basicConstraints=critical,CA:FALSE", f"subjectAltName={names}",
                   issuer=["-CA", self.ca, "-CAkey", self._ca_key])
        return certificate, key

    @staticmethod
    def _make(certificate, key, subject, *extensions, issuer=()):
        added = [argument for extension in extensions for argument in ("-addext", extension)]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", subject, "-keyout", key, "-out", certificate, *issuer, *added],
                       check=True, stdin=subprocess.DEVNULL, capture_output=True)


# ---- programs -------------------------------------------------------------------------------------------------------


def find_program(*names):
    """The first of the programs that is there; system directories count even where PATH leaves them out."""
    for name in names:
        found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if found:
            return found
    raise Skip(f"{names[0]} is not installed")


def clean_environment(**added):
    """Nothing of the user's: no proxies, no certificates, no configuration files."""
    kept = ("PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"HOME": "/nonexistent"} | added


def run_client(*command, environment=None, input=None):
    """Runs a program to its end; returns what `subprocess.run` returns, output as octets."""
    return subprocess.run(command, env=clean_environment(**(environment or {})), capture_output=True,
                          timeout=PATIENCE * 2, **({"input": input} if input else {"stdin": subprocess.DEVNULL}))


def expect_success(done):
    if done.returncode != 0:
        raise AssertionError(f"{done.args[0]} ended with {done.returncode}:\n"
                             f"{done.stdout[-2000:].decode(errors='replace')}\n"
                             f"{done.stderr[-2000:].decode(errors='replace')}")
    return done


class Program:
    """A program that runs beside the tests; its output is collected line by line, and can be waited for."""

    def __init__(self, *command, environment=None, descriptors=()):
        """descriptors: those that the program is to have as well, by the same numbers."""
        self.lines = []
        self._ended = False
        self._news = threading.Condition()
        self.process = subprocess.Popen(command, env=clean_environment(**(environment or {})),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        pass_fds=descriptors)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with self.process.stdout as output:
            for line in output:
                with self._news:
                    self.lines.append(line.decode("utf-8", "backslashreplace").rstrip("\n"))
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def await_line(self, pattern, since=0):
        """The match of the first line from number `since` on that matches; waits until there is one."""
        def find():
            return next(filter(None, (re.search(pattern, line) for line in self.lines[since:])), None)

        with self._news:
            self._news.wait_for(lambda: find() or self._ended, PATIENCE)
            match = find()
        if not match:
            written = "\n".join(self.lines[since:])
            raise AssertionError(f"no line matches {pattern!r}; there is:\n{written}")
        return match

    def await_port(self, port):
        """Returns once something answers on the port; fails if the program ends before."""
        for _ in range(PATIENCE * 50):
            with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=0.02)
                break
        raise AssertionError(f"{self.process.args[0]} did not start:\n" + "\n".join(self.lines))

    def stop(self):
        """Ends the program and returns its exit status."""
        self.process.terminate()
        return self.wait()

    def wait(self):
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.process.args[0]} did not end") from None
        self._reader.join(PATIENCE)
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()


class ViaductProxy(Program):
    """viaduct-proxy on a free port of the loopback interface, its access log in its output.

    VIADUCT_TESTS_WORKERS says how many workers it has where a test does not: with two, ThreadSanitizer sees more.
    """

    def __init__(self, program, *options, environment=None):
        workers = os.environ.get("VIADUCT_TESTS_WORKERS")
        if workers and "--workers" not in options and "-f" not in options and "--config" not in options:
            options = ("--workers", workers, *options)
        super().__init__(program, "--http-port", f"{LOOPBACK}:0", "--access-log", "-", *options,
                         environment=environment)
        try:
            ready = self.await_line(r"^viaduct-proxy: listening on 127\.0\.0\.1:(\d+)$")
        except AssertionError:
            self.stop()
            raise
        self.port = int(ready[1])
        self.address = f"{LOOPBACK}:{self.port}"
        self.url = f"http://{self.address}"

    def mark(self):
        """The place in the output that the next line will have; for `await_line`."""
        return len(self.lines)


LOOPBACK_ALLOWED = ("--allow-destination", "127.0.0.0/8", "--allow-destination", "::1/128")

LOG_TIMES = r"^ *\d+\.\d{3} +\d+ 127\.0\.0\.1 "


def tunnel_line(port, host="localhost"):
    """The line of a tunnel in Squid's native access log."""
    return (LOG_TIMES + rf"TCP_TUNNEL/200 \d+ CONNECT {re.escape(host)}:{port}"
            r" - HIER_DIRECT/(127\.0\.0\.1|::1) -$")


# ---- ports and origins ----------------------------------------------------------------------------------------------


class ReservedPort:
    """A port for a program that cannot choose one itself; connections to it are refused until that program listens.

    The socket stays bound for as long as the object lives. Nobody else is given the port, while a server with
    SO_REUSEADDR, as all have, may listen on it.
    """

    def __init__(self, host=LOOPBACK):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, 0))
        self.number = self._socket.getsockname()[1]


PAGE = b"<!doctype html>\n<title>The far end</title>\n"


def pattern_bytes(count):
    """The body of /bytes/COUNT: every part of it differs from every other."""
    return b"".join(b"%015d\n" % number for number in range((count + 15) // 16))[:count]


class _PageHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    disable_nagle_algorithm = True  # the body would wait for the head's acknowledgement

    def do_GET(self):
        if self.path == "/":
            self._answer(PAGE, "text/html")
        elif match := re.fullmatch(r"/redirect/(\d+)", self.path):
            self.send_response(302)
            self.send_header("Location", f"/redirect/{int(match[1]) - 1}" if int(match[1]) > 1 else "/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif match := re.fullmatch(r"/bytes/(\d+)", self.path):
            self._answer(pattern_bytes(int(match[1])), "application/octet-stream")
        else:
            self.send_error(404)

    do_HEAD = do_GET

    def do_POST(self):
        self._answer(self.rfile.read(int(self.headers["Content-Length"])), "application/octet-stream")

    def _answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class _Server:
    """A server of Python's library in a thread of its own, on a free port of the loopback interface."""

    def __init__(self, server):
        self._server = server
        self.host = server.server_address[0]
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.port = server.server_address[1]

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class HttpOrigin(_Server):
    """An HTTP server with what `TlsOrigin` has."""

    def __init__(self):
        super().__init__(http.server.ThreadingHTTPServer((LOOPBACK, 0), _PageHandler))
        self.url = f"http://localhost:{self.port}"


class TlsOrigin(_Server):
    """An HTTPS server: / is a page, /redirect/N leads to it in N steps, /bytes/N is N octets, and POST answers with
    what it was sent."""

    def __init__(self, certificates, where=(LOOPBACK, 0)):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.certificate, certificates.key)
        server = self._Listener(where, _PageHandler)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        super().__init__(server)
        self.url = f"https://localhost:{self.port}"

    class _Listener(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def shutdown_request(self, request):
            with contextlib.suppress(OSError, ValueError):
                request.unwrap()  # TLS's own goodbye, without which clients suspect a cut
            request.close()

        def handle_error(self, request, client_address):
            pass  # a client may go away whenever it likes


class TcpOrigin(_Server):
    """A server for raw connections; `serve(socket)` is called for each, in a thread of its own."""

    def __init__(self, serve, where=(LOOPBACK, 0)):
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.settimeout(PATIENCE)
                with contextlib.suppress(OSError):
                    serve(self.request)

        class Listener(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 64

            def shutdown_request(self, request):
                request.close()  # without a shutdown: `serve` decides how its connection ends

        super().__init__(Listener(where, Handler))


def echo(connection):
    """For `TcpOrigin`: sends everything back, and ends when the other side has ended."""
    while received := connection.recv(65536):
        connection.sendall(received)


# ---- raw clients ----------------------------------------------------------------------------------------------------


class Wire:
    """A plain connection to a server, octet by octet."""

    def __init__(self, port, source=None):
        """source: the client's own address, if it is to be a certain one."""
        self.socket = socket.create_connection((LOOPBACK, port), PATIENCE, (source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, octets):
        self.socket.sendall(octets)

    def end(self):
        """Half-closes: nothing more will be sent."""
        self.socket.shutdown(socket.SHUT_WR)

    def read_head(self):
        """Reads exactly one message head, with its empty line."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            octet = self.socket.recv(1)
            if not octet:
                raise AssertionError(f"the connection ended inside a head: {head!r}")
            head += octet
        return head

    def read_exactly(self, count):
        received = b""
        while len(received) < count:
            part = self.socket.recv(count - len(received))
            if not part:
                raise AssertionError(f"the connection ended after {received!r}, {count} octets were expected")
            received += part
        return received

    def read_to_end(self):
        """Everything until the other side ends in order; a reset is an error."""
        received = b""
        while part := self.socket.recv(65536):
            received += part
        return received


def status_of(head):
    return int(expect_match(r"^HTTP/1\.[01] (\d{3}) ", head.decode("latin-1"), "the status line")[1])

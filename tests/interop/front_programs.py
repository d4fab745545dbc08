"""What stands in front of a proxy, or is one by itself: HAProxy, nghttpx, microsocks and Dante. Each function is a
context that yields the port of a running one.
"""

import contextlib
import os

from harness import LOOPBACK, Program, ReservedPort, find_program, write_file

HAPROXY = """
global
    maxconn 100
defaults
    mode tcp
    timeout connect 10s
    timeout client 60s
    timeout server 60s
    retries 0
listen front
    bind {loopback}:{port} {bind}
    server behind {loopback}:{behind} {server}
"""

DANTE = """
logoutput: stderr
internal: {loopback} port = {port}
external: {loopback}
clientmethod: none
socksmethod: none
client pass {{ from: {loopback}/32 to: 0.0.0.0/0 }}
socks pass {{ from: {loopback}/32 to: 0.0.0.0/0 }}
"""


@contextlib.contextmanager
def _running(port, *command):
    with Program(*command) as program:
        program.await_port(port.number)
        yield port.number
        program.process.kill()  # in their own way some of them wait for connections to end


def haproxy(directory, behind, bind="", server=""):
    """HAProxy hands connections to the port `behind`; `bind` says what it does with them before, `server` after."""
    program, port = find_program("haproxy"), ReservedPort()
    configuration = HAPROXY.format(loopback=LOOPBACK, port=port.number, bind=bind, behind=behind,
                                   server=server)
    file = write_file(os.path.join(directory, f"haproxy-{port.number}.cfg"), configuration)
    return _running(port, program, "-db", "-f", file)


def nghttpx(behind, certificates):
    """nghttpx takes the TLS off, and hands the requests to the http proxy at the port `behind`.

    In the foreground, one process: `--single-process`.
    """
    program, port = find_program("nghttpx"), ReservedPort()
    return _running(port, program, "--conf=/dev/null", "--http2-proxy", "--single-process", "--workers=1", "--no-ocsp",
                    f"--frontend={LOOPBACK},{port.number}", f"--backend={LOOPBACK},{behind}", certificates.key,
                    certificates.certificate)


def microsocks(user=None, password=None):
    program, port = find_program("microsocks"), ReservedPort()
    identity = ("-u", user, "-P", password) if user else ()
    return _running(port, program, "-i", LOOPBACK, "-p", str(port.number), *identity)


@contextlib.contextmanager
def dante(directory):
    """Speaks SOCKS4, where microsocks knows nothing but SOCKS5; it has no SOCKS4A."""
    command, port = find_program("danted", "sockd"), ReservedPort()
    file = write_file(os.path.join(directory, f"dante-{port.number}.conf"),
                      DANTE.format(loopback=LOOPBACK, port=port.number))
    with Program(command, "-f", file, "-p", file + ".pid") as program:
        program.await_port(port.number)
        yield port.number  # and no kill: it has children, and waits for them

"""What stands in front of a proxy, or is one by itself: HAProxy, nghttpx and microsocks. Each function is a context
that yields the port of a running one.
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

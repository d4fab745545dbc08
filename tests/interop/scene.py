"""A company's proxy outside a service mesh, and a client inside that has to use it: each party played by ours and by
those that people have.

usage: scene.py VIADUCT_PROXY VIADUCT_CURL

The client knows its proxy from HTTPS_PROXY=ADDRESS:PORT alone. Its sidecar takes the connection for plain TCP, as it is
told by an entry for the proxy's address; HAProxy stands for Envoy there, and writes Envoy's line. The proxy has the
configuration that is shown for Squid, to the letter.
"""

import contextlib
import os
import re
import sys

from harness import (Certificates, Program, Tests, expect, expect_match, expect_success, find_program,
                     pattern_bytes, run_client, scratch_directory, write_file)
from mesh import (CLIENT, NAME, ORIGIN, ORIGIN_PORT, PROXY, PROXY_PORT, SIDECAR, SIDECAR_PORT, Mesh, NameServer,
                  Origin)
from through_proxy import eventually

SQUID_CONF = """\
http_port 3128

acl SSL_ports port 443
acl CONNECT method CONNECT

http_access deny CONNECT !SSL_ports
http_access allow localhost manager
http_access deny manager
http_access allow all

coredump_dir /var/spool/squid
"""
ACCESS_LOG = "/var/log/squid/access.log"
CLUSTER = f"outbound|{PROXY_PORT}||my-company-proxy.com"

# An entry of the mesh for one address and one port, and nothing else is let out.
SIDECAR_CONF = f"""
global
    log stdout format raw local0
    maxconn 100
defaults
    mode tcp
    log global
    timeout connect 10s
    timeout client 60s
    timeout server 60s
frontend outbound
    bind 0.0.0.0:{SIDECAR_PORT}
    log-format '[%[date,utime("%Y-%m-%dT%H:%M:%S")].%ms%[str(Z)]] "- - -" 0 - %U %B %Tt - "-" "-" "-" "-" "%si:%sp" \
{CLUSTER} %bi:%bp %[dst]:%[dst_port] %ci:%cp -'
    tcp-request connection reject unless {{ dst {PROXY} }} {{ dst_port {PROXY_PORT} }}
    default_backend company_proxy
backend company_proxy
    server external {PROXY}:{PROXY_PORT}
"""

PROXY_LINE = (rf"\d{{10}}\.\d{{3}} (?=.{{6}} )[ ]*\d+ {re.escape(SIDECAR)} TCP_TUNNEL/200 (?P<octets>\d+) "
              rf"CONNECT {re.escape(NAME)}:{ORIGIN_PORT} - HIER_DIRECT/{re.escape(ORIGIN)} -")
SIDECAR_LINE = (r'\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] "- - -" 0 - (?P<up>\d+) (?P<down>\d+) \d+ - "-" "-" "-" "-" '
                rf'"{re.escape(PROXY)}:{PROXY_PORT}" {re.escape(CLUSTER)} {re.escape(SIDECAR)}:\d+ '
                rf"{re.escape(PROXY)}:{PROXY_PORT} {re.escape(CLIENT)}:\d+ -")
ESTABLISHED = len("HTTP/1.1 200 Connection established\r\n\r\n")
PAGE = pattern_bytes(87000)

COULD_NOT_RESOLVE = 6


class Stage:
    """The network, its origin, and who plays in it."""

    def __init__(self, stack):
        self.directory = stack.enter_context(scratch_directory())
        certificates = Certificates(self.directory)
        self.mesh = Mesh(self.directory)
        self.ca = certificates.ca
        self.origin = stack.enter_context(Origin(self.mesh, certificates))
        self.names = NameServer(self.mesh)

    def fetch(self, client, *options, url=f"https://{NAME}/bytes/{len(PAGE)}", **environment):
        with self.mesh.client:
            return run_client(client, "-sS", "--max-time", "10", "--cacert", self.ca, *options, url,
                              environment=environment)


class ExternalProxy:
    """One of the two, with the configuration at its place and nothing but that."""

    def __init__(self, stage, stack, *command):
        if os.path.exists(ACCESS_LOG):
            os.remove(ACCESS_LOG)
        file = write_file(os.path.join(stage.directory, "squid.conf"), SQUID_CONF)
        limit = ("sh", "-c", 'ulimit -n 1024; exec "$@"', "sh")  # Squid makes room for as many as there may be
        with stage.mesh.proxy:
            self.program = stack.enter_context(
                Program(*stage.mesh.knowing_the_origin(), *limit, *command, "-f", file))
            stack.callback(self.program.process.kill)  # in its own way Squid takes two seconds to end
            eventually(lambda: self.program.process.poll() is not None or listens(PROXY_PORT), "listener")
        if self.program.process.poll() is not None:
            raise AssertionError("the proxy did not start:\n" + "\n".join(self.program.lines))

    def lines(self):
        try:
            with open(ACCESS_LOG, encoding="latin-1") as file:
                return file.read().split("\n")[:-1]
        except FileNotFoundError:
            return []


def listens(port):
    for name in ("tcp", "tcp6"):
        with open(f"/proc/thread-self/net/{name}", encoding="ascii") as connections:
            if re.search(rf":{port:04X} 0+:0000 0A ", connections.read()):
                return True
    return False


def haproxy(stage, stack):
    file = write_file(os.path.join(stage.directory, "haproxy.cfg"), SIDECAR_CONF)
    with stage.mesh.sidecar:
        program = stack.enter_context(Program(find_program("haproxy"), "-db", "-f", file))
        stack.callback(program.process.kill)
        eventually(lambda: program.process.poll() is not None or listens(SIDECAR_PORT), "listener")
    if program.process.poll() is not None:
        raise AssertionError("the sidecar did not start:\n" + "\n".join(program.lines))
    return program


# ---- what happens ---------------------------------------------------------------------------------------------------


def shut_in(stage, client):
    """Without the proxy there is neither the origin's name nor a way to its address."""
    asked = len(stage.names.asked)
    expect(stage.fetch(client).returncode, COULD_NOT_RESOLVE, "the exit status without a proxy")
    expect(set(stage.names.asked[asked:]), {NAME}, "what the mesh's name server is asked for")
    done = stage.fetch(client, "--resolve", f"{NAME}:{ORIGIN_PORT}:{ORIGIN}")
    expect((done.returncode != 0, done.stdout), (True, b""), "what comes of the origin's address")
    expect(stage.origin.clients, [], "who has come to the origin")


def play(stage, sidecar, proxy, client):
    """The page arrives, and both logs have their one line."""
    lines, sidecars_lines = len(proxy.lines()), len(sidecar.lines)
    asked, clients = len(stage.names.asked), len(stage.origin.clients)
    done = stage.fetch(client, HTTPS_PROXY=f"{PROXY}:{PROXY_PORT}")
    expect(expect_success(done).stdout == PAGE, True, "that the page is what was sent")
    new = eventually(lambda: proxy.lines()[lines:], "line in the proxy's log")
    told = expect_match(f"^{PROXY_LINE}$", new[0], "the proxy's line")
    seen = expect_match(f"^{SIDECAR_LINE}$", sidecar.await_line('"- - -"', sidecars_lines).string, "the sidecar's line")
    expect(int(told["octets"]), int(seen["down"]), "the octets to the client in the proxy's log")
    expect(int(seen["up"]) > 0 and int(seen["down"]) > len(PAGE) + ESTABLISHED, True, "that TLS costs something")
    expect((len(new), len(sidecar.lines) - sidecars_lines), (1, 1), "the number of lines in the logs")
    expect(stage.origin.clients[clients:], ["203.0.113.1"], "who has come to the origin")
    expect(stage.names.asked[asked:], [], "what the mesh's name server is asked for")


def nothing_known(sidecar):
    """Of the origin the mesh has heard nothing."""
    told = "\n".join(sidecar.lines)
    expect([word for word in (NAME, ORIGIN) if word in told], [], "what the sidecar tells of the origin")


def main(viaduct_proxy, viaduct_curl):
    tests = Tests()
    clients = (("curl", find_program("curl")), ("viaduct-curl", viaduct_curl))
    proxies = (("Squid", (find_program("squid"), "-N", "-n", f"viaduct{os.getpid()}")),
               ("viaduct-proxy", (viaduct_proxy,)))
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        sidecar = haproxy(stage, stack)
        stage.mesh.redirect(SIDECAR_PORT)
        for name, client in clients:
            tests.run(f"{name} in the mesh has no way out of its own", shut_in, stage, client)
        for proxy_name, command in proxies:
            with contextlib.ExitStack() as its_time:
                proxy = ExternalProxy(stage, its_time, *command)
                for name, client in clients:
                    tests.run(f"{name} gets out through {proxy_name}", play, stage, sidecar, proxy, client)
        tests.run("the sidecar knows the proxy alone", nothing_known, sidecar)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

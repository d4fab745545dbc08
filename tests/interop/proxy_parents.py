"""viaduct-proxy passes requests on: to Squid, tinyproxy and nghttpx, and to others of its own kind.

usage: proxy_parents.py VIADUCT_PROXY [no-gssapi]
"""

import contextlib
import os
import queue
import re
import sys

from beside_curl import PASSWORD, USER, WRONG_PASSWORD
from curl_through_proxies import squid, tinyproxy
from front_programs import nghttpx
from harness import (LOOPBACK, LOOPBACK_ALLOWED, Certificates, Program, ReservedPort, TcpOrigin, Tests, TlsOrigin,
                     ViaductProxy, expect, expect_match, run_client, scratch_directory, write_file)
from kerberos_realm import KerberosRealm, squid_negotiate
from through_proxy import (DIRECT, REFUSED, Way, count_of, eventually, expect_status, listening_port, log_line, named,
                           run_group)

PARENTS_ONLY = ("--never-direct", "allow all")
FIRST_UP = r"FIRSTUP_PARENT/127\.0\.0\.1"
ANOTHER = r"ANY_OLD_PARENT/127\.0\.0\.1"


class Scene:
    """The program, an origin, and a directory for every parent that wants one."""

    def __init__(self, program, way, certificates, stack):
        self.program, self.way, self.certificates, self._stack = program, way, certificates, stack

    def directory(self):
        return self._stack.enter_context(scratch_directory())

    @contextlib.contextmanager
    def child(self, *options, environment=None, guarded=False):
        """A proxy that permits every port, so that a refusal is somebody else's; it has to end in order."""
        allowed = () if guarded else LOOPBACK_ALLOWED
        with ViaductProxy(self.program, "--allow-port", "all", *allowed, *options, environment=environment) as proxy:
            yield proxy
            expect(proxy.stop(), 0, "the exit status of the proxy")

    def parent(self, *options):
        """Another viaduct-proxy, which permits the origin only."""
        return ViaductProxy(self.program, "--allow-port", str(self.way.origin.port), *LOOPBACK_ALLOWED, *options)

    def parent_at(self, port):
        """The same, at a port that was reserved for it."""
        return Program(self.program, "--http-port", f"{LOOPBACK}:{port}", "--access-log", "-", "--allow-port",
                       str(self.way.origin.port), *LOOPBACK_ALLOWED)


def passes(scene, proxy, way=FIRST_UP, target=None):
    mark = proxy.mark()
    scene.way.curl(proxy.url).arrives()
    proxy.await_line(log_line(target or scene.way.target, way=way), since=mark)


def fails(scene, proxy, status, head, way=FIRST_UP, target=None):
    """A refusal whose Proxy-Status has this pattern."""
    mark = proxy.mark()
    target = target or scene.way.target
    scene.way.curl(proxy.url, url=f"https://{target}/").is_refused(status, rf"(?i)\nproxy-status: [^\r\n]*{head}")
    proxy.await_line(log_line(target, status, way=way), since=mark)


# ---- parents of other makes -----------------------------------------------------------------------------------------


def plain_parents(tests, scene):
    refused = ReservedPort()
    for name, start in (("Squid", squid), ("tinyproxy", tinyproxy)):
        with start(scene.directory(), scene.way.origin, False) as url, \
             scene.child("--cache-peer", url, *PARENTS_ONLY) as proxy:
            tests.run(f"{name}: a page", passes, scene, proxy)
            tests.run(f"{name}: its 403 is told on", fails, scene, proxy, 403, "received-status=403",
                      target=f"localhost:{refused.number}")


def parents_with_passwords(tests, scene):
    # tinyproxy 1.11.1 says 401 to a wrong password.
    for name, start, status in (("Squid", squid, "407"), ("tinyproxy", tinyproxy, "40[17]")):
        with start(scene.directory(), scene.way.origin, True) as url:
            with scene.child("--cache-peer", named(url, USER, PASSWORD), *PARENTS_ONLY) as proxy:
                tests.run(f"{name}: the password in the URL", passes, scene, proxy)
                tests.run(f"{name}: the password is not shown", no_secret, proxy)
            for what, peer in (("a wrong password", named(url, USER, WRONG_PASSWORD)), ("no password", url)):
                with scene.child("--cache-peer", peer, *PARENTS_ONLY) as proxy:
                    tests.run(f"{name}: {what} is a 502", fails, scene, proxy, 502, f"received-status={status}")


def no_secret(proxy):
    expect([line for line in proxy.lines if PASSWORD in line], [], "the lines with the password")


def parents_with_negotiate(tests, scene):
    with KerberosRealm(scene.directory()) as realm, squid_negotiate(scene.directory(), scene.way.origin, realm) as url:
        options = ("--cache-peer", url, "--peer-negotiate", *PARENTS_ONLY)
        with scene.child(*options, environment=realm.environment) as proxy:
            tests.run("Squid with Negotiate: a ticket", passes, scene, proxy)
        with scene.child(*options, environment=realm.without_ticket) as proxy:
            tests.run("Squid with Negotiate: no ticket", fails, scene, proxy, 502, "received-status=407")


def parents_with_tls(tests, scene):
    stranger = Certificates(scene.directory())
    with squid(scene.directory(), scene.way.origin, False) as url, \
         nghttpx(int(url.rpartition(":")[2]), scene.certificates) as front, \
         scene.parent("--https-port", f"{LOOPBACK}:0", "--tls-cert", scene.certificates.certificate, "--tls-key",
                      scene.certificates.key) as ours:
        _, since = listening_port(ours, 0)
        for name, port in (("nghttpx in front of Squid", front), ("viaduct-proxy", listening_port(ours, since)[0])):
            peer = ("--cache-peer", f"https://localhost:{port}", *PARENTS_ONLY)
            with scene.child(*peer, "--peer-ca", scene.certificates.ca) as proxy:
                tests.run(f"TLS to {name}: a page", passes, scene, proxy)
                tests.run(f"TLS to {name}: 1 MB unchanged", download, scene, proxy)
            for what, ca in (("the system's authorities", ()), ("another authority", ("--peer-ca", stranger.ca))):
                with scene.child(*peer, *ca) as proxy:
                    tests.run(f"TLS to {name}: {what}", fails, scene, proxy, 502, "destination_unavailable",
                              rf"({FIRST_UP}|{REFUSED})")


def download(scene, proxy):
    page = scene.way.curl(proxy.url, url=f"{scene.way.origin.url}/bytes/1000000").page
    expect((len(page), page[-16:]), (1_000_000, b"000000000062499\n"), "the length and the end of 1 MB")


# ---- which parent, and what when there is none ----------------------------------------------------------------------


def fail_over(scene):
    """A parent that is down is left out, and has its place again when it is back."""
    port = ReservedPort()
    with scene.parent() as second, \
         scene.child("--cache-peer", f"http://{LOOPBACK}:{port.number} connect-fail-limit=1", "--cache-peer",
                     second.url, *PARENTS_ONLY) as proxy:
        passes(scene, proxy, ANOTHER)   # the first one was tried
        passes(scene, proxy, FIRST_UP)  # it was not, and the second one counts as the first that lives
        eventually(lambda: tunnels(second) == 2, "two tunnels through the second parent")
        with scene.parent_at(port.number) as first:
            first.await_port(port.number)

            def is_asked_again():
                scene.way.curl(proxy.url).arrives()
                return tunnels(first)

            eventually(is_asked_again, "tunnel through the first parent", step=0.5)


def tunnels(program, since=0):
    return count_of(program, r" TCP_TUNNEL/200 ", since)


def in_turn(scene):
    with scene.parent() as left, scene.parent() as right, \
         scene.child("--cache-peer", f"{left.url} round-robin", "--cache-peer", f"{right.url} round-robin",
                     *PARENTS_ONLY) as proxy:
        for _ in range(6):
            passes(scene, proxy, r"ROUNDROBIN_PARENT/127\.0\.0\.1")
        eventually(lambda: [tunnels(left), tunnels(right)] == [3, 3], "three tunnels through each parent")


def by_source(scene):
    """A client keeps its parent, and different clients have different ones."""
    clients = [f"127.0.0.{number}" for number in range(2, 26)]  # that all have the same parent is next to impossible
    with scene.parent() as left, scene.parent() as right, \
         scene.child("--cache-peer", f"{left.url} name=left sourcehash", "--cache-peer",
                     f"{right.url} name=right sourcehash", *PARENTS_ONLY) as proxy:
        chosen = [parent_of(scene, client, proxy, (left, right)) for client in clients]
        again = [parent_of(scene, client, proxy, (left, right)) for client in clients[:6]]
        expect(again, chosen[:6], "the parents of the same clients")
        expect(set(chosen), {"left", "right"}, "the parents that were asked")


def parent_of(scene, client, proxy, parents):
    marks = [parent.mark() for parent in (proxy, *parents)]
    scene.way.curl(proxy.url, "--interface", client).arrives()
    proxy.await_line(log_line(scene.way.target, client=client, way=r"SOURCEHASH_PARENT/127\.0\.0\.1"), since=marks[0])
    return eventually(lambda: "left" if tunnels(parents[0], marks[1]) else tunnels(parents[1], marks[2]) and "right",
                      "tunnel through a parent")


def no_parent_lives(scene):
    first, second = ReservedPort(), ReservedPort()
    with scene.child("--cache-peer", f"http://{LOOPBACK}:{first.number}", "--cache-peer",
                     f"http://{LOOPBACK}:{second.number}", *PARENTS_ONLY) as proxy:
        fails(scene, proxy, 502, rf"error=destination_unavailable.*next-hop=\"?{LOOPBACK}:{second.number}",
              rf"({ANOTHER}|{REFUSED})")


def directly_unless_asked(scene):
    """A tunnel goes directly although there is a parent, as with Squid."""
    with scene.parent() as parent, scene.child("--cache-peer", parent.url) as proxy:
        passes(scene, proxy, DIRECT)
        expect(count_of(parent, "CONNECT"), 0, "requests at the parent")


def directly_first(scene):
    """The parent is asked for what cannot be reached directly, and for nothing else."""
    closed = ReservedPort()
    with scene.parent() as parent, \
         scene.child("--cache-peer", parent.url, "--nonhierarchical-direct", "off", "--prefer-direct") as proxy:
        passes(scene, proxy, DIRECT)
        fails(scene, proxy, 403, "received-status=403", target=f"localhost:{closed.number}")
        parent.await_line(log_line(f"localhost:{closed.number}", 403, way=REFUSED))
        expect(count_of(parent, "CONNECT"), 1, "requests at the parent")


def unknown_name_first(scene):
    """A name that is not known here may be known to the parent."""
    with scene.parent("--allow-port", "443") as parent, \
         scene.child("--cache-peer", parent.url, "--nonhierarchical-direct", "off", "--prefer-direct") as proxy:
        fails(scene, proxy, 502, "received-status=502", target="nowhere.invalid:443")
        parent.await_line(log_line("nowhere.invalid:443", 502, way=REFUSED))


def directly_at_last(scene):
    """Without a rule against it the direct way is the last one."""
    closed = ReservedPort()
    with scene.child("--cache-peer", f"http://{LOOPBACK}:{closed.number}", "--nonhierarchical-direct", "off") as proxy:
        passes(scene, proxy, DIRECT)


def directly_by_rule(scene):
    rules = ("--acl", f"origin port {scene.way.origin.port}", "--always-direct", "allow origin")
    with scene.parent() as parent, scene.child("--cache-peer", parent.url, *PARENTS_ONLY, *rules) as proxy:
        passes(scene, proxy, DIRECT)


def parent_for_some(scene):
    """cache_peer_access keeps a request from a parent."""
    rules = ("--acl", f"origin port {scene.way.origin.port}", "--cache-peer-access", "first deny origin",
             "--cache-peer-access", "first allow all")
    with scene.parent() as first, scene.parent() as second, \
         scene.child("--cache-peer", f"{first.url} name=first", "--cache-peer", f"{second.url} name=second", *rules,
                     *PARENTS_ONLY) as proxy:
        passes(scene, proxy)
        second.await_line(log_line(scene.way.target))
        expect(count_of(first, "CONNECT"), 0, "requests at the first parent")


def loop(scene):
    """Two that are each other's parent: the request comes back, and is known."""
    port = ReservedPort()
    with scene.child("--cache-peer", f"http://{LOOPBACK}:{port.number}", *PARENTS_ONLY) as one, \
         Program(scene.program, "--http-port", f"{LOOPBACK}:{port.number}", "--access-log", "-", "--allow-port", "all",
                 *LOOPBACK_ALLOWED, "--cache-peer", one.url, *PARENTS_ONLY) as other:
        other.await_port(port.number)
        mark = one.mark()
        scene.way.curl(one.url).is_refused(508, r"(?i)\nproxy-status: [^\r\n]*proxy_loop_detected")
        one.await_line(log_line(scene.way.target, 508, way=FIRST_UP), since=mark)
        expect(count_of(one, " CONNECT ", mark), 2, "requests at the first proxy")
        other.await_line(log_line(scene.way.target, 508, way=FIRST_UP))


def guard_stays_on(scene):
    """What leads into the network of the proxy is refused before a parent hears of it."""
    with scene.parent() as parent, scene.child("--cache-peer", parent.url, *PARENTS_ONLY, guarded=True) as proxy:
        port = scene.way.origin.port
        for host in ("127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "[fd00::1]",
                     "[::ffff:10.0.0.1]", "localhost", "LOCALHOST.", "www.localhost"):
            expect_match("destination_ip_prohibited", expect_status(proxy.port, f"{host}:{port}", 403), host)
        expect(count_of(parent, "CONNECT"), 0, "requests at the parent")


def what_a_parent_hears(scene):
    """Our credentials once it asks for them, and Via; nothing of the client's own credentials."""
    heads = queue.Queue()

    def serve(connection):
        head = connection.recv(65536).decode("latin-1")
        heads.put(head)
        asks = "proxy-authorization:" not in head.lower()
        line = '407 Who\r\nProxy-Authenticate: Basic realm="p"' if asks else "410 Gone"
        connection.sendall(f"HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    with TcpOrigin(serve) as parent, \
         scene.child("--cache-peer", f"http://us:ours@{LOOPBACK}:{parent.port}", *PARENTS_ONLY) as proxy:
        expect_status(proxy.port, scene.way.target, 410, "Proxy-Authorization: Basic dGhlbTp0aGVpcnM=", "Cookie: a=b")
        heard = [heads.get(timeout=5) for _ in range(2)]
        expect([re.findall(r"(?i)proxy-authorization: (.*)\r", head) for head in heard], [[], ["Basic dXM6b3Vycw=="]],
               "what proves who asks")
        for head in heard:
            expect_match(r"(?i)\r\nvia: 1\.1 \S+", head, "the request")
            expect("cookie" in head.lower(), False, "that the client's fields are passed on")


ALONE = (
    ("the second parent stands in for the first, until it is back", fail_over),
    ("two parents in turn", in_turn),
    ("parents by the client's address", by_source),
    ("no parent lives, and there is no direct way", no_parent_lives),
    ("tunnels go directly by default", directly_unless_asked),
    ("directly first", directly_first),
    ("directly first, and the name is not known", unknown_name_first),
    ("directly at last", directly_at_last),
    ("directly by rule", directly_by_rule),
    ("a parent for some requests only", parent_for_some),
    ("two proxies that are each other's parent", loop),
    ("the address guard stays on", guard_stays_on),
    ("what a parent hears", what_a_parent_hears),
)


# Lines of a squid.conf that are mistakes, and what is said of them.
BAD_LINES = (
    ("cache_peer a parent 1 0 login=u:SECRET nonsense", r"login=\.\.\. nonsense"),
    ("cache_peer a parent 1 0 login=u:SECRET login=v:SECRET nonsense", r"login=\.\.\. login=\.\.\. nonsense"),
    ("cache_peer a parent 1 0 Login=u:SECRET", r"Login=\.\.\."),
    ("cache_peer a parent 1 0 login u:SECRET", r"login \.\.\."),
    ("cache_peer a parent 1 0 login=u:SECRET tls-cafile=/nowhere/at-all", "cache_peer"),  # asks for TLS
    ("cache_peer a parent 1 0 tls sslflags=VERIFY_CRL", "VERIFY_CRL"),
    ("cache_peer a parent 1 0 tls tls-min-version=1.4", "1.4"),
    ("auth_param basic programm /bin/true SECRET", r"programm \.\.\."),
    ("auth_param base program /bin/true SECRET", r"base program \.\.\."),
    ("acl a src # \"no file\"", "values .* missing"),
    ("max_tunnels \x1b[31m", r"\?\[31m"))


def bad_lines(program):
    """They are refused, and neither a password nor what a terminal obeys is in what is said."""
    with scratch_directory() as directory:
        for line, says in BAD_LINES:
            path = write_file(os.path.join(directory, "squid.conf"), f"http_port {LOOPBACK}:0\n{line}\n")
            done = run_client(program, "-f", path, "-k", "parse")
            said = done.stderr.decode()
            expect((line, done.returncode), (line, 2), "the exit status")
            expect_match(says, said, line)
            expect("SECRET" in said or "\x1b" in said, False, f"what is not to be shown of {line!r}")


def main(program, *without):
    tests = Tests()
    with contextlib.ExitStack() as stack:
        certificates = Certificates(stack.enter_context(scratch_directory()))
        way = Way(stack.enter_context(TlsOrigin(certificates)), certificates)
        scene = Scene(program, way, certificates, stack)
        for group in (plain_parents, parents_with_passwords, parents_with_tls):
            run_group(tests, group, scene)
        if not without:
            run_group(tests, parents_with_negotiate, scene)
        for name, test in ALONE:
            tests.run(name, test, scene)
    tests.run("lines of a squid.conf that are mistakes, without passwords", bad_lines, program)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""viaduct-proxy and the attacks by which other proxies are known: one case for each class of published advisories.

usage: known_attacks.py VIADUCT_PROXY [no-digest]

'no-digest' is for a build without OpenSSL. A case names the advisory, the project that it was written for, and what
must not happen here. The long lists of spellings and malformed heads are in wire_targets.py and wire_heads.py; what a
rule alone decides, and what is the client's, is in tests/unit/known_attacks.cpp; who may attack what, and what stops
it, in docs/threat-model.md.
"""

import base64
import hashlib
import os
import queue
import re
import sys

from harness import (LOOPBACK, LOOPBACK_ALLOWED, PATIENCE, TcpOrigin, Tests, ViaductProxy, Wire, echo, expect,
                     expect_match, scratch_directory, status_of, write_file)
from through_proxy import listening_port
from wire_common import (GET, HOST, REQUEST, CountedProxy, Trap, connect, fields_of, refused,
                         reset_on_close, tunnel_carries)

OPEN = ("--allow-port", "all", *LOOPBACK_ALLOWED)
ANYTHING = ("--allow-port", "all", "--allow-destination", "0.0.0.0/0", "--allow-destination", "::/0")
PARENTS_ONLY = ("--nonhierarchical-direct", "off", "--never-direct", "allow all")
SMUGGLED = b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n" + GET


def read_head(connection):
    head = b""
    while not head.endswith(b"\r\n\r\n") and (octet := connection.recv(1)):
        head += octet
    return head


# ---- early data and smuggling ---------------------------------------------------------------------------------------


def early_octets_of_a_denied_request(proxy, trap):
    refused(proxy, connect(f"{LOOPBACK}:{trap.port}") + SMUGGLED, 403, "destination_ip_prohibited")
    trap.expect_untouched()


def early_octets_before_a_refusing_parent(program):
    heard = queue.Queue()

    def serve(parent):
        head = read_head(parent)
        parent.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        heard.put((head, parent.recv(65536)))

    with TcpOrigin(serve) as parent, \
         CountedProxy(program, *PARENTS_ONLY, "--cache-peer", f"http://{LOOPBACK}:{parent.port}") as proxy:
        refused(proxy, connect("target.example:443") + SMUGGLED, 403, "http_request_denied", more=".*",
                peer=f"FIRSTUP_PARENT/{LOOPBACK}", tag="TCP_TUNNEL")
        head, more = heard.get(timeout=PATIENCE)
        expect(head.count(b"CONNECT "), 1, "the number of requests at the parent")
        expect(more, b"", "what came behind the request")
        proxy.expect_orderly_end()


SMUGGLERS = (
    ("CVE-2020-15810 (Squid): a blank before a colon hides no length", b"Content-Length : %d\r\n" % len(SMUGGLED)),
    ("CVE-2020-15811 (Squid): a coding behind a quoted comma is not passed over",
     b'Transfer-Encoding: "x,chunked", chunked\r\n'),
    ("CVE-2023-46846 (Squid): no chunk is decoded leniently, as none is decoded",
     b"Transfer-Encoding: chunked\r\n\r\n0x10 ;\r\n"),
    ("CVE-2026-31842 (tinyproxy): a coding in other letters is the same coding", b"Transfer-Encoding: Chunked\r\n"),
)


def smuggling_tests(tests, program, proxy, guarded, trap):
    tests.run("CVE-2025-64763 (Envoy): octets before the answer do not reach the target of a denied request",
              early_octets_of_a_denied_request, guarded, trap)
    tests.run("CVE-2025-64763 (Envoy): octets before the answer do not reach a parent that refuses",
              early_octets_before_a_refusing_parent, program)
    for name, fields in SMUGGLERS:
        tests.run(name, refused, proxy, REQUEST + HOST + fields + b"\r\n" + SMUGGLED, 400)


# ---- crashes --------------------------------------------------------------------------------------------------------


def client_gone_while_a_parent_thinks(program):
    """Each way to go, at each moment; the proxy has a line for each, and lives."""
    asked, answers = queue.Queue(), queue.Queue()

    def serve(parent):
        asked.put(read_head(parent))
        parent.sendall(answers.get(timeout=PATIENCE))

    with TcpOrigin(serve) as parent, \
         CountedProxy(program, *PARENTS_ONLY, "--cache-peer", f"http://{LOOPBACK}:{parent.port}") as proxy:
        for leave in (reset_on_close, lambda client: None):
            for part in (b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 403 No\r\n\r\n"):
                mark = proxy.mark()
                with proxy.wire() as wire:
                    wire.send(connect("target.example:443") + b"early")
                    asked.get(timeout=PATIENCE)
                    leave(wire.socket)
                answers.put(part)
                proxy.await_line(r" CONNECT target\.example:443 ", since=mark)
        proxy.expect_orderly_end()


def rules_about_a_path(program, directory, port):
    """CONNECT has none: neither rules, nor a helper, nor a log may look for one."""
    heard = os.path.join(directory, "heard")
    helper = write_file(os.path.join(directory, "helper"),
                        f'#!/bin/sh\nwhile read -r line; do echo "$line" >> {heard}; echo OK; done\n', 0o755)
    log = os.path.join(directory, "path.log")
    with CountedProxy(program, *OPEN, "--acl", "secret urlpath_regex .", "--external-acl",
                      f"asked %URI %METHOD %>{{Path}} {helper}", "--acl", "asked external asked",
                      "--http-access", "deny secret", "--http-access", "allow asked",
                      "--logformat", "paths %rp %>rp %ru", "--access-log", f"{log} paths") as proxy:
        tunnel_carries(proxy, connect(f"{LOOPBACK}:{port}"))
        proxy.expect_orderly_end()
    for path, wanted in ((heard, rf"^{LOOPBACK}:{port} CONNECT - -\n$"), (log, rf"^\S+ \S+ {LOOPBACK}:{port}\n$")):
        with open(path, encoding="ascii") as file:
            expect_match(wanted, file.read(), path)


def crash_tests(tests, program, proxy, directory, port):
    target = f"{LOOPBACK}:{port}"
    tests.run("CVE-2021-43826 (Envoy): a client that is gone while a parent is asked ends nobody else",
              client_gone_while_a_parent_thinks, program)
    tests.run("CVE-2026-73547 (Envoy): rules, helpers and logs that want a path find none in CONNECT",
              rules_about_a_path, program, directory, port)
    for zone in ("%25lo", "%lo", "%", "%25" + "9" * 40):
        tests.run(f"CVE-2026-26310 (Envoy): an IPv6 address with the zone {zone[:8]} is no target", refused, proxy,
                  connect(f"[fe80::1{zone}]:{port}"), 400)
    tests.run("CVE-2023-49606 (tinyproxy): Connection may name itself, and what else it likes", tunnel_carries, proxy,
              connect(target, HOST + b"Connection: Connection, Proxy-Connection, Host, connection\r\n"
                      b"Proxy-Connection: Proxy-Connection, Connection\r\nConnection: close, keep-alive, X\r\nX: y\r\n"))
    for name, port in (("2^16 + 443", 65979), ("2^32 + 443", 4294967739), ("2^64 + 443", 18446744073709552059),
                       ("-443", -443)):
        tests.run(f"CVE-2025-63938 (tinyproxy): a port of {name} is none", refused, proxy,
                  connect(f"{LOOPBACK}:{port}"), 400)


# ---- rules that are passed by ---------------------------------------------------------------------------------------


def pages_by_another_host(program):
    """Whether a request is one for a page is told by its form alone, and its Host opens nothing."""
    with CountedProxy(program, *ANYTHING, "--management-port", f"{LOOPBACK}:0", "--http-access", "deny manager",
                      "--http-access", "allow all") as proxy:
        first, since = listening_port(proxy, 0)
        pages = f"{LOOPBACK}:{listening_port(proxy, since)[0]}"
        expect(first, proxy.port, "the port of the first listener")
        for host in (pages, proxy.address, "localhost", "viaduct", "viaduct:80"):
            for target, status in (("/tunnels", 403), (f"http://{pages}/tunnels", 405), (f"http://{host}/", 405)):
                with proxy.wire() as wire:
                    wire.send(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                    expect(status_of(wire.read_to_end()), status, f"the status of {target} for {host}")
        refused(proxy, connect(pages, f"Host: {pages}\r\n".encode()), 403, "destination_ip_prohibited")
        proxy.expect_orderly_end()


def host_is_not_the_target(proxy, target):
    refused(proxy, connect("localhost:443", f"Host: {target}\r\n".encode()), 403, "http_request_denied")
    tunnel_carries(proxy, connect(target, b"Host: localhost:443\r\n"))


def rule_tests(tests, program, port):
    with CountedProxy(program, *OPEN, "--acl", "inside dstdomain localhost", "--acl", "here dst 127.8.8.8/32",
                      "--http-access", "deny inside", "--http-access", "deny here",
                      "--http-access", "allow all") as proxy:
        tests.run("CVE-2022-29188 (smokescreen): a name in square brackets is no target", refused, proxy,
                  connect(f"[localhost]:{port}"), 400)
        for host in ("localhost.", "LOCALHOST", "LocalHost."):
            tests.run(f"CVE-2022-24825 (smokescreen): {host} is denied as localhost is", refused, proxy,
                      connect(f"{host}:{port}"), 403, "http_request_denied")
        tests.run("a rule about an address holds for its IPv6 dress as well", refused, proxy,
                  connect(f"[::ffff:127.8.8.8]:{port}"), 403, "http_request_denied")
        tests.run("a Host neither opens nor closes what the target decides", host_is_not_the_target, proxy,
                  f"{LOOPBACK}:{port}")
        tests.run("and a line for each of these", proxy.expect_orderly_end)
    tests.run("CVE-2026-55202 (tinyproxy): a Host gives nobody the proxy's own pages", pages_by_another_host, program)


# ---- addresses in disguise ------------------------------------------------------------------------------------------

DISGUISES = (
    ("CVE-2026-24902 (TrustTunnel): a numeric address", 403, ("127.0.0.1", "0.0.0.0")),
    ("CVE-2026-24902 (TrustTunnel): a number for an address", 400, ("2130706433", "0x7f.1", "0177.0.0.1", "127.1")),
    ("CVE-2026-70367 (stunnel): a mapped or unspecified address", 403,
     ("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0.0.0.0]", "[::]")),
    ("CVE-2026-79913 (Cloudreve): NAT64 and 6to4", 403,
     ("[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]")),
    ("GHSA-j8q9-r9pq-2hh9 (ZeptoClaw): compatible, Teredo, ISATAP", 403,
     ("[::127.0.0.1]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[2600::5efe:7f00:1]", "[fe80::200:5efe:7f00:1]")),
    ("digits that IDNA folds to an address", 400,
     ("\u00b9\u00b2\u2077.0.0.1", "\u2460\u2461\u2466.0.0.1", "\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021")),
)


def disguised(proxy, status, hosts, port):
    for host in hosts:
        refused(proxy, connect(f"{host}:{port}"), status, "destination_ip_prohibited" if status == 403 else None)


def disguise_tests(tests, proxy, trap):
    for name, status, hosts in DISGUISES:
        tests.run(f"{name} does not lead to this machine", disguised, proxy, status, hosts, trap.port)
    tests.run("nothing of all this has reached an origin", trap.expect_untouched)


# ---- credentials ----------------------------------------------------------------------------------------------------

USER, PASSWORD, REALM = "user", "right", "proxy"


def authorization(value):
    return HOST + b"Proxy-Authorization: " + value + b"\r\n"


def all_rejected(proxy, target, values, right):
    """Each gets a 407 without a word of it; who is right is served before and behind."""
    for value in (right(), *values, right()):
        with proxy.wire() as wire:
            wire.send(connect(target, authorization(value)))
            head = wire.read_head()
            if value not in values:
                expect(status_of(head), 200, "the answer to who is right")
                continue
            expect((status_of(head), fields_of(head)["connection"]), (407, "close"), f"the answer to {value[:60]!r}")
            told = head + wire.read_to_end()
            expect(len(value) > 40 and value[-40:] in told, False, "that the answer has the credentials")


def basic_tests(tests, program, directory, target):
    helper = write_file(os.path.join(directory, "basic"), f"""#!/bin/sh
while read -r line; do if [ "$line" = "{USER} {PASSWORD}" ]; then echo OK; else echo ERR; fi; done
""", 0o755)
    right = b"Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode())
    values = (b"Basic", b"Basic =", b"Basic ====", b"Basic A", b"Basic " + b"QUFB" * 2000, right[:-1] + b"!",
              b"Basic " + b"A" * 8001, b"Basic " + base64.b64encode(b"\0" * 3000), b"Basic \xff\xfe", b"B" * 8000,
              b"Basic " + base64.b64encode(f"{USER}:{PASSWORD}\n{USER} {PASSWORD}".encode()))
    with CountedProxy(program, *OPEN, "--auth-program", f"basic {helper}", "--auth-failure-delay", "0") as proxy:
        tests.run("CVE-2019-12527 (Squid): Basic of any length and any octets is decoded within its bounds",
                  all_rejected, proxy, target, values, lambda: right)
        tests.run("and a line for each of these", proxy.expect_orderly_end)


def digest_of(*words):
    return hashlib.md5(":".join(words).encode()).hexdigest()


class DigestClient:
    """Asks for a nonce, and makes credentials of it."""

    def __init__(self, proxy, target):
        self._proxy, self._target = proxy, target

    def nonce(self):
        with self._proxy.wire() as wire:
            wire.send(connect(self._target))
            return expect_match(r'nonce="([^"]+)"', wire.read_head().decode("ascii"), "the challenge")[1]

    def right(self, nc="00000001", nonce=None):
        nonce = nonce or self.nonce()
        response = digest_of(digest_of(USER, REALM, PASSWORD), nonce, nc, "c", "auth",
                             digest_of("CONNECT", self._target))
        return (f'Digest username="{USER}", realm="{REALM}", nonce="{nonce}", uri="{self._target}", algorithm=MD5, '
                f'qop=auth, nc={nc}, cnonce="c", response="{response}"').encode()

    def distorted(self):
        """Right but for one thing each."""
        good = self.right()
        for what, other in ((b'username="user"', b'username="'), (b'uri="', b'uri="\\"'), (b'realm="', b"realm="),
                            (b'response="', b'response="' + b"f" * 4000), (b'cnonce="c"', b'cnonce="' + b"c" * 4000),
                            (b"nc=00000001", b"nc=" + b"0" * 4000 + b"1"), (b"nc=00000001", b'nc="'),
                            (b"nc=00000001", b"nc=-0000001"), (b'username="user", ', b""), (b"qop=auth, ", b""),
                            (b'username="user"', b'username="user", username="user"'),
                            (b"nc=00000001", b"nc=00000001, nc=00000001"), (b"Digest ", b"Digest ," + b"," * 4000)):
            yield good.replace(what, other)
        yield from (good[:-1], good[:-1] + b'\\"', good + b"\\", self.right(nc="0" * 4000 + "1"))


def replayed(proxy, target, client):
    """A response is good once, however often it is shown and however its count is written."""
    nonce = client.nonce()
    once, last = client.right(nonce=nonce), client.right(nc="ffffffff", nonce=nonce)
    answers = []
    for value in (once, *[once, last] * 20):
        with proxy.wire() as wire:
            wire.send(connect(target, authorization(value)))
            answers.append(status_of(wire.read_head()))
    expect(answers, [200] + [407] * 40, "the answers")


def digest_tests(tests, program, directory, target):
    users = write_file(os.path.join(directory, "digest"),
                       f"{USER}:{REALM}:{digest_of(USER, REALM, PASSWORD)}\n")
    with CountedProxy(program, *OPEN, "--auth-digest-file", users, "--auth-failure-delay", "0") as proxy:
        client = DigestClient(proxy, target)
        tests.run("CVE-2019-12525, CVE-2023-46847 (Squid): Digest with open quotes, endless and double fields is no use",
                  all_rejected, proxy, target, tuple(client.distorted()), client.right)
        tests.run("CVE-2020-11945 (Squid): a Digest response is good once, however often it is sent", replayed, proxy,
                  target, client)
        tests.run("and a line for each of these", proxy.expect_orderly_end)


# ---- exhaustion -----------------------------------------------------------------------------------------------------


def heads_that_never_end(program, port):
    """A hundred at a time drip, and each ends by the clock of its head; meanwhile others are served."""
    with CountedProxy(program, *OPEN, "--head-timeout", "0.5") as proxy:
        slow = [proxy.wire() for _ in range(100)]
        for wire in slow:
            wire.send(REQUEST[:7])
        tunnel_carries(proxy, connect(f"{LOOPBACK}:{port}"))
        for wire in slow:
            with wire:
                expect(status_of(wire.read_to_end()), 408, "the status")
        proxy.expect_orderly_end()


def exhaustion_tests(tests, program, proxy, port):
    for name, fields in (("one field of a megabyte", b"X: " + b"x" * 2**20 + b"\r\n"),
                         ("a hundred thousand fields", b"X: y\r\n" * 100000), ("endless folds", b"X: y\r\n" + b" \r\n" * 9)):
        status = 400 if "folds" in name else 431
        tests.run(f"CVE-2024-25617 (Squid): a head of {name} is refused at its limit", refused, proxy,
                  REQUEST + HOST + fields + b"\r\n", status)
    tests.run("slowloris: heads that never end have one clock each", heads_that_never_end, program, port)


# ---- leaks ----------------------------------------------------------------------------------------------------------

SECRET = "hunter2OPENSESAME"


def rejected_credentials_are_nowhere(program, directory):
    """Neither in an answer, nor in a log, nor on standard error, nor on a page."""
    log = os.path.join(directory, "leaks.log")
    helper = write_file(os.path.join(directory, "never"), "#!/bin/sh\nwhile read -r line; do echo ERR; done\n", 0o755)
    encoded = [base64.b64encode(b"u" * n + b":" + SECRET.encode())[4:-4].decode() for n in range(3)]
    basic = base64.b64encode(f"u:{SECRET}".encode()).decode()
    with ViaductProxy(program, *OPEN, "--auth-program", f"basic {helper}", "--auth-failure-delay", "0",
                      "--management-port", f"{LOOPBACK}:0", "--acl", "users proxy_auth REQUIRED",
                      "--http-access", "allow manager", "--http-access", "allow users",
                      "--logformat", "all %>h %ru %>ru %un %ul %ui %{Proxy-Authorization}>h %{Authorization}>h %mt",
                      "--access-log", f"{log} all", "--access-log", f"{log} logformat=json") as proxy:
        pages = listening_port(proxy, listening_port(proxy, 0)[1])[0]
        told = []
        for octets in (*(connect("localhost:1", authorization(value.encode())) for value in (
                f"Basic {basic}", f"Basic {basic}!", f"Bearer {SECRET}", SECRET, f"Digest response={SECRET}")),
                connect(f"u:{SECRET}@localhost:1"), connect("localhost:1", f"{SECRET}\r\n".encode()),
                f"GET /{SECRET}@ HTTP/1.1\r\nHost: a\r\nAuthorization: Basic {basic}\r\n\r\n".encode()):
            with Wire(proxy.port) as wire:
                wire.send(octets)
                told.append(wire.read_to_end().decode("latin-1"))
        for page in ("/tunnels", "/metrics"):
            with Wire(pages) as wire:
                wire.send(f"GET {page} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode())
                told.append(wire.read_to_end().decode("latin-1"))
        expect(proxy.stop(), 0, "the exit status")
        with open(log, encoding="latin-1") as file:
            logged = file.read()
    expect(logged.count("\n") >= 2 * 8, True, "that there is a log")
    lines = [line for line in (*told, *proxy.lines, *logged.splitlines()) if "/" + SECRET not in line]
    expect([line for line in lines if any(each in line for each in (SECRET, *encoded))], [], "the secrets that are told")


def fields_in_a_combined_log(program, directory, port):
    log = os.path.join(directory, "combined.log")
    with CountedProxy(program, *OPEN, "--access-log", f"{log} combined") as proxy:
        tunnel_carries(proxy, connect(f"{LOOPBACK}:{port}", HOST +
                                      b'Referer: x" 200 0 "y\\\r\nUser-Agent: \x9b31m"\t\xc2\x85\xff\r\n'))
        proxy.expect_orderly_end()
    with open(log, "rb") as file:
        line = file.read()
    expect(re.findall(rb"[^\n -~]", line), [], "what a terminal or a reader of UTF-8 takes for more than text")
    expect_match(r'^[^"]*"CONNECT [^"]*" \d+ \d+ "([^"\\]|\\.)*" "([^"\\]|\\.)*" \S+\n$', line.decode("ascii"), "the line")


def leak_tests(tests, program, directory, port):
    tests.run("CVE-2025-62168 (Squid), sing: rejected credentials are in no answer, no log and no page",
              rejected_credentials_are_nowhere, program, directory)
    tests.run("Squid's combined format: a Referer and a User-Agent stay between their quotes",
              fields_in_a_combined_log, program, directory, port)


def main(program, *lacking):
    tests = Tests()
    with scratch_directory() as directory, TcpOrigin(echo) as origin, Trap() as trap, \
         CountedProxy(program, *OPEN) as proxy, CountedProxy(program, "--allow-port", "all") as guarded:
        smuggling_tests(tests, program, proxy, guarded, trap)
        crash_tests(tests, program, proxy, directory, origin.port)
        rule_tests(tests, program, origin.port)
        disguise_tests(tests, guarded, trap)
        basic_tests(tests, program, directory, f"{LOOPBACK}:{origin.port}")
        if "no-digest" not in lacking:
            digest_tests(tests, program, directory, f"{LOOPBACK}:{origin.port}")
        exhaustion_tests(tests, program, proxy, origin.port)
        leak_tests(tests, program, directory, origin.port)
        for name, one in (("that allows loopback", proxy), ("that allows public addresses", guarded)):
            tests.run(f"a proxy {name} has logged each connection once, and ends", one.expect_orderly_end)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

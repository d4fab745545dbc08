"""viaduct-proxy and the targets that it refuses: what is no target, and what is no business of its clients.

usage: wire_targets.py VIADUCT_PROXY
"""

import socket
import sys

from harness import LOOPBACK, LOOPBACK_ALLOWED, ReservedPort, Skip, TcpOrigin, Tests, echo, expect
from wire_common import CountedProxy, Trap, connect, refused, refused_with_more, tunnel_carries

# ---- what is no target ----------------------------------------------------------------------------------------------

MALFORMED_TARGETS = (
    ("a host without a port", "example.com"),
    ("a host with an empty port", "example.com:"),
    ("a port without a host", ":443"),
    ("port 0", "example.com:0"),
    ("a port with leading zeros", "example.com:00443"),
    ("a port above 65535", "example.com:65536"),
    ("a port of many digits", "example.com:99999999999999999999"),
    ("a port with a letter behind", "example.com:443x"),
    ("a port with a sign", "example.com:+443"),
    ("two ports", "example.com:443:443"),
    ("an IPv4 address in brackets", "[127.0.0.1]:443"),
    ("an IPv6 address without brackets", "::1:443"),
    ("an IPv6 address with an open bracket", "[::1:443"),
    ("an IPv6 address without a port", "[::1]"),
    ("an IPv6 address with an escaped zone", "[::1%25eth0]:443"),
    ("an IPv6 address with a zone", "[fe80::1%eth0]:443"),
    ("an address of the future", "[v1.x]:443"),
    ("empty brackets", "[]:443"),
    ("a user before the host", "user@example.com:443"),
    ("a URL", "http://example.com:443"),
    ("a path behind the port", "example.com:443/"),
    ("a query behind the port", "example.com:443?x"),
    ("an origin-form target", "/"),
    ("an asterisk", "*"),
    ("nothing", ""),
    ("a space inside", "example.com :443"),
    ("a tab inside", "example.com\t:443"),
    ("a NUL inside", "example.com\0:443"),
    ("a carriage return inside", "example.com\r:443"),
    ("an escape character inside", "example.com\x1b[2J:443"),
    ("a percent-encoded dot", "example%2ecom:443"),
    ("an empty label", "example..com:443"),
    ("two final dots", "example.com..:443"),
    ("a label of 64 characters", "a" * 64 + ".com:443"),
    ("a name of 254 characters", ".".join(["a" * 63] * 3 + ["a" * 62]) + ":443"),
    ("an address as one decimal number", "2130706433:443"),
    ("an address as one hexadecimal number", "0x7f000001:443"),
    ("an address with a hexadecimal part", "0x7f.1:443"),
    ("an address with an octal part", "0177.0.0.1:443"),
    ("an address of two parts", "127.1:443"),
    ("an address of five parts", "127.0.0.1.1:443"),
    ("an address in circled digits", "\u2460\u2461\u2466.0.0.1:443"),
    ("an address in full-width digits", "\uff11\uff12\uff17.0.0.1:443"),
    ("an address in digits of another script", "\u0661\u0662\u0667.0.0.1:443"),
    ("an address with ideographic full stops", "127\u30020\u30020\u30021:443"),
    ("a name in letters beyond ASCII", "b\u00fccher.example:443"),
    ("a name with a soft hyphen", "local\u00adhost:443"),
    ("an address with a final dot", "127.0.0.1.:443"),
    ("an address with a hexadecimal end", "127.0.0.0x1:443"),
    ("an address as one octal number", "017700000001:443"),
    ("an address with a part above 255", "127.0.0.257:443"),
    ("an address with leading zeros", "127.000.000.001:443"),
    ("a mapped address with a zone", "[::ffff:127.0.0.1%25lo]:443"),
    ("an IPv6 address with something behind the bracket", "[::1]x:443"),
    ("an IPv6 address with an empty port", "[::1]:"),
    ("an IPv6 address with a part of five digits", "[00000::1]:443"),
    ("an IPv6 address with two gaps", "[::1::]:443"),
    ("an IPv6 address in brackets twice", "[[::1]]:443"),
    ("a line feed inside", "example.com\n:443"),
    ("a backslash inside", "example.com\\@localhost:443"),
    ("a fragment behind the port", "example.com:443#x"),
    ("a password and a user before the host", "user:password@example.com:443"),
    ("two hosts", "example.com,localhost:443"),
    ("a percent-encoded NUL", "example.com%00:443"),
    ("a dot alone", ".:443"),
    ("a dot first", ".example.com:443"),
    ("a hyphen first", "-example.com:443"),
    ("a name of 255 characters with its final dot", ".".join(["a" * 63] * 3 + ["a" * 62]) + ".:443"),
    ("of 8000 characters", "a" * 8000 + ":443"),
)


def malformed_tests(tests, proxy):
    for name, target in MALFORMED_TARGETS:
        tests.run(f"400 for a target that is {name}", refused, proxy, connect(target), 400)
    tests.run("nothing behind a malformed target is answered", refused_with_more, proxy, connect("example.com"), 400)


# ---- what is prohibited ---------------------------------------------------------------------------------------------

# What leads to this very machine. These come first: while one of them gets through, no other address is tried.
LOOPBACK_SPELLINGS = (
    ("127.0.0.1", "127.0.0.1"),
    ("another address of 127.0.0.0/8", "127.8.8.8"),
    ("localhost", "localhost"),
    ("localhost in other letters", "LocalHost"),
    ("localhost with a final dot", "localhost."),
    ("::1", "[::1]"),
    ("::1 in full", "[0:0:0:0:0:0:0:1]"),
    ("127.0.0.1 mapped", "[::ffff:127.0.0.1]"),
    ("127.0.0.1 mapped, in hexadecimal", "[::ffff:7f00:1]"),
    ("127.0.0.1 compatible", "[::127.0.0.1]"),
    ("127.0.0.1 behind NAT64", "[64:ff9b::7f00:1]"),
    ("127.0.0.1 in 6to4", "[2002:7f00:1::]"),
    ("127.0.0.1 in Teredo", "[2001:0:4136:e378:8000:63bf:80ff:fffe]"),
    ("127.0.0.1 in ISATAP", "[2600::5efe:7f00:1]"),
    ("127.0.0.1 in ISATAP, marked global", "[2600::200:5efe:7f00:1]"),
    ("127.0.0.1 in ISATAP without a prefix", "[::5efe:7f00:1]"),
    ("127.0.0.1 in ISATAP, link-local", "[fe80::5efe:7f00:1]"),
    ("127.0.0.1 in ISATAP behind 6to4", "[2002:808:808::5efe:7f00:1]"),
    ("127.0.0.1 translated", "[::ffff:0:127.0.0.1]"),
    ("127.0.0.1 behind a local NAT64", "[64:ff9b:1::7f00:1]"),
    ("127.0.0.1 behind NAT64, in dots", "[64:ff9b::127.0.0.1]"),
    ("127.0.0.1 mapped, in full", "[0000:0000:0000:0000:0000:FFFF:7F00:0001]"),
    ("another address of 0.0.0.0/8", "0.1.2.3"),
    ("0.0.0.0", "0.0.0.0"),
    ("::", "[::]"),
    ("0.0.0.0 mapped", "[::ffff:0.0.0.0]"),
)

OTHER_PROHIBITED = (
    ("cloud metadata", "169.254.169.254"),
    ("cloud metadata, mapped", "[::ffff:169.254.169.254]"),
    ("cloud metadata in IPv6", "[fd00:ec2::254]"),
    ("a private address of 10.0.0.0/8", "10.0.0.1"),
    ("a private address of 172.16.0.0/12", "172.31.255.254"),
    ("a private address of 192.168.0.0/16", "192.168.0.1"),
    ("a private address, mapped", "[::ffff:10.0.0.1]"),
    ("a private address behind NAT64", "[64:ff9b::a00:1]"),
    ("a private address in 6to4", "[2002:a00:1::]"),
    ("a private address in Teredo", "[2001:0:4136:e378:8000:63bf:f5ff:fffe]"),
    ("a private address in ISATAP", "[2600::5efe:c0a8:1]"),
    ("a private address, compatible", "[::10.0.0.1]"),
    ("cloud metadata behind NAT64", "[64:ff9b::a9fe:a9fe]"),
    ("cloud metadata in 6to4", "[2002:a9fe:a9fe::]"),
    ("cloud metadata in Teredo", "[2001:0:4136:e378:8000:63bf:5601:5601]"),
    ("carrier-grade NAT, mapped", "[::ffff:100.64.0.1]"),
    ("carrier-grade NAT", "100.64.0.1"),
    ("link-local in IPv6", "[fe80::1]"),
    ("unique local in IPv6", "[fc00::1]"),
    ("multicast", "224.0.0.1"),
    ("multicast in IPv6", "[ff02::1]"),
    ("broadcast", "255.255.255.255"),
    ("documentation", "192.0.2.1"),
    ("documentation in IPv6", "[2001:db8::1]"),
)

# Of a listener on 127.0.0.1, where everything is allowed but the proxy itself.
NOT_OWN = ("127.8.8.8", "0.1.2.3", "[::1]", "[0:0:0:0:0:0:0:1]", "[::5efe:7f00:1]", "[fe80::5efe:7f00:1]")
OWN_SPELLINGS = tuple(one for one in LOOPBACK_SPELLINGS if one[1] not in NOT_OWN) + (
    ("0.0.0.0 behind NAT64", "[64:ff9b::]"),
    ("0.0.0.0 in 6to4", "[2002::]"),
)

ANYTHING_ALLOWED = ("--allow-port", "all", "--allow-destination", "0.0.0.0/0", "--allow-destination", "::/0")


def prohibited(proxy, target):
    refused(proxy, connect(target), 403, "destination_ip_prohibited")


def guard_tests(tests, proxy):
    """While a spelling of this machine gets through, no other address is tried."""
    failures = tests.failures
    with Trap() as trap:
        for name, host in LOOPBACK_SPELLINGS:
            tests.run(f"403 for {name}", prohibited, proxy, f"{host}:{trap.port}")
        if tests.failures == failures:
            for name, host in OTHER_PROHIBITED:
                tests.run(f"403 for {name}", prohibited, proxy, f"{host}:443")
        tests.run("nothing behind a denied CONNECT is answered", refused_with_more, proxy,
                  connect(f"localhost:{trap.port}"), 403, "destination_ip_prohibited")
        tests.run("nothing of all this has reached an origin", trap.expect_untouched)


def port_tests(tests, proxy):
    with Trap() as trap:
        for name, target in (("that is not 443", f"localhost:{trap.port}"), ("80", "localhost:80"),
                             ("65535", "localhost:65535"), ("1", f"{LOOPBACK}:1")):
            tests.run(f"403 for port {name}", refused, proxy, connect(target), 403, "http_request_denied")
        tests.run("nothing behind a denied port is answered", refused_with_more, proxy,
                  connect(f"localhost:{trap.port}"), 403, "http_request_denied")
        tests.run("nothing of this has reached an origin", trap.expect_untouched)
    tests.run("port 443 is judged by its address", prohibited, proxy, "localhost:443")


# ---- the proxy itself -----------------------------------------------------------------------------------------------


def address_of_this_machine():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            raise Skip("this machine has no address but its loopback's") from None
        return probe.getsockname()[0]


def own_address(proxy, port):
    """Only the connection shows that this leads back, so it is made, and logged on both sides."""
    here = address_of_this_machine()
    refused(proxy, connect(f"{here}:{port}"), 403, "destination_ip_prohibited", peer=f"HIER_DIRECT/{here}")


def own_listener_tests(tests, program, origin):
    with CountedProxy(program, "--http-port", "0.0.0.0:0", *ANYTHING_ALLOWED) as proxy:
        everywhere = int(proxy.await_line(r"listening on 0\.0\.0\.0:(\d+)$")[1])
        for name, host in OWN_SPELLINGS:
            tests.run(f"403 for the proxy's own listener, by {name}", prohibited, proxy, f"{host}:{proxy.port}")
        for name, host in (*OWN_SPELLINGS, ("another address of 127.0.0.0/8", "127.8.8.8")):
            tests.run(f"403 for its listener on all addresses, by {name}", prohibited, proxy, f"{host}:{everywhere}")
        tests.run("403 for its listener on all addresses, by the machine's own", own_address, proxy, everywhere)
        tests.run("200 for another port of this machine", tunnel_carries, proxy, connect(f"localhost:{origin.port}"))
        tests.run("and a line for each of these", proxy.expect_orderly_end)


# ---- what is a target -----------------------------------------------------------------------------------------------


def accepted(proxy, target, logged):
    """The log shows the host as Squid's does: in small letters, without a final dot."""
    mark = proxy.mark()
    tunnel_carries(proxy, connect(target))
    expect(logged in proxy.await_line(r".* CONNECT .*", since=mark).string.split(), True, "whether the log has it")


def accepted_tests(tests, proxy, origin):
    for name, host in (("a name", "localhost"), ("capital letters", "LOCALHOST"), ("a final dot", "localhost."),
                       ("capital letters and a final dot", "LocalHost."), ("an address", LOOPBACK),
                       ("a mapped address", "[::ffff:127.0.0.1]")):
        logged = host.lower().rstrip(".")
        tests.run(f"200 for {name}", accepted, proxy, f"{host}:{origin.port}", f"{logged}:{origin.port}")
    nobody = ReservedPort()
    tests.run("502 where nobody listens, and early data is dropped", refused, proxy,
              connect(f"localhost:{nobody.number}") + b"early octets", 502, "connection_refused",
              peer=r"HIER_DIRECT/(127\.0\.0\.1|::1)")


def main(program):
    tests = Tests()
    with TcpOrigin(echo) as origin, \
         CountedProxy(program, "--allow-port", "all", *LOOPBACK_ALLOWED) as proxy, \
         CountedProxy(program, "--allow-port", "all") as guarded, \
         CountedProxy(program) as default:
        malformed_tests(tests, proxy)
        guard_tests(tests, guarded)
        port_tests(tests, default)
        accepted_tests(tests, proxy, origin)
        for name, one in (("that allows loopback", proxy), ("that allows public addresses", guarded),
                          ("without options", default)):
            tests.run(f"a proxy {name} has logged each connection once, and ends", one.expect_orderly_end)
        own_listener_tests(tests, program, origin)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

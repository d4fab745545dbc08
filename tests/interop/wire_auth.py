"""viaduct-proxy and clients that must say who they are: what a 407 is, and what may come behind one.

usage: wire_auth.py VIADUCT_PROXY
"""

import base64
import os
import pwd
import sys

from harness import (LOG_TIMES, LOOPBACK_ALLOWED, TcpOrigin, Tests, echo, expect, scratch_directory, status_of,
                     write_file)
from wire_common import (ESTABLISHED, GET, HOST, CountedProxy, Trap, connect, expect_refusal, fields_of,
                         refused, tunnel_carries)

# Squid's protocol for programs that check passwords: a line with user and password, and OK or ERR for an answer.
PROGRAM = """#!/bin/sh
while read -r line; do
    case $line in
        "user right%20word") echo OK ;;
        *) echo ERR ;;
    esac
done
"""

KEEPING = """auth_param basic program {checks}
auth_failure_delay 0
acl users proxy_auth REQUIRED
http_access allow users
reject_policy keep_alive_for_407
pid_filename none
cache_effective_user {whom}
"""


def credentials(pair, scheme=b"Basic"):
    return b"Proxy-Authorization: " + scheme + b" " + base64.b64encode(pair) + b"\r\n"


RIGHT = credentials(b"user:right word")

WRONG = (
    ("no credentials", b""),
    ("a wrong password", credentials(b"user:wrong")),
    ("the password in other letters", credentials(b"user:Right word")),
    ("the password and more", credentials(b"user:right word ")),
    ("no password", credentials(b"user:")),
    ("no user", credentials(b":right word")),
    ("no colon", credentials(b"user")),
    ("nothing at all behind the scheme", b"Proxy-Authorization: Basic\r\n"),
    ("an empty field", b"Proxy-Authorization:\r\n"),
    ("what is no base64", b"Proxy-Authorization: Basic dXNl*!\r\n"),
    ("the password behind an end of a line", credentials(b"user:wrong\nuser right%20word")),
    ("the password behind a NUL", credentials(b"user:right word\0")),
    ("a scheme that was not offered", credentials(b"user:right word", b"Bearer")),
    ("8 KiB of password", credentials(b"user:" + b"x" * 8000)),
    ("the password for the origin", b"Authorization: Basic " + base64.b64encode(b"user:right word") + b"\r\n"),
)


def challenged(proxy, octets, logged_user=r"\S+"):
    mark = proxy.mark()
    with proxy.wire() as wire:
        wire.send(octets)
        answer = wire.read_to_end()
    fields = expect_refusal(answer, 407)
    expect(fields.get("proxy-authenticate", "").startswith('Basic realm="'), True, "whether Basic is offered")
    proxy.await_line(rf"{LOG_TIMES}TCP_DENIED/407 {len(answer)} CONNECT \S+ {logged_user} HIER_NONE/- \S+$", since=mark)


def second_request_is_late(proxy, first, second):
    """Sent when the 407 has been read: nobody is there any more."""
    with proxy.wire() as wire:
        wire.send(first)
        head = wire.read_head()
        expect(status_of(head), 407, "the status")
        wire.read_exactly(int(fields_of(head)["content-length"]))
        wire.send(second)
        try:
            rest = wire.read_to_end()
        except ConnectionResetError:
            rest = b""
        expect(rest, b"", "what comes behind the 407")


def second_request_is_served(proxy, target):
    """Where the operator wants it, the answer to a 407 may come on the same connection."""
    with proxy.wire() as wire:
        for _ in range(2):
            wire.send(connect(target))
            head = wire.read_head()
            expect((status_of(head), fields_of(head)["connection"]), (407, "keep-alive"), "the answer")
            wire.read_exactly(int(fields_of(head)["content-length"]))
        wire.send(connect(target, HOST + RIGHT) + b"early")
        expect(wire.read_exactly(len(ESTABLISHED) + 5), ESTABLISHED + b"early", "the answer, and the echo")
        wire.end()
        expect(wire.read_to_end(), b"", "the rest")


def kept_by_file(program, directory, checks, target):
    text = KEEPING.format(checks=checks, whom=pwd.getpwuid(os.geteuid()).pw_name)
    with CountedProxy(program, "-f", write_file(os.path.join(directory, "squid.conf"), text)) as proxy:
        second_request_is_served(proxy, target)


def user_is_logged(proxy, target):
    mark = proxy.mark()
    tunnel_carries(proxy, connect(target, HOST + RIGHT))
    proxy.await_line(rf"TCP_TUNNEL/200 \d+ CONNECT {target} user HIER_DIRECT/", since=mark)


def no_password_anywhere(proxy):
    secrets = ("right word", "right%20word", base64.b64encode(b"user:right word").decode("ascii"))
    expect([line for line in proxy.lines if any(secret in line for secret in secrets)], [], "lines with the password")


def closing_tests(tests, proxy, target, trap):
    wanted = connect(f"localhost:{trap.port}")
    allowed = connect(f"localhost:{trap.port}", HOST + RIGHT)
    for name, fields in WRONG:
        tests.run(f"407 for {name}", challenged, proxy, connect(f"localhost:{trap.port}", HOST + fields))
    tests.run("a second CONNECT in the segment of one that gets a 407 is not served", challenged, proxy,
              wanted + allowed)
    tests.run("a GET in the segment of one that gets a 407 is not served", challenged, proxy, wanted + GET)
    tests.run("a second CONNECT behind a 407 is not served", second_request_is_late, proxy, wanted, allowed)
    for name, fields in (("right ones", RIGHT + RIGHT), ("a right one, then a wrong one", RIGHT + WRONG[1][1]),
                         ("a wrong one, then a right one", WRONG[1][1] + RIGHT)):
        tests.run(f"400 for two Proxy-Authorizations: {name}", refused, proxy,
                  connect(f"localhost:{trap.port}", HOST + fields), 400)
    tests.run("nothing of all this has reached an origin", trap.expect_untouched)
    tests.run("200 for the right password, and the log has the user", user_is_logged, proxy, target)


def keeping_tests(tests, proxy, target, trap):
    wanted = connect(f"localhost:{trap.port}")
    tests.run("200 for the third CONNECT of a connection, where it is kept", second_request_is_served, proxy, target)
    tests.run("also there, a second CONNECT in the segment of the first is not served", challenged, proxy,
              wanted + connect(f"localhost:{trap.port}", HOST + RIGHT))
    tests.run("also there, a refusal for another reason closes", refused, proxy,
              connect("localhost:0", HOST + RIGHT), 400)
    tests.run("nothing of this has reached an origin", trap.expect_untouched)


def main(program):
    tests = Tests()
    with scratch_directory() as directory, TcpOrigin(echo) as origin, Trap() as trap:
        checks = write_file(os.path.join(directory, "check"), PROGRAM, mode=0o755)
        options = ("--allow-port", "all", *LOOPBACK_ALLOWED, "--auth-program", f"basic {checks}",
                   "--auth-failure-delay", "0")
        target = f"localhost:{origin.port}"
        with CountedProxy(program, *options) as closing, \
             CountedProxy(program, *options, "--keep-alive-for-407") as keeping:
            closing_tests(tests, closing, target, trap)
            tests.run("the password is nowhere in the log", no_password_anywhere, closing)
            tests.run("the proxy has logged each connection once, and ends", closing.expect_orderly_end)
            keeping_tests(tests, keeping, target, trap)
            keeping.stop()
        tests.run("reject_policy of a squid.conf keeps it as well", kept_by_file, program, directory, checks, target)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

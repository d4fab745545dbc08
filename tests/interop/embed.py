"""The example of a server with tunnels in it: its own names, its own answers, and what the library answers for it.

usage: embed.py 6_EMBED
"""

import sys

from harness import (LOOPBACK, Program, ReservedPort, TcpOrigin, Tests, Wire, expect, expect_match, pattern_bytes,
                     status_of)

NAME = "db.example:5432"  # known to the example, and to nobody else
CONNECT = f"CONNECT {NAME} HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()


def reverse(connection):
    """Answers once the question has ended: what it answers with shows that the other direction went on."""
    question = b"".join(iter(lambda: connection.recv(65536), b""))
    connection.sendall(question[::-1])


class Gateway(Program):
    def __init__(self, program, port):
        super().__init__(program, NAME, LOOPBACK, str(port))
        try:
            self.port = int(self.await_line(r"^listening on (\d+)$")[1])
        except AssertionError:
            self.stop()
            raise


def tunnel(program):
    """The name is the program's own; what was sent together with the request comes first, whole and once."""
    octets = pattern_bytes(1_000_000)
    with TcpOrigin(reverse) as origin, Gateway(program, origin.port) as gateway, Wire(gateway.port) as wire:
        wire.send(CONNECT + b"early ")
        expect(status_of(wire.read_head()), 200, "the status")
        wire.send(octets)
        wire.end()
        expect(wire.read_to_end() == (b"early " + octets)[::-1], True, "that all came back, in order")
        gateway.await_line(r"^1000006 octets sent, 1000006 received$")


def refused(gateway, request):
    """The head of a refusal, behind which the connection ends in order, whatever else was sent."""
    with Wire(gateway.port) as wire:
        wire.send(request + b"nobody reads this")
        head, _, _ = wire.read_to_end().partition(b"\r\n\r\n")
    expect_match(r"(?i)\r\nconnection: close(\r\n|$)", head.decode(), "the head")
    return status_of(head)


def refusals(program):
    closed = ReservedPort()
    with Gateway(program, closed.number) as gateway:
        other = CONNECT.replace(b"5432", b"5433")
        expect(refused(gateway, other), 403, "the status for a name that the program does not know")
        expect(refused(gateway, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 405, "the status for another method")
        expect(refused(gateway, b"CONNECT db HTTP/1.1\r\nHost: db\r\n\r\n"), 400, "the status for no target")
        expect(refused(gateway, CONNECT), 502, "the status while nobody listens at the place")


def one_after_the_other(program):
    """A client that says nothing holds up nobody."""
    with TcpOrigin(reverse) as origin, Gateway(program, origin.port) as gateway, Wire(gateway.port):
        for _ in range(3):
            with Wire(gateway.port) as wire:
                wire.send(CONNECT)
                wire.read_head()
                wire.end()
                expect(wire.read_to_end(), b"", "what comes back of nothing")


def main(program):
    tests = Tests()
    tests.run("embed: a name of the program's own leads to its place, and early octets come first", tunnel, program)
    tests.run("embed: refusals are the program's, or the library's for it", refusals, program)
    tests.run("embed: a silent client holds up nobody", one_after_the_other, program)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

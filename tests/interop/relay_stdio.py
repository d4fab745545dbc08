"""The example that relays between a terminal and a socket, as the shell uses it: pipes, files, ends in both orders.

usage: relay_stdio.py 3_STDIO
"""

import subprocess
import sys

from harness import TcpOrigin, Tests, clean_environment, expect, expect_match, pattern_bytes

LIMIT = 20  # seconds


def reverse(connection):
    """Answers once the question has ended: what it answers with shows that the other direction went on."""
    question = b"".join(iter(lambda: connection.recv(65536), b""))
    connection.sendall(question[::-1])


def speak_first(connection):
    connection.sendall(b"goodbye")


def relayed(program, port, **how):
    done = subprocess.run([program, "127.0.0.1", str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=LIMIT, check=False, env=clean_environment(), **how)
    expect(done.returncode, 0, "the exit status")
    return done


def question_and_answer(program):
    with TcpOrigin(reverse) as origin:
        done = relayed(program, origin.port, input=b"hello")
    expect(done.stdout, b"olleh", "the answer")
    expect_match("5 octets sent, 5 received", done.stderr.decode())


def much(program):
    octets = pattern_bytes(5_000_000)
    with TcpOrigin(reverse) as origin:
        done = relayed(program, origin.port, input=octets)
    expect(done.stdout == octets[::-1], True, "that all came back")


def from_a_file(program):
    """A file is always ready, and no epoll takes it."""
    with TcpOrigin(reverse) as origin, open(__file__, "rb") as file:
        done = relayed(program, origin.port, stdin=file)
    with open(__file__, "rb") as file:
        expect(done.stdout, file.read()[::-1], "the file, backwards")


def far_end_first(program):
    with TcpOrigin(speak_first) as origin:
        with subprocess.Popen([program, "127.0.0.1", str(origin.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=clean_environment()) as process:
            expect(process.stdout.read(), b"goodbye", "the output, which ends while the input is open")
            process.stdin.close()
            expect(process.stderr.read(), b"0 octets sent, 7 received\n", "what it says: no clock has run out")
            expect(process.wait(LIMIT), 0, "the exit status")


def main(program):
    tests = Tests()
    tests.run("stdio: the end of the input is the end of the question, and the answer still comes", question_and_answer,
              program)
    tests.run("stdio: five megabytes there and back", much, program)
    tests.run("stdio: a file as the input", from_a_file, program)
    tests.run("stdio: the end of the connection is the end of the output", far_end_first, program)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

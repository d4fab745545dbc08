"""What viaduct-curl does that curl cannot: tunnels for ssh and git, big ones, and what it tells of proxies.

usage: tasks_of_curl.py VIADUCT_CURL

With VIADUCT_TEST_LONG=1 in the environment the big transfer is one of 4 GB, else it is one of 1 GB.
"""

import contextlib
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

from harness import (LOOPBACK, PATIENCE, Certificates, Program, ReservedPort, TcpOrigin, Tests, TlsOrigin, Wire, echo,
                     clean_environment, expect, expect_match, expect_success, find_program, pattern_bytes, run_client,
                     scratch_directory, write_file)

SQUID = """http_port {listen}
acl refused dstdomain forbidden.test
http_access deny refused
http_access allow all
pid_filename none
cache deny all
access_log none
cache_log {directory}/cache.log
shutdown_lifetime 0 seconds
"""

SSHD = """Port {port}
ListenAddress 127.0.0.1
HostKey {key}
AuthorizedKeysFile {authorized}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
"""


@contextlib.contextmanager
def squid(directory):
    program, port = find_program("squid"), ReservedPort()
    os.chmod(directory, 0o777)  # started by root, Squid goes on as another user
    file = write_file(os.path.join(directory, "squid.conf"),
                      SQUID.format(listen=f"{LOOPBACK}:{port.number}", directory=directory))
    with Program(program, "-N", "-d", "1", "-n", f"viaduct{port.number}", "-f", file) as running:
        running.await_port(port.number)
        yield f"http://{LOOPBACK}:{port.number}"
        running.process.kill()  # in its own way it takes two seconds to end


# ---- the standard streams -------------------------------------------------------------------------------------------


def ssh_key(directory, name):
    path = os.path.join(directory, name)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True, stdin=subprocess.DEVNULL)
    return path


def ssh_through_stdio(program, proxy, directory):
    """A command over ssh: its input, its output, its exit status."""
    sshd, ssh, port = find_program("sshd"), find_program("ssh"), ReservedPort()
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)  # where sshd gives up root's rights
    host, user = ssh_key(directory, "host"), ssh_key(directory, "user")
    shutil.copy(user + ".pub", os.path.join(directory, "authorized"))
    file = write_file(os.path.join(directory, "sshd.conf"),
                      SSHD.format(port=port.number, key=host, authorized=os.path.join(directory, "authorized")))
    with Program(sshd, "-D", "-e", "-f", file) as server:
        server.await_port(port.number)
        sent = pattern_bytes(3_000_000)
        done = run_client(ssh, "-F", "none", "-i", user, "-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes",
                          "-o", f"UserKnownHostsFile={directory}/known", "-o", "LogLevel=ERROR", "-p", str(port.number),
                          "-o", f"ProxyCommand={program} --stdio -x {proxy} %h:%p",
                          f"{pwd.getpwuid(os.geteuid()).pw_name}@{LOOPBACK}", "cat; exit 7", input=sent)
        expect(done.stderr, b"", "what ssh says")
        expect((done.returncode, done.stdout == sent), (7, True), "the outcome")


def files_through_stdio(program, directory):
    """A file can be neither waited for nor shut down; and the end of the input is passed on.

    Squid would end a tunnel of which one end has ended, so it is not on this way.
    """
    path = os.path.join(directory, "sent")
    with open(path, "wb") as file:
        file.write(pattern_bytes(200_000))
    with TcpOrigin(echo) as origin, open(path, "rb") as given, open(path + ".back", "wb+") as taken:
        subprocess.run([program, "--stdio", LOOPBACK, str(origin.port)], env=clean_environment(),
                       stdin=given, stdout=taken, timeout=PATIENCE, check=True)
        taken.seek(0)
        expect(taken.read() == pattern_bytes(200_000), True, "whether it came back")


def closed_output(program, proxy):
    """Who has gone away is told nothing, and holds nobody up."""
    with TcpOrigin(lambda connection: connection.sendall(pattern_bytes(4_000_000))) as origin:
        running = subprocess.Popen([program, "--stdio", "-x", proxy, f"{LOOPBACK}:{origin.port}"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=clean_environment())
        running.stdout.read(1000)
        running.stdout.close()
        expect((running.wait(PATIENCE), running.stderr.read()), (23, b""), "the end")
        running.stdin.close()
        running.stderr.close()


def unread_output(program):
    """-m ends it also while nobody takes what has come."""
    def flood(connection):
        while True:
            connection.sendall(bytes(1 << 16))

    with TcpOrigin(flood) as origin, subprocess.Popen(
            [program, "--stdio", "-sS", "-m", "1", f"{LOOPBACK}:{origin.port}"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment()) as running:
        expect(running.wait(PATIENCE), 28, "the exit code")
        expect_match(r"\(28\) Operation timed out after 1\d\d\d milliseconds", running.stderr.read().decode())
        expect(set(running.stdout.read()), {0}, "what has come")


def refused_stdio(program, proxy):
    done = run_client(program, "--stdio", "-v", "-x", proxy, "forbidden.test:22")
    expect((done.returncode, done.stdout), (7, b""), "exit code and output")
    expect_match(r"(?s)> CONNECT forbidden.test:22.*viaduct-curl: \(7\) CONNECT tunnel failed, response 403",
                 done.stderr.decode(), "the account")
    bad = run_client(program, "--stdio", "-x", proxy, "nowhere")
    expect(bad.returncode, 2, "the exit code of a target without a port")
    expect_match("'nowhere' is no HOST:PORT", bad.stderr.decode(), "the message")


# ---- transfers ------------------------------------------------------------------------------------------------------


def open_ends(program):
    """A far side that never ends its connection costs no time; each of the 80 would be a quarter of a second."""
    over = threading.Event()

    def serve(connection):
        for answer in (b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"):
            while not connection.recv(4096).endswith(b"\r\n\r\n"):
                pass
            connection.sendall(answer)
        over.wait(PATIENCE)

    with TcpOrigin(serve) as proxy:
        begun = time.monotonic()
        done = run_client(program, "-sS", "-p", "-x", f"{LOOPBACK}:{proxy.port}", "http://far.test/[1-80]")
        expect(time.monotonic() - begun < PATIENCE, True, "whether it was quick")
        over.set()
    expect((done.returncode, done.stdout.count(b"ok")), (0, 80), "exit code and answers")


# ---- local ports ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def forwarding(program, *arguments):
    """viaduct-curl and the port that it has chosen."""
    with Program(program, *arguments) as running:
        yield running, int(running.await_line(r"^viaduct-curl: 127\.0\.0\.1:(\d+) leads to ")[1])


def git_over_forward(program, proxy, directory):
    """A clone and a fetch over https from a server that is reached by the port only."""
    git, certificates = find_program("git"), Certificates(directory)
    served, cloned = (os.path.join(directory, name) for name in ("served", "cloned"))
    home = {"HOME": directory, "GIT_CONFIG_NOSYSTEM": "1"}

    def run(*words):
        return expect_success(run_client(git, "-c", "user.name=T", "-c", "user.email=t@localhost", "-c",
                                         "init.defaultBranch=main", "-c", f"http.sslCAInfo={certificates.ca}", *words,
                                         environment=home)).stdout

    def commit(text):
        run("-C", served, "commit", "-q", "--allow-empty", "-m", text)
        run("-C", served, "update-server-info")

    run("init", "-q", served)
    commit("one")
    with git_origin(certificates, served) as origin, \
            forwarding(program, "-x", proxy, "--forward", f"0:localhost:{origin.port}") as (running, port):
        run("clone", "-q", f"https://localhost:{port}/.git", cloned)
        commit("two")
        run("-C", cloned, "fetch", "-q")
        expect(run("-C", cloned, "log", "--format=%s", "origin/main"), b"two\none\n", "what was fetched")
        expect(running.stop(), 0, "the exit code after SIGTERM")


@contextlib.contextmanager
def git_origin(certificates, directory):
    """A TLS server of files, which is all that git needs."""
    with TlsOrigin(certificates) as origin:
        handler = origin._server.RequestHandlerClass

        class Files(handler):
            def do_GET(self):
                path = os.path.normpath(directory + self.path.partition("?")[0])
                if not path.startswith(directory) or not os.path.isfile(path):
                    return self.send_error(404)
                with open(path, "rb") as file:
                    self._answer(file.read(), "application/octet-stream")

        origin._server.RequestHandlerClass = Files
        yield origin


def many_clients(program, proxy):
    with TcpOrigin(echo) as origin, \
            forwarding(program, "-v", "-x", proxy, "--forward", f"0:{LOOPBACK}:{origin.port}") as (running, port):
        wrong = []

        def talk(number):
            try:
                with Wire(port) as client:
                    sent = b"%d " % number * 5_000
                    client.send(sent)
                    expect(client.read_exactly(len(sent)) == sent, True, f"what came back to {number}")
            except Exception as why:
                wrong.append(why)

        clients = [threading.Thread(target=talk, args=(number,)) for number in range(50)]
        for client in clients:
            client.start()
        for client in clients:
            client.join(PATIENCE)
        expect(wrong, [], "what went wrong")
        for pattern in (rf"\* A client for {LOOPBACK}:{origin.port}", rf"> CONNECT {LOOPBACK}:{origin.port} HTTP",
                        "< HTTP/1.1 200 ", rf"\* Tunnel is open by {LOOPBACK}:\d+, through {proxy}"):
            numbers = {match[1] for line in running.lines if (match := re.match(rf"\[(\d+)\] {pattern}", line))}
            expect(len(numbers), 50, f"connections that are told of with {pattern}")
        running.process.send_signal(signal.SIGINT)
        expect(running.wait(), 0, "the exit code after SIGINT")


def refused_forward(program, proxy):
    """A refusal ends its own connection, and is told."""
    with forwarding(program, "-x", proxy, "--forward", "localhost:0:forbidden.test:443") as (running, port):
        with Wire(port) as client, contextlib.suppress(ConnectionResetError):
            expect(client.read_to_end(), b"", "what a client gets")
        running.await_line(r"\(7\) forbidden\.test:443: CONNECT tunnel failed, response 403")
    for text in ("x", "1:2", "99999:h:1", "nowhere:1:h:1", "1:h:0"):
        done = run_client(program, "--forward", text)
        expect(done.returncode, 2, f"the exit code of --forward {text}")
    with socket.create_server((LOOPBACK, 0)) as taken:
        done = run_client(program, "--forward", f"{taken.getsockname()[1]}:h:1")
        expect(done.returncode, 45, "the exit code of a port that is taken")


# ---- big transfers --------------------------------------------------------------------------------------------------


def big_transfer(program, proxy):
    """What goes through does not stay: neither in the tunnel nor in front of it."""
    size = (4 if os.environ.get("VIADUCT_TEST_LONG") == "1" else 1) << 30

    def serve(connection):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size)
        piece = bytes(1 << 20)
        for _ in range((size >> 20) - 1):
            connection.sendall(piece)
        peaks.append(peak_memory(running.pid))
        connection.sendall(piece)

    peaks = []
    with TcpOrigin(serve) as origin:
        running = subprocess.Popen([program, "-sS", "-p", "-x", proxy, "-o", "/dev/null", "-w", "%{size_download}",
                                    f"http://{LOOPBACK}:{origin.port}/"], env=clean_environment(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        told, _ = running.communicate(timeout=4 * PATIENCE)
        expect((running.returncode, told), (0, str(size).encode()), "exit code and octets")
        limit = 512 if "ASAN_OPTIONS" in os.environ else 64  # a sanitizer keeps what was freed
        expect(peaks[0] < limit * 1024, True, f"whether {peaks[0]} KiB are less than {limit} MiB")


def peak_memory(process):
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        return int(expect_match(r"VmHWM:\s+(\d+) kB", status.read(), "the status")[1])


# ---- what is told ---------------------------------------------------------------------------------------------------


def explained(program):
    variables = {"https_proxy": "http://al:secret@p.test:3128", "no_proxy": ".corp.test,10.0.0.0/8,10.0.0.0/33"}
    done = expect_success(run_client(program, "--explain-noproxy", "a.corp.test", "b.test:8443", "10.1.2.3",
                                     "http://c.test", environment=variables))
    expect(done.stdout.decode().splitlines(), [
        "https://a.corp.test:443: without a proxy: '.corp.test' of no_proxy matches",
        "https://b.test:8443: through http://p.test:3128 by a tunnel: https_proxy says so, and nothing of no_proxy "
        "matches",
        "https://10.1.2.3:443: without a proxy: '10.0.0.0/8' of no_proxy matches",
        "http://c.test:80: without a proxy: neither -x nor a variable names one for http URLs",
        "'10.0.0.0/33' of no_proxy matches no host at all",
    ], "what is explained")
    ports = {"http_proxy": "plain.test:1", "https_proxy": "tls.test:2"}
    for host, way in (("a.test:80", "http://a.test:80: through http://plain.test:1:"),
                      ("a.test", "https://a.test:443: through http://tls.test:2 by a tunnel:"),
                      ("::1", "https://[::1]:443: through http://tls.test:2 by a tunnel:")):
        done = expect_success(run_client(program, "--explain-noproxy", host, environment=ports))
        expect(done.stdout.decode().startswith(way), True, f"the way to {host} in {done.stdout}")
    for host, code, says in (("", 2, "an empty word"), ("a.test:99999", 3, "'a.test:99999' is neither a URL nor")):
        done = run_client(program, "--explain-noproxy", host)
        expect(done.returncode, code, f"the exit code for '{host}'")
        expect_match(says, done.stderr.decode(), f"the message for '{host}'")
    by_switch = expect_success(run_client(program, "--explain-noproxy", "http://a.test", "-x", "q.test:1", "--noproxy",
                                          "", environment=variables))
    expect(by_switch.stdout, b"http://a.test:80: through http://q.test:1: -x says so, and there are no exceptions\n",
           "what is explained of switches")


def refusal_shown(program, proxy):
    ask = (program, "-sS", "-x", proxy, "https://forbidden.test/")
    plain, shown, both = (run_client(*ask, *more) for more in ((), ("--connect-body",), ("--connect-body", "-i")))
    expect((plain.returncode, plain.stdout), (7, b""), "a refusal without the switch")
    expect((shown.returncode, both.returncode), (7, 7), "exit codes")
    expect_match(r"(?s)^<!DOCTYPE html.*ERR_ACCESS_DENIED", shown.stdout.decode(), "Squid's page")
    expect_match(r"(?s)^HTTP/1\.1 403 .*\r\n\r\n<!DOCTYPE html", both.stdout.decode(), "heads and page")
    report = json.loads(run_client(*ask, "--connect-body", "--json-report").stdout)
    expect_match(r"(?s)^<!DOCTYPE html.*ERR_ACCESS_DENIED", report["connect"]["refusal"],
                 "the page in the report, which stands alone")


def first_word(*command):
    """What the other end says before anything is sent to it."""
    with subprocess.Popen(command, env=clean_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        return running.stdout.read()


def useless_words(program):
    """What would have no effect is no error of the proxy's, and none is passed over silently."""
    forward, check = ("--forward", "0:h.test:1"), ("--check-proxy", "http://p.test:1")
    for words, says in (((*forward, "https://al:secret@h.test/"), r"'https://h\.test/': --forward fetches nothing"),
                        ((*check, "https://h.test/"), "'https://h.test/': --check-proxy fetches nothing"),
                        ((*forward, *check), "--forward: cannot be combined with --check-proxy"),
                        ((*forward, "--stdio", "h.test:1"), "--forward: cannot be combined with --stdio"),
                        (("--stdio", "h.test:1", "--next", "h.test:2"), "--next: cannot be combined with --stdio"),
                        (("--check-target", "h.test:1", "https://h.test/"), "--check-target: needs --check-proxy")):
        done = run_client(program, *words)
        expect(done.returncode, 2, f"the exit code of {words}")
        expect_match(says, done.stderr.decode(), f"what is said of {words}")
        expect(b"secret" in done.stderr, False, "whether the password is there")
    warned = expect_success(run_client(program, "--explain-noproxy", "h.test", "-o", "file", "-w", "text"))
    expect_match("-o or -O has no effect with --explain-noproxy\n.*-w, --write-out has no effect",
                 warned.stderr.decode(), "the warnings")


def other_ways(program, proxy):
    """Names and targets of one's own; the old exit code."""
    with TcpOrigin(lambda connection: connection.sendall(b"over there")) as origin:
        target = f"{LOOPBACK}:{origin.port}"
        port = proxy.rpartition(":")[2]
        for more in (("--resolve", f"proxy.test:{port}:{LOOPBACK}", "-x", f"http://proxy.test:{port}", target),
                     ("--connect-to", f"x.test:1:{target}", "-x", proxy, "x.test:1"),
                     ("--interface", "lo", "-4", "-x", proxy, target)):
            expect(first_word(program, "--stdio", *more), b"over there", f"what came back by {more[0]}")
    for words in (("--exit-compat=56",), ("--exit-compat", "56")):
        done = run_client(program, "-s", *words, "-x", proxy, "https://forbidden.test/")
        expect(done.returncode, 56, "the old exit code of a refusal")


def main(program):
    program, tests = os.path.abspath(program), Tests()
    with scratch_directory() as directory, squid(directory) as proxy:
        own = os.path.join(directory, "own")
        os.mkdir(own, 0o755)
        tests.run("ssh through --stdio", ssh_through_stdio, program, proxy, own)
        tests.run("files through --stdio", files_through_stdio, program, own)
        tests.run("a closed output ends --stdio", closed_output, program, proxy)
        tests.run("time ends --stdio, too", unread_output, program)
        tests.run("far sides that stay open hold nobody up", open_ends, program)
        tests.run("a refusal ends --stdio", refused_stdio, program, proxy)
        tests.run("git through --forward", git_over_forward, program, proxy, own)
        tests.run("50 clients of --forward", many_clients, program, proxy)
        tests.run("refusals to --forward", refused_forward, program, proxy)
        tests.run("a big transfer in constant memory", big_transfer, program, proxy)
        tests.run("--explain-noproxy", explained, program)
        tests.run("words without an effect", useless_words, program)
        tests.run("--connect-body", refusal_shown, program, proxy)
        tests.run("--resolve, --connect-to, --interface, --exit-compat", other_ways, program, proxy)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What has become of every line after rotations under load, a full disk, and a sudden end of the proxy.

usage: log_endurance.py VIADUCT_PROXY
"""

import contextlib
import fcntl
import glob
import os
import signal
import sys
import time

from harness import (LOOPBACK, TcpOrigin, Tests, Wire, echo, expect, expect_success, find_program, run_client,
                     scratch_directory, status_of, write_file)
from log_crowd import FORMAT, Crowd, Written, visit, whole_lines
from own_network import with_own_mounts
from proxy_logs import Proxy, rotated
from through_proxy import eventually


class Scene:
    """The program, an origin, and a directory for each test; a log in it has lines as `Written` reads them."""

    def __init__(self, program, origin):
        self.program, self.origin = program, origin

    @contextlib.contextmanager
    def proxy(self, *logs, rotate=0, before=(), status=0):
        """logs: places, each perhaps with options."""
        places = [flag for log in logs for flag in ("--access-log", f"{log} logformat=crowd")]
        with Proxy(self.program, "--workers", "2", "--logfile-rotate", str(rotate), *FORMAT, *places,
                   before=before) as proxy:
            yield proxy
            expect(proxy.stop(), status, "the exit status of the proxy")


# ---- rotation -------------------------------------------------------------------------------------------------------

BY_RENAMING = """
"{path}" {{
    rotate 1000
    {how}
    postrotate
        kill -USR1 {process}
    endscript
}}
"""

BY_COPYING = """
"{path}" {{
    rotate 1000
    copytruncate
    nocompress
}}
"""


class Logrotate:
    """logrotate with a configuration and a state of its own."""

    def __init__(self, directory, text):
        self._command = [find_program("logrotate"), "--force", "--state", os.path.join(directory, "state"),
                         write_file(os.path.join(directory, "logrotate.conf"), text)]

    def run(self):
        done = expect_success(run_client(*self._command))
        expect(done.stderr, b"", "what logrotate says")


def files_of(path):
    return [path, *glob.glob(glob.escape(path) + ".*")]


def logrotate_renames(scene, how, times):
    """Nothing is lost, nothing is cut, nothing is there twice."""
    with scratch_directory() as directory:
        path = os.path.join(directory, "access.log")
        with scene.proxy(path) as proxy:
            logrotate = Logrotate(directory, BY_RENAMING.format(path=path, how=how, process=proxy.process.pid))
            with Crowd(proxy.port, scene.origin) as crowd:
                for _ in range(times):
                    eventually(lambda: os.path.exists(path), "new file")
                    logrotate.run()
                    crowd.await_more(1)
        crowd.expect_no_failure()
        files = files_of(path)
        expect(len(files), times + 1, "the number of files")
        Written(*files).expect_all_of(crowd)
        used = sum(os.path.getsize(file) > 0 for file in files)
        expect(used > times / 2, True, f"that more than half of the files have lines, with {used} of them,")


def logrotate_copies(scene, times):
    """Between its copy and its truncation lines are lost, as its manual says; that is all, and the log goes on."""
    with scratch_directory() as directory:
        path = os.path.join(directory, "access.log")
        logrotate = Logrotate(directory, BY_COPYING.format(path=path))
        with scene.proxy(path) as proxy:
            with Crowd(proxy.port, scene.origin) as crowd:
                for _ in range(times):
                    crowd.await_more(5)
                    logrotate.run()
            crowd.expect_no_failure()
            visit(proxy.port, f"{LOOPBACK}:{scene.origin}", b"", "X-Number: 0")
        expect(len(files_of(path)), times + 1, "the number of files")
        written = Written(*files_of(path))
        written.expect_whole_lines()
        expect(0 in Written(path).octets, True, "whether the last tunnel has its line")
        written.expect_lines_of(set(written.octets) - {0}, crowd)


def own_rotation(scene, times, place, rotate=0):
    """place: with @ for the path."""
    with scratch_directory() as directory:
        path = os.path.join(directory, "access.log")
        with scene.proxy(place.replace("@", path), rotate=rotate) as proxy:
            eventually(lambda: os.path.exists(path), "file")
            with Crowd(proxy.port, scene.origin) as crowd:
                for _ in range(times):
                    rotated(proxy, path, os.stat(path).st_ino)
                    crowd.await_more(1)
        crowd.expect_no_failure()
        expect(sorted(files_of(path)), sorted([path, *(f"{path}.{old}" for old in range(times))]), "the files")
        Written(*files_of(path)).expect_all_of(crowd)


def shared_file(scene, times):
    """One of them renames it, the others find that it is done; no file is renamed onto another."""
    with scratch_directory() as directory, contextlib.ExitStack() as stack:
        path = os.path.join(directory, "access.log")
        proxies = [stack.enter_context(scene.proxy(f"{path} rotate=1000")) for _ in range(3)]
        with contextlib.ExitStack() as crowds:
            crowded = [crowds.enter_context(Crowd(proxy.port, scene.origin, 2, number * 1000000))
                       for number, proxy in enumerate(proxies)]
            for _ in range(times):
                for proxy in proxies:
                    proxy.process.send_signal(signal.SIGUSR1)
                for crowd in crowded:
                    crowd.await_more(1)
        for crowd in crowded:
            crowd.expect_no_failure()
        stack.pop_all().close()
        Written(*files_of(path)).expect_all_of(*crowded)


def locked_file(scene):
    """Somebody keeps the lock that only a renaming needs: the log goes on in the same file, and is rotated later."""
    with scratch_directory() as directory:
        path = os.path.join(directory, "access.log")
        with scene.proxy(f"{path} rotate=3") as proxy:
            with Crowd(proxy.port, scene.origin, 1) as crowd:
                with open(path, encoding="ascii") as holder:
                    fcntl.flock(holder, fcntl.LOCK_EX)
                    proxy.process.send_signal(signal.SIGUSR1)
                    proxy.await_line(rf"^viaduct-proxy: log {path}: Resource temporarily unavailable; lines .* dropped")
                    crowd.await_more(1)
                expect(files_of(path), [path], "the files")
                rotated(proxy, path, os.stat(path).st_ino)
                proxy.await_line(rf"^viaduct-proxy: log {path}: written again, 0 lines lost$")
        crowd.expect_no_failure()
        Written(*files_of(path)).expect_all_of(crowd)


def rotations(tests, scene):
    tests.run("100 rotations by logrotate, which makes the new file", logrotate_renames, scene, "create 0640", 100)
    tests.run("logrotate, which compresses what is two rotations old; the proxy makes the new file",
              logrotate_renames, scene, "nocreate\n compress\n delaycompress", 20)
    tests.run("logrotate with copytruncate", logrotate_copies, scene, 10)
    tests.run("100 rotations by the proxy itself", own_rotation, scene, 100, "@ rotate=200")
    tests.run("20 rotations by Squid's log_file_daemon", own_rotation, scene, 20, "daemon:@", 200)
    tests.run("100 rotations of one file that three proxies write, all of which are told", shared_file, scene, 100)
    tests.run("a rotation while somebody else has the file's lock", locked_file, scene)


# ---- a full disk ----------------------------------------------------------------------------------------------------

SMALL_DISK = 'mount -t tmpfs -o size=4m viaduct-test "$1"'


class SmallDisk:
    """A file system of four megabytes that only one proxy has, and those who look over its shoulder."""

    def __init__(self, directory):
        self._path = os.path.join(directory, "disk")
        os.mkdir(self._path)
        self.before = with_own_mounts(SMALL_DISK, self._path)
        self.log = os.path.join(self._path, "access.log")

    @contextlib.contextmanager
    def full(self, proxy):
        filler = self.seen(proxy, os.path.join(self._path, "filler"))
        with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"." * 4096):
                pass
        yield
        with contextlib.suppress(FileNotFoundError):  # it has gone with the proxy
            os.unlink(filler)

    @staticmethod
    def seen(proxy, path):
        return f"/proc/{proxy.process.pid}/root{path}"


@contextlib.contextmanager
def long_tunnel(proxy, origin):
    """Gives what is to be called as long as the tunnel is expected to be there."""
    def works():
        wire.send(b"still there")
        expect(wire.read_exactly(11), b"still there", "what comes back")

    with Wire(proxy.port) as wire:
        wire.send(f"CONNECT {LOOPBACK}:{origin} HTTP/1.1\r\nHost: a\r\nX-Number: 0\r\n\r\n".encode())
        expect(status_of(wire.read_head()), 200, "the status")
        yield works


def told_of(proxy, path):
    return [line for line in proxy.lines if path in line]


def full_for_a_while(scene):
    """It is told of at both ends, with the number of lines that are missing, and it holds up nobody."""
    with scratch_directory() as directory:
        disk = SmallDisk(directory)
        with scene.proxy(disk.log, before=disk.before) as proxy:
            with Crowd(proxy.port, scene.origin) as crowd, long_tunnel(proxy, scene.origin) as works:
                crowd.await_more(20)
                with disk.full(proxy):
                    proxy.await_line(rf"^viaduct-proxy: log {disk.log}: No space left on device; lines .* dropped$")
                    crowd.await_more(50)
                    works()
                end = proxy.await_line(rf"^viaduct-proxy: log {disk.log}: written again, (\d+) lines lost$")
                crowd.await_more(20)
                works()
            crowd.expect_no_failure()
            path, lost, tunnels = disk.seen(proxy, disk.log), int(end[1]), len(crowd.ended) + 1
            eventually(lambda: len(Written(path).octets) + lost >= tunnels, "line of each tunnel")
            written = Written(path)
            expect(len(told_of(proxy, disk.log)), 2, "how often it is told")
    written.expect_whole_lines()
    expect(len(written.octets) + lost, tunnels, "the lines, and those that are told of as lost")
    expect(lost >= 20, True, f"that at least 20 lines were lost, with {lost} of them,")
    written.expect_lines_of(set(written.octets) - {0}, crowd)


def full_and_fatal(scene):
    """Every tunnel that ended before has its line in the other log."""
    with scratch_directory() as directory:
        disk, other = SmallDisk(directory), os.path.join(directory, "access.log")
        with scene.proxy(f"{disk.log} on-error=die", other, before=disk.before, status=1) as proxy, \
             Crowd(proxy.port, scene.origin) as crowd:
            crowd.await_more(20)
            with disk.full(proxy):
                proxy.wait()
            expect(len(told_of(proxy, disk.log)), 1, "how often it is told")
        written = Written(other)
        written.expect_lines_of(crowd.ended, crowd)


def full_disk(tests, scene):
    tests.run("a disk that is full for a while", full_for_a_while, scene)
    tests.run("a full disk with on-error=die, under load", full_and_fatal, scene)


# ---- a sudden end ---------------------------------------------------------------------------------------------------


def killed(scene):
    """SIGKILL takes what was in queues and buffers, but nothing that is older than two seconds; the next proxy begins
    on a line of its own."""
    with scratch_directory() as directory:
        paths = [os.path.join(directory, name) for name in ("direct", "buffered")]
        logs = [paths[0], f"{paths[1]} buffer-size=1MB"]
        with scene.proxy(*logs, status=-signal.SIGKILL) as proxy, Crowd(proxy.port, scene.origin) as crowd:
            crowd.await_time(3)
            end = time.monotonic()
            proxy.process.kill()
            proxy.wait()
        old = [number for number, (when, _) in crowd.ended.items() if when < end - 2]
        expect(len(old) > 10, True, "whether many tunnels ended in time")
        for path in paths:
            Written(path).expect_lines_of(old, crowd)
        with scene.proxy(*logs) as proxy:
            visit(proxy.port, f"{LOOPBACK}:{scene.origin}", b"", "X-Number: 0")
        for path in paths:
            *before, last = whole_lines(path)
            expect(last.split()[0], "0", "the last line")
            expect(len(Written(path).strange) <= 1, True, f"that at most one line is cut of {len(before)}")


def main(program):
    tests = Tests()
    with TcpOrigin(echo) as origin:
        scene = Scene(program, origin.port)
        rotations(tests, scene)
        full_disk(tests, scene)
        tests.run("SIGKILL under load", killed, scene)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

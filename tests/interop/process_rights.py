"""What viaduct-proxy may and must: as process 1 of a container, and started by root.

usage: process_rights.py VIADUCT_PROXY [cap]
  cap: it keeps the right to listen on low ports
"""

import grp
import os
import pwd
import re
import signal
import subprocess
import sys

from harness import PATIENCE, Skip, Tests, expect, find_program, scratch_directory, write_file
from own_network import WITHOUT, NotPermitted
from process import OPEN, Proxy, eventually, open_tunnel, read_file

NET_BIND_SERVICE = 1 << 10  # capabilities(7)


def permitted(what, *command):
    """Fails where the machine does not permit a command, unless the environment says that one knows."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 and os.environ.get(WITHOUT):
        raise Skip(f"no {what}, as {WITHOUT} says: {done.stderr.strip()}")
    if done.returncode != 0:
        raise NotPermitted(f"{done.stderr.strip()}: this test needs {what}; {WITHOUT}=1 leaves it out")


# ---- process 1 ------------------------------------------------------------------------------------------------------


def own_processes():
    """The beginning of a command that runs as process 1 of a container, as far as processes are concerned."""
    root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = [find_program("unshare"), *root, "--pid", "--fork", "--mount-proc"]
    permitted("root, or user namespaces, for processes of its own", *command, "true")
    return command


def status_fields(pid):
    """/proc/PID/status; empty if there is no such process."""
    try:
        return dict(line.split(":\t", 1) for line in read_file(f"/proc/{pid}/status").splitlines() if ":\t" in line)
    except OSError:
        return {}


def children(pid):
    everybody = (int(name) for name in os.listdir("/proc") if name.isdigit())
    return [each for each in everybody if status_fields(each).get("PPid") == str(pid)]


class Container(Proxy):
    """`process` is unshare; `init` is what it started, and `main` the proxy in there, by their numbers out here."""

    def __init__(self, program, directory, *options, **how):
        super().__init__(program, directory, *options, before=own_processes(), user="root", **how)
        self.await_listening()
        (self.init,) = children(self.process.pid)
        (self.main,) = children(self.init)

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.kill(self.init, signal.SIGKILL)
            self.wait()


def signals_are_passed_on(program):
    """Each does what it does otherwise; SIGTERM drains, and the container's status is the program's."""
    with scratch_directory() as directory, Container(program, directory, "--shutdown-lifetime", "0.2",
                                                     **OPEN) as proxy:
        expect(status_fields(proxy.init)["NSpid"].split()[-1], "1", "the parent's number")
        expect(proxy.written_pid() != 1, True, "the number in the file is the program's")
        for number, line in ((signal.SIGHUP, "configuration reloaded"), (signal.SIGUSR2, "0 open tunnel")):
            mark = len(proxy.lines)
            os.kill(proxy.init, number)
            proxy.await_line(line, mark)
        with open_tunnel(proxy):
            os.kill(proxy.init, signal.SIGTERM)
            proxy.await_line(r"waiting up to 0\.2 s for 1 open tunnel")
            expect(proxy.wait(), 0, "the exit status")
        expect(os.path.exists(proxy.pid_file), False, "a pid file in the end")


def death_by_signal(program):
    with scratch_directory() as directory, Container(program, directory) as proxy:
        os.kill(proxy.main, signal.SIGKILL)
        expect(proxy.wait(), 128 + signal.SIGKILL, "the exit status")


def failed_start(program):
    with scratch_directory() as directory:
        with Proxy(program, os.path.join(directory, "nowhere"), before=own_processes(),
                   user="root") as proxy:
            expect(proxy.wait(), 1, "the exit status")
            proxy.await_line("it cannot be written")


def orphans(program):
    """Whoever loses his parent in there becomes the init's child, and is reaped when he ends."""
    with scratch_directory() as directory, Container(program, directory) as proxy:
        into = [find_program("nsenter"), *([] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]),
                "--target", str(proxy.init), "--pid", "sh", "-c", f"sleep {PATIENCE * 2} >/dev/null 2>&1 &"]
        subprocess.run(into, check=True, timeout=PATIENCE)
        (orphan,) = eventually(lambda: set(children(proxy.init)) - {proxy.main}, "an orphan")
        os.kill(orphan, signal.SIGTERM)
        eventually(lambda: not os.path.exists(f"/proc/{orphan}"), "an orphan that is reaped")
        os.kill(proxy.init, signal.SIGINT)
        expect(proxy.wait(), 0, "the exit status")


def containers(tests, program):
    tests.run("process 1 passes signals on, and ends as its program does", signals_are_passed_on, program)
    tests.run("process 1 tells of which signal its program died", death_by_signal, program)
    tests.run("process 1 tells that its program did not start", failed_start, program)
    tests.run("process 1 reaps orphans", orphans, program)


# ---- started by root ------------------------------------------------------------------------------------------------


def need_root():
    permitted("root's rights", "sh", "-c", '[ "$(id -u)" = 0 ] || { echo not root >&2; exit 1; }')


def expect_user(proxy, user, group, groups):
    fields = status_fields(proxy.process.pid)
    expect(fields["Uid"].split(), [str(user)] * 4, "the users")
    expect(fields["Gid"].split(), [str(group)] * 4, "the groups")
    expect(set(fields["Groups"].split()), {str(each) for each in groups}, "the other groups")


def becomes_its_user(program, has_cap):
    """For good, in the groups of that user, and with no other right than to listen on low ports."""
    need_root()
    user = pwd.getpwnam("proxy")
    with scratch_directory() as directory:
        os.chown(directory, user.pw_uid, user.pw_gid)
        log = os.path.join(directory, "access.log")
        with Proxy(program, directory, "--workers", "2", user="proxy", log=log) as proxy:
            proxy.await_listening()
            expect_user(proxy, user.pw_uid, user.pw_gid, os.getgrouplist("proxy", user.pw_gid))
            fields = status_fields(proxy.process.pid)
            for name, wanted in (("CapInh", 0), ("CapPrm", NET_BIND_SERVICE * has_cap),
                                 ("CapEff", NET_BIND_SERVICE * has_cap), ("CapAmb", 0)):
                expect(int(fields[name], 16), wanted, name)
            expect((os.stat(log).st_uid, os.stat(log).st_gid), (user.pw_uid, user.pw_gid), "whose the log is")
            os.rename(log, log + ".aside")
            expect(proxy.control("rotate").returncode, 0, "-k rotate")
            eventually(lambda: os.path.exists(log), "a log by the old name")
            expect(proxy.stop(), 0, "the exit status")
        expect(os.path.exists(proxy.pid_file), False, "a pid file in the end")


def log_daemon(program):
    """It is started before root's rights are gone, and has no way back to them."""
    need_root()
    user = pwd.getpwnam("proxy")
    with scratch_directory() as directory:
        os.chmod(directory, 0o755)
        daemon = write_file(os.path.join(directory, "daemon"), "#!/bin/sh\nexec cat\n")
        os.chmod(daemon, 0o755)
        with Proxy(program, directory, user="proxy", log="daemon:nowhere",
                   lines=[f"logfile_daemon {daemon}"]).await_listening() as proxy:
            (child,) = children(proxy.process.pid)
            fields = eventually(lambda: (found := status_fields(child)).get("Name") == "cat" and found, "the daemon")
            expect(fields["Uid"].split(), [str(user.pw_uid)] * 4, "the users")
            expect(fields["Gid"].split(), [str(user.pw_gid)] * 4, "the groups")
            expect(int(fields["CapPrm"], 16), 0, "its rights")
            expect(proxy.stop(), 0, "the exit status")


def group_alone(program):
    """A group that is wished is the only one; it may be a number."""
    need_root()
    user, group = pwd.getpwnam("proxy"), grp.getgrnam("daemon")
    for written in (group.gr_name, str(group.gr_gid)):
        with scratch_directory() as directory:
            with Proxy(program, directory, user="proxy",
                       lines=[f"cache_effective_group {written}"]).await_listening() as proxy:
                expect_user(proxy, user.pw_uid, group.gr_gid, [group.gr_gid])
                expect(proxy.stop(), 0, "the exit status")


def unremovable_pid_file(program):
    """In a directory of root's the file stays, and names nobody any more."""
    need_root()
    with scratch_directory() as directory, Proxy(program, directory, user="proxy").await_listening() as proxy:
        expect(proxy.stop(), 0, "the exit status")
        expect(read_file(proxy.pid_file), "", "what is left in the file")
        expect(proxy.control("check").returncode, 1, "-k check")


def low_port(program):
    """Port 80 is opened before root's rights are gone."""
    need_root()
    network = [find_program("unshare"), "--net"]
    permitted("a network of its own", *network, "true")
    with scratch_directory() as directory, Proxy(program, directory, before=network, user="proxy",
                                                 listen="0.0.0.0:80") as proxy:
        expect(proxy.await_listening().port, 80, "the port")
        expect_user(proxy, pwd.getpwnam("proxy").pw_uid, pwd.getpwnam("proxy").pw_gid,
                    os.getgrouplist("proxy", pwd.getpwnam("proxy").pw_gid))
        expect(proxy.stop(), 0, "the exit status")


def unknown_names(program):
    need_root()
    for user, lines, complaint in (
            ("nobody-has-this", [], "cache_effective_user nobody-has-this: there is no such"),
            ("proxy", ["cache_effective_group nor-this"], "cache_effective_group nor-this: there is no such")):
        with scratch_directory() as directory, Proxy(program, directory, user=user, lines=lines) as proxy:
            proxy.await_line(re.escape(complaint))
            expect(proxy.wait(), 1, "the exit status")
            expect(os.path.exists(proxy.pid_file), False, "a pid file")


def not_started_by_root(program):
    """Whoever has no such rights stays who he is, and is told."""
    before = [find_program("setpriv"), "--reuid", "daemon", "--regid", "daemon", "--clear-groups"] \
        if os.geteuid() == 0 else []
    with scratch_directory() as directory:
        os.chmod(directory, 0o777)
        with Proxy(program, directory, before=before, user="proxy").await_listening() as proxy:
            proxy.await_line("cache_effective_user proxy: only root can become another user")
            expect(proxy.stop(), 0, "the exit status")
        expect(os.path.exists(proxy.pid_file), False, "a pid file in the end")


def started_by_root(tests, program, has_cap):
    tests.run("root becomes cache_effective_user", becomes_its_user, program, has_cap)
    tests.run("root becomes cache_effective_group alone", group_alone, program)
    tests.run("the daemon of a log has no way back to root", log_daemon, program)
    tests.run("a pid file that may not be removed any more is emptied", unremovable_pid_file, program)
    tests.run("a low port is opened first", low_port, program)
    tests.run("users and groups that are not there", unknown_names, program)
    tests.run("another user than root stays who he is", not_started_by_root, program)


def main(program, *more):
    tests = Tests()
    containers(tests, program)
    started_by_root(tests, program, "cap" in more)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

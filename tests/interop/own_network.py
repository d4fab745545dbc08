"""A network of a test's own: namespaces that end with its process, so that nothing of them is ever left behind.

`enter(...)` at the start of a program moves all of it there: loopback is up, and there is one interface, `wire`, which
leads to a station that takes every packet and answers none. Names are what the files say that the test gives.
"""

import contextlib
import ctypes
import os
import subprocess
import threading

from harness import Skip, find_program

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_REC, MS_PRIVATE, MS_BIND = 0x4000, 0x40000, 0x1000

WITHOUT = "VIADUCT_TESTS_WITHOUT_NAMESPACES"

_libc = ctypes.CDLL(None, use_errno=True)


class NotPermitted(Exception):
    """The machine lets nobody have a network of his own."""


def enter(directory, files):
    """Moves this process into new namespaces.

    files: a text for each path that is to be another file in there, such as /etc/hosts; they are kept in `directory`.
    Fails where that is not permitted, unless the environment says that one knows: then it is a `Skip`.
    """
    try:
        _unshare()
        _lay_over(directory, files)
        _make_wire()
    except (OSError, NotPermitted) as why:
        if os.environ.get(WITHOUT):
            raise Skip(f"no network namespaces, as {WITHOUT} says: {why}") from None
        raise NotPermitted(f"{why}: this test needs root, or user namespaces, for a network of its own; "
                           f"{WITHOUT}=1 leaves it out") from None


def _checked(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _unshare():
    user, group = os.geteuid(), os.getegid()
    flags = CLONE_NEWNS | CLONE_NEWNET | (0 if user == 0 else CLONE_NEWUSER)
    _checked(_libc.unshare(flags), "unshare")
    if user != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    _checked(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount / as private")


def with_own_mounts(script, *arguments):
    """The beginning of a command that runs where nobody else sees what it mounts: a shell does what `script` says of
    its `arguments`, and becomes the program that follows. Fails, or is a `Skip`, as `enter` does."""
    unshare = [find_program("unshare"), "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    permitted = subprocess.run([*unshare, "true"], capture_output=True, text=True, check=False)
    if permitted.returncode != 0 and os.environ.get(WITHOUT):
        raise Skip(f"no mount namespaces, as {WITHOUT} says: {permitted.stderr.strip()}")
    if permitted.returncode != 0:
        raise NotPermitted(f"{permitted.stderr.strip()}: this test needs root, or user namespaces, for mounts of its "
                           f"own; {WITHOUT}=1 leaves it out")
    return [*unshare, "sh", "-ec", f'{script}\nshift {len(arguments)}\nexec "$@"', "sh", *arguments]


def _lay_over(directory, files):
    for path, text in files.items():
        own = os.path.join(directory, path.strip("/").replace("/", "-"))
        with open(own, "w", encoding="ascii") as file:
            file.write(text)
        _checked(_libc.mount(own.encode(), os.path.realpath(path).encode(), None, MS_BIND, None), f"mount {path}")


def lay_directory(directory, path):
    """A new and empty directory, kept in `directory`, is `path` in there."""
    own = os.path.join(directory, path.strip("/").replace("/", "-"))
    os.mkdir(own)
    _checked(_libc.mount(own.encode(), path.encode(), None, MS_BIND | MS_REC, None), f"mount {path}")


def own_devices(directory):
    """A /dev with the devices that programs open, and with room for more."""
    own = os.path.join(directory, "dev")
    os.mkdir(own)
    os.symlink("/proc/self/fd", os.path.join(own, "fd"))
    for name in ("null", "zero", "full", "random", "urandom"):
        node = os.path.join(own, name)
        with open(node, "w", encoding="ascii"):
            pass
        _checked(_libc.mount(f"/dev/{name}".encode(), node.encode(), None, MS_BIND, None), f"mount {node}")
    _checked(_libc.mount(own.encode(), b"/dev", None, MS_BIND | MS_REC, None), "mount /dev")


def ip(*words):
    """Runs the program `ip`; what it says against it is the error."""
    try:
        program = find_program("ip")
    except Skip as why:
        raise NotPermitted(f"{why} (package iproute2)") from None
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotPermitted(f"ip {' '.join(words)}: {done.stderr.strip()}")


def _make_wire():
    """A pair of interfaces. The far one has no address, and every neighbour of the near one is known by an address of
    the link that nobody has: what is sent is taken off the wire and dropped, and there is nothing to be told."""
    ip("link", "set", "lo", "up")
    ip("link", "add", "wire", "type", "veth", "peer", "name", "far")
    for name in ("wire", "far"):
        ip("link", "set", name, "arp", "off")
        with contextlib.suppress(OSError), open(f"/proc/sys/net/ipv6/conf/{name}/accept_dad", "w",
                                                encoding="ascii") as file:
            file.write("0")
        ip("link", "set", name, "up")
    ip("address", "add", "192.0.2.1/24", "dev", "wire")
    ip("-6", "address", "add", "2001:db8::1/64", "dev", "wire", "nodad")
    for station in ("192.0.2.99", "2001:db8::99"):
        ip("neighbour", "replace", station, "lladdr", "02:00:00:00:00:99", "dev", "wire", "nud", "permanent")


# Where packets to a block of addresses go.
def black_hole(block):
    """They are sent, and nobody hears of them again."""
    family, station = ("-6", "2001:db8::99") if ":" in block else ("-4", "192.0.2.99")
    ip(family, "route", "replace", block, "via", station, "dev", "wire")


def prohibit(block):
    """The system itself says at once that it may not be."""
    ip("-6" if ":" in block else "-4", "route", "replace", "prohibit", block)


def here(address):
    """They reach this machine."""
    ip("-6" if ":" in address else "-4", "address", "replace", address, "dev", "lo",
       *(["nodad"] if ":" in address else []))


class Place:
    """A network namespace that ends when nobody is in it and this process has ended.

    Within `with`, whatever this thread opens is of that place, and so is every program that it starts. Threads may be
    in it, and in others, at the same time.
    """

    def __init__(self):
        before = _network_of_this_thread()
        try:
            _checked(_libc.unshare(CLONE_NEWNET), "unshare")
            self._own = _network_of_this_thread()
            ip("link", "set", "lo", "up")
        finally:
            _move_to(before)
            os.close(before)
        self._before = threading.local()

    @property
    def path(self):
        """Names it to programs, as long as this process lives."""
        return f"/proc/{os.getpid()}/fd/{self._own}"

    def __enter__(self):
        if not hasattr(self._before, "stack"):
            self._before.stack = []
        self._before.stack.append(_network_of_this_thread())
        _move_to(self._own)
        return self

    def __exit__(self, *_):
        before = self._before.stack.pop()
        _move_to(before)
        os.close(before)


def _network_of_this_thread():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY)


def _move_to(descriptor):
    _checked(_libc.setns(descriptor, CLONE_NEWNET), "setns")

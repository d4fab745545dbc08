"""SIGHUP while many clients come: the configuration changes as a whole, and nobody loses a connection.

usage: reload_under_load.py VIADUCT_PROXY
"""

import collections
import contextlib
import itertools
import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time

from harness import (LOOPBACK, LOOPBACK_ALLOWED, PATIENCE, Certificates, TcpOrigin, Tests, ViaductProxy, Wire, echo,
                     expect, expect_match, scratch_directory, status_of, write_file)

RELOADS = 50
HELPER = "#!/bin/sh\nwhile read -r line; do echo OK; done\n"
CREDENTIALS = {  # user and password as Basic writes them, the password being the name
    "ann": "YW5uOmFubg==", "bob": "Ym9iOmJvYg==", "carol": "Y2Fyb2w6Y2Fyb2w="}


class Files:
    """A configuration in files, in two states: ann and the second origin belong to the first, bob to the other."""

    def __init__(self, directory, origin, second):
        self._directory, self._origin, self._second = directory, origin, second
        self.users, self.places = self._path("users"), self._path("places")
        self.certificate, self.key = self._path("proxy.pem"), self._path("proxy.key")
        self.helper = write_file(self._path("helper"), HELPER, 0o755)
        self._hashes = {name: self._hash(name) for name in CREDENTIALS}
        self._pairs = [self._certificates(name) for name in ("one", "other")]
        # Of both states, so that one that is read between two files is known as well.
        self.trust = write_file(self._path("trust.pem"), "".join(open(each.ca, encoding="ascii").read()
                                                                 for each in self._pairs))
        self.change(0)

    def change(self, state):
        """Each file is there as a whole at any time."""
        names = ("carol", "bob" if state else "ann")
        self._replace(self.users, "".join(f"{name}:{self._hashes[name]}\n" for name in names))
        self._replace(self.places, f"{self._origin}\n" + ("" if state else f"{self._second}\n"))
        pair = self._pairs[state]
        shutil.copyfile(pair.key, self.key)
        shutil.copyfile(pair.certificate, self.certificate)

    def spoil(self):
        self._replace(self.users, "no colon\n")

    def _path(self, name):
        return os.path.join(self._directory, name)

    @staticmethod
    def _replace(path, text):
        os.replace(write_file(f"{path}.new", text), path)

    @staticmethod
    def _hash(password):
        return subprocess.run(["openssl", "passwd", "-apr1", password], check=True, capture_output=True,
                              text=True).stdout.strip()

    def _certificates(self, name):
        os.mkdir(self._path(name))
        return Certificates(self._path(name))


class Scene:
    def __init__(self, program, directory, origin, second):
        self.origin, self.second = origin.port, second.port
        self.files = Files(directory, origin.port, second.port)
        self.trust = ssl.create_default_context(cafile=self.files.trust)
        self.proxy = ViaductProxy(
            program, "--https-port", f"{LOOPBACK}:0", "--tls-cert", self.files.certificate, "--tls-key",
            self.files.key, "--workers", "2", "--auth-basic-file", self.files.users, "--auth-failure-delay", "0",
            "--max-tunnels", "1000", "--external-acl", f"any ttl=0 children-max=1 %SRC {self.files.helper}",
            "--acl", "known proxy_auth REQUIRED", "--acl", f'places port "{self.files.places}"', "--acl",
            "fine external any", "--http-access", "allow known places fine", "--http-access", "deny all",
            *LOOPBACK_ALLOWED)
        ports = [int(line.rsplit(":", 1)[1]) for line in self.proxy.lines if "listening on" in line]
        while len(ports) < 2:
            self.proxy.await_line(f"listening on .*:(?!{ports[0]}$)")
            ports = [int(line.rsplit(":", 1)[1]) for line in self.proxy.lines if "listening on" in line]
        self.tls_port = ports[1]
        self.asked = itertools.count()

    def connect(self, user, port, is_tls=False):
        """The connection behind a CONNECT, and the status."""
        wire = Wire(self.tls_port if is_tls else self.proxy.port)
        if is_tls:
            wire.socket = self.trust.wrap_socket(wire.socket, server_hostname="localhost")
        next(self.asked)
        wire.send(f"CONNECT {LOOPBACK}:{port} HTTP/1.1\r\nHost: {LOOPBACK}\r\n"
                  f"Proxy-Authorization: Basic {CREDENTIALS[user]}\r\n\r\n".encode())
        return wire, status_of(wire.read_head())

    def ask(self, user, port, is_tls=False):
        wire, status = self.connect(user, port, is_tls)
        with wire:
            if status == 200:
                there_and_back(wire, b"through")
        return status

    def reload(self, told="^viaduct-proxy: configuration reloaded$"):
        mark = self.proxy.mark()
        self.proxy.process.send_signal(signal.SIGHUP)
        self.proxy.await_line(told, since=mark)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.proxy.process.pid}/fd"))

    def helpers(self):
        tasks = f"/proc/{self.proxy.process.pid}/task"
        return sum(len(open(f"{tasks}/{task}/children", encoding="ascii").read().split())
                   for task in os.listdir(tasks))


def there_and_back(wire, text):
    wire.send(text)
    expect(wire.read_exactly(len(text)), text, "what comes back")


def eventually(check, what):
    """Whether it comes true while requests come, with whose ends the proxy tidies up."""
    give_up = time.monotonic() + PATIENCE
    while not check():
        if time.monotonic() > give_up:
            raise AssertionError(what())


class Crowd:
    """Clients that come one after the other, each kind in a thread of its own, until they are told to stop."""

    KINDS = {  # what the first state says of them, what the other one says
        "carol": ("carol", "origin", False, (200, 200)), "carol over TLS": ("carol", "origin", True, (200, 200)),
        "ann": ("ann", "origin", False, (200, 407)), "bob over TLS": ("bob", "origin", True, (407, 200)),
        "the second origin": ("carol", "second", False, (200, 403))}

    def __init__(self, scene):
        self._scene, self._is_over = scene, threading.Event()
        self.statuses = {kind: collections.Counter() for kind in self.KINDS}
        self._threads = [threading.Thread(target=self._come, args=(kind,), daemon=True) for kind in self.KINDS]

    def _come(self, kind):
        user, origin, is_tls, _ = self.KINDS[kind]
        while not self._is_over.is_set():
            try:
                self.statuses[kind][self._scene.ask(user, getattr(self._scene, origin), is_tls)] += 1
            except (OSError, AssertionError) as why:
                self.statuses[kind][f"{type(why).__name__}: {why}"] += 1

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def check(self):
        for kind, (_, _, _, right) in self.KINDS.items():
            expect(set(self.statuses[kind]), set(right), f"what came of {kind}")


def as_in(scene, state):
    """Nothing of the other state is left."""
    for kind, (user, origin, is_tls, right) in Crowd.KINDS.items():
        expect(scene.ask(user, getattr(scene, origin), is_tls), right[state], f"the status of {kind}")


def fifty_reloads(scene):
    as_in(scene, 0)
    scene.files.change(1)
    scene.reload()
    as_in(scene, 1)
    descriptors = scene.descriptors()
    wires = [scene.connect("carol", scene.origin, is_tls)[0] for is_tls in (False, True)]
    with contextlib.ExitStack() as stack:
        for wire in wires:
            stack.enter_context(wire)
        with Crowd(scene) as crowd:
            for turn in range(RELOADS):
                seen = sum(sum(each.values()) for each in crowd.statuses.values())
                scene.files.change(turn % 2)
                scene.reload()
                for wire in wires:
                    there_and_back(wire, b"turn %d" % turn)
                eventually(lambda: sum(sum(each.values()) for each in crowd.statuses.values()) > seen + 5,
                           lambda: f"nobody comes any more: {crowd.statuses}")
        crowd.check()
    as_in(scene, 1)
    eventually(lambda: scene.ask("carol", scene.origin) and scene.helpers() == 1,
               lambda: f"there are {scene.helpers()} helper processes")
    eventually(lambda: scene.ask("carol", scene.origin) and scene.descriptors() <= descriptors,
               lambda: f"there are {scene.descriptors()} descriptors, and were {descriptors}")


def spoiled(scene):
    """A mistake in one file: the others are not looked at either."""
    scene.files.change(0)
    scene.files.spoil()
    scene.reload("^viaduct-proxy: configuration not reloaded: everything stays as it was$")
    expect_match("users:1: no colon", "\n".join(scene.proxy.lines), "what the proxy says")
    as_in(scene, 1)


def every_record(scene):
    """However often the logs were opened anew, each request has its line."""
    expect(scene.proxy.stop(), 0, "the exit status of the proxy")
    expect(sum(" CONNECT " in line for line in scene.proxy.lines), next(scene.asked), "lines in the log")


def main(program):
    tests = Tests()
    with scratch_directory() as directory, TcpOrigin(echo) as origin, TcpOrigin(echo) as second:
        scene = Scene(program, directory, origin, second)
        with scene.proxy:
            for test in (fifty_reloads, spoiled, every_record):
                tests.run(test.__name__.replace("_", " "), test, scene)
    tests.done()


main(*sys.argv[1:])

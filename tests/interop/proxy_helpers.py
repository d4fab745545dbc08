"""Who asks viaduct-proxy: real clients with every scheme, judged by Squid's own helper programs and by password files.

usage: proxy_helpers.py VIADUCT_PROXY VIADUCT_CURL [no-gssapi]
  no-gssapi: viaduct-curl has no Negotiate
"""

import concurrent.futures
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

from beside_curl import IDENTITY, PASSWORD, USER, WRONG_IDENTITY, WRONG_PASSWORD
from curl_through_proxies import only, password_file
from harness import (LOOPBACK_ALLOWED, Certificates, Tests, TlsOrigin, ViaductProxy, expect, expect_match,
                     scratch_directory, write_file)
from kerberos_realm import REALM as KERBEROS_REALM
from kerberos_realm import KerberosRealm
from proxy_authentication import REALM, digest_file
from through_proxy import REFUSED, Way, log_line, named, run_group

HELPERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "helper_programs.py")

# All of the same password, as htpasswd of Apache 2.4 and crypt(3) write them.
HASHED = {
    "bcrypt": "$2y$05$oXfxQATB/m1BwSmmXYTtj.523R0VSprbCqdFdrRw3HlfWBx67m74G",
    "apr1": "$apr1$7P7oTGw7$OME/254BHptJe6/ynu9MF1",
    "sha1": "{SHA}piGucRdTwGb7+i3S1svNik60+fw=",
    "sha512": "$6$abcdefgh$nMtyG40GAPN2YsxLY1c4KoWs62vTlTeTI8K53ewlaSdTLb6X3v01TjqutTIx2QcVQ1hCf5JnrGYIlCwHTsj8U0",
}

BASIC, DIGEST = "--proxy-basic", "--proxy-digest"


class Scene:
    """The program, and what it is started with in every test."""

    def __init__(self, program, way, directory, has_negotiate):
        self.program, self.way, self.directory, self.has_negotiate = program, way, directory, has_negotiate
        self.digest_users = digest_file(directory)
        self.basic_users = password_file(directory)

    @contextlib.contextmanager
    def proxy(self, *options, environment=None, delay="0"):
        """A proxy that lets in whoever is known, and whose refusals take `delay` seconds. It has to end in order."""
        with ViaductProxy(self.program, "--allow-port", str(self.way.origin.port), *LOOPBACK_ALLOWED, "--auth-realm",
                          REALM, "--auth-failure-delay", delay, *options, environment=environment) as proxy:
            yield proxy
            expect(proxy.stop(), 0, "the exit status of the proxy")

    def file(self, name, text, mode=0o644):
        return write_file(os.path.join(self.directory, name), text, mode)


def squid_helper(name):
    return only(f"/usr/lib*/squid/{name}", "squid")


def own_helper(kind):
    return f"{sys.executable} {HELPERS} {kind}"


def is_let_in(scene, proxy, visit, user=USER):
    """The page has come, and the log says who got it. `visit` is told the proxy, and makes the request."""
    mark = proxy.mark()
    visit().arrives()
    proxy.await_line(log_line(scene.way.target, user=user), since=mark)


def is_turned_away(scene, proxy, visit, status=407):
    mark = proxy.mark()
    visit().is_refused(status)
    proxy.await_line(log_line(scene.way.target, status, way=REFUSED), since=mark)
    expect([line for line in proxy.lines[mark:] if "/200 " in line], [], "tunnels in the log")


def check_clients(tests, scene, name, proxy, scheme, clients, user=USER):
    """Each client is let in with the right password, asked again after a wrong one, and for someone unknown."""
    identities = ((f"{user}:{PASSWORD}", True, "the right password"),
                  (f"{user}:{WRONG_PASSWORD}", False, "a wrong password"),
                  (f"mallory:{PASSWORD}", False, "somebody unknown"))
    for client, visit in clients:
        for identity, is_right, what in identities:
            def ask(visit=visit, identity=identity):
                return visit(proxy.url, scheme, "-U", identity)

            check = (is_let_in, scene, proxy, ask, user) if is_right else (is_turned_away, scene, proxy, ask)
            tests.run(f"{name}: {client}, {what}", *check)


def both_curls(scene):
    return ("curl", scene.way.curl), ("viaduct-curl", scene.way.viaduct)


def no_credentials(scene, proxy, *schemes):
    """The 407 offers all schemes, in the order in which they were asked for."""
    heads = scene.way.curl(proxy.url).is_refused(407).heads
    offered = [line.split()[1] for line in heads.splitlines() if line.lower().startswith("proxy-authenticate:")]
    expect(offered, list(schemes), "the schemes offered")


def check_requests(tests, scene, name, proxy, user=USER):
    for what, password, check, more in (("the right password", PASSWORD, is_let_in, (user,)),
                                        ("a wrong password", WRONG_PASSWORD, is_turned_away, ())):
        def ask(password=password):
            return scene.way.requests(named(proxy.url, user, password))

        tests.run(f"{name}: python3-requests, {what}", check, scene, proxy, ask, *more)


# ---- Squid's helpers ------------------------------------------------------------------------------------------------


def basic_by_helper(tests, scene):
    name = "basic_ncsa_auth"
    with scene.proxy("--auth-program", f"basic {squid_helper(name)} {scene.basic_users}") as proxy:
        tests.run(f"{name}: no credentials", no_credentials, scene, proxy, "Basic")
        check_clients(tests, scene, name, proxy, BASIC, both_curls(scene))
        check_requests(tests, scene, name, proxy)


def digest_by_helper(tests, scene):
    name = "digest_file_auth"
    for how, children in (("", "2"), (" with channels", "1 concurrency=8")):
        with scene.proxy("--auth-program", f"digest {squid_helper(name)} -c {scene.digest_users}",
                         "--auth-children", children) as proxy:
            tests.run(f"{name}{how}: no credentials", no_credentials, scene, proxy, "Digest")
            check_clients(tests, scene, name + how, proxy, DIGEST, both_curls(scene))


def negotiate_by_helper(tests, scene, realm):
    name = "negotiate_kerberos_auth"
    program = f"negotiate {squid_helper(name)} -s GSS_C_NO_NAME"
    for how, more in (("", ()), (", on one connection", ("--keep-alive-for-407",))):
        with scene.proxy("--auth-program", program, *more, environment=realm.service_environment) as proxy:
            url = proxy.url.replace("127.0.0.1", "localhost")  # which the ticket is for
            tests.run(f"{name}{how}: no credentials", no_credentials, scene, proxy, "Negotiate")
            for client, visit in both_curls(scene)[:2 if scene.has_negotiate else 1]:
                def ask(environment, visit=visit, url=url):
                    return visit(url, "--proxy-negotiate", "-U", ":", environment=environment)

                tests.run(f"{name}{how}: {client}, a ticket", is_let_in, scene, proxy,
                          lambda ask=ask: ask(realm.environment), rf"{USER}@{KERBEROS_REALM}")
                tests.run(f"{name}{how}: {client}, no ticket", is_turned_away, scene, proxy,
                          lambda ask=ask: ask(realm.without_ticket))


def ntlm_by_helper(tests, scene):
    """ntlm_fake_auth believes everybody, once all legs of the conversation have come over one connection."""
    name = "ntlm_fake_auth"
    with scene.proxy("--auth-program", f"ntlm {squid_helper(name)}", "--keep-alive-for-407") as proxy:
        tests.run(f"{name}: no credentials", no_credentials, scene, proxy, "NTLM")
        tests.run(f"{name}: curl", is_let_in, scene, proxy,
                  lambda: scene.way.curl(proxy.url, "--proxy-ntlm", "-U", f"VIADUCT\\{IDENTITY}"), rf"\S*{USER}\S*")


# ---- password files -------------------------------------------------------------------------------------------------


def basic_by_file(tests, scene):
    users = scene.file("hashed", "".join(f"{kind}:{value}\n" for kind, value in HASHED.items()))
    with scene.proxy("--auth-basic-file", users) as proxy:
        tests.run("htpasswd: no credentials", no_credentials, scene, proxy, "Basic")
        for kind in HASHED:
            check_clients(tests, scene, f"htpasswd, {kind}", proxy, BASIC, both_curls(scene)[:1], user=kind)
        check_clients(tests, scene, "htpasswd", proxy, BASIC, both_curls(scene)[1:], user="bcrypt")
        check_requests(tests, scene, "htpasswd", proxy, user="sha1")


def digest_by_file(tests, scene):
    with scene.proxy("--auth-digest-file", scene.digest_users) as proxy:
        check_clients(tests, scene, "htdigest", proxy, DIGEST, both_curls(scene))


def changed_passwords(scene):
    """After SIGHUP the new password is good, and the old one is not, however lately it was."""
    def users(password):
        digest = subprocess.run(["openssl", "passwd", "-apr1", password], check=True, capture_output=True, text=True)
        return scene.file("changing", f"{USER}:{digest.stdout}")

    with scene.proxy("--auth-basic-file", users(PASSWORD)) as proxy:
        is_let_in(scene, proxy, lambda: scene.way.curl(proxy.url, "-U", IDENTITY))
        users(WRONG_PASSWORD)
        mark = proxy.mark()
        proxy.process.send_signal(signal.SIGHUP)
        proxy.await_line("^viaduct-proxy: configuration reloaded$", since=mark)
        is_turned_away(scene, proxy, lambda: scene.way.curl(proxy.url, "-U", IDENTITY))
        is_let_in(scene, proxy, lambda: scene.way.curl(proxy.url, "-U", WRONG_IDENTITY))


def held_back(scene):
    """Guessing takes time; the right password takes none."""
    with scene.proxy("--auth-basic-file", scene.basic_users, delay="1.5") as proxy:
        took = []
        for identity in (IDENTITY, WRONG_IDENTITY):
            begun = time.monotonic()
            status = scene.way.curl(proxy.url, "-U", identity).status
            took.append(time.monotonic() - begun)
            expect(status, 200 if identity == IDENTITY else 407, "the status")
        expect(took[0] < 1.5 <= took[1], True, f"that {took} are seconds without and with the delay")


def known_but_not_permitted(scene):
    """Without rules of one's own users may go to the permitted ports, and nobody is asked for a password elsewhere."""
    with scene.proxy("--auth-basic-file", scene.basic_users) as proxy:
        for options in (("-U", IDENTITY), ()):
            scene.way.curl(proxy.url, *options, url="https://localhost:444/").is_refused(403)


# ---- several schemes ------------------------------------------------------------------------------------------------


def chosen_by_curl(scene, proxy, chosen, environment=None, user=USER):
    """curl takes the strongest of the schemes that are offered and that it has credentials for."""
    shown = []

    def ask():
        visit = scene.way.curl(proxy.url.replace("127.0.0.1", "localhost"), "-v", "--proxy-anyauth", "-U", IDENTITY,
                               environment=environment)
        shown.append(visit.said)
        return visit

    is_let_in(scene, proxy, ask, user)
    expect_match(rf"(?m)^> Proxy-Authorization: {chosen} ", shown[0], "what curl shows")


def several_schemes(tests, scene, realm):
    files = ("--auth-digest-file", scene.digest_users, "--auth-basic-file", scene.basic_users)
    with scene.proxy(*files) as proxy:
        tests.run("Digest and Basic: curl takes Digest", chosen_by_curl, scene, proxy, "Digest")
        check_clients(tests, scene, "Digest and Basic", proxy, BASIC, both_curls(scene)[:1])
        check_clients(tests, scene, "Digest and Basic", proxy, "--proxy-anyauth", both_curls(scene)[1:])
    negotiate = f"negotiate {squid_helper('negotiate_kerberos_auth')} -s GSS_C_NO_NAME"
    with scene.proxy("--auth-program", negotiate, *files, environment=realm.service_environment) as proxy:
        tests.run("Negotiate, Digest and Basic: curl takes Negotiate", chosen_by_curl, scene, proxy, "Negotiate",
                  realm.environment, f"{USER}@{KERBEROS_REALM}")


# ---- helpers with a will of their own -------------------------------------------------------------------------------


def answers_in_any_order(scene):
    """Two clients wait at one process; each gets the answer that is meant for it."""
    program = f"basic {own_helper('backwards')}"
    with scene.proxy("--auth-program", program, "--auth-children", "1 startup=1 concurrency=4") as proxy:
        wrong = []
        other = threading.Thread(target=lambda: wrong.append(scene.way.curl(proxy.url, "-U", "mallory:guessed")))
        other.start()
        right = scene.way.curl(proxy.url, "-U", IDENTITY)
        other.join()
        right.arrives()
        wrong[0].is_refused(407)
        proxy.await_line(log_line(scene.way.target, user=f"{USER}-by-channel"))


def dead_helper(scene):
    """A helper that is killed is replaced, and nobody notices but who looks at the process."""
    program = f"basic {own_helper('mortal')}"
    with scene.proxy("--auth-program", program, "--auth-children", "1 startup=1", "--auth-ttl", "0") as proxy:
        processes = []
        for _ in range(3):
            mark = proxy.mark()
            scene.way.curl(proxy.url, "-U", IDENTITY).arrives()
            user = proxy.await_line(log_line(scene.way.target, user=r"process-(\d+)"), since=mark)
            processes.append(int(user[1]))
            os.kill(processes[-1], signal.SIGKILL)
        expect(len(set(processes)), 3, "the processes that have answered")


def silent_helper(scene):
    """Who is waiting for a silent helper gets a 500 when the time is over; everybody else is served meanwhile."""
    program = f"basic {own_helper('silent')}"
    with scene.proxy("--auth-program", program, "--auth-children", "2 startup=2", "--auth-ttl", "0") as proxy:
        visits = []
        patient = threading.Thread(target=lambda: visits.append(scene.way.curl(proxy.url, "-U", "hang:x")))
        patient.start()
        served = 0
        while patient.is_alive():
            is_let_in(scene, proxy, lambda: scene.way.curl(proxy.url, "-U", IDENTITY))
            served += 1
            patient.join(0.5)
        expect(served > 3, True, f"that others are served, who were {served},")
        visits[0].is_refused(500)
        proxy.await_line(log_line(scene.way.target, 500, way=REFUSED))


def helper_that_ends(scene):
    """Nobody is let in unseen, and nobody is told that a password is wrong."""
    with scene.proxy("--auth-program", "basic /bin/false") as proxy:
        is_turned_away(scene, proxy, lambda: scene.way.curl(proxy.url, "-U", IDENTITY), status=500)


# ---- external ACLs --------------------------------------------------------------------------------------------------


def external_hosts(scene):
    """The helper sees the client, the target and the ACL's arguments; its user is the log's."""
    rules = ("--external-acl", f"hosts ttl=0 children-max=1 %SRC %DST {own_helper('hosts')}",
             "--acl", "may external hosts example.com localhost", "--http-access", "allow may",
             "--http-access", "deny all")
    with scene.proxy(*rules) as proxy:
        is_let_in(scene, proxy, lambda: scene.way.curl(proxy.url), r"from-127\.0\.0\.1")
        mark = proxy.mark()
        scene.way.curl(proxy.url, url=f"https://127.0.0.1:{scene.way.origin.port}/").is_refused(403)
        proxy.await_line(log_line(f"127.0.0.1:{scene.way.origin.port}", 403, way=REFUSED), since=mark)


def squid_user_and_address(scene):
    """ext_file_userip_acl wants the right user at the right address."""
    users = scene.file("two", "".join(f"{name}:{HASHED['apr1']}\n" for name in ("alice", "bob")))
    places = scene.file("places", "127.0.0.1 alice\n127.0.0.2 bob\n")
    helper = squid_helper("ext_file_userip_acl")
    rules = ("--auth-basic-file", users, "--external-acl", f"places %SRC %LOGIN {helper} -f {places}",
             "--acl", "home external places", "--http-access", "allow home", "--http-access", "deny all")
    with scene.proxy(*rules) as proxy:
        for user, address, is_right in (("alice", "127.0.0.1", True), ("bob", "127.0.0.2", True),
                                        ("alice", "127.0.0.2", False), ("bob", "127.0.0.1", False)):
            mark = proxy.mark()
            visit = scene.way.curl(proxy.url, "-U", f"{user}:{PASSWORD}", "--interface", address)
            visit.arrives() if is_right else visit.is_refused(403)
            how = {} if is_right else {"status": 403, "way": REFUSED}
            proxy.await_line(log_line(scene.way.target, user=user, client=address, **how), since=mark)
        is_turned_away(scene, proxy, lambda: scene.way.curl(proxy.url, "-U", WRONG_IDENTITY))


ALONE = (
    ("a helper with channels answers backwards", answers_in_any_order),
    ("a helper that is killed is replaced", dead_helper),
    ("a program that always ends at once", helper_that_ends),
    ("passwords change with SIGHUP", changed_passwords),
    ("a refusal is held back", held_back),
    ("a port that users may not go to", known_but_not_permitted),
    ("an external ACL decides by the host", external_hosts),
    ("Squid's ext_file_userip_acl decides by user and address", squid_user_and_address),
)


def main(program, viaduct_curl, *without):
    tests = Tests()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(scratch_directory())
        certificates = Certificates(directory)
        way = Way(stack.enter_context(TlsOrigin(certificates)), certificates, viaduct_curl)
        scene = Scene(program, way, directory, has_negotiate=not without)
        beside = stack.enter_context(concurrent.futures.ThreadPoolExecutor(1)).submit(silent_helper, scene)
        for name, test in ALONE:
            tests.run(name, test, scene)
        for group in (basic_by_helper, digest_by_helper, ntlm_by_helper, basic_by_file, digest_by_file):
            run_group(tests, group, scene)
        realm = stack.enter_context(KerberosRealm(stack.enter_context(scratch_directory())))
        for group in (negotiate_by_helper, several_schemes):
            run_group(tests, group, scene, realm)
        tests.run("a helper that never answers holds up nobody else", beside.result)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

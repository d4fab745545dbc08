"""viaduct-curl makes itself known to Squid and Apache: Digest, Negotiate and NTLM, alone and offered side by side.

usage: proxy_authentication.py VIADUCT_CURL [no-gssapi]
"""

import contextlib
import functools
import hashlib
import os
import sys
import types

from beside_curl import IDENTITY, NOT_ASKED, PASSWORD, USER, WRONG_IDENTITY, Case, Table, refused
from curl_through_proxies import APACHE, APACHE_MODULES, only, password_file, running
from harness import (LOOPBACK, Certificates, HttpOrigin, ReservedPort, Tests, TlsOrigin, expect, expect_match,
                     expect_success, find_program, run_client, scratch_directory, write_file)
from kerberos_realm import (NTLM_DOMAIN, KerberosRealm, ntlm_environment, squid_asking, squid_negotiate, squid_ntlm)

REALM = "test"

SQUID_DIGEST = """
auth_param digest program {helper} -c {users}
auth_param digest children 1 startup=1
auth_param digest realm {realm}
auth_param digest nonce_max_count {uses}
"""

SQUID_BASIC = """
auth_param basic program {helper} {users}
auth_param basic children 1 startup=1
auth_param basic realm {realm}
"""

SQUID_NEGOTIATE = """
auth_param negotiate program {helper} -s GSS_C_NO_NAME -k {keytab}
auth_param negotiate children 1 startup=1
"""

KNOWN = """
acl known proxy_auth REQUIRED
"""

APACHE_DIGEST = """
AuthType Digest
AuthName {realm}
AuthDigestProvider file
AuthUserFile {users}
Require valid-user
"""


# ---- the proxies ----------------------------------------------------------------------------------------------------


def digest_file(directory):
    secret = hashlib.md5(f"{USER}:{REALM}:{PASSWORD}".encode()).hexdigest()
    return write_file(os.path.join(directory, "digest-users"), f"{USER}:{REALM}:{secret}\n")


def digest_part(directory, uses=50):
    helper = only("/usr/lib*/squid/digest_file_auth", "squid")
    return SQUID_DIGEST.format(helper=helper, users=digest_file(directory), realm=REALM, uses=uses)


def basic_part(directory):
    helper = only("/usr/lib*/squid/basic_ncsa_auth", "squid")
    return SQUID_BASIC.format(helper=helper, users=password_file(directory), realm=REALM)


def squid_digest(directory, origins, uses=50):
    return squid_asking(directory, origins, digest_part(directory, uses) + KNOWN)


def squid_basic_and_digest(directory, origins):
    return squid_asking(directory, origins, basic_part(directory) + digest_part(directory) + KNOWN)


def squid_everything(realm, directory, origins):
    """Squid with Negotiate, Digest and Basic, the weakest offered first."""
    helper = only("/usr/lib*/squid/negotiate_kerberos_auth", "squid")
    negotiate = SQUID_NEGOTIATE.format(helper=helper, keytab=realm.keytab)
    return squid_asking(directory, origins, basic_part(directory) + digest_part(directory) + negotiate + KNOWN,
                        realm.service_environment)


@contextlib.contextmanager
def apache_digest(directory, origins):
    program, port = find_program("apache2", "httpd"), ReservedPort()
    folder = os.path.dirname(only("/usr/lib*/apache2/modules/mod_auth_digest.so", "apache2"))
    modules = "\n".join(f"LoadModule {name}_module {folder}/mod_{name}.so" for name in (*APACHE_MODULES, "auth_digest"))
    configuration = APACHE.format(listen=f"{LOOPBACK}:{port.number}", origin=origins.port, directory=directory,
                                  modules=modules, user="User www-data\nGroup www-data" if os.geteuid() == 0 else "",
                                  access=APACHE_DIGEST.format(realm=REALM, users=digest_file(directory)))
    file = write_file(os.path.join(directory, "apache.conf"), configuration)
    with running(port, program, "-D", "FOREGROUND", "-f", file) as url:
        yield url


# ---- the cases ------------------------------------------------------------------------------------------------------


def digest_cases(proxy):
    """What every proxy with nothing but Digest does."""
    digest = ("-x", proxy, "--proxy-digest")
    named = proxy.replace("http://", f"http://{IDENTITY}@")
    old = ("--proxy1.0", proxy.removeprefix("http://"))
    return (
        Case("Digest with the right password", (*digest, "-U", IDENTITY), shows="200 2 Digest 1"),
        Case("the strongest that is offered", ("-x", proxy, "--proxy-anyauth", "-U", IDENTITY), shows="200 2 Digest 1"),
        Case("the password in the URL", ("-x", named, "--proxy-digest"), shows="200 2 Digest 1"),
        Case("HTTP/1.0 towards the proxy", (*old, "--proxy-digest", "-U", IDENTITY), shows="200 2 Digest [12]"),
        refused("a wrong password is tried once", (*digest, "-U", WRONG_IDENTITY), shows="407 2 Digest 1"),
        refused("nobody of that name", (*digest, "-U", "mallory:" + PASSWORD), shows="407 2 Digest 1"),
        refused("no name", digest, shows="407 1  1"),
        refused("Basic, which is not offered", ("-x", proxy, "-U", IDENTITY), shows="407 1 Basic 1"),
    )


def basic_and_digest_cases(proxy):
    to = ("-x", proxy)
    return (
        Case("the stronger is chosen", (*to, "--proxy-anyauth", "-U", IDENTITY), shows="200 2 Digest 1"),
        Case("Basic by default, unasked", (*to, "-U", IDENTITY), shows="200 1 Basic 1"),
        Case("Basic on demand", (*to, "--proxy-basic", "-U", IDENTITY), shows="200 1 Basic 1"),
        Case("Digest on demand", (*to, "--proxy-digest", "-U", IDENTITY), shows="200 2 Digest 1"),
        # curl gives up after Digest, where viaduct-curl tries the scheme after it; both have to end.
        refused("a wrong password ends", (*to, "--proxy-anyauth", "-U", WRONG_IDENTITY), shows="407 [23] .* 1"),
    )


def forwarded_cases(url, *way):
    """http, which a proxy forwards without a tunnel: the password must not go there in another way than asked for."""
    return (
        Case("http, forwarded", way, url=url),
        Case("http through a tunnel", ("-p", *way), url=url),
    )


def negotiate_cases(proxy, realm, connections):
    ticket, none = realm.environment, realm.without_ticket
    asked = ("-x", proxy, "--proxy-negotiate", "-U", ":")
    return (
        Case("a ticket", asked, shows=f"200 2 Negotiate {connections}", environment=ticket),
        Case("a ticket for the strongest that is offered", ("-x", proxy, "--proxy-anyauth", "-U", ":"),
             shows=f"200 2 Negotiate {connections}", environment=ticket),
        refused("no ticket", asked, says="response 407", shows=f"407 1  {connections}", environment=none),
    )


def service_cases(proxy, realm):
    def asked(service):
        return ("-x", proxy, "--proxy-negotiate", "-U", ":", "--proxy-service-name", service)

    return (
        Case("the service by its usual name", asked("HTTP"), environment=realm.environment),
        Case("a service of another name", asked("proxy"), environment=realm.environment),
        refused("no such service", asked("nosuch"), shows="407 1  1", environment=realm.environment),
    )


def everything_cases(proxy, realm):
    to = ("-x", proxy, "--proxy-anyauth", "-U", IDENTITY)
    return (
        Case("with a ticket Negotiate", to, shows="200 2 Negotiate 1", environment=realm.environment),
        # curl 7.88 picks Negotiate and has no second choice.
        Case("without a ticket Digest", to, shows="200 2 Digest 1", environment=realm.without_ticket,
             curl=NOT_ASKED),
    )


def ntlm_cases(proxy, accounts, connections):
    asked = ("-x", proxy, "--proxy-ntlm", "-U")
    return (
        Case("the right password", (*asked, f"{NTLM_DOMAIN}\\{IDENTITY}"), shows=f"200 [23] NTLM {connections}"),
        Case("the strongest that is offered", ("-x", proxy, "--proxy-anyauth", "-U", f"{NTLM_DOMAIN}\\{IDENTITY}"),
             shows=f"200 [23] NTLM {connections}"),
        refused("a wrong password", (*asked, f"{NTLM_DOMAIN}\\{WRONG_IDENTITY}"), shows="407 [23] NTLM .*"),
        # curl has an NTLM of its own, which knows nothing of the mechanism's file.
        Case("the password from NTLM_USER_FILE", (*asked, ":"), environment=accounts, curl=NOT_ASKED),
    )


def stale_nonce(program, origin, certificates, proxy):
    """Redirects lead to a second tunnel and a third, as no connection is kept; the nonce of the first is too old for that
    one."""
    done = expect_success(run_client(program, "-vsSL", "-H", "Connection: close", "--cacert", certificates.ca, "-x", proxy,
                                     "--proxy-digest", "-U", IDENTITY, origin.url + "/redirect/2"))
    errors = done.stderr.decode("latin-1")
    expect_match(r"(?i)stale=true", errors, "what -v shows")
    statuses = [line.split()[2] for line in errors.splitlines() if line.startswith("< HTTP/")]
    expect(statuses, ["407", "200", "302", "200", "302", "407", "200", "200"], "the statuses")


class World:
    """The tests, and what all of them go to."""

    def __init__(self, tests, program, stack):
        self.tests, self.program, self._stack = tests, program, stack
        self.certificates = Certificates(stack.enter_context(scratch_directory()))
        self.origin = stack.enter_context(TlsOrigin(self.certificates))
        self.plain = stack.enter_context(HttpOrigin())
        self.table = Table(tests, program, self.origin, self.certificates)
        self._origins = types.SimpleNamespace(port=f"{self.origin.port} {self.plain.port}")

    def start(self, name, proxy):
        """What a context in a directory of its own yields, such as the URL of a proxy; nothing if it did not start."""
        started = []
        directory = self._stack.enter_context(scratch_directory())
        self.tests.run(f"{name} starts", lambda: started.append(
            self._stack.enter_context(proxy(directory, self._origins))))
        return started


def without_gssapi(world):
    plain = world.plain.url + "/"
    for name, proxy in (("Squid with Digest", squid_digest), ("Apache with Digest", apache_digest)):
        for url in world.start(name, proxy):
            world.table.run(name, digest_cases(url))
    for url in world.start("Squid with Basic and Digest", squid_basic_and_digest):
        world.table.run("Squid with Basic and Digest", basic_and_digest_cases(url))
        world.table.run("Squid with Digest", forwarded_cases(plain, "-x", url, "--proxy-digest", "-U", IDENTITY))
    for url in world.start("Squid with short-lived nonces", functools.partial(squid_digest, uses=1)):
        world.tests.run("Squid: a nonce that is stale is replaced", stale_nonce, world.program, world.origin,
                        world.certificates, url)


@contextlib.contextmanager
def known_leaks():
    """gss-ntlmssp 1.2 leaves what it has got from OpenSSL behind: no leak of ours where leaks are looked for."""
    with scratch_directory() as directory:
        known = write_file(os.path.join(directory, "known-leaks"), "leak:libcrypto\nleak:gssntlmssp\n")
        before = os.environ.get("LSAN_OPTIONS")
        os.environ["LSAN_OPTIONS"] = f"suppressions={known}:print_suppressions=0"
        try:
            yield directory
        finally:
            os.environ.pop("LSAN_OPTIONS")
            if before is not None:
                os.environ["LSAN_OPTIONS"] = before


def with_gssapi(world, realm):
    plain = world.plain.url + "/"
    for keep_alive, connections, name in ((True, 1, "Squid with {}"), (False, 2, "Squid with {}, which closes")):
        proxy = functools.partial(squid_negotiate, realm=realm, keep_alive=keep_alive)
        for url in world.start(name.format("Negotiate"), proxy):
            world.table.run(name.format("Negotiate"), negotiate_cases(url, realm, connections))
            world.table.run(name.format("Negotiate"), service_cases(url, realm) if keep_alive else ())
        for url in world.start(name.format("NTLM"), functools.partial(squid_ntlm, keep_alive=keep_alive)):
            way = ("-x", url, "--proxy-ntlm", "-U", f"{NTLM_DOMAIN}\\{IDENTITY}")
            with known_leaks() as directory:
                world.table.run(name.format("NTLM"), ntlm_cases(url, ntlm_environment(directory), connections))
                world.table.run(name.format("NTLM"), forwarded_cases(plain, *way))
    for url in world.start("Squid with everything", functools.partial(squid_everything, realm)):
        world.table.run("Squid with everything", everything_cases(url, realm))


def main(program, *without):
    tests = Tests()
    with contextlib.ExitStack() as stack:
        world = World(tests, program, stack)
        without_gssapi(world)
        if not without:
            for realm in world.start("the realm", lambda directory, _: KerberosRealm(directory)):
                with_gssapi(world, realm)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

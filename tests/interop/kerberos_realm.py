"""A Kerberos realm of its own on the loopback interface, and Squid asking for Negotiate or NTLM in front of an origin.

Everything lies in one scratch directory: nothing of the machine's Kerberos is read or changed.

usage: kerberos_realm.py
  checks the set-up with curl: whether the realm, Squid and the helpers of this machine work together
"""

import contextlib
import os
import shutil
import subprocess
import sys

from curl_through_proxies import SQUID, only
from harness import (LOOPBACK, PAGE, PATIENCE, Certificates, Program, ReservedPort, Tests, TlsOrigin,
                     clean_environment, expect, expect_match, expect_success, find_program, run_client,
                     scratch_directory, write_file)

REALM = "VIADUCT.TEST"
USER = "alice"
SERVICE = "HTTP/localhost"
OTHER_SERVICE = "proxy/localhost"

NTLM_DOMAIN, NTLM_PASSWORD = "VIADUCT", "open-sesame"
NTLM_HASH = "f4b406a74041f8de30afa3a9fd2ed348"  # MD4 of the password in UTF-16, which no library has any more

# TCP only: one port to reserve, and nothing that a lost datagram could delay.
KRB5_CONF = """
[libdefaults]
    default_realm = {realm}
    dns_lookup_realm = false
    dns_lookup_kdc = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
    forwardable = true
[realms]
    {realm} = {{
        kdc = {loopback}:{port}
    }}
[domain_realm]
    localhost = {realm}
"""

KDC_CONF = """
[kdcdefaults]
    kdc_listen = ""
    kdc_tcp_listen = {loopback}:{port}
[realms]
    {realm} = {{
        database_name = {directory}/principal
        key_stash_file = {directory}/stash
        acl_file = {directory}/acl
        supported_enctypes = aes256-cts-hmac-sha1-96:normal
    }}
[logging]
    kdc = STDERR
    default = FILE:{directory}/tools.log
"""

SQUID_NEGOTIATE = """
auth_param negotiate program {helper} -s GSS_C_NO_NAME -k {keytab}
auth_param negotiate children 1 startup=1
auth_param negotiate keep_alive {keep_alive}
acl known proxy_auth REQUIRED
"""

SQUID_NTLM = """
auth_param ntlm program {helper}
auth_param ntlm children 1 startup=1
auth_param ntlm keep_alive {keep_alive}
acl known proxy_auth REQUIRED
"""


class KerberosRealm:
    """A realm with one user, who has a ticket, and two services on localhost. Use it as a context.

    `environment` is what a client needs in order to be that user; `without_ticket` is the same realm for somebody who
    has not logged in.
    """

    def __init__(self, directory):
        tools = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit")
        self._kdc_program, self._kdb5_util, self._kadmin, self._kinit = map(find_program, tools)
        self._directory = directory
        self._port = ReservedPort()
        self._running = contextlib.ExitStack()
        self.keytab = os.path.join(directory, "service.keytab")
        places = {"realm": REALM, "loopback": LOOPBACK, "port": self._port.number, "directory": directory}
        self._files = {
            "KRB5_CONFIG": write_file(os.path.join(directory, "krb5.conf"), KRB5_CONF.format(**places)),
            "KRB5_KDC_PROFILE": write_file(os.path.join(directory, "kdc.conf"), KDC_CONF.format(**places)),
        }
        self.environment = self._files | {"KRB5CCNAME": "FILE:" + os.path.join(directory, "tickets")}
        self.without_ticket = self._files | {"KRB5CCNAME": "FILE:" + os.path.join(directory, "no-tickets")}
        self.service_environment = self._files | {"KRB5_KTNAME": self.keytab, "KRB5RCACHENAME": "none:"}

    def __enter__(self):
        user_keytab = os.path.join(self._directory, "user.keytab")
        self._run(self._kdb5_util, "create", "-s", "-r", REALM, "-P", "master")
        self._run(self._kadmin, "-r", REALM, input="".join(
            f"addprinc -randkey {name}\nktadd -k {keytab} {name}\n"
            for name, keytab in ((SERVICE, self.keytab), (OTHER_SERVICE, self.keytab), (USER, user_keytab))))
        os.chmod(self.keytab, 0o644)  # Squid's helper is another user
        kdc = self._running.enter_context(Program(*with_environment(self._files), self._kdc_program, "-n", "-r", REALM))
        kdc.await_line("commencing operation")
        self._run(self._kinit, "-k", "-t", user_keytab, USER)
        return self

    def __exit__(self, *_):
        self._running.close()

    def _run(self, *command, input=""):
        done = subprocess.run(command, env=clean_environment(**self.environment), input=input.encode(),
                              capture_output=True, timeout=PATIENCE)
        expect_success(done)


def with_environment(added):
    """What to put before a command so that it runs with these variables, too."""
    return ["env", *(f"{name}={value}" for name, value in added.items())]


@contextlib.contextmanager
def squid_asking(directory, origin, authentication, environment=None):
    """A context with the URL of a Squid that lets in whoever its `authentication`, which defines `known`, knows."""
    program, port = find_program("squid"), ReservedPort()
    os.chmod(directory, 0o777)  # started by root, Squid goes on as another user
    configuration = SQUID.format(listen=f"{LOOPBACK}:{port.number}", origin=origin.port, directory=directory,
                                 authentication=authentication, access="http_access allow known")
    file = write_file(os.path.join(directory, "squid.conf"), configuration)
    with Program(*with_environment(environment or {}), program, "-N", "-d", "1", "-n", f"viaduct{port.number}",
                 "-f", file) as squid:
        squid.await_port(port.number)
        yield f"http://localhost:{port.number}"  # by its name, which the ticket is for
        squid.process.kill()  # in its own way it takes two seconds to end


def squid_negotiate(directory, origin, realm, keep_alive=True):
    """A context with the URL of a Squid that asks for Kerberos; its first 407 may end the connection."""
    helper = only("/usr/lib*/squid/negotiate_kerberos_auth", "squid")
    return squid_asking(directory, origin, environment=realm.service_environment, authentication=SQUID_NEGOTIATE.format(
        helper=helper, keytab=realm.keytab, keep_alive="on" if keep_alive else "off"))


def squid_ntlm(directory, origin, keep_alive=True):
    """A context with the URL of a Squid that asks for NTLM; its first 407 may end the connection."""
    # For Squid's user, who may not look into the home directory that this file or this Python is in.
    script = shutil.copy(os.path.join(os.path.dirname(__file__), "ntlm_helper.py"), directory)
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
    helper = " ".join((python, script, NTLM_DOMAIN, USER, NTLM_HASH))
    return squid_asking(directory, origin, authentication=SQUID_NTLM.format(
        helper=helper, keep_alive="on" if keep_alive else "off"))


def ntlm_environment(directory):
    """What a client of the NTLM mechanism needs in order to be the user without being told the password."""
    only("/etc/gss/mech.d/*ntlmssp*.conf", "gss-ntlmssp")
    accounts = write_file(os.path.join(directory, "ntlm-users"), f"{NTLM_DOMAIN}:{USER}:{NTLM_PASSWORD}\n", mode=0o600)
    return {"NTLM_USER_FILE": accounts}


# ---- the set-up, checked with curl ----------------------------------------------------------------------------------


class Check:
    """curl, a proxy and the origin behind it."""

    def __init__(self, proxy, origin, certificates):
        self._command = ("curl", "-sS", "--cacert", certificates.ca, "-x", proxy, "-w", "%{http_connect}",
                         origin.url + "/")

    def page_arrives(self, *options, environment=None):
        done = expect_success(run_client(*self._command, *options, environment=environment))
        expect(done.stdout, PAGE + b"200", "the page, and the proxy's status")

    def page_is_refused(self, *options, environment=None):
        done = run_client(*self._command, *options, environment=environment)
        expect(done.stdout, b"407", "the proxy's status")


def check_negotiate(tests, check, realm):
    negotiate = ("--proxy-negotiate", "-U", ":")
    tests.run("curl gets a page with its ticket", check.page_arrives, *negotiate, environment=realm.environment)
    tests.run("curl gets a 407 without", check.page_is_refused, *negotiate, environment=realm.without_ticket)


def check_ntlm(tests, check):
    user = f"{NTLM_DOMAIN}\\{USER}:"
    tests.run("curl gets a page with NTLM", check.page_arrives, "--proxy-ntlm", "-U", user + NTLM_PASSWORD)
    tests.run("curl gets a 407 with a wrong password", check.page_is_refused, "--proxy-ntlm", "-U", user + "wrong")


def main():
    tests = Tests()
    with contextlib.ExitStack() as stack:
        certificates = Certificates(stack.enter_context(scratch_directory()))
        origin = stack.enter_context(TlsOrigin(certificates))

        def started(name, context):
            """What the context yields, in a list; an empty one if it did not start."""
            result = []
            tests.run(f"{name} starts", lambda: result.append(
                stack.enter_context(context(stack.enter_context(scratch_directory())))))
            return result

        for realm in started("the realm", KerberosRealm):
            for proxy in started("Squid with Negotiate", lambda folder: squid_negotiate(folder, origin, realm)):
                check_negotiate(tests, Check(proxy, origin, certificates), realm)
        for proxy in started("Squid with NTLM", lambda folder: squid_ntlm(folder, origin)):
            check_ntlm(tests, Check(proxy, origin, certificates))
    tests.done()


if __name__ == "__main__":
    main()

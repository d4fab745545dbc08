"""viaduct-curl through the proxies of this world: Squid, tinyproxy, Apache and viaduct-proxy, each set up for itself.

usage: curl_through_proxies.py VIADUCT_PROXY VIADUCT_CURL
"""

import contextlib
import glob
import os
import subprocess
import sys

from harness import (LOOPBACK, LOOPBACK_ALLOWED, PAGE, Certificates, Program, ReservedPort, Skip, Tests, TlsOrigin,
                     ViaductProxy, expect, expect_match, expect_success, find_program, pattern_bytes, run_client,
                     scratch_directory, write_file)

USER, PASSWORD = "alice", "open-sesame"

# curl's exit codes, as of curl 8.20.
COULD_NOT_CONNECT = 7
HTTP_RETURNED_ERROR = 22

SQUID = """
http_port {listen}
{authentication}
acl origin port {origin}
http_access deny !origin
{access}
http_access deny all
cache deny all
cache_mem 0 MB
pid_filename none
pinger_enable off
netdb_filename none
max_filedescriptors 1024
shutdown_lifetime 0 seconds
visible_hostname localhost
coredump_dir {directory}
access_log none
cache_log {directory}/cache.log
"""

SQUID_BASIC = """
auth_param basic program {helper} {users}
auth_param basic children 1 startup=1
auth_param basic realm test
acl known proxy_auth REQUIRED
"""

TINYPROXY = """
Listen 127.0.0.1
Port {port}
Timeout 60
MaxClients 20
LogLevel Info
ConnectPort {origin}
{authentication}
"""

APACHE = """
ServerRoot {directory}
ServerName localhost
Listen {listen}
PidFile {directory}/apache.pid
ErrorLog {directory}/error.log
DefaultRuntimeDir {directory}
{modules}
{user}
ProxyRequests On
AllowCONNECT {origin}
<Proxy "*">
{access}
</Proxy>
"""

APACHE_MODULES = ("mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "proxy",
                  "proxy_connect")

APACHE_BASIC = """
AuthType Basic
AuthName test
AuthBasicProvider file
AuthUserFile {users}
Require valid-user
"""


# ---- the proxies: each function is a context that yields the URL of a running one -----------------------------------


def password_file(directory):
    digest = subprocess.run(["openssl", "passwd", "-apr1", PASSWORD], check=True, capture_output=True, text=True)
    return write_file(os.path.join(directory, "users"), f"{USER}:{digest.stdout}")


def only(pattern, package):
    found = glob.glob(pattern)
    if not found:
        raise Skip(f"{package} is not installed")
    return found[0]


@contextlib.contextmanager
def running(port, *command):
    with Program(*command) as program:
        program.await_port(port.number)
        yield f"http://{LOOPBACK}:{port.number}"


@contextlib.contextmanager
def squid(directory, origin, authenticated):
    program, port = find_program("squid"), ReservedPort()
    authentication = ""
    if authenticated:
        helper = only("/usr/lib*/squid/basic_ncsa_auth", "squid")
        authentication = SQUID_BASIC.format(helper=helper, users=password_file(directory))
    os.chmod(directory, 0o777)  # started by root, Squid goes on as another user
    configuration = SQUID.format(listen=f"{LOOPBACK}:{port.number}", origin=origin.port, directory=directory,
                                 authentication=authentication,
                                 access="http_access allow " + ("known" if authenticated else "all"))
    file = write_file(os.path.join(directory, "squid.conf"), configuration)
    with running(port, program, "-N", "-d", "1", "-n", f"viaduct{port.number}", "-f", file) as url:
        yield url


@contextlib.contextmanager
def tinyproxy(directory, origin, authenticated):
    program, port = find_program("tinyproxy"), ReservedPort()
    configuration = TINYPROXY.format(port=port.number, origin=origin.port,
                                     authentication=f"BasicAuth {USER} {PASSWORD}" if authenticated else "")
    file = write_file(os.path.join(directory, "tinyproxy.conf"), configuration)
    with running(port, program, "-d", "-c", file) as url:
        yield url


@contextlib.contextmanager
def apache(directory, origin, authenticated):
    program, port = find_program("apache2", "httpd"), ReservedPort()
    folder = os.path.dirname(only("/usr/lib*/apache2/modules/mod_proxy_connect.so", "apache2"))
    modules = "\n".join(f"LoadModule {name}_module {folder}/mod_{name}.so" for name in APACHE_MODULES)
    access = APACHE_BASIC.format(users=password_file(directory)) if authenticated else "Require all granted"
    configuration = APACHE.format(listen=f"{LOOPBACK}:{port.number}", origin=origin.port, directory=directory,
                                  modules=modules, access=access,
                                  user="User www-data\nGroup www-data" if os.geteuid() == 0 else "")
    file = write_file(os.path.join(directory, "apache.conf"), configuration)
    with running(port, program, "-D", "FOREGROUND", "-f", file) as url:
        yield url


def viaduct_proxy(program):
    @contextlib.contextmanager
    def start(_directory, origin, _authenticated):
        with ViaductProxy(program, "--allow-port", str(origin.port), *LOOPBACK_ALLOWED) as proxy:
            yield proxy.url

    return start


# ---- the tests: each is handed a `Visit` ----------------------------------------------------------------------------


class Visit:
    """viaduct-curl, the proxy it goes through, and the origin behind."""

    def __init__(self, viaduct_curl, proxy, origin, certificates):
        self.program = viaduct_curl
        self.proxy = proxy
        self.origin = origin
        self.ca = certificates.ca
        self.refused = ReservedPort()  # a port that no proxy here permits

    def curl(self, *arguments, proxy=None):
        return run_client(self.program, "-sS", "--cacert", self.ca, "-x", proxy or self.proxy, *arguments)

    def fetch(self, *arguments, **way):
        return expect_success(self.curl(*arguments, **way)).stdout

    def refuse(self, *arguments):
        return self.curl(*arguments, f"https://localhost:{self.refused.number}/")


def page(visit):
    expect(visit.fetch(visit.origin.url + "/"), PAGE, "the page")


def post(visit):
    expect(visit.fetch("-d", "a=1", "-d", "b=2", visit.origin.url + "/"), b"a=1&b=2", "the answer to the POST")


def head(visit):
    """-I shows two heads, the proxy's and the origin's."""
    shown = visit.fetch("-I", visit.origin.url + "/").decode("latin-1")
    statuses = [line.split()[1] for line in shown.splitlines() if line.startswith("HTTP/")]
    expect(statuses, ["200", "200"], "the statuses shown")
    expect_match(rf"(?i)\r\ncontent-length: {len(PAGE)}\r\n", shown, "what -I shows")


def write_out(visit):
    shown = visit.fetch("-o", "/dev/null", "-w", "%{http_connect} %{http_code}", visit.origin.url + "/")
    expect(shown, b"200 200", "what -w shows")


def verbose(visit):
    errors = expect_success(visit.curl("-v", visit.origin.url + "/")).stderr.decode("latin-1")
    expect_match(rf"(?m)^> CONNECT localhost:{visit.origin.port} HTTP/1\.1\r?$", errors, "what -v shows")
    expect_match(r"(?m)^< HTTP/1\.[01] 200 ", errors, "what -v shows")


def download(visit):
    count = 2_000_000
    expect(visit.fetch(f"{visit.origin.url}/bytes/{count}") == pattern_bytes(count), True, "2 MB unchanged")


def refused_port(visit):
    done = visit.refuse("-o", "/dev/null", "-w", "%{http_connect} %{http_code}")
    expect(done.returncode, COULD_NOT_CONNECT, "the exit code")
    expect(done.stdout, b"403 000", "what -w shows")
    expect_match(r"CONNECT tunnel failed, response 403", done.stderr.decode("latin-1"), "the message")


def refused_port_with_fail(visit):
    done = visit.refuse("-f")
    expect(done.returncode, HTTP_RETURNED_ERROR, "the exit code")
    expect(done.stdout, b"", "the output")


def right_credentials(visit):
    expect(visit.fetch("-U", f"{USER}:{PASSWORD}", visit.origin.url + "/"), PAGE, "the page")


def credentials_in_the_url(visit):
    url = visit.proxy.replace("http://", f"http://{USER}:{PASSWORD.replace('-', '%2d')}@")
    expect(visit.fetch(visit.origin.url + "/", proxy=url), PAGE, "the page")


def expect_authentication_required(visit, *arguments, status="407"):
    done = visit.curl(*arguments, "-o", "/dev/null", "-w", "%{http_connect} %{http_code}", visit.origin.url + "/")
    expect_match(f"^{status} 000$", done.stdout.decode("latin-1"), "what -w shows")
    expect(done.returncode, COULD_NOT_CONNECT, "the exit code")


def no_credentials(visit):
    expect_authentication_required(visit)


def wrong_credentials(visit):
    """tinyproxy 1.11.1 says 401 here, as if it were an origin."""
    expect_authentication_required(visit, "-U", f"{USER}:wrong", status="(407|401)")


OPEN = (
    ("a page", page),
    ("a POST", post),
    ("-I shows the heads of proxy and origin", head),
    ("-w shows the statuses of proxy and origin", write_out),
    ("-v shows the CONNECT exchange", verbose),
    ("a download of 2 MB arrives unchanged", download),
    ("a port that is refused gives exit code 7", refused_port),
    ("a port that is refused gives exit code 22 with -f", refused_port_with_fail),
)

AUTHENTICATED = (
    ("-U with the right password", right_credentials),
    ("the right password in the proxy's URL", credentials_in_the_url),
    ("without a password 407 and exit code 7", no_credentials),
    ("with a wrong password 407 and exit code 7", wrong_credentials),
)


def visit_all(tests, name, cases, start, viaduct_curl, origin, certificates, authenticated=False):
    """Starts one proxy and runs the cases through it; a proxy that is not installed is one skipped test."""
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(scratch_directory())
        urls = []
        tests.run(f"{name} starts", lambda: urls.append(stack.enter_context(start(directory, origin, authenticated))))
        for url in urls:
            visit = Visit(viaduct_curl, url, origin, certificates)
            for case, test in cases:
                tests.run(f"{name}: {case}", test, visit)


def main(proxy_program, viaduct_curl):
    tests = Tests()
    with scratch_directory() as directory:
        certificates = Certificates(directory)
        with TlsOrigin(certificates) as origin:
            world = (viaduct_curl, origin, certificates)
            visit_all(tests, "viaduct-proxy", OPEN, viaduct_proxy(proxy_program), *world)
            for name, start in (("Squid", squid), ("tinyproxy", tinyproxy), ("Apache", apache)):
                visit_all(tests, name, OPEN, start, *world)
                visit_all(tests, name + " with Basic", AUTHENTICATED, start, *world, authenticated=True)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What viaduct-curl makes of input that it cannot use: the exit code, a message that names the culprit, no password.

usage: bad_input.py VIADUCT_CURL
"""

import contextlib
import pathlib
import re
import subprocess
import sys
import threading

from beside_curl import (BAD_ARGUMENT, COULD_NOT_CONNECT, COULD_NOT_RESOLVE, COULD_NOT_RESOLVE_PROXY, FAILED_INIT,
                         IDENTITY, NOT_ASKED, PASSWORD, READ_ERROR, UNSUPPORTED_PROTOCOL, URL_MALFORMED, USER,
                         WRITE_ERROR, Case, Table, expect_no_secret)
from harness import (PATIENCE, Certificates, HttpOrigin, TcpOrigin, Tests, TlsOrigin, clean_environment, echo, expect,
                     expect_match, run_client, scratch_directory)

NOWHERE = "http://nowhere.invalid/"
LAX = NOT_ASKED  # curl takes this, and finds out later or never


def proxy_cases():
    def bad(proxy, says, code=COULD_NOT_RESOLVE_PROXY, **more):
        return Case(f"the proxy {proxy}", ("-x", proxy.replace("USER@", f"{IDENTITY}@")), code, says=says, url=NOWHERE,
                    **more)

    def syntax(proxy, shown, **more):
        return bad(proxy, f"Unsupported proxy syntax in '{shown}'", **more)

    def scheme(proxy, shown, **more):
        return bad(proxy, f"Unsupported proxy scheme for '{shown}'", COULD_NOT_CONNECT, **more)

    return (
        syntax("http://", "http://"),
        syntax("http://USER@", "http://"),
        syntax("http://USER@:3128", "http://:3128"),
        syntax("http://USER@h:99999", "http://h:99999"),
        syntax("USER@h:x", "h:x"),
        syntax("http://USER@h:0", "http://h:0", curl=LAX),  # curl tries to connect
        syntax("http://USER@h:1/path", "http://h:1/path", curl=LAX),  # curl leaves the path out
        syntax("https://USER@h:1?q", r"https://h:1\?q"),
        syntax("http://USER@[::1", r"http://\[::1"),
        syntax("http://USER@[::g]:1", r"http://\[::g\]:1"),
        syntax("http://USER@h%41:1", "http://h%41:1", curl=LAX),  # curl decodes it
        syntax("http://USER@h..x:1", r"http://h\.\.x:1", curl=LAX),  # curl looks the name up
        syntax("ht^tp://USER@h:1", r"ht\^tp://h:1"),
        syntax("://h", "://h"),
        syntax("direct://USER@h", "direct://h", curl=LAX),  # this scheme is viaduct-curl's own
        scheme("ftp://USER@h:1", "ftp://h:1"),
        scheme("socks9://USER@h:1", "socks9://h:1"),
        bad("http://USER@nowhere.invalid:1", "Could not resolve proxy: nowhere.invalid"),
        # curl looks only for zero octets in what -x decodes to, and does not send a name with a colon.
        bad(f"http://al%0aice:{PASSWORD}@h:1", "user name or password holds a character", BAD_ARGUMENT, curl=LAX),
        bad(f"http://al%3aice:{PASSWORD}@h:1", "user name or password holds a character", BAD_ARGUMENT, curl=LAX),
    )


def proxy_switch_cases():
    """Switches that take a proxy, and the variables that do."""
    def syntax(name, arguments, shown, **more):
        return Case(name, arguments, COULD_NOT_RESOLVE_PROXY, says=f"Unsupported proxy syntax in '{shown}'", **more)

    named = f"http://{IDENTITY}@h:99999"
    return (
        syntax("--preproxy", ("--preproxy", named, "-x", "h:1"), "http://h:99999"),
        syntax("--proxy1.0", ("--proxy1.0", f"{IDENTITY}@h:99999"), "h:99999"),
        syntax("--socks5", ("--socks5", f"{IDENTITY}@h:99999"), "socks5://h:99999"),
        syntax("--socks5-hostname", ("--socks5-hostname", f"{IDENTITY}@h:x"), "socks5h://h:x"),
        syntax("the second of a list", ("-x", "h:1", "-x", named), "http://h:99999"),
        syntax("HTTPS_PROXY", (), "http://h:99999", environment={"HTTPS_PROXY": named}),
        syntax("all_proxy", (), "http://h:99999", environment={"all_proxy": named}),
        Case("--preproxy with another scheme", ("--preproxy", f"gopher://{IDENTITY}@h:1", "-x", "h:1"),
             COULD_NOT_CONNECT, says="Unsupported proxy scheme for 'gopher://h:1'"),
    )


def url_cases():
    # Brackets that hold no address would be a range without -g, and a bad one.
    def bad(url, shown, **more):
        return Case(f"the URL {url}", ("-g",), URL_MALFORMED, says=f"missing URL: {shown}\n",
                    url=url.replace("USER@", f"{IDENTITY}@"), **more)

    def other(scheme, **more):
        return Case(f"the scheme {scheme}", (), UNSUPPORTED_PROTOCOL, says=f'"{scheme}" not supported',
                    url=f"{scheme}://{IDENTITY}@nowhere.invalid/", **more)

    return (
        bad("http://", "http://"),
        bad("https:///", "https:///"),
        bad("http://USER@", "http://"),
        bad("http://USER@:80/", "http://:80/"),
        bad("http://USER@h:99999/", "http://h:99999/"),
        bad("https://USER@h:x/", "https://h:x/"),
        bad("USER@h:x/", "http://h:x/"),
        bad("http://USER@[::1/", r"http://\[::1/"),
        bad("http://USER@[::g]/", r"http://\[::g\]/"),
        bad("http://USER@a%20b/", "http://a%20b/"),
        bad("http://USER@%00/", "http://%00/"),
        other("nonsense"),
        other("ftp", curl=LAX),  # curl speaks it
        other("gopher", curl=LAX),
        Case("an unknown host", (), COULD_NOT_RESOLVE, says="resolve host: nowhere.invalid\n",
             url=f"http://{IDENTITY}@nowhere.invalid/"),
        Case("a range that cannot be counted", (), URL_MALFORMED, says="bad range in URL position 47:",
             url="http://nowhere.invalid/[0-9223372036854775807]", curl=LAX),  # curl begins
        Case("no URL", (), FAILED_INIT, says="no URL", url=""),
        Case("two URLs that fail: the last one counts", ("ftp://h/",), COULD_NOT_RESOLVE, says="resolve host: nowhere.invalid\n",
             url=f"http://{IDENTITY}@nowhere.invalid/"),
    )


def option_cases():
    def bad(name, arguments, says, code=FAILED_INIT, url=NOWHERE, **more):
        return Case(name, arguments, code, says=says, url=url, **more)

    def missing(option):
        return bad(f"{option} without a value", (option,), f"option {option}: requires parameter", url="")

    def number(option, value, **more):
        return bad(f"{option} {value}", (option, value), f"option {option}: expected a (proper|positive) numerical", **more)

    return (
        missing("--proxy"), missing("-x"), missing("-U"), missing("--preproxy"),
        missing("--proxy-cert"), missing("-w"), missing("-d"),
        number("-m", "x"), number("-m", "-1"), number("-m", "5s"), number("-m", "1e400"), number("-m", ""),
        number("-m", "nan", curl=LAX),  # curl 7.88 takes it for no limit
        number("--connect-timeout", "x"), number("--connect-timeout", "-1"),
        bad("--exit-compat 5", ("--exit-compat", "5"), "option --exit-compat: expected 56"),
        bad("an unknown option", ("--nonsense",), "option --nonsense: is unknown"),
        bad("an unknown option with a value", (f"--nonsense={PASSWORD}",), "option --nonsense: is unknown"),
        bad("a value behind =", ("--help=all",), "without '=': --help <all"),
        bad("a secret behind =", (f"--proxy-user={IDENTITY}",), "without '=': --proxy-user <user:password>"),
        bad("a flag with a value", ("--silent=1",), "option --silent: takes no value"),
        bad("an unknown letter", ("-8",), "option -8: is unknown", url=""),
        bad("-d and -I", ("-I", "-d", "x"), "HTTP request method"),
        # These are read before anything else here; curl warns, or goes on with what there is.
        bad("-d with a missing file", ("-d", "@/nonexistent"), "open /nonexistent", READ_ERROR, curl=LAX),
        bad("-H with a missing file", ("-H", "@/nonexistent"), "open /nonexistent", READ_ERROR, curl=LAX),
        bad("-F with a missing file", ("-F", "a=@/nonexistent"), "open /nonexistent", READ_ERROR),
        bad("-T with a missing file", ("-T", "/nonexistent"), "Can't open '/nonexistent'", READ_ERROR),
        bad("-F without a name", ("-F", "text"), "expected name=content"),
        bad("-F with a bad type", ("-F", "a=b;type=text"), "'text' is no content type"),
        bad("-F that ends nothing", ("-F", "=)"), "no part to end"),
        bad("-T and -d", ("-T", "/dev/null", "-d", "x"), r"PUT \(-T, --upload-file\) and POST \(-d, --data\)"),
        bad("--tls-max 9", ("--tls-max", "9"), "is one of"),
        bad("-w with a missing file", ("-w", "@/nonexistent"), "open /nonexistent", READ_ERROR, curl=LAX),
        bad("-O without a name in the URL", ("-O",), "Remote file name has no length", WRITE_ERROR,
            url="http://localhost:9/"),
    )


def sent_cases(proxy):
    """What could change the meaning of a CONNECT request is not sent. curl sends it, or leaves it out silently."""
    def bad(name, arguments, says):
        return Case(name, ("-x", proxy, *arguments), BAD_ARGUMENT, says=says, curl=LAX)

    return (
        bad("--proxy-header with a control character", ("--proxy-header", f"Proxy-Authorization: {PASSWORD}\x01"),
            "--proxy-header 'Proxy-Authorization': a field value"),
        bad("--proxy-header with a line break", ("--proxy-header", f"X: a\r\nY: {PASSWORD}"),
            "--proxy-header 'X': a field value"),
        bad("--proxy-header whose name is none", ("--proxy-header", f"(x): {PASSWORD}"),
            r"--proxy-header '\(x\)': a field name"),
        bad("-A with a line break", ("-A", "a\r\nb"), "The User-Agent holds a character"),
        bad("-U with a line break", ("-U", f"{USER}\n:{PASSWORD}"), "user name or password holds a character"),
        bad("-U with a control character", ("-U", f"{IDENTITY}\x01"), "user name or password holds a character"),
        bad("--haproxy-clientip with a name", ("--haproxy-clientip", "localhost"), "--haproxy-clientip 'localhost'"),
        bad("--haproxy-clientip with half an address", ("--haproxy-clientip", "192.0.2"),
            "--haproxy-clientip '192.0.2'"),
    )


def described(program):
    """The man page and --help all name the same switches."""
    helped = run_client(program, "--help", "all").stdout.decode()
    names = set(re.findall(r"^ (?:-., |    )--([a-z0-9.-]+)", helped, re.MULTILINE))
    page = pathlib.Path(__file__).resolve().parents[2] / "examples/curl/viaduct-curl.1"
    described_names = set(re.findall(r"^\.It (?:Fl \S+ , )?Fl -([a-z0-9.-]+)", page.read_text(), re.MULTILINE))
    expect(len(names) > 50, True, "whether the help could be read")
    expect(sorted(names - described_names), [], "the switches that the man page lacks")
    expect(sorted(described_names - names), [], "the switches that only the man page knows")


def noted(program, origin, entry, is_noted):
    """An entry of NO_PROXY that matches nothing is told with -v, and harms no other entry."""
    done = run_client(program, "-sv", origin.url + "/", environment={
        "NO_PROXY": f"{entry}, localhost", "http_proxy": f"http://{IDENTITY}@nowhere.invalid:1"})
    expect(done.returncode, 0, "the exit code")
    errors = done.stderr.decode("latin-1")
    note = f"'{entry}' in the list of hosts without a proxy matches no host"
    expect(note in errors, is_noted, f"whether there is a note in\n{errors}")
    expect_match("No proxy for localhost, because of 'localhost'", errors, "what -v shows")
    expect_no_secret(done)


SECRETS = (("-x", "http://IDENTITY@localhost:PORT"), ("-xhttp://IDENTITY@localhost:PORT",),
           ("-x", "http://localhost:PORT", "-U", "IDENTITY"), ("-x", "http://localhost:PORT", "-sUIDENTITY"),
           ("-x", "http://localhost:PORT", "--proxy-user", "IDENTITY"), ("-x", "http://localhost:PORT", "-u", "IDENTITY"),
           ("-x", "http://localhost:PORT", "--oauth2-bearer", "PASSWORD"))


def hidden(program, words):
    """While the proxy is silent, others may look at the list of processes."""
    asked, seen = threading.Event(), threading.Event()

    def keep_waiting(connection):
        connection.recv(1)
        asked.set()
        seen.wait(PATIENCE)

    with TcpOrigin(keep_waiting) as proxy:
        given = [word.replace("IDENTITY", IDENTITY).replace("PASSWORD", PASSWORD).replace("PORT", str(proxy.port))
                 for word in words]
        with subprocess.Popen([program, "-s", *given, "https://localhost/"], env=clean_environment()) as running:
            expect(asked.wait(PATIENCE), True, "whether the proxy was asked")
            listed = pathlib.Path(f"/proc/{running.pid}/cmdline").read_bytes()
            running.kill()
        seen.set()
    expect(PASSWORD.encode() in listed, False, f"whether the password is in {listed!r}")
    expect_match("https://localhost/", listed.decode(), "what is no secret")


USELESS_ENTRIES = ("10.0.0.0/33", "10.0.0/8", "::1/129", "[::1", "[::g]", "a:99999", "http://a", "a/b",
                   "ex*mple")
GOOD_ENTRIES = ("10.0.0.0/8", "2001:db8::/32", "[::1]:8080", "::1", ".example", "*.example", "example:8080")


def main(program):
    tests = Tests()
    with contextlib.ExitStack() as stack:
        certificates = Certificates(stack.enter_context(scratch_directory()))
        table = Table(tests, program, stack.enter_context(TlsOrigin(certificates)), certificates)
        listening = stack.enter_context(TcpOrigin(echo))
        table.run("proxies", proxy_cases())
        table.run("proxies by other means", proxy_switch_cases())
        table.run("URLs", url_cases())
        table.run("options", option_cases())
        tests.run("every switch is in the man page", described, program)
        for words in SECRETS:
            tests.run(f"the list of processes does not show {' '.join(words)}", hidden, program, words)
        table.run("what would be sent", sent_cases(f"http://localhost:{listening.port}"))
        plain = stack.enter_context(HttpOrigin())
        for entries, is_noted in ((USELESS_ENTRIES, True), (GOOD_ENTRIES, False)):
            for entry in entries:
                told = "is noted" if is_noted else "is taken"
                tests.run(f"NO_PROXY: {entry} {told}", noted, program, plain, entry, is_noted)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

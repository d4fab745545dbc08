"""viaduct-curl on every way to an origin: https proxies, client certificates, SOCKS, chains, lists, the PROXY protocol.

usage: proxy_paths.py VIADUCT_CURL
"""

import contextlib
import os
import subprocess
import sys
import types

from beside_curl import (BAD_CA_FILE, CERTIFICATE_PROBLEM, CIPHER_PROBLEM, COULD_NOT_CONNECT, IDENTITY, NOT_ASKED,
                         NOT_TRUSTED, PASSWORD, PROXY_HANDSHAKE_FAILED, RECEIVE_FAILED, TIMED_OUT, TLS_CONNECT_FAILED,
                         USER, WEIRD_REPLY, WRONG_IDENTITY, WRONG_PASSWORD, Case, Table, refused)
from curl_through_proxies import tinyproxy
from front_programs import dante, haproxy, microsocks, nghttpx
from harness import Certificates, HttpOrigin, ReservedPort, Tests, TlsOrigin, scratch_directory, write_file
from kerberos_realm import squid_asking


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


class Files:
    """Good certificates and bad ones."""

    def __init__(self, directory, certificates):
        self._directory = directory
        self.good = certificates
        self.both = self._write("both.pem", read(certificates.certificate) + read(certificates.key))
        self.elsewhere = self._write("elsewhere-both.pem", "".join(map(read, certificates.issue("elsewhere.test"))))
        stranger = os.path.join(directory, "stranger")
        os.mkdir(stranger)
        self.stranger = Certificates(stranger)
        self.missing = os.path.join(directory, "missing.pem")
        self.empty = self._write("empty.pem", "")
        self.encrypted_key = os.path.join(directory, "encrypted.key")
        self._openssl("pkey", "-in", certificates.key, "-aes256", "-passout", f"pass:{PASSWORD}", "-out",
                      self.encrypted_key)
        self.encrypted = self._write("encrypted.pem", read(certificates.certificate) + read(self.encrypted_key))
        self.ca_directory = os.path.join(directory, "authorities")
        os.mkdir(self.ca_directory)
        os.symlink(certificates.ca, os.path.join(self.ca_directory, "ca.pem"))
        self._openssl("rehash", self.ca_directory)

    def _write(self, name, text):
        return write_file(os.path.join(self._directory, name), text)

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL, capture_output=True)


# ---- https proxies --------------------------------------------------------------------------------------------------


def https_cases(port, files, plain_url, refused_url):
    proxy = ("-x", f"https://localhost:{port}")
    trusted = (*proxy, "--proxy-cacert", files.good.ca)
    return (
        Case("TLS in TLS", trusted, shows="200 1  1"),
        Case("by address", ("-x", f"https://127.0.0.1:{port}", "--proxy-cacert", files.good.ca)),
        Case("the authority from a directory", (*proxy, "--proxy-capath", files.ca_directory)),
        Case("the certificate unchecked", (*proxy, "--proxy-insecure")),
        Case("http, forwarded", trusted, url=plain_url),
        Case("http through a tunnel", ("-p", *trusted), url=plain_url),
        Case("an unknown authority", proxy, NOT_TRUSTED,
             says=f"of the proxy localhost:{port}: unable to get local issuer"),
        Case("another authority", (*proxy, "--proxy-cacert", files.stranger.ca), NOT_TRUSTED,
             says=f"of the proxy localhost:{port}"),
        Case("unchecked for the origin only", ("-k", *proxy), NOT_TRUSTED),
        Case("an unknown authority, forwarded", proxy, NOT_TRUSTED, url=plain_url),
        refused("a port that is not permitted", trusted, url=refused_url, shows="403 1  1"),
    )


def tls_option_cases(port, files, plain_url):
    """The proxy would let all of these through: it asks for no certificate."""
    proxy = ("-x", f"https://localhost:{port}", "--proxy-cacert", files.good.ca)
    good, key = files.good.certificate, files.good.key

    def authority(file):
        return ("-x", f"https://localhost:{port}", "--proxy-cacert", file)

    def bad(name, *switches, code=CERTIFICATE_PROBLEM, says, url=None):
        return Case(name, (*proxy, *switches), code, says=says, url=url)

    return (
        Case("a missing authority", authority(files.missing), BAD_CA_FILE, says=f"'{files.missing}': No such file"),
        Case("an empty authority", authority(files.empty), BAD_CA_FILE, says=f"'{files.empty}': no certificate"),
        Case("a key as authority", authority(key), BAD_CA_FILE, says=f"'{key}': no certificate"),
        bad("a missing certificate", "--proxy-cert", files.missing, says=f"'{files.missing}': No such file"),
        bad("an empty certificate", "--proxy-cert", files.empty, says=f"'{files.empty}': no start line"),
        bad("a key as certificate", "--proxy-cert", key, says=f"'{key}': no start line"),
        bad("a certificate without its key", "--proxy-cert", good, says=f"key cannot be used: '{good}'"),
        bad("a missing key", "--proxy-cert", good, "--proxy-key", files.missing,
            says=f"'{files.missing}': No such file"),
        bad("the key of another", "--proxy-cert", good, "--proxy-key", files.stranger.key,
            says=f"'{files.stranger.key}': key values mismatch"),
        bad("a key with a wrong password", "--proxy-cert", good, "--proxy-key", files.encrypted_key, "--proxy-pass",
            WRONG_PASSWORD, says=f"key cannot be used: '{files.encrypted_key}'"),
        bad("an unknown cipher", "--proxy-ciphers", "NOPE", code=CIPHER_PROBLEM, says="'NOPE'"),
        bad("an unknown cipher suite", "--proxy-tls13-ciphers", "NOPE", code=CIPHER_PROBLEM, says="'NOPE'"),
        bad("an unknown cipher, forwarded", "--proxy-ciphers", "NOPE", code=CIPHER_PROBLEM, says="NOPE",
            url=plain_url),
        bad("a missing certificate, forwarded", "--proxy-cert", files.missing, says=files.missing, url=plain_url),
        Case("a cipher of TLS 1.2", (*proxy, "--proxy-ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384")),
        Case("a cipher suite of TLS 1.3", (*proxy, "--proxy-tls13-ciphers", "TLS_CHACHA20_POLY1305_SHA256")),
    )


def wrong_scheme_cases(plain_port, tls_port, files):
    plain_as_https = ("-x", f"https://localhost:{plain_port}", "--proxy-cacert", files.good.ca)
    return (
        Case("a plain proxy taken for https", plain_as_https, TLS_CONNECT_FAILED,
             says=f"with the proxy localhost:{plain_port}: wrong version number"),
        # Squid answers with an alert and a reset, and either may be seen first.
        Case("an https proxy taken for plain", ("-x", f"http://localhost:{tls_port}"), (WEIRD_REPLY, RECEIVE_FAILED),
             curl=(WEIRD_REPLY, RECEIVE_FAILED, COULD_NOT_CONNECT)),
    )


def wrong_name_cases(port, files):
    trusted = ("-x", f"https://localhost:{port}", "--proxy-cacert", files.good.ca)
    return (
        Case("a certificate for another name", trusted, NOT_TRUSTED,
             says=f"of the proxy localhost:{port}: hostname mismatch"),
        Case("the same unchecked", (*trusted, "--proxy-insecure")),
    )


def client_certificate_cases(port, files, without):
    """`without` is the code where the certificate is missing: in TLS 1.3 a client is done before the server looks."""
    trusted = ("-x", f"https://localhost:{port}", "--proxy-cacert", files.good.ca)
    good, key, stranger = files.good.certificate, files.good.key, files.stranger
    late = without == RECEIVE_FAILED
    return (
        Case("no certificate", trusted, without,
             says="certificate required.*; see --proxy-cert" if late else f"with the proxy localhost:{port}"),
        Case("the certificate and its key", (*trusted, "--proxy-cert", good, "--proxy-key", key)),
        Case("both in one file", (*trusted, "--proxy-cert", files.both)),
        Case("an encrypted key", (*trusted, "--proxy-cert", good, "--proxy-key", files.encrypted_key, "--proxy-pass",
                                  PASSWORD)),
        Case("its password behind the file's name", (*trusted, "--proxy-cert", f"{files.encrypted}:{PASSWORD}")),
        Case("a stranger's certificate", (*trusted, "--proxy-cert", stranger.certificate, "--proxy-key", stranger.key),
             without, says="unknown ca"),
    )


# ---- more than one, and other kinds ---------------------------------------------------------------------------------


def proxy_protocol_cases(port, plain_port):
    """curl 7.88 sends the header into the tunnel, where it is no use to the proxy."""
    proxy = ("-x", f"http://localhost:{port}")
    return (
        Case("without the header", proxy, RECEIVE_FAILED, says="Recv failure"),
        Case("with the header", ("--haproxy-protocol", *proxy), shows="200 1  1", curl=NOT_ASKED),
        Case("with an address of one's own", ("--haproxy-clientip", "192.0.2.7", *proxy), curl=NOT_ASKED),
        Case("with an IPv6 address", ("--haproxy-clientip", "2001:db8::7", *proxy), curl=NOT_ASKED),
        Case("to a proxy that does not expect it", ("--haproxy-protocol", "-x", f"http://localhost:{plain_port}"),
             COULD_NOT_CONNECT, says="response 400", curl=NOT_ASKED),
    )


def chain_cases(ports, files):
    """curl's --preproxy has to be SOCKS; of others curl 7.88 takes no notice."""
    squid, tiny = f"http://localhost:{ports.squid}", f"http://localhost:{ports.tiny}"
    outer, inner = f"https://localhost:{ports.outer}", f"https://localhost:{ports.inner}"
    trust = ("--proxy-cacert", files.good.ca)
    return (
        Case("http, then http", ("--preproxy", squid, "-x", tiny), shows="200 1  1", curl=NOT_ASKED),
        Case("http, then https", ("--preproxy", squid, "-x", inner, *trust), shows="200 1  1", curl=NOT_ASKED),
        Case("https, then http", ("--preproxy", outer, "-x", tiny, *trust), shows="200 1  1", curl=NOT_ASKED),
        Case("https, then https: TLS in TLS in TLS", ("--preproxy", outer, "-x", inner, *trust), shows="200 1  1",
             curl=NOT_ASKED),
        Case("https, then https, neither trusted", ("--preproxy", outer, "-x", inner), NOT_TRUSTED,
             says=f"of the proxy localhost:{ports.outer}", curl=NOT_ASKED),
        Case("the first one refuses", ("--preproxy", squid, "-x", f"http://localhost:{ports.closed}"),
             COULD_NOT_CONNECT, says="response 403", curl=NOT_ASKED),
        Case("the first one cannot be reached", ("--preproxy", f"http://localhost:{ports.closed}", "-x", squid),
             COULD_NOT_CONNECT, says=f"localhost port {ports.closed}", curl=NOT_ASKED),
    )


def socks_cases(ports, closed_url):
    open_to_all, guarded = f"localhost:{ports.socks}", f"localhost:{ports.guarded_socks}"
    squid = ("-x", f"http://localhost:{ports.squid}")

    def failed(name, arguments, says="SOCKS5", **more):
        return Case(name, arguments, PROXY_HANDSHAKE_FAILED, says=says, **more)

    for switch in ("--socks5", "--socks5-hostname"):
        yield Case(f"{switch}", (switch, open_to_all), shows="000 0  1")
        yield Case(f"{switch} with a password", (switch, guarded, "-U", IDENTITY))
        yield failed(f"{switch} with a wrong password", (switch, guarded, "-U", WRONG_IDENTITY),
                     says=f"through {guarded}: the SOCKS proxy rejected the credentials")
        yield failed(f"{switch} without a password that is asked for", (switch, guarded),
                     says="none of the authentication methods")
    yield from (
        Case("socks5://", ("-x", f"socks5://{open_to_all}")),
        Case("socks5h:// with the password", ("-x", f"socks5h://{IDENTITY}@{guarded}")),
        failed("socks5h:// with a wrong password", ("-x", f"socks5h://{WRONG_IDENTITY}@{guarded}")),
        failed("a name that the proxy does not know", ("-x", f"socks5h://{open_to_all}"),
               url="https://nowhere.invalid/"),
        failed("a port that is closed", ("-x", f"socks5h://{open_to_all}"), url=closed_url, says="refused"),
        Case("SOCKS, then http", ("--preproxy", f"socks5h://{IDENTITY}@{guarded}", *squid), shows="200 1  1"),
        failed("SOCKS with a wrong password, then http",
               ("--preproxy", f"socks5h://{WRONG_IDENTITY}@{guarded}", *squid), says=f"through {guarded}"),
        Case("an http proxy taken for SOCKS", ("-m", "1", "-x", f"socks5h://localhost:{ports.squid}"), TIMED_OUT),
        # microsocks ends the connection after "C", with what it has not read.
        Case("a SOCKS proxy taken for http", ("-x", f"http://{open_to_all}"), (WEIRD_REPLY, RECEIVE_FAILED)),
    )


def socks4_cases(ports, closed_url):
    """Dante takes the address that announces a name for one that it should connect to."""
    socks4 = ("-x", f"socks4://user@localhost:{ports.socks4}")

    def failed(name, arguments, says="SOCKS4 through", **more):
        return Case(name, arguments, PROXY_HANDSHAKE_FAILED, says=says, **more)

    return (
        Case("socks4://", socks4, shows="000 0  1"),
        Case("SOCKS4, then http", ("--preproxy", *socks4[1:], "-x", f"http://localhost:{ports.squid}"),
             shows="200 1  1"),
        failed("a port that is closed", socks4, url=closed_url),
        failed("an IPv6 address", socks4, url="https://[::1]/"),
        failed("a proxy without SOCKS4A", ("-x", f"socks4a://localhost:{ports.socks4}"), says="SOCKS4a through"),
        failed("a proxy that speaks SOCKS5 alone", ("-x", f"socks4://localhost:{ports.socks}"), says=""),
    )


def failover_cases(ports, files, closed_url):
    """A list of proxies is viaduct-curl's own; curl takes the last -x."""
    squid, dead = ("-x", f"http://localhost:{ports.squid}"), ("-x", f"http://localhost:{ports.closed}")
    untrusted = ("-x", f"https://localhost:{ports.inner}")

    def ours(name, arguments, code=0, **more):
        return Case(name, arguments, code, curl=NOT_ASKED, **more)

    return (
        ours("the second, where the first is closed", (*dead, *squid), shows="200 1  1"),
        ours("the second, where the first is not trusted", (*untrusted, *squid), shows="200 1  2"),
        ours("the second, where the first has no address", ("-x", "http://nowhere.invalid:1", *squid),
             shows="200 1  1"),
        ours("not the second, where the first refuses", (*squid, "-x", "direct"), COULD_NOT_CONNECT, url=closed_url,
             says="response 403", shows="403 1  1"),
        ours("direct as the last", (*dead, "-x", "direct"), shows="000 0  1"),
        ours("an empty one as the last", (*dead, "-x", ""), shows="000 0  1"),
        ours("none is left", (*dead, *dead), COULD_NOT_CONNECT, says=f"localhost port {ports.closed}"),
    )


# ---- the world ------------------------------------------------------------------------------------------------------


def start_all(stack, directory, origin, plain, files):
    """All proxies and what stands in front of them; returns their ports."""
    def number(url):
        return int(url.rpartition(":")[2])

    def start(context):
        return stack.enter_context(context)

    def scratch():
        return start(scratch_directory())

    ports = types.SimpleNamespace()
    reserved = [ReservedPort() for _ in range(2)]
    stack.callback(reserved.clear)
    ports.closed, ports.squid_tls = (port.number for port in reserved)
    tls = f"ssl crt {files.both} alpn http/1.1"
    ports.tiny = number(start(tinyproxy(scratch(), origin, False)))
    ports.inner = start(haproxy(directory, ports.tiny, tls))
    allowed = types.SimpleNamespace(port=f"{origin.port} {plain.port} {ports.tiny} {ports.inner}")
    ports.squid = number(start(squid_asking(scratch(), allowed, "acl known src all\nhttps_port "
                                            f"127.0.0.1:{ports.squid_tls} tls-cert={files.good.certificate} "
                                            f"tls-key={files.good.key}")))
    ports.outer = start(haproxy(directory, ports.squid, tls))
    ports.nghttpx = start(nghttpx(ports.squid, files.good))
    ports.elsewhere = start(haproxy(directory, ports.squid, f"ssl crt {files.elsewhere}"))
    demanding = f"{tls} verify required ca-file {files.good.ca}"
    ports.demanding = start(haproxy(directory, ports.squid, demanding))
    ports.demanding_1_2 = start(haproxy(directory, ports.squid, demanding + " ssl-max-ver TLSv1.2"))
    ports.accepting = start(haproxy(directory, ports.squid, "accept-proxy"))
    ports.socks = start(microsocks())
    ports.guarded_socks = start(microsocks(USER, PASSWORD))
    ports.socks4 = start(dante(directory))
    return ports


def run_tables(table, ports, files, plain_url, closed_url):
    for name, port in (("Squid by TLS", ports.squid_tls), ("nghttpx", ports.nghttpx), ("HAProxy", ports.outer)):
        table.run(name, https_cases(port, files, plain_url, closed_url))
    table.run("TLS options", tls_option_cases(ports.squid_tls, files, plain_url))
    table.run("the wrong scheme", wrong_scheme_cases(ports.squid, ports.squid_tls, files))
    table.run("the wrong name", wrong_name_cases(ports.elsewhere, files))
    table.run("client certificates by TLS 1.3", client_certificate_cases(ports.demanding, files, RECEIVE_FAILED))
    table.run("client certificates by TLS 1.2",
              client_certificate_cases(ports.demanding_1_2, files, TLS_CONNECT_FAILED))
    table.run("the PROXY protocol", proxy_protocol_cases(ports.accepting, ports.squid))
    table.run("chains", chain_cases(ports, files))
    table.run("SOCKS5", socks_cases(ports, closed_url))
    table.run("SOCKS4", socks4_cases(ports, closed_url))
    table.run("lists", failover_cases(ports, files, closed_url))


def main(program):
    tests = Tests()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(scratch_directory())
        files = Files(directory, Certificates(directory))
        origin = stack.enter_context(TlsOrigin(files.good))
        plain = stack.enter_context(HttpOrigin())
        started = []
        tests.run("all proxies start", lambda: started.append(start_all(stack, directory, origin, plain, files)))
        for ports in started:
            run_tables(Table(tests, program, origin, files.good), ports, files, plain.url + "/",
                       f"https://localhost:{ports.closed}/")
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

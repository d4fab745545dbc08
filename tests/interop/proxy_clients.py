"""viaduct-proxy as the clients of this world use it: each fetches a page over HTTPS, and the access log has its line.

usage: proxy_clients.py VIADUCT_PROXY
"""

import hashlib
import http.client
import os
import ssl
import sys

from harness import (LOOPBACK_ALLOWED, PAGE, Certificates, Skip, Tests, TlsOrigin, ViaductProxy, expect, expect_match,
                     expect_success, find_program, pattern_bytes, run_client, scratch_directory, tunnel_line)

DOWNLOAD = 20_000_000

REQUESTS_CLIENT = """
import sys, requests
proxy, url, ca = sys.argv[1:]
answer = requests.get(url, proxies={'https': proxy}, verify=ca, timeout=20)
answer.raise_for_status()
sys.stdout.write(answer.text)
"""

# What Node's documentation shows for a CONNECT: the socket of the 'connect' event becomes that of a TLS connection.
NODE_CLIENT = """
const [http, https, tls, fs] = ['http', 'https', 'tls', 'fs'].map(require);
const [proxyPort, originPort, ca] = process.argv.slice(1);
const fail = (why) => { console.error(why); process.exit(1); };
http.request({ host: '127.0.0.1', port: proxyPort, method: 'CONNECT', path: `localhost:${originPort}` })
  .on('connect', (answer, socket) => {
    if (answer.statusCode !== 200) fail(answer.statusCode);
    const options = { socket, servername: 'localhost', ca: fs.readFileSync(ca) };
    https.get({ host: 'localhost', port: originPort, path: '/',
                createConnection: () => tls.connect(options) },
              (page) => page.pipe(process.stdout))
      .on('error', fail);
  })
  .on('error', fail)
  .end();
"""


class Scene:
    """The proxy, an origin behind it, and the clients' way of talking about both."""

    def __init__(self, proxy, origin, certificates):
        self.proxy = proxy
        self.origin = origin
        self.ca = certificates.ca

    def page_through(self, client):
        """Runs a client function; it must return the page, and the proxy must log one tunnel for it."""
        mark = self.proxy.mark()
        expect(client(self), PAGE, "the page")
        self.proxy.await_line(tunnel_line(self.origin.port), since=mark)


def curl(scene, *arguments, environment=None):
    done = run_client(find_program("curl"), "-sS", "--cacert", scene.ca, *arguments, environment=environment)
    return expect_success(done).stdout


def curl_by_option(scene):
    return curl(scene, "-x", scene.proxy.url, scene.origin.url + "/")


def curl_by_environment(scene):
    return curl(scene, scene.origin.url + "/", environment={"HTTPS_PROXY": scene.proxy.url})


def curl_by_environment_without_scheme(scene):
    """HTTPS_PROXY=$PROXY_IP:$PROXY_PORT, as many write it."""
    return curl(scene, scene.origin.url + "/", environment={"HTTPS_PROXY": scene.proxy.address})


def curl_http_1_0_connect(scene):
    return curl(scene, "--proxy1.0", scene.proxy.address, scene.origin.url + "/")


def wget(scene):
    done = run_client(find_program("wget"), "-q", "-O", "-", "--ca-certificate=" + scene.ca, scene.origin.url + "/",
                      environment={"https_proxy": scene.proxy.url})
    return expect_success(done).stdout


def python_requests(scene):
    for python in ("/usr/bin/python3", sys.executable):
        if os.path.exists(python) and run_client(python, "-c", "import requests").returncode == 0:
            done = run_client(python, "-c", REQUESTS_CLIENT, scene.proxy.url, scene.origin.url + "/", scene.ca)
            return expect_success(done).stdout
    raise Skip("python3-requests is not installed")


def python_http_client(scene):
    connection = http.client.HTTPSConnection("127.0.0.1", scene.proxy.port, timeout=20,
                                             context=ssl.create_default_context(cafile=scene.ca))
    connection.set_tunnel("localhost", scene.origin.port)
    connection.request("GET", "/")
    page = connection.getresponse().read()
    connection.close()
    return page


def openssl_s_client(scene):
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    done = run_client(find_program("openssl"), "s_client", "-quiet", "-verify_return_error", "-CAfile", scene.ca,
                      "-servername", "localhost", "-proxy", scene.proxy.address,
                      "-connect", f"localhost:{scene.origin.port}", input=request)
    return expect_success(done).stdout.partition(b"\r\n\r\n")[2]


def node(scene):
    done = run_client(find_program("node"), "-e", NODE_CLIENT, str(scene.proxy.port), str(scene.origin.port), scene.ca)
    return expect_success(done).stdout


def post(scene):
    mark = scene.proxy.mark()
    answer = curl(scene, "-x", scene.proxy.url, "-d", "name=value", scene.origin.url + "/")
    expect(answer, b"name=value", "the answer to a POST")
    scene.proxy.await_line(tunnel_line(scene.origin.port), since=mark)


def large_post(scene):
    mark = scene.proxy.mark()
    body = pattern_bytes(3_000_000)
    done = run_client(find_program("curl"), "-sS", "--cacert", scene.ca, "-x", scene.proxy.url,
                      "--data-binary", "@-", "-H", "Expect:", scene.origin.url + "/", input=body)
    expect(hashlib.sha256(expect_success(done).stdout).hexdigest(), hashlib.sha256(body).hexdigest(), "its checksum")
    scene.proxy.await_line(tunnel_line(scene.origin.port), since=mark)


def download(scene):
    mark = scene.proxy.mark()
    received = curl(scene, "-x", scene.proxy.url, f"{scene.origin.url}/bytes/{DOWNLOAD}")
    expect(len(received), DOWNLOAD, "the length of the download")
    expect(hashlib.sha256(received).hexdigest(), hashlib.sha256(pattern_bytes(DOWNLOAD)).hexdigest(), "its checksum")
    line = scene.proxy.await_line(tunnel_line(scene.origin.port), since=mark).string
    logged = int(expect_match(r"TCP_TUNNEL/200 (\d+) ", line)[1])
    if not DOWNLOAD < logged < DOWNLOAD * 1.05:
        raise AssertionError(f"{logged} bytes are in the log, for a download of {DOWNLOAD}")


def connect_head_of_curl(scene):
    """The answer to CONNECT is the very one that Squid gives: a status line, no fields."""
    mark = scene.proxy.mark()
    both = curl(scene, "-i", "-x", scene.proxy.url, scene.origin.url + "/")
    expect(both.partition(b"\r\n\r\n")[0], b"HTTP/1.1 200 Connection established", "the answer to CONNECT")
    scene.proxy.await_line(tunnel_line(scene.origin.port), since=mark)


CLIENTS = (
    ("curl -x", curl_by_option),
    ("curl with HTTPS_PROXY", curl_by_environment),
    ("curl with HTTPS_PROXY that has no scheme", curl_by_environment_without_scheme),
    ("curl --proxy1.0", curl_http_1_0_connect),
    ("wget", wget),
    ("python3-requests", python_requests),
    ("Python's http.client with set_tunnel", python_http_client),
    ("openssl s_client -proxy", openssl_s_client),
    ("Node's http.request with method CONNECT", node),
)


def main(viaduct_proxy):
    tests = Tests()
    with scratch_directory() as directory:
        certificates = Certificates(directory)
        with TlsOrigin(certificates) as origin, \
             ViaductProxy(viaduct_proxy, "--allow-port", str(origin.port), *LOOPBACK_ALLOWED) as proxy:
            scene = Scene(proxy, origin, certificates)
            for name, client in CLIENTS:
                tests.run(f"a page by {name}, and its line in the log", scene.page_through, client)
            tests.run("curl sees the head that Squid sends", connect_head_of_curl, scene)
            tests.run("a POST by curl", post, scene)
            tests.run("a POST of 3 MB comes back unchanged", large_post, scene)
            tests.run("a download of 20 MB arrives unchanged, and the log counts it", download, scene)
            tests.run("after all of them SIGTERM ends the proxy with status 0", lambda: expect(proxy.stop(), 0))
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])

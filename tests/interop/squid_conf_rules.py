"""Configurations that say who may do what."""

from squid_conf_asks import Crowd, ask
from squid_conf_world import CLIENT, ELSEWHERE, INSIDE, OTHER_CLIENT, PROXY, WIKIPEDIA, Scene

WIKI, EXAMPLE = "en.wikipedia.org:443", "www.example.com:443"


def allowed(name, acl, yes=(), no=(), **more):
    """The ACL `x` decides: who matches it is let through."""
    conf = f"http_port 3128\n{acl}\nhttp_access allow x\nhttp_access deny all\n"
    requests = [one if not isinstance(one, str) else ask(one) for one in yes]
    requests += [one._replace(status=403) if not isinstance(one, str) else ask(one, 403) for one in no]
    return Scene(name, conf, tuple(requests), **more)


THE_SCENE = Scene("the scene", """http_port 3128

acl SSL_ports port 443
acl CONNECT method CONNECT

http_access deny CONNECT !SSL_ports
http_access allow localhost manager
http_access deny manager
http_access allow all

coredump_dir /var/spool/squid
""", (
    ask(WIKI, address=PROXY, source=CLIENT),
    ask(f"{WIKIPEDIA}:443"),
    ask("en.wikipedia.org:8443", 403),
    ask("en.wikipedia.org:22", 403),
    ask("nowhere.invalid:443", 500),
    ask("x.broken:443", 500),
    ask("second.example.com:443", 503),
    ask("prohibited.example:443", 503),
    ask("[::1]:443", 503),
    ask("localhost:443"),
    ask(f"{INSIDE}:443"),
    ask("en.wikipedia.org:0", 400),
    ask("en.wikipedia.org"),
    ask("EN.Wikipedia.ORG:443"),
    ask("en.wikipedia.org.:443"),
))

ORDERS = [
    Scene("no http_access at all", "http_port 3128\n", (ask(WIKI, 403),)),
    Scene("nothing matches, the last is deny", "http_port 3128\nacl wiki dstdomain .wikipedia.org\n"
          "http_access deny wiki\n", (ask(WIKI, 403), ask(EXAMPLE))),
    Scene("nothing matches, the last is allow", "http_port 3128\nacl wiki dstdomain .wikipedia.org\n"
          "http_access allow wiki\n", (ask(WIKI), ask(EXAMPLE, 403))),
    Scene("the first that matches decides", "http_port 3128\nacl wiki dstdomain .wikipedia.org\n"
          "acl en dstdomain en.wikipedia.org\nhttp_access deny en\nhttp_access allow wiki\nhttp_access deny all\n",
          (ask(WIKI, 403), ask("de.wikipedia.org:443"), ask(EXAMPLE, 403))),
    Scene("all of a line, and not", "http_port 3128\nacl wiki dstdomain .wikipedia.org\nacl tls port 443\n"
          f"acl friend src {CLIENT}\nhttp_access allow wiki tls !friend\n",
          (ask(WIKI), ask("en.wikipedia.org:8443", 403), ask(WIKI, 403, source=CLIENT, address=PROXY))),
    Scene("localnet and Safe_ports, as in the file that Squid ships", """http_port 3128
acl localnet src 10.0.0.0/8
acl localnet src 172.16.0.0/12\t\t# RFC 1918
acl localnet src fc00::/7
acl SSL_ports port 443
acl Safe_ports port 80 # http
acl Safe_ports port 443
acl Safe_ports port 1025-65535
acl CONNECT method CONNECT
http_access deny !Safe_ports
http_access deny CONNECT !SSL_ports
http_access allow localhost manager
http_access deny manager
http_access allow localnet
http_access allow localhost
http_access deny all
coredump_dir /var/spool/squid
refresh_pattern ^ftp:           1440    20%     10080
refresh_pattern ^gopher:        1440    0%      1440
refresh_pattern -i (/cgi-bin/|\\?) 0     0%      0
refresh_pattern .               0       20%     4320
""", (ask(WIKI), ask(WIKI, address=PROXY, source=CLIENT), ask("en.wikipedia.org:8443", 403),
      ask("en.wikipedia.org:22", 403), ask(WIKI, 403, address=WIKIPEDIA, source=WIKIPEDIA))),
]

ACLS = [
    allowed("src", f"acl x src {CLIENT}", [ask(WIKI, address=PROXY, source=CLIENT)],
            [WIKI, ask(WIKI, address=PROXY, source=OTHER_CLIENT)]),
    allowed("src, a range", "acl x src 172.30.109.80-172.30.109.89", [ask(WIKI, address=PROXY, source=CLIENT)],
            [WIKI, ask(WIKI, address=PROXY, source=OTHER_CLIENT)]),
    allowed("src, a range with a mask", "acl x src 172.30.108.0-172.30.109.0/24",
            [ask(WIKI, address=PROXY, source=CLIENT)], [WIKI]),
    allowed("src, a mask in full", "acl x src 172.30.109.0/255.255.255.0", [ask(WIKI, address=PROXY, source=CLIENT)],
            [WIKI]),
    allowed("src, bits below the mask", "acl x src 172.30.109.7/24", [ask(WIKI, address=PROXY, source=CLIENT)],
            [WIKI]),
    allowed("src, several lines and values", f"acl x src {OTHER_CLIENT} 192.0.2.0/24\nacl x src {CLIENT}",
            [ask(WIKI, address=PROXY, source=CLIENT), ask(WIKI, address=PROXY, source=OTHER_CLIENT)], [WIKI]),
    allowed("src, a file", 'acl x src "/etc/squid/friends"', [ask(WIKI, address=PROXY, source=CLIENT)], [WIKI],
            files={"/etc/squid/friends": f"# friends\n192.0.2.1\n\n{CLIENT} # the pod\n"}),
    allowed("dst", "acl x dst 91.198.174.0/24", [WIKI, f"{WIKIPEDIA}:443"],
            [EXAMPLE, f"{ELSEWHERE}:443", "nowhere.invalid:443"]),
    allowed("not dst", "acl y dst 91.198.174.0/24\nacl x all-of !y", [EXAMPLE], [WIKI]),
    Scene("deny dst, and a name that there is not", "http_port 3128\nacl y dst 91.198.174.0/24\nhttp_access deny y\n"
          "http_access allow all\n", (ask(WIKI, 403), ask("nowhere.invalid:443", 500))),
    allowed("dstdomain with a dot", "acl x dstdomain .wikipedia.org", [WIKI, "wikipedia.org:443",
            "EN.WIKIPEDIA.org:443", "en.wikipedia.org.:443"], [EXAMPLE, "badwikipedia.org:443"]),
    allowed("dstdomain without a dot", "acl x dstdomain wikipedia.org", ["wikipedia.org:443"], [WIKI]),
    allowed("dstdomain in capitals", "acl x dstdomain EN.Wikipedia.ORG", [WIKI], [EXAMPLE]),
    allowed("dstdomain, an address", f"acl x dstdomain {WIKIPEDIA}", [f"{WIKIPEDIA}:443"], [f"{ELSEWHERE}:443", WIKI]),
    allowed("dstdomain, the name of an address", "acl x dstdomain .wikimedia.org", [f"{WIKIPEDIA}:443"],
            [f"{ELSEWHERE}:443", WIKI]),
    allowed("dstdomain -n", "acl x dstdomain -n .wikimedia.org", [], [f"{WIKIPEDIA}:443"]),
    allowed("dstdomain none", "acl x dstdomain none", [f"{ELSEWHERE}:443"], [f"{WIKIPEDIA}:443"]),
    allowed("dstdomain with a narrower one behind it", "acl x dstdomain .wikipedia.org en.wikipedia.org",
            [WIKI, "de.wikipedia.org:443"], [EXAMPLE]),
    allowed("dstdomain, a file", 'acl x dstdomain "/etc/squid/sites"', [WIKI], [EXAMPLE],
            files={"/etc/squid/sites": "# ours\n.wikipedia.org\n"}),
    allowed("dstdom_regex", r"acl x dstdom_regex ^(en|de)\.wikipedia\.org$", [WIKI, "de.wikipedia.org:443"],
            [EXAMPLE, "wikipedia.org:443"]),
    allowed("dstdom_regex and capitals", "acl x dstdom_regex ^EN", [], [WIKI]),
    allowed("dstdom_regex and a target in capitals", "acl x dstdom_regex ^en", ["EN.wikipedia.org:443"], []),
    allowed("dstdom_regex -i", "acl x dstdom_regex -i ^EN", [WIKI], [EXAMPLE]),
    allowed("dstdom_regex -i and +i", "acl x dstdom_regex -i ^EN +i ^WWW", [WIKI], [EXAMPLE]),
    allowed("dstdom_regex, a file", 'acl x dstdom_regex -i "/etc/squid/patterns"', [WIKI], [EXAMPLE],
            files={"/etc/squid/patterns": "# ours\n^EN\\.\n"}),
    allowed("port, ranges and single ones", "acl x port 443 8000-9000", [WIKI, "en.wikipedia.org:8443"],
            ["en.wikipedia.org:563"]),
    allowed("port from 0", "acl x port 0-500", [WIKI], ["en.wikipedia.org:563"]),
    allowed("method", "acl x method CONNECT", [WIKI], [ask("http://en.wikipedia.org:443/", method="GET")]),
    allowed("method, several", "acl x method GET CONNECT", [WIKI],
            [ask("http://en.wikipedia.org:443/", method="PUT")]),
    allowed("method in small letters", "acl x method connect", [WIKI], []),
    allowed("proto", "acl x proto HTTP", [], [WIKI]),
    allowed("proto NONE", "acl x proto NONE", [WIKI], []),
    allowed("url_regex", "acl x url_regex ^en.wikipedia.org:443$", [WIKI], [EXAMPLE]),
    allowed("url_regex with a scheme", "acl x url_regex ^https?://", [], [WIKI]),
    allowed("url_regex -i", "acl x url_regex -i WIKIPEDIA", [WIKI], [EXAMPLE]),
    allowed("urlpath_regex", "acl x urlpath_regex .", [], [WIKI]),
    allowed("browser", "acl x browser ^curl/[78]", [ask(WIKI, fields=("User-Agent: curl/7.88.1",))],
            [WIKI, ask(WIKI, fields=("User-Agent: Mozilla/5.0",))]),
    allowed("req_header", r"acl x req_header X-Team -i ^RED$", [ask(WIKI, fields=("X-Team: red",))],
            [WIKI, ask(WIKI, fields=("X-Team: redder",))]),
    allowed("referer_regex", "acl x referer_regex corp", [ask(WIKI, fields=("Referer: http://intranet.corp/",))],
            [WIKI]),
    allowed("time, always", "acl x time SMTWHFA 00:00-23:59", [WIKI], []),
    allowed("time, a whole week without hours", "acl x time SMTWHFA", [WIKI], []),
    allowed("time D and A", "acl x time DAS", [WIKI], []),
    allowed("time, hours alone", "acl x time 00:00-24:00", [WIKI], []),
    allowed("myportname", "acl x myportname inner", [ask(WIKI, port=3129)], [WIKI],
            ports=(3128, 3129))._replace(
                conf="http_port 3128\nhttp_port 3129 name=inner\nacl x myportname inner\nhttp_access allow x\n"
                     "http_access deny all\n"),
    Scene("myportname of a port without a name", "http_port 3128\nhttp_port 127.0.0.1:3129\nacl x myportname 3128\n"
          "acl y myportname 127.0.0.1:3129\nhttp_access allow x\nhttp_access allow y\n",
          (ask(WIKI), ask(WIKI, port=3129)), ports=(3128, 3129)),
    Scene("localport and localip", f"http_port 3128\nhttp_port 3129\nacl p localport 3129\nacl a localip {PROXY}/32\n"
          "http_access allow p\nhttp_access allow a\nhttp_access deny all\n",
          (ask(WIKI, port=3129), ask(WIKI, address=PROXY, source=CLIENT), ask(WIKI, 403)), ports=(3128, 3129)),
    allowed("any-of", f"acl a dstdomain .wikipedia.org\nacl b src {CLIENT}\nacl x any-of a b",
            [WIKI, ask(EXAMPLE, address=PROXY, source=CLIENT)], [EXAMPLE]),
    allowed("all-of", f"acl a dstdomain .wikipedia.org\nacl b src {CLIENT}\nacl x all-of a !b", [WIKI],
            [EXAMPLE, ask(WIKI, address=PROXY, source=CLIENT)]),
    allowed("all-of, two lines", "acl a dstdomain .wikipedia.org\nacl b port 8443\nacl c dstdomain www.example.com\n"
            "acl x all-of a b\nacl x all-of c", ["en.wikipedia.org:8443", EXAMPLE], [WIKI]),
    allowed("localhost, which Squid knows", "acl x any-of localhost", [WIKI],
            [ask(WIKI, address=PROXY, source=CLIENT)]),
    allowed("to_localhost, which Squid knows", "acl x any-of to_localhost", ["localhost:443", "127.0.0.1:443"], [WIKI]),
    allowed("CONNECT, which Squid 5 knows", "acl x any-of CONNECT", [WIKI],
            [ask("http://en.wikipedia.org:443/", method="GET")]),
    allowed("src all", "acl x src all", [WIKI], []),
    Scene("maxconn", "http_port 3128\nacl many maxconn 2\nhttp_access deny many\nhttp_access allow all\n",
          (Crowd((ask(WIKI), ask(WIKI), ask(WIKI, 403), ask(WIKI, address=PROXY, source=CLIENT)), 4), ask(WIKI))),
    Scene("client_ip_max_connections", "http_port 3128\nclient_ip_max_connections 2\nhttp_access allow all\n",
          (Crowd((ask(WIKI), ask(WIKI), ask(WIKI), ask(WIKI, None)), 3),)),
    Scene("http_reply_access does not look at tunnels", "http_port 3128\nhttp_access allow all\n"
          "http_reply_access deny all\n", (ask(WIKI),)),
    Scene("deny_info, a redirection", "http_port 3128\nacl wiki dstdomain .wikipedia.org\nhttp_access deny wiki\n"
          "http_access allow all\ndeny_info http://intranet.corp/why?%u wiki\n", (ask(WIKI, 307),)),
    Scene("deny_info, another redirection", "http_port 3128\nacl wiki dstdomain .wikipedia.org\nhttp_access deny wiki\n"
          "http_access allow all\ndeny_info 307:http://intranet.corp/why wiki\n", (ask(WIKI, 307),)),
    Scene("deny_info, a page and a status", "http_port 3128\nacl wiki dstdomain .wikipedia.org\nhttp_access deny wiki\n"
          "http_access allow all\ndeny_info 404:ERR_ACCESS_DENIED wiki\n", (ask(WIKI, 404),)),
    Scene("deny_info TCP_RESET", "http_port 3128\nacl wiki dstdomain .wikipedia.org\nhttp_access deny wiki\n"
          "http_access allow all\ndeny_info TCP_RESET wiki\n", (ask(WIKI, None),)),
    Scene("access to the manager", "http_port 3128\nhttp_access allow localhost manager\nhttp_access deny manager\n"
          "http_access deny all\n", (ask(WIKI, 403),)),
]

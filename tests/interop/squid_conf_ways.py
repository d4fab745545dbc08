"""Configurations that say which way a tunnel goes: parents, addresses of one's own, clocks."""

from squid_conf_asks import Timed, ask, ends_by_itself, half_closed, rate
from squid_conf_world import CLIENT, PARENTS, PROXY, WAYS_OUT, WIKIPEDIA, Scene

WIKI, EXAMPLE = "en.wikipedia.org:443", "www.example.com:443"
OPEN = "http_port 3128\nvisible_hostname edge.corp\nhttp_access allow all\n"


def peer(port, *options):
    return f"cache_peer {PARENTS} parent {port} 0 no-query {' '.join(options)}\n"


def through(name, peers, *requests, rest="never_direct allow all\n", **more):
    return Scene(name, OPEN + peers + rest, requests, **more)


PARENT_SCENES = [
    through("a parent, but CONNECT goes directly", peer(8080, "default"), ask(WIKI), rest=""),
    through("nonhierarchical_direct off", peer(8080, "default"), ask(WIKI), rest="nonhierarchical_direct off\n"),
    through("nonhierarchical_direct off, prefer_direct on", peer(8080, "default"), ask(WIKI),
            rest="nonhierarchical_direct off\nprefer_direct on\n"),
    through("prefer_direct on alone", peer(8080, "default"), ask(WIKI), rest="prefer_direct on\n"),
    through("prefer_direct on, and no direct way", peer(8080, "default"), ask("second.example.com:443", 503),
            rest="prefer_direct on\n"),
    through("nonhierarchical_direct, and no direct way", peer(8080), ask("second.example.com:443", 503),
            ask("nowhere.invalid:443", 500), rest=""),
    through("never_direct", peer(8080, "default"), ask(WIKI), ask("nowhere.invalid:443")),
    through("never_direct by ACL", peer(8080, "default"), ask(WIKI), ask(EXAMPLE),
            rest="acl wiki dstdomain .wikipedia.org\nnever_direct allow wiki\n"),
    through("never_direct deny", peer(8080, "default"), ask(WIKI), ask(EXAMPLE),
            rest="acl wiki dstdomain .wikipedia.org\nnever_direct deny wiki\n"),
    through("always_direct wins", peer(8080, "default"), ask(WIKI), ask(EXAMPLE),
            rest="acl wiki dstdomain .wikipedia.org\nalways_direct allow wiki\nnever_direct allow all\n"),
    through("never_direct without parents", "", ask(WIKI, 500)),
    through("cache_peer_access", peer(8080, "name=one") + peer(8081, "name=two"), ask(WIKI), ask(EXAMPLE),
            rest="acl wiki dstdomain .wikipedia.org\ncache_peer_access one deny wiki\ncache_peer_access one allow all\n"
                 "cache_peer_access two allow wiki\ncache_peer_access two deny all\nnever_direct allow all\n"),
    through("cache_peer_access leaves none", peer(8080, "name=one"), ask(WIKI, 500),
            rest="cache_peer_access one deny all\nnever_direct allow all\n"),
    through("two parents without options", peer(8081, "name=two") + peer(8080, "name=one"), ask(WIKI), ask(WIKI)),
    through("default is the last resort", peer(8081, "name=two", "default") + peer(8080, "name=one"), ask(WIKI),
            ask(WIKI)),
    through("round-robin", peer(8080, "name=one", "round-robin") + peer(8081, "name=two", "round-robin"), ask(WIKI),
            ask(WIKI), ask(WIKI), ask(WIKI)),
    through("a dead parent, and another", peer(8009, "name=dead") + peer(8080, "name=one"), ask(WIKI)),
    through("a dead parent, and the direct way", peer(8009), ask(WIKI), rest="nonhierarchical_direct off\n"),
    through("a dead parent, and no other way", peer(8009), ask(WIKI, 500)),
    through("a parent that refuses, and no other way", peer(8403), ask(WIKI, 403)),
    through("a parent that refuses, and another", peer(8403, "name=a") + peer(8080, "name=b"), ask(WIKI)),
    through("a parent that wants a password", peer(8407), ask(WIKI, 407)),
    through("a parent that cannot reach it", peer(8502), ask(WIKI, 502)),
    through("a parent that is busy, and another", peer(8503, "name=a") + peer(8080, "name=b"), ask(WIKI)),
    through("a parent that cannot reach it, and another", peer(8502, "name=a") + peer(8080, "name=b"), ask(WIKI)),
    through("a parent that refuses, and the direct way", peer(8403), ask(WIKI),
            rest="nonhierarchical_direct off\n"),
    through("a parent that cannot reach it, and the direct way", peer(8502), ask(WIKI),
            rest="nonhierarchical_direct off\n"),
    through("a parent that closes without a word", peer(8000), ask(WIKI)),
    through("a parent that closes without a word, and another", peer(8000, "name=a") + peer(8080, "name=b"), ask(WIKI)),
    through("a parent that resets", peer(8002), ask(WIKI, 502)),
    through("login=", peer(8080, "login=proxy:secret"), ask(WIKI)),
    through("login= of a parent that asks", peer(8088, "login=proxy:secret"), ask(WIKI)),
    through("login= with an escape", peer(8088, "login=proxy:se%63ret"), ask(WIKI)),
    through("without login= nothing of the client's goes on", peer(8080), ask(WIKI, user="alice:secret")),
    through("what a parent is told", peer(8080), ask(WIKI,
                                                        fields=("User-Agent: test/1", "X-Own: 1", "Via: 1.1 first"))),
    through("forwarded_for delete", peer(8080), ask(WIKI, fields=("X-Forwarded-For: 192.0.2.7",)),
            rest="never_direct allow all\nforwarded_for delete\n"),
    through("via off", peer(8080), ask(WIKI), rest="never_direct allow all\nvia off\n"),
    through("request_header_access", peer(8080), ask(WIKI, fields=("X-Own: 1", "User-Agent: test/1")),
            rest="never_direct allow all\nrequest_header_access X-Own deny all\n"
                 "request_header_replace User-Agent me\n"),
    through("a parent by name that there is not", "cache_peer gone.invalid parent 8080 0 no-query\n" +
            peer(8080, "name=one"), ask(WIKI)),
]

OUT = [
    Scene("tcp_outgoing_address", OPEN + f"acl wiki dstdomain .wikipedia.org\ntcp_outgoing_address {WAYS_OUT[0]} wiki\n"
          f"tcp_outgoing_address {WAYS_OUT[1]}\n", (ask(WIKI), ask(EXAMPLE))),
    Scene("tcp_outgoing_address by client", OPEN + f"acl pod src {CLIENT}\ntcp_outgoing_address {WAYS_OUT[0]} pod\n",
          (ask(WIKI, address=PROXY, source=CLIENT), ask(WIKI))),
    Scene("tcp_outgoing_address that is not ours", OPEN + "tcp_outgoing_address 192.0.2.77\n", (ask(WIKI, 503),)),
    Scene("tcp_outgoing_address by dst", OPEN + f"acl wiki dst {WIKIPEDIA}\ntcp_outgoing_address {WAYS_OUT[0]} wiki\n",
          (ask(WIKI), ask(EXAMPLE))),
    Scene("tcp_outgoing_address to a parent", OPEN + peer(8080) + f"tcp_outgoing_address {WAYS_OUT[0]}\n"
          "never_direct allow all\n", (ask(WIKI),)),
    Scene("connect_timeout", OPEN + "connect_timeout 1 second\n", (ask("silent.example:443", 503),)),
    Scene("forward_timeout", OPEN + "forward_timeout 1 second\nconnect_timeout 1 second\n",
          (ask("silent.example:443", 503),)),
    Scene("read_timeout ends a quiet tunnel", OPEN + "read_timeout 1 second\n",
          (Timed(ask(WIKI), ends_by_itself(3, 0.5)),)),
    Scene("client_lifetime ends any tunnel", OPEN + "client_lifetime 1 second\n",
          (Timed(ask(WIKI), ends_by_itself(3, 0.5)),)),
    Scene("half_closed_clients off", OPEN, (Timed(ask(WIKI), half_closed),)),
    Scene("half_closed_clients on", OPEN + "half_closed_clients on\n", (Timed(ask(WIKI), half_closed),)),
    Scene("request_timeout", OPEN + "request_timeout 1 second\n",
          (ask("", None, raw=b"CONNECT en.wikipedia.org:443 HTTP/1.1\r\n"),)),
    Scene("request_start_timeout", OPEN + "request_start_timeout 1 second\n", (ask("", None),)),
    Scene("request_header_max_size", OPEN + "request_header_max_size 2 KB\n",
          (ask(WIKI, fields=("X-Long: " + "x" * 1000,)), ask(WIKI, 431, fields=("X-Long: " + "x" * 3000,)))),
    Scene("reply_header_max_size and a parent", OPEN + peer(8080) + "never_direct allow all\n"
          "reply_header_max_size 1 KB\n", (ask(WIKI),)),
    Scene("delay_pools, class 1", OPEN + "delay_pools 1\ndelay_class 1 1\ndelay_access 1 allow all\n"
          "delay_parameters 1 60000/60000\n", (Timed(ask(WIKI), rate(120000, 0.3, 10)),)),
    Scene("delay_pools, class 2", OPEN + "delay_pools 1\ndelay_class 1 2\ndelay_access 1 allow all\n"
          "delay_parameters 1 none 60000/60000\n", (Timed(ask(WIKI), rate(120000, 0.3, 10)),)),
    Scene("delay_pools, class 3", OPEN + "delay_pools 1\ndelay_class 1 3\ndelay_access 1 allow all\n"
          "delay_parameters 1 -1/-1 -1/-1 60000/60000\n", (Timed(ask(WIKI), rate(120000, 0.3, 10)),)),
    Scene("delay_pools that are not for this client", OPEN + f"delay_pools 1\ndelay_class 1 1\nacl pod src {CLIENT}\n"
          "delay_access 1 allow pod\ndelay_access 1 deny all\ndelay_parameters 1 1000/1000\n",
          (Timed(ask(WIKI), rate(150000, 0, 5)),)),
]

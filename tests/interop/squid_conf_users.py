"""Configurations that ask who the client is, of passwords and of helpers."""

from squid_conf_asks import Crowd, Digest, Timed, ask, echoes
from squid_conf_world import CLIENT, OTHER_CLIENT, PROXY, Scene, proxy_protocol

WIKI, EXAMPLE = "en.wikipedia.org:443", "www.example.com:443"
NCSA = "/usr/lib/squid/basic_ncsa_auth"
BASIC = f"http_port 3128\nauth_param basic program {NCSA} /etc/squid/passwd\n"
MEMBERS = "acl members proxy_auth REQUIRED\n"

# A helper of a few lines: who says what is written on it.
ANSWERS = {"/etc/squid/basic": """#!/bin/sh
while read user password; do
  case $user:$password in
    alice:secret|Alice:secret|bob:builder) echo OK;;
    tagged:secret) echo 'OK tag=red';;
    slow:*) echo BH message=tired;;
    *) echo 'ERR message=no';;
  esac
done
"""}
OWN = "http_port 3128\nauth_param basic program /etc/squid/basic\n"

BASIC_SCENES = [
    Scene("basic", OWN + "auth_param basic realm The company\n" + MEMBERS + "http_access allow members\n",
          (ask(WIKI, 407), ask(WIKI, user="alice:secret"), ask(WIKI, 407, user="alice:wrong"),
           ask(WIKI, 407, user="nobody:secret"), ask(WIKI, 407, user="slow:secret"),
           ask(WIKI, 407, fields=("Proxy-Authorization: Basic !!!",)),
           ask(WIKI, 407, fields=("Proxy-Authorization: Bearer abc",)))),
    Scene("basic without a realm", OWN + MEMBERS + "http_access allow members\n", (ask(WIKI, 407),), files=ANSWERS),
    Scene("basic with utf8", OWN + "auth_param basic utf8 on\n" + MEMBERS + "http_access allow members\n",
          (ask(WIKI, 407),)),
    Scene("basic_ncsa_auth", BASIC + "auth_param basic children 2 startup=1 idle=1\nauth_param basic credentialsttl "
          "2 hours\n" + MEMBERS + "http_access deny !members\nhttp_access allow all\n",
          (ask(WIKI, 407), ask(WIKI, user="alice:secret"), ask(WIKI, 407, user="alice:wrong")), files={
              "/etc/squid/passwd": "alice:$apr1$salt1234$G61s9lpZAELkzUFCbj/53/\n"}),
    Scene("some names alone", OWN + "acl some proxy_auth bob carol\nhttp_access allow some\nhttp_access deny all\n",
          (ask(WIKI, 407), ask(WIKI, user="bob:builder"), ask(WIKI, 403, user="alice:secret"))),
    Scene("some names, and deny at the end of the line", OWN + "acl some proxy_auth bob\nhttp_access deny some\n"
          "http_access allow all\n",
          (ask(WIKI, 407), ask(WIKI, 407, user="bob:builder"), ask(WIKI, user="alice:secret"))),
    Scene("the last ACL of a denial asks again", OWN + "acl some proxy_auth bob\nhttp_access deny !some\n"
          "http_access allow all\n",
          (ask(WIKI, 407), ask(WIKI, user="bob:builder"), ask(WIKI, 407, user="alice:secret"))),
    Scene("deny !members all", OWN + MEMBERS + "acl some proxy_auth bob\nhttp_access deny !members\nhttp_access deny "
          "!some all\nhttp_access allow all\n", (ask(WIKI, 407), ask(WIKI, user="bob:builder"),
                                                ask(WIKI, 403, user="alice:secret"))),
    Scene("only some sites need a user", OWN + MEMBERS + "acl wiki dstdomain .wikipedia.org\nhttp_access allow wiki\n"
          "http_access allow members\nhttp_access deny all\n",
          (ask(WIKI), ask(EXAMPLE, 407), ask(EXAMPLE, user="alice:secret"), ask(WIKI, user="alice:wrong"))),
    Scene("casesensitive off", OWN + "auth_param basic casesensitive off\nacl some proxy_auth alice\n"
          "http_access allow some\n", (ask(WIKI, user="ALICE:secret"), ask(WIKI, user="alice:secret"))),
    Scene("casesensitive on", OWN + "auth_param basic casesensitive on\nacl some proxy_auth alice\n"
          "http_access allow some\nhttp_access deny all\n", (ask(WIKI, 403, user="Alice:secret"),)),
    Scene("proxy_auth -i", OWN + "acl some proxy_auth -i ALICE\nhttp_access allow some\nhttp_access deny all\n",
          (ask(WIKI, user="alice:secret"), ask(WIKI, 403, user="bob:builder"))),
    Scene("proxy_auth_regex", OWN + "acl some proxy_auth_regex ^al\nhttp_access allow some\nhttp_access deny all\n",
          (ask(WIKI, 407), ask(WIKI, user="alice:secret"), ask(WIKI, 403, user="bob:builder"))),
    Scene("proxy_auth_regex -i", OWN + "acl some proxy_auth_regex -i ^AL\nhttp_access allow some\n"
          "http_access deny all\n", (ask(WIKI, user="alice:secret"), ask(WIKI, 403, user="bob:builder"))),
    Scene("proxy_auth, a file", OWN + 'acl some proxy_auth "/etc/squid/names"\nhttp_access allow some\n'
          "http_access deny all\n", (ask(WIKI, user="bob:builder"), ask(WIKI, 403, user="alice:secret")),
          files={"/etc/squid/names": "bob\ncarol\n"}),
    Scene("407, and the same connection", OWN + MEMBERS + "http_access allow members\n",
          (ask(WIKI, 407, then=(WIKI, 200, "alice:secret")),)),
    Scene("max_user_ip", OWN + "acl spread max_user_ip -s 1\n" + MEMBERS + "http_access deny !members\n"
          "http_access deny spread\nhttp_access allow all\nauthenticate_ip_ttl 60 seconds\n",
          (Crowd((ask(WIKI, user="alice:secret", address=PROXY, source=CLIENT),
                  ask(WIKI, 403, user="alice:secret", address=PROXY, source=OTHER_CLIENT),
                  ask(WIKI, user="alice:secret", address=PROXY, source=CLIENT)), 3),)),
    Scene("a helper that says nothing", "http_port 3128\nauth_param basic program /etc/squid/silent\n" + MEMBERS +
          "http_access allow members\n", (ask(WIKI, 407),), files={"/etc/squid/silent": "#!/bin/sh\nsleep 30\n"}),
    Scene("basic and digest together", OWN + "auth_param digest program /usr/lib/squid/digest_file_auth "
          "/etc/squid/digest\nauth_param digest realm The company\n" + MEMBERS + "http_access allow members\n",
          (ask(WIKI, 407), ask(WIKI, user="alice:secret")), files=ANSWERS | {"/etc/squid/digest": "alice:secret\n"}),
    Scene("digest alone", "http_port 3128\nauth_param digest program /usr/lib/squid/digest_file_auth "
          "/etc/squid/digest\nauth_param digest realm The company\nauth_param digest nonce_max_count 50\n" + MEMBERS +
          "http_access allow members\n", (ask(WIKI, 407), ask(WIKI, 407, user="alice:secret"),
                                                Digest(WIKI, 200, "alice:secret"), Digest(WIKI, 407, "alice:wrong")),
          files={"/etc/squid/digest": "alice:secret\n"}),
    Scene("a user in the log", OWN + MEMBERS + "http_access allow members\nhttp_access allow all\n",
          (ask(WIKI, user="alice:secret"),)),
]

HELPER = {"/etc/squid/helper": """#!/bin/sh
while read line; do
  case $line in
    *wikipedia*) echo 'OK user=wiki tag=red';;
    *example.com*) echo 'ERR message="not there" log=why';;
    *second*) echo BH;;
    *) echo "OK user=$(echo "$line" | tr -c 'a-zA-Z0-9.\\n' _)";;
  esac
done
""", "/etc/squid/numbered": """#!/bin/sh
while read number line; do
  case $line in *wikipedia*) echo "$number OK user=n";; *) echo "$number ERR";; esac
done
"""}


def external(name, options, format, *requests, rules="http_access allow x\nhttp_access deny all\n",
             program="/etc/squid/helper", arguments=""):
    return Scene(name, f"http_port 3128\nexternal_acl_type helper {options} {format} {program}\n"
                 f"acl x external helper {arguments}\n{rules}", requests)


EXTERNAL = [
    external("external", "ttl=60 negative_ttl=10 children-max=2 children-startup=1", "%DST", ask(WIKI),
             ask(EXAMPLE, 403), ask("second.example.com:443", 403)),
    external("external with SRC and PORT", "", "%SRC %PORT %METHOD", ask(WIKI), ask("en.wikipedia.org:8443")),
    external("external with %>a %>rP", "", "%>a %>rP %>rm %>ha{X-Own}", ask(WIKI), ask(WIKI, fields=("X-Own: a b",))),
    external("external with URI", "", "%URI", ask("intranet.corp:443")),
    external("external with a field", "", "%>{X-Own}", ask(WIKI, fields=("X-Own: a b",)), ask(WIKI)),
    external("external with arguments", "", "%SRC", ask(WIKI), arguments="one two"),
    external("external with concurrency", "concurrency=5", "%DST", ask(WIKI), ask(EXAMPLE, 403),
             program="/etc/squid/numbered"),
    external("external %MYADDR %MYPORT %SRCPORT", "", "%MYADDR %MYPORT", ask(WIKI)),
    external("not external", "", "%DST", ask(WIKI, 403), ask(EXAMPLE),
             rules="http_access deny x\nhttp_access allow all\n"),
    Scene("external with %LOGIN", OWN + "external_acl_type helper %LOGIN /etc/squid/helper\nacl x external helper\n"
          "http_access allow x\nhttp_access deny all\n", (ask(WIKI, 407), ask(WIKI, user="bob:builder"))),
    Scene("ext_user", "http_port 3128\nexternal_acl_type helper %DST /etc/squid/helper\nacl x external helper\n"
          "acl them ext_user wiki\nhttp_access deny !x\nhttp_access allow them\nhttp_access deny all\n",
          (ask(WIKI), ask("intranet.corp:443", 403))),
]

LISTENERS = [
    Scene("a port of one address", "http_port 127.0.0.1:3128\nhttp_access allow all\n", (ask(WIKI),)),
    Scene("a port of IPv6", "http_port [::1]:3128\nhttp_access allow all\n", (ask(WIKI, address="::1"),)),
    Scene("https_port", "http_port 3128\nhttps_port 3129 tls-cert=/etc/squid/localhost.pem "
          "tls-key=/etc/squid/localhost.key\nhttp_access allow all\n",
          (Timed(ask(WIKI, port=3129), echoes, tls=True), ask(WIKI)), ports=(3128, 3129)),
    Scene("two ports and a name", "http_port 3128\nhttp_port 3129 name=inner\nacl inner myportname inner\n"
          "http_access allow inner\nhttp_access deny all\n", (ask(WIKI, 403), ask(WIKI, port=3129)),
          ports=(3128, 3129)),
    Scene("require-proxy-header", f"http_port 3128 require-proxy-header\nproxy_protocol_access allow localhost\n"
          f"acl pod src {CLIENT}\nhttp_access allow pod\nhttp_access deny all\n",
          (ask(WIKI, before=proxy_protocol(CLIENT)), ask(WIKI, 403, before=proxy_protocol(OTHER_CLIENT)),
           ask(WIKI, None), ask(WIKI, None, address=PROXY, source=CLIENT, before=proxy_protocol(CLIENT)))),
    Scene("require-proxy-header without proxy_protocol_access", "http_port 3128 require-proxy-header\n"
          "http_access allow all\n", (ask(WIKI, None, before=proxy_protocol(CLIENT)),)),
    Scene("ssl_bump without ssl-bump", "http_port 3128\nssl_bump splice all\nhttp_access allow all\n", (ask(WIKI),)),
    Scene("ssl_bump none", "http_port 3128\nssl_bump none all\nhttp_access allow all\n", (ask(WIKI),)),
    Scene("port options that change nothing", "http_port 3128 connection-auth=off disable-pmtu-discovery=off "
          "tcpkeepalive=60,30,3\nhttp_access allow all\n", (ask(WIKI),)),
    Scene("workers", "workers 1\nhttp_port 3128\nhttp_access allow all\n", (ask(WIKI),)),
]
for scene in (BASIC_SCENES, EXTERNAL):
    scene[:] = [one._replace(files=ANSWERS | HELPER | one.files) for one in scene]

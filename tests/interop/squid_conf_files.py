"""Configurations about the file itself, about logs and about what changes no tunnel; and files that are refused."""

from squid_conf_asks import ask
from squid_conf_world import Scene, Verdict

WIKI, EXAMPLE = "en.wikipedia.org:443", "www.example.com:443"
OPEN = "http_port 3128\nhttp_access allow all\n"
WIKI_ONLY = "acl wiki dstdomain .wikipedia.org\n"


def syntax(name, conf, *requests, **more):
    return Scene(name, conf, requests, **more)


FILES = [
    syntax("a line goes on behind a backslash", "http_port 3128\nacl wiki dstdomain \\\n  .wikipedia.org \\\n"
           "  .example.com\nhttp_access allow wiki\n", ask(WIKI), ask(EXAMPLE), ask("intranet.corp:443", 403)),
    syntax("comments", "# first\nhttp_port 3128 # behind\n   # indented\n\nacl wiki dstdomain .wikipedia.org "
           "#.example.com\nhttp_access allow wiki\n", ask(WIKI), ask(EXAMPLE, 403)),
    syntax("a comment that ends in a backslash", "http_port 3128\n# a comment \\\nhttp_access allow all\n"
           "http_access deny all\n", ask(WIKI)),
    syntax("tabs, blanks and Windows line ends", "http_port\t3128\r\n  acl wiki\tdstdomain  .wikipedia.org\r\n"
           "http_access allow wiki\r\n", ask(WIKI), ask(EXAMPLE, 403)),
    syntax("no line end at the end", "http_port 3128\nhttp_access allow all", ask(WIKI)),
    syntax("include", "http_port 3128\ninclude /etc/squid/conf.d/*.conf\nhttp_access deny all\n", ask(WIKI),
           ask(EXAMPLE, 403), files={"/etc/squid/conf.d/20.conf": "http_access allow wiki\n",
                                     "/etc/squid/conf.d/10.conf": WIKI_ONLY,
                                     "/etc/squid/conf.d/30.txt": "http_access allow all\n"}),
    syntax("include of two files", "http_port 3128\ninclude /etc/squid/a /etc/squid/b\n", ask(WIKI), ask(EXAMPLE, 403),
           files={"/etc/squid/a": WIKI_ONLY, "/etc/squid/b": "http_access allow wiki\n"}),
    syntax("include in include", "http_port 3128\ninclude /etc/squid/a\n", ask(WIKI), ask(EXAMPLE, 403),
           files={"/etc/squid/a": WIKI_ONLY + "include /etc/squid/b\n", "/etc/squid/b": "http_access allow wiki\n"}),
    syntax("if true", "http_port 3128\nif true\nhttp_access allow all\nelse\nhttp_access deny all\nendif\n", ask(WIKI)),
    syntax("if false", "http_port 3128\nif false\nhttp_access allow all\nelse\nhttp_access deny all\nendif\n",
           ask(WIKI, 403)),
    syntax("if of numbers, and in one another", "http_port 3128\nif 1 = 1\nif 2 = 3\nhttp_access deny all\nendif\n"
           "http_access allow all\nendif\n", ask(WIKI)),
    syntax("if ${process_number} = 0", "http_port 3128\nif ${process_number} = 0\nhttp_access allow all\nelse\n"
           "http_access deny all\nendif\n", ask(WIKI)),
    syntax("if ${process_number} = 1", "http_port 3128\nif ${process_number} = 1\nhttp_access allow all\nelse\n"
           "http_access deny all\nendif\n", ask(WIKI, 403)),
    syntax("${service_name}", OPEN + "access_log stdio:/var/log/squid/${service_name}.log squid\n", ask(WIKI),
           log="/var/log/squid/squid.log"),
    syntax("parameters()", "configuration_includes_quoted_values on\nhttp_port 3128\n"
           'acl sites dstdomain parameters("/etc/squid/sites")\nhttp_access allow sites\nhttp_access deny all\n',
           ask(WIKI), ask(EXAMPLE, 403), files={"/etc/squid/sites": ".wikipedia.org\n"}),
    syntax("a regular expression with a blank", 'http_port 3128\nacl own req_header X-Team red\\steam\n'
           "http_access allow own\nhttp_access deny all\n", ask(WIKI, fields=("X-Team: red team",)), ask(WIKI, 403)),
    syntax("what is about caches alone", OPEN + """cache_mem 64 MB
maximum_object_size 4 MB
maximum_object_size_in_memory 512 KB
memory_replacement_policy lru
cache_replacement_policy heap LFUDA
cache deny all
cache_swap_low 90
cache_swap_high 95
store_avg_object_size 13 KB
refresh_pattern . 0 20% 4320
quick_abort_min 16 KB
range_offset_limit 0
negative_ttl 0 seconds
positive_dns_ttl 6 hours
negative_dns_ttl 1 minute
minimum_expiry_time 60 seconds
cache_store_log none
coredump_dir /var/spool/squid
ipcache_size 1024
fqdncache_size 1024
icp_port 0
htcp_port 0
snmp_port 0
ftp_passive on
ftp_user Squid@
error_directory /usr/share/squid-langpack/en
cache_mgr root@localhost
httpd_suppress_version_string on
memory_pools off
max_filedescriptors 1024
shutdown_lifetime 1 second
pid_filename /run/squid.pid
cache_effective_user proxy
cache_effective_group proxy
visible_hostname edge.corp
unique_hostname edge1.corp
strip_query_terms on
buffered_logs off
logfile_rotate 3
pipeline_prefetch 0
detect_broken_pconn off
client_persistent_connections on
server_persistent_connections on
dns_v4_first on
hosts_file /etc/hosts
dns_nameservers 127.0.0.1
debug_options ALL,1
client_db on
uri_whitespace strip
pinger_enable off
cachemgr_passwd none all
ignore_expect_100 on
store_id_program /bin/cat
cache_dir null /tmp
acl all src 0.0.0.0/0
acl manager proto cache_object
sslproxy_cert_error allow all
ident_lookup_access allow all
reply_body_max_size 1 KB
request_body_max_size 1 KB
server_idle_pconn_timeout 1 minute
collapsed_forwarding on
spoof_client_ip allow all
eui_lookup off
retry_on_error on
connect_retries 2
forward_max_tries 5
on_unsupported_protocol tunnel all
server_pconn_for_nonretriable allow all
reply_header_access Via deny all
note key value all
send_hit deny all
log_mime_hdrs off
""", ask(WIKI)),
]

FORMAT = "logformat own %>a %Ss/%03>Hs %rm %ru %un %Sh/%<a %mt\n"
LOGS = [
    syntax("access_log none", OPEN + "access_log none\n", ask(WIKI, lines=0), ask(WIKI, lines=0)),
    syntax("access_log of a path", OPEN + "access_log /var/log/squid/other.log\n", ask(WIKI),
           log="/var/log/squid/other.log"),
    syntax("access_log stdio", OPEN + "access_log stdio:/var/log/squid/other.log\n", ask(WIKI),
           log="/var/log/squid/other.log"),
    syntax("access_log daemon", OPEN + "access_log daemon:/var/log/squid/other.log squid\n", ask(WIKI),
           log="/var/log/squid/other.log"),
    syntax("a format of one's own", OPEN + FORMAT + "access_log stdio:/var/log/squid/own.log logformat=own\n",
           ask(WIKI), log="/var/log/squid/own.log"),
    syntax("a format in the old place", OPEN + FORMAT + "access_log stdio:/var/log/squid/own.log own\n", ask(WIKI),
           log="/var/log/squid/own.log"),
    syntax("common", OPEN + "access_log stdio:/var/log/squid/own.log common\n", ask(WIKI),
           log="/var/log/squid/own.log"),
    syntax("a log with ACLs", OPEN + WIKI_ONLY + "access_log stdio:/var/log/squid/own.log squid wiki\n",
           ask(EXAMPLE, lines=0), ask(WIKI), log="/var/log/squid/own.log"),
    syntax("a log of refusals", "http_port 3128\n" + WIKI_ONLY + "http_access allow wiki\n"
           "acl refused http_status 400-499\naccess_log stdio:/var/log/squid/own.log squid refused\n",
           ask(WIKI, lines=0), ask(EXAMPLE, 403),
           log="/var/log/squid/own.log"),
    syntax("access_log none for some", OPEN + WIKI_ONLY + "access_log none wiki\n"
           "access_log stdio:/var/log/squid/own.log squid\n", ask(WIKI, lines=0), ask(EXAMPLE),
           log="/var/log/squid/own.log"),
    syntax("two logs", OPEN + "access_log stdio:/var/log/squid/a.log\naccess_log stdio:/var/log/squid/own.log\n",
           ask(WIKI), log="/var/log/squid/own.log"),
]


def bad(name, *lines, at=None, files=None):
    """The line `at`, by default the last one, is what is wrong."""
    text = ("http_port 3128", *lines)
    return Verdict(name, "".join(f"{line}\n" for line in text), at or len(text), files or {})


# Neither takes them, and both say in which file and line.
REFUSED = [
    bad("an unknown directive", "frobnicate on"),
    bad("a directive in capitals", "HTTP_ACCESS allow all"),
    bad("an unknown ACL in a rule", "http_access allow nobody"),
    bad("an unknown type of ACL", "acl x sauce 127.0.0.1"),
    bad("an ACL of two types", "acl x src 127.0.0.1", "acl x dst 127.0.0.1"),
    bad("an ACL without a type", "acl x"),
    bad("a bad address", "acl x src 300.1.2.3"),
    bad("a name that there is not", "acl x src nowhere.invalid"),
    bad("a bad mask", "acl x src 10.0.0.0/33"),
    bad("a bad port", "acl x port many"),
    bad("a port too large", "acl x port 70000"),
    bad("a range of ports backwards", "acl x port 90-80"),
    bad("a bad time", "acl x time 25:00-26:00"),
    bad("hours backwards", "acl x time 11:00-10:00"),
    bad("maxconn without a number", "acl x maxconn many"),
    bad("http_port without a port", "http_port"),
    bad("a listening port too large", "http_port 70000"),
    bad("a listening port that is a word", "http_port web"),
    bad("an address that is none", "http_port 300.0.0.1:3128"),
    bad("an unknown option of a port", "http_port 3129 frobnicate=on"),
    bad("include of nothing", "include /etc/squid/missing.conf"),
    bad("an error in an included file", "include /etc/squid/a",
        files={"/etc/squid/a": "acl x src 1.2.3.4\nacl y sauce 1\n"})._replace(included=True),
    bad("if without endif", "if true", "http_access allow all", at=2),
    bad("endif without if", "endif"),
    bad("else without if", "else"),
    bad("if of a word", "if maybe", "endif", at=2),
    bad("a bad time of a clock", "connect_timeout soon"),
    bad("a time without a unit", "connect_timeout 10"),
    bad("a negative time", "connect_timeout -1 seconds"),
    bad("an unknown unit", "connect_timeout 1 fortnite"),
    bad("a bad size", "request_header_max_size big"),
    bad("on or off", "via perhaps"),
    bad("via yes", "via yes"),
    bad("a number that is none", "client_ip_max_connections few"),
    bad("cache_peer too short", "cache_peer 127.0.0.1 parent"),
    bad("cache_peer twice", "cache_peer 127.0.0.1 parent 8080 0", "cache_peer 127.0.0.1 parent 8080 0"),
    bad("auth_param of an unknown scheme", "auth_param magic program /bin/cat"),
    bad("external of nobody", "acl x external nobody"),
    bad("external with an unknown code", "external_acl_type x %FROB /bin/cat"),
    bad("a log with an unknown format", "access_log stdio:/var/log/squid/a.log logformat=frob"),
    bad("a log with an unknown ACL", "access_log stdio:/var/log/squid/a.log squid nobody"),
    bad("a format with an unknown code", "logformat own %>zz"),
    bad("a format without anything", "logformat own"),
    bad("tcp_outgoing_address that is none", "tcp_outgoing_address 300.1.2.3"),
    bad("tcp_outgoing_address with an unknown ACL", "tcp_outgoing_address 127.0.0.2 nobody"),
    bad("delay_parameters that are none", "delay_pools 1", "delay_class 1 1", "delay_parameters 1 fast"),
    bad("ssl-bump", "http_port 3129 ssl-bump cert=/etc/squid/a.pem"),
    bad("https_port without a certificate", "https_port 3129"),
    bad("auth_schemes", "auth_schemes basic all"),
    bad("random of everything", "acl x random 1.0"),
    bad("include of a pattern that nothing matches", "include /etc/squid/conf.d/*.conf"),
    bad("a regular expression in quotes", "configuration_includes_quoted_values on", 'acl x browser "a b"'),
    bad("log_access", "log_access deny all"),
]

# Squid takes them: it skips what it does not understand, or does what viaduct-proxy does not. A policy that is not the
# one that was written must not start.
REFUSED_HERE = [
    bad("an ACL without a value", "acl x src"),
    bad("a mask with gaps", "acl x src 10.0.0.0/255.0.255.0"),
    bad("a range backwards", "acl x src 10.0.0.9-10.0.0.1"),
    bad("a bad regular expression", "acl x dstdom_regex ("),
    bad("a bad day", "acl x time X 10:00-11:00"),
    bad("a file of an ACL that is not there", 'acl x src "/etc/squid/missing"'),
    bad("neither allow nor deny", "http_access permit all"),
    bad("a rule without an ACL", "http_access allow"),
    bad("a rule with nothing", "http_access"),
    bad("cache_peer of an unknown kind", "cache_peer 127.0.0.1 uncle 8080 0"),
    bad("cache_peer with an unknown option", "cache_peer 127.0.0.1 parent 8080 0 frobnicate"),
    bad("cache_peer_access of nobody", "cache_peer_access nobody allow all"),
    bad("auth_param with a program that is not there", "auth_param basic program /nonexistent/helper"),
    bad("an unknown parameter of auth_param", "auth_param basic program /bin/cat", "auth_param basic frobnicate 1"),
    bad("external with a program that is not there", "external_acl_type x %SRC /nonexistent/helper"),
    bad("external twice", "external_acl_type x %SRC /bin/cat", "external_acl_type x %SRC /bin/cat"),
    bad("a log of an unknown kind", "access_log carrier:/var/log/squid/a.log"),
    bad("delay_class without delay_pools", "delay_class 1 1"),
    bad("delay_class of an unknown class", "delay_pools 1", "delay_class 1 9"),
    bad("a quote that does not end", 'acl x src "/etc/squid/a'),
    bad("words behind the end", "via on off"),
    bad("ssl_bump bump", "ssl_bump bump all"),
    bad("url_rewrite_program", "url_rewrite_program /bin/cat"),
    bad("intercept", "http_port 3129 intercept"),
    bad("tproxy", "http_port 3129 tproxy"),
    bad("accel", "http_port 3129 accel defaultsite=a"),
    bad("icap", "icap_enable on", "icap_service s reqmod_precache icap://127.0.0.1:1344/r",
        "adaptation_access s allow all"),
    bad("ftp_port", "ftp_port 2121"),
    bad("chroot", "chroot /var/empty"),
    bad("qos_flows", "qos_flows tos"),
    bad("request_header_add", "request_header_add X-A b all"),
    bad("always_direct without an ACL", "always_direct allow"),
    bad("src, a name", "acl x src localhost"),
    bad("a file with two a line", 'acl x src "/etc/squid/a"', files={"/etc/squid/a": "192.0.2.1 192.0.2.2\n"}),
    bad("urllogin", "acl x urllogin ."),
    bad("req_mime_type", "acl x req_mime_type text"),
    bad("srcdomain", "acl x srcdomain .corp"),
    bad("note", "acl x note team red"),
    bad("tag", "acl x tag red"),
    bad("random", "acl x random 0.5"),
    bad("myport", "acl x myport 3129"),
    bad("hier_code in http_access", "acl x hier_code HIER_DIRECT", "http_access allow x"),
    bad("miss_access", "miss_access deny all"),
    bad("adapted_http_access", "adapted_http_access deny all"),
    bad("external quote=shell", "external_acl_type x quote=shell %SRC /bin/cat"),
    bad("external protocol=2.5", "external_acl_type x protocol=2.5 %SRC /bin/cat"),
    bad("a port by name", "http_port localhost:3129"),
    bad("follow_x_forwarded_for", "follow_x_forwarded_for allow all"),
    bad("append_domain", "append_domain .corp"),
    bad("client_netmask", "client_netmask 255.255.255.0"),
    bad("client_delay_pools", "client_delay_pools 1"),
    bad("login=PASS", "cache_peer 127.0.0.1 parent 8080 0 login=PASS"),
    bad("login=PASSTHRU", "cache_peer 127.0.0.1 parent 8080 0 login=PASSTHRU"),
    bad("login=*:secret", "cache_peer 127.0.0.1 parent 8080 0 login=*:secret"),
    bad("hosts_file", "hosts_file /etc/squid/a", files={"/etc/squid/a": "192.0.2.1 a\n"}),
]

# What Squid alone takes offence at.
REFUSED_BY_SQUID = [
    bad("dstdomain in dstdomain", "acl x dstdomain en.wikipedia.org .wikipedia.org"),
    bad("a user without auth_param", "acl x proxy_auth REQUIRED"),
    bad("external without a format", "external_acl_type x /bin/cat"),
    bad("a port with protocol=", "http_port 3129 protocol=HTTP"),
    bad("a format behind its log", "access_log stdio:/var/log/squid/a.log logformat=own", "logformat own %>a", at=2),
    bad("an ACL that comes later", "http_access allow later", "acl later src all", at=2),
    bad("client_request_buffer_max_size", "client_request_buffer_max_size 64 KB"),
]

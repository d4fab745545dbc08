"""Who takes part: each with one worker, a private configuration in a directory of its own, and no access log.

A contender is a function from a `Place` to the command that starts it. Its port is free and chosen here, unless the
program chooses one itself and says so.
"""

import dataclasses
import glob
import os
import typing

from harness import LOOPBACK, ReservedPort, Skip, find_program, write_file

ALL_FIGURES = ("setup", "bulk", "ping", "memory")


@dataclasses.dataclass
class Place:
    """What a contender is started with."""

    directory: str
    port: ReservedPort
    origin: str  # ADDRESS:PORT
    tunnels: int  # the most that will be open at a time
    programs: dict

    @property
    def listen(self):
        return f"{LOOPBACK}:{self.port.number}"

    @property
    def most(self):
        """Tunnels at a time, with some to spare."""
        return self.tunnels + 100

    @property
    def descriptors(self):
        return self.most * 2 + 100

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return write_file(path, text.format(place=self, root=self.directory))


@dataclasses.dataclass(frozen=True)
class Contender:
    name: str
    kind: str  # ours, proxy, relay (without CONNECT), floor, direct
    command: typing.Callable[[Place], list] | None
    figures: tuple = ALL_FIGURES
    announces: str = ""  # what the line says in which the program tells its port
    descriptors: int = 2  # that a tunnel takes

    @property
    def asks(self):
        """Whether it is asked with CONNECT."""
        return self.kind not in ("relay", "direct")


# ---- the proxies that a user could pick instead ---------------------------------------------------------------------

SQUID = """
http_port {place.listen}
http_access allow all
cache deny all
cache_mem 0 MB
pid_filename none
pinger_enable off
netdb_filename none
max_filedescriptors {place.descriptors}
shutdown_lifetime 0 seconds
visible_hostname localhost
coredump_dir {root}
access_log none
cache_log {root}/cache.log
"""


def squid(place):
    file = place.write("squid.conf", SQUID)
    return [find_program("squid"), "-N", "-n", f"viaduct{place.port.number}", "-f", file]


TINYPROXY = """
Listen 127.0.0.1
Port {place.port.number}
Timeout 3600
MaxClients {place.most}
LogLevel Critical
LogFile "{root}/tinyproxy.log"
"""


def tinyproxy(place):
    return [find_program("tinyproxy"), "-d", "-c", place.write("tinyproxy.conf", TINYPROXY)]


APACHE = """
ServerRoot {root}
ServerName localhost
Listen {place.listen}
ListenBacklog 4096
PidFile {root}/apache.pid
ErrorLog {root}/error.log
DefaultRuntimeDir {root}
Timeout 3600
ServerLimit 1
StartServers 1
ThreadLimit {place.most}
ThreadsPerChild {place.most}
MaxRequestWorkers {place.most}
MinSpareThreads 1
MaxSpareThreads {place.most}
ThreadStackSize 262144
{modules}
{user}
ProxyRequests On
AllowCONNECT 1-65535
<Proxy "*">
Require all granted
</Proxy>
"""

APACHE_MODULES = ("mpm_event", "authn_core", "authz_core", "proxy", "proxy_connect")


def apache(place):
    """mod_proxy_connect holds a thread for as long as a tunnel is open, so there must be one for each."""
    found = glob.glob("/usr/lib*/apache2/modules/mod_proxy_connect.so")
    if not found:
        raise Skip("apache2 is not installed")
    folder = os.path.dirname(found[0])
    modules = "\n".join(f"LoadModule {name}_module {folder}/mod_{name}.so" for name in APACHE_MODULES)
    user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
    text = APACHE.replace("{modules}", modules).replace("{user}", user)
    return [find_program("apache2", "httpd"), "-D", "FOREGROUND", "-f", place.write("apache.conf", text)]


TRAFFIC_SERVER_ROOT = """
prefix: {root}
exec_prefix: {root}
sysconfdir: {root}/etc
bindir: /usr/bin
sbindir: /usr/bin
datadir: {root}/cache
libexecdir: /usr/lib/trafficserver/modules
localstatedir: {root}
runtimedir: {root}/run
logdir: {root}/log
cachedir: {root}/cache
"""

TRAFFIC_SERVER = """
CONFIG proxy.config.http.server_ports STRING {place.port.number}:ip-in=127.0.0.1
CONFIG proxy.config.http.connect_ports STRING *
CONFIG proxy.config.admin.user_id STRING {user}
CONFIG proxy.config.crash_log_helper STRING NULL
CONFIG proxy.config.exec_thread.autoconfig INT 0
CONFIG proxy.config.exec_thread.limit INT 1
CONFIG proxy.config.exec_thread.affinity INT 0
CONFIG proxy.config.accept_threads INT 0
CONFIG proxy.config.task_threads INT 1
CONFIG proxy.config.http.cache.http INT 0
CONFIG proxy.config.url_remap.remap_required INT 0
CONFIG proxy.config.reverse_proxy.enabled INT 0
CONFIG proxy.config.log.logging_enabled INT 0
CONFIG proxy.config.net.connections_throttle INT 30000
CONFIG proxy.config.http.transaction_no_activity_timeout_in INT 3600
CONFIG proxy.config.http.transaction_no_activity_timeout_out INT 3600
CONFIG proxy.config.http.transaction_active_timeout_in INT 0
"""

TRAFFIC_SERVER_CLIENTS = """
ip_allow:
  - apply: in
    ip_addrs: 127.0.0.0/8
    action: allow
    methods: ALL
"""


def traffic_server(place):
    program = find_program("traffic_server")
    place.write("runroot.yaml", TRAFFIC_SERVER_ROOT)
    user = "trafficserver" if os.geteuid() == 0 else "#-1"
    place.write("etc/records.config", TRAFFIC_SERVER.replace("{user}", user))
    place.write("etc/ip_allow.yaml", TRAFFIC_SERVER_CLIENTS)
    place.write("etc/storage.config", "")
    for folder in ("run", "log", "cache"):
        os.makedirs(os.path.join(place.directory, folder))
        os.chmod(os.path.join(place.directory, folder), 0o777)
    return [program, f"--run-root={place.directory}"]


HAPROXY = """
global
    nbthread 1
    maxconn {place.most}
    maxpipes 256
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
    option splice-auto
listen relay
    bind {place.listen}
    balance roundrobin
{servers}
"""


def haproxy(place):
    """Its servers are the origin's addresses in turn, as the targets of the others are."""
    address, port = place.origin.rsplit(":", 1)
    first, last = address.rsplit(".", 1)
    servers = "\n".join(f"    server s{i} {first}.{int(last) + i}:{port}" for i in range(ORIGIN_ADDRESSES))
    return [find_program("haproxy"), "-db", "-f", place.write("haproxy.cfg", HAPROXY.replace("{servers}", servers))]


ORIGIN_ADDRESSES = 16


# ---- our own --------------------------------------------------------------------------------------------------------

VIADUCT_OPTIONS = ("--http-port", f"{LOOPBACK}:0", "--allow-port", "all", "--allow-destination", "127.0.0.0/8")
VIADUCT_LISTENS = r"^viaduct-proxy: listening on 127\.0\.0\.1:(\d+)$"


def viaduct_proxy(*options):
    def command(place):
        more = [option.format(place=place, root=place.directory) for option in options]
        return [place.programs["viaduct-proxy"], *VIADUCT_OPTIONS, *more]

    return command


def floor(mode):
    return lambda place: [place.programs["bench-floor"], str(place.port.number), mode]


OURS = Contender("viaduct-proxy", "ours", viaduct_proxy(), announces=VIADUCT_LISTENS)

CONTENDERS = (
    OURS,
    Contender("viaduct-proxy+log", "variant", viaduct_proxy("--access-log", "{root}/access.log"), ("setup",),
              announces=VIADUCT_LISTENS),
    Contender("squid", "proxy", squid),
    Contender("tinyproxy", "proxy", tinyproxy),
    Contender("apache", "proxy", apache, descriptors=3),  # each tunnel has an epoll instance
    Contender("trafficserver", "proxy", traffic_server),
    Contender("haproxy-tcp", "relay", haproxy),
    Contender("floor-splice", "floor", floor("splice"), descriptors=6),
    Contender("floor-copy", "floor", floor("copy")),
    Contender("direct", "direct", None, ("setup", "bulk", "ping")),
)

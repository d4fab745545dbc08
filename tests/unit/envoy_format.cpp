#include "count_allocations.hpp"
#include <viaduct/log/envoy_format.hpp>
#include <viaduct/log/haproxy_tcp.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <ostream>
#include <string>

using namespace std::chrono_literals;
using viaduct::envoy_format;
using viaduct::envoy_kind;
using viaduct::envoy_options;
using viaduct::errc;
using viaduct::request_outcome;
using viaduct::tunnel_record;
using phase = viaduct::request_phase;
using party = viaduct::tunnel_party;

namespace {

/// The connection on Istio's page about external proxies, as its sidecar saw it.
tunnel_record scene()
{
    tunnel_record record;
    record.ended = std::chrono::system_clock::time_point{1544179082933ms};
    record.elapsed = 92ms;
    record.client = "172.30.230.52";
    record.client_port = 44476;
    record.local = "172.30.109.95";
    record.local_port = 3128;
    record.peer = "172.30.109.95";
    record.peer_port = 3128;
    record.outgoing = "172.30.230.52";
    record.outgoing_port = 44478;
    record.bytes_from_client = 702;
    record.bytes_to_client = 87599;
    return record;
}

/// A tunnel with everything that a record can tell of one.
tunnel_record rich()
{
    auto record = scene();
    record.id = 0xabc;
    record.trace = viaduct::trace_context{"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true};
    record.connection = "10.0.0.1";
    record.connection_port = 7;
    record.listener = "main";
    record.tls = {"TLSv1.3", "TLS_AES_256_GCM_SHA384", "proxy.example", "CN=a, O=b"};
    record.method = "CONNECT";
    record.target = "en.wikipedia.org:443";
    record.request_fields.add("User-Agent", "curl/7.88.1");
    record.request_fields.add("X-Request-Id", "cc21d9b0");
    record.head_size = 120;
    record.outcome = request_outcome::tunnel;
    record.tried = {"2001:db8::1", "172.30.109.95"};
    record.attempts = 2;
    record.status = 200;
    record.answer_size = record.answer_head = 39;
    record.times.head = 1ms;
    record.times.connected = 4ms;
    record.times.first_from_upstream = 12ms;
    record.times.last_octet = 90ms;
    record.phase = phase::tunnel;
    record.ended_by = party::client;
    return record;
}

std::string line_of(tunnel_record const& record, std::string_view spec, envoy_options options = {})
{
    std::string line;
    envoy_format{spec, std::move(options)}.append(record, line);
    return line;
}

envoy_options tcp(std::string cluster = {})
{
    envoy_options options;
    options.kind = envoy_kind::tcp;
    options.cluster = std::move(cluster);
    return options;
}

std::string line_of(viaduct::record_format_ptr const& format, tunnel_record const& record)
{
    std::string line;
    format->append(record, line);
    return line;
}

} // namespace

TEST_CASE("envoy: the sidecar's line for a tunnel through an external proxy, byte for byte")
{
    constexpr std::string_view line =
        "[2018-12-07T10:38:02.841Z] \"- - -\" 0 - 702 87599 92 - \"-\" \"-\" \"-\" \"-\" "
        "\"172.30.109.95:3128\" outbound|3128||my-company-proxy.com 172.30.230.52:44478 172.30.109.95:3128 "
        "172.30.230.52:44476 -\n";
    CHECK(line_of(scene(), viaduct::istio_1_0_spec, tcp("outbound|3128||my-company-proxy.com")) == line);
    // As TCP it stays the same however much is known.
    auto known = rich();
    known.tls = {};
    known.head_size = 0;
    CHECK(line_of(known, viaduct::istio_1_0_spec, tcp("outbound|3128||my-company-proxy.com")) == line);
}

TEST_CASE("envoy: its default, and Istio's, for the request that a tunnel was")
{
    auto record = rich();
    CHECK(line_of(viaduct::envoy_default(), record) ==
          "[2018-12-07T10:38:02.841Z] \"CONNECT - HTTP/1.1\" 200 - 702 87560 92 - \"-\" \"curl/7.88.1\" "
          "\"cc21d9b0\" \"en.wikipedia.org:443\" \"172.30.109.95:3128\"\n");
    CHECK(line_of(viaduct::envoy_default(tcp()), scene()) ==
          "[2018-12-07T10:38:02.841Z] \"- - -\" 0 - 702 87599 92 - \"-\" \"-\" \"-\" \"-\" "
          "\"172.30.109.95:3128\"\n");
    CHECK(line_of(viaduct::istio_default({envoy_kind::connect, "squid", "default", ""}), record) ==
          "[2018-12-07T10:38:02.841Z] \"CONNECT - HTTP/1.1\" 200 - via_upstream - \"-\" 702 87560 92 - \"-\" "
          "\"curl/7.88.1\" \"cc21d9b0\" \"en.wikipedia.org:443\" \"172.30.109.95:3128\" squid "
          "172.30.230.52:44478 172.30.109.95:3128 172.30.230.52:44476 proxy.example default\n");
    record.status = 502;
    record.proxy_error = "connection_refused";
    record.error = {ECONNREFUSED, viaduct::error_types::generic_category()};
    record.phase = phase::connecting;
    record.ended_by = party::upstream;
    record.bytes_from_client = 0;
    record.bytes_to_client = 300;
    record.answer_size = 300;
    CHECK(line_of(viaduct::istio_default(), record)
              .starts_with(
                  "[2018-12-07T10:38:02.841Z] \"CONNECT - HTTP/1.1\" 502 UF connection_refused - \"-\" "
                  "0 0 92 - "));
}

TEST_CASE("envoy: commands")
{
    ::setenv("VIADUCT_TEST_POD", "pod 7", 1);
    struct
    {
        std::string_view spec;
        std::string_view value;
    } const cases[] = {
        {"", ""},
        {"text alone", "text alone"},
        {"100%% %%", "100% %"},
        {"%START_TIME%", "2018-12-07T10:38:02.841Z"},
        {"%START_TIME(%Y/%m/%dT%H:%M:%S%z %s)%", "2018/12/07T10:38:02+0000%201544179082"},
        {"\"%START_TIME(%s.%3f)%\"", "\"1544179082.841\""},
        {"%START_TIME(%s.%6f|%9f|%f|%1f)%", "1544179082.841000|841000000|841000000|8"},
        {"\"%START_TIME(%a %A %b %B %e %j %y %C %I %p %u %w %Z %% (%T) %F %D %R)%\"",
         "\"Fri Friday Dec December  7 341 18 20 10 AM 5 5 UTC % (10:38:02) 2018-12-07 12/07/18 10:38\""},
        {"%EMIT_TIME(%T.%3f)%", "10:38:02.933"},
        {"%REQ(:METHOD)% %REQ(:AUTHORITY)% %REQ(:PATH)% %REQ(:scheme)%", "CONNECT en.wikipedia.org:443 - -"},
        {"%REQ(user-agent)% %REQ(NO?USER-AGENT)% %REQ(NO?NEITHER)%", "curl/7.88.1 curl/7.88.1 -"},
        {"%REQ(USER-AGENT):4% %REQ(NO?USER-AGENT):0% %PROTOCOL:4%", "curl - HTTP"},
        {"%REQ_WITHOUT_QUERY(:AUTHORITY)%", "en.wikipedia.org:443"},
        {"%RESP(:STATUS)% %RESP(CONTENT-TYPE)% %RESP(X)% %TRAILER(X)%", "200 - - -"},
        {"%PROTOCOL% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG%", "HTTP/1.1 200 - -"},
        {"%BYTES_RECEIVED% %BYTES_SENT%", "702 87560"},
        {"%REQUEST_HEADERS_BYTES% %RESPONSE_HEADERS_BYTES%", "120 39"},
        {"%DOWNSTREAM_WIRE_BYTES_RECEIVED% %DOWNSTREAM_WIRE_BYTES_SENT%", "822 87599"},
        {"%DOWNSTREAM_HEADER_BYTES_RECEIVED% %DOWNSTREAM_HEADER_BYTES_SENT%", "120 39"},
        {"%UPSTREAM_WIRE_BYTES_SENT% %UPSTREAM_WIRE_BYTES_RECEIVED%", "702 87560"},
        {"%DURATION% %REQUEST_DURATION% %RESPONSE_DURATION% %RESPONSE_TX_DURATION%", "92 1 12 78"},
        {"%REQUEST_TX_DURATION% %UPSTREAM_CONNECTION_POOL_READY_DURATION%", "- 4"},
        {"%UPSTREAM_HOST% %UPSTREAM_CLUSTER% %UPSTREAM_CLUSTER_RAW%", "172.30.109.95:3128 - -"},
        {"%UPSTREAM_REMOTE_ADDRESS% %UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %UPSTREAM_REMOTE_PORT%",
         "172.30.109.95:3128 172.30.109.95 3128"},
        {"%UPSTREAM_LOCAL_ADDRESS% %UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT% %UPSTREAM_LOCAL_PORT%",
         "172.30.230.52:44478 172.30.230.52 44478"},
        {"%UPSTREAM_REQUEST_ATTEMPT_COUNT% %UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT%",
         "2 2001:db8::1,172.30.109.95"},
        {"%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_REMOTE_PORT%",
         "172.30.230.52:44476 172.30.230.52 44476"},
        {"%DOWNSTREAM_DIRECT_REMOTE_ADDRESS% %DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT% "
         "%DOWNSTREAM_DIRECT_REMOTE_PORT%",
         "10.0.0.1:7 10.0.0.1 7"},
        {"%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_LOCAL_PORT%",
         "172.30.109.95:3128 172.30.109.95 3128"},
        {"%REQUESTED_SERVER_NAME% %DOWNSTREAM_TLS_VERSION% %DOWNSTREAM_TLS_CIPHER%",
         "proxy.example TLSv1.3 TLS_AES_256_GCM_SHA384"},
        {"%DOWNSTREAM_PEER_SUBJECT% \"%DOWNSTREAM_PEER_SUBJECT%\"", "CN=a,%20O=b \"CN=a, O=b\""},
        {"%ROUTE_NAME% %FILTER_CHAIN_NAME%", "- main"},
        {"%CONNECTION_ID% %TRACE_ID%", "0000000000000abc 4bf92f3577b34da6a3ce929d0e0e4736"},
        {"%ACCESS_LOG_TYPE%", "DownstreamEnd"},
        {"%ENVIRONMENT(VIADUCT_TEST_POD)% %ENVIRONMENT(VIADUCT_TEST_POD):3% %ENVIRONMENT(VIADUCT_NO_SUCH)%",
         "pod%207 pod -"},
        {"%DYNAMIC_METADATA(a.b:c:d):9% %GRPC_STATUS% %GRPC_STATUS(NUMBER)% %DOWNSTREAM_PEER_SERIAL%",
         "- - - -"},
        {"{\"m\": \"%REQ(:METHOD)%\", \"n\": %DURATION%}", "{\"m\": \"CONNECT\", \"n\": 92}"},
        {"one line\n", "one line"},
        {"one line\\n", "one line"},
    };
    for (auto const& c : cases) {
        INFO(c.spec);
        CHECK(line_of(rich(), c.spec) == std::string{c.value} + "\n");
    }
    CHECK(line_of(rich(), "%HOSTNAME%").size() > 1);
    CHECK(line_of(rich(), "%HOSTNAME%", {envoy_kind::tcp, "", "", "sidecar-1"}) == "sidecar-1\n");
}

TEST_CASE("envoy: what is not set is a dash, and a PROXY header that nobody sent changes nothing")
{
    tunnel_record record;
    CHECK(line_of(record, "%REQ(:METHOD)% %PROTOCOL% %UPSTREAM_HOST% %UPSTREAM_REMOTE_PORT% %TRACE_ID% "
                          "%RESPONSE_DURATION% %DOWNSTREAM_REMOTE_ADDRESS%") == "- - - - - - -\n");
    record.client = "2001:db8::1";
    record.client_port = 5;
    record.peer = "fe80::1";
    record.peer_port = 443;
    record.parent = "parent-1";
    CHECK(line_of(record, "%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_DIRECT_REMOTE_ADDRESS% %UPSTREAM_HOST% "
                          "%DOWNSTREAM_DIRECT_REMOTE_PORT% %UPSTREAM_CLUSTER%") ==
          "[2001:db8::1]:5 [2001:db8::1]:5 [fe80::1]:443 5 parent-1\n");
}

TEST_CASE("envoy: local time")
{
    ::setenv("TZ", "IST-5:30", 1);
    ::tzset();
    CHECK(line_of(scene(), "%START_TIME_LOCAL(%F|%T|%z|%s)% %START_TIME_LOCAL%") ==
          "2018-12-07|16:08:02|+0530|1544179082 2018-12-07T16:08:02.841+0530\n");
    ::setenv("TZ", "UTC", 1);
    ::tzset();
}

TEST_CASE("envoy: flags and details tell why it ended")
{
    auto const system = [](int value) {
        return viaduct::error_code{value, viaduct::error_types::generic_category()};
    };
    struct
    {
        viaduct::error_code error;
        phase during;
        party by;
        unsigned status;
        std::string_view told; // flags, long flags, details, termination details
    } const cases[] = {
        {{}, phase::tunnel, party::client, 200, "- - via_upstream -"},
        {errc::request_denied, phase::decision, party::proxy, 403,
         "UAEX UnauthorizedExternalService request_denied -"},
        {errc::too_many_requests, phase::decision, party::proxy, 429, "RL RateLimited too_many_requests -"},
        {errc::too_many_tunnels, phase::decision, party::proxy, 503,
         "OM OverloadManagerTerminated too_many_tunnels -"},
        {errc::request_line_malformed, phase::arrival, party::proxy, 400,
         "DPE DownstreamProtocolError request_line_malformed -"},
        {errc::status_line_malformed, phase::connecting, party::upstream, 502,
         "UPE UpstreamProtocolError status_line_malformed -"},
        {errc::head_timeout, phase::arrival, party::proxy, 408, "SI StreamIdleTimeout head_timeout -"},
        {errc::client_closed_before_head, phase::arrival, party::client, 0,
         "DC DownstreamConnectionTermination client_closed_before_head -"},
        {errc::destination_unresolvable, phase::resolving, party::upstream, 502,
         "DF DnsResolutionFailed destination_unresolvable -"},
        {errc::parent_unavailable, phase::connecting, party::upstream, 502,
         "UH NoHealthyUpstream parent_unavailable -"},
        {errc::connect_timeout, phase::connecting, party::proxy, 504,
         "UF UpstreamConnectionFailure connect_timeout -"},
        {errc::handshake_timeout, phase::connecting, party::proxy, 504,
         "UT UpstreamRequestTimeout handshake_timeout -"},
        {errc::method_not_connect, phase::arrival, party::proxy, 405, "NR NoRouteFound method_not_connect -"},
        {system(ECONNREFUSED), phase::connecting, party::upstream, 502,
         "UF UpstreamConnectionFailure ECONNREFUSED -"},
        {system(ECONNRESET), phase::connecting, party::client, 0,
         "DC DownstreamConnectionTermination ECONNRESET -"},
        {system(ECONNRESET), phase::tunnel, party::client, 200,
         "DC DownstreamConnectionTermination via_upstream -"},
        {system(ECONNRESET), phase::tunnel, party::upstream, 200, "UR UpstreamRemoteReset via_upstream -"},
        {system(EPIPE), phase::tunnel, party::upstream, 200,
         "UC UpstreamConnectionTermination via_upstream -"},
        {errc::idle_timeout, phase::tunnel, party::proxy, 200,
         "SI StreamIdleTimeout via_upstream idle_timeout"},
        {errc::lifetime_exceeded, phase::tunnel, party::proxy, 200,
         "DT DurationTimeout via_upstream lifetime_exceeded"},
        {errc::shutdown_timeout, phase::tunnel, party::proxy, 200,
         "LR LocalReset via_upstream shutdown_timeout"},
    };
    for (auto const& c : cases) {
        tunnel_record record;
        record.error = c.error;
        record.phase = c.during;
        record.ended_by = c.by;
        record.status = c.status;
        CHECK(line_of(record, "%RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG% %RESPONSE_CODE_DETAILS% "
                              "%CONNECTION_TERMINATION_DETAILS%") == std::string{c.told} + "\n");
    }
    tunnel_record record;
    record.error = errc::tls_verification_failed;
    constexpr auto reasons = "%UPSTREAM_TRANSPORT_FAILURE_REASON% %DOWNSTREAM_TRANSPORT_FAILURE_REASON%";
    CHECK(line_of(record, reasons) == "tls_verification_failed -\n");
    record.error = errc::client_tls_failed;
    CHECK(line_of(record, reasons) == "- client_tls_failed\n");
}

TEST_CASE("envoy: a mistake in a format is told with its column, and what could have been meant")
{
    struct
    {
        std::string_view spec;
        std::size_t column;
        std::string_view what;
    } const cases[] = {
        {"%STRAT_TIME%", 1, "unknown command '%STRAT_TIME%'; did you mean '%START_TIME%'?"},
        {"[%START_TIME%] %UPSTREAM_HOSTS%", 16,
         "unknown command '%UPSTREAM_HOSTS%'; did you mean '%UPSTREAM_HOST%'?"},
        {"%xyz%", 1, "unknown command '%xyz%'"},
        {"a %", 3, "a command that does not end; a per cent sign by itself is '%%'"},
        {"%START_TIME", 1, "a command that does not end; a per cent sign by itself is '%%'"},
        {"100% sure", 4, "a command that does not end; a per cent sign by itself is '%%'"},
        {"%REQ(A)", 1, "a command that does not end; ')%' is missing"},
        {"ab %REQ(A", 4, "a command that does not end; ')%' is missing"},
        {"%REQ%", 1, "'%REQ%' needs an argument; as in '%REQ(name)%'"},
        {"%REQ()%", 1, "'%REQ%' needs an argument; as in '%REQ(name)%'"},
        {"%DURATION(x)%", 1, "'%DURATION%' takes no argument"},
        {"%REQ(A):x%", 8, "a length that is no number"},
        {"%REQ(A):99999999999999999999999%", 8, "a length that is no number"},
        {"%REQ(A):5", 1, "a command that does not end; a per cent sign by itself is '%%'"},
        {"%START_TIME(%Y %Q)%", 16, "unknown time code '%Q'"},
        {"%START_TIME(%Y %)%", 16, "unknown time code '%'"},
        {"%START_TIME(%n)%", 13, "unknown time code '%n'"},
        {"one\ntwo", 4, "a line break within the format; one record is one line"},
    };
    for (auto const& c : cases) {
        INFO(c.spec);
        std::size_t column = 0;
        std::string what = "nothing";
        try {
            envoy_format const format{c.spec};
        } catch (viaduct::format_problem const& problem) {
            column = problem.column();
            what = problem.what();
        }
        CHECK(column == c.column);
        CHECK(what == c.what);
    }
}

TEST_CASE("envoy: it wishes for what its commands need")
{
    CHECK(envoy_format{"%REQ(:METHOD)%"}.wishes() == viaduct::record_wishes{});
    CHECK(envoy_format{"%REQ(User-Agent)%"}.wishes() == viaduct::record_wishes{.fields = true});
    CHECK(envoy_format{"%RESP(:STATUS?Via)%"}.wishes() == viaduct::record_wishes{.fields = true});
    CHECK(envoy_format{viaduct::envoy_default_spec, tcp()}.wishes() == viaduct::record_wishes{});
    CHECK(envoy_format{"%UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT%"}.wishes() ==
          viaduct::record_wishes{.addresses = true});
}

TEST_CASE("envoy: nothing that a client sends can end a line, a column or a quotation")
{
    auto const spaces = [](std::string const& line) { return std::count(line.begin(), line.end(), ' '); };
    std::string const istio{viaduct::istio_default_spec};
    auto const spec = istio.substr(0, istio.size() - 1) + " %REQ(:AUTHORITY)% %RESPONSE_CODE_DETAILS%";
    auto const honest = line_of(rich(), spec);
    for (std::string const evil : {"x\r\n[2018-12-07T10:38:02.841Z] \"GET", "a\" 200 - \"", "a\\\" 200", "\t",
                                   "\x1b[2J", "\xc2\x85\xe2\x80\xa8", "\x80\xff", "\x7f", "a%0ab"}) {
        for (auto const member : {&tunnel_record::method, &tunnel_record::target, &tunnel_record::proxy_error,
                                  &tunnel_record::parent}) {
            auto record = rich();
            record.*member = evil;
            record.status = 502;
            record.tls.server_name = evil;
            auto const line = line_of(record, spec);
            CHECK(line.find('\n') == line.size() - 1);
            CHECK(std::all_of(line.begin(), line.end() - 1, [](char c) { return c >= 0x20 && c < 0x7f; }));
            std::ptrdiff_t quotes = 0;
            bool escaped = false;
            for (char const c : line) {
                quotes += c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
            }
            CHECK(quotes == std::count(honest.begin(), honest.end(), '"'));
            if (evil.find(' ') == std::string::npos) CHECK(spaces(line) == spaces(honest));
        }
    }
}

TEST_CASE("envoy and haproxy: a line costs no allocation once there is room for it")
{
    auto record = rich();
    record.error = errc::client_closed_before_head;
    for (auto const& format : {viaduct::envoy_default(), viaduct::istio_default(), viaduct::haproxy_tcp()}) {
        std::string line;
        format->append(record, line);
        auto const before = allocations;
        line.clear();
        format->append(record, line);
        auto const made = allocations - before;
        CHECK(made == 0);
    }
}

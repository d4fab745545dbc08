#include "count_allocations.hpp"
#include <viaduct/log/named_formats.hpp>
#include <viaduct/log/squid_formats.hpp>
#include <viaduct/log/squid_logformat.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <ostream>
#include <string>
#include <string_view>

using namespace std::chrono_literals;
using viaduct::request_outcome;
using viaduct::squid_logformat;
using viaduct::tunnel_record;

namespace {

/// A line that Squid 5.7 itself has written with `logformat NAME SPEC`, on Debian 12, with the time zone UTC.
/**
 * All of them are of one run. Its clients were curl's equals with the fields of `request_fields()`, on IPv4
 * loopback; a name server did not answer, `auth.test` was in `hosts_file`.
 */
struct golden
{
    char const* spec;
    char const* line;
};

constexpr char native[] = "%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt";
constexpr char addresses[] =
    "%>a %>p %>la %>lp %la %lp %<a %<A %<p %<la %oa %<lp %>eui %>qos %<qos %>nfmark %<nfmark";
constexpr char requests[] =
    "%rm %>rm %<rm %ru %>ru %<ru %>rs %>rd %<rd %>rP %<rP %>rp %rp %rv %>rv %>v %rG %http::rm";
constexpr char statuses[] = "%>Hs %<Hs %Hs %mt %03>Hs %5>Hs %-5>Hs| %-05>Hs| %.1>Hs";
constexpr char states[] =
    "%Ss %Sh %err_code %err_detail %note %{a}note %>handshake %et %ea %proxy_protocol::>h";
constexpr char acl_codes[] =
    "%DST %METHOD %MYADDR %MYPORT %PATH %PORT %PROTO %SRCEUI48 %SRCEUI64 %SRCPORT %SRC %TAG %URI %LOGIN";
constexpr char widths[] =
    "%12rm| %-12rm| %.3rm| %012rm| %10et| %-10et| %3.5rm| %.4ru| %5%| %% %10mt| %-10mt| %10<A|";
constexpr char peer_times[] = "%<pt %<tt %dt";

constexpr golden of_a_tunnel[] = {
    {native, "1795445924.265    201 127.0.0.1 TCP_TUNNEL/200 44 CONNECT auth.test:46747 al%25%5bx%5dy\\\\z "
             "HIER_DIRECT/127.0.0.1 -"},
    {addresses,
     "127.0.0.1 56838 127.0.0.1 47735 127.0.0.1 47735 127.0.0.1 auth.test 46747 127.0.0.1 127.0.0.1 "
     "39928 00:00:00:00:00:00 0x0 0x0 0x0 0x0"},
    {"%ts %tu %03tu %.6tu %.1tu %tr %8tr %08tr %-8tr| %.3tr %010.3tr %.6tr %.1tr %.0tr %tS %.6tS %020tS",
     "1795445924 265 265 265652 2 201      201 00000201 201     | 201.858 000201.858 201.858000 201.0 "
     "201.858 1795445924.063 1795445924.063794 0000001795445924.063"},
    {"%tl|%tg|%{%Y-%m-%d}tl|%tg{%H:%M}|%30tl|%-30tg|%tl{}",
     "23/Nov/2026:14:58:44 +0000|23/Nov/2026:14:58:44|2026-11-23|14:58|    23/Nov/2026:14:58:44 "
     "+0000|23/Nov/2026:14:58:44          |-"},
    {"%un %ul %ue %ui %\"un %[un %#un %/un %'un \"%un\" [%un]",
     "al%[x]y\\z al%[x]y\\z - - al%[x]y\\\\z al%25%5bx%5dy\\\\z al%25%5Bx%5Dy%5Cz al%[x]y\\\\z "
     "al%[x]y\\z \"al%[x]y\\\\z\" [al%25%5bx%5dy\\\\z]"},
    {requests,
     "CONNECT CONNECT CONNECT auth.test:46747 auth.test:46747 auth.test:46747 - auth.test auth.test "
     "46747 46747 - - 1.1 1.1 1.1 - CONNECT"},
    {statuses, "200 - 200 - 200   200 200  | 00200| 200"},
    {"%st %>st %<st %>sh %<sh %<sH %<sS %<bs %012<st", "296 252 44 247 39 0 0 - 000000000044"},
    {states, "TCP_TUNNEL HIER_DIRECT - - - - - - - -"},
    {"%{User-Agent}>h \"%{User-Agent}>h\" [%{User-Agent}>h] %\"{User-Agent}>h %[{User-Agent}>h "
     "%#{User-Agent}>h",
     "agent%20%22x%22%20%5Cy%20%5Bz%5D%20%41%20(q)%20%7Bw%7D%7E \"agent \\\"x\\\" \\\\y [z] %41 (q) "
     "{w}~\" [agent \"x\" \\\\y %5bz%5d %2541 (q) {w}~] agent \\\"x\\\" \\\\y [z] %41 (q) {w}~ agent "
     "\"x\" \\\\y %5bz%5d %2541 (q) {w}~ agent%20%22x%22%20%5Cy%20%5Bz%5D%20%2541%20(q)%20%7Bw%7D%7E"},
    {"%/{Referer}>h %'{Referer}>h %.5{Referer}>h %40>h{Referer}| %-40{Referer}>h| %{None}>h "
     "%{Referer}>ha",
     "\"http://r.test/a b\" http://r.test/a b http:                      http://r.test/a%20b| "
     "http://r.test/a%20b                     | - http://r.test/a%20b"},
    {"%{X-A}>h %{X-A:two}>h %{X-A:;b}>h %{X-A:one}>h %{X-B:;q}>h %{X-B:;r}>h",
     "one,%20two=2;%20b,%20three,%20four 2;%20b - - 1 %22a;b,%5C%22c%22"},
    {"%icap::tt %adapt::<last_h %adapt::sum_trs %icap::<A %icap::rm %icap::>st %icap::to %icap::Hs "
     "%icap::ru",
     "0 - - :: NONE 0 ICAP_ERR_UNKNOWN 0 -"},
    {acl_codes, "auth.test CONNECT 127.0.0.1 47735 - 46747 - 00:00:00:00:00:00 - 56838 127.0.0.1 - "
                "auth.test:46747 al%[x]y\\z"},
    {widths,
     "     CONNECT| CONNECT     | CON|      CONNECT| -| -| CONNE| auth|     %| %          -| -         "
     "|  auth.test|"},
    {"lit\\n\\t 'q' #c {x} %rmx%>ax %{a}rm{b} \"[%un]\" [%rm \"x\" %un] \"%5un|%.3un|%-5un\"",
     "lit\\n\\t 'q' #c {x} CONNECTx127.0.0.1x CONNECT{b} \"[al%[x]y\\\\z]\" [CONNECT \"x\" "
     "al%25%5bx%5dy\\\\z] \"al%[x]y\\\\z|al%|al%[x]y\\\\z\""},
    {peer_times, "0 201 -"},
};

constexpr golden of_a_refused_connection[] = {
    {addresses,
     "127.0.0.1 56852 127.0.0.1 47735 127.0.0.1 47735 ::1 [::1] 37475 :: :: 0 00:00:00:00:00:00 0x0 "
     "0x0 0x0 0x0"},
    {requests,
     "CONNECT CONNECT CONNECT [::1]:37475 %5B::1%5D:37475 %5B::1%5D:37475 - %5B::1%5D %5B::1%5D 37475 "
     "37475 - - 1.1 1.1 1.1 - CONNECT"},
    {acl_codes, "%5B::1%5D CONNECT 127.0.0.1 47735 - 37475 - 00:00:00:00:00:00 - 56852 127.0.0.1 - "
                "%5B::1%5D:37475 -"},
    {peer_times, "- 0 -"},
};

constexpr golden of_a_denied_request[] = {
    {native, "1795445925.020      0 127.0.0.1 TCP_DENIED/403 3439 CONNECT denied.test:443 - HIER_NONE/- "
             "text/html"},
    {addresses, "127.0.0.1 56854 127.0.0.1 47735 127.0.0.1 47735 - - - - - - 00:00:00:00:00:00 0x0 - 0x0 -"},
    {statuses, "403 - 403 text/html 403   403 403  | 00403| 403"},
    {states, "TCP_DENIED HIER_NONE ERR_ACCESS_DENIED - - - - - - -"},
    {widths,
     "     CONNECT| CONNECT     | CON|      CONNECT| -| -| CONNE| deni|     %| %  text/html| text/html "
     "|          -|"},
};

constexpr golden of_a_silent_client[] = {
    {native, "1795445925.472      0 127.0.0.1 NONE_NONE/000 0 - error:transaction-end-before-headers - "
             "HIER_NONE/- -"},
    {addresses, "127.0.0.1 56864 127.0.0.1 47735 - - - - - - - - - 0x0 - 0x0 -"},
    {requests,
     "- - - error:transaction-end-before-headers error:transaction-end-before-headers - - - - - - - - "
     "0.0 - 0.0 - -"},
    {statuses, "0 - 0 - 000     0 0    | 00000| 0"},
    {"%st %>st %<st %>sh %<sh %<sH %<sS %<bs %012<st", "0 0 0 0 0 0 0 - 000000000000"},
    {states, "NONE_NONE HIER_NONE ERR_CLIENT_GONE WITH_CLIENT - - - - - -"},
    {acl_codes, "- - - - - - - - - 56864 127.0.0.1 - error:transaction-end-before-headers -"},
    {widths, "-| -| -| -| -| -| -| erro|     %| %          -| -         |          -|"},
    {"lit\\n\\t 'q' #c {x} %rmx%>ax %{a}rm{b} \"[%un]\" [%rm \"x\" %un] \"%5un|%.3un|%-5un\"",
     "lit\\n\\t 'q' #c {x} -x127.0.0.1x -{b} \"[-]\" [- \"x\" -] \"-|-|-\""},
    {peer_times, "- - -"},
};

constexpr golden of_garbage[] = {
    {native, "1795445925.774      0 127.0.0.1 NONE_NONE/400 3404 - error:invalid-request - HIER_NONE/- "
             "text/html"},
    {statuses, "400 - 400 text/html 400   400 400  | 00400| 400"},
    {states, "NONE_NONE HIER_NONE - - - - - - - -"},
};
viaduct::fields request_fields()
{
    viaduct::fields head;
    head.add("Referer", "http://r.test/a b");
    head.add("User-Agent", R"(agent "x" \y [z] %41 (q) {w}~)");
    head.add("X-A", "one, two=2; b, three");
    head.add("x-a", "four");
    head.add("X-B", R"(q=1; r="a;b,\"c"; z)");
    return head;
}

std::chrono::system_clock::time_point at(std::chrono::microseconds since_epoch)
{
    return std::chrono::system_clock::time_point{since_epoch};
}

/// Somebody on a port of loopback's; the head was complete after a millisecond.
tunnel_record from_port(std::uint16_t port, std::chrono::microseconds ended,
                        std::chrono::microseconds elapsed)
{
    tunnel_record record;
    record.client = record.connection = record.local = "127.0.0.1";
    record.client_port = record.connection_port = port;
    record.local_port = 47735;
    record.ended = at(ended);
    record.times.head = 1ms;
    record.elapsed = elapsed + 1ms;
    return record;
}

tunnel_record tunnel()
{
    auto record = from_port(56838, 1795445924265652us, 201858us);
    record.method = "CONNECT";
    record.target = "auth.test:46747";
    record.request_fields = request_fields();
    record.head_size = 247;
    record.user = R"(al%[x]y\z)";
    record.scheme = "Basic";
    record.outcome = request_outcome::tunnel;
    record.peer = record.outgoing = "127.0.0.1";
    record.peer_port = 46747;
    record.outgoing_port = 39928;
    record.hierarchy = "HIER_DIRECT";
    record.status = 200;
    record.answer_size = record.answer_head = 39;
    record.times.connect = 200us;
    record.times.connected = 1400us;
    record.times.first_from_client = 51ms;
    record.times.first_from_upstream = 51300us;
    record.bytes_to_client = 44;
    record.bytes_from_client = 5;
    return record;
}

tunnel_record refused_connection()
{
    auto record = from_port(56852, 1795445924567936us, 395us);
    record.method = "CONNECT";
    record.target = "[::1]:37475";
    record.head_size = 186;
    record.outcome = request_outcome::tunnel;
    record.peer = "::1";
    record.peer_port = 37475;
    record.status = 503;
    record.times.connect = 100us;
    record.error = viaduct::error_code{111, viaduct::error_types::system_category()}; // Linux's ECONNREFUSED
    return record;
}

tunnel_record denied_request()
{
    auto record = from_port(56854, 1795445925020440us, 310us);
    record.method = "CONNECT";
    record.target = "denied.test:443";
    record.head_size = 194;
    record.outcome = request_outcome::denied;
    record.status = 403;
    record.content_type = "text/html";
    record.bytes_to_client = record.answer_size = 3439;
    return record;
}

tunnel_record silent_client()
{
    return from_port(56864, 1795445925472584us, 0us);
}

tunnel_record garbage()
{
    auto record = from_port(56874, 1795445925774630us, 209us);
    record.status = 400;
    record.content_type = "text/html";
    record.bytes_to_client = 3404;
    return record;
}

/// Sets the time zone of the golden lines.
void live_in_utc()
{
    ::setenv("TZ", "UTC0", 1);
    ::tzset();
}

std::string line_of(viaduct::record_format const& format, tunnel_record const& record)
{
    std::string line;
    format.append(record, line);
    return line;
}

std::string line_of(std::string_view spec, tunnel_record const& record)
{
    return line_of(squid_logformat{spec}, record);
}

template <std::size_t Size>
void check_all(golden const (&lines)[Size], tunnel_record const& record)
{
    for (auto const& each : lines) {
        INFO(each.spec);
        CHECK(line_of(each.spec, record) == std::string{each.line} + "\n");
    }
}

std::ptrdiff_t blanks_of(std::string const& line)
{
    return std::count(line.begin(), line.end(), ' ');
}

/// What a spec is refused with, behind its column.
std::string problem_of(std::string_view spec)
{
    try {
        squid_logformat const format{spec};
        return "none";
    } catch (viaduct::format_problem const& problem) {
        return std::to_string(problem.column()) + ": " + problem.what();
    }
}

} // namespace

TEST_CASE("squid logformat: its lines are those of Squid 5.7")
{
    live_in_utc();
    check_all(of_a_tunnel, tunnel());
    check_all(of_a_refused_connection, refused_connection());
    check_all(of_a_denied_request, denied_request());
    check_all(of_a_silent_client, silent_client());
    check_all(of_garbage, garbage());
}

TEST_CASE("squid logformat: the built-in formats have the layout of Squid's, and texts of clients escaped")
{
    live_in_utc();
    // Squid: the same lines, but for the agent, which it prints as it came: "agent "x" \y [z] %41 (q) {w}~",
    // and the blank in the referrer
    CHECK(line_of(*viaduct::squid_common(), tunnel()) ==
          "127.0.0.1 - al%25%5bx%5dy\\\\z [23/Nov/2026:14:58:44 +0000] \"CONNECT auth.test:46747 HTTP/1.1\" "
          "200 44 TCP_TUNNEL:HIER_DIRECT\n");
    CHECK(line_of(*viaduct::squid_combined(), tunnel()) ==
          "127.0.0.1 - al%25%5bx%5dy\\\\z [23/Nov/2026:14:58:44 +0000] \"CONNECT auth.test:46747 HTTP/1.1\" "
          "200 44 \"http://r.test/a b\" \"agent \\\"x\\\" \\\\y [z] %41 (q) {w}~\" TCP_TUNNEL:HIER_DIRECT\n");
    CHECK(line_of(*viaduct::squid_referrer(), tunnel()) ==
          "1795445924.265 127.0.0.1 http://r.test/a%20b auth.test:46747\n");
    CHECK(line_of(*viaduct::squid_useragent(), tunnel()) ==
          "127.0.0.1 [23/Nov/2026:14:58:44 +0000] \"agent \\\"x\\\" \\\\y [z] %41 (q) {w}~\"\n");
    // Squid: just so
    CHECK(
        line_of(*viaduct::squid_common(), silent_client()) ==
        "127.0.0.1 - - [23/Nov/2026:14:58:45 +0000] \"- error:transaction-end-before-headers NONE/0.0\" 0 0 "
        "NONE_NONE:HIER_NONE\n");
    CHECK(
        line_of(*viaduct::squid_combined(), silent_client()) ==
        "127.0.0.1 - - [23/Nov/2026:14:58:45 +0000] \"- error:transaction-end-before-headers NONE/0.0\" 0 0 "
        "\"-\" \"-\" NONE_NONE:HIER_NONE\n");
    CHECK(line_of(*viaduct::squid_referrer(), silent_client()) ==
          "1795445925.472 127.0.0.1 - error:transaction-end-before-headers\n");
    CHECK(line_of(*viaduct::squid_useragent(), silent_client()) ==
          "127.0.0.1 [23/Nov/2026:14:58:45 +0000] \"-\"\n");
}

TEST_CASE("squid logformat: the built-in formats have names")
{
    for (std::string_view const name : {"squid", "common", "combined", "referrer", "useragent"}) {
        INFO(name);
        CHECK(viaduct::format_named(name));
    }
    CHECK_FALSE(viaduct::format_named("Squid"));
    CHECK(line_of(*viaduct::format_named("squid"), garbage()) == line_of(native, garbage()));
    CHECK_FALSE(viaduct::squid_common()->wishes().fields);
    CHECK(viaduct::squid_combined()->wishes().fields);
}

TEST_CASE("squid logformat: what it does otherwise than Squid 5.7, as its documentation says")
{
    auto record = tunnel();
    CHECK(line_of("%<rv", record) == "1.1\n");
    CHECK(line_of("%credentials", record) == "***\n");
    CHECK(line_of("%Ss", refused_connection()) == "TCP_TUNNEL\n");
    auto slow = silent_client(); // Squid: 000 error:transaction-end-before-headers 0.0
    slow.status = 408;
    CHECK(line_of("%03>Hs %ru %rv", slow) == "408 error:transaction-end-before-headers 0.0\n");
    slow.target = "www.example:443"; // and 414
    slow.status = 431;
    CHECK(line_of("%>rm %ru", slow) == "- error:request-too-large\n");
    record.attempts = 3;
    record.id = 77;
    CHECK(line_of("%request_attempts %master_xaction %busy_time %transport::>connection_id", record) ==
          "3 77 - -\n");
    CHECK(line_of("a%byte{9}b%byte{37}c \"%byte{9}\"", record) == "a\tb%c \"\\t\"\n");
    record.target = "AUTH.test.:46747"; // Squid: auth.test:46747
    CHECK(line_of("%ru %>rd %<A", record) == "auth.test:46747 auth.test auth.test\n");
    record.parent = "mum";
    record.hierarchy = "FIRSTUP_PARENT";
    CHECK(line_of("%Sh/%<A %<Hs", record) == "FIRSTUP_PARENT/mum 200\n");
    record.client = "::1"; // Squid: 00-00-00-00-00-00-00-00 - 00-00-00-00-00-00-00-00
    CHECK(line_of("%>eui %SRCEUI48 %SRCEUI64", record) ==
          "00-00-00-00-00-00-00-00 - 00-00-00-00-00-00-00-00\n");
    record.tls = {"TLSv1.3", "TLS_AES_256_GCM_SHA384", "proxy.example", "/CN=alice smith"};
    record.scheme = "TLS";
    CHECK(line_of("%ssl::>sni %tls::>negotiated_version %ssl::>negotiated_cipher \"%ssl::>cert_subject\" "
                  "%ul %us",
                  record) == "proxy.example TLS/1.3 TLS_AES_256_GCM_SHA384 \"/CN=alice smith\" - "
                             "al%[x]y\\z\n");
    record.times.lookup = 1999us;
    record.times.first_from_upstream = 81ms;
    CHECK(line_of("%dt %.3dt %<pt %.3<tt", record) == "1 1.000 30 201.658\n");
    CHECK(line_of("%proxy_protocol::>h{:src_addr} %{:src_port}proxy_protocol::>h", record) == "::1 56838\n");
    record.answer_fields.add("Allow", "CONNECT");
    record.status = 405;
    record.outcome = request_outcome::denied;
    record.method = "FOO"; // Squid: http://h.test:80/a%20b? http://h.test:80/a%2520b?c=d
    record.target = "http://h.test:80/A%20b?c=d";
    CHECK(line_of("%ru %>ru %>rd %>rP", record) ==
          "http://h.test:80/A%20b? http://h.test:80/A%20b?c=d - -\n");
    CHECK(line_of("%'<h %<h{allow}", record) ==
          "HTTP/1.1 405 Method Not Allowed%0D%0AAllow: CONNECT%0D%0A%0D%0A CONNECT\n");
}

TEST_CASE("squid logformat: lines are counted by the format that writes them")
{
    squid_logformat const format{"%sn %03sn"};
    CHECK(line_of(format, garbage()) == "0 000\n");
    CHECK(line_of(format, garbage()) == "1 001\n");
}

TEST_CASE("squid logformat: it wishes for what it prints, and for nothing else")
{
    CHECK(squid_logformat{native}.wishes() == viaduct::record_wishes{});
    for (auto const* const spec : {"%>h", "%<h", "a %{X}>ha", "%http::>h{X:y}"})
        CHECK(squid_logformat{spec}.wishes() == viaduct::record_wishes{true, false, false});
    for (auto const* const spec : {"%>la", "%>lp", "%la", "%lp", "%<la", "%<lp", "%oa", "%MYADDR", "%MYPORT"})
        CHECK(squid_logformat{spec}.wishes() == viaduct::record_wishes{false, true, false});
}

TEST_CASE("squid logformat: what cannot be compiled is told with its column")
{
    struct
    {
        char const* spec;
        char const* problem;
    } const cases[] = {
        {"%>a %zz", "5: unknown code '%zz'"},
        {"%>a %err_cod %ts", "5: unknown code '%err_cod'; the nearest one is '%err_code'"},
        {"x%\"-08{y}nott", "2: unknown code '%nott'; the nearest one is '%note'"},
        {"%tls::>snj", "1: unknown code '%ssl::>snj'; the nearest one is '%ssl::>sni'"},
        {"100%", "4: '%' without a code behind it; '%%' prints a percent sign"},
        {"% ts", "1: '%' without a code behind it; '%%' prints a percent sign"},
        {"%5.rm", "3: '.' without a maximal width behind it"},
        {"%.-3rm", "2: '.' without a maximal width behind it"},
        {"%99999rm", "2: a width above 4096"},
        {"%.99999999999999999999rm", "3: a width above 4096"},
        {"%{User-Agent>h", "2: '{' without its '}'"},
        {"%>h{User-Agent", "4: '{' without its '}'"},
        {"%{}>h", "1: a header without a name"},
        {"%{:path}>h", "1: a pseudo header of HTTP/1"},
        {"%byte", "1: %byte needs a number from 1 to 255; such as %byte{10}"},
        {"%byte{0}", "1: %byte needs a number from 1 to 255; such as %byte{10}"},
        {"a %byte{256}", "3: %byte needs a number from 1 to 255; such as %byte{10}"},
        {"", "none"},
        {"%{anything}rm%proxy_protocol::>h{:src_addr}", "none"},
    };
    for (auto const& each : cases) {
        INFO(each.spec);
        CHECK(problem_of(each.spec) == each.problem);
    }
}

TEST_CASE("squid logformat: nothing that a client sends can end a line, add a column or leave its quotes")
{
    squid_logformat const columns{"%un %ru %>ru %rm %<A %>rd %{User-Agent}>h %>h %.7{User-Agent}>h %[rm"};
    squid_logformat const quoted{"\"%un\" \"%ru\" \"%.7{User-Agent}>h\" \"%/5{X}>h\" %/.7un \"%>h\""};
    for (std::string const evil :
         {"a b", "x\r\ny", "\ta", "\v\f", "\xc2\xa0\xe2\x80\xa8", "\"", "a\" \"b", "x y\"z\\\"", "\x1b[2J",
          "\x7f", "\\\\\\\\\\\\\\\\\\\"", "123456\"", "12345\\\"", "\x80\xff", "%0a", "] ["}) {
        INFO(evil);
        auto record = tunnel();
        record.user = record.target = evil;
        record.method = "EVIL";
        record.request_fields = {};
        if (viaduct::is_field_value(evil)) record.request_fields.add("User-Agent", evil);
        for (auto const* const format : {&columns, &quoted}) {
            auto const line = line_of(*format, record);
            CHECK(line.find('\n') == line.size() - 1);
            CHECK(std::all_of(line.begin(), line.end() - 1, [](char c) { return c >= 0x20 && c < 0x7f; }));
        }
        CHECK(blanks_of(line_of(columns, record)) == 9);
        bool inside = false;
        std::ptrdiff_t blanks = 0;
        auto const line = line_of(quoted, record);
        for (auto c = line.begin(); c != line.end(); ++c) {
            if (*c == '\\')
                ++c;
            else if (*c == '"')
                inside = !inside;
            else
                blanks += *c == ' ' && !inside;
        }
        CHECK_FALSE(inside);
        CHECK(blanks == 5);
    }
}

TEST_CASE("squid logformat: no text drowns a line")
{
    auto record = tunnel();
    record.user.assign(100000, 'u');
    record.target.assign(100000, 't');
    for (int i = 0; i < 1000; ++i)
        record.request_fields.add("X-Many", std::string(1000, ' ').replace(0, 1, "x").replace(999, 1, "y"));
    CHECK(line_of("%un %ru %{X-Many}>h %>h", record).size() < 3 * (1024 + 1024 + 8192 + 8192));
}

TEST_CASE("squid logformat: no allocation once warm")
{
    std::string all;
    for (auto const& each : of_a_tunnel)
        all.append(each.spec) += ' ';
    squid_logformat const format{all + "%>h %<h"};
    auto record = tunnel();
    record.target = "UPPER.example.:443";
    std::string line;
    format.append(record, line);
    line.clear();
    format.append(record, line);
    auto const before = allocations;
    for (int i = 0; i < 10; ++i) {
        line.clear();
        format.append(record, line);
    }
    CHECK(allocations == before);
    for (auto const name : {"squid", "combined", "referrer", "useragent"}) {
        auto const built_in = viaduct::format_named(name);
        line.clear();
        auto const started = allocations;
        built_in->append(record, line);
        CHECK(allocations == started);
    }
}

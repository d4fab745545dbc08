#include <viaduct/log/error_name.hpp>
#include <viaduct/log/haproxy_tcp.hpp>
#include <viaduct/log/termination_state.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <ostream>
#include <set>
#include <string>

using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::error_code;
using viaduct::error_name;
using viaduct::request_outcome;
using viaduct::tunnel_record;
using phase = viaduct::request_phase;
using party = viaduct::tunnel_party;

namespace {

// See the category in error.ipp.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// As Asio names those that need no network here.
class category_named final : public viaduct::error_category
{
public:
    explicit category_named(char const* name) : name_{name} {}
    char const* name() const noexcept override { return name_; }
    std::string message(int) const override { return name_; }

private:
    char const* name_;
};

#pragma GCC diagnostic pop

category_named const name_service{"asio.netdb"};
category_named const tls{"asio.ssl"};
category_named const misc{"asio.misc"};

error_code of_system(int value)
{
    return {value, viaduct::error_types::generic_category()};
}

struct state_case
{
    std::string_view state;
    error_code error;
    phase during = phase::tunnel;
    party by = party::proxy;
    unsigned status = 200;
    request_outcome outcome = request_outcome::tunnel;
    std::uint64_t up = 0;
    std::uint64_t down = 0;
};

tunnel_record record_of(state_case const& c)
{
    tunnel_record record;
    record.error = c.error;
    record.phase = c.during;
    record.ended_by = c.by;
    record.status = c.status;
    record.outcome = c.outcome;
    record.bytes_from_client = c.up;
    record.bytes_to_client = c.down + 39;
    record.answer_size = 39;
    return record;
}

auto const unread = request_outcome::unread;
auto const denied = request_outcome::denied;

// clang-format off
state_case const state_cases[] = {
    {"--", {}, phase::tunnel, party::client},
    {"--", {}, phase::tunnel, party::upstream},
    {"--", {}, phase::arrival, party::nobody}, // a record that says nothing of its phase
    // R: the request
    {"CR", errc::client_closed_before_head, phase::arrival, party::client, 0, unread},
    {"CR", of_system(ECONNRESET), phase::arrival, party::client, 0, unread},
    {"CR", {}, phase::arrival, party::nobody, 0, unread},
    {"cR", errc::head_timeout, phase::arrival, party::proxy, 408, unread},
    {"cR", errc::proxy_header_timeout, phase::arrival, party::proxy, 0, unread},
    {"cR", errc::client_tls_timeout, phase::arrival, party::proxy, 0, unread},
    {"PR", errc::request_line_malformed, phase::arrival, party::proxy, 400, unread},
    {"PR", errc::port_missing, phase::arrival, party::proxy, 400, unread},
    {"PR", errc::method_not_connect, phase::arrival, party::proxy, 405, denied},
    {"PR", errc::client_certificate_rejected, phase::arrival, party::proxy, 0, unread},
    {"PR", errc::request_denied, phase::decision, party::proxy, 403, denied},
    {"PR", errc::authentication_required, phase::decision, party::proxy, 407, denied},
    {"PR", errc::destination_prohibited, phase::resolving, party::proxy, 403, denied},
    {"PR", {}, phase::decision, party::proxy, 403, denied},
    {"PR", {}, phase::arrival, party::proxy, 400, unread},
    // Q: its turn
    {"CQ", of_system(ECONNRESET), phase::decision, party::client, 0, denied},
    {"sQ", errc::helper_timeout, phase::decision, party::proxy, 500, denied},
    {"PQ", errc::too_many_tunnels_of_client, phase::decision, party::proxy, 429, denied},
    {"PQ", errc::quota_exceeded, phase::decision, party::proxy, 429, denied},
    {"RQ", errc::helper_unavailable, phase::decision, party::proxy, 500, denied},
    {"RQ", errc::authentication_broken, phase::decision, party::proxy, 500, denied},
    // C: the way
    {"CC", of_system(ECONNRESET), phase::connecting, party::client, 0},
    {"CC", of_system(ECONNRESET), phase::connecting, party::nobody, 0},
    {"SC", of_system(ECONNREFUSED), phase::connecting, party::upstream, 502},
    {"SC", of_system(EHOSTUNREACH), phase::connecting, party::nobody, 502},
    {"SC", errc::destination_unresolvable, phase::resolving, party::upstream, 502},
    {"SC", {1, name_service}, phase::resolving, party::upstream, 502},
    {"SC", errc::parent_unavailable, phase::connecting, party::upstream, 502},
    {"SC", errc::proxy_denied, phase::connecting, party::upstream, 403},
    {"SC", errc::status_line_malformed, phase::connecting, party::upstream, 502},
    {"SC", errc::tls_verification_failed, phase::connecting, party::upstream, 502},
    {"SC", {}, phase::connecting, party::upstream, 403},
    {"sC", errc::resolve_timeout, phase::resolving, party::proxy, 504},
    {"sC", errc::connect_timeout, phase::connecting, party::proxy, 504},
    {"sC", errc::target_timeout, phase::connecting, party::upstream, 504},
    {"sC", of_system(ETIMEDOUT), phase::connecting, party::upstream, 504},
    {"RC", of_system(EMFILE), phase::connecting, party::proxy, 503},
    {"RC", of_system(EADDRNOTAVAIL), phase::connecting, party::nobody, 502},
    {"RC", errc::resolver_overloaded, phase::resolving, party::proxy, 503},
    {"PC", of_system(EINVAL), phase::connecting, party::proxy, 502},
    {"KC", errc::shutdown_timeout, phase::connecting, party::proxy, 503},
    // H: our answer
    {"CH", of_system(EPIPE), phase::answering, party::client, 0},
    // D and L: the tunnel
    {"CD", of_system(ECONNRESET), phase::tunnel, party::client},
    {"SD", of_system(ECONNRESET), phase::tunnel, party::upstream},
    {"SD", {1, tls}, phase::tunnel, party::upstream},
    {"cD", of_system(ETIMEDOUT), phase::tunnel, party::client},
    {"sD", of_system(ETIMEDOUT), phase::tunnel, party::upstream},
    {"cD", errc::idle_timeout, phase::tunnel, party::proxy, 200, request_outcome::tunnel, 0, 0},
    {"cD", errc::idle_timeout, phase::tunnel, party::proxy, 200, request_outcome::tunnel, 517, 1},
    {"sD", errc::idle_timeout, phase::tunnel, party::proxy, 200, request_outcome::tunnel, 517, 0},
    {"cL", errc::half_close_timeout, phase::tunnel, party::proxy, 200, request_outcome::tunnel, 517, 1},
    {"sL", errc::half_close_timeout, phase::tunnel, party::proxy, 200, request_outcome::tunnel, 517, 0},
    {"PD", errc::lifetime_exceeded},
    {"PD", errc::quota_exceeded},
    {"RD", of_system(ENOBUFS)},
    {"KD", errc::shutdown_timeout},
    {"KD", errc::ended_by_operator},
    {"--", {}, phase::answering, party::proxy, 404, request_outcome::page},
    {"KD", of_system(ECANCELED)},
};
// clang-format on

} // namespace

TEST_CASE("termination state: who ended it, and what was going on")
{
    for (auto const& c : state_cases) {
        INFO(error_name(c.error));
        INFO(static_cast<int>(c.during));
        CHECK(termination_state(record_of(c)) == c.state);
    }
}

TEST_CASE("termination state: the documented states are those that happen")
{
    std::set<std::string_view> const documented{
        "--", "CR", "cR", "PR", "CQ", "sQ", "PQ", "RQ", "CC", "SC", "sC", "RC",
        "PC", "KC", "CH", "CD", "SD", "cD", "sD", "cL", "sL", "PD", "RD", "KD",
    };
    std::set<std::string_view> seen;
    for (auto const& c : state_cases)
        seen.insert(termination_state(record_of(c)));
    CHECK(seen == documented);
}

TEST_CASE("termination state: whatever the error, there are two letters, and no error that went well")
{
    for (int value = 1; value < 256; ++value)
        for (int during = 0; during <= static_cast<int>(phase::tunnel); ++during) {
            auto const error = make_error_code(static_cast<errc>(value));
            auto const state = termination_state(record_of({"", error, static_cast<phase>(during)}));
            INFO(value);
            REQUIRE(state.size() == 2);
            CHECK(std::string_view{"CcSsPRK"}.find(state[0]) != std::string_view::npos);
            CHECK(std::string_view{"RQCHDL"}.find(state[1]) != std::string_view::npos);
        }
}

TEST_CASE("termination state: a tunnel that is still open has not ended")
{
    for (auto const event : {viaduct::record_event::start, viaduct::record_event::progress}) {
        tunnel_record record;
        record.event = event;
        record.phase = phase::tunnel;
        CHECK(termination_state(record) == "--");
    }
}

TEST_CASE("error name: every error of ours has its own, and no other value has")
{
    std::set<std::string_view> names;
    for (int value = 1; value < 256; ++value) {
        auto const error = make_error_code(static_cast<errc>(value));
        bool const known = error.message() != "unknown viaduct error";
        INFO(value);
        CHECK((error_name(error) != "viaduct") == known);
        if (known) CHECK(names.insert(error_name(error)).second);
    }
    CHECK(names.contains("idle_timeout"));
}

TEST_CASE("error name: other people's errors")
{
    CHECK(error_name({}) == "");
    CHECK(error_name(of_system(ECONNRESET)) == "ECONNRESET");
    CHECK(error_name(of_system(EDOM)) == "generic");
    CHECK(error_name({1, name_service}) == "HOST_NOT_FOUND");
    CHECK(error_name({4, name_service}) == "NO_DATA");
    CHECK(error_name({17, name_service}) == "asio.netdb");
    CHECK(error_name({2, misc}) == "eof");
    CHECK(error_name({336'151'568, tls}) == "asio.ssl");
}

namespace {

/// What HAProxy 2.6 told of tunnels with one server, and what a record of such a tunnel holds.
struct haproxy_case
{
    std::string_view line;
    std::string_view listener;
    std::string_view backend;
    std::string_view server;
    std::uint16_t port;
    std::chrono::milliseconds began; // after 14:45
    std::chrono::milliseconds waited;
    std::chrono::milliseconds connected;
    std::chrono::milliseconds elapsed;
    std::uint64_t to_client;
    unsigned attempts;
    state_case end;
};

haproxy_case const haproxy_cases[] = {
    {"127.0.0.1:45778 [23/Nov/2026:14:45:38.470] fnt bck/srv1 1/0/0 212 -- 1/1/0/0/0 0/0\n",
     "fnt",
     "bck",
     "srv1",
     45778,
     38470ms,
     1ms,
     1ms,
     0ms,
     212,
     1,
     {"--", {}}},
    {"127.0.0.1:45790 [23/Nov/2026:14:45:38.771] fnt bck/srv1 1/0/0 0 SD 1/1/0/0/0 0/0\n",
     "fnt",
     "bck",
     "srv1",
     45790,
     38771ms,
     1ms,
     1ms,
     0ms,
     0,
     1,
     {"SD", of_system(ECONNRESET), phase::tunnel, party::upstream}},
    {"127.0.0.1:45796 [23/Nov/2026:14:45:39.072] fnt bck/srv1 1/0/1502 10 cD 1/1/0/0/0 0/0\n",
     "fnt",
     "bck",
     "srv1",
     45796,
     39072ms,
     1ms,
     1ms,
     1502ms,
     10,
     1,
     {"cD", errc::idle_timeout}},
    {"127.0.0.1:32966 [23/Nov/2026:14:45:40.875] slow bck/srv1 1/0/1502 0 sD 1/1/0/0/0 0/0\n",
     "slow",
     "bck",
     "srv1",
     32966,
     40875ms,
     1ms,
     1ms,
     1502ms,
     0,
     1,
     {"sD", errc::idle_timeout}},
    {"127.0.0.1:45804 [23/Nov/2026:14:45:42.677] fnt bck/srv1 1/0/100 10 CD 1/1/0/0/0 0/0\n",
     "fnt",
     "bck",
     "srv1",
     45804,
     42677ms,
     1ms,
     1ms,
     100ms,
     10,
     1,
     {"CD", of_system(ECONNRESET), phase::tunnel, party::client}},
    {"127.0.0.1:41722 [23/Nov/2026:14:45:43.079] gone dead/srv2 1/-1/0 0 SC 1/1/0/0/0 0/0\n",
     "gone",
     "dead",
     "srv2",
     41722,
     43079ms,
     1ms,
     -1ms,
     0ms,
     0,
     1,
     {"SC", of_system(ECONNREFUSED), phase::connecting, party::upstream}},
    {"127.0.0.1:44478 [23/Nov/2026:14:45:43.379] closed closed/<NOSRV> -1/-1/0 0 PR 1/1/0/0/0 0/0\n",
     "closed",
     "closed",
     "",
     44478,
     43379ms,
     -1ms,
     -1ms,
     0ms,
     0,
     0,
     {"PR", errc::request_denied, phase::decision, party::proxy, 403, denied}},
};

viaduct::request_times::duration time_of(std::chrono::milliseconds t)
{
    return t < 0ms ? viaduct::request_times::never : t;
}

tunnel_record record_of(haproxy_case const& c)
{
    auto record = record_of(c.end);
    record.client = "127.0.0.1";
    record.client_port = c.port;
    record.listener = c.listener;
    record.target = c.server;
    record.attempts = c.attempts;
    record.elapsed = c.elapsed;
    record.ended = std::chrono::system_clock::time_point{1795445100s + c.began + c.elapsed};
    record.times.decided = time_of(c.waited);
    record.times.connected = time_of(c.connected);
    record.times.connect = 0ms;
    record.bytes_to_client = c.to_client;
    record.answer_size = 0; // a HAProxy that forwards TCP answers nothing itself
    record.bytes_from_client = 4;
    return record;
}

std::string haproxy_line(tunnel_record const& record, viaduct::haproxy_names names = {})
{
    std::string line;
    viaduct::haproxy_tcp(std::move(names))->append(record, line);
    return line;
}

void use_zone(char const* zone)
{
    ::setenv("TZ", zone, 1);
    ::tzset();
}

} // namespace

TEST_CASE("haproxy: the lines of a real one")
{
    use_zone("UTC");
    for (auto const& c : haproxy_cases)
        CHECK(haproxy_line(record_of(c), {"", std::string{c.backend}}) == c.line);
}

TEST_CASE("haproxy: time is local, winter and summer, on either side of midnight")
{
    auto record = record_of(haproxy_cases[0]);
    use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    CHECK(haproxy_line(record).find("[23/Nov/2026:15:45:38.470]") != std::string::npos);
    record.ended = std::chrono::system_clock::time_point{1782864000s}; // 2026-07-01 00:00 UTC
    CHECK(haproxy_line(record).find("[01/Jul/2026:02:00:00.000]") != std::string::npos);
    use_zone("NST3:30");
    record.ended = std::chrono::system_clock::time_point{1767225600s}; // 2026-01-01 00:00 UTC
    CHECK(haproxy_line(record).find("[31/Dec/2025:20:30:00.000]") != std::string::npos);
    use_zone("UTC");
}

TEST_CASE("haproxy: names come from the record where none are given; an open tunnel has a plus")
{
    auto record = record_of(haproxy_cases[0]);
    record.attempts = 4;
    record.client = "2001:db8::1";
    record.event = viaduct::record_event::start;
    CHECK(haproxy_line(record) ==
          "2001:db8::1:45778 [23/Nov/2026:14:45:38.470] fnt direct/srv1 1/0/+0 +212 -- 1/1/0/0/3 0/0\n");
    record.parent = "par ent";
    record.target = "a.example:443 x\n";
    CHECK(haproxy_line(record, {"f f", ""}).find(" f%20f par%20ent/a.example:443%20x%0A 1/0/") !=
          std::string::npos);
}

#include <viaduct/detail/dial_plan.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>

using viaduct::authority;
using viaduct::dial_phase;
using viaduct::errc;
using viaduct::error_code;
using viaduct::detail::dial_plan;
using step = viaduct::detail::dial_plan::step;

namespace {

authority const target{"broker.example", 8883};
error_code const none;
error_code const refused = make_error_code(viaduct::error_types::errc::connection_refused);
error_code const cancelled = make_error_code(viaduct::error_types::errc::operation_canceled);

[[nodiscard]] dial_plan plan_for(std::string_view ways, dial_plan::abilities can = {.tls = true},
                                 authority const& to = target)
{
    return {ways.empty() ? viaduct::proxy_list{} : viaduct::parse_proxy_list(ways), to, can};
}

/// The plan as text: each step with whom it is about, `!` behind one that fails.
/** @param fails At which step, from 1, and with what. */
struct walk
{
    walk(dial_plan&& of, std::size_t fails, error_code why) : plan{of}, failing{fails}, error{why} {}
    explicit walk(dial_plan&& of) : plan{of} {}

    [[nodiscard]] std::string text()
    {
        std::string result;
        auto next = plan.begin();
        for (std::size_t n = 1; next != step::done; ++n) {
            REQUIRE(n < 100);
            bool const fails = n == failing;
            result += name(next) + (fails ? "! " : " ");
            next = outcome(next, fails ? error : none);
        }
        if (!plan.error()) return result + "open";
        return result + "failed";
    }

    [[nodiscard]] std::string name(step what) const
    {
        switch (what) {
        case step::resolve: return "look-up:" + plan.first_stop().host();
        case step::connect: return "tcp:" + plan.first_stop().host();
        case step::send_header: return "header";
        case step::secure: return "tls:" + plan.proxy()->endpoint.host();
        case step::converse:
            return "connect:" + plan.proxy()->endpoint.host() + '>' + plan.next_target().host();
        case step::resolve_target: return "look-up:" + plan.next_target().host();
        case step::socks: return "socks:" + plan.proxy()->endpoint.host() + '>' + plan.next_target().host();
        case step::done: break;
        }
        return "done";
    }

    [[nodiscard]] step outcome(step of, error_code ec)
    {
        switch (of) {
        case step::resolve: return plan.on_resolved(ec);
        case step::connect: return plan.on_connected(ec);
        case step::send_header: return plan.on_header_sent(ec);
        case step::secure: return plan.on_secured(ec);
        case step::resolve_target: return plan.on_target_resolved(ec);
        default: return plan.on_asked(ec);
        }
    }

    dial_plan plan;
    std::size_t failing = 0;
    error_code error{};
};

} // namespace

TEST_CASE("dial plan: each kind of way has its steps")
{
    struct
    {
        char const* ways;
        char const* steps;
    } const cases[] = {
        {"direct", "look-up:broker.example tcp:broker.example open"},
        {"http://a", "look-up:a tcp:a connect:a>broker.example open"},
        {"https://a", "look-up:a tcp:a tls:a connect:a>broker.example open"},
        {"socks5h://a", "look-up:a tcp:a socks:a>broker.example open"},
        {"socks5://a", "look-up:a tcp:a look-up:broker.example socks:a>broker.example open"},
        {"socks4a://a", "look-up:a tcp:a socks:a>broker.example open"},
        {"socks4://a", "look-up:a tcp:a look-up:broker.example socks:a>broker.example open"},
        {"socks4://a -> http://192.0.2.1",
         "look-up:a tcp:a socks:a>192.0.2.1 connect:192.0.2.1>broker.example open"},
        {"http://a -> http://b", "look-up:a tcp:a connect:a>b connect:b>broker.example open"},
        {"http://a -> https://b -> socks5h://c",
         "look-up:a tcp:a connect:a>b tls:b connect:b>c socks:c>broker.example open"},
        {"socks5://a -> http://b", "look-up:a tcp:a look-up:b socks:a>b connect:b>broker.example open"},
        {"socks5://a -> http://192.0.2.1",
         "look-up:a tcp:a socks:a>192.0.2.1 connect:192.0.2.1>broker.example open"},
        {"http://a, http://b, direct", "look-up:a tcp:a connect:a>broker.example open"},
    };
    for (auto const& c : cases) {
        walk way{plan_for(c.ways)};
        CHECK(way.text() == c.steps);
        CHECK(way.plan.phase() == dial_phase::established);
        CHECK(way.plan.way() == 0);
    }
    CHECK(walk{plan_for("socks5://a", {}, authority{"2001:db8::1", 443})}.text() ==
          "look-up:a tcp:a socks:a>2001:db8::1 open");
    // SOCKS4 cannot ask for it, which is as if it had no address: another proxy may know how.
    CHECK(walk{plan_for("socks4://a, socks5://b", {}, authority{"2001:db8::1", 443}), 3,
               errc::socks_address_type_unsupported}
              .text() == "look-up:a tcp:a look-up:2001:db8::1! look-up:b tcp:b socks:b>2001:db8::1 open");
}

TEST_CASE("dial plan: a header goes out first, on every way, and once a connection")
{
    dial_plan::abilities const header{.header = true, .tls = true};
    CHECK(walk{plan_for("direct", header)}.text() == "look-up:broker.example tcp:broker.example header open");
    CHECK(walk{plan_for("https://a -> http://b", header)}.text() ==
          "look-up:a tcp:a header tls:a connect:a>b connect:b>broker.example open");
    CHECK(walk{plan_for("http://a", header), 4, errc::reconnect_required}.text() ==
          "look-up:a tcp:a header connect:a>broker.example! tcp:a header connect:a>broker.example open");
}

TEST_CASE("dial plan: a way that fails before its last proxy was asked gives its place to the next one")
{
    struct
    {
        char const* ways;
        std::size_t failing;
        char const* steps;
    } const cases[] = {
        {"http://a, direct", 1, "look-up:a! look-up:broker.example tcp:broker.example open"},
        {"http://a, http://b", 2, "look-up:a tcp:a! look-up:b tcp:b connect:b>broker.example open"},
        {"https://a, http://b", 3, "look-up:a tcp:a tls:a! look-up:b tcp:b connect:b>broker.example open"},
        {"http://a -> http://b, direct", 3,
         "look-up:a tcp:a connect:a>b! look-up:broker.example tcp:broker.example open"},
        {"http://a -> https://b, direct", 4,
         "look-up:a tcp:a connect:a>b tls:b! look-up:broker.example tcp:broker.example open"},
        {"socks5://a -> http://b, direct", 3,
         "look-up:a tcp:a look-up:b! look-up:broker.example tcp:broker.example open"},
        // The last proxy has not heard of it, and another one may know the name.
        {"socks5://a, http://b", 3,
         "look-up:a tcp:a look-up:broker.example! look-up:b tcp:b "
         "connect:b>broker.example open"},
    };
    for (auto const& c : cases) {
        walk way{plan_for(c.ways), c.failing, refused};
        CHECK(way.text() == c.steps);
        CHECK_FALSE(way.plan.error());
        CHECK(way.plan.way() == 1);
    }
    walk header{plan_for("http://a, direct", {.header = true}), 3, refused};
    CHECK(header.text() == "look-up:a tcp:a header! look-up:broker.example tcp:broker.example header open");
}

TEST_CASE("dial plan: an answer of the last proxy is final, and so is its silence")
{
    for (auto const error : {errc::proxy_denied, errc::target_unreachable, errc::proxy_auth_rejected,
                             errc::proxy_closed, errc::handshake_timeout}) {
        walk one{plan_for("http://a, http://b, direct"), 3, error};
        CHECK(one.text() == "look-up:a tcp:a connect:a>broker.example! failed");
        CHECK(one.plan.error() == error);
        CHECK(one.plan.phase() == dial_phase::handshake);
    }
    walk chain{plan_for("http://a -> socks5h://b, direct"), 4, errc::socks_denied};
    CHECK(chain.text() == "look-up:a tcp:a connect:a>b socks:b>broker.example! failed");
    CHECK(chain.plan.hop() == 1);
}

TEST_CASE("dial plan: the last way's failure is the outcome, with the phase that it was in")
{
    struct
    {
        char const* ways;
        std::size_t failing;
        dial_phase phase;
    } const cases[] = {
        {"direct", 1, dial_phase::resolve},       {"direct", 2, dial_phase::connect},
        {"https://a", 1, dial_phase::resolve},    {"https://a", 2, dial_phase::connect},
        {"https://a", 3, dial_phase::secure},     {"https://a", 4, dial_phase::handshake},
        {"socks5://a", 3, dial_phase::handshake},
    };
    for (auto const& c : cases) {
        walk way{plan_for(c.ways), c.failing, refused};
        CHECK(way.text().ends_with("! failed"));
        CHECK(way.plan.error() == refused);
        CHECK(way.plan.phase() == c.phase);
    }
}

TEST_CASE("dial plan: a new connection goes through the whole way once more, without a look-up")
{
    walk chain{plan_for("http://a -> https://b, direct"), 5, errc::reconnect_required};
    CHECK(chain.text() == "look-up:a tcp:a connect:a>b tls:b connect:b>broker.example! "
                          "tcp:a connect:a>b tls:b connect:b>broker.example open");
    CHECK_FALSE(chain.plan.error());
    // If it does not come about, that is the end: the proxy has been asked, and others must not be.
    auto plan = plan_for("http://a, direct");
    CHECK(plan.begin() == step::resolve);
    CHECK(plan.on_resolved(none) == step::connect);
    CHECK(plan.on_connected(none) == step::converse);
    CHECK(plan.on_asked(errc::reconnect_required) == step::connect);
    CHECK(plan.phase() == dial_phase::connect);
    CHECK(plan.on_connected(refused) == step::done);
    CHECK(plan.error() == refused);
    CHECK(plan.way() == 0);
}

TEST_CASE("dial plan: the no of a proxy on the way is final, that it cannot get to the next one is not")
{
    for (auto const no : {errc::proxy_denied, errc::proxy_refused, errc::proxy_auth_required,
                          errc::credentials_unavailable, errc::too_many_attempts}) {
        auto plan = plan_for("http://a -> http://b, direct");
        CHECK(plan.begin() == step::resolve);
        CHECK(plan.on_resolved(none) == step::connect);
        CHECK(plan.on_connected(none) == step::converse);
        CHECK(plan.on_asked(no) == step::done);
    }
    for (auto const no_way : {errc::target_unreachable, errc::target_timeout, errc::proxy_closed}) {
        auto plan = plan_for("http://a -> http://b, direct");
        CHECK(plan.begin() == step::resolve);
        CHECK(plan.on_resolved(none) == step::connect);
        CHECK(plan.on_connected(none) == step::converse);
        CHECK(plan.on_asked(no_way) == step::resolve);
        CHECK(plan.proxy() == nullptr);
    }
}

TEST_CASE("dial plan: what no other way can mend is final")
{
    walk no_tls{plan_for("http://a -> https://b, http://c, direct", {})};
    CHECK(no_tls.text() == "failed");
    CHECK(no_tls.plan.error() == errc::tls_unavailable);
    walk not_plain{plan_for("https://a, direct", {.tls = true, .plain_only = true})};
    CHECK(not_plain.text() == "failed");
    CHECK(not_plain.plan.error() == errc::tunnel_not_plain);
    CHECK(walk{plan_for("http://a, https://b", {.plain_only = true})}.text() ==
          "look-up:a tcp:a connect:a>broker.example open");
    for (std::size_t n = 1; n <= 4; ++n) {
        walk stopped{plan_for("https://a, direct"), n, cancelled};
        CHECK(stopped.text().ends_with("! failed"));
        CHECK(stopped.plan.error() == cancelled);
    }
}

TEST_CASE("dial plan: an empty list is no way, and never the direct one")
{
    walk nowhere{plan_for("")};
    CHECK(nowhere.text() == "failed");
    CHECK(nowhere.plan.error() == errc::no_proxy_left);
    CHECK(nowhere.plan.proxy() == nullptr);
    CHECK(nowhere.plan.first_stop() == target);
}

#include "scripted_resolver.hpp"
#include "service_fixture.hpp"
#include <viaduct/auth/basic_verifier.hpp>
#include <viaduct/server/refusal.hpp>

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::limit_options;
using viaduct::refusal_for;
using viaduct::request_outcome;

namespace {

/// A proxy with limits, whose clients have a name if they say so.
struct limited_fixture : service_fixture
{
    void begin(limit_options const& most = {}, rule_book rules = by_name())
    {
        viaduct::authentication_options auth;
        auth.verifiers = {std::make_shared<viaduct::basic_verifier>(
            viaduct::basic_verifier_options{}, std::map<std::string, std::string>{{"user", "secret"}})};
        options.way.auth = std::make_shared<viaduct::authentication>(std::move(auth));
        options.way.rules = std::move(rules.all);
        options.way.limits = limits = std::make_shared<viaduct::limits>(most);
        start(std::move(options));
    }
    [[nodiscard]] static rule_book by_name()
    {
        return rule_book{}.acl("known proxy_auth REQUIRED").http("allow known");
    }

    /// The user, at this address.
    client& user_at(char const* address = "127.0.0.1")
    {
        tcp::socket socket{executor(), tcp::endpoint{net::ip::make_address(address), 0}};
        socket.connect(proxy->endpoints().at(0));
        clients.push_back(std::make_unique<client>(std::move(socket)));
        clients.back()->say("CONNECT " + at_origin.target() +
                            " HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n");
        return *clients.back();
    }
    client& open_as_user(char const* address = "127.0.0.1")
    {
        auto& c = user_at(address);
        REQUIRE(opens(c));
        return c;
    }
    void wait_for_idle()
    {
        REQUIRE(run_until([&] { return proxy->active() == 0; }));
        CHECK(limits->tunnels() == 0);
    }

    viaduct::service_options options = open_to_all();
    std::shared_ptr<viaduct::limits> limits;
};

/// A listener with so many connections waiting that another one gets no answer.
struct full_listener
{
    explicit full_listener(net::any_io_executor const& executor) : acceptor{executor}, first{executor}
    {
        acceptor.open(tcp::v4());
        acceptor.bind(somewhere);
        acceptor.listen(0);
        first.connect(acceptor.local_endpoint());
    }
    [[nodiscard]] std::string target() const
    {
        return "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
    }

    tcp::acceptor acceptor;
    tcp::socket first;
};

limit_options const one_in_all{.tunnels = 1, .retry_after = 7s};
limit_options const one_of_client{.tunnels_per_client = 1, .retry_after = 7s};
limit_options const one_of_user{.tunnels_per_user = 1, .retry_after = 7s};
limit_options const one_to_host{.tunnels_per_destination = 1, .retry_after = 7s};

} // namespace

TEST_CASE("service with limits: who is above one is told when to come again, and comes in when it is free")
{
    struct
    {
        limit_options const& most;
        errc why;
        unsigned status;
    } const cases[] = {{one_in_all, errc::too_many_tunnels, 503},
                       {one_of_client, errc::too_many_tunnels_of_client, 429},
                       {one_of_user, errc::too_many_tunnels_of_user, 429},
                       {one_to_host, errc::too_many_tunnels_to_destination, 429}};
    for (auto const& c : cases) {
        CAPTURE(int(c.why));
        limited_fixture f;
        f.begin(c.most);
        auto& first = f.open_as_user();
        auto const answer = f.last_words(f.user_at());
        CHECK(answer == refusal_for(c.why, 7s).text());
        CHECK(count_of("\r\nRetry-After: 7\r\n", answer) == 1);
        CHECK(answer.starts_with("HTTP/1.1 " + std::to_string(c.status) + ' '));
        auto const record = f.record();
        CHECK(record.error == c.why);
        CHECK(record.status == c.status);
        CHECK(record.outcome == request_outcome::denied); // nothing has been tried
        CHECK(record.proxy_error == viaduct::proxy_error_of(c.why));
        CHECK(record.peer == "");
        first.reset();
        CHECK(f.record(2).status == 200);
        f.open_as_user().reset();
        f.wait_for_idle();
    }
}

TEST_CASE("service with limits: new tunnels come no faster than they may, whoever they are of")
{
    for (bool const of_all : {false, true}) {
        limited_fixture f;
        viaduct::request_rate const slow{.count = 1, .burst = 1, .per = 1h};
        f.begin(of_all ? limit_options{.new_in_all = slow} : limit_options{.new_per_client = slow});
        f.open_as_user().reset();
        f.wait_for_idle();
        auto const answer = f.last_words(f.user_at());
        CHECK(answer.starts_with("HTTP/1.1 429 "));
        auto const at = answer.find("\r\nRetry-After: ");
        REQUIRE(at != answer.npos);
        auto const seconds = std::stoi(answer.substr(at + 15));
        CHECK(seconds > 3000);
        CHECK(seconds <= 3600);
        CHECK(f.record(2).error == errc::too_many_requests);
        auto& elsewhere = f.user_at("127.0.0.2");
        CHECK(f.opens(elsewhere) == !of_all);
        elsewhere.reset();
        f.wait_for_idle();
    }
}

TEST_CASE("service with limits: a quota ends the tunnel that uses it up, and refuses the next one")
{
    for (bool const of_user : {false, true}) {
        limited_fixture f;
        f.begin(of_user ? limit_options{.quota_per_user = 1000} : limit_options{.quota_per_client = 1000});
        auto& c = f.open_as_user();
        f.at_origin.visitor().say(std::string(3000, 'x'));
        auto const record = f.record();
        CHECK(record.error == errc::quota_exceeded);
        CHECK(record.status == 200);
        CHECK(record.outcome == request_outcome::tunnel);
        CHECK(record.bytes_to_client <= established.size() + 1000);
        REQUIRE(f.run_until([&] { return c.ended(); }));
        CHECK(f.last_words(f.user_at()).starts_with("HTTP/1.1 429 "));
        CHECK(f.record(2).error == errc::quota_exceeded);
        auto& elsewhere = f.user_at("127.0.0.2");
        CHECK(f.opens(elsewhere) == !of_user); // a user's quota follows the user
        elsewhere.reset();
        f.wait_for_idle();
    }
}

TEST_CASE("service with limits: rates hold tunnels up, one by one or all of a client's together")
{
    for (bool const of_client : {false, true}) {
        limited_fixture f;
        viaduct::two_way_rate const slow{.up = {}, .down = {.octets_per_second = 200'000, .burst = 10'000}};
        f.begin(of_client ? limit_options{.rate_per_client = slow} : limit_options{.rate_per_tunnel = slow});
        std::size_t const size = of_client ? 25'000 : 50'000;
        auto const begin = std::chrono::steady_clock::now();
        auto& one = f.open_as_user();
        f.at_origin.visitor().say(std::string(size, 'x'));
        auto& other = of_client ? f.open_as_user() : one;
        if (of_client) f.at_origin.visitor().say(std::string(size, 'x'));
        REQUIRE(f.run_until([&] {
            return one.heard().size() == established.size() + size &&
                   other.heard().size() == established.size() + size;
        }));
        CHECK(std::chrono::steady_clock::now() - begin >= 150ms); // 40'000 octets beyond the burst: 200 ms
        f.proxy->stop();
        f.wait_for_idle();
    }
}

TEST_CASE("service with limits: rules may count the tunnels of a client and the places of a user")
{
    limited_fixture connections;
    connections.begin({}, rule_book{}.acl("many maxconn 1").http("deny many").http("allow all"));
    auto& only = connections.open_as_user();
    CHECK(connections.refused(connections.at_origin.target()) == refusal_for(errc::request_denied).text());
    CHECK(connections.record().rule == "deny many");
    only.reset();
    CHECK(connections.record(2).status == 200);
    connections.open_as_user().reset();

    limited_fixture places;
    places.begin({}, rule_book{}
                         .acl("known proxy_auth REQUIRED")
                         .acl("roaming max_user_ip -s 1")
                         .http("deny !known")
                         .http("deny roaming all")
                         .http("allow all"));
    auto& here = places.open_as_user();
    auto& too = places.open_as_user();
    CHECK(places.last_words(places.user_at("127.0.0.2")).starts_with("HTTP/1.1 403 "));
    CHECK(places.record().rule == "deny roaming all");
    here.reset();
    too.reset();
    CHECK(places.record(3).status == 200);
    places.open_as_user("127.0.0.2").reset();
    places.wait_for_idle();
}

TEST_CASE("service: each clock of a tunnel is a reason of its own in the record")
{
    enum class clock
    {
        attempt,
        total,
        half_close,
        lifetime,
        head
    };
    std::pair<clock, errc> const cases[] = {{clock::attempt, errc::connect_timeout},
                                            {clock::total, errc::connect_timeout},
                                            {clock::half_close, errc::half_close_timeout},
                                            {clock::lifetime, errc::lifetime_exceeded},
                                            {clock::head, errc::head_timeout}};
    for (auto const& c : cases) {
        auto const which = c.first;
        CAPTURE(int(c.second));
        service_fixture f;
        full_listener full{f.executor()};
        auto options = f.open_to_all();
        options.way.clocks = {.attempt = 1h, .total = 1h, .stagger = 1h};
        if (which == clock::attempt) options.way.clocks.attempt = 20ms;
        if (which == clock::total) options.way.clocks.total = 20ms;
        if (which == clock::half_close) options.way.relay.half_close_timeout = 20ms;
        if (which == clock::lifetime) options.way.relay.lifetime = 20ms;
        if (which == clock::head) options.accept.request.head_timeout = 20ms;
        f.start(std::move(options));
        bool const hangs = which == clock::attempt || which == clock::total;
        auto& at_client = which == clock::head ? f.connect_and_say("CONNECT ")
                          : hangs              ? f.connect(full.target())
                                               : f.connect(f.at_origin.target());
        if (which == clock::half_close) {
            REQUIRE(f.opens(at_client));
            at_client.end();
        }
        auto const record = f.record();
        CHECK(record.error == c.second);
        CHECK(record.status == (hangs ? 504 : which == clock::head ? 408 : 200));
        CHECK(record.outcome == (which == clock::head ? request_outcome::unread : request_outcome::tunnel));
        if (hangs) CHECK(at_client.heard() == refusal_for(errc::connect_timeout).text());
        if (hangs) CHECK(record.peer == "127.0.0.1");
        if (hangs) CHECK(record.proxy_error == "connection_timeout");
        REQUIRE(f.run_until([&] { return at_client.ended() && f.proxy->active() == 0; }));
    }
}

TEST_CASE("service: a name service with too much to do is no lack of a name")
{
    service_fixture f;
    auto options = f.open_to_all();
    auto const names = std::make_shared<scripted_resolver>();
    names->answers = {{errc::resolver_overloaded, {}}};
    options.way.names = names;
    f.start(std::move(options));
    CHECK(f.refused("www.example:443").starts_with("HTTP/1.1 503 "));
    CHECK(f.record().error == errc::resolver_overloaded);
    CHECK(f.record().outcome == request_outcome::tunnel);
}

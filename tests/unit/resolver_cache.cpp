#include <viaduct/net/resolver_cache.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <chrono>
#include <initializer_list>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace net = viaduct::net;
using viaduct::errc;
using viaduct::error_code;
using viaduct::resolution;
using viaduct::resolver_cache;
using viaduct::resolver_cache_options;

namespace {

resolver_cache::time_point const start{1000h};

resolution at(std::initializer_list<char const*> addresses, std::chrono::seconds ttl)
{
    resolution result;
    for (auto const text : addresses)
        result.addresses.push_back(net::ip::make_address(text));
    result.ttl = ttl;
    return result;
}

struct cache_fixture
{
    void store(error_code ec, std::chrono::seconds now, resolution found = {})
    {
        cache.store("host.example", ec, std::move(found), start + now);
    }

    /// What is known, in words: `192.0.2.1`, `stale 192.0.2.1`, an error's text, or nothing.
    std::string known(std::chrono::seconds now, std::string const& host = "host.example")
    {
        auto const entry = cache.find(host, start + now);
        if (!entry) return "nothing";
        CHECK(entry->error.operator bool() == entry->found.addresses.empty());
        if (entry->error) return entry->error.message();
        std::string text = entry->stale ? "stale" : "";
        for (auto const& address : entry->found.addresses)
            text += (text.empty() ? "" : " ") + address.to_string();
        return text;
    }

    resolver_cache cache;
};

std::string text(error_code ec)
{
    return ec.message();
}

error_code const unreachable = net::error::host_not_found_try_again;

} // namespace

TEST_CASE("resolver cache: addresses hold for their TTL within limits, and the rest of it comes along")
{
    struct
    {
        std::chrono::seconds ttl;
        std::chrono::seconds holds;
    } const cases[] = {
        {300s, 300s}, {60s, 60s},    {5s, 60s},
        {0s, 60s},    {-1s, 60s},    {std::chrono::seconds::max(), 6h},
        {6h, 6h},     {6h + 1s, 6h}, {std::chrono::seconds::min(), 60s},
    };
    for (auto const& c : cases) {
        INFO(c.ttl.count());
        cache_fixture f;
        f.store({}, 0s, at({"192.0.2.1", "2001:db8::1"}, c.ttl));
        CHECK(f.known(0s) == "192.0.2.1 2001:db8::1");
        CHECK(f.cache.find("host.example", start + 10s)->found.ttl == c.holds - 10s);
        CHECK(f.known(c.holds - 1s) == "192.0.2.1 2001:db8::1");
        CHECK(f.known(c.holds) == "stale 192.0.2.1 2001:db8::1");
        CHECK(f.known(c.holds + 1h - 1s) == "stale 192.0.2.1 2001:db8::1");
        CHECK(f.known(c.holds + 1h) == "nothing");
        CHECK(f.cache.size() == 0);
    }
}

TEST_CASE("resolver cache: a name that does not exist is remembered longer than a failure, and never stale")
{
    for (error_code const none : {error_code{net::error::host_not_found}, error_code{net::error::no_data}}) {
        cache_fixture f;
        f.store(none, 0s);
        CHECK(f.known(59s) == text(none));
        CHECK(f.known(60s) == "nothing");
    }
    for (error_code const failure : {unreachable, make_error_code(errc::resolve_timeout)}) {
        cache_fixture f;
        f.store(failure, 0s);
        CHECK(f.known(9s) == text(failure));
        CHECK(f.known(10s) == "nothing");
    }
    cache_fixture f;
    f.store({}, 0s); // an answer without an address is none
    CHECK(f.known(59s) == text(net::error::no_data));
}

TEST_CASE("resolver cache: stale addresses outlive failures, but not the name's end")
{
    cache_fixture f;
    f.store({}, 0s, at({"192.0.2.1"}, 60s));
    f.store(unreachable, 100s);
    CHECK(f.known(109s) == "192.0.2.1"); // the name service has a rest
    CHECK(f.known(110s) == "stale 192.0.2.1");
    f.store(unreachable, 3655s);
    CHECK(f.known(3659s) == "192.0.2.1");
    CHECK(f.known(3660s) == "nothing"); // failures make nothing last longer

    f.store({}, 4000s, at({"192.0.2.1"}, 60s));
    f.store(net::error::host_not_found, 4100s);
    CHECK(f.known(4100s) == text(net::error::host_not_found));

    f.store({}, 4110s, at({"192.0.2.2"}, 60s));
    CHECK(f.known(4110s) == "192.0.2.2");
}

TEST_CASE("resolver cache: what says nothing about the name is not remembered")
{
    cache_fixture f;
    for (error_code const ec : {error_code{net::error::operation_aborted}, error_code{net::error::no_memory},
                                make_error_code(errc::resolver_overloaded)}) {
        f.store(ec, 0s);
        CHECK(f.known(0s) == "nothing");
    }
    CHECK(f.cache.size() == 0);
}

TEST_CASE("resolver cache: it forgets what was not asked for the longest, and has an end in each direction")
{
    cache_fixture f;
    f.cache = resolver_cache{{.size = 2}};
    auto const store = [&](std::string const& host, std::size_t addresses = 1) {
        resolution found = at({}, 60s);
        found.addresses.assign(addresses, net::ip::make_address("192.0.2.1"));
        f.cache.store(host, {}, found, start);
    };
    store("a");
    store("b");
    CHECK(f.known(1s, "a") == "192.0.2.1");
    store("c");
    CHECK(f.cache.size() == 2);
    CHECK(f.known(1s, "b") == "nothing");
    CHECK(f.known(1s, "a") == "192.0.2.1");
    store("c"); // again: takes no second place, and is now the one that was used last
    store("d");
    CHECK(f.known(1s, "a") == "nothing");
    CHECK(f.known(1s, "c") == "192.0.2.1");

    store("many", 5000);
    CHECK(f.cache.find("many", start)->found.addresses.size() == resolver_cache::max_addresses);

    f.cache = resolver_cache{{.size = 0}};
    store("a");
    CHECK(f.cache.size() == 0);
}

TEST_CASE("resolver cache: no option makes time overflow")
{
    auto const most = std::chrono::seconds::max();
    cache_fixture f;
    f.cache =
        resolver_cache{{.positive_max = most, .negative = most, .failure = most, .stale_while_error = most}};
    f.store(unreachable, 0s);
    CHECK(f.known(24h) == text(unreachable));
    f.store(net::error::host_not_found, 0s);
    CHECK(f.known(24h) == text(net::error::host_not_found));
    f.store({}, 0s, at({"192.0.2.1"}, most));
    CHECK(f.known(24h) == "192.0.2.1");
    f.cache = resolver_cache{{.positive_max = -1s, .positive_min = -1s, .stale_while_error = -1s}};
    f.store({}, 0s, at({"192.0.2.1"}, 60s));
    CHECK(f.known(0s) == "nothing");
}

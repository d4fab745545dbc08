#include <viaduct/client/proxy_health.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <limits>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using viaduct::parse_proxy_list;
using viaduct::parse_proxy_url;
using viaduct::proxy_health;
using time_point = proxy_health::clock::time_point;

namespace {

time_point const start{1h};

[[nodiscard]] std::string order(proxy_health const& health, std::string_view list, time_point now = start)
{
    return to_text(health.order(parse_proxy_list(list), now));
}

[[nodiscard]] viaduct::proxy_url http(std::string const& host)
{
    return parse_proxy_url("http://" + host);
}

} // namespace

TEST_CASE("proxy health: a list without failures stays as it is")
{
    proxy_health const health;
    CHECK(order(health, "http://a, direct, http://b") == "http://a:80, direct, http://b:80");
    CHECK(health.order({}).empty());
}

TEST_CASE("proxy health: failed ways go behind the others, and both keep their order")
{
    proxy_health health;
    health.failed(http("a"), start);
    health.failed(http("c"), start);
    struct
    {
        std::string_view list;
        std::string_view ordered;
    } const cases[] = {
        {"http://a", "http://a:80"}, // never removed
        {"http://a, http://c", "http://a:80, http://c:80"},
        {"http://c, http://a", "http://c:80, http://a:80"},
        {"http://a, http://b", "http://b:80, http://a:80"},
        {"http://a, http://b, http://c, http://d", "http://b:80, http://d:80, http://a:80, http://c:80"},
        {"http://a, direct", "direct, http://a:80"}, // the fallback, as it would have come to
        {"http://a, http://b, direct", "http://b:80, direct, http://a:80"},
        {"http://b, direct, http://a", "http://b:80, direct, http://a:80"},
        {"http://a->http://b, http://b->http://a", "http://b:80 -> http://a:80, http://a:80 -> http://b:80"},
        {"https://a, http://a:81, http://b", "https://a:443, http://a:81, http://b:80"}, // other proxies
        {"http://u:p@a, http://b", "http://b:80, http://a:80"}, // the same, whoever asks
    };
    for (auto const& c : cases) {
        INFO(c.list);
        CHECK(order(health, c.list) == c.ordered);
    }
}

TEST_CASE("proxy health: the credentials stay with their proxies")
{
    proxy_health health;
    health.failed(http("a"), start);
    auto const ways = health.order(parse_proxy_list("http://u:p@a, http://v:q@b"), start);
    CHECK(ways[0][0].who->user == "v");
    CHECK(ways[1][0].who->user == "u");
}

TEST_CASE("proxy health: a failure counts for its time, from the last one on, or until the proxy has worked")
{
    proxy_health health;
    auto const list = "http://a, http://b";
    auto const first = "http://a:80, http://b:80";
    auto const last = "http://b:80, http://a:80";
    health.failed(http("a"), start);
    CHECK(order(health, list, start + 5min - 1ns) == last);
    CHECK(order(health, list, start + 5min) == first);
    health.failed(http("a"), start + 4min);
    health.failed(http("a"), start + 1min); // told late
    CHECK(order(health, list, start + 8min) == last);
    health.worked(http("b"));
    CHECK(order(health, list, start + 8min) == last);
    health.worked(parse_proxy_url("http://other:user@a"));
    CHECK(order(health, list, start + 8min) == first);
}

TEST_CASE("proxy health: the time may be short, none, or for ever")
{
    auto const list = "http://a, http://b";
    proxy_health brief{1s};
    brief.failed(http("a"), start);
    CHECK(order(brief, list, start + 1s) == "http://a:80, http://b:80");
    proxy_health none{0s};
    none.failed(http("a"), start);
    CHECK(order(none, list) == "http://a:80, http://b:80");
    proxy_health for_ever{proxy_health::clock::duration::max()};
    for_ever.failed(http("a"), start);
    CHECK(order(for_ever, list, start + 100000h) == "http://b:80, http://a:80");
}

TEST_CASE("proxy health: the direct way cannot fail")
{
    proxy_health health;
    health.failed(parse_proxy_url("direct"), start);
    CHECK(order(health, "direct, http://a") == "direct, http://a:80");
}

TEST_CASE("proxy health: memory is bounded; what is over goes first, then the oldest failure")
{
    auto const list = "http://a, http://b, http://c, http://d";
    proxy_health health{5min, 2};
    health.failed(http("a"), start + 1s);
    health.failed(http("b"), start);
    health.failed(http("c"), start + 2s);
    CHECK(order(health, list, start + 2s) == "http://b:80, http://d:80, http://a:80, http://c:80");
    health.failed(http("d"), start + 5min + 2s); // the others are over
    health.failed(http("a"), start + 5min + 2s);
    CHECK(order(health, list, start + 5min + 2s) == "http://b:80, http://c:80, http://a:80, http://d:80");
    proxy_health nothing{5min, 0};
    nothing.failed(http("a"), start);
    CHECK(order(nothing, "http://a, http://b") == "http://a:80, http://b:80");
}

TEST_CASE("proxy health: several threads may tell and ask")
{
    proxy_health health{5min, 16};
    auto const ways = parse_proxy_list("http://p0, http://p1, direct");
    auto const tell = [&] {
        for (int i = 0; i < 500; ++i) {
            health.failed(http("p" + std::to_string(i % 40)), start + i * 1s);
            health.worked(http("p" + std::to_string(i % 7)));
            CHECK(health.order(ways, start).size() == ways.size());
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back(tell);
    for (auto& thread : threads)
        thread.join();
}

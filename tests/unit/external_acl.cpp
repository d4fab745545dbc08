#include <viaduct/helpers/external_acl_cache.hpp>  // the header is self-contained
#include <viaduct/helpers/external_acl_format.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <chrono>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::literals;
using viaduct::external_acl_cache;
using viaduct::external_acl_format;
using viaduct::external_answer;

namespace {

namespace net = viaduct::net;

struct question
{
    question()
    {
        facts.target = &target;
        facts.fields = &fields;
        facts.client = {net::ip::make_address("192.0.2.1"), 1234};
        facts.local = {net::ip::make_address("::1"), 3128};
        fields.add("User-Agent", "curl/8 (x)");
        fields.add("user-agent", "other");
    }

    std::string line(std::string_view format) const
    {
        return external_acl_format{format}.line(facts, "staff", arguments);
    }

    viaduct::authority target = viaduct::parse_authority("Host.Example:443");
    viaduct::fields fields{};
    viaduct::request_facts facts{};
    std::vector<std::string> arguments{};
};

external_answer match(std::string tag = {})
{
    external_answer answer;
    answer.matches = true;
    answer.tag = std::move(tag);
    return answer;
}

} // namespace

TEST_CASE("external ACL format: every code has its value, and what is not known is a dash")
{
    question q;
    CHECK(q.line("%SRC %LOGIN") == "192.0.2.1 - -");
    q.facts.user = "al ice\n";
    std::string_view const all_lines =
        "curl/8%20(x),%20other curl/8%20(x),%20other curl/8%20(x),%20other"; // nothing hides behind the first
    std::pair<std::string_view, std::string_view> const cases[] = {
        {"%LOGIN %ul %un", "al%20ice%0a al%20ice%0a al%20ice%0a"},
        {"%SRC %>a %SRCPORT %>p", "192.0.2.1 192.0.2.1 1234 1234"},
        {"%MYADDR %la %MYPORT %lp", "::1 ::1 3128 3128"},
        {"%DST %>rd %PORT %>rP", "host.example host.example 443 443"},
        {"%URI %ru %>ru", "host.example:443 host.example:443 host.example:443"},
        {"%METHOD %rm %>rm", "CONNECT CONNECT CONNECT"},
        {"%>{User-Agent} %{user-agent} %>ha{USER-AGENT}", all_lines},
        {"%{User-Agent}>h %>h{User-Agent} %{User-Agent}>ha", all_lines},
        {"%>{Absent}", "-"},
        {"%ACL", "staff"},
        {"%#SRC 100%% x=%PORT", "192.0.2.1 100% x=443"},
        {"  %SRC\t%PORT  ", "192.0.2.1 443"},
        {"fixed", "fixed"},
    };
    for (auto const& each : cases) {
        auto const format = each.first;
        auto const line = each.second;
        INFO(format);
        CHECK(q.line(std::string{format} + " %DATA") == std::string{line} + " -");
        CHECK(q.line(format) == std::string{line} + " -"); // as in Squid, it is added
    }
    CHECK(q.line("") == "-");
    q.facts.client.address(net::ip::make_address("::ffff:192.0.2.7"));
    CHECK(q.line("%SRC %DATA") == "192.0.2.7 -");
    q.facts.fields = nullptr;
    q.facts.client = {};
    CHECK(q.line("%{User-Agent} %SRC %SRCPORT") == "- - - -");
}

TEST_CASE("external ACL format: the arguments are words of their own wherever they stand")
{
    question q;
    q.arguments = {"web users", "", "b"};
    CHECK(q.line("%ACL") == "staff web%20users - b");
    CHECK(q.line("%DATA %ACL") == "web%20users - b staff");
}

TEST_CASE("external ACL format: only %LOGIN asks who the client is")
{
    CHECK(external_acl_format{"%SRC %LOGIN"}.needs_user());
    CHECK_FALSE(external_acl_format{"%un %ul"}.needs_user());
}

TEST_CASE("external ACL format: what is not known is refused when it is read")
{
    for (auto const bad :
         {"%NOPE", "%", "%SRC %", "%>{a:b}", "%>{", "%{}", "%>{a", "%USER_CERT", "a\nb", "%login"})
        CHECK_THROWS_AS(external_acl_format{bad}, std::invalid_argument);
    CHECK_THROWS_WITH(external_acl_format{"%SRC %NOPE x"}, "unknown code in the format of a helper: %NOPE");
}

TEST_CASE("external ACL cache: an answer holds for its time, a negative one for its own")
{
    external_acl_cache cache{{.ttl = 10s, .negative_ttl = 2s}};
    external_acl_cache::time_point const t{1h};
    cache.keep("a", match("x"), t);
    cache.keep("b", {}, t);
    CHECK(cache.find("a", t + 9999ms)->answer.tag == "x");
    CHECK_FALSE(cache.find("a", t + 9999ms)->is_in_grace);
    CHECK_FALSE(cache.find("b", t + 1999ms)->answer.matches);
    CHECK_FALSE(cache.find("b", t + 2s));
    CHECK_FALSE(cache.find("a", t + 10s));
    CHECK(cache.size() == 0);

    external_acl_cache none{{.ttl = 0s, .negative_ttl = 1s}};
    none.keep("a", match(), t);
    none.keep("b", {}, t);
    CHECK(none.size() == 1);
    external_acl_cache for_ever{{.ttl = std::chrono::seconds::max()}};
    for_ever.keep("a", match(), t);
    CHECK(for_ever.find("a", t + 24h * 365));
    CHECK(for_ever.find("a", t + 24h * 365)->answer.matches);
}

TEST_CASE("external ACL cache: in its grace an answer is given, and one asker fetches a new one")
{
    external_acl_cache cache{{.ttl = 100s, .grace = 20}};
    external_acl_cache::time_point const t{1h};
    cache.keep("a", match(), t);
    CHECK_FALSE(cache.find("a", t + 79s)->is_in_grace);
    CHECK(cache.find("a", t + 80s)->is_in_grace);
    CHECK_FALSE(cache.find("a", t + 81s)->is_in_grace);
    cache.keep("a", match("new"), t + 82s);
    CHECK(cache.find("a", t + 150s)->answer.tag == "new");
}

TEST_CASE("external ACL cache: its size is bounded, and what was asked for longest ago goes first")
{
    external_acl_cache cache{{.cache_size = 2}};
    external_acl_cache::time_point const t{1h};
    cache.keep("a", match(), t);
    cache.keep("b", match(), t);
    CHECK(cache.find("a", t));
    cache.keep("c", match(), t);
    CHECK_FALSE(cache.find("b", t));
    CHECK(cache.find("a", t));
    CHECK(cache.find("c", t));
    cache.keep("a", match("again"), t);
    CHECK(cache.size() == 2);
    cache.keep(std::string(external_acl_cache::max_line + 1, 'x'), match(), t);
    CHECK(cache.size() == 2);
    CHECK(cache.find("a", t)->answer.tag == "again");
}

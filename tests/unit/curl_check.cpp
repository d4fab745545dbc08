#include "check/answers.hpp"
#include "check/fill.hpp"
#include "check/judge.hpp"
#include "check/report.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What viaduct-curl --check-proxy sends, and what it makes of what comes.

using namespace viaduct_curl::check;
using namespace std::literals;

namespace viaduct_curl::check {

[[maybe_unused]] static std::ostream& operator<<(std::ostream& out, verdict v)
{
    return out << name_of(v);
}

} // namespace viaduct_curl::check

namespace {

constexpr auto good = "HTTP/1.1 200 OK\r\n\r\n";
constexpr auto lost = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
constexpr auto bad = "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno";
constexpr auto denied = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
constexpr auto who = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
constexpr auto carried = "HTTP/1.1 200 OK\r\n\r\nhello";

[[nodiscard]] observation seen(std::string received, ending end = ending::seen_enough)
{
    return {.end = end, .received = std::move(received)};
}

/// What an observation is held against.
struct beside
{
    observation control = seen(lost);
    observation talk{};
    observation name_at_port = seen(lost);
    observation nobody_at_port = seen("", ending::silent);
    observation nobody_at_443 = seen("", ending::silent);
    bool encrypted = false;

    [[nodiscard]] finding operator()(question asked, observation const& it) const
    {
        return judge({.id = "x", .tried = "x", .asked = asked}, it,
                     {control, talk, name_at_port, nobody_at_port, nobody_at_443, encrypted});
    }
};

struct judged
{
    question asked;
    observation it;
    verdict wanted;
};

/// Says which one it was.
void check_all(beside const& world, std::vector<judged> const& table)
{
    for (auto const& one : table) {
        INFO("question ", static_cast<int>(one.asked), ": ", describe(one.it));
        CHECK(world(one.asked, one.it).worth == one.wanted);
    }
}

[[nodiscard]] observation ended(std::string received)
{
    return seen(std::move(received), ending::closed);
}

[[nodiscard]] observation kept(std::string received)
{
    return seen(std::move(received), ending::kept_open);
}

observation const silence = seen("", ending::silent);

[[nodiscard]] std::vector<unsigned> statuses(std::string_view received)
{
    std::vector<unsigned> found;
    for (auto const& one : read_answers(received))
        found.push_back(one.status);
    return found;
}

} // namespace

TEST_CASE("answers are told apart by their framing, and by a status line where there is none")
{
    using list = std::vector<unsigned>;
    CHECK(statuses("").empty());
    CHECK(statuses("HTTP/1.1 200 OK\r\n").empty());
    CHECK(statuses("SSH-2.0-x\r\n").empty());
    CHECK(statuses(bad + std::string{denied}) == list{400, 403});
    CHECK(statuses("HTTP/1.1 100 Continue\r\n\r\n" + std::string{bad}) == list{400});
    CHECK(statuses("HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n" +
                   std::string{denied}) == list{400, 403});
    CHECK(statuses("HTTP/1.0 400 No\r\n\r\n<p>HTTP/1.1 is what was wanted" + std::string{denied}) ==
          list{400, 403});
    CHECK(statuses("HTTP/1.1 400 No\n\nno") == list{400});
    CHECK(statuses("HTTP/1.1 400 \x1b[31mNo\r\nX: 1\r\n\r\n" + std::string{denied}) == list{400, 403});
    CHECK(statuses(good + std::string{denied}) == list{200}); // what follows is the target's
    CHECK(statuses("HTTP/1.1 400 No\r\nContent-Length: 99999999999999999999\r\n\r\nno") == list{400});
    CHECK(statuses("HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nno") ==
          list{400});
}

TEST_CASE("a malformed target is to be refused for its form")
{
    check_all({}, {{question::target, seen(bad), verdict::ok},
                   {question::target, seen(denied), verdict::ok},
                   {question::target, seen(lost), verdict::note}, // as a good one
                   {question::target, seen("HTTP/1.1 504 Late\r\n\r\n"), verdict::note},
                   {question::target, ended(""), verdict::note},
                   {question::target, silence, verdict::note},
                   {question::target, seen(good), verdict::risk}});
}

TEST_CASE("a malformed head that is taken is worth what its vector says")
{
    check_all({}, {{question::must_refuse, seen(lost), verdict::risk},
                   {question::better_refuse, seen(lost), verdict::note},
                   {question::either, seen(lost), verdict::ok},
                   {question::must_refuse, seen(good), verdict::risk},
                   {question::must_refuse, seen(bad), verdict::ok},
                   {question::better_refuse, ended(""), verdict::ok}});
    check_all({.control = seen(denied)}, {{question::must_refuse, seen(denied), verdict::untold},
                                          {question::must_refuse, seen(bad), verdict::ok}});
    check_all({.control = silence}, {{question::better_refuse, silence, verdict::untold}});
}

TEST_CASE("an address inside is to be refused, and for itself, not for its port")
{
    check_all({}, {{question::inward, seen(denied), verdict::ok},
                   {question::inward, seen(lost), verdict::risk},
                   {question::inward, silence, verdict::risk},
                   {question::inward, seen(good), verdict::risk},
                   {question::inward_spelling, seen(lost), verdict::note},
                   {question::inward_spelling, seen(good), verdict::risk},
                   {question::loop, seen(denied), verdict::ok},
                   {question::loop, seen(good), verdict::risk}});
    check_all({.name_at_port = seen(denied)}, {{question::inward, seen(denied), verdict::untold},
                                               {question::inward, seen(good), verdict::risk}});
    // The name is looked for first; then the port of an address that nobody has tells.
    check_all({.nobody_at_port = seen(denied)}, {{question::inward, seen(denied), verdict::untold}});
    // But if that address is refused by itself, its port tells nothing.
    check_all({.nobody_at_port = seen(denied), .nobody_at_443 = seen(denied)},
              {{question::inward, seen(denied), verdict::ok}});
    check_all({.control = silence}, {{question::inward, silence, verdict::untold}});
    // What answers to nothing is no proxy, and has tried nothing.
    check_all({.control = seen("SSH")}, {{question::inward, seen("SSH"), verdict::untold},
                                         {question::bad_port, seen("SSH"), verdict::untold},
                                         {question::loop, seen("SSH"), verdict::untold}});
    check_all({.control = seen(who)}, {{question::inward, seen(who), verdict::untold}});
}

TEST_CASE("what stands behind a refusal is to be neither answered nor waited for")
{
    check_all({}, {{question::behind_refusal, ended(denied), verdict::ok},
                   {question::behind_refusal, seen(denied, ending::reset), verdict::ok},
                   {question::behind_refusal, kept(denied), verdict::note},
                   {question::behind_refusal, seen(denied + std::string{bad}), verdict::risk},
                   {question::behind_refusal, seen(good), verdict::untold},
                   {question::behind_refusal, silence, verdict::untold},
                   {question::closes_407, kept(who), verdict::note},
                   {question::closes_407, ended(who), verdict::ok},
                   {question::closes_407, ended(denied), verdict::untold}});
}

TEST_CASE("a 407 says how to go on, and where it ends")
{
    constexpr auto mute = "HTTP/1.1 407 Who\r\n\r\n";
    check_all({}, {{question::challenge, kept(who), verdict::ok},
                   {question::challenge, kept(mute), verdict::risk},
                   {question::frames_407, kept(who), verdict::ok},
                   {question::frames_407, kept(mute), verdict::risk},
                   {question::frames_407, ended(mute), verdict::ok},
                   {question::clear_password, kept(who), verdict::note}});
    check_all({.encrypted = true}, {{question::clear_password, kept(who), verdict::ok}});
}

TEST_CASE("tunnels carry, and answers to CONNECT announce no content")
{
    auto const framed = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"s;
    check_all({.talk = seen(carried)}, {{question::talk, seen(carried), verdict::ok},
                                        {question::half_close, seen(carried), verdict::ok},
                                        {question::half_close, ended(good), verdict::note},
                                        {question::passed_early, kept(good), verdict::note},
                                        {question::tunnel_framing, seen(good), verdict::ok},
                                        {question::tunnel_framing, seen(framed), verdict::risk},
                                        {question::tunnel_framing, seen(lost), verdict::untold}});
    check_all({.talk = kept(good)}, {{question::passed_early, kept(good), verdict::untold}});
}

TEST_CASE("the rest: ports, names, slow heads, HTTP/2, ends")
{
    check_all({}, {{question::bad_port, seen(denied), verdict::ok},
                   {question::bad_port, seen(lost), verdict::risk},
                   {question::other_port, silence, verdict::note},
                   {question::leaks, seen("HTTP/1.1 400 No\r\nVia: 1.1 box (x/1)\r\n\r\n"), verdict::note},
                   {question::leaks, seen(bad), verdict::ok},
                   {question::slow, silence, verdict::note},
                   {question::slow, ended(""), verdict::ok},
                   {question::slow, seen("HTTP/1.1 408 Late\r\n\r\n"), verdict::ok},
                   {question::preface, seen("\0\0\0\4\0\0\0\0\0"s), verdict::ok},
                   {question::preface, ended(bad), verdict::ok},
                   {question::preface, seen(bad + std::string{bad}), verdict::risk},
                   {question::preface, seen(good), verdict::risk},
                   {question::answered_at_end, ended(""), verdict::note},
                   {question::answered_at_end, ended(bad), verdict::ok},
                   {question::control, seen(good), verdict::ok},
                   {question::control, seen(who), verdict::untold},
                   {question::told, {}, verdict::untold}});
}

TEST_CASE("what a proxy says is shown without anything that a terminal would obey")
{
    auto const it = seen("HTTP/1.1 400 N\xf6\r\nServer: " + std::string(500, 'x') + "\r\n\r\n");
    CHECK(describe(it) == "400 N\\xf6");
    CHECK(beside{}(question::leaks, it).did.size() < 100);
    CHECK(shown("\x1b[31m\r\n\0"s) == "\\x1b[31m\\x0d\\x0a\\x00");
    CHECK(describe(seen("\x1b\x07")) == R"(no answer of HTTP/1: "\x1b\x07")");
}

TEST_CASE("every vector has a name of its own, and what it sends holds no template and no third party")
{
    place const where{
        .target = {"target.example", 8443}, .proxy = "proxy.example:3128", .authorization = "Basic eDp5"};
    std::set<std::string_view> ids;
    for (auto const& group : all_vectors())
        for (auto const& what : group.vectors) {
            INFO(what.id);
            CHECK(ids.insert(what.id).second);
            CHECK((what.look_at.empty() || ids.count(what.look_at) == 1));
            auto const sent = fill(what, where);
            CHECK((sent.first + sent.inside).find_first_of("{}") == std::string::npos);
            CHECK((what.anonymous && sent.first.find("eDp5") != std::string::npos) == false);
        }
    probe_vector const control{.id = "x", .tried = "x"};
    CHECK(fill(control, where).first ==
          "CONNECT target.example:8443 HTTP/1.1\r\nHost: target.example:8443\r\n"
          "User-Agent: viaduct-curl (--check-proxy)\r\n"
          "Proxy-Authorization: Basic eDp5\r\n\r\n");
}

TEST_CASE("a report fits its width, and is one object a line for programs")
{
    std::vector<row> rows;
    for (auto const& group : all_vectors())
        for (auto const& what : group.vectors)
            rows.push_back({&group, &what, {verdict::note, "did \"this\"", std::string(200, 'y')}});
    for (std::size_t const width : {0U, 40U, 80U, 1000U}) {
        auto const table = as_table(rows, width, false);
        std::size_t longest = 0;
        for (std::size_t from = 0; from < table.size(); from = table.find('\n', from) + 1)
            longest = std::max(longest, table.find('\n', from) - from);
        CHECK(longest <= std::clamp<std::size_t>(width, 72, 160));
    }
    auto const json = as_json(std::span{rows}.first(1));
    CHECK(json.starts_with(
        R"({"id":"control","group":"Controls","tried":"a well-formed CONNECT","verdict":"note",)"));
    CHECK(json.find(R"("did":"did \"this\"")") != std::string::npos);
}

#ifndef VIADUCT_TESTS_NET_SERVICE_FIXTURE_HPP
#define VIADUCT_TESTS_NET_SERVICE_FIXTURE_HPP

#include "proxy_fixture.hpp"
#include <viaduct/server/service.hpp>
#include <viaduct/testing/recording_sink.hpp>

#include <doctest/doctest.h>

#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fixture {

inline tcp::endpoint const somewhere{net::ip::address_v4::loopback(), 0};

/// A proxy that may go anywhere, an origin on the same machine, and a log.
struct service_fixture : event_loop
{
    void start(viaduct::service_options options = open_to_all())
    {
        if (!options.accept.log) options.accept.log = &log;
        if (options.listen.empty()) options.listen = {somewhere};
        proxy.emplace(executor(), std::move(options));
        proxy->start();
    }

    [[nodiscard]] static viaduct::service_options open_to_all()
    {
        viaduct::service_options options;
        options.way.ports.permit_all();
        options.way.guard.allow_all();
        return options;
    }

    /// A client that says this.
    client& connect_and_say(std::string text)
    {
        clients.push_back(std::make_unique<client>(executor(), proxy->endpoints().at(0)));
        clients.back()->say(std::move(text));
        return *clients.back();
    }

    client& connect(std::string const& target) { return connect_and_say(connect_to(target)); }

    /// A client with an open tunnel to the origin.
    client& open_tunnel()
    {
        auto& c = connect(at_origin.target());
        REQUIRE(run_until([&] { return c.heard() == established; }));
        return c;
    }

    /// Whether the client's tunnel opens.
    bool opens(client const& c)
    {
        return run_until([&] { return c.heard() == established || c.ended(); }) && !c.ended();
    }

    /// Runs until there are so many records; the last one.
    viaduct::tunnel_record record(std::size_t count = 1)
    {
        REQUIRE(run_until([&] { return log.records().size() == count; }));
        return log.records().back();
    }

    /// The answer to a CONNECT that is refused.
    std::string refused(std::string const& target) { return last_words(connect(target)); }

    /// What a client hears until the connection is closed.
    std::string last_words(client& c)
    {
        REQUIRE(run_until([&] { return c.ended(); }));
        CHECK(c.ended_well());
        c.close();
        return c.heard();
    }

    void drain(completion<>& end, std::chrono::milliseconds limit)
    {
        proxy->async_drain(limit, end.handler());
        CHECK(end.calls == 0);
    }

    bool run(completion<> const& end)
    {
        return run_until([&] { return end.done(); });
    }

    viaduct::testing::recording_sink log;
    origin at_origin{executor()};
    std::vector<std::unique_ptr<client>> clients;
    std::optional<viaduct::service> proxy;
};

/// Rules, as the lines of a squid.conf.
struct rule_book
{
    rule_book& acl(std::string const& line)
    {
        viaduct::acl_problem problem;
        REQUIRE_MESSAGE(all->acls.add(words(line), problem), problem.text());
        return *this;
    }
    rule_book& http(std::string const& line) { return add(all->http_access, line); }
    rule_book& on_trial(std::string const& line) { return add(all->report_only, line); }
    rule_book& never_direct(std::string const& line) { return add(all->never_direct, line); }

    std::shared_ptr<viaduct::policy> all = std::make_shared<viaduct::policy>();

private:
    static std::vector<std::string> words(std::string const& line)
    {
        std::istringstream in{line};
        return {std::istream_iterator<std::string>{in}, {}};
    }
    rule_book& add(viaduct::access_list& list, std::string const& line)
    {
        viaduct::acl_problem problem;
        REQUIRE_MESSAGE(list.add(words(line), all->acls, problem), problem.text());
        return *this;
    }
};

/// How often a text stands in another.
[[nodiscard]] inline std::size_t count_of(std::string_view what, std::string_view text)
{
    std::size_t count = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size()))
        ++count;
    return count;
}

} // namespace fixture

#endif

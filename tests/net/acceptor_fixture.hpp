#ifndef VIADUCT_TESTS_NET_ACCEPTOR_FIXTURE_HPP
#define VIADUCT_TESTS_NET_ACCEPTOR_FIXTURE_HPP

#include "proxy_fixture.hpp"
#include <viaduct/server/acceptor.hpp>
#include <viaduct/testing/recording_sink.hpp>

#include <doctest/doctest.h>

#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace fixture {

/// A listener on the loopback, and its clients.
struct acceptor_fixture : event_loop
{
    explicit acceptor_fixture(viaduct::accept_options options = {})
    {
        options.log = &log;
        listening.emplace(executor(), tcp::endpoint{net::ip::address_v4::loopback(), 0}, options);
    }

    /// One more `async_accept`; its outcome.
    completion<viaduct::request>& accept()
    {
        auto& end = ends.emplace_back();
        listening->async_accept(end.handler());
        CHECK(end.calls == 0);
        return end;
    }

    client& connect(std::string text = {})
    {
        auto& c = clients.emplace_back(executor(), listening->local_endpoint());
        if (!text.empty()) c.say(std::move(text));
        return c;
    }

    bool run(completion<viaduct::request> const& end)
    {
        return run_until([&] { return end.done(); });
    }

    /// Gives everything that could happen by now a chance to happen.
    void settle()
    {
        auto [near, far] = over_tcp::pair(executor());
        for (int i = 0; i < 50; ++i) {
            collector got{far};
            send(near, "x");
            REQUIRE(run_until([&] { return !got.text.empty(); }));
            far.cancel();
            REQUIRE(run_until([&] { return got.end.has_value(); }));
        }
    }

    viaduct::testing::recording_sink log;
    std::optional<viaduct::acceptor> listening;
    std::deque<client> clients;
    std::deque<completion<viaduct::request>> ends;
};

} // namespace fixture

#endif

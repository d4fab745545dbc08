#ifndef VIADUCT_TESTS_NET_DIAL_FIXTURE_HPP
#define VIADUCT_TESTS_NET_DIAL_FIXTURE_HPP

#include "event_loop.hpp"
#include "listening_proxy.hpp"
#include <viaduct/client/dialer.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace fixture {

inline viaduct::authority const target{"broker.example", 8883};
inline std::string const established = "HTTP/1.1 200 Connection established\r\n\r\n";
inline std::string const basic_wanted =
    "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 2\r\n\r\nno";
inline std::string const basic_sent = "\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n"; // user:pass

/// A dialer's end and a proxy's, and one dial between them.
struct dial_fixture : event_loop
{
    void start(viaduct::dialer_options options)
    {
        viaduct::dialer through{executor(), std::move(options)};
        through.async_dial(target, end.handler());
        CHECK(end.calls == 0);
    }
    viaduct::error_code run(viaduct::dialer_options options)
    {
        start(std::move(options));
        return finish();
    }
    viaduct::error_code finish()
    {
        REQUIRE(run_until([&] { return end.done(); }));
        CHECK(end.calls == 1);
        CHECK(result().is_open() == !end.error);
        return end.error;
    }
    [[nodiscard]] viaduct::tunnel& result() { return end.value(); }
    [[nodiscard]] viaduct::dial_report const& report() { return result().report(); }

    listening_proxy proxy{context};
    completion<viaduct::tunnel> end;
};

[[nodiscard]] inline viaduct::dialer_options through(viaduct::proxy_url const& proxy)
{
    return {.proxies = {{{proxy}}}};
}

[[nodiscard]] inline viaduct::proxy_url with_user(viaduct::proxy_url url)
{
    url.who = viaduct::credentials{"user", "pass"};
    return url;
}

inline void opens(listening_proxy::peer& p)
{
    p.expect_until("\r\n\r\n").reply(established);
}

} // namespace fixture

#endif

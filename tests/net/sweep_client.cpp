#include "dial_fixture.hpp"
#include "fault_sweep.hpp"
#include "scripted_resolver.hpp"
#include "streams.hpp"
#include <viaduct/auth/basic_authenticator.hpp>
#include <viaduct/client/connect_tunnel.hpp>
#include <viaduct/client/converse.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

using namespace fixture;
using viaduct::async_connect_tunnel;
using viaduct::async_converse;
using viaduct::connect_options;
using viaduct::errc;
using viaduct::proxy_scheme;
using viaduct::testing::duplex_stream;
using viaduct::testing::handler_tracker;
using viaduct::testing::scripted_peer;
using tcp = net::ip::tcp;

namespace {

// The proxies speak unasked: what they read would be steps, too, and the operation the same in all of them.

/// A connection to a proxy that plays a script.
template <class Kind>
struct before_a_proxy : event_loop
{
    using stream = decltype(Kind::pair(std::declval<net::any_io_executor>()).first);

    std::pair<stream, stream> both{Kind::pair(executor())};
    stream& near = both.first;
    std::unique_ptr<scripted_peer<stream>> proxy =
        std::make_unique<scripted_peer<stream>>(std::move(both.second));
};

template <class Kind>
struct refused_tunnel : before_a_proxy<Kind>
{
    using outcome = handler_tracker<viaduct::connect_reply>;

    template <class Handler>
    void start(Handler handler)
    {
        this->proxy->reply_split("HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\nlate", 9).start();
        async_connect_tunnel(this->near, target, {}, std::move(handler));
    }
};

struct refused_in_memory : refused_tunnel<over_memory>
{
    refused_in_memory() { near.behaviour().max_write = 20; }

    [[nodiscard]] duplex_stream& faulty() { return near; }
};

struct refused_over_tcp : refused_tunnel<over_tcp>
{
    void strike() { proxy.reset(); }
};

/// A proxy that wants to know who asks, and then opens the tunnel.
struct conversing : before_a_proxy<over_memory>
{
    using outcome = handler_tracker<>;

    template <class Handler>
    void start(Handler handler)
    {
        proxy->reply_split(basic_wanted, 20).reply_split(established, 20).start();
        async_converse(near, conversation, std::move(handler));
    }
    [[nodiscard]] duplex_stream& faulty() { return near; }

    [[nodiscard]] static connect_options knows_a_password()
    {
        using schemes = std::vector<viaduct::proxy_auth::scheme_ptr>;
        auto basic = std::make_shared<viaduct::basic_authenticator>(viaduct::credentials{"user", "pass"});
        return {.auth = std::make_shared<viaduct::proxy_auth>(schemes{std::move(basic)})};
    }

    viaduct::connect_conversation conversation{target, knows_a_password()};
};

/// A dial with what a proxy answers to it.
struct dialling : event_loop
{
    using outcome = handler_tracker<viaduct::tunnel>;

    template <class Handler>
    void dial(viaduct::dialer_options options, listening_proxy::script answers, Handler handler)
    {
        proxy.expect(std::move(answers));
        viaduct::dialer{executor(), std::move(options)}.async_dial(target, std::move(handler));
    }
    void strike() { proxy.hang_up(); }

    listening_proxy proxy{context};
};

/// A proxy that wants to know who asks, on another connection.
struct dial_with_password : dialling
{
    template <class Handler>
    void start(Handler handler)
    {
        proxy.expect([](listening_proxy::peer& p) { p.reply_split(basic_wanted, 20).close(); });
        dial(
            through(with_user(proxy.url())), [](listening_proxy::peer& p) { p.reply_split(established, 20); },
            std::move(handler));
    }
};

/// By name to a proxy that wants the PROXY protocol's header and SOCKS5, and to a second one behind it.
struct dial_through_two : dialling
{
    template <class Handler>
    void start(Handler handler)
    {
        auto const names = std::make_shared<scripted_resolver>();
        names->answers = {{{}, found({"127.0.0.1"})}};
        auto first = proxy.url(proxy_scheme::socks5h);
        first.endpoint = {"proxy.example", first.endpoint.port()};
        dial(
            {.proxies = {{{first, {viaduct::authority{"next", 3128}}}}},
             .header = viaduct::proxy_header{},
             .names = names},
            [](listening_proxy::peer& p) {
                p.reply_split({"\x05\x00", 2}, 1)
                    .reply_split({"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x01", 10}, 4)
                    .reply_split(established, 20);
            },
            std::move(handler));
    }
};

struct dial_through_socks4 : dialling
{
    template <class Handler>
    void start(Handler handler)
    {
        dial(
            through(proxy.url(proxy_scheme::socks4a)),
            [](listening_proxy::peer& p) {
                p.reply_split({"\x00\x5appaaaa", 8}, 3);
            },
            std::move(handler));
    }
};

/// With a socket of the caller's, after a proxy that cannot be reached.
struct dial_into_socket : dialling
{
    using outcome = handler_tracker<viaduct::dial_report>;

    template <class Handler>
    void start(Handler handler)
    {
        proxy.expect([](listening_proxy::peer& p) { p.reply_split(established, 20); });
        viaduct::proxy_url const nobody{viaduct::authority{"127.0.0.1", nowhere.local_endpoint().port()}};
        viaduct::dialer{executor(), {.proxies = {{{nobody}, {proxy.url()}}}}}.async_dial(socket, target,
                                                                                         std::move(handler));
    }

    tcp::socket nowhere{context, {net::ip::address_v4::loopback(), 0}}; // bound, and does not listen
    tcp::socket socket{context};
};

} // namespace

TEST_CASE("sweep: async_connect_tunnel")
{
    sweep<refused_in_memory>({.whole = errc::proxy_denied});
    sweep<refused_over_tcp>({.whole = errc::proxy_denied});
}

TEST_CASE("sweep: async_converse")
{
    sweep<conversing>({.failed = errc::reconnect_required}); // behind a 407 on a connection that was kept
}

TEST_CASE("sweep: async_dial")
{
    sweep<dial_with_password>();
    sweep<dial_through_two>();
    sweep<dial_through_socks4>();
    sweep<dial_into_socket>();
}

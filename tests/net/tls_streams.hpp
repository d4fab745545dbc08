#ifndef VIADUCT_TESTS_NET_TLS_STREAMS_HPP
#define VIADUCT_TESTS_NET_TLS_STREAMS_HPP

#include "certificates.hpp"
#include "streams.hpp"
#include <viaduct/relay/tls_stream_end.hpp>

#include <memory>
#include <string>
#include <utility>

namespace fixture {

using tls_stream = net::ssl::stream<net::ip::tcp::socket>;

namespace detail {

/// Both sides of every session use it; up to this version of TLS, or any.
[[nodiscard]] inline net::ssl::context make_context(int newest = 0)
{
    net::ssl::context context{net::ssl::context::tls};
    identity{}.use_in(context);
    SSL_CTX_set_max_proto_version(context.native_handle(), newest);
    return context;
}

/// Runs the context of two sessions until they have shaken hands.
template <class Session>
void shake_hands(Session& client, Session& server)
{
    net::any_io_executor const executor = client.get_executor();
    int ready = 0;
    auto const count = [&ready](viaduct::error_code ec) {
        if (ec) throw viaduct::system_error{ec};
        ++ready;
    };
    client.async_handshake(net::ssl::stream_base::client, count);
    server.async_handshake(net::ssl::stream_base::server, count);
    auto& context = static_cast<net::io_context&>(net::query(executor, net::execution::context));
    context.restart();
    while (ready != 2)
        context.run_one();
}

/// Two sessions that have shaken hands; the first is the TLS client.
[[nodiscard]] inline std::pair<tls_stream, tls_stream> tls_pair(net::any_io_executor const& executor,
                                                                net::ssl::context& tls)
{
    auto sockets = viaduct::testing::tcp_pair(executor);
    std::pair<tls_stream, tls_stream> both{tls_stream{std::move(sockets.first), tls},
                                           tls_stream{std::move(sockets.second), tls}};
    shake_hands(both.first, both.second);
    return both;
}

} // namespace detail

struct over_tls
{
    static auto pair(net::any_io_executor const& executor)
    {
        static auto context = detail::make_context();
        return detail::tls_pair(executor, context);
    }
};

struct over_tls_12
{
    static auto pair(net::any_io_executor const& executor)
    {
        static auto context = detail::make_context(TLS1_2_VERSION);
        return detail::tls_pair(executor, context);
    }
};

template <>
struct far_end<tls_stream>
{
    static constexpr bool resets = true;

    static void limit_buffers(tls_stream& s, int send, int receive)
    {
        limit_socket_buffers(s.next_layer(), send, receive);
    }

    static void end_sending(tls_stream& s)
    {
        auto const alert = std::make_shared<std::string>(viaduct::detail::close_notify(s.native_handle()));
        net::async_write(s.next_layer(), net::buffer(*alert), [alert](viaduct::error_code, std::size_t) {});
    }

    static void reset(tls_stream& s) { far_end<net::ip::tcp::socket>::reset(s.next_layer()); }
};

} // namespace fixture

#endif

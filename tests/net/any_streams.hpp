#ifndef VIADUCT_TESTS_NET_ANY_STREAMS_HPP
#define VIADUCT_TESTS_NET_ANY_STREAMS_HPP

#include "streams.hpp"
#include <viaduct/net/any_stream.hpp>
#include <viaduct/relay/stream_end.hpp>

#include <memory>
#include <string>
#include <utility>

#if defined(VIADUCT_TESTS_OVER_TLS)
#include "tls_streams.hpp"
#include <viaduct/client/tls_client.hpp>
#include <viaduct/detail/tls_client_op.hpp>
#endif

namespace fixture {

/// Streams of a kind that the relay does not know: TCP, or TLS where the tests are about that.
struct over_any
{
#if defined(VIADUCT_TESTS_OVER_TLS)
    static std::pair<viaduct::any_stream, viaduct::any_stream> pair(net::any_io_executor const& executor)
    {
        static auto const tls = std::make_shared<net::ssl::context>(detail::make_context());
        auto sockets = over_tcp::pair(executor);
        auto near =
            std::make_unique<viaduct::detail::tls_layer>(viaduct::any_stream{std::move(sockets.first)}, tls);
        auto far =
            std::make_unique<viaduct::detail::tls_layer>(viaduct::any_stream{std::move(sockets.second)}, tls);
        detail::shake_hands(near->stream(), far->stream());
        return {viaduct::any_stream{std::move(near)}, viaduct::any_stream{std::move(far)}};
    }
#else
    static std::pair<viaduct::any_stream, viaduct::any_stream> pair(net::any_io_executor const& executor)
    {
        auto sockets = over_tcp::pair(executor);
        return {viaduct::any_stream{std::move(sockets.first)},
                viaduct::any_stream{std::move(sockets.second)}};
    }
#endif
};

template <>
struct far_end<viaduct::any_stream>
{
    static constexpr bool resets = true;

    static void limit_buffers(viaduct::any_stream& s, int send, int receive)
    {
        limit_socket_buffers(s.lowest_layer(), send, receive);
    }

    static void end_sending(viaduct::any_stream& s)
    {
        auto const last = std::make_shared<std::string>(s.end_sending());
        net::async_write(s.next_layer(), net::buffer(*last), [last](viaduct::error_code, std::size_t) {});
    }

    static void reset(viaduct::any_stream& s) { far_end<net::ip::tcp::socket>::reset(s.lowest_layer()); }
};

} // namespace fixture

#endif

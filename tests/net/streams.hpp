#ifndef VIADUCT_TESTS_NET_STREAMS_HPP
#define VIADUCT_TESTS_NET_STREAMS_HPP

#include <viaduct/testing/duplex_pair.hpp>
#include <viaduct/testing/tcp_pair.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace fixture {

namespace net = viaduct::net;

struct over_tcp
{
    static auto pair(net::any_io_executor executor)
    {
        auto both = viaduct::testing::tcp_pair(std::move(executor));
        net::ip::tcp::no_delay const at_once{true}; // else a small write waits for somebody's clock
        both.first.set_option(at_once);
        both.second.set_option(at_once);
        return both;
    }
};

struct over_memory
{
    static auto pair(net::any_io_executor executor)
    {
        return viaduct::testing::duplex_pair(std::move(executor), 1000);
    }
};

struct over_local
{
    static auto pair(net::any_io_executor executor)
    {
        using socket = net::local::stream_protocol::socket;
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) throw std::runtime_error{"no socket pair"};
        net::local::stream_protocol const protocol;
        return std::pair<socket, socket>{socket{executor, protocol, ends[0]},
                                         socket{executor, protocol, ends[1]}};
    }
};

template <class Socket>
void limit_socket_buffers(Socket& s, int send, int receive)
{
    s.set_option(net::socket_base::send_buffer_size{send});
    s.set_option(net::socket_base::receive_buffer_size{receive});
}

/// What the far end of a stream does to end it. Specialised for streams that end in another way.
template <class Stream>
struct far_end
{
    static constexpr bool resets = true; // a reset arrives as a reset

    static void limit_buffers(Stream& s, int send, int receive)
    {
        if constexpr (requires { s.native_handle(); }) limit_socket_buffers(s, send, receive);
    }

    static void end_sending(Stream& s)
    {
        viaduct::error_code ignored;
        s.shutdown(net::socket_base::shutdown_send, ignored);
    }

    static void reset(Stream& s)
    {
        viaduct::error_code ignored;
        s.set_option(net::socket_base::linger{true, 0}, ignored);
        s.close(ignored);
    }
};

/// Unix sockets know no reset.
template <>
struct far_end<net::local::stream_protocol::socket>
{
    using stream = net::local::stream_protocol::socket;

    static constexpr bool resets = false;

    static void limit_buffers(stream& s, int send, int receive) { limit_socket_buffers(s, send, receive); }

    static void end_sending(stream& s)
    {
        viaduct::error_code ignored;
        s.shutdown(net::socket_base::shutdown_send, ignored);
    }

    static void reset(stream& s)
    {
        viaduct::error_code ignored;
        s.close(ignored);
    }
};

/// Reads everything that comes until the stream ends or fails.
template <class Stream>
class collector
{
public:
    explicit collector(Stream& stream) : stream_{stream} { read(); }
    collector(collector const&) = delete;
    collector& operator=(collector const&) = delete;

    std::string text;
    std::optional<viaduct::error_code> end; // `eof` after an orderly end

private:
    void read()
    {
        stream_.async_read_some(net::buffer(memory_), [this](viaduct::error_code ec, std::size_t n) {
            text.append(memory_.data(), n);
            if (ec)
                end = ec;
            else
                read();
        });
    }

    Stream& stream_;
    std::array<char, 4096> memory_{};
};

/// Sends all of it, and does not care whether it arrives.
template <class Stream>
void send(Stream& to, std::string text)
{
    auto const kept = std::make_shared<std::string>(std::move(text));
    net::async_write(to, net::buffer(*kept), [kept](viaduct::error_code, std::size_t) {});
}

} // namespace fixture

#endif

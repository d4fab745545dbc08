#include "fault_sweep.hpp"
#include "scripted_resolver.hpp"
#include "streams.hpp"
#include <viaduct/net/any_stream.hpp>
#include <viaduct/net/async_resolve.hpp>
#include <viaduct/net/caching_resolver.hpp>
#include <viaduct/net/connect_any.hpp>
#include <viaduct/net/deadline.hpp>
#include <viaduct/net/linger_close.hpp>
#include <viaduct/relay/relay.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

using namespace fixture;
using namespace std::chrono_literals;
using viaduct::errc;
using viaduct::testing::duplex_stream;
using viaduct::testing::handler_tracker;
using tcp = net::ip::tcp;

namespace {

/// Both ends of a TCP connection.
struct on_a_connection : event_loop
{
    void strike() { far_end<tcp::socket>::reset(far); }

    std::pair<tcp::socket, tcp::socket> both{over_tcp::pair(executor())};
    tcp::socket& near = both.first;
    tcp::socket& far = both.second;
};

struct stream_on_a_connection : on_a_connection
{
    using outcome = handler_tracker<std::size_t>;

    viaduct::any_stream stream{std::move(near)};
};

struct reading_any_stream : stream_on_a_connection
{
    template <class Handler>
    void start(Handler handler)
    {
        stream.async_read_some(net::buffer(memory), std::move(handler));
        send(far, "hello");
    }

    std::array<char, 10> memory{};
};

/// Has nowhere to go at first.
struct writing_any_stream : stream_on_a_connection
{
    template <class Handler>
    void start(Handler handler)
    {
        auto& socket = stream.lowest_layer();
        limit_socket_buffers(socket, 4000, 4000);
        socket.non_blocking(true);
        viaduct::error_code ec;
        while (!ec)
            socket.write_some(net::buffer(octets), ec);
        stream.async_write_some(net::buffer(octets), std::move(handler));
        net::post(context, [this] { take_all(); });
    }
    void take_all()
    {
        viaduct::error_code ec;
        far.non_blocking(true, ec);
        while (!ec)
            far.read_some(net::buffer(octets), ec);
    }

    std::string octets = std::string(100000, 'x');
};

/// The answer comes later, and not from the operation's handlers.
struct resolving : event_loop
{
    using outcome = handler_tracker<std::vector<tcp::endpoint>>;

    template <class Handler>
    void start(Handler handler)
    {
        ask(*names, std::move(handler));
    }
    template <class Handler>
    void ask(viaduct::resolver& service, Handler handler)
    {
        viaduct::async_resolve(service, executor(), "a.example", 443, std::move(handler));
        net::post(context, [this] {
            if (!names->waiting.empty()) names->answer({}, found({"127.0.0.1", "::1"}));
        });
    }
    void strike()
    {
        if (!names->waiting.empty()) names->answer(net::error::host_not_found);
    }

    std::shared_ptr<scripted_resolver> names = std::make_shared<scripted_resolver>();
};

struct resolving_through_cache : resolving
{
    template <class Handler>
    void start(Handler handler)
    {
        ask(cache, std::move(handler));
    }

    viaduct::caching_resolver cache{names, {}};
};

/// The first two addresses are in vain.
struct connecting : event_loop
{
    using outcome = handler_tracker<tcp::endpoint>;

    template <class Handler>
    void start(Handler handler)
    {
        auto const nobody = bound.local_endpoint();
        viaduct::async_connect_any(socket, {nobody, nobody, listening.local_endpoint()},
                                   {.attempt = 1h, .total = 1h, .stagger = 1h}, std::move(handler));
    }
    void strike() { listening.close(); }

    tcp::socket bound{context, {net::ip::address_v4::loopback(), 0}};
    tcp::acceptor listening{context, {net::ip::address_v4::loopback(), 0}};
    tcp::socket socket{context};
};

/// A read that is in time.
struct in_time : on_a_connection
{
    using outcome = handler_tracker<>;

    template <class Handler>
    void start(Handler handler)
    {
        viaduct::async_with_deadline(timer, 1h, errc::idle_timeout,
                                     near.async_wait(tcp::socket::wait_read, viaduct::detail::deferred),
                                     std::move(handler));
        send(far, "hello");
    }

    net::steady_timer timer{context};
};

/// One that is late, although its time has come before it began.
struct too_late : in_time
{
    template <class Handler>
    void start(Handler handler)
    {
        viaduct::async_with_deadline(timer, 1ns, errc::idle_timeout,
                                     near.async_wait(tcp::socket::wait_read, viaduct::detail::deferred),
                                     std::move(handler));
    }
};

struct closing : on_a_connection
{
    using outcome = handler_tracker<>;

    template <class Handler>
    void start(Handler handler)
    {
        send(far, std::string(100, 'x'));
        viaduct::async_linger_close(near, 1h, std::move(handler));
        taking.emplace(far);
        net::post(context, [this] { far_end<tcp::socket>::end_sending(far); });
    }

    std::optional<collector<tcp::socket>> taking;
};

/// A relay with something to carry both ways, until both ends have said that it is enough.
template <class Kind>
struct relaying : event_loop
{
    using outcome = handler_tracker<viaduct::relay_result>;
    using stream = decltype(Kind::pair(std::declval<net::any_io_executor>()).first);

    template <class Handler>
    void start(Handler handler)
    {
        viaduct::async_relay(client.second, origin.first, {"early", ""}, {}, std::move(handler));
        at_client.emplace(client.first);
        at_origin.emplace(origin.second);
        speak(client.first, 2000);
        speak(origin.second, 3000);
    }

    void speak(stream& from, std::size_t octets)
    {
        auto const text = std::make_shared<std::string>(octets, 'x');
        net::async_write(from, net::buffer(*text), [text, &from](viaduct::error_code ec, std::size_t) {
            if (!ec) far_end<stream>::end_sending(from);
        });
    }

    std::pair<stream, stream> client{Kind::pair(executor())};
    std::pair<stream, stream> origin{Kind::pair(executor())};
    std::optional<collector<stream>> at_client;
    std::optional<collector<stream>> at_origin;
};

struct relaying_in_memory : relaying<over_memory>
{
    [[nodiscard]] duplex_stream& faulty() { return origin.first; }
};

struct relaying_sockets : relaying<over_tcp>
{
    void strike() { far_end<tcp::socket>::reset(origin.second); }
};

} // namespace

TEST_CASE("sweep: any_stream's async_read_some and async_write_some")
{
    sweep<reading_any_stream>();
    sweep<writing_any_stream>();
}

TEST_CASE("sweep: async_resolve")
{
    sweep<resolving>();
    sweep<resolving_through_cache>();
}

TEST_CASE("sweep: async_connect_any")
{
    sweep<connecting>();
}

TEST_CASE("sweep: async_with_deadline")
{
    sweep<in_time>();
    sweep<too_late>({.whole = errc::idle_timeout});
}

TEST_CASE("sweep: async_linger_close")
{
    sweep<closing>({.cancelled = {}});
}

TEST_CASE("sweep: async_relay")
{
    sweep<relaying_in_memory>({.may_be_over = true});
    sweep<relaying_sockets>({.may_be_over = true});
}

#ifndef VIADUCT_TESTS_NET_RELAY_FIXTURE_HPP
#define VIADUCT_TESTS_NET_RELAY_FIXTURE_HPP

#include "event_loop.hpp"
#include "streams.hpp"
#include <viaduct/relay/relay.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace fixture {

/// A relay between two connections whose other ends the test holds: client - (a, b) - origin.
/** `Swapped` hands the relay its streams the other way round; nothing that a test sees may change. */
template <class Kind, bool Swapped>
class relay_fixture : public event_loop
{
public:
    using stream = decltype(Kind::pair(std::declval<net::any_io_executor>()).first);

    relay_fixture() : left_{Kind::pair(context.get_executor())}, right_{Kind::pair(context.get_executor())} {}

    void start(viaduct::relay_options const& options = {})
    {
        auto on_end = net::bind_cancellation_slot(cancel.slot(),
                                                  [this](viaduct::error_code ec, viaduct::relay_result r) {
                                                      ended = true;
                                                      error = ec;
                                                      result = Swapped ? swapped(r) : r;
                                                  });
        if constexpr (Swapped)
            viaduct::async_relay(b, a, options, std::move(on_end));
        else
            viaduct::async_relay(a, b, options, std::move(on_end));
    }

    [[nodiscard]] bool run_to_end()
    {
        return run_until([&] { return ended; });
    }

    static void send(stream& to, std::string text) { fixture::send(to, std::move(text)); }

    static void end_sending(stream& s)
    {
        viaduct::error_code ignored;
        s.shutdown(net::socket_base::shutdown_send, ignored);
    }

    /// Sends all of it, then the end.
    static void send_and_end(stream& to, std::string text)
    {
        auto const kept = std::make_shared<std::string>(std::move(text));
        net::async_write(to, net::buffer(*kept),
                         [kept, &to](viaduct::error_code, std::size_t) { end_sending(to); });
    }

    net::cancellation_signal cancel;

private:
    std::pair<stream, stream> left_;
    std::pair<stream, stream> right_;

public:
    stream& client = left_.first;
    stream& a = left_.second;
    stream& b = right_.first;
    stream& origin = right_.second;

    bool ended = false;
    viaduct::error_code error;
    viaduct::relay_result result;

private:
    static viaduct::relay_result swapped(viaduct::relay_result r)
    {
        using viaduct::relay_side;
        std::swap(r.a_to_b, r.b_to_a);
        if (r.first_to_end == relay_side::a)
            r.first_to_end = relay_side::b;
        else if (r.first_to_end == relay_side::b)
            r.first_to_end = relay_side::a;
        return r;
    }
};

} // namespace fixture

#endif

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

/// Two connections in a row, before there is a relay between them.
template <class Left, class Right>
struct two_connections
{
    using left_stream = decltype(Left::pair(std::declval<net::any_io_executor>()).first);
    using right_stream = decltype(Right::pair(std::declval<net::any_io_executor>()).first);

    explicit two_connections(net::any_io_executor const& executor)
        : left{Left::pair(executor)},
          right{Right::pair(executor)}
    {}

    std::pair<left_stream, left_stream> left;
    std::pair<right_stream, right_stream> right;
};

/// A relay between two connections whose other ends the test holds: client - (a, b) - origin.
/** `Swapped` hands the relay its streams the other way round; nothing that a test sees may change. */
template <class Left, bool Swapped, class Right = Left>
class relay_fixture : public event_loop
{
public:
    using connections = two_connections<Left, Right>;
    using left_stream = typename connections::left_stream;
    using right_stream = typename connections::right_stream;

    /// Whether a reset can be seen on both sides.
    static constexpr bool resets = far_end<left_stream>::resets && far_end<right_stream>::resets;

    void start(viaduct::relay_options const& options = {}) { start({}, options); }

    /// @param early As for the relay: from the client's stream, and from the origin's.
    void start(viaduct::early_octets const& early, viaduct::relay_options options)
    {
        auto on_end =
            net::bind_cancellation_slot(cancel.slot(), [this, kept = owned_by_relay ? streams_ : nullptr](
                                                           viaduct::error_code ec, viaduct::relay_result r) {
                ended = true;
                ++calls;
                error = ec;
                result = Swapped ? swapped(r) : r;
            });
        if constexpr (Swapped) {
            std::swap(options.limit_a_to_b, options.limit_b_to_a);
            std::swap(options.meters_a_to_b, options.meters_b_to_a);
            viaduct::async_relay(b, a, {early.from_b, early.from_a}, options, std::move(on_end));
        } else {
            viaduct::async_relay(a, b, early, options, std::move(on_end));
        }
    }

    [[nodiscard]] bool run_to_end()
    {
        return run_until([&] { return ended; });
    }

    /// Runs what there is to run, until nothing has happened for a while: everything waits for the test then.
    void run_until_quiet()
    {
        context.restart();
        while (context.run_one_for(std::chrono::milliseconds{5}) != 0) {
        }
    }

    /// Gone once nobody holds the four streams any more.
    [[nodiscard]] std::weak_ptr<connections> streams() const { return streams_; }

    /// Makes the system keep about this much of what is under way, where it keeps any.
    void limit_buffers(int send, int receive)
    {
        far_end<left_stream>::limit_buffers(client, send, receive);
        far_end<left_stream>::limit_buffers(a, send, receive);
        far_end<right_stream>::limit_buffers(b, send, receive);
        far_end<right_stream>::limit_buffers(origin, send, receive);
    }

    template <class Stream>
    static void send(Stream& to, std::string text)
    {
        fixture::send(to, std::move(text));
    }

    template <class Stream>
    static void end_sending(Stream& s)
    {
        far_end<Stream>::end_sending(s);
    }

    template <class Stream>
    static void reset(Stream& s)
    {
        far_end<Stream>::reset(s);
    }

    /// Sends all of it, then the end.
    template <class Stream>
    static void send_and_end(Stream& to, std::string text)
    {
        auto const kept = std::make_shared<std::string>(std::move(text));
        net::async_write(to, net::buffer(*kept),
                         [kept, &to](viaduct::error_code, std::size_t) { end_sending(to); });
    }

    net::cancellation_signal cancel;
    bool owned_by_relay = false; // the streams live as long as the relay's handler, also behind this fixture

private:
    std::shared_ptr<connections> streams_ = std::make_shared<connections>(context.get_executor());

public:
    left_stream& client = streams_->left.first;
    left_stream& a = streams_->left.second;
    right_stream& b = streams_->right.first;
    right_stream& origin = streams_->right.second;

    bool ended = false;
    int calls = 0; // of the relay's handler
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

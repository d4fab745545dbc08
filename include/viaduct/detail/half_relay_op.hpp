#ifndef VIADUCT_DETAIL_HALF_RELAY_OP_HPP
#define VIADUCT_DETAIL_HALF_RELAY_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/buffer_pool.hpp>
#include <viaduct/detail/relay_state.hpp>
#include <viaduct/relay/relay_direction.hpp>
#include <viaduct/relay/stream_end.hpp>

#include <chrono>
#include <cstddef>
#include <utility>

namespace viaduct::detail {

/// Carries octets one way between any streams, until the source ends or anything fails.
template <class Source, class Destination>
class half_relay_op
{
public:
    using direction = relay_direction;
    using state = relay_state<direction>;

    half_relay_op(Source& from, Destination& to, state& shared, relay_side side)
        : from_{&from},
          to_{&to},
          shared_{&shared},
          side_{side},
          buffer_{shared.buffer_size}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        perform(self, rule().resume({}, 0));
    }

    template <class Self>
    void operator()(Self& self, error_code ec, std::size_t n)
    {
        if (cancelled(self)) ec = net::error::operation_aborted;
        bool const reading = rule().pending() == 0;
        if (ec == net::error::eof && reading) ec = {}; // the rule hears of it as a read of nothing
        if (n != 0) shared_->clock.on_activity(std::chrono::steady_clock::now());
        perform(self, rule().resume(ec, n));
    }

private:
    [[nodiscard]] direction& rule() noexcept { return shared_->direction_from(side_); }

    template <class Self>
    void perform(Self& self, direction::step step)
    {
        auto& from = *from_;
        auto& to = *to_;
        auto const memory = buffer_.span();
        switch (step) {
        case direction::step::read:
            return from.async_read_some(net::buffer(memory.data(), memory.size()), std::move(self));
        case direction::step::write:
            return net::async_write(to, net::buffer(memory.data(), rule().pending()), std::move(self));
        case direction::step::shutdown:
            return perform(self, rule().resume(stream_end<Destination>::shutdown_send(to), 0));
        case direction::step::done:
            buffer_ = {};
            return self.complete(shared_->end_direction(side_, stream_end<Destination>::can_half_close));
        }
    }

    Source* from_;
    Destination* to_;
    state* shared_;
    relay_side side_;
    pooled_buffer buffer_;
};

} // namespace viaduct::detail

#endif

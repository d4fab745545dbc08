#ifndef VIADUCT_DETAIL_STREAM_HALF_RELAY_HPP
#define VIADUCT_DETAIL_STREAM_HALF_RELAY_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/buffer_pool.hpp>
#include <viaduct/detail/throttle.hpp>
#include <viaduct/relay/read_size.hpp>
#include <viaduct/relay/relay_direction.hpp>
#include <viaduct/relay/relay_options.hpp>
#include <viaduct/relay/stream_end.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace viaduct::detail {

/// Carries octets one way between any streams, until the source ends or anything fails.
/** Its buffer grows and shrinks with what the reads bring; see `read_size`. */
template <class Source, class Destination>
class stream_half_relay
{
public:
    using step = relay_direction::step;

    stream_half_relay(Source& from, Destination& to, relay_options const& options,
                      direction_limits const& limits, std::string_view early)
        : from_{&from},
          to_{&to},
          rule_{early.size()},
          size_{options.buffer_size},
          buffer_{early},
          held_{early.size()},
          throttle_{from.get_executor(), limits}
    {}

    [[nodiscard]] relay_direction const& rule() const noexcept { return rule_; }
    [[nodiscard]] net::cancellation_slot slot() noexcept { return call_.slot(); }

    void on_other_end() noexcept {}

    void cancel()
    {
        call_.emit(net::cancellation_type::terminal);
        throttle_.cancel();
    }

    template <class Self, class Tag>
    void start(Self& self, Tag tag)
    {
        perform(self, tag, rule_.start());
    }

    /// Takes the outcome of the last call and starts the next one; false if there is none.
    template <class Self, class Tag>
    [[nodiscard]] bool go_on(Self& self, Tag tag, error_code ec, std::size_t n)
    {
        if (throttle_.ends_pause(ec)) {
            bool const over = throttle_.used_up();
            return perform(self, tag, over ? rule_.resume(errc::quota_exceeded, 0) : step::read);
        }
        if (rule_.pending() == 0 && rule_.last() == step::read) {
            if (ec == net::error::eof) ec = {}; // the rule hears of it as a read of nothing
            throttle_.take(n);
            size_.on_read(n);
            held_ = n;
        }
        return perform(self, tag, rule_.resume(ec, n));
    }

private:
    template <class Self, class Tag>
    bool perform(Self& self, Tag tag, step next)
    {
        switch (next) {
        case step::read:
            if (throttle_.pauses()) return throttle_.wait(self.then(tag));
            buffer_.resize(size_.get());
            from_->async_read_some(net::buffer(buffer_.data(), throttle_.at_most(buffer_.size())),
                                   self.then(tag));
            return true;
        case step::write: // by parts, so that the clocks see a slow reader take them
            to_->async_write_some(net::buffer(buffer_.data() + held_ - rule_.pending(), rule_.pending()),
                                  self.then(tag));
            return true;
        case step::shutdown: return shut_down(self, tag);
        default: buffer_ = {}; return false;
        }
    }

    template <class Self, class Tag>
    bool shut_down(Self& self, Tag tag)
    {
        if constexpr (ends_with_octets<Destination>) {
            buffer_ = pooled_buffer{stream_end<Destination>::last_octets(*to_)};
            net::async_write(to_->next_layer(), net::buffer(buffer_.data(), buffer_.size()), self.then(tag));
            return true;
        } else {
            return perform(self, tag, rule_.resume(stream_end<Destination>::shutdown_send(*to_), 0));
        }
    }

    Source* from_;
    Destination* to_;
    relay_direction rule_;
    read_size size_;
    pooled_buffer buffer_;
    std::size_t held_; // octets in the buffer, of which the last are pending
    throttle throttle_;
    net::cancellation_signal call_;
};

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_DETAIL_SOCKET_HALF_RELAY_HPP
#define VIADUCT_DETAIL_SOCKET_HALF_RELAY_HPP

#if defined(__linux__)

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/socket_transfer.hpp>
#include <viaduct/detail/throttle.hpp>
#include <viaduct/relay/relay_options.hpp>
#include <viaduct/relay/stream_end.hpp>

#include <cstddef>
#include <string_view>

namespace viaduct::detail {

/// Carries octets one way between sockets; holds memory or a pipe only while its reader is behind.
template <class Source, class Destination>
class socket_half_relay
{
public:
    using step = socket_direction::step;

    socket_half_relay(Source& from, Destination& to, relay_options const&, direction_limits const& limits,
                      std::string_view early)
        : from_{&from},
          to_{&to},
          rule_{early.size()},
          transfer_{early},
          throttle_{from.get_executor(), limits}
    {}

    [[nodiscard]] socket_direction const& rule() const noexcept { return rule_; }

    /// The other direction has come to its end: this one's is the end of both connections.
    void on_other_end() noexcept { last_ = true; }

    /// The sockets belong to the relay: all of their calls are cancelled, not one through a slot.
    [[nodiscard]] static net::cancellation_slot slot() noexcept { return {}; }

    void cancel()
    {
        error_code ignored; // a socket that its owner has closed
        from_->cancel(ignored);
        to_->cancel(ignored);
        throttle_.cancel();
    }

    template <class Self, class Tag>
    void start(Self& self, Tag tag)
    {
        perform(self, tag, rule_.start());
    }

    /// Takes the outcome of the last call and starts the next one; false if there is none.
    template <class Self, class Tag>
    [[nodiscard]] bool go_on(Self& self, Tag tag, error_code ec, std::size_t)
    {
        if (throttle_.ends_pause(ec)) {
            bool const over = throttle_.used_up();
            return perform(self, tag, over ? rule_.fail(errc::quota_exceeded) : rule_.last());
        }
        return perform(self, tag, ec ? rule_.fail(ec) : rule_.resume(socket_direction::outcome::ok, 0));
    }

private:
    template <class Self, class Tag>
    bool perform(Self& self, Tag tag, step next)
    {
        while (!waits(next)) {
            if (takes(next) && throttle_.pauses()) {
                transfer_.release();
                return throttle_.wait(self.then(tag));
            }
            next = advance(next);
        }
        switch (next) {
        case step::wait_read:
            transfer_.release();
            from_->async_wait(Source::wait_read, self.then(tag));
            return true;
        case step::wait_write:
            if (!rule_.in_pipe()) transfer_.stash(rule_.pending());
            to_->async_wait(Destination::wait_write, self.then(tag));
            return true;
        case step::yield: net::post(from_->get_executor(), self.then(tag)); return true;
        default:
            if (rule_.pending() == 0) transfer_.release();
            return false;
        }
    }

    [[nodiscard]] static bool takes(step s) noexcept { return s == step::receive || s == step::splice_in; }

    [[nodiscard]] static bool waits(step s) noexcept
    {
        return s == step::wait_read || s == step::wait_write || s == step::yield || s == step::done;
    }

    /// Does a step that does not wait.
    [[nodiscard]] step advance(step next)
    {
        if (next == step::shutdown) {
            auto const ec = end_destination();
            return ec ? rule_.fail(ec) : rule_.resume(socket_direction::outcome::ok, 0);
        }
        auto const most =
            next == step::splice_in ? std::size_t{pipe_pool::pipe_size} : socket_direction::room;
        auto const room = takes(next) ? throttle_.at_most(most) : 0;
        auto const r = call(next, room);
        if (r.error != 0) return rule_.fail(error_code{r.error, net::error::get_system_category()});
        if (takes(next)) throttle_.take(r.n);
        return rule_.resume(r.how, r.n, room);
    }

    /// Where nothing is to come from the destination any more, closing it says the same and is cheaper.
    [[nodiscard]] error_code end_destination()
    {
        if (!last_) return stream_end<Destination>::shutdown_send(*to_);
        error_code ec;
        to_->close(ec);
        return ec;
    }

    [[nodiscard]] socket_transfer::result call(step next, std::size_t room)
    {
        switch (next) {
        case step::receive: return transfer_.receive(from_->native_handle(), room);
        case step::send: return transfer_.send(to_->native_handle(), rule_.pending());
        case step::splice_in: return transfer_.splice_in(from_->native_handle(), room);
        default: return transfer_.splice_out(to_->native_handle(), rule_.pending());
        }
    }

    Source* from_;
    Destination* to_;
    socket_direction rule_;
    socket_transfer transfer_;
    throttle throttle_;
    bool last_ = false;
};

} // namespace viaduct::detail

#endif

#endif

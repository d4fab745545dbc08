#ifndef VIADUCT_DETAIL_SOCKET_HALF_RELAY_OP_HPP
#define VIADUCT_DETAIL_SOCKET_HALF_RELAY_OP_HPP

#if defined(__linux__)

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/buffer_pool.hpp>
#include <viaduct/detail/pipe_pool.hpp>
#include <viaduct/detail/relay_state.hpp>
#include <viaduct/detail/sigpipe_guard.hpp>
#include <viaduct/relay/socket_direction.hpp>
#include <viaduct/relay/stream_end.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// One buffer a thread: whoever reads into it sends from it before anybody else reads.
[[nodiscard]] inline std::span<char> scratch()
{
    thread_local std::vector<char> memory(socket_direction::default_room);
    return memory;
}

/// Does the steps of a `socket_direction` that do not wait.
class socket_transfer
{
public:
    using outcome = socket_direction::outcome;
    using step = socket_direction::step;

    /// What came of one call: octets, or an error that is none of the outcomes.
    struct result
    {
        outcome how = outcome::ok;
        std::size_t n = 0;
        int error = 0;
    };

    [[nodiscard]] result receive(int from)
    {
        sent_ = 0;
        return call([&] { return ::recv(from, scratch().data(), scratch().size(), MSG_DONTWAIT); });
    }

    [[nodiscard]] result send(int to, std::size_t pending)
    {
        auto const octets = source(pending);
        auto const r =
            call([&] { return ::send(to, octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL); });
        sent_ += r.n;
        if (r.n == pending) drop_stash();
        return r;
    }

    [[nodiscard]] result splice_in(int from)
    {
        if (!pipe_) pipe_ = pipe_pool::mine().take();
        if (!pipe_) return {outcome::no_pipe, 0, 0}; // copying needs none
        auto r =
            call([&] { return ::splice(from, nullptr, pipe_->in(), nullptr, pipe_pool::pipe_size, flags); });
        if (r.error == EINVAL) r = {outcome::unsupported, 0, 0};
        return r;
    }

    [[nodiscard]] result splice_out(int to, std::size_t pending)
    {
        return call([&] {
            sigpipe_guard const no_signal;
            return ::splice(pipe_->out(), nullptr, to, nullptr, pending, flags);
        });
    }

    /// Nothing is in flight: gives the pipe back.
    void release()
    {
        if (pipe_) pipe_pool::mine().give_back(std::move(*pipe_));
        pipe_.reset();
    }

    /// Others will use the scratch buffer: keeps what has not been sent.
    void stash(std::size_t pending)
    {
        if (stashed_ || pending == 0) return;
        auto const left = source(pending);
        stash_ = pooled_buffer{socket_direction::default_room};
        std::copy(left.begin(), left.end(), stash_.span().begin());
        stashed_ = true;
        sent_ = 0;
    }

private:
    static constexpr unsigned flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;

    template <class Call>
    [[nodiscard]] static result call(Call make)
    {
        ssize_t n = 0;
        do
            n = make();
        while (n < 0 && errno == EINTR);
        if (n >= 0) return {outcome::ok, static_cast<std::size_t>(n), 0};
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {outcome::would_block, 0, 0};
        return {outcome::ok, 0, errno};
    }

    /// The octets that are to be sent next.
    [[nodiscard]] std::span<char const> source(std::size_t pending) const
    {
        auto const memory = stashed_ ? stash_.span() : scratch();
        return std::span<char const>{memory}.subspan(sent_, pending);
    }

    void drop_stash()
    {
        stash_ = {};
        stashed_ = false;
        sent_ = 0;
    }

    std::optional<pipe_ends> pipe_;
    pooled_buffer stash_;
    bool stashed_ = false;
    std::size_t sent_ = 0; // of the octets in the buffer
};

/// Carries octets one way between sockets; holds memory or a pipe only while its reader is behind.
template <class Source, class Destination>
class socket_half_relay_op
{
public:
    using step = socket_direction::step;
    using direction = socket_direction;
    using state = relay_state<direction>;

    socket_half_relay_op(Source& from, Destination& to, state& shared, relay_side side)
        : from_{&from},
          to_{&to},
          shared_{&shared},
          side_{side}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        perform(self, rule().start());
    }

    template <class Self>
    void operator()(Self& self, error_code ec)
    {
        if (cancelled(self)) ec = net::error::operation_aborted;
        shared_->clock.on_activity(std::chrono::steady_clock::now());
        perform(self, ec ? rule().fail(ec) : rule().resume(socket_direction::outcome::ok, 0));
    }

private:
    [[nodiscard]] socket_direction& rule() noexcept { return shared_->direction_from(side_); }

    template <class Self>
    void perform(Self& self, step next)
    {
        while (!waits(next))
            next = advance(next);
        auto& from = *from_;
        auto& to = *to_;
        switch (next) {
        case step::wait_read: transfer_.release(); return from.async_wait(Source::wait_read, std::move(self));
        case step::wait_write:
            if (!rule().in_pipe()) transfer_.stash(rule().pending());
            return to.async_wait(Destination::wait_write, std::move(self));
        case step::yield: {
            auto const executor = from.get_executor();
            return net::post(executor, prepend(std::move(self), error_code{}));
        }
        default: return finish(self);
        }
    }

    [[nodiscard]] static bool waits(step s) noexcept
    {
        return s == step::wait_read || s == step::wait_write || s == step::yield || s == step::done;
    }

    /// Does a step that does not wait.
    [[nodiscard]] step advance(step next)
    {
        if (next == step::shutdown) {
            auto const ec = stream_end<Destination>::shutdown_send(*to_);
            return ec ? rule().fail(ec) : rule().resume(socket_direction::outcome::ok, 0);
        }
        auto const r = call(next);
        if (r.error != 0) return rule().fail(error_code{r.error, net::error::get_system_category()});
        return rule().resume(r.how, r.n);
    }

    [[nodiscard]] socket_transfer::result call(step next)
    {
        auto const pending = rule().pending();
        switch (next) {
        case step::receive: return transfer_.receive(from_->native_handle());
        case step::send: return transfer_.send(to_->native_handle(), pending);
        case step::splice_in: return transfer_.splice_in(from_->native_handle());
        default: return transfer_.splice_out(to_->native_handle(), pending);
        }
    }

    template <class Self>
    void finish(Self& self)
    {
        if (rule().pending() == 0) transfer_.release();
        self.complete(shared_->end_direction(side_, stream_end<Destination>::can_half_close));
    }

    Source* from_;
    Destination* to_;
    state* shared_;
    relay_side side_;
    socket_transfer transfer_;
};

} // namespace viaduct::detail

#endif

#endif

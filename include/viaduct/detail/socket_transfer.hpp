#ifndef VIADUCT_DETAIL_SOCKET_TRANSFER_HPP
#define VIADUCT_DETAIL_SOCKET_TRANSFER_HPP

#if defined(__linux__)

#include <viaduct/detail/buffer_pool.hpp>
#include <viaduct/detail/pipe_pool.hpp>
#include <viaduct/detail/sigpipe_guard.hpp>
#include <viaduct/relay/socket_direction.hpp>

#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// One buffer a thread: whoever reads into it sends from it before anybody else reads.
[[nodiscard]] inline std::span<char> scratch()
{
    thread_local std::vector<char> memory(socket_direction::room);
    return memory;
}

/// Does the steps of a `socket_direction` that do not wait, and keeps what they leave.
class socket_transfer
{
public:
    using outcome = socket_direction::outcome;

    /// What came of one call: octets, or an error that is none of the outcomes.
    struct result
    {
        outcome how = outcome::ok;
        std::size_t n = 0;
        int error = 0;
    };

    /// @param early Octets to send first; copied.
    explicit socket_transfer(std::string_view early) : stash_{early} {}

    [[nodiscard]] result receive(int from, std::size_t room)
    {
        sent_ = 0;
        return call([&] { return ::recv(from, scratch().data(), room, MSG_DONTWAIT); });
    }

    [[nodiscard]] result send(int to, std::size_t pending)
    {
        auto const octets = source(pending);
        auto const r =
            call([&] { return ::send(to, octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL); });
        sent_ += r.n;
        if (r.n == pending) stash_ = {};
        return r;
    }

    [[nodiscard]] result splice_in(int from, std::size_t room)
    {
        if (!pipe_) pipe_ = pipe_pool::mine().take();
        if (!pipe_) return {outcome::no_pipe, 0, 0}; // copying needs none
        auto r = call([&] { return ::splice(from, nullptr, pipe_->in(), nullptr, room, flags); });
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
        if (stash_.size() != 0 || pending == 0) return;
        auto const left = source(pending);
        stash_ = pooled_buffer{std::string_view{left.data(), left.size()}};
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
        std::span<char const> const memory =
            stash_.size() != 0 ? std::span{stash_.data(), stash_.size()} : scratch();
        return memory.subspan(sent_, pending);
    }

    std::optional<pipe_ends> pipe_;
    pooled_buffer stash_;
    std::size_t sent_ = 0; // of the octets in the buffer
};

} // namespace viaduct::detail

#endif

#endif

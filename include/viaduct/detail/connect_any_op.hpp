#ifndef VIADUCT_DETAIL_CONNECT_ANY_OP_HPP
#define VIADUCT_DETAIL_CONNECT_ANY_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/error.hpp>
#include <viaduct/net/address_order.hpp>
#include <viaduct/net/connect_clocks.hpp>
#include <viaduct/net/connect_listener.hpp>
#include <viaduct/net/connect_race.hpp>
#include <viaduct/net/outgoing_socket.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// Several attempts and a clock, as the rule of the race wants them.
/**
 * An attempt is ended by closing its socket: what had connected meanwhile is closed as well. Whichever comes
 * first ends the others; the last step to end completes the operation.
 */
class connect_any_op
{
    using clock = std::chrono::steady_clock;

public:
    struct on_attempt
    {};
    struct on_clock
    {};
    struct on_nothing
    {};

    connect_any_op(net::ip::tcp::socket* socket, std::vector<net::ip::tcp::endpoint> endpoints,
                   connect_clocks const& clocks, outgoing_socket const& from, connect_listener* listener)
        : socket_{socket},
          timer_{socket->get_executor()},
          endpoints_{interleave_families(std::move(endpoints))},
          from_{from},
          listener_{listener},
          race_{endpoints_.size(), clocks}
    {}

    template <class Tag>
    [[nodiscard]] net::cancellation_slot slot(Tag) const noexcept
    {
        return {}; // steps are ended through their sockets and the timer
    }

    [[nodiscard]] auto get_executor() const { return socket_->get_executor(); }

    void cancel() { stop(net::error::operation_aborted); }

    template <class Self>
    void operator()(Self& self)
    {
        ++parts_;                         // the clock, or the step in place of it
        if (over_) return end_part(self); // before it has begun
        if (endpoints_.empty()) return net::post(socket_->get_executor(), self.then(on_nothing{}));
        auto const now = clock::now();
        race_.on_start(now);
        go_on(self, now);
        wait(self);
    }

    template <class Self>
    void operator()(Self& self, on_nothing)
    {
        if (!over_) stop(net::error::not_found);
        end_part(self);
    }

    template <class Self>
    void operator()(Self& self, on_attempt, std::size_t which, error_code ec)
    {
        if (!over_) judge(self, which, ec);
        end_part(self);
    }

    template <class Self>
    void operator()(Self& self, on_clock, error_code)
    {
        if (!over_) go_on(self, clock::now());
        if (over_) return end_part(self);
        wait(self);
    }

private:
    static constexpr auto none = static_cast<std::size_t>(-1);

    /// An attempt beside the one on the caller's socket.
    struct rival
    {
        rival(net::any_io_executor const& executor, std::size_t number) : socket{executor}, which{number} {}

        net::ip::tcp::socket socket;
        std::size_t which;
    };

    template <class Self>
    void wait(Self& self)
    {
        timer_.expires_at(wake_);
        timer_.async_wait(self.then(on_clock{}));
    }

    /// Does what the rule asks, up to the next wait.
    template <class Self>
    void go_on(Self& self, clock::time_point now)
    {
        using kind = connect_race::step::kind;
        auto step = race_.next(now);
        for (; step.what == kind::start || step.what == kind::give_up; step = race_.next(now)) {
            if (step.what == kind::start)
                attempt(self, step.which);
            else
                give_up(step.which, step.error);
        }
        wake_ = step.until;
        if (step.what == kind::wait) return;
        last_ = step.which;
        stop(step.error);
    }

    template <class Self>
    void attempt(Self& self, std::size_t which)
    {
        if (listener_) listener_->on_attempt(endpoints_[which]);
        auto& socket = socket_for(which);
        last_ = which;
        ++parts_;
        if (auto const ec = prepare(socket, endpoints_[which].protocol()))
            net::post(socket_->get_executor(), prepend(self.then(on_attempt{}), which, ec));
        else
            socket.async_connect(endpoints_[which], prepend(self.then(on_attempt{}), which));
    }

    /// Without wishes the socket is opened as it is connected.
    [[nodiscard]] error_code prepare(net::ip::tcp::socket& socket, net::ip::tcp const& family) const
    {
        return from_.concerns(family) ? open_outgoing(socket, family, from_) : error_code{};
    }

    /// An attempt has ended, and the race goes on.
    template <class Self>
    void judge(Self& self, std::size_t which, error_code ec)
    {
        if (!race_.is_under_way(which)) return release(which); // it had been given up
        if (!ec) return win(which);
        if (ec == net::error::operation_aborted) return stop(ec); // somebody has closed the caller's socket
        auto const now = clock::now();
        race_.on_failed(which, ec, now);
        if (listener_) listener_->on_failed(endpoints_[which], ec);
        release(which);
        go_on(self, now);
        if (wake_ < timer_.expiry()) timer_.cancel(); // it looks anew
    }

    /// The caller's own socket, if no attempt is under way on it.
    [[nodiscard]] net::ip::tcp::socket& socket_for(std::size_t which)
    {
        if (own_ != none) return others_.emplace_back(socket_->get_executor(), which).socket;
        own_ = which;
        close(*socket_);
        return *socket_;
    }

    /// Its step will end, and release it.
    void give_up(std::size_t which, error_code why)
    {
        if (listener_) listener_->on_failed(endpoints_[which], why);
        if (which == own_) return close(*socket_);
        for (auto& other : others_)
            if (other.which == which) close(other.socket);
    }

    void release(std::size_t which)
    {
        others_.remove_if([&](auto const& other) { return other.which == which; });
        if (which != own_) return;
        own_ = none;
        close(*socket_);
    }

    void win(std::size_t which)
    {
        last_ = which;
        stop({}, which);
    }

    /// Ends all attempts but one, and waits for their steps.
    void stop(error_code ec, std::size_t winner = none)
    {
        over_ = true;
        outcome_ = ec;
        if (ec || own_ != winner) close(*socket_);
        for (auto& other : others_)
            if (other.which != winner) close(other.socket);
        timer_.cancel();
    }

    static void close(net::ip::tcp::socket& socket)
    {
        error_code ignored;
        socket.close(ignored);
    }

    template <class Self>
    void end_part(Self& self)
    {
        if (--parts_ != 0) return;
        for (auto& other : others_)
            if (other.socket.is_open()) *socket_ = std::move(other.socket); // the winner: the rest are closed
        self.complete(outcome_, last_ == none ? net::ip::tcp::endpoint{} : endpoints_[last_]);
    }

    net::ip::tcp::socket* socket_;
    net::steady_timer timer_;
    std::vector<net::ip::tcp::endpoint> endpoints_;
    outgoing_socket from_;
    connect_listener* listener_;
    connect_race race_;
    clock::time_point wake_{};
    std::list<rival> others_; // a socket with a step under way must not move
    std::size_t own_ = none;  // the attempt on the caller's socket
    std::size_t last_ = none; // whose endpoint is told
    std::size_t parts_ = 0;   // what is under way: attempts and the clock
    error_code outcome_;
    bool over_ = false;
};

} // namespace viaduct::detail

#endif

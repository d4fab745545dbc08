#ifndef VIADUCT_DETAIL_DIAL_OP_HPP
#define VIADUCT_DETAIL_DIAL_OP_HPP

#include <viaduct/client/connect_tunnel.hpp>
#include <viaduct/client/dial_options.hpp>
#include <viaduct/client/proxy_url.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/resolve_op.hpp>
#include <viaduct/net/deadline.hpp>
#include <viaduct/net/system_resolver.hpp>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// The resolver of everybody who brings none.
[[nodiscard]] inline system_resolver& default_resolver()
{
    static system_resolver resolver;
    return resolver;
}

/// What the steps of a dial share; stays in place while handlers move.
struct dial_state
{
    dial_state(net::ip::tcp::socket& s, proxy_url const& via, authority const& to, dial_options const& how)
        : socket{s},
          proxy{via},
          target{to},
          options{how},
          step_timer{s.get_executor()},
          timer{s.get_executor()}
    {
        if (proxy.who) options.connect.who = proxy.who;
    }

    [[nodiscard]] dial_result::duration elapsed() const { return std::chrono::steady_clock::now() - start; }

    /// What to report when the time for everything was over.
    [[nodiscard]] errc timeout_error() const noexcept
    {
        if (result.phase == dial_phase::resolve) return errc::resolve_timeout;
        return result.phase == dial_phase::connect ? errc::connect_timeout : errc::handshake_timeout;
    }

    net::ip::tcp::socket& socket;
    proxy_url proxy;
    authority target;
    dial_options options;
    net::steady_timer step_timer;
    net::steady_timer timer;
    std::vector<net::ip::tcp::endpoint> endpoints;
    dial_result result;
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};

/// Resolve, connect, ask.
class dial_steps_op
{
public:
    struct on_resolve
    {};
    struct on_connect
    {};
    struct on_handshake
    {};

    explicit dial_steps_op(dial_state& s) noexcept : state_{&s} {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        auto& s = *state_;
        auto lookup = async_resolve_into(s.endpoints, default_resolver(), s.socket.get_executor(),
                                         s.proxy.endpoint, deferred);
        async_with_deadline(s.step_timer, s.options.resolve_timeout, errc::resolve_timeout, std::move(lookup),
                            prepend(std::move(self), on_resolve{}));
    }

    template <class Self>
    void operator()(Self& self, on_resolve, error_code ec)
    {
        if (ec) return self.complete(ec);
        auto& s = *state_;
        s.result.resolved = s.elapsed();
        s.result.phase = dial_phase::connect;
        async_connect_any(s.socket, std::move(s.endpoints), s.options.clocks,
                          prepend(std::move(self), on_connect{}));
    }

    template <class Self>
    void operator()(Self& self, on_connect, error_code ec, net::ip::tcp::endpoint endpoint)
    {
        auto& s = *state_;
        s.result.proxy = endpoint;
        if (ec) return self.complete(ec);
        s.result.connected = s.elapsed();
        s.result.phase = dial_phase::handshake;
        async_connect_tunnel(s.socket, s.target, s.options.connect, prepend(std::move(self), on_handshake{}));
    }

    template <class Self>
    void operator()(Self& self, on_handshake, error_code ec, connect_reply reply)
    {
        auto& s = *state_;
        s.result.reply = std::move(reply);
        if (!ec) {
            s.result.established = s.elapsed();
            s.result.phase = dial_phase::established;
        }
        self.complete(ec);
    }

private:
    dial_state* state_;
};

/// The steps under one clock.
class dial_op
{
public:
    dial_op(net::ip::tcp::socket& socket, proxy_url const& proxy, authority const& target,
            dial_options const& options)
        : state_{std::make_unique<dial_state>(socket, proxy, target, options)}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        auto& s = *state_;
        auto steps = net::async_compose<decltype(deferred) const&, void(error_code)>(dial_steps_op{s},
                                                                                     deferred, s.socket);
        async_with_deadline(s.timer, s.options.timeout, errc::lifetime_exceeded, std::move(steps),
                            std::move(self));
    }

    template <class Self>
    void operator()(Self& self, error_code ec)
    {
        error_code ignored;
        if (ec == errc::lifetime_exceeded)
            ec = state_->timeout_error(); // no step reports it: it was the clock above
        if (ec) state_->socket.close(ignored);
        auto result = std::move(state_->result);
        state_.reset();
        self.complete(ec, std::move(result));
    }

private:
    std::unique_ptr<dial_state> state_;
};

} // namespace viaduct::detail

#endif

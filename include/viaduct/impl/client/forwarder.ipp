#ifndef VIADUCT_IMPL_CLIENT_FORWARDER_IPP
#define VIADUCT_IMPL_CLIENT_FORWARDER_IPP

#include <viaduct/client/forwarder.hpp>
#include <viaduct/detail/forwarder_state.hpp>

#include <chrono>

namespace viaduct {
namespace detail {

VIADUCT_DECL void forwarder_state::accept()
{
    if (closed_ || accepting_ || connections_.size() >= options_.max_connections) return;
    accepting_ = true;
    acceptor_.async_accept([self = shared_from_this()](error_code ec, net::ip::tcp::socket client) {
        self->accepting_ = false;
        self->on_accept(ec, std::move(client));
    });
}

VIADUCT_DECL void forwarder_state::on_accept(error_code ec, net::ip::tcp::socket client)
{
    if (closed_) return;
    if (ec) return accept_later();
    connections_.emplace_front(std::move(client));
    auto const at = connections_.begin();
    error_code ignored;
    at->client.set_option(net::ip::tcp::no_delay{true}, ignored);
    dialer_.async_dial(target_, net::bind_cancellation_slot(at->end.slot(), [self = shared_from_this(),
                                                                             at](error_code e, tunnel far) {
                           self->on_dialled(at, e, std::move(far));
                       }));
    accept();
}

/// No descriptors left, as a rule: they come back when other connections end.
VIADUCT_DECL void forwarder_state::accept_later()
{
    pause_.expires_after(std::chrono::milliseconds{100});
    pause_.async_wait([self = shared_from_this()](error_code ec) {
        if (!ec) self->accept();
    });
}

VIADUCT_DECL void forwarder_state::on_dialled(place at, error_code ec, tunnel far)
{
    if (ec && !closed_ && options_.on_failure) options_.on_failure({ec, far.report()});
    if (ec || closed_) return break_off(at);
    at->far = std::move(far);
    if (at->far.is_plain())
        relay(at, at->far.lowest_layer()); // socket to socket is the relay's fast way
    else
        relay(at, at->far);
}

template <class Far>
void forwarder_state::relay(place at, Far& far)
{
    async_relay(at->client, far, options_.relay,
                net::bind_cancellation_slot(
                    at->end.slot(), [self = shared_from_this(), at](error_code ec, relay_result const&) {
                        ec ? self->break_off(at) : self->forget(at);
                    }));
}

/// Nobody shall take the part that has come through for the whole.
VIADUCT_DECL void forwarder_state::break_off(place at)
{
    stream_end<net::ip::tcp::socket>::reset(at->client);
    if (at->far.is_open()) stream_end<tunnel>::reset(at->far);
    forget(at);
}

VIADUCT_DECL void forwarder_state::forget(place at)
{
    connections_.erase(at);
    accept();
}

VIADUCT_DECL void forwarder_state::close()
{
    closed_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (auto& each : connections_)
        each.end.emit(net::cancellation_type::terminal);
}

} // namespace detail

VIADUCT_DECL forwarder::forwarder(dialer through, authority const& target, forwarder_options const& options)
    : state_{std::make_shared<detail::forwarder_state>(std::move(through), target, options)}
{
    state_->accept();
}

VIADUCT_DECL forwarder::~forwarder()
{
    if (state_) state_->close();
}

VIADUCT_DECL net::ip::tcp::endpoint forwarder::endpoint() const
{
    return state_->endpoint();
}

VIADUCT_DECL std::size_t forwarder::connections() const noexcept
{
    return state_->connections();
}

VIADUCT_DECL void forwarder::close()
{
    state_->close();
}

} // namespace viaduct

#endif

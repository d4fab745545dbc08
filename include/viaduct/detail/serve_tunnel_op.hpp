#ifndef VIADUCT_DETAIL_SERVE_TUNNEL_OP_HPP
#define VIADUCT_DETAIL_SERVE_TUNNEL_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/resolve_op.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/net/deadline.hpp>
#include <viaduct/relay/relay.hpp>
#include <viaduct/server/egress.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/request.hpp>
#include <viaduct/server/tunnel_records.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// Decide, resolve, guard, connect, accept, relay; or refuse.
class serve_tunnel_op : public one_step_at_a_time
{
public:
    struct on_resolve
    {};
    struct on_connect
    {};
    struct on_accepted
    {};
    struct on_relayed
    {};
    struct on_rejected
    {};

    serve_tunnel_op(request next, egress* way)
        : next_{std::move(next)},
          way_{way},
          facts_{next_},
          client_{next_.get_executor()},
          upstream_{next_.get_executor()}
    {}

    template <class Self>
    void operator()(Self& self)
    {
        if (!way_->ports.permits(next_.target().port())) return deny(self, errc::port_prohibited);
        if (!next_.target().is_address()) return resolve(self);
        endpoints_.assign(1, {net::ip::make_address(next_.target().host()), next_.target().port()});
        connect(self);
    }

    template <class Self>
    void operator()(Self& self, on_resolve, error_code ec)
    {
        timer_.reset();
        if (self.cancelled()) return finish(self, net::error::operation_aborted);
        if (!ec) return connect(self);
        refuse(self, ec == errc::resolve_timeout ? ec : make_error_code(errc::destination_unresolvable));
    }

    template <class Self>
    void operator()(Self& self, on_connect, error_code ec, net::ip::tcp::endpoint endpoint)
    {
        if (self.cancelled()) return finish(self, net::error::operation_aborted);
        facts_.peer = endpoint;
        if (!ec && way_->guard.leads_back(upstream_, endpoint)) ec = errc::destination_prohibited;
        if (ec) return refuse(self, ec);
        error_code ignored;
        upstream_.set_option(net::ip::tcp::no_delay{true}, ignored);
        facts_.status = 200;
        next_.async_accept_tunnel(self.then(on_accepted{}));
    }

    template <class Self>
    void operator()(Self& self, on_accepted, error_code ec, any_stream client)
    {
        if (self.cancelled()) ec = net::error::operation_aborted; // the 200 may have got through all the same
        if (!ec && !client.is_plain()) ec = errc::tunnel_not_plain;
        if (ec) return finish(self, ec);
        facts_.bytes_to_client = request::acceptance_size();
        client_ = client.release_socket();
        async_relay(client_, upstream_, way_->relay, self.then(on_relayed{}));
    }

    template <class Self>
    void operator()(Self& self, on_relayed, error_code ec, relay_result result)
    {
        facts_.bytes_from_client = result.a_to_b;
        facts_.bytes_to_client += result.b_to_a;
        finish(self, ec);
    }

    template <class Self>
    void operator()(Self& self, on_rejected, error_code, std::size_t sent)
    {
        facts_.bytes_to_client = sent;
        finish(self, refused_);
    }

private:
    template <class Self>
    void resolve(Self& self)
    {
        timer_ = std::make_unique<net::steady_timer>(next_.get_executor());
        auto lookup =
            async_resolve_into(endpoints_, *way_->resolver, next_.get_executor(), next_.target(), deferred);
        async_with_deadline(*timer_, way_->resolve_timeout, errc::resolve_timeout, std::move(lookup),
                            self.then(on_resolve{}));
    }

    /// Dials what has been found, as far as the guard allows it, and nothing else.
    template <class Self>
    void connect(Self& self)
    {
        endpoints_ = allowed_endpoints(std::move(endpoints_), way_->guard);
        if (endpoints_.empty()) return deny(self, errc::destination_prohibited);
        async_connect_any(upstream_, std::move(endpoints_), way_->clocks, self.then(on_connect{}));
    }

    template <class Self>
    void deny(Self& self, errc why)
    {
        facts_.outcome = request_outcome::denied;
        refuse(self, why);
    }

    template <class Self>
    void refuse(Self& self, error_code why)
    {
        auto const answer = refusal_for(why);
        refused_ = why;
        facts_.status = answer.status;
        next_.async_reject(answer, self.then(on_rejected{}));
    }

    template <class Self>
    void finish(Self& self, error_code ec)
    {
        self.complete(ec, facts_.record(ec)); // both ends are closed when the handler hears of it
    }

    request next_;
    egress* way_;
    tunnel_facts facts_;
    net::ip::tcp::socket client_; // once the tunnel is accepted
    net::ip::tcp::socket upstream_;
    std::unique_ptr<net::steady_timer> timer_; // of the look-up
    std::vector<net::ip::tcp::endpoint> endpoints_;
    error_code refused_;
};

} // namespace viaduct::detail

#endif

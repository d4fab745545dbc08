#ifndef VIADUCT_DETAIL_SERVE_TUNNEL_OP_HPP
#define VIADUCT_DETAIL_SERVE_TUNNEL_OP_HPP

#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/resolve_op.hpp>
#include <viaduct/net/deadline.hpp>
#include <viaduct/relay/relay.hpp>
#include <viaduct/server/egress.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/request.hpp>
#include <viaduct/server/tunnel_records.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// Decide, resolve, guard, connect, accept, relay; or refuse.
class serve_tunnel_op
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

    serve_tunnel_op(request next, egress& way) : state_{std::make_unique<state>(std::move(next), way)} {}

    template <class Self>
    void operator()(Self& self)
    {
        end_on_cancellation(self);
        auto& s = *state_;
        if (!s.way.ports.permits(s.next.target().port())) {
            s.record.outcome = request_outcome::denied;
            return refuse(self, errc::port_prohibited);
        }
        if (!s.next.target().is_address()) return resolve(self);
        auto const address = net::ip::make_address(s.next.target().host());
        s.endpoints.assign(1, {address, s.next.target().port()});
        connect(self);
    }

    template <class Self>
    void operator()(Self& self, on_resolve, error_code ec)
    {
        if (cancelled(self)) return finish(self, net::error::operation_aborted);
        if (!ec) return connect(self);
        refuse(self, ec == errc::resolve_timeout ? ec : make_error_code(errc::destination_unresolvable));
    }

    template <class Self>
    void operator()(Self& self, on_connect, error_code ec, net::ip::tcp::endpoint endpoint)
    {
        if (cancelled(self)) return finish(self, net::error::operation_aborted);
        auto& s = *state_;
        s.record.peer = endpoint.address().to_string();
        error_code ignored;
        if (!ec && s.way.guard.leads_back(s.upstream.local_endpoint(ignored), endpoint))
            ec = errc::destination_prohibited;
        if (ec) return refuse(self, ec);
        s.upstream.set_option(net::ip::tcp::no_delay{true}, ignored);
        s.record.status = 200;
        s.next.async_accept_tunnel(prepend(std::move(self), on_accepted{}));
    }

    template <class Self>
    void operator()(Self& self, on_accepted, error_code ec, net::ip::tcp::socket client)
    {
        if (cancelled(self)) ec = net::error::operation_aborted; // the 200 may have got through all the same
        if (ec) return finish(self, ec);
        auto& s = *state_;
        s.record.bytes_to_client = request::acceptance_size();
        s.client.emplace(std::move(client));
        async_relay(*s.client, s.upstream, s.way.relay, prepend(std::move(self), on_relayed{}));
    }

    template <class Self>
    void operator()(Self& self, on_relayed, error_code ec, relay_result result)
    {
        auto& record = state_->record;
        record.bytes_from_client = result.a_to_b;
        record.bytes_to_client += result.b_to_a;
        finish(self, ec);
    }

    template <class Self>
    void operator()(Self& self, on_rejected, error_code, std::size_t sent)
    {
        state_->record.bytes_to_client = sent;
        finish(self, state_->record.error);
    }

private:
    struct state
    {
        state(request r, egress& w)
            : next{std::move(r)},
              way{w},
              accepted{next.accepted()},
              upstream{next.get_executor()},
              timer{next.get_executor()},
              record{begin_record(next)}
        {
            record.outcome = request_outcome::tunnel; // unless it turns out otherwise
        }

        request next;
        egress& way;
        std::chrono::steady_clock::time_point accepted;
        std::optional<net::ip::tcp::socket> client;
        net::ip::tcp::socket upstream;
        net::steady_timer timer;
        std::vector<net::ip::tcp::endpoint> endpoints;
        tunnel_record record;
    };

    template <class Self>
    void resolve(Self& self)
    {
        auto& s = *state_;
        auto lookup =
            async_resolve_into(s.endpoints, s.way.resolver, s.next.get_executor(), s.next.target(), deferred);
        async_with_deadline(s.timer, s.way.resolve_timeout, errc::resolve_timeout, std::move(lookup),
                            prepend(std::move(self), on_resolve{}));
    }

    /// Dials what has been found, as far as the guard allows it, and nothing else.
    template <class Self>
    void connect(Self& self)
    {
        auto& s = *state_;
        s.endpoints = allowed_endpoints(std::move(s.endpoints), s.way.guard);
        if (s.endpoints.empty()) {
            s.record.outcome = request_outcome::denied;
            return refuse(self, errc::destination_prohibited);
        }
        async_connect_any(s.upstream, std::move(s.endpoints), s.way.clocks,
                          prepend(std::move(self), on_connect{}));
    }

    template <class Self>
    void refuse(Self& self, error_code why)
    {
        auto& s = *state_;
        auto const answer = refusal_for(why);
        s.record.error = why;
        s.record.status = answer.status;
        s.record.proxy_error = answer.proxy_error;
        s.record.content_type = refusal::content_type;
        s.next.async_reject(answer, prepend(std::move(self), on_rejected{}));
    }

    template <class Self>
    void finish(Self& self, error_code ec)
    {
        auto record = std::move(state_->record);
        record.error = ec;
        end_record(record, state_->accepted);
        state_.reset(); // both ends are closed when the handler hears of it
        self.complete(ec, std::move(record));
    }

    std::unique_ptr<state> state_;
};

} // namespace viaduct::detail

#endif

#ifndef VIADUCT_IMPL_DETAIL_ARRIVALS_IPP
#define VIADUCT_IMPL_DETAIL_ARRIVALS_IPP

#include <viaduct/detail/accept_tls_op.hpp>
#include <viaduct/detail/acceptor_state.hpp>
#include <viaduct/detail/close_stream.hpp>
#include <viaduct/detail/run_rule.hpp>
#include <viaduct/net/deadline.hpp>
#include <viaduct/net/linger_close.hpp>
#include <viaduct/server/read_request.hpp>
#include <viaduct/server/tunnel_records.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace viaduct::detail {

[[nodiscard]] inline bool is_trusted(proxy_protocol_in const& options, connection_facts const& facts)
{
    if (options.trusts) return options.trusts(facts.peer, facts.local);
    return std::any_of(options.trusted.begin(), options.trusted.end(),
                       [&](auto const& block) { return block.contains(facts.peer.address()); });
}

/// What a connection goes through from here: a PROXY protocol header, TLS, and the head of its request.
VIADUCT_DECL void acceptor_state::receive(net::ip::tcp::socket socket, connection_facts facts)
{
    facts.listener = name_;
    auto const who = arrivals_.insert(arrivals_.end(), arrival{std::move(socket), std::move(facts)});
    if (options_.proxy_protocol || options_.tls)
        who->before = std::make_unique<arrival::prologue>(executor());
    if (options_.proxy_protocol)
        read_proxy_header(who);
    else
        shake_hands(who);
}

VIADUCT_DECL void acceptor_state::read_proxy_header(arrivals::iterator who)
{
    auto const& options = *options_.proxy_protocol;
    if (!is_trusted(options, who->facts))
        return options.required ? drop(who, errc::proxy_header_untrusted, {}) : shake_hands(who);
    auto& before = *who->before;
    auto const next = start_rule(who->socket, before.header);
    if (next.is_done()) return on_proxy_header(who, next.error);
    async_with_deadline(
        before.timer, options.timeout, errc::proxy_header_timeout,
        async_run_rule(who->socket, before.header, next, deferred),
        net::bind_cancellation_slot(before.end.slot(), [self = shared_from_this(), who](error_code ec) {
            self->on_proxy_header(who, ec);
        }));
}

VIADUCT_DECL void acceptor_state::on_proxy_header(arrivals::iterator who, error_code ec)
{
    if (closed_) return forget(who);
    if (ec) return drop(who, ec, {});
    auto const& header = who->before->header.header();
    if (!header.local) {
        who->facts.client = header.source;
        who->facts.local = header.destination;
    }
    shake_hands(who);
}

VIADUCT_DECL void acceptor_state::shake_hands(arrivals::iterator who)
{
    if (!options_.tls) {
        who->before.reset();
        return read_head(who);
    }
    auto& before = *who->before;
    before.stream = any_stream{std::move(who->socket)};
    auto handshake = async_stable<accept_tls_op, void(error_code)>(deferred, options_.tls.get(),
                                                                   &before.stream, &before.tls);
    async_with_deadline(
        before.timer, options_.tls_timeout, errc::client_tls_timeout, std::move(handshake),
        net::bind_cancellation_slot(before.end.slot(), [self = shared_from_this(), who](error_code ec) {
            self->on_secure(who, ec);
        }));
}

VIADUCT_DECL void acceptor_state::on_secure(arrivals::iterator who, error_code ec)
{
    if (closed_) return forget(who);
    if (ec) return drop(who, ec, {});
    who->facts.tls = std::make_shared<tls_client_facts const>(std::move(who->before->tls));
    read_head(who);
}

VIADUCT_DECL void acceptor_state::read_head(arrivals::iterator who)
{
    auto on_end = [self = shared_from_this(), who](error_code ec, connect_request head) {
        self->on_head(who, ec, std::move(head));
    };
    if (who->before)
        async_read_request(who->before->stream, options_.request, std::move(on_end));
    else
        async_read_request(who->socket, options_.request, std::move(on_end));
}

VIADUCT_DECL void acceptor_state::on_head(arrivals::iterator who, error_code ec, connect_request head)
{
    if (closed_) return forget(who);
    if (ec) return drop(who, ec, head);
    auto stream = who->before ? std::move(who->before->stream) : any_stream{std::move(who->socket)};
    hand_out({std::move(stream), std::move(head), std::move(who->facts), reading_});
    forget(who);
}

VIADUCT_DECL void acceptor_state::hand_out(request next)
{
    if (on_request_) return on_request_(std::move(next));
    ++waiting_;
    ready_.async_send({}, std::move(next), [self = shared_from_this()](error_code) {
        --self->waiting_;
        self->accept_again();
    });
}

/// A connection without a valid request has one record, whatever ends it.
VIADUCT_DECL void acceptor_state::record(arrival& who, error_code ec, connect_request const& head)
{
    if (std::exchange(who.recorded, true) || !options_.log) return;
    options_.log->write(unread_record(who.facts, head, ec));
}

/// A connection without a valid request: its answer, if it got one, must arrive before it is closed.
VIADUCT_DECL void acceptor_state::drop(arrivals::iterator who, error_code ec, connect_request const& head)
{
    record(*who, ec, head);
    if (head.answered_status == 0) return forget(who);
    auto forget_it = [self = shared_from_this(), who](auto...) { self->forget(who); };
    if (who->before)
        async_close_stream(who->before->stream, std::move(forget_it));
    else
        async_linger_close(who->socket, answer_timeout, std::move(forget_it));
}

VIADUCT_DECL void acceptor_state::forget(arrivals::iterator who)
{
    arrivals_.erase(who);
    accept_again();
}

} // namespace viaduct::detail

#endif

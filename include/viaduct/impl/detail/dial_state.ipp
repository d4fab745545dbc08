#ifndef VIADUCT_IMPL_DETAIL_DIAL_STATE_IPP
#define VIADUCT_IMPL_DETAIL_DIAL_STATE_IPP

#include <viaduct/client/connect_failure.hpp>
#include <viaduct/detail/dial_state.hpp>
#include <viaduct/detail/tls_error.hpp>

#include <utility>

namespace viaduct::detail {

VIADUCT_DECL dial_state::dial_state(std::shared_ptr<dialer_state> dialer,
                                    net::any_io_executor const& executor, authority const& target,
                                    dial_wishes wishes)
    : dialer_{std::move(dialer)},
      proxy_fields_{std::move(wishes.proxy_fields)},
      from_{wishes.from == outgoing_socket{} ? options().from : wishes.from},
      plan_{wishes.ways ? std::move(*wishes.ways) : dialer_->ways_to(target),
            target,
            {options().header.has_value(), options().tls != nullptr, wishes.plain_only}},
      timer_{executor},
      step_timer_{executor},
      socket_{executor}
{}

VIADUCT_DECL dial_state::step dial_state::begin()
{
    if (observer()) observer()->on_dialling(now(), plan_.target());
    return after(plan_.begin());
}

/// The proxy at hand as text, made once for each: most steps tell it.
VIADUCT_DECL std::string const& dial_state::hop()
{
    auto const* const proxy = plan_.route().empty() ? nullptr : &plan_.route()[hop_index()];
    if (!hop_.empty() && proxy == shown_) return hop_;
    shown_ = proxy;
    return hop_ = proxy ? to_text(*proxy) : "direct";
}

VIADUCT_DECL void dial_state::note(dial_attempt attempt)
{
    attempt.hop = hop();
    attempt.at = elapsed();
    report_.attempts.push_back(std::move(attempt));
}

/// Keeps the report in step with the plan.
VIADUCT_DECL dial_state::step dial_state::after(step next)
{
    if (report_.way != plan_.way()) { // what is told of times and answers is of the way tried last
        conversations_.clear();
        report_.reply = {};
        report_.socks_reply = 0;
        report_.resolved = report_.connected = report_.secured = {};
        report_.tls = {};
    }
    report_.phase = plan_.phase();
    report_.way = plan_.way();
    if (plan_.proxy() || plan_.route().empty()) { // behind the last one it stays what it was
        report_.hop = hop();
        report_.hop_index = plan_.hop();
    }
    return next;
}

VIADUCT_DECL bool dial_state::start_resolving(authority const& whom, std::vector<endpoint>& into)
{
    if (observer()) observer()->on_resolving(now(), whom);
    if (!whom.is_address()) return false;
    into.assign(1, {net::ip::make_address(whom.host()), whom.port()});
    return true;
}

VIADUCT_DECL dial_state::step dial_state::on_resolved(error_code ec)
{
    if (observer()) observer()->on_resolved(now(), found_, ec);
    if (ec) {
        note({.phase = dial_phase::resolve, .error = ec});
        blame_proxy(ec);
    } else {
        report_.resolved = elapsed();
    }
    return after(plan_.on_resolved(ec));
}

VIADUCT_DECL void dial_state::start_connecting()
{
    report_.remote = report_.local = {};
    stream_ = {}; // of before a new connection
}

VIADUCT_DECL dial_state::endpoint dial_state::source_of(proxy_header const& header) const
{
    if (!header.source) return report_.local;
    auto const port = header.source->port() == 0 ? report_.local.port() : header.source->port();
    return {header.source->address(), port};
}

VIADUCT_DECL dial_state::step dial_state::on_connected(error_code ec, endpoint const& remote)
{
    report_.remote = remote;
    if (ec) {
        blame_proxy(ec);
        return after(plan_.on_connected(ec));
    }
    error_code ignored; // options are wishes
    socket_.set_option(net::ip::tcp::no_delay{options().no_delay}, ignored);
    socket_.set_option(net::socket_base::keep_alive{options().keep_alive}, ignored);
    report_.local = socket_.local_endpoint(ignored);
    report_.connected = elapsed();
    note({.phase = dial_phase::connect, .address = remote});
    if (!plan_.route().empty()) dialer_->health().worked(plan_.route().front());
    if (observer()) observer()->on_connected(now(), remote, report_.local);
    stream_ = any_stream{std::move(socket_)};
    socket_ = net::ip::tcp::socket{timer_.get_executor()};
    if (auto const& header = options().header)
        header_ = proxy_protocol_header(header->version, source_of(*header), remote);
    return after(plan_.on_connected(ec));
}

VIADUCT_DECL dial_state::step dial_state::on_header_sent(error_code ec)
{
    if (ec) note({.phase = dial_phase::connect, .address = report_.remote, .error = ec});
    return after(plan_.on_header_sent(ec));
}

VIADUCT_DECL void dial_state::start_securing()
{
    if (observer()) observer()->on_securing(now());
}

VIADUCT_DECL dial_state::step dial_state::on_secured(error_code ec, any_stream secured, tls_facts facts)
{
    stream_ = std::move(secured);
    report_.tls = std::move(facts);
    if (!ec) report_.secured = elapsed();
    note({.phase = dial_phase::secure, .error = ec});
    if (observer()) observer()->on_secured(now(), report_.tls, ec);
    if (plan_.hop() == 0) blame_proxy(ec);
    return after(plan_.on_secured(ec));
}

VIADUCT_DECL void dial_state::start_conversing()
{
    if (observer()) observer()->on_asking(now(), plan_.next_target());
    auto& conversation = conversations_[plan_.hop()];
    if (conversation) return; // it goes on
    conversation = std::make_unique<connect_conversation>(
        plan_.next_target(), dialer_->options_for(*plan_.proxy(), proxy_fields_, plan_.has_one_proxy()));
    conversation->set_listener(this);
}

VIADUCT_DECL dial_state::step dial_state::on_conversed(error_code ec)
{
    auto& conversation = conversations_[plan_.hop()];
    if (ec == errc::reconnect_required) {
        if (observer()) observer()->on_reconnecting(now());
        return after(plan_.on_asked(ec));
    }
    report_.reply = std::move(conversation->reply());
    if (ec)
        conversations_.clear(); // those behind it will not be gone on with
    else
        conversation.reset();
    return after(plan_.on_asked(without_tls(ec)));
}

/// With TLS 1.3 a proxy refuses a client's certificate, or the lack of one, when the client believes to be
/// through: that is a handshake that failed, and no answer.
VIADUCT_DECL error_code dial_state::without_tls(error_code ec)
{
    if (!is_tls_failure(ec)) return ec;
    report_.tls.detail = ec.message();
    if (plan_.hop() == 0) blame_proxy(errc::tls_handshake_failed);
    return errc::tls_handshake_failed;
}

/// SOCKS4 has no room for an IPv6 address.
VIADUCT_DECL error_code dial_state::keep_usable_addresses()
{
    if (plan_.proxy()->scheme != proxy_scheme::socks4) return {};
    std::erase_if(found_target_, [](endpoint const& each) { return !each.address().is_v4(); });
    return found_target_.empty() ? errc::socks_address_type_unsupported : error_code{};
}

VIADUCT_DECL dial_state::step dial_state::on_target_resolved(error_code ec)
{
    if (!ec) ec = keep_usable_addresses();
    if (ec) note({.phase = dial_phase::resolve, .error = ec});
    if (observer()) observer()->on_resolved(now(), found_target_, ec);
    return after(plan_.on_target_resolved(ec));
}

VIADUCT_DECL void dial_state::start_socks()
{
    auto const& target = plan_.next_target();
    auto const& who = plan_.proxy()->who ? plan_.proxy()->who : options().connect.who;
    if (observer()) observer()->on_asking(now(), target);
    report_.reply = {}; // a proxy before this one gave it
    std::optional<net::ip::address> address;
    if (!found_target_.empty()) address = std::exchange(found_target_, {}).front().address();
    socks_.emplace(plan_.proxy()->scheme, target, address, who);
}

VIADUCT_DECL dial_state::step dial_state::on_socks(error_code ec)
{
    report_.socks_reply = socks_->refusal();
    note({.phase = dial_phase::handshake, .error = ec});
    socks_.reset();
    return after(plan_.on_asked(without_tls(ec)));
}

VIADUCT_DECL tunnel dial_state::finish(error_code ec)
{
    // Interrupted in the middle of a conversation: what came of it is worth knowing.
    for (auto& [hop, conversation] : conversations_)
        if (conversation) report_.reply = std::move(conversation->reply());
    conversations_.clear();
    if (ec == errc::dial_timeout && report_.hop_index == 0 && report_.phase < dial_phase::handshake)
        blame_proxy(ec);
    error_code ignored;
    socket_.close(ignored);
    if (!ec) {
        report_.established = elapsed();
        if (observer()) observer()->on_established(now(), report_);
        return {std::move(stream_), std::move(report_)};
    }
    stream_.close(ignored);
    stream_ = {};
    if (observer()) observer()->on_failed(now(), {ec, report_});
    return {any_stream{}, std::move(report_)};
}

} // namespace viaduct::detail

#endif

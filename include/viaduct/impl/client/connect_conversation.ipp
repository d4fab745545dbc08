#ifndef VIADUCT_IMPL_CLIENT_CONNECT_CONVERSATION_IPP
#define VIADUCT_IMPL_CLIENT_CONNECT_CONVERSATION_IPP

#include <viaduct/client/connect_conversation.hpp>
#include <viaduct/detail/system_code.hpp>
#include <viaduct/detail/tls_error.hpp>
#include <viaduct/http/content_length.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace viaduct {
namespace detail {

/// Whether the proxy means to keep the connection, by its answer.
[[nodiscard]] inline bool is_persistent(connect_reply const& reply)
{
    auto const fields = reply.fields.list();
    auto const says = [&](std::string_view token) {
        return fields.has_token("Connection", token) || fields.has_token("Proxy-Connection", token);
    };
    return !says("close") && (reply.minor_version == 1 || says("keep-alive"));
}

/// Whether that error is a connection's end, orderly or not.
[[nodiscard]] inline bool is_end_of_connection(error_code ec)
{
    return ec == errc::proxy_closed || is_tls_truncation(ec) || is_system_error(ec, ECONNRESET) ||
           is_system_error(ec, ECONNABORTED) || is_system_error(ec, EPIPE);
}

} // namespace detail

VIADUCT_DECL connect_conversation::connect_conversation(authority const& target,
                                                        connect_options const& options)
    : target_{target},
      options_{options}
{
    if (options_.auth) options_.who.reset(); // or they would be shown to a proxy that has not asked
}

VIADUCT_DECL connect_conversation::step connect_conversation::begin()
{
    error_ = {};
    bool const first = offers_.empty();
    if (first && options_.auth) scheme_ = options_.auth->first();
    if (scheme_ && (first || scheme_->binds_connection())) {
        exchange_ = scheme_->begin();
        offer_ = nullptr; // a challenge of another connection
    }
    return next_request();
}

VIADUCT_DECL connect_conversation::step connect_conversation::next_request()
{
    if (!may_ask_again()) return finish(errc::too_many_attempts);
    return scheme_ ? step::authorize : ask({});
}

VIADUCT_DECL void connect_conversation::authorize(auth_completion done)
{
    if (listener_) listener_->on_authorizing(scheme_->scheme());
    exchange_->respond({"CONNECT", target_.text(), options_.proxy_host}, offer_, std::move(done));
}

VIADUCT_DECL connect_conversation::step connect_conversation::on_authorized(error_code ec,
                                                                            std::string const& value)
{
    if (!ec && (value.empty() || !is_field_value(value))) ec = errc::credentials_invalid;
    if (!ec) return ask(value);
    if (offers_.empty()) { // it was a guess; the proxy's challenges will tell
        scheme_.reset();
        exchange_.reset();
        return ask({});
    }
    give_up_scheme(ec);
    return choose() ? step::authorize : finish(ec);
}

VIADUCT_DECL connect_conversation::step connect_conversation::ask(std::string_view authorization)
{
    handshake_.emplace(target_, options_, authorization);
    if (listener_) listener_->on_request(*handshake_);
    return step::ask;
}

VIADUCT_DECL connect_conversation::step connect_conversation::finish(error_code ec)
{
    error_ = ec;
    reply_.auth_detail = auth_detail_;
    return step::done;
}

VIADUCT_DECL connect_conversation::step connect_conversation::on_answer(error_code ec)
{
    bool const silent = !handshake_->has_received();
    take_reply(ec);
    if (!ec) return on_open();
    if (reply_.status == 0) return silent ? on_silent(ec) : finish(ec);
    if (reply_.status == 407 && options_.auth) return on_challenged();
    final_ = true;
    error_ = ec;
    return drain(options_.max_body);
}

/// Moves the answer over; heads and attempts go behind those of before.
VIADUCT_DECL void connect_conversation::take_reply(error_code ec)
{
    auto heads = std::move(reply_.heads);
    auto attempts = std::move(reply_.attempts);
    auto const interim = reply_.interim;
    reply_ = std::move(handshake_->reply());
    if (listener_) listener_->on_answer(reply_.heads, reply_, ec);
    handshake_->erase_request();
    reply_.heads.insert(0, heads);
    reply_.interim += interim;
    attempts.push_back({handshake_->scheme(), reply_.status, ec});
    reply_.attempts = std::move(attempts);
    reply_.auth_detail = auth_detail_;
}

VIADUCT_DECL connect_conversation::step connect_conversation::on_open()
{
    if (exchange_) exchange_->accepted(reply_.fields.list());
    if (scheme_) options_.auth->accepted(scheme_);
    return finish({});
}

/// No octet came: a proxy that saw credentials for its challenge may have meant to close (curl, Squid, ISA
/// do).
VIADUCT_DECL connect_conversation::step connect_conversation::on_silent(error_code ec)
{
    bool const answers_challenge = scheme_ && !offers_.empty();
    if (!answers_challenge || !detail::is_end_of_connection(ec) || !may_ask_again() ||
        std::exchange(retried_silent_, true))
        return finish(ec);
    return finish(errc::reconnect_required);
}

VIADUCT_DECL connect_conversation::step connect_conversation::on_challenged()
{
    offers_ = parse_challenges(reply_.fields.list(), "Proxy-Authenticate");
    offer_ = nullptr;
    bool const can_answer = goes_on() || choose();
    final_ = !can_answer || !may_ask_again();
    if (can_answer)
        error_ = final_ ? make_error_code(errc::too_many_attempts) : error_code{};
    else
        error_ = exhausted_;
    if (error_ == errc::proxy_auth_unsupported) auth_detail_ = why_unsupported();
    return drain(final_ ? options_.max_body : options_.max_drain);
}

/// What was enabled, and what is wrong with the challenges that would have fitted.
VIADUCT_DECL std::string connect_conversation::why_unsupported() const
{
    auto text = "enabled: " + options_.auth->names();
    for (auto const& scheme : options_.auth->schemes())
        for (auto const& offer : offers_) {
            auto const objection = offer.is(scheme->scheme()) ? scheme->objection(offer) : std::string{};
            if (!objection.empty()) return text + "; " + objection;
        }
    return text;
}

/// Whether the scheme that was tried has more to say to these challenges.
VIADUCT_DECL bool connect_conversation::goes_on()
{
    if (!scheme_) return false;
    offer_ = best_offer(*scheme_);
    if (offer_ && exchange_->judge(*offer_) == auth_verdict::proceed) return true;
    // Credentials that went out unasked, by a scheme that is not spoken there, were not looked at.
    if (offer_ || offers_.empty()) exhausted_ = errc::proxy_auth_rejected;
    options_.auth->rejected(scheme_);
    give_up_scheme({});
    return false;
}

/// Takes the first scheme that can answer one of the challenges.
VIADUCT_DECL bool connect_conversation::choose()
{
    for (auto const& scheme : options_.auth->schemes()) {
        if (std::find(tried_.begin(), tried_.end(), scheme) != tried_.end()) continue;
        offer_ = best_offer(*scheme);
        if (!offer_) continue;
        scheme_ = scheme;
        exchange_ = scheme->begin();
        return true;
    }
    return false;
}

VIADUCT_DECL void connect_conversation::give_up_scheme(error_code why)
{
    if (why) auth_detail_ = scheme_->last_failure();
    tried_.push_back(std::move(scheme_));
    scheme_ = nullptr;
    exchange_.reset();
    offer_ = nullptr;
}

VIADUCT_DECL challenge const* connect_conversation::best_offer(authenticator const& scheme) const
{
    challenge const* best = nullptr;
    int strongest = 0;
    for (auto const& offer : offers_) {
        auto const strength = offer.is(scheme.scheme()) ? scheme.strength(offer) : 0;
        if (strength <= strongest) continue;
        strongest = strength;
        best = &offer;
    }
    return best;
}

VIADUCT_DECL connect_conversation::step connect_conversation::drain(std::size_t limit)
{
    body_.emplace(reply_.status, reply_.fields.list(), limit);
    if (!final_ && !may_keep_connection()) return finish(errc::reconnect_required);
    return step::drain;
}

/// Before its content is read: whether there is any use in reading it.
VIADUCT_DECL bool connect_conversation::may_keep_connection() const
{
    auto const length = content_length(reply_.fields.list());
    bool const faulty = reply_.minor_version == 0 && reply_.fields.find("Transfer-Encoding"); // RFC 9112 6.1
    return !faulty && detail::is_persistent(reply_) && body_->framing() != body_framing::close &&
           (body_->framing() != body_framing::length || *length <= options_.max_drain);
}

VIADUCT_DECL connect_conversation::step connect_conversation::on_drained(error_code ec, bool idle)
{
    bool const reusable = !ec && body_->complete() && idle;
    reply_.body = std::move(body_->content());
    if (final_) return step::done;
    if (reply_.body.size() > options_.max_body) reply_.body.resize(options_.max_body);
    return reusable ? next_request() : finish(errc::reconnect_required);
}

} // namespace viaduct

#endif

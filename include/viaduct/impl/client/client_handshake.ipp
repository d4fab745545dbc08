#ifndef VIADUCT_IMPL_CLIENT_CLIENT_HANDSHAKE_IPP
#define VIADUCT_IMPL_CLIENT_CLIENT_HANDSHAKE_IPP

#include <viaduct/client/client_handshake.hpp>
#include <viaduct/client/refusal_error.hpp>
#include <viaduct/http/challenge.hpp>
#include <viaduct/http/characters.hpp>

#include <algorithm>

namespace viaduct {
namespace detail {

/// Whether a field of the caller's can go out: a CONNECT has no content, so none may be announced, and what
/// must stand there once must not stand there twice.
[[nodiscard]] inline bool may_be_sent(fields const& own)
{
    for (auto const field : own)
        for (auto const framing : {"Content-Length", "Transfer-Encoding", "Trailer", "Expect"})
            if (characters::iequals(field.name, framing)) return false;
    return own.count("Host") <= 1 && own.count("Proxy-Authorization") <= 1;
}

/// The CONNECT request, its fields in curl's order.
[[nodiscard]] inline std::string make_connect_request(authority const& target, connect_options const& options,
                                                      std::string_view authorization, error_code& ec)
{
    auto const where = target.text();
    std::string head;
    head.reserve(128 + 2 * where.size() + authorization.size() + options.user_agent.size() +
                 options.proxy_fields.block().size()); // growing costs, and leaves copies behind
    head.append("CONNECT ").append(where).append(" HTTP/1.").append(options.minor_version == 0 ? "0" : "1");
    head.append("\r\n");
    auto const add_default = [&](std::string_view name, std::string_view value) {
        if (value.empty() || options.proxy_fields.count(name) != 0) return;
        head.append(name).append(": ").append(value).append("\r\n");
    };
    ec = {};
    add_default("Host", where);
    if (!authorization.empty())
        add_default("Proxy-Authorization", authorization);
    else if (options.who)
        add_default("Proxy-Authorization", basic_authorization(*options.who, ec));
    if (!is_field_value(options.user_agent) || !is_field_value(authorization)) ec = errc::field_value_invalid;
    if (!may_be_sent(options.proxy_fields)) ec = errc::field_name_invalid;
    add_default("User-Agent", options.user_agent);
    if (options.proxy_connection) add_default("Proxy-Connection", "Keep-Alive");
    for (auto const field :
         options.proxy_fields) // without a value nothing stands behind the colon, as curl has it
        head.append(field.name).append(field.value.empty() ? ":" : ": ").append(field.value).append("\r\n");
    return head.append("\r\n");
}

/// The scheme in front of credentials; empty if all of it may be the secret.
[[nodiscard]] inline std::string scheme_of(std::string_view value)
{
    auto const scheme = value.substr(0, value.find(' '));
    return scheme.size() < value.size() && is_field_name(scheme) ? std::string{scheme} : std::string{};
}

/// The scheme of the credentials in that request; empty if it has none.
[[nodiscard]] inline std::string credentials_scheme(connect_options const& options,
                                                    std::string_view authorization)
{
    if (auto const own = options.proxy_fields.find("Proxy-Authorization")) return scheme_of(*own);
    if (!authorization.empty()) return scheme_of(authorization);
    return options.who ? "Basic" : "";
}

} // namespace detail

VIADUCT_DECL client_handshake::client_handshake(authority const& target, connect_options const& options,
                                                std::string_view authorization)
    : request_{detail::make_connect_request(target, options, authorization, invalid_)},
      head_{options.limits, head_syntax{.bare_lf = true, .folding = true}},
      max_interim_{options.max_interim},
      scheme_{detail::credentials_scheme(options, authorization)}
{}

VIADUCT_DECL std::string client_handshake::redacted_request() const
{
    std::string text = request_;
    for (std::size_t line = text.find("\r\n") + 2; line < text.size(); line = text.find("\r\n", line) + 2) {
        auto const colon = text.find(':', line);
        auto const name = std::string_view{text}.substr(line, colon - line);
        bool const is_secret =
            characters::iequals(name, "Proxy-Authorization") || characters::iequals(name, "Authorization");
        if (!is_secret) continue;
        auto const end = text.find("\r\n", line);
        auto const space = text.find(' ', colon + 2); // behind the scheme's name, if there is one
        auto const secret = space < end ? space : colon + 1;
        text.replace(secret, end - secret, " ***");
    }
    return text;
}

VIADUCT_DECL void client_handshake::erase_request() noexcept
{
    auto* const octets = static_cast<char volatile*>(request_.data()); // volatile: not optimised away
    for (std::size_t at = 0; at < request_.size(); ++at)
        octets[at] = 0;
    request_.clear();
}

VIADUCT_DECL action client_handshake::resume(error_code ec, std::size_t bytes_transferred)
{
    switch (phase_) {
    case phase::start:
        if (invalid_) return action::done(invalid_);
        phase_ = phase::writing;
        return action::write(request_);
    case phase::writing:
        if (ec) return action::done(ec);
        phase_ = phase::reading;
        return action::read(head_.prepare());
    case phase::reading: break;
    }
    if (!ec && bytes_transferred == 0) ec = errc::proxy_closed;
    return ec ? break_off(ec, head_.lines()) : on_octets(bytes_transferred);
}

VIADUCT_DECL action client_handshake::on_octets(std::size_t n)
{
    auto const state = head_.commit(n);
    if (head_.has_start_line()) { // what is not HTTP fails here, whatever follows and however it is cut
        error_code ec;
        line_ = parse_status_line(head_.start_line(), ec);
        if (ec) return break_off(ec, head_.opening());
    }
    if (state == head_state::failed) return break_off(head_.error(), head_.lines());
    return state == head_state::complete ? on_head() : action::read(head_.prepare());
}

/// Who looks for what is wrong wants to see what came; however it was cut, it is the same.
VIADUCT_DECL action client_handshake::break_off(error_code ec, std::string_view lines)
{
    reply_.heads += lines;
    return action::done(ec);
}

VIADUCT_DECL action client_handshake::on_head()
{
    reply_.heads += head_.received();
    if (!is_interim(line_.status)) return on_final_head();
    if (++reply_.interim > max_interim_) return action::done(errc::too_many_interim_responses);
    head_.restart();
    return action::read(head_.prepare());
}

VIADUCT_DECL action client_handshake::on_final_head()
{
    reply_.status = line_.status;
    reply_.minor_version = line_.minor_version;
    reply_.reason = line_.reason;
    reply_.fields = fields{head_.fields()};
    if (reply_.tunnel_open()) return action::done();
    return action::done(reply_.status == 407 ? judge_407()
                                             : refusal_error(reply_.status, reply_.fields.list()));
}

VIADUCT_DECL errc client_handshake::judge_407() const
{
    if (scheme_.empty()) return errc::proxy_auth_required;
    auto const offers = parse_challenges(reply_.fields.list(), "Proxy-Authenticate");
    bool const wanted =
        std::any_of(offers.begin(), offers.end(), [&](auto const& offer) { return offer.is(scheme_); });
    return wanted || offers.empty() ? errc::proxy_auth_rejected : errc::proxy_auth_unsupported;
}

} // namespace viaduct

#endif

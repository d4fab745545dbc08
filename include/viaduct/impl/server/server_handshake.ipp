#ifndef VIADUCT_IMPL_SERVER_SERVER_HANDSHAKE_IPP
#define VIADUCT_IMPL_SERVER_SERVER_HANDSHAKE_IPP

#include <viaduct/http/content_length.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/server_handshake.hpp>

#include <tuple>

namespace viaduct {
namespace detail {

/// `uri-host [":" port]`, loosely: its value decides nothing, so only what could fool somebody else is
/// refused.
[[nodiscard]] inline bool is_host_field(std::string_view value)
{
    return value.find_first_of(" \t/?#@\\<>\",") == std::string_view::npos;
}

[[nodiscard]] inline error_code check_host_field(field_list fields, int minor_version, bool required)
{
    auto const host = fields.find("Host");
    if (!host)
        return required && minor_version > 0 ? make_error_code(errc::host_field_missing) : error_code{};
    if (fields.count("Host") > 1) return errc::host_field_duplicate;
    return is_host_field(*host) ? error_code{} : make_error_code(errc::host_field_invalid);
}

/// A CONNECT has no content (RFC 9110 section 9.3.6); whoever announces some means to confuse a parser.
[[nodiscard]] inline error_code check_framing(field_list fields)
{
    if (fields.find("Transfer-Encoding")) return errc::transfer_coding_on_connect;
    if (fields.find("Content-Length") && content_length(fields) != 0u) return errc::content_on_connect;
    return {};
}

} // namespace detail

VIADUCT_DECL server_handshake::server_handshake(request_options const& options)
    : options_{options},
      head_{options.limits}
{
    request_.answered_by = options_.name;
}

VIADUCT_DECL action server_handshake::resume(error_code ec, std::size_t bytes_transferred)
{
    switch (phase_) {
    case phase::start: phase_ = phase::reading; return action::read(head_.prepare());
    case phase::refusing: phase_ = phase::refused; return action::write(refusal_);
    case phase::refused: return action::done(why_); // whether or not the answer got through
    case phase::reading: break;
    }
    if (ec) return action::done(ec);
    return bytes_transferred == 0 ? action::done(errc::client_closed_before_head)
                                  : on_octets(bytes_transferred);
}

VIADUCT_DECL action server_handshake::on_octets(std::size_t n)
{
    auto const state = head_.commit(n);
    if (head_.has_start_line() && request_.method.empty())
        if (auto ec = read_request_line())
            return refuse(ec); // no need to wait for the rest of what is not HTTP
    if (state == head_state::failed) return refuse(head_.error());
    if (state == head_state::need_more) return action::read(head_.prepare());
    request_.fields = fields{head_.fields()};
    if (auto ec = judge()) return refuse(ec);
    error_code ec;
    auto target = parse_authority(request_.target_text, ec);
    if (ec) return refuse(ec);
    request_.target = std::move(target);
    return action::done();
}

VIADUCT_DECL error_code server_handshake::read_request_line()
{
    error_code ec;
    auto const line = parse_request_line(head_.start_line(), ec);
    if (ec == errc::request_line_malformed) return ec;
    request_.method = line.method;
    request_.target_text = line.target;
    request_.minor_version = line.minor_version;
    return ec;
}

/// Judges everything but the target, the worst first.
VIADUCT_DECL error_code server_handshake::judge() const
{
    if (request_.method != "CONNECT") return errc::method_not_connect;
    auto const fields = request_.fields.list();
    if (auto ec = detail::check_framing(fields)) return ec;
    if (auto ec = detail::check_host_field(fields, request_.minor_version, options_.require_host)) return ec;
    if (fields.count("Proxy-Authorization") > 1) return errc::duplicate_proxy_authorization;
    return {};
}

VIADUCT_DECL action server_handshake::refuse(error_code why)
{
    why_ = why;
    auto answer = refusal_for(why);
    if (request_.method == "HEAD")
        answer.content.clear(); // an answer to it has none (RFC 9110 section 9.3.2)
    refusal_ = answer.text(options_.name);
    request_.answered_status = answer.status;
    request_.answer_size = refusal_.size();
    phase_ = phase::refused;
    return action::write(refusal_);
}

VIADUCT_DECL void server_handshake::expire()
{
    if (phase_ != phase::start && phase_ != phase::reading) return;
    std::ignore = refuse(errc::head_timeout);
    phase_ = phase::refusing;
}

} // namespace viaduct

#endif

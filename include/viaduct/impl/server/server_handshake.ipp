#ifndef VIADUCT_IMPL_SERVER_SERVER_HANDSHAKE_IPP
#define VIADUCT_IMPL_SERVER_SERVER_HANDSHAKE_IPP

#include <viaduct/http/characters.hpp>
#include <viaduct/http/content_length.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/server/server_handshake.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <tuple>

namespace viaduct {
namespace detail {

/// What would make a field of Host more than `uri-host [":" port]`. Its value decides nothing, so only what
/// could fool somebody else is refused.
inline constexpr characters::octet_set not_in_host{
    [](char c) { return std::string_view{" \t/?#@\\<>\","}.find(c) != std::string_view::npos; }};

/// What a CONNECT is judged by, of all its fields.
struct telling_fields
{
    explicit telling_fields(field_list fields)
    {
        for (auto const [name, value] : fields) {
            if (characters::iequals(name, "Host")) {
                ++hosts;
                host = value;
            } else if (characters::iequals(name, "Proxy-Authorization")) {
                ++credentials;
            } else if (characters::iequals(name, "Transfer-Encoding")) {
                transfer_coding = true;
            } else if (characters::iequals(name, "Content-Length")) {
                content_length = true;
            }
        }
    }

    std::string_view host{};
    std::size_t hosts = 0;
    std::size_t credentials = 0;
    bool transfer_coding = false;
    bool content_length = false;
};

[[nodiscard]] inline bool is_page_method(std::string_view method) noexcept
{
    return method == "GET" || method == "HEAD" || method == "DELETE";
}

/// A path and a query of visible ASCII; what they mean is for whoever has the pages.
[[nodiscard]] inline error_code check_page_target(std::string_view target)
{
    constexpr std::size_t longest = 2048;
    if (target.size() > longest) return errc::start_line_too_long;
    bool const valid =
        std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
    return valid ? error_code{} : make_error_code(errc::target_has_invalid_character);
}

[[nodiscard]] inline error_code check_host_field(telling_fields const& fields, bool required)
{
    if (fields.hosts == 0) return required ? make_error_code(errc::host_field_missing) : error_code{};
    if (fields.hosts > 1) return errc::host_field_duplicate;
    bool const valid =
        std::none_of(fields.host.begin(), fields.host.end(), [](char c) { return not_in_host.has(c); });
    return valid ? error_code{} : make_error_code(errc::host_field_invalid);
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
    request_.head_size = head_.received().size();
    if (head_.has_start_line() && request_.method.empty())
        if (auto ec = read_request_line())
            return refuse(ec); // no need to wait for the rest of what is not HTTP
    if (state == head_state::failed) return refuse(head_.error());
    if (state == head_state::need_more) return action::read(head_.prepare());
    request_.complete = true;
    request_.fields = fields{head_.fields()};
    if (auto ec = judge()) return refuse(ec);
    if (auto ec = read_target()) return refuse(ec);
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

/// What begins with a slash is no authority, so nothing that could be a CONNECT is taken for a page.
VIADUCT_DECL bool server_handshake::is_for_page() const noexcept
{
    return options_.kinds != request_kinds::tunnels && request_.method != "CONNECT" &&
           request_.target_text.starts_with('/');
}

VIADUCT_DECL error_code server_handshake::read_target()
{
    error_code ec;
    if (is_for_page()) {
        ec = detail::check_page_target(request_.target_text);
        request_.asks_for_page = !ec;
        return ec;
    }
    auto target = parse_authority(request_.target_text, ec);
    if (!ec) request_.target = std::move(target);
    return ec;
}

VIADUCT_DECL error_code server_handshake::judge_method() const
{
    auto const& method = request_.method;
    if (is_for_page())
        return detail::is_page_method(method) ? error_code{} : make_error_code(errc::method_not_allowed);
    if (options_.kinds == request_kinds::pages) return errc::method_not_allowed;
    return method == "CONNECT" ? error_code{} : make_error_code(errc::method_not_connect);
}

/// Judges everything but the target, the worst first.
VIADUCT_DECL error_code server_handshake::judge() const
{
    if (auto ec = judge_method()) return ec;
    auto const list = request_.fields.list();
    detail::telling_fields const fields{list};
    // A CONNECT has no content (RFC 9110 section 9.3.6), and what a page is asked for with has none either;
    // whoever announces some means to confuse a parser.
    if (fields.transfer_coding) return errc::transfer_coding_on_connect;
    if (fields.content_length && content_length(list) != 0u) return errc::content_on_connect;
    bool const required = options_.require_host && request_.minor_version > 0;
    if (auto ec = detail::check_host_field(fields, required)) return ec;
    if (fields.credentials > 1) return errc::duplicate_proxy_authorization;
    return {};
}

VIADUCT_DECL action server_handshake::refuse(error_code why)
{
    why_ = why;
    auto answer = refusal_for(why, options_.statuses);
    if (request_.method == "HEAD")
        answer.content.clear(); // an answer to it has none (RFC 9110 section 9.3.2)
    refusal_ = answer.text(options_.name);
    request_.answered_status = answer.status;
    request_.answer_size = refusal_.size();
    request_.answer_content = answer.content_length();
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

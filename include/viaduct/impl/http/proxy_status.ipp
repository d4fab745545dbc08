#ifndef VIADUCT_IMPL_HTTP_PROXY_STATUS_IPP
#define VIADUCT_IMPL_HTTP_PROXY_STATUS_IPP

#include <viaduct/http/proxy_status.hpp>
#include <viaduct/impl/http/cursor.hpp>

#include <algorithm>
#include <charconv>

namespace viaduct {
namespace detail {

/// A bare item of RFC 8941 section 3.3, kept as text: what it says, whichever type it has.
[[nodiscard]] inline std::optional<std::string> take_sf_item(cursor& at)
{
    if (at.at('"')) return at.take_quoted();
    if (at.skip(':')) { // a byte sequence; nothing here has a use for one
        auto const encoded = at.take_while([](char c) { return c != ':'; });
        if (!at.skip(':')) return std::nullopt;
        return std::string{encoded};
    }
    auto const text =
        at.take_while([](char c) { return characters::is_token(c) || c == ':' || c == '/' || c == '?'; });
    if (text.empty()) return std::nullopt;
    return std::string{text};
}

[[nodiscard]] inline unsigned to_status(std::string_view text)
{
    unsigned value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool const whole = error == std::errc{} && end == text.data() + text.size();
    return whole && value >= 100 && value <= 999 ? value : 0;
}

inline void set_param(proxy_status& into, std::string_view key, std::string value)
{
    if (key == "error")
        into.error = std::move(value);
    else if (key == "details")
        into.details = std::move(value);
    else if (key == "next-hop")
        into.next_hop = std::move(value);
    else if (key == "rcode")
        into.rcode = std::move(value);
    else if (key == "received-status")
        into.received_status = to_status(value);
}

/// `*( ";" SP key [ "=" item ] )`
[[nodiscard]] inline bool take_sf_params(cursor& at, proxy_status& into)
{
    while (at.skip(';')) {
        at.skip_blanks();
        auto const key = at.take_while([](char c) {
            return characters::is_alpha(c) || characters::is_digit(c) ||
                   std::string_view{"_-.*"}.find(c) != std::string_view::npos;
        });
        if (key.empty()) return false;
        if (!at.skip('=')) continue; // a bare key means true
        auto value = take_sf_item(at);
        if (!value) return false;
        set_param(into, key, std::move(*value));
    }
    return true;
}

/// A token where the text is one, a quoted string otherwise.
inline void append_sf_text(std::string& out, std::string_view text, bool may_be_token)
{
    auto const token_start = [](char c) { return characters::is_alpha(c) || c == '*'; };
    bool const token = may_be_token && characters::is_token(text) && token_start(text.front());
    if (token) {
        out += text;
        return;
    }
    out += '"';
    for (char const c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c >= 0x20 && c < 0x7f ? c : '?';
    }
    out += '"';
}

inline void append_sf_param(std::string& out, std::string_view key, std::string_view value, bool may_be_token)
{
    if (value.empty()) return;
    out.append("; ").append(key).append("=");
    append_sf_text(out, value, may_be_token);
}

} // namespace detail

VIADUCT_DECL std::string to_string(proxy_status const& status)
{
    std::string out;
    detail::append_sf_text(out, status.proxy, true);
    detail::append_sf_param(out, "error", status.error, true);
    detail::append_sf_param(out, "rcode", status.rcode, false);
    detail::append_sf_param(out, "details", status.details, false);
    detail::append_sf_param(out, "next-hop", status.next_hop, false);
    if (status.received_status != 0)
        out.append("; received-status=").append(std::to_string(status.received_status));
    return out;
}

VIADUCT_DECL std::vector<proxy_status> parse_proxy_status(std::string_view value)
{
    std::vector<proxy_status> result;
    detail::cursor at{value};
    at.skip_blanks();
    while (!at.at_end()) {
        proxy_status member;
        auto name = detail::take_sf_item(at);
        if (!name || !detail::take_sf_params(at, member)) return {};
        member.proxy = std::move(*name);
        result.push_back(std::move(member));
        at.skip_blanks();
        if (at.at_end()) break;
        if (!at.skip(',')) return {};
        at.skip_blanks();
        if (at.at_end()) return {}; // a trailing comma
    }
    return result;
}

VIADUCT_DECL std::vector<proxy_status> parse_proxy_status(field_list fields)
{
    // Lines of one list are joined by commas before they are read (RFC 8941 section 4.2).
    std::string joined;
    for (auto const field : fields)
        if (characters::iequals(field.name, "Proxy-Status"))
            joined.append(joined.empty() ? "" : ", ").append(field.value);
    return parse_proxy_status(joined);
}

} // namespace viaduct

#endif

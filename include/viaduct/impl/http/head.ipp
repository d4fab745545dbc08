#ifndef VIADUCT_IMPL_HTTP_HEAD_IPP
#define VIADUCT_IMPL_HTTP_HEAD_IPP

#include <viaduct/http/characters.hpp>
#include <viaduct/http/head.hpp>

#include <algorithm>

namespace viaduct {

VIADUCT_DECL head_state head_parser::fail(errc e) noexcept
{
    error_ = make_error_code(e);
    return state_ = head_state::failed;
}

VIADUCT_DECL head_state head_parser::parse(std::string_view received)
{
    while (state_ == head_state::need_more) {
        auto const lf = received.find('\n', scanned_);
        bool const partial = lf == std::string_view::npos;
        auto const line_end = partial ? received.size() : lf + 1;
        auto const from = counted_from(received);
        auto const reach = from + std::min(limits_.line, limits_.head - from);
        // What lies behind a limit is not looked at: the error must not depend on how much arrives at once.
        if (!check_octets(received, std::min(partial ? line_end : lf, reach))) break;
        if (line_end > reach) {
            fail_size(from);
            break;
        }
        scanned_ = line_end;
        if (partial) break;
        if (!end_line(received.substr(line_start_, line_end - line_start_))) break;
        line_start_ = line_end;
    }
    return state_;
}

/// Checks the octets of the current line that have not been seen yet, up to its LF or to what has arrived.
VIADUCT_DECL bool head_parser::check_octets(std::string_view received, std::size_t end)
{
    if (scanned_ > line_start_ && end > scanned_ && received[scanned_ - 1] == '\r') {
        fail(errc::bare_cr); // it was the last octet of an earlier call, and no LF follows
        return false;
    }
    for (auto at = scanned_; at < end; ++at) {
        if (!characters::is_forbidden_control(received[at])) continue;
        bool const before_lf = at + 1 == end;
        if (received[at] == '\r' && before_lf) continue;
        fail(received[at] == '\r' ? errc::bare_cr : errc::invalid_character_in_head);
        return false;
    }
    return true;
}

/// Where the current line begins, for its limit: a fold counts with the line that it continues.
VIADUCT_DECL std::size_t head_parser::counted_from(std::string_view received) const
{
    bool const fold =
        has_start_line() && line_start_ < received.size() && characters::is_blank(received[line_start_]);
    return fold ? folded_from_ : line_start_; // within the limit of the head, which earlier lines have kept
}

/// Tells which limit the line that counts from there has reached first.
VIADUCT_DECL void head_parser::fail_size(std::size_t from)
{
    if (limits_.line > limits_.head - from)
        fail(errc::head_too_large);
    else
        fail(has_start_line() ? errc::field_line_too_long : errc::start_line_too_long);
}

/// Takes a whole line, with its LF.
VIADUCT_DECL bool head_parser::end_line(std::string_view line)
{
    bool const crlf = line.ends_with("\r\n");
    if (!crlf && !syntax_.bare_lf) {
        fail(errc::bare_lf);
        return false;
    }
    auto const end = line_start_ + line.size();
    bool const empty = line.size() == (crlf ? 2u : 1u);
    if (!has_start_line()) {
        if (empty && line_start_ == 0) {
            first_line_ = end;
            return true;
        }
        fields_start_ = folded_from_ = end;
        return true; // a second empty line becomes an empty start line, which no parser of start lines takes
    }
    if (empty) {
        state_ = head_state::complete;
        return true;
    }
    return end_field_line(line);
}

VIADUCT_DECL bool head_parser::end_field_line(std::string_view line)
{
    if (characters::is_blank(line.front())) {
        // There must be a line to fold onto: white space right behind the start line is an attack (RFC
        // 9112 2.2).
        if (syntax_.folding && field_count_ > 0) return true;
        fail(errc::line_folded);
        return false;
    }
    folded_from_ = line_start_;
    auto const colon = line.find(':');
    if (colon == std::string_view::npos)
        fail(errc::field_without_colon);
    else if (!is_field_name(line.substr(0, colon)))
        fail(errc::field_name_invalid);
    else if (++field_count_ > limits_.fields)
        fail(errc::too_many_fields);
    return state_ != head_state::failed;
}

VIADUCT_DECL std::string_view head_parser::start_line(std::string_view received) const
{
    auto line = received.substr(first_line_, fields_start_ - first_line_);
    return detail::without_line_ending(line);
}

VIADUCT_DECL field_list head_parser::fields(std::string_view received) const
{
    auto block = received.substr(fields_start_, line_start_ - fields_start_);
    block.remove_suffix(block.ends_with("\r\n") ? 2 : 1); // the empty line
    return field_list{block};
}

namespace detail {

/// Reads `HTTP/1.0` or `HTTP/1.1`; any other digits are a version we do not speak, anything else is no
/// version.
[[nodiscard]] inline int parse_version(std::string_view text, errc malformed, error_code& ec)
{
    bool const shape = text.size() == 8 && text.starts_with("HTTP/") && characters::is_digit(text[5]) &&
                       text[6] == '.' && characters::is_digit(text[7]);
    if (!shape)
        ec = malformed;
    else if (text[5] != '1' || text[7] > '1')
        ec = errc::version_unsupported;
    return shape && text[7] == '0' ? 0 : 1;
}

} // namespace detail

VIADUCT_DECL request_line parse_request_line(std::string_view line, error_code& ec)
{
    request_line result;
    ec = {};
    auto const first = line.find(' ');
    auto const last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        ec = errc::request_line_malformed;
        return result;
    }
    result.method = line.substr(0, first);
    result.target = line.substr(first + 1, last - first - 1);
    bool const bad_target = result.target.empty() ||
                            std::any_of(result.target.begin(), result.target.end(), characters::is_blank);
    if (!characters::is_token(result.method) || bad_target)
        ec = errc::request_line_malformed;
    else
        result.minor_version = detail::parse_version(line.substr(last + 1), errc::request_line_malformed, ec);
    return result;
}

VIADUCT_DECL status_line parse_status_line(std::string_view line, error_code& ec)
{
    status_line result;
    ec = {};
    result.minor_version = detail::parse_version(line.substr(0, 8), errc::status_line_malformed, ec);
    if (ec) return result;
    auto const code = line.substr(std::min<std::size_t>(line.size(), 9), 3);
    bool const digits = code.size() == 3 && std::all_of(code.begin(), code.end(), characters::is_digit);
    bool const delimited = digits && line[8] == ' ' && (line.size() == 12 || line[12] == ' ');
    if (!delimited || code[0] == '0') {
        ec = errc::status_line_malformed;
        return result;
    }
    result.status = static_cast<unsigned>((code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0'));
    if (line.size() > 13) result.reason = line.substr(13);
    return result;
}

} // namespace viaduct

#endif

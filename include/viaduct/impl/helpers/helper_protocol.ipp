#ifndef VIADUCT_IMPL_HELPERS_HELPER_PROTOCOL_IPP
#define VIADUCT_IMPL_HELPERS_HELPER_PROTOCOL_IPP

#include <viaduct/helpers/helper_protocol.hpp>
#include <viaduct/http/characters.hpp>

#include <algorithm>

namespace viaduct {
namespace detail {

/// What could be taken for a blank, a quote, an escape or the end of a line.
inline constexpr characters::octet_set escaped_for_helpers{[](char c) {
    auto const octet = static_cast<unsigned char>(c);
    return octet <= 0x20 || octet >= 0x7f ||
           std::string_view{"\"#%'<>[\\]^`{|}~"}.find(c) != std::string_view::npos;
}};

inline constexpr characters::octet_set helper_key_octets{
    [](char c) { return characters::is_digit(c) || characters::is_alpha(c) || c == '-' || c == '_'; }};

[[nodiscard]] inline bool has_line_breaker(std::string_view text) noexcept
{
    return std::any_of(text.begin(), text.end(), characters::is_forbidden_control);
}

[[nodiscard]] inline unsigned helper_hex(char c) noexcept
{
    return static_cast<unsigned>(characters::is_digit(c) ? c - '0' : characters::to_lower(c) - 'a' + 10);
}

/// What is left of a reply's line.
class helper_reply_reader
{
public:
    explicit helper_reply_reader(std::string_view line) : rest_{line} {}

    [[nodiscard]] std::string_view rest() const noexcept { return characters::trim(rest_); }

    /// The next octets up to a blank.
    [[nodiscard]] std::string_view word()
    {
        rest_ = characters::trim(rest_);
        auto const word = rest_.substr(0, rest_.find_first_of(" \t"));
        rest_.remove_prefix(word.size());
        return word;
    }

    /// Takes `key=value` if that is what comes next.
    [[nodiscard]] bool annotation(helper_reply& reply, error_code& ec)
    {
        auto const here = characters::trim(rest_);
        auto const* const end =
            std::find_if_not(here.begin(), here.end(), [](char c) { return helper_key_octets.has(c); });
        auto const size = static_cast<std::size_t>(end - here.begin());
        if (size == 0 || size == here.size() || here[size] != '=') return false;
        rest_ = here.substr(size + 1);
        auto value = rest_.starts_with('"') ? quoted(ec) : unescape_helper_word(word_here());
        reply.annotations.emplace_back(here.substr(0, size), std::move(value));
        return !ec;
    }

private:
    /// Up to a blank; a value may be empty, so none is skipped.
    [[nodiscard]] std::string_view word_here()
    {
        return rest_.starts_with(' ') || rest_.starts_with('\t') ? std::string_view{} : word();
    }

    [[nodiscard]] std::string quoted(error_code& ec)
    {
        std::string value;
        for (std::size_t at = 1; at < rest_.size(); ++at) {
            char const c = rest_[at];
            if (c == '"') return rest_.remove_prefix(at + 1), value;
            bool const escape = c == '\\' && at + 1 < rest_.size();
            value += escape ? unescaped(rest_[++at]) : c;
        }
        ec = errc::helper_reply_malformed;
        return {};
    }

    [[nodiscard]] static char unescaped(char c) noexcept
    {
        if (c == 'r') return '\r';
        return c == 'n' ? '\n' : c;
    }

    std::string_view rest_;
};

/// The result that a word stands for.
[[nodiscard]] inline helper_result helper_result_of(std::string_view word) noexcept
{
    if (word == "OK" || word == "AF") return helper_result::ok;
    if (word == "ERR" || word == "NA") return helper_result::error;
    if (word == "BH") return helper_result::broken;
    return word == "TT" ? helper_result::challenge : helper_result::other;
}

/// Whether no annotation but a token or a user follows on `TT` or `AF`: base64 may end with `=`, too.
[[nodiscard]] inline bool is_old_form(std::string_view rest) noexcept
{
    auto const first = rest.substr(0, rest.find_first_of(" \t"));
    auto const equals = first.find('=');
    return equals == std::string_view::npos || first.find_first_not_of('=', equals) == std::string_view::npos;
}

/// Reads `TT token`, `AF token user` and `AF user`, as they were before there were keys.
inline void read_old_form(std::string_view what, helper_reply_reader& reader, helper_reply& reply,
                          error_code& ec)
{
    auto const first = std::string{reader.word()};
    auto const second = std::string{reader.rest()}; // a user of Windows may have blanks in its name
    if (first.empty()) return void(ec = errc::helper_reply_malformed);
    bool const token_first = what == "TT" || !second.empty();
    if (token_first) reply.annotations.emplace_back("token", first);
    if (what == "AF") reply.annotations.emplace_back("user", token_first ? second : first);
}

} // namespace detail

VIADUCT_DECL std::string escape_helper_word(std::string_view octets)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string word;
    word.reserve(octets.size());
    for (char const c : octets) {
        auto const octet = static_cast<unsigned char>(c);
        if (detail::escaped_for_helpers.has(c))
            word.append({'%', digits[octet >> 4U], digits[octet & 0xfU]});
        else
            word += c;
    }
    return word;
}

VIADUCT_DECL std::string unescape_helper_word(std::string_view word)
{
    std::string octets;
    octets.reserve(word.size());
    for (std::size_t at = 0; at < word.size(); ++at) {
        bool const escape = word[at] == '%' && at + 2 < word.size() && characters::is_hex(word[at + 1]) &&
                            characters::is_hex(word[at + 2]) && word.substr(at + 1, 2) != "00";
        if (!escape) {
            octets += word[at];
            continue;
        }
        octets +=
            static_cast<char>(detail::helper_hex(word[at + 1]) << 4U | detail::helper_hex(word[at + 2]));
        at += 2;
    }
    return octets;
}

VIADUCT_DECL std::optional<std::string> quote_helper_word(std::string_view text)
{
    if (detail::has_line_breaker(text)) return std::nullopt;
    std::string quoted{'"'};
    for (char const c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted += '"';
}

VIADUCT_DECL bool is_helper_request(std::string_view request) noexcept
{
    return request.size() <= max_helper_line && !detail::has_line_breaker(request);
}

VIADUCT_DECL std::optional<std::string_view> helper_reply::find(std::string_view key) const
{
    auto const at = std::find_if(annotations.begin(), annotations.end(),
                                 [key](auto const& each) { return each.first == key; });
    return at == annotations.end() ? std::nullopt : std::optional<std::string_view>{at->second};
}

VIADUCT_DECL std::string_view helper_reply::message() const
{
    return find("message").value_or(text);
}

VIADUCT_DECL helper_reply parse_helper_reply(std::string_view line, error_code& ec)
{
    ec = {};
    helper_reply reply;
    if (!is_helper_request(line)) return ec = errc::helper_reply_malformed, helper_reply{};
    detail::helper_reply_reader reader{line};
    auto const what = reader.word();
    reply.result = detail::helper_result_of(what);
    if (reply.result == helper_result::other) return reply.text = characters::trim(line), reply;

    bool const old_form = (what == "TT" || what == "AF") && detail::is_old_form(reader.rest());
    if (old_form) detail::read_old_form(what, reader, reply, ec);
    while (!old_form && reader.annotation(reply, ec)) {
        if (reply.annotations.size() > max_helper_annotations) ec = errc::helper_reply_malformed;
        if (ec) break;
    }
    if (!ec && what == "TT" && !reply.find("token")) ec = errc::helper_reply_malformed;
    if (ec) return {};
    if (!old_form) reply.text = reader.rest();
    return reply;
}

VIADUCT_DECL std::optional<std::uint32_t> take_helper_channel(std::string_view& line) noexcept
{
    std::uint32_t channel = 0;
    std::size_t size = 0;
    for (; size < line.size() && characters::is_digit(line[size]); ++size) {
        if (size == 9) return std::nullopt; // more than any channel has, and less than overflows
        channel = channel * 10 + static_cast<std::uint32_t>(line[size] - '0');
    }
    if (size == 0 || (size < line.size() && !characters::is_blank(line[size]))) return std::nullopt;
    line = characters::trim(line.substr(size));
    return channel;
}

VIADUCT_DECL error_code helper_lines::feed(std::string_view octets)
{
    octets_.erase(0, taken_);
    taken_ = 0;
    octets_ += octets;
    auto const first_end = octets_.find('\n');
    // With its CR. Lines behind the first one lie within one read, and the reader's buffer bounds that.
    bool const too_long = std::min(first_end, octets_.size()) > max_helper_line + 1;
    return too_long ? make_error_code(errc::helper_reply_malformed) : error_code{};
}

VIADUCT_DECL std::optional<std::string_view> helper_lines::next()
{
    auto const end = octets_.find('\n', taken_);
    if (end == std::string::npos) return std::nullopt;
    auto line = std::string_view{octets_}.substr(taken_, end - taken_);
    taken_ = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_CLIENT_PROXY_LIST_IPP
#define VIADUCT_IMPL_CLIENT_PROXY_LIST_IPP

#include <viaduct/client/proxy_list.hpp>
#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace viaduct {
namespace detail {

inline constexpr std::string_view list_separators = ", \t\r\n";
inline constexpr std::string_view list_blanks = " \t\r\n";
inline constexpr std::string_view list_arrow = "->";

inline void skip(std::string_view& text, std::string_view octets)
{
    text.remove_prefix(std::min(text.find_first_not_of(octets), text.size()));
}

/// What stands before the next separator or arrow.
[[nodiscard]] inline std::string_view list_word(std::string_view text)
{
    return text.substr(0, std::min(text.find_first_of(list_separators), text.find(list_arrow)));
}

/// What may be shown of the word that `text` begins with: nothing of a user name or a password.
/** A raw separator in a password ends the word early; so the `@` is looked for up to the next URL. */
[[nodiscard]] inline std::string_view without_userinfo(std::string_view text, std::string_view word)
{
    text = text.substr(0, text.find("://", word.size()));
    auto const at = text.rfind('@');
    return at == std::string_view::npos ? word : list_word(text.substr(at + 1));
}

/// Takes a list of URLs apart; the first error ends it.
class url_list_reader
{
public:
    url_list_reader(std::string_view text, error_code& ec, std::string_view& offender)
        : rest_{text},
          ec_{ec},
          offender_{offender}
    {}

    [[nodiscard]] proxy_list read()
    {
        proxy_list ways;
        ec_ = {};
        offender_ = {};
        for (skip(rest_, list_separators); !rest_.empty() && !ec_; skip(rest_, list_separators))
            ways.push_back(read_route());
        if (ways.empty()) ec_ = errc::proxy_list_invalid;
        return ec_ ? proxy_list{} : std::move(ways);
    }

private:
    [[nodiscard]] proxy_route read_route()
    {
        proxy_route route;
        direct_ = {};
        arrow_ = rest_.substr(0, list_arrow.size()); // if a way begins with one
        do
            read_url(route);
        while (!ec_ && take_arrow());
        if (direct_.empty() || ec_) return route;
        if (route.size() > 1) fail(errc::proxy_list_invalid, direct_);
        return {};
    }

    void read_url(proxy_route& into)
    {
        auto const word = list_word(rest_);
        if (word.empty()) return fail(errc::proxy_list_invalid, arrow_);
        auto const shown = without_userinfo(rest_, word);
        bool const half = word.find('@') != word.npos && word.find("://") == word.npos;
        if (half) return fail(errc::proxy_url_invalid, shown); // the end of a password that was cut, perhaps
        auto url = parse_proxy_url(word, 0, ec_);
        if (ec_) return fail(ec_, shown);
        if (url->is_direct()) direct_ = word;
        into.push_back(std::move(*url));
        rest_.remove_prefix(word.size());
    }

    /// Takes an arrow with the blanks around it, if there is one.
    [[nodiscard]] bool take_arrow()
    {
        auto behind = rest_;
        skip(behind, list_blanks);
        if (!behind.starts_with(list_arrow)) return false;
        arrow_ = behind.substr(0, list_arrow.size());
        rest_ = behind.substr(list_arrow.size());
        skip(rest_, list_blanks);
        return true;
    }

    void fail(error_code ec, std::string_view offender)
    {
        ec_ = ec;
        offender_ = offender;
    }

    std::string_view rest_;
    std::string_view arrow_;  // the last one of this way
    std::string_view direct_; // the word, if this way has it
    error_code& ec_;
    std::string_view& offender_;
};

struct pac_word
{
    std::string_view text;
    proxy_scheme scheme;
};

inline constexpr std::array<pac_word, 7> pac_words{{{"PROXY", proxy_scheme::http},
                                                    {"HTTP", proxy_scheme::http},
                                                    {"HTTPS", proxy_scheme::https},
                                                    {"SOCKS5", proxy_scheme::socks5h},
                                                    {"SOCKS", proxy_scheme::socks4},
                                                    {"SOCKS4", proxy_scheme::socks4},
                                                    {"DIRECT", proxy_scheme::direct}}};

/// Reads one member; nothing only on an error.
[[nodiscard]] inline std::optional<proxy_url> parse_pac_member(std::string_view member, error_code& ec)
{
    auto const end = std::min(member.find_first_of(list_blanks), member.size());
    auto const host = characters::trim(member.substr(end));
    auto const word = std::find_if(pac_words.begin(), pac_words.end(), [&](pac_word const& known) {
        return characters::iequals(known.text, member.substr(0, end));
    });
    bool const direct = word != pac_words.end() && word->scheme == proxy_scheme::direct;
    if (word == pac_words.end() || host.empty() != direct) ec = errc::proxy_list_invalid;
    if (host.find('@') != std::string_view::npos) ec = errc::target_has_userinfo;
    if (ec) return std::nullopt;
    return parse_proxy_url(std::string{name_of(word->scheme)}.append("://").append(host), 0, ec);
}

/// Cuts the next member off; blanks around it do not belong to it.
[[nodiscard]] inline std::string_view take_pac_member(std::string_view& text)
{
    auto member = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(member.size() + 1, text.size()));
    skip(member, list_blanks);
    return member.substr(0, member.find_last_not_of(list_blanks) + 1);
}

/// The error of a list with the part at fault in front of it.
[[nodiscard]] inline system_error list_error(error_code ec, char const* what, std::string_view offender)
{
    std::string text{what};
    if (!offender.empty()) text.append(": '").append(offender).append("'");
    return system_error(ec, text);
}

} // namespace detail

VIADUCT_DECL proxy_list parse_proxy_list(std::string_view text, error_code& ec, std::string_view& offender)
{
    return detail::url_list_reader{text, ec, offender}.read();
}

VIADUCT_DECL proxy_list parse_proxy_list(std::string_view text, error_code& ec)
{
    std::string_view ignored;
    return parse_proxy_list(text, ec, ignored);
}

VIADUCT_DECL proxy_list parse_proxy_list(std::string_view text)
{
    error_code ec;
    std::string_view offender;
    auto ways = parse_proxy_list(text, ec, offender);
    if (ec) throw detail::list_error(ec, "parse_proxy_list", offender);
    return ways;
}

VIADUCT_DECL proxy_list parse_pac_result(std::string_view text, error_code& ec, std::string_view& offender)
{
    proxy_list ways;
    ec = {};
    while (!text.empty()) {
        offender = detail::take_pac_member(text);
        if (offender.empty()) continue;
        auto const url = detail::parse_pac_member(offender, ec);
        if (ec) {
            offender.remove_prefix(offender.rfind('@') + 1); // the rest is nobody's business
            return {};
        }
        ways.push_back(url->is_direct() ? proxy_route{} : proxy_route{*url});
    }
    offender = {};
    if (ways.empty()) ec = errc::proxy_list_invalid;
    return ways;
}

VIADUCT_DECL proxy_list parse_pac_result(std::string_view text, error_code& ec)
{
    std::string_view ignored;
    return parse_pac_result(text, ec, ignored);
}

VIADUCT_DECL proxy_list parse_pac_result(std::string_view text)
{
    error_code ec;
    std::string_view offender;
    auto ways = parse_pac_result(text, ec, offender);
    if (ec) throw detail::list_error(ec, "parse_pac_result", offender);
    return ways;
}

VIADUCT_DECL std::string to_text(proxy_route const& route)
{
    std::string text;
    for (auto const& url : route)
        text.append(text.empty() ? "" : " -> ").append(to_text(url));
    return text.empty() ? "direct" : text;
}

VIADUCT_DECL std::string to_text(proxy_list const& ways)
{
    std::string text;
    for (auto const& route : ways)
        text.append(text.empty() ? "" : ", ").append(to_text(route));
    return text;
}

} // namespace viaduct

#endif

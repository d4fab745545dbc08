#include "parent_values.hpp"

#include "parent_setting.hpp"
#include "words.hpp"
#include <viaduct/client/proxy_url.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace viaduct_proxy {
namespace {

/// The value as a message may show it: without who asks.
[[nodiscard]] typed without_credentials(typed const& what)
{
    auto const& value = what.value;
    auto const at = value.rfind('@');
    if (at == std::string::npos) return what;
    auto const scheme = value.find("://");
    auto const begin = scheme < at ? scheme + 3 : 0;
    return with_value(what, value.substr(0, begin) + "..." + value.substr(at));
}

[[nodiscard]] viaduct::proxy_url to_url(typed const& shown, std::string_view text)
{
    viaduct::error_code ec;
    auto const url = viaduct::parse_proxy_url(text, 0, ec);
    if (ec || !url) reject(shown, ec.message() + "; write http://HOST:PORT or https://HOST:PORT");
    bool const fits =
        url->scheme == viaduct::proxy_scheme::http || url->scheme == viaduct::proxy_scheme::https;
    if (!fits) reject(shown, "a parent is asked by http:// or https://");
    return *url;
}

} // namespace

typed_parent read_parent(typed const& what)
{
    auto const shown = without_credentials(what);
    if (std::count(what.value.begin(), what.value.end(), '"') % 2 != 0)
        reject(shown, "a double quote is not closed");
    auto const words = split_plain(what);
    if (words.empty()) reject(what, std::string{"write "} + cache_peer_syntax);
    typed_parent made{shown, viaduct::parent{to_url(shown, words.front())}};
    for (std::size_t i = 1; i < words.size(); ++i)
        if (!read_parent_setting(words[i], made))
            reject(shown, "'" + words[i] +
                              "' is none of name=, weight=, max-conn=, connect-fail-limit=, round-robin, "
                              "weighted-round-robin, sourcehash, userhash, carp, default");
    return made;
}

} // namespace viaduct_proxy

#include "parent_values.hpp"

#include "words.hpp"
#include <viaduct/client/proxy_url.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace viaduct_proxy {
namespace {

constexpr char flag[] = "--cache-peer";

/// The value as a message may show it: without who asks.
[[nodiscard]] std::string shown(std::string const& value)
{
    auto const at = value.rfind('@');
    if (at == std::string::npos) return value;
    auto const scheme = value.find("://");
    auto const begin = scheme < at ? scheme + 3 : 0;
    return value.substr(0, begin) + "..." + value.substr(at);
}

[[nodiscard]] std::optional<viaduct::parent_choice> to_choice(std::string_view text)
{
    static std::map<std::string_view, viaduct::parent_choice> const known{
        {"round-robin", viaduct::parent_choice::round_robin},
        {"weighted-round-robin", viaduct::parent_choice::weighted_round_robin},
        {"sourcehash", viaduct::parent_choice::source_hash},
        {"userhash", viaduct::parent_choice::user_hash},
        {"carp", viaduct::parent_choice::destination_hash},
        {"default", viaduct::parent_choice::last_resort}};
    auto const found = known.find(text);
    return found == known.end() ? std::nullopt : std::optional{found->second};
}

[[nodiscard]] viaduct::proxy_url to_url(std::string const& value, std::string_view text)
{
    viaduct::error_code ec;
    auto const url = viaduct::parse_proxy_url(text, 0, ec);
    if (ec || !url)
        reject(flag, shown(value), ec.message() + "; write http://HOST:PORT or https://HOST:PORT");
    bool const fits =
        url->scheme == viaduct::proxy_scheme::http || url->scheme == viaduct::proxy_scheme::https;
    if (!fits) reject(flag, shown(value), "a parent is asked by http:// or https://");
    return *url;
}

void read_setting(std::string const& value, std::string_view key, std::string_view text, viaduct::parent& to)
{
    auto const number = [&] { return to_count(flag, shown(value), text, 1'000'000); };
    if (key == "name")
        to.name = text;
    else if (key == "weight")
        to.weight = static_cast<unsigned>(number());
    else if (key == "max-conn")
        to.max_connections = number();
    else if (key == "connect-fail-limit")
        to.connect_fail_limit = static_cast<unsigned>(number());
    else
        reject(flag, shown(value),
               "'" + std::string{key} + "' is none of name, weight, max-conn, connect-fail-limit");
}

} // namespace

viaduct::parent to_parent(std::string const& value)
{
    if (std::count(value.begin(), value.end(), '"') % 2 != 0)
        reject(flag, shown(value), "a double quote is not closed");
    auto const words = split_plain(flag, value);
    if (words.empty()) reject(flag, value, std::string{"write "} + cache_peer_syntax);
    viaduct::parent made{to_url(value, words.front())};
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (auto const setting = as_setting(words[i]))
            read_setting(value, setting->first, setting->second, made);
        else if (auto const choice = to_choice(words[i]))
            made.choice = *choice;
        else
            reject(flag, shown(value),
                   "'" + words[i] +
                       "' is none of round-robin, weighted-round-robin, sourcehash, userhash, carp, default");
    }
    return made;
}

} // namespace viaduct_proxy

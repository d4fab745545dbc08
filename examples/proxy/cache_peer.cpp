// `cache_peer` of squid.conf: HOST TYPE HTTP-PORT ICP-PORT [OPTION]...

#include "parent_setting.hpp"
#include "parent_values.hpp"
#include "say.hpp"
#include "words.hpp"
#include <viaduct/client/proxy_url.hpp>
#include <viaduct/http/characters.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct_proxy {
namespace {

struct tls_option
{
    std::string_view name;
    std::string parent_tls::*target;
};

constexpr std::array<tls_option, 13> tls_options{{{"tls-cafile", &parent_tls::ca},
                                                  {"sslcafile", &parent_tls::ca},
                                                  {"sslcapath", &parent_tls::ca_path},
                                                  {"tls-capath", &parent_tls::ca_path},
                                                  {"tls-cert", &parent_tls::certificate},
                                                  {"sslcert", &parent_tls::certificate},
                                                  {"tls-key", &parent_tls::key},
                                                  {"sslkey", &parent_tls::key},
                                                  {"tls-cipher", &parent_tls::ciphers},
                                                  {"sslcipher", &parent_tls::ciphers},
                                                  {"tls-domain", &parent_tls::verify_host},
                                                  {"ssldomain", &parent_tls::verify_host},
                                                  {"tls-min-version", &parent_tls::min_version}}};

/// What concerns caches and their protocols only, or is so in any case.
constexpr std::array<std::string_view, 24> idle_options{
    "no-query",     "background-ping",     "closest-only",
    "no-digest",    "no-netdb-exchange",   "proxy-only",
    "allow-miss",   "no-tproxy",           "htcp",
    "digest-url",   "multicast-responder", "ttl",
    "basetime",     "digest-max",          "standby",
    "no-delay",     "connection-auth",     "auth-no-keytab",
    "forceddomain", "tls-default-ca",      "monitorurl",
    "monitorsize",  "monitorinterval",     "monitortimeout"};

/// Whether what a word says may be a password: `login=` in any case, and what looks like USER:PASSWORD.
[[nodiscard]] bool is_secret(std::string_view word)
{
    constexpr std::string_view login = "login=";
    return word.find(':') != word.npos || viaduct::characters::iequals(word.substr(0, login.size()), login);
}

/// The line as a message may show it: without passwords.
[[nodiscard]] typed without_login(typed const& what, std::vector<std::string> const& words)
{
    std::string shown;
    for (std::size_t i = 0; i < words.size(); ++i) {
        auto const& word = words[i];
        auto const kept = i > 0 && is_secret(word) ? word.substr(0, word.find('=') + 1) + "..." : word;
        shown += (shown.empty() ? "" : " ") + kept;
    }
    return with_value(what, shown);
}

/// What stands behind `login=`, `user:password` with %XX in it as in a URL; empty if nothing does.
[[nodiscard]] std::string_view find_login(typed const& shown, std::vector<std::string> const& words)
{
    constexpr std::string_view option = "login=";
    auto const found =
        std::find_if(words.begin(), words.end(), [&](auto const& each) { return each.starts_with(option); });
    if (found == words.end()) return {};
    auto const value = std::string_view{*found}.substr(option.size());
    bool const passes_on =
        value == "PASS" || value == "PASSTHRU" || value.starts_with("*:") || value.starts_with("NEGOTIATE:");
    if (passes_on)
        reject(shown, "credentials of clients are never passed on, and a ticket is the process's own: write "
                      "login=USER:PASSWORD or login=NEGOTIATE");
    return value;
}

[[nodiscard]] viaduct::proxy_url to_url(typed const& shown, std::vector<std::string> const& words,
                                        std::string_view login)
{
    auto const port = to_port(words[2]);
    if (!port || *port == 0) reject(shown, "'" + words[2] + "' is no port");
    bool const is_v6 = words[0].find(':') != std::string::npos && !words[0].starts_with('[');
    auto const host = is_v6 ? '[' + words[0] + ']' : words[0];
    bool const has_user = !login.empty() && login != "NEGOTIATE";
    viaduct::error_code ec;
    auto const url = viaduct::parse_proxy_url(
        fmt::format("http://{}{}{}:{}", has_user ? login : "", has_user ? "@" : "", host, *port), 0, ec);
    if (ec || !url) reject(shown, ec ? ec.message() : "'" + words[0] + "' is no host");
    return *url;
}

/// `sslflags=`: what is so in any case, and nothing that would have to be done.
void read_flags(typed_parent& to, std::string_view value)
{
    if (value.find("DONT_VERIFY") != value.npos)
        reject(to.what, "a parent whose certificate nobody checks can be anybody: name who signs it with "
                        "tls-cafile=");
    while (!value.empty()) {
        auto const flag = value.substr(0, value.find_first_of(",:"));
        value.remove_prefix(std::min(flag.size() + 1, value.size()));
        if (flag != "NO_DEFAULT_CA" && flag != "NO_SESSION_REUSE")
            reject(to.what, fmt::format("'{}' is no flag of ours; there are NO_DEFAULT_CA and "
                                        "NO_SESSION_REUSE",
                                        flag));
    }
}

[[nodiscard]] bool is_idle(std::string_view name)
{
    return std::find(idle_options.begin(), idle_options.end(), name) != idle_options.end();
}

/// As in Squid any word about TLS asks for it: without it, what was to be kept secret would be readable.
[[nodiscard]] bool is_about_tls(std::string_view name)
{
    return name.starts_with("tls") || name.starts_with("ssl");
}

void check_min_version(typed const& what, std::string_view value)
{
    constexpr std::array<std::string_view, 4> known{"1.0", "1.1", "1.2", "1.3"}; // 1.2 is the least here
    if (std::find(known.begin(), known.end(), value) == known.end())
        reject(what, fmt::format("'{}': write tls-min-version=1.2 or tls-min-version=1.3", value));
}

void read_option(typed_parent& to, std::string_view word)
{
    if (read_parent_setting(word, to)) return;
    auto const parts = as_setting(word);
    auto const name = parts ? parts->first : word;
    auto const value = parts ? parts->second : std::string_view{};
    if (is_about_tls(name)) to.parent.url.scheme = viaduct::proxy_scheme::https;
    if (name == "ssl" || name == "tls") return;
    if (name == "tls-min-version") check_min_version(to.what, value);
    auto const tls = std::find_if(tls_options.begin(), tls_options.end(),
                                  [&](auto const& each) { return each.name == name; });
    if (tls != tls_options.end()) {
        if (!to.tls) to.tls.emplace();
        *to.tls.*tls->target = value;
    } else if (name == "sslflags" || name == "tls-flags")
        read_flags(to, value);
    else if (name == "originserver")
        reject(to.what, "'originserver': a parent of tunnels is a proxy, no server: leave the line out");
    else if (name == "connect-timeout")
        tell(
            fmt::format("{}: 'connect-timeout' is that of connect_timeout for all parents", to.what.where()));
    else if (name == "tls-options" || name == "ssloptions")
        tell(fmt::format("{}: '{}' is of no use here, ignored: see tls-min-version=", to.what.where(), name));
    else if (!is_idle(name))
        reject(to.what, fmt::format("'{}' is no option of a parent; {}see docs/guide/squid-conf.md", name,
                                    guess(name, {"name", "weight", "max-conn", "connect-fail-limit", "login",
                                                 "round-robin", "default", "tls", "tls-cafile"})));
}

} // namespace

std::optional<typed_parent> read_cache_peer(typed const& what)
{
    auto const words = split_plain(what);
    auto const shown = without_login(what, words);
    if (words.size() < 4) reject(shown, "write HOST parent PORT 0, then options");
    if (words[1] == "sibling" || words[1] == "multicast") {
        tell(fmt::format("{}: a {} is never asked for tunnels, ignored", shown.where(), words[1]));
        return std::nullopt;
    }
    if (words[1] != "parent") reject(shown, "'" + words[1] + "': write parent");
    auto const login = find_login(shown, words);
    typed_parent made{shown, viaduct::parent{to_url(shown, words, login)}};
    made.parent.name = words[0];
    made.negotiates = login == "NEGOTIATE";
    for (std::size_t i = 4; i < words.size(); ++i)
        if (!words[i].starts_with("login=")) read_option(made, words[i]);
    return made;
}

} // namespace viaduct_proxy

#include "tasks/explain_noproxy.hpp"

#include "command/values.hpp"
#include "failure.hpp"
#include "path/route.hpp"
#include "tell/verbose.hpp"
#include "transfer/url.hpp"
#include <viaduct/client/environment.hpp>
#include <viaduct/client/no_proxy.hpp>

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace viaduct_curl {
namespace {

/// Text, and what it was taken from.
struct source
{
    std::string name{};
    std::string text{};
};

/// The list of hosts without a proxy: --noproxy, or the variable.
[[nodiscard]] source exceptions_of(operation const& wanted)
{
    if (wanted.way.no_proxy) return {"--noproxy", *wanted.way.no_proxy};
    auto const* const small = viaduct::process_environment()("no_proxy");
    bool const is_small = small && *small != '\0';
    return {is_small ? "no_proxy" : "NO_PROXY", viaduct::no_proxy_from_environment()};
}

/// What names the proxy; nothing if there is none.
[[nodiscard]] std::optional<std::string> namer_of(operation const& wanted, url const& to)
{
    if (!wanted.way.proxies.empty()) return "-x";
    if (auto const variable = viaduct::find_proxy_variable(to.scheme)) return variable->name;
    return wanted.way.preproxy ? std::optional<std::string>{"--preproxy"} : std::nullopt;
}

[[nodiscard]] std::string why_direct(operation const& wanted, url const& to, source const& exceptions)
{
    auto const namer = namer_of(wanted, to);
    if (!namer) return fmt::format("neither -x nor a variable names one for {} URLs", to.scheme);
    viaduct::no_proxy_rules const rules{exceptions.text};
    if (auto const entry = rules.explain(to.host, to.port))
        return fmt::format("'{}' of {} matches", *entry, exceptions.name);
    return *namer + " is empty";
}

[[nodiscard]] std::string explain(operation const& wanted, url const& to, source const& exceptions)
{
    verbose const quiet{telling_settings{}};
    auto const way = choose_route(wanted, to, quiet);
    auto const where = fmt::format("{}://{}:{}", to.scheme, to.host, to.port);
    if (way.how == route::kind::direct)
        return fmt::format("{}: without a proxy: {}\n", where, why_direct(wanted, to, exceptions));
    auto const unmatched = exceptions.text.empty() ? "there are no exceptions"
                                                   : fmt::format("nothing of {} matches", exceptions.name);
    return fmt::format("{}: through {}{}: {} says so, and {}\n", where, to_text(way.ways),
                       way.how == route::kind::tunnel ? " by a tunnel" : "",
                       namer_of(wanted, to).value_or("-x"), unmatched);
}

[[nodiscard]] url read_url(std::string const& text, std::string const& shown)
{
    try {
        return parse_url(text);
    } catch (failure const& e) {
        if (e.exit_code() != CURLE_URL_MALFORMAT) throw;
        throw failure{e.exit_code(), fmt::format("--explain-noproxy: '{}' is neither a URL nor HOST[:PORT]",
                                                 without_credentials(shown))};
    }
}

/// A host without a scheme is asked for by https, which is what tunnels are for; but port 80 is http's.
[[nodiscard]] url read_host(std::string const& text)
{
    if (text.find_first_not_of(" \t") == std::string::npos)
        misuse("option --explain-noproxy: is followed by an empty word, not by a URL or HOST[:PORT]");
    if (text.find("://") != std::string::npos) return read_url(text, text);
    bool const is_bare_v6 = text.front() != '[' && std::count(text.begin(), text.end(), ':') > 1;
    auto const host = is_bare_v6 ? '[' + text + ']' : text;
    auto const to = read_url("https://" + host, text);
    return to.port == 80 ? read_url("http://" + host, text) : to;
}

[[nodiscard]] std::vector<std::string> hosts_of(command_line const& command)
{
    auto hosts = command.explained;
    for (auto const& word : command.operations.front().targets)
        if (word.url) hosts.push_back(*word.url);
    return hosts;
}

} // namespace

std::string explain_noproxy(command_line const& command)
{
    auto const& wanted = command.operations.front();
    auto const exceptions = exceptions_of(wanted);
    std::string text;
    for (auto const& host : hosts_of(command))
        text += explain(wanted, read_host(host), exceptions);
    viaduct::no_proxy_rules const rules{exceptions.text};
    for (auto const& entry : rules.invalid_entries())
        text += fmt::format("'{}' of {} matches no host at all\n", entry, exceptions.name);
    return text;
}

} // namespace viaduct_curl

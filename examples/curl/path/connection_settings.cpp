#include "path/connection_settings.hpp"

#include "failure.hpp"
#include "path/outgoing.hpp"
#include <viaduct/http/characters.hpp>
#include <viaduct/net/fixed_names.hpp>

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace viaduct_curl {
namespace {

using viaduct::characters::iequals;

[[noreturn]] void refuse(char const* option, std::string_view text)
{
    throw failure{CURLE_SETOPT_OPTION_SYNTAX, fmt::format("Couldn't parse {} entry '{}'", option, text)};
}

/// Takes what stands before the next colon; an IPv6 address has brackets around its own.
[[nodiscard]] std::string_view take_part(std::string_view& rest, char const* option, std::string_view whole)
{
    auto const from = rest.starts_with('[') ? rest.find(']') : 0;
    auto const colon = from == std::string_view::npos ? from : rest.find(':', from);
    if (colon == std::string_view::npos) refuse(option, whole);
    auto const part = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
    return part;
}

[[nodiscard]] bool matches(viaduct::authority const& target, std::string_view host, std::string_view port)
{
    return (host.empty() || iequals(host, target.host())) &&
           (port.empty() || port == std::to_string(target.port()));
}

/// Where one --connect-to leads; the target itself if the entry is for others.
[[nodiscard]] std::string mapped(std::string const& text, viaduct::authority const& target)
{
    std::string_view rest = text;
    auto const from_host = take_part(rest, "--connect-to", text);
    auto const from_port = take_part(rest, "--connect-to", text);
    auto const host = take_part(rest, "--connect-to", text);
    if (!matches(target, from_host, from_port)) return target.text();
    return fmt::format("{}:{}", host.empty() ? std::string_view{target.host()} : host,
                       rest.empty() ? std::to_string(target.port()) : std::string{rest});
}

[[nodiscard]] std::vector<viaduct::net::ip::address> read_addresses(std::string_view list,
                                                                    std::string_view whole)
{
    std::vector<viaduct::net::ip::address> found;
    while (!list.empty()) {
        auto const end = std::min(list.find(','), list.size());
        auto text = list.substr(0, end);
        list.remove_prefix(std::min(end + 1, list.size()));
        if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
        viaduct::error_code ec;
        found.push_back(viaduct::net::ip::make_address(std::string{text}, ec));
        if (ec) refuse("--resolve", whole);
    }
    return found;
}

/// Whether something is connected to on this host and port, or looked up for a proxy.
[[nodiscard]] bool concerns(std::string_view host, std::string_view port, viaduct::proxy_list const& ways,
                            viaduct::authority const& target)
{
    auto const any = host == "*" ? std::string_view{} : host;
    if (matches(target, any, port)) return true;
    for (auto const& way : ways)
        for (auto const& proxy : way)
            if (matches(proxy.endpoint, any, port)) return true;
    return false;
}

/// --resolve; what stands behind counts, and an entry that begins with `-` takes away what is not there.
[[nodiscard]] viaduct::name_table read_names(operation const& wanted, viaduct::proxy_list const& ways,
                                             viaduct::authority const& target)
{
    viaduct::name_table names;
    for (auto const& text : wanted.way.resolve) {
        std::string_view rest = text;
        if (rest.starts_with('-')) continue;
        if (rest.starts_with('+')) rest.remove_prefix(1); // an entry that may grow old: we do not
        auto const host = take_part(rest, "--resolve", text);
        auto const port = take_part(rest, "--resolve", text);
        auto const addresses = read_addresses(rest, text);
        if (concerns(host, port, ways, target)) names[std::string{host}] = addresses;
    }
    return names;
}

[[nodiscard]] viaduct::address_family family_of(operation const& wanted, viaduct::outgoing_socket const& from)
{
    if (wanted.way.family == 4) return viaduct::address_family::v4;
    if (wanted.way.family == 6) return viaduct::address_family::v6;
    if (from.address_v4 && !from.address_v6) return viaduct::address_family::v4;
    return from.address_v6 && !from.address_v4 ? viaduct::address_family::v6 : viaduct::address_family::any;
}

/// What libcurl can and a dial of ours cannot do is not passed over.
void check_direct_only(operation const& wanted)
{
    constexpr std::array only{std::pair{CURLOPT_LOCALPORT, "--local-port"},
                              std::pair{CURLOPT_PROXY_CRLFILE, "--proxy-crlfile"},
                              std::pair{CURLOPT_PROXY_PINNEDPUBLICKEY, "--proxy-pinnedpubkey"}};
    for (auto const& [what, name] : only)
        if (wanted.direct.find(what))
            throw failure{
                CURLE_NOT_BUILT_IN,
                fmt::format("option {}: is not there for tunnels; it is for what needs none", name)};
}

} // namespace

viaduct::authority connect_target(operation const& wanted, viaduct::authority const& target)
{
    for (auto const& text : wanted.way.connect_to) {
        auto const to = mapped(text, target);
        viaduct::error_code ec;
        auto const found = viaduct::parse_authority(to, ec);
        if (ec) refuse("--connect-to", text);
        if (found != target) return found; // the first that matches
    }
    return target;
}

void set_connection(operation const& wanted, viaduct::proxy_list const& ways,
                    viaduct::authority const& target, viaduct::dialer_options& to)
{
    check_direct_only(wanted);
    if (wanted.way.interface) to.from = find_outgoing(*wanted.way.interface);
    auto names = read_names(wanted, ways, target);
    auto const family = family_of(wanted, to.from);
    if (!names.empty() || family != viaduct::address_family::any)
        to.names = std::make_shared<viaduct::fixed_names>(std::move(names), family);
    to.clocks.stagger = wanted.way.head_start;
    to.no_delay = wanted.way.no_delay;
    to.keep_alive = wanted.way.keep_alive;
}

void set_keep_alive(operation const& wanted, viaduct::net::ip::tcp::socket& of)
{
    if (!wanted.way.keep_alive) return;
    int const seconds = wanted.way.keep_alive_time.value_or(60); // as curl
    for (int const name : {TCP_KEEPIDLE, TCP_KEEPINTVL})
        ::setsockopt(of.native_handle(), IPPROTO_TCP, name, &seconds, sizeof seconds);
}

} // namespace viaduct_curl

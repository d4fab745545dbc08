#ifndef VIADUCT_IMPL_CLIENT_NO_PROXY_IPP
#define VIADUCT_IMPL_CLIENT_NO_PROXY_IPP

#include <viaduct/client/no_proxy.hpp>
#include <viaduct/http/authority.hpp>
#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <charconv>
#include <system_error>
#if defined(_WIN32)
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#endif

namespace viaduct {
namespace detail {

[[nodiscard]] inline std::string lower_case(std::string_view text)
{
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), characters::to_lower);
    return out;
}

/// A whole decimal number, or nothing.
[[nodiscard]] inline std::optional<unsigned> decimal(std::string_view text)
{
    unsigned value = 0;
    auto const last = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), last, value);
    bool const whole = error == std::errc{} && end == last;
    return whole ? std::optional{value} : std::nullopt;
}

[[nodiscard]] inline std::string_view without_brackets(std::string_view text)
{
    bool const bracketed = text.size() >= 2 && text.front() == '[' && text.back() == ']';
    return bracketed ? text.substr(1, text.size() - 2) : text;
}

/// Cuts `:port` off; 0 if there is none. The colons of a bare IPv6 address are no port's.
[[nodiscard]] inline std::uint16_t take_port(std::string_view& text)
{
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos) return 0;
    auto const host = text.substr(0, colon);
    if (host.ends_with(']') ? !host.starts_with('[') : host.find(':') != std::string_view::npos) return 0;
    auto const port = decimal(text.substr(colon + 1));
    if (!port || *port == 0 || *port > 65535) return 0;
    text = host;
    return static_cast<std::uint16_t>(*port);
}

/// Calls `use` for each part between the separators that is not empty.
template <class Use>
void for_each_part(std::string_view text, std::string_view separators, Use use)
{
    while (!text.empty()) {
        auto const end = std::min(text.find_first_of(separators), text.size());
        if (auto const part = characters::trim(text.substr(0, end)); !part.empty()) use(part);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

/// Whether `host` is `name` or ends in `.name`.
[[nodiscard]] inline bool is_or_is_below(std::string_view host, std::string_view name, bool itself)
{
    if (name.empty() || !host.ends_with(name)) return false;
    if (host.size() == name.size()) return itself;
    return host[host.size() - name.size() - 1] == '.';
}

} // namespace detail

struct no_proxy_rules::subject
{
    std::string name; // empty where names are not compared
    network address{};
    network plain{}; // the IPv4 address, where `address` is one mapped to IPv6

    [[nodiscard]] bool is_in(network const& range) const
    {
        return contains(range, address) || contains(range, plain) || contains(unmapped(range), address);
    }
};

VIADUCT_DECL no_proxy_rules::no_proxy_rules(std::string_view text, no_proxy_dialect dialect)
    : dialect_{dialect}
{
    bool const go = dialect == no_proxy_dialect::go;
    detail::for_each_part(text, go ? "," : ", \t", [&](std::string_view part) {
        entries_.push_back(go ? read_go(part) : read_curl(part));
        entries_.back().text = part;
    });
}

VIADUCT_DECL std::optional<std::string_view> no_proxy_rules::explain(std::string_view host,
                                                                     std::uint16_t port) const
{
    auto const who = make_subject(host);
    if (dialect_ == no_proxy_dialect::go) {
        if (host == "localhost") return "localhost";
        if (who.is_in(read_network("127.0.0.0/8", true)) || who.is_in(read_network("::1", true)))
            return "loopback";
    }
    for (auto const& rule : entries_)
        if (covers(rule, who, port)) return rule.text;
    return std::nullopt;
}

VIADUCT_DECL std::vector<std::string_view> no_proxy_rules::invalid_entries() const
{
    std::vector<std::string_view> found;
    for (auto const& rule : entries_)
        if (!can_match(rule)) found.emplace_back(rule.text);
    return found;
}

VIADUCT_DECL bool no_proxy_rules::can_match(entry const& rule) const
{
    if (rule.everything || rule.range.width != 0) return true;
    error_code ec;
    auto const where = parse_authority(rule.name + ":1", ec);
    // The end of an address is below it for Go, which compares addresses as if they were names.
    if (ec == errc::host_numeric_not_canonical) return dialect_ == no_proxy_dialect::go;
    return !ec && where.kind() == host_kind::name;
}

VIADUCT_DECL no_proxy_rules::subject no_proxy_rules::make_subject(std::string_view host) const
{
    host = detail::without_brackets(host);
    bool const curl = dialect_ == no_proxy_dialect::curl;
    bool const final_dot = curl && host.ends_with('.');
    if (final_dot) host.remove_suffix(1);
    subject who{detail::lower_case(host), read_network(host, true)};
    who.plain = unmapped(who.address);
    // curl does not compare an address as if it were a name, unless a final dot makes it look like one.
    if (curl && who.address.width != 0 && !final_dot) who.name.clear();
    return who;
}

VIADUCT_DECL no_proxy_rules::entry no_proxy_rules::read_curl(std::string_view text)
{
    entry result;
    result.everything = text == "*";
    result.port = detail::take_port(text);
    text = detail::without_brackets(text);
    result.range = read_network(text, false);
    if (text.ends_with('.')) text.remove_suffix(1);
    if (text.starts_with('.')) text.remove_prefix(1);
    read_name(result, text);
    return result;
}

VIADUCT_DECL no_proxy_rules::entry no_proxy_rules::read_go(std::string_view text)
{
    entry result;
    result.everything = text == "*";
    result.port = detail::take_port(text);
    if (result.port != 0) text = detail::without_brackets(text);
    // An empty port is any port.
    if (!text.empty() && text.find(':') == text.size() - 1) text.remove_suffix(1);
    result.range = read_network(text, true);
    if (result.range.width == 0) read_name(result, text);
    if (text.starts_with('.')) { // the one form that Go reads more narrowly than curl
        text.remove_prefix(1);
        result.name = detail::lower_case(text);
        result.itself = false;
    }
    return result;
}

VIADUCT_DECL void no_proxy_rules::read_name(entry& into, std::string_view name)
{
    into.itself = !name.starts_with("*.");
    if (!into.itself) name.remove_prefix(2);
    into.name = detail::lower_case(name);
}

/// An address or a network; of width 0 if it is neither.
/** What follows the slash: strictly a number of bits; otherwise, as curl reads it, anything else counts as no
 * slash. */
VIADUCT_DECL no_proxy_rules::network no_proxy_rules::read_network(std::string_view text, bool strict)
{
    network result;
    auto const slash = std::min(text.find('/'), text.size());
    std::string const address{text.substr(0, slash)};
    if (::inet_pton(AF_INET, address.c_str(), result.octets.data()) == 1)
        result.width = 32;
    else if (::inet_pton(AF_INET6, address.c_str(), result.octets.data()) == 1)
        result.width = 128;
    else
        return {};
    result.bits = result.width;
    if (slash == text.size()) return result;
    auto digits = text.substr(slash + 1);
    if (!strict) digits = digits.substr(0, digits.find_first_not_of("0123456789"));
    auto const bits = detail::decimal(digits);
    if (bits) result.bits = *bits;
    bool const valid = bits ? *bits <= result.width : digits.empty() && !strict;
    return valid ? result : network{};
}

/// Of width 0 unless all of it lies in ::ffff:0:0/96.
VIADUCT_DECL no_proxy_rules::network no_proxy_rules::unmapped(network const& range)
{
    static constexpr std::array<unsigned char, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    network result;
    if (range.width != 128 || range.bits < 96) return result;
    if (!std::equal(prefix.begin(), prefix.end(), range.octets.begin())) return result;
    std::copy_n(range.octets.begin() + prefix.size(), 4, result.octets.begin());
    result.bits = range.bits - 96;
    result.width = 32;
    return result;
}

VIADUCT_DECL bool no_proxy_rules::contains(network const& range, network const& address)
{
    if (range.width == 0 || range.width != address.width) return false;
    auto const whole = range.bits / 8;
    if (!std::equal(range.octets.begin(), range.octets.begin() + whole, address.octets.begin())) return false;
    if (range.bits % 8 == 0) return true;
    auto const shift = 8 - range.bits % 8;
    return range.octets[whole] >> shift == address.octets[whole] >> shift;
}

VIADUCT_DECL bool no_proxy_rules::covers(entry const& rule, subject const& host, std::uint16_t port)
{
    if (rule.everything) return true;
    if (rule.port != 0 && rule.port != port) return false;
    return host.is_in(rule.range) || detail::is_or_is_below(host.name, rule.name, rule.itself);
}

} // namespace viaduct

#endif

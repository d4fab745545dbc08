#include "fill.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace viaduct_curl::check {
namespace {

constexpr std::uint16_t usual_port = 443;
constexpr std::string_view not_found = "viaduct-check.invalid"; // RFC 6761

/// Whose request this is: whoever reads the proxy's log wants to know.
[[nodiscard]] std::string who(place const& where, bool anonymous, std::string_view line_end)
{
    auto lines = std::string{"User-Agent: viaduct-curl (--check-proxy)"}.append(line_end);
    if (!anonymous && !where.authorization.empty())
        lines.append("Proxy-Authorization: ").append(where.authorization).append(line_end);
    return lines;
}

[[nodiscard]] std::string host_of(viaduct::authority const& target)
{
    auto text = target.text();
    return text.erase(text.rfind(':'));
}

/// What stands for a name in braces; nothing is a name of none.
[[nodiscard]] std::string meaning(std::string_view name, place const& where, bool anonymous)
{
    constexpr std::size_t large = std::size_t{64} * 1024;
    if (name == "target") return where.target.text();
    if (name == "host") return host_of(where.target);
    if (name == "name") return where.target.host();
    if (name == "port") return std::to_string(where.target.port());
    if (name == "over") return std::to_string(where.target.port() + 65536);
    if (name == "proxy") return where.proxy;
    if (name == "nowhere") return std::string{not_found};
    if (name == "nobody") return "198.51.100.1"; // RFC 5737
    if (name == "who") return who(where, anonymous, "\r\n");
    if (name == "who-lf") return who(where, anonymous, "\n");
    return name == "64k" ? std::string(large, 'a') : std::string{};
}

[[nodiscard]] std::string fill_in(std::string_view text, place const& where, bool anonymous)
{
    std::string out;
    while (!text.empty()) {
        auto const open = text.find('{');
        out.append(text.substr(0, open));
        if (open == std::string_view::npos) break;
        auto const close = text.find('}', open);
        out += meaning(text.substr(open + 1, close - open - 1), where, anonymous);
        text.remove_prefix(close + 1);
    }
    return out;
}

/// The template of a whole request. Beside a target that is none, Host names a good one.
[[nodiscard]] std::string request(probe_vector const& what)
{
    if (!what.whole.empty()) return std::string{what.whole};
    bool const odd = what.asked == question::target || what.target.starts_with("{host}");
    auto const host = odd ? std::string_view{"{target}"} : what.target;
    return std::string{"CONNECT "}
        .append(what.target)
        .append(" HTTP/1.1\r\nHost: ")
        .append(host)
        .append("\r\n{who}")
        .append(what.fields)
        .append("\r\n")
        .append(what.behind);
}

} // namespace

sending fill(probe_vector const& what, place const& where)
{
    return {.first = fill_in(request(what), where, what.anonymous),
            .inside = fill_in(what.inside, where, what.anonymous)};
}

viaduct::authority no_target()
{
    return {not_found, usual_port};
}

} // namespace viaduct_curl::check

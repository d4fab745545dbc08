#include "host_name.hpp"

#include <viaduct/detail/asio.hpp>
#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <tuple>

namespace viaduct_proxy {
namespace {

/// Without a port, the brackets of an address, and the dot of an absolute name; nothing of what is no host.
[[nodiscard]] std::string_view bare(std::string_view host)
{
    if (host.starts_with('[')) {
        auto const end = host.find(']');
        bool const whole = end != host.npos && (end + 1 == host.size() || host[end + 1] == ':');
        return whole ? host.substr(1, end - 1) : std::string_view{};
    }
    host = host.substr(0, host.rfind(':'));
    if (host.ends_with('.')) host.remove_suffix(1);
    return host;
}

} // namespace

bool is_own_host(std::string_view host, std::vector<std::string> const& names)
{
    auto const name = bare(host);
    viaduct::error_code ec;
    std::ignore = viaduct::net::ip::make_address(std::string{name}, ec);
    if (!ec || viaduct::characters::iequals(name, "localhost")) return true;
    return !name.empty() && std::any_of(names.begin(), names.end(), [name](auto const& own) {
        return viaduct::characters::iequals(name, own);
    });
}

} // namespace viaduct_proxy

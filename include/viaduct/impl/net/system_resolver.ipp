#ifndef VIADUCT_IMPL_NET_SYSTEM_RESOLVER_IPP
#define VIADUCT_IMPL_NET_SYSTEM_RESOLVER_IPP

#include <viaduct/net/system_resolver.hpp>

#include <string>
#include <utility>

namespace viaduct {
namespace detail {

[[nodiscard]] inline net::ip::tcp::resolver::results_type
ask_system(net::ip::tcp::resolver& system, std::string const& host, address_family family, error_code& ec)
{
    constexpr auto flags = net::ip::resolver_base::numeric_service;
    if (family == address_family::any) return system.resolve(host, "0", flags, ec);
    auto const protocol = family == address_family::v4 ? net::ip::tcp::v4() : net::ip::tcp::v6();
    return system.resolve(protocol, host, "0", flags, ec);
}

[[nodiscard]] inline resolution ask_system(std::string const& host, address_family family, error_code& ec)
{
    net::io_context unused{1}; // the blocking look-up of Asio's resolver does not run it
    net::ip::tcp::resolver system{unused};
    resolution found;
    for (auto const& entry : ask_system(system, host, family, ec))
        found.addresses.push_back(entry.endpoint().address());
    return found;
}

} // namespace detail

VIADUCT_DECL system_resolver::system_resolver(std::size_t threads, std::size_t max_waiting)
    : system_resolver{address_family::any, threads, max_waiting}
{}

VIADUCT_DECL system_resolver::system_resolver(address_family family, std::size_t threads,
                                              std::size_t max_waiting)
    : pool_{threads, max_waiting, [family](std::string const& host, error_code& ec) {
                return detail::ask_system(host, family, ec);
            }}
{}

VIADUCT_DECL void system_resolver::ask(std::shared_ptr<name_query> query)
{
    pool_.submit(std::move(query));
}

} // namespace viaduct

#endif

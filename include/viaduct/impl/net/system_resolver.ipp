#ifndef VIADUCT_IMPL_NET_SYSTEM_RESOLVER_IPP
#define VIADUCT_IMPL_NET_SYSTEM_RESOLVER_IPP

#include <viaduct/net/system_resolver.hpp>

#include <string>
#include <utility>

namespace viaduct {
namespace detail {

[[nodiscard]] inline resolution ask_system(std::string const& host, error_code& ec)
{
    net::io_context unused{1}; // the blocking look-up of Asio's resolver does not run it
    net::ip::tcp::resolver system{unused};
    resolution found;
    for (auto const& entry : system.resolve(host, "0", net::ip::resolver_base::numeric_service, ec))
        found.addresses.push_back(entry.endpoint().address());
    return found;
}

} // namespace detail

VIADUCT_DECL system_resolver::system_resolver(std::size_t threads, std::size_t max_waiting)
    : pool_{threads, max_waiting, &detail::ask_system}
{}

VIADUCT_DECL void system_resolver::ask(std::shared_ptr<name_query> query)
{
    pool_.submit(std::move(query));
}

} // namespace viaduct

#endif

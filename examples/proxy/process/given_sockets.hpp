#ifndef VIADUCT_EXAMPLES_PROXY_PROCESS_GIVEN_SOCKETS_HPP
#define VIADUCT_EXAMPLES_PROXY_PROCESS_GIVEN_SOCKETS_HPP

#include "descriptor.hpp"
#include <viaduct/server/service_options.hpp>

#include <optional>
#include <string>
#include <vector>

namespace viaduct_proxy {

/// Sockets that a service manager has opened before: systemd's $LISTEN_FDS.
/**
 * They stay open for as long as this lives, and whoever listens gets duplicates: so they are there again when
 * a configuration is read anew, and clients that come in between wait rather than being refused.
 */
class given_sockets
{
public:
    /// None.
    given_sockets() = default;

    /// Takes them from the environment, with the variables; to be called before there are threads.
    /** @throws std::runtime_error that names what is no TCP socket that listens. */
    [[nodiscard]] static given_sockets from_environment();

    [[nodiscard]] bool empty() const noexcept { return sockets_.empty(); }

    /// Puts each in the place of the listener with the same address and port. If there is no other listener
    /// than those of pages, they are the listeners, by the names that the service manager calls them.
    /**
     * A socket of all addresses of both versions of IP also serves for a listener of all IPv4 addresses.
     *
     * @param listen Gets descriptors of its own in `service_listener::socket`.
     * @throws std::runtime_error that names what fits no listener.
     */
    void give_to(std::vector<viaduct::service_listener>& listen) const;

    /// A duplicate of the one with that address and port, for a listener that is opened later.
    [[nodiscard]] std::optional<int> find(viaduct::net::ip::tcp::endpoint const& where) const;

private:
    struct given
    {
        descriptor socket;
        std::string name;
        viaduct::net::ip::tcp::endpoint where;
        bool has_both_versions;
    };

    [[nodiscard]] given const* match(viaduct::net::ip::tcp::endpoint const& where) const;
    [[nodiscard]] static given look_at(int fd, std::string name);

    std::vector<given> sockets_;
};

} // namespace viaduct_proxy

#endif

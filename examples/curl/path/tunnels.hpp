#ifndef VIADUCT_CURL_PATH_TUNNELS_HPP
#define VIADUCT_CURL_PATH_TUNNELS_HPP

#include "path/bridge.hpp"
#include "path/path.hpp"

#include <curl/curl.h>

#include <map>
#include <memory>
#include <string>

namespace viaduct_curl {

/// The tunnels that are open, by the sockets through which libcurl uses them.
/**
 * libcurl thinks that it connects to a local socket, whose name stands for a route: so it keeps connections
 * and uses them again by its own rules, and never for a request that takes another route.
 */
class tunnels
{
public:
    tunnels();
    ~tunnels();

    /// The local socket behind which a route begins.
    [[nodiscard]] gate const& gate_of(std::string const& route);

    /// Lets libcurl into a tunnel.
    /** @param at What libcurl is about to connect to.
     * @return The socket for that, which libcurl owns from now on. */
    [[nodiscard]] curl_socket_t admit(std::unique_ptr<path> way, gate const& at);

    /// What is known of the tunnel behind a socket; null for a socket that is none of ours.
    [[nodiscard]] path const* find(curl_socket_t socket) const;

    /// Ends the tunnel behind a socket, and closes it.
    int close(curl_socket_t socket) noexcept;

private:
    struct passage;

    gate prefix_; // which nobody else can guess
    std::map<std::string, gate> gates_;
    std::map<curl_socket_t, std::unique_ptr<passage>> open_;
};

} // namespace viaduct_curl

#endif

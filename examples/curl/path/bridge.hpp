#ifndef VIADUCT_CURL_PATH_BRIDGE_HPP
#define VIADUCT_CURL_PATH_BRIDGE_HPP

#include <viaduct/client/tunnel.hpp>
#include <viaduct/detail/asio.hpp>

#include <string>
#include <thread>

namespace viaduct_curl {

/// Lets libcurl into a tunnel: a local socket on one side, a relay behind it.
/**
 * Its name is of Linux's abstract namespace, so there is no file that another user could replace or open.
 * Only this very process is let in, and only once; then the name is free for another bridge. The relay has a
 * thread of its own until the bridge is destroyed.
 */
class bridge
{
public:
    /// @param context Of the tunnel; run by the bridge's thread from now on.
    /** @param name Of the local socket, for CURLOPT_ABSTRACT_UNIX_SOCKET. */
    bridge(viaduct::net::io_context& context, viaduct::tunnel& tunnel, std::string const& name);
    ~bridge();
    bridge(bridge const&) = delete;
    bridge& operator=(bridge const&) = delete;

private:
    using local = viaduct::net::local::stream_protocol;

    void run() noexcept;
    void accept();
    void relay();
    template <class Far>
    void relay_to(Far& far);
    void close();
    void wind_up();

    viaduct::net::io_context& context_;
    viaduct::tunnel& tunnel_;
    local::acceptor acceptor_;
    local::socket local_;
    viaduct::net::steady_timer grace_;
    std::thread thread_;
};

} // namespace viaduct_curl

#endif

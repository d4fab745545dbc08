#ifndef VIADUCT_CURL_PATH_BRIDGE_HPP
#define VIADUCT_CURL_PATH_BRIDGE_HPP

#include <viaduct/client/tunnel.hpp>
#include <viaduct/detail/asio.hpp>

#include <string>
#include <thread>

namespace viaduct_curl {

/// The name of a local socket.
struct gate
{
    std::string name;
    bool is_file; // in the file system; otherwise in Linux's abstract namespace
};

/// Lets libcurl into a tunnel: a local socket on one side, a relay behind it.
/**
 * Only this very process is let in, whoever else finds the socket, and only once; then its name is free for
 * another bridge, and a file is gone. The relay has a thread of its own until the bridge is destroyed.
 */
class bridge
{
public:
    /// @param context Of the tunnel; run by the bridge's thread from now on.
    bridge(viaduct::net::io_context& context, viaduct::tunnel& tunnel, gate at);
    ~bridge();
    bridge(bridge const&) = delete;
    bridge& operator=(bridge const&) = delete;

private:
    using local = viaduct::net::local::stream_protocol;

    void run() noexcept;
    void close_gate();
    void accept();
    void relay();
    template <class Far>
    void relay_to(Far& far);
    void close();
    void wind_up();

    viaduct::net::io_context& context_;
    viaduct::tunnel& tunnel_;
    gate gate_;
    local::acceptor acceptor_;
    local::socket local_;
    viaduct::net::steady_timer grace_;
    bool is_over_ = false;
    std::thread thread_;
};

} // namespace viaduct_curl

#endif

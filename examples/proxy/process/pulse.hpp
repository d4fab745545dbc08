#ifndef VIADUCT_EXAMPLES_PROXY_PROCESS_PULSE_HPP
#define VIADUCT_EXAMPLES_PROXY_PROCESS_PULSE_HPP

#include "notifier.hpp"
#include <viaduct/detail/asio_programs.hpp>

#include <cstddef>
#include <functional>
#include <utility>

namespace viaduct_proxy {

/// Tells a service manager again and again that the first worker's thread turns, and how many tunnels are
/// open.
/** The timer is work of the context: that runs dry only after `stop`. */
class pulse
{
public:
    /// Begins at once, if there is somebody to tell.
    /** @param tunnels Says how many are open. */
    pulse(viaduct::net::io_context& context, notifier& manager, std::function<std::size_t()> tunnels)
        : timer_{context},
          manager_{manager},
          tunnels_{std::move(tunnels)}
    {
        if (manager_.any()) beat();
    }

    /// Nothing is told any more, so that the context's work can end.
    void stop()
    {
        stopped_ = true;
        timer_.cancel();
    }

private:
    void beat()
    {
        manager_.alive(tunnels_());
        timer_.expires_after(manager_.interval());
        timer_.async_wait([this](viaduct::error_code ec) {
            if (!ec && !stopped_) beat();
        });
    }

    viaduct::net::steady_timer timer_;
    notifier& manager_;
    std::function<std::size_t()> tunnels_;
    bool stopped_ = false;
};

} // namespace viaduct_proxy

#endif

#ifndef VIADUCT_EXAMPLES_PROXY_PROCESS_NOTIFIER_HPP
#define VIADUCT_EXAMPLES_PROXY_PROCESS_NOTIFIER_HPP

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace viaduct_proxy {

/// Tells a service manager how things are: systemd's protocol of $NOTIFY_SOCKET, which is documented as
/// stable.
/**
 * systemd's own library finds the socket in the environment alone, at every message. Here the environment is
 * read once and forgotten, so that no helper speaks in our name.
 *
 * Without a service manager all of it does nothing. A message that cannot be sent is no reason to stop; the
 * first is told.
 */
class notifier
{
public:
    /// Nobody to tell.
    notifier() = default;

    /// Reads $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID, and removes them.
    [[nodiscard]] static notifier from_environment();

    /// Open for clients; also the end of `reloading`.
    void ready();

    /// Begins to read the configuration anew. `ready` must follow, also if that fails.
    void reloading();

    /// Will accept nobody any more.
    /** @param limit How long tunnels may go on; the service manager is asked for that much time. */
    void stopping(std::chrono::milliseconds limit = std::chrono::milliseconds::zero());

    /// So many tunnels are open; said only if it is news. It lives.
    void alive(std::size_t tunnels);

    /// How often `alive` is to be called: half of what the watchdog waits, or some seconds.
    [[nodiscard]] std::chrono::milliseconds interval() const noexcept { return interval_; }

    /// Whether somebody listens.
    [[nodiscard]] bool any() const noexcept { return !address_.empty(); }

private:
    void send(std::string_view message);

    std::string address_; ///< A path, or a name that begins with '@'.
    std::chrono::milliseconds interval_{5000};
    bool watchdog_ = false;
    bool failed_ = false;
    std::size_t tunnels_ = static_cast<std::size_t>(-1);
};

} // namespace viaduct_proxy

#endif

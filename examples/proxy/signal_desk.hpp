#ifndef VIADUCT_EXAMPLES_PROXY_SIGNAL_DESK_HPP
#define VIADUCT_EXAMPLES_PROXY_SIGNAL_DESK_HPP

#include "process/notifier.hpp"
#include "process/pulse.hpp"
#include "running_proxy.hpp"
#include <viaduct/detail/asio_programs.hpp>

#include <functional>
#include <optional>

namespace viaduct_proxy {

/// Turns signals into what they mean: SIGTERM drains, a second one and SIGINT stop, SIGHUP brings a new
/// configuration, SIGUSR1 rotates the logs, SIGUSR2 has it tell how things stand.
class signal_desk
{
public:
    /// Reads the configuration as at the start, and tells what is wrong with it, if it returns none.
    using configuration = std::function<std::optional<proxy_options>()>;

    signal_desk(running_proxy& proxy, configuration read, notifier& manager, pulse& heart);

    /// Ends the program without waiting for tunnels.
    void end_now();

private:
    void wait();
    void on_signal(int number);
    void reload();
    void try_to_reload() noexcept;
    void end();
    void drain_and_tell();
    void drain();
    void tell_of_drain() const;

    running_proxy& proxy_;
    configuration read_;
    notifier& manager_;
    pulse& heart_;
    viaduct::net::signal_set signals_;
    viaduct::net::steady_timer delay_; // of the drain
    bool ending_ = false;
    bool draining_ = false;
    bool done_ = false;
};

} // namespace viaduct_proxy

#endif

#ifndef VIADUCT_EXAMPLES_PROXY_SIGNAL_DESK_HPP
#define VIADUCT_EXAMPLES_PROXY_SIGNAL_DESK_HPP

#include "proxy_options.hpp"
#include <viaduct/detail/asio_programs.hpp>
#include <viaduct/log/log_sink.hpp>
#include <viaduct/server/worker_pool.hpp>

namespace viaduct_proxy {

/// Turns signals into what they mean: the first end drains, the second stops, SIGHUP reads files anew,
/// SIGUSR1 rotates the logs.
class signal_desk
{
public:
    signal_desk(viaduct::net::io_context& context, viaduct::worker_pool& proxy, proxy_options const& options,
                viaduct::log_sink& log);

    /// Ends the program without waiting for tunnels.
    void end_now();

private:
    void wait();
    void on_signal(int number);
    void reread_files();
    void end();
    void drain();
    void tell_of_drain() const;

    viaduct::net::signal_set signals_;
    viaduct::worker_pool& proxy_;
    proxy_options const& options_;
    viaduct::log_sink& log_;
    bool draining_ = false;
    bool done_ = false;
};

} // namespace viaduct_proxy

#endif

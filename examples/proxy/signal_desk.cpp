#include "signal_desk.hpp"

#include "say.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>

namespace viaduct_proxy {

signal_desk::signal_desk(viaduct::net::io_context& context, viaduct::worker_pool& proxy,
                         proxy_options const& options, viaduct::log_sink& log)
    : signals_{context, SIGTERM, SIGINT, SIGUSR1},
      proxy_{proxy},
      options_{options},
      log_{log}
{
    signals_.add(SIGHUP);
    wait();
}

void signal_desk::wait()
{
    signals_.async_wait([this](viaduct::error_code ec, int number) {
        if (ec) return;
        on_signal(number);
        if (!done_) wait();
    });
}

void signal_desk::on_signal(int number)
{
    if (number == SIGUSR1)
        log_.rotate();
    else if (number == SIGHUP)
        reread_files();
    else
        end();
}

void signal_desk::end()
{
    if (draining_) return proxy_.stop();
    tell_of_drain();
    drain();
}

void signal_desk::end_now()
{
    if (!draining_) drain();
    proxy_.stop();
}

/// What cannot be read stays as it was. Passwords that were good are looked at again in any case.
void signal_desk::reread_files()
{
    if (options_.service.way.auth) options_.service.way.auth->forget();
    for (auto const& each : options_.rereads) {
        auto const problem = each.read();
        tell(problem.empty() ? each.what + ": read anew" : each.what + ": not read anew, " + problem);
    }
    tell("SIGHUP is done");
}

void signal_desk::tell_of_drain() const
{
    if (proxy_.active() != 0)
        tell(fmt::format("waiting up to {:g} s for {} open tunnel(s)",
                         std::chrono::duration<double>(options_.shutdown_lifetime).count(), proxy_.active()));
}

void signal_desk::drain()
{
    draining_ = true;
    proxy_.async_drain(options_.shutdown_lifetime, [this](viaduct::error_code) {
        done_ = true;
        signals_.cancel();
    });
}

} // namespace viaduct_proxy

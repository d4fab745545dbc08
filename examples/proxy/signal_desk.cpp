#include "signal_desk.hpp"

#include "say.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <string>
#include <utility>

namespace viaduct_proxy {
namespace {

[[nodiscard]] double in_seconds(std::chrono::milliseconds time)
{
    return std::chrono::duration<double>(time).count();
}

} // namespace

signal_desk::signal_desk(running_proxy& proxy, configuration read, notifier& manager, pulse& heart)
    : proxy_{proxy},
      read_{std::move(read)},
      manager_{manager},
      heart_{heart},
      signals_{proxy.context(), SIGTERM, SIGINT, SIGUSR1},
      delay_{proxy.context()}
{
    signals_.add(SIGHUP);
    signals_.add(SIGUSR2);
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
    switch (number) {
    case SIGUSR1: return proxy_.rotate_logs();
    case SIGUSR2: return tell(fmt::format("{} open tunnel(s)", proxy_.pool().open_tunnels()));
    case SIGHUP: return reload();
    case SIGINT: return end_now();
    default: return end();
    }
}

/// Whatever is wrong with it, the program goes on.
void signal_desk::reload()
{
    if (ending_) return tell("configuration not reloaded: the program is about to end");
    manager_.reloading();
    try_to_reload();
    manager_.ready();
}

void signal_desk::try_to_reload() noexcept
try {
    auto next = read_();
    if (!next) return tell("configuration not reloaded: everything stays as it was");
    proxy_.reload(std::move(*next));
    tell("configuration reloaded");
} catch (std::exception const& e) {
    tell(std::string{"configuration not reloaded: "} + e.what());
}

void signal_desk::end()
{
    if (ending_) return end_now();
    ending_ = true;
    proxy_.set_ready(false);
    auto const delay = proxy_.options().drain_delay;
    if (delay.count() <= 0) return drain_and_tell();
    tell(fmt::format("not ready any more; the ports are open for another {:g} s", in_seconds(delay)));
    delay_.expires_after(delay);
    delay_.async_wait([this](viaduct::error_code ec) {
        if (!ec) drain_and_tell();
    });
}

void signal_desk::end_now()
{
    ending_ = true;
    proxy_.set_ready(false);
    delay_.cancel();
    drain();
    proxy_.pool().stop();
}

void signal_desk::tell_of_drain() const
{
    auto const open = proxy_.pool().active();
    if (open != 0)
        tell(fmt::format("waiting up to {:g} s for {} open tunnel(s)",
                         in_seconds(proxy_.options().shutdown_lifetime), open));
}

void signal_desk::drain_and_tell()
{
    tell_of_drain();
    drain();
}

void signal_desk::drain()
{
    if (std::exchange(draining_, true)) return;
    manager_.stopping(proxy_.options().shutdown_lifetime);
    proxy_.pool().async_drain(proxy_.options().shutdown_lifetime, [this](viaduct::error_code) {
        done_ = true;
        heart_.stop();
        signals_.cancel();
    });
}

} // namespace viaduct_proxy

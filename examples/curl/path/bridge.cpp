#include "path/bridge.hpp"

#include <viaduct/relay/relay.hpp>

#include <chrono>
#include <csignal>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace viaduct_curl {
namespace {

using namespace std::chrono_literals;

/// Whether the other end of a local socket was connected by this process, under this user.
[[nodiscard]] bool is_own(int descriptor)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == ::geteuid() && peer.pid == ::getpid();
}

/// Keeps signals away from threads that are made meanwhile: a handler is for the one that knows what is being
/// written, and may rely on its not going on.
class signals_blocked
{
public:
    signals_blocked()
    {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, &before_);
    }

    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    signals_blocked(signals_blocked const&) = delete;
    signals_blocked& operator=(signals_blocked const&) = delete;

private:
    sigset_t before_{};
};

} // namespace

bridge::bridge(viaduct::net::io_context& context, viaduct::tunnel& tunnel, gate at)
    : context_{context},
      tunnel_{tunnel},
      gate_{std::move(at)},
      acceptor_{context, local::endpoint{gate_.is_file ? gate_.name : '\0' + gate_.name}},
      local_{context},
      grace_{context}
{
    context_.restart();
    accept();
    signals_blocked const meanwhile;
    thread_ = std::thread{&bridge::run, this};
}

bridge::~bridge()
{
    viaduct::net::post(context_, [this] { wind_up(); });
    thread_.join();
}

void bridge::close_gate()
{
    if (!acceptor_.is_open()) return;
    viaduct::error_code ignored;
    acceptor_.close(ignored);
    if (gate_.is_file) ::unlink(gate_.name.c_str());
}

void bridge::run() noexcept
try {
    context_.run();
} catch (std::exception const&) { // out of memory: libcurl sees the connection end
    close();
}

void bridge::accept()
{
    acceptor_.async_accept(local_, [this](viaduct::error_code ec) {
        if (ec || is_over_) return;
        if (is_own(local_.native_handle())) return relay();
        local_.close();
        accept();
    });
}

void bridge::relay()
{
    close_gate();
    if (tunnel_.is_plain())
        relay_to(tunnel_.lowest_layer()); // socket to socket is the relay's fast way
    else
        relay_to(tunnel_);
}

template <class Far>
void bridge::relay_to(Far& far)
{
    viaduct::relay_options options;
    options.idle_timeout = 0s; // the clocks are libcurl's
    options.half_close_timeout = 0s;
    viaduct::async_relay(local_, far, options, [this](viaduct::error_code, viaduct::relay_result const&) {
        close();
        grace_.cancel();
    });
}

void bridge::close()
{
    viaduct::error_code ignored;
    local_.close(ignored);
    tunnel_.close(ignored);
}

/// libcurl is done: what it sent last, TLS's goodbye, gets a moment to leave. What the far side may still say
/// is for nobody, and that it keeps its end open is no reason to wait: the relay takes it for ended, and is
/// over when it has delivered. Within TLS with the proxy an end that nobody has sent would be a failure.
void bridge::wind_up()
{
    is_over_ = true; // whoever comes in at this very moment comes too late
    close_gate();
    if (!local_.is_open()) return;
    viaduct::error_code ignored;
    if (tunnel_.is_plain())
        tunnel_.lowest_layer().shutdown(viaduct::net::socket_base::shutdown_receive, ignored);
    grace_.expires_after(250ms);
    grace_.async_wait([this](viaduct::error_code ec) {
        if (!ec) context_.stop();
    });
}

} // namespace viaduct_curl

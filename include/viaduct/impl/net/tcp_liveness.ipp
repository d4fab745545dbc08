#ifndef VIADUCT_IMPL_NET_TCP_LIVENESS_IPP
#define VIADUCT_IMPL_NET_TCP_LIVENESS_IPP

#include <viaduct/detail/number_option.hpp>
#include <viaduct/net/tcp_liveness.hpp>

#include <limits>

#if !defined(_WIN32)
#include <netinet/in.h>
#include <netinet/tcp.h>
#endif

namespace viaduct {
namespace detail {

template <class Number>
[[nodiscard]] int within_limits(Number value, int least, int most) noexcept
{
    return static_cast<int>(std::clamp<Number>(value, least, most));
}

// Zero where the system has no such option; the real ones are not.
#if defined(TCP_KEEPIDLE)
inline constexpr int keep_idle = TCP_KEEPIDLE;
#elif defined(TCP_KEEPALIVE)
inline constexpr int keep_idle = TCP_KEEPALIVE; // as macOS calls it
#else
inline constexpr int keep_idle = 0;
#endif
#if defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)
inline constexpr int keep_interval = TCP_KEEPINTVL;
inline constexpr int keep_count = TCP_KEEPCNT;
#else
inline constexpr int keep_interval = 0;
inline constexpr int keep_count = 0;
#endif
#if defined(TCP_USER_TIMEOUT)
inline constexpr int user_timeout = TCP_USER_TIMEOUT;
#else
inline constexpr int user_timeout = 0;
#endif

/// Sets options one after the other, and keeps the first error.
template <class Socket>
class liveness_setter
{
public:
    explicit liveness_setter(Socket& socket) noexcept : socket_{&socket} {}

    void set(int level, int name, int value)
    {
        error_code ec = net::error::operation_not_supported;
        if (name != 0) socket_->set_option(number_option{level, name, value}, ec);
        if (ec && !first_) first_ = ec;
    }

    /// @param is_default Whether it asks for nothing that the system does not do anyway.
    void set_tcp(int name, int value, bool is_default = false)
    {
        if (name != 0 || !is_default) set(IPPROTO_TCP, name, value);
    }

    [[nodiscard]] error_code const& error() const noexcept { return first_; }

private:
    Socket* socket_;
    error_code first_;
};

template <class Socket>
[[nodiscard]] error_code set_liveness(Socket& socket, tcp_liveness const& wanted)
{
    constexpr int longest = 32767; // seconds, and 127 probes: as far as Linux goes
    liveness_setter to{socket};
    to.set(SOL_SOCKET, SO_KEEPALIVE, wanted.probes ? 1 : 0);
    if (wanted.probes) {
        to.set_tcp(keep_idle, within_limits(wanted.idle.count(), 1, longest));
        to.set_tcp(keep_interval, within_limits(wanted.interval.count(), 1, longest));
        to.set_tcp(keep_count, within_limits(wanted.count, 1, 127));
    }
    auto const patience = within_limits(wanted.user_timeout.count(), 0, std::numeric_limits<int>::max());
    to.set_tcp(user_timeout, patience, patience == 0);
    return to.error();
}

} // namespace detail

VIADUCT_DECL error_code set_tcp_liveness(net::ip::tcp::socket& socket, tcp_liveness const& wanted)
{
    return detail::set_liveness(socket, wanted);
}

VIADUCT_DECL error_code set_tcp_liveness(net::ip::tcp::acceptor& socket, tcp_liveness const& wanted)
{
    return detail::set_liveness(socket, wanted);
}

} // namespace viaduct

#endif

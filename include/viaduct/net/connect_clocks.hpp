#ifndef VIADUCT_NET_CONNECT_CLOCKS_HPP
#define VIADUCT_NET_CONNECT_CLOCKS_HPP

#include <chrono>
#include <cstddef>

namespace viaduct {

/// How long a connection may take to come about, and how often it is tried; zero for no limit.
struct connect_clocks
{
    std::chrono::milliseconds attempt = std::chrono::seconds{5}; ///< One address.
    std::chrono::milliseconds total = std::chrono::seconds{15};  ///< All addresses together.

    /// How long an address is tried before the next one is tried beside it: the Connection Attempt Delay of
    /// RFC 8305 section 5, which wants 100 ms or more. Zero: one after the other.
    std::chrono::milliseconds stagger = std::chrono::milliseconds{250};

    /// How many addresses are tried; those behind them count as if they were not there. Zero: all.
    std::size_t max_attempts = 0;
};

} // namespace viaduct

#endif

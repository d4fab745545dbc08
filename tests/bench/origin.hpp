#ifndef VIADUCT_TESTS_BENCH_ORIGIN_HPP
#define VIADUCT_TESTS_BENCH_ORIGIN_HPP

#include <cstdint>

namespace bench {

/// What a connection to the origin begins with says what the origin does on it.
namespace wish {
inline constexpr char echo = 'e'; ///< sends everything back, this octet included
inline constexpr char source =
    's'; ///< 8 octets follow, a count (big-endian): sends that many, then reads to the end
inline constexpr char sink = 'k'; ///< 8 octets follow, a count: reads that many, then sends one octet
} // namespace wish

/// The first octet and the count, as they go over the wire.
inline constexpr unsigned wish_size = 9;

/// The addresses that the origin listens on, from 127.0.0.1 on. Several, so that the ports of connections
/// that have just ended do not run out, whose search would be charged to the contender.
inline constexpr unsigned origin_addresses = 16;

/// Serves on a port of loopback (0: a free one, which is printed) until the process is ended.
[[noreturn]] void run_origin(std::uint16_t port, unsigned threads);

} // namespace bench

#endif

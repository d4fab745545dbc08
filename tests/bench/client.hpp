#ifndef VIADUCT_TESTS_BENCH_CLIENT_HPP
#define VIADUCT_TESTS_BENCH_CLIENT_HPP

#include "net.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bench {

enum class load_mode
{
    setup, ///< tunnels one after the other, each for one octet there and back
    bulk,  ///< octets in one direction
    ping,  ///< 64 octets there and back, again and again
    idle   ///< tunnels that are open, and nothing else
};

/// What the load generator is to do.
struct load_plan
{
    load_mode mode{};
    sockaddr_in door{};                ///< where it connects to
    std::optional<sockaddr_in> target; ///< what it asks for with CONNECT; without it there is no CONNECT
    unsigned spread = 1;               ///< so many addresses in a row that targets are taken from
    unsigned tunnels = 1;              ///< open at a time
    std::uint64_t count = 1;           ///< tunnels of setup, messages of ping
    std::uint64_t bytes = 0;           ///< of bulk, all tunnels together
    bool up = false;                   ///< the direction of bulk: towards the origin
    unsigned threads = 1;
    std::chrono::seconds limit{60}; ///< a run that takes longer has failed
};

struct load_result
{
    std::uint64_t done = 0;                 ///< tunnels of setup and idle, messages of ping
    std::uint64_t bytes = 0;                ///< of bulk
    double seconds = 0;                     ///< without the opening, where that is not the work itself
    std::vector<std::uint32_t> nanoseconds; ///< of each tunnel of setup, each message of ping
};

/// The moments at which the caller may look at the contender: once all tunnels are open, and once the work is
/// done.
struct load_stages
{
    std::function<void()> open;
    std::function<void(load_result const&)> done;
};

/// Does what the plan says. Throws a `failure` at the first error.
void run_load(load_plan const& plan, load_stages const& stages);

} // namespace bench

#endif

#ifndef VIADUCT_CLIENT_PROXY_HEALTH_HPP
#define VIADUCT_CLIENT_PROXY_HEALTH_HPP

#include <viaduct/client/proxy_list.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace viaduct {

/// Remembers which proxies could not be reached, so that the next tunnel tries them last.
/**
 * Only what keeps a proxy from being spoken to at all counts as a failure: its name, its TCP connection, its
 * TLS. A proxy that refuses a tunnel is a healthy one.
 *
 * A failure is forgotten after a while, or once the proxy has worked. Proxies are told apart by scheme, host
 * and port, not by credentials.
 *
 * Distinct objects: safe. Shared objects: safe.
 */
class proxy_health
{
public:
    using clock = std::chrono::steady_clock;

    /// Knows of no failure.
    /**
     * @param memory How long a failure counts; zero for never.
     * @param capacity How many proxies are remembered at most; of more, the oldest failures are forgotten.
     */
    explicit proxy_health(clock::duration memory = std::chrono::minutes{5}, std::size_t capacity = 256)
        : memory_{memory},
          capacity_{capacity}
    {}

    proxy_health(proxy_health const&) = delete;
    proxy_health& operator=(proxy_health const&) = delete;

    /// The proxy could not be reached. The direct way is no proxy: it is not remembered.
    VIADUCT_DECL void failed(proxy_url const& proxy, clock::time_point now = clock::now());

    /// The proxy was reached, so what was remembered of it is forgotten.
    VIADUCT_DECL void worked(proxy_url const& proxy);

    /// Puts the ways whose first proxy has failed lately behind all others.
    /**
     * Nothing is removed or added, and both groups keep their order: what is listed is what is tried, if need
     * be all of it. The direct way counts as a healthy one. So it passes the failed proxies before it, which
     * it is the listed fallback of, but no healthy one.
     *
     * Only the first proxy of a way is looked at, as the others are not reached from here.
     */
    [[nodiscard]] VIADUCT_DECL proxy_list order(proxy_list ways, clock::time_point now = clock::now()) const;

private:
    using failures = std::map<std::string, clock::time_point>; // by `to_text`: when it failed last

    void make_room(clock::time_point now);
    [[nodiscard]] bool is_recent(clock::time_point failure, clock::time_point now) const;

    std::mutex mutable mutex_;
    failures failures_;
    clock::duration memory_;
    std::size_t capacity_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/proxy_health.ipp>
#endif

#endif

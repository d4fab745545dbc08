#ifndef VIADUCT_NET_CARES_RESOLVER_HPP
#define VIADUCT_NET_CARES_RESOLVER_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/net/resolver.hpp>

#if defined(VIADUCT_BOOST_ASIO)
#include <boost/asio/ip/udp.hpp>
#else
#include <asio/ip/udp.hpp>
#endif

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace viaduct {

namespace detail {
class cares_thread;
}

/// Whom a `cares_resolver` asks, and how.
struct cares_options
{
    /// Name servers, in the order in which they are asked; UDP and TCP share a port. None for those of the
    /// system (`/etc/resolv.conf`), as they are when the resolver is made.
    std::vector<net::ip::udp::endpoint> servers{};

    /// How long a server may take for the first try; c-ares waits twice as long from round to round.
    std::chrono::milliseconds timeout{1000};

    /// How often each server is asked. With the defaults one server has 3 seconds in all, so that a family
    /// about which it says nothing does not use up the 5 seconds that a proxy has for a look-up.
    int tries = 2;

    /// Whether `/etc/hosts` is looked at first.
    bool hosts_file = true;

    /// How many questions may be under way. One more is answered with `errc::resolver_overloaded`.
    std::size_t max_under_way = 4096;
};

/// Asks name servers itself, with c-ares; in a library of its own, `viaduct-cares`.
/**
 * All look-ups run on one thread, and none holds up another. IPv6 and IPv4 addresses are asked for at the
 * same time, and come in the order of RFC 6724. An answer holds for the shortest TTL in it, those of aliases
 * included; what comes from `/etc/hosts` for no time at all.
 *
 * Names are absolute, so no search domain is ever appended: what a client of a proxy asks for must not
 * become a name of the proxy's own network. `localhost` is this machine, without a question (RFC 6761).
 *
 * It keeps no memory and joins no questions: put a `caching_resolver` in front of it.
 *
 * Answers: `net::error::host_not_found`, `no_data` (the name exists, and has no address),
 * `host_not_found_try_again` (no server has an answer), `no_recovery` (an answer that makes no sense),
 * `errc::resolve_timeout`, `errc::resolver_overloaded`; `operation_aborted` for what is under way when the
 * resolver is destroyed.
 *
 * Distinct objects: safe. Shared objects: safe, the destructor excepted. The destructor ends the thread,
 * without waiting for any server; it must not run within an answer.
 */
class cares_resolver final : public resolver
{
public:
    /// @throws system_error If c-ares or the thread cannot be started.
    VIADUCT_DECL explicit cares_resolver(cares_options const& options = {});
    VIADUCT_DECL ~cares_resolver() override;

    VIADUCT_DECL void ask(std::shared_ptr<name_query> query) override;

private:
    std::unique_ptr<detail::cares_thread> thread_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/cares_resolver.ipp>
#endif

#endif

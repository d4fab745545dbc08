#ifndef VIADUCT_NET_SYSTEM_RESOLVER_HPP
#define VIADUCT_NET_SYSTEM_RESOLVER_HPP

#include <viaduct/detail/lookup_pool.hpp>
#include <viaduct/net/resolver.hpp>

#include <cstddef>
#include <memory>

namespace viaduct {

/// The system's name service (`getaddrinfo`), made cancellable.
/**
 * Asio's own resolver has one thread a context and cannot give up a look-up that hangs. This one has several
 * threads, and a look-up that was cancelled is forgotten: its thread goes on until the system answers, but
 * nobody waits for it. Those who ask for one name at a time wait for one look-up, so a name that hangs keeps
 * one thread, whatever its popularity.
 *
 * The order of the addresses is the system's (RFC 6724); how long an answer holds the system does not tell.
 *
 * Distinct objects: safe. Shared objects: safe, the destructor excepted. Destroying the resolver does not
 * wait for look-ups under way, and those who wait for them get their answers all the same.
 */
class system_resolver final : public resolver
{
public:
    /**
     * @param threads How many look-ups may run at once, those that hang included: with one more, names that
     * would be found at once have to wait. Threads are started when first needed; one that waits for a name
     * server costs hardly any memory.
     * @param max_waiting How many names may wait for a thread. The question for one more is answered with
     * `errc::resolver_overloaded`.
     */
    VIADUCT_DECL explicit system_resolver(std::size_t threads = 64, std::size_t max_waiting = 1024);

    /// One that looks for addresses of a family only: the name servers are not asked for others, so that they
    /// cannot hold up anything either.
    VIADUCT_DECL explicit system_resolver(address_family family, std::size_t threads = 64,
                                          std::size_t max_waiting = 1024);

    VIADUCT_DECL void ask(std::shared_ptr<name_query> query) override;

private:
    detail::lookup_pool pool_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/system_resolver.ipp>
#endif

#endif

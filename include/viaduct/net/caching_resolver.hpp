#ifndef VIADUCT_NET_CACHING_RESOLVER_HPP
#define VIADUCT_NET_CACHING_RESOLVER_HPP

#include <viaduct/net/resolver.hpp>
#include <viaduct/net/resolver_cache.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

namespace viaduct {

namespace detail {
class joined_lookups;
}

/// How a `caching_resolver` remembers.
struct caching_options
{
    resolver_cache_options cache{};

    /// For how long a question waits for new addresses where there are stale ones. The default is the one of
    /// RFC 8767 section 5; it is to be shorter than the caller's deadline.
    std::chrono::milliseconds stale_after{1800};
};

/// Remembers what another resolver has said, and asks it once for all who want to know the same.
/**
 * - Addresses are kept for their TTL, within limits; failures for a shorter while (`resolver_cache_options`).
 * - Those who ask for one name at a time wait for one look-up.
 * - Addresses whose time is over serve once more if the name service fails, or is late; the look-up goes on
 *   and brings the next one new ones. A name that does not exist any more is not kept alive so.
 *
 * A remembered answer is given before `ask` returns. Who may go where is decided on each answer anew, so a
 * name that changes gains nothing by it.
 *
 * Distinct objects: safe. Shared objects: safe, the destructor excepted. Destroying it cancels nothing: those
 * who wait get their answers from the other resolver.
 */
class caching_resolver final : public resolver
{
public:
    /// @param next The one that is asked; never null.
    VIADUCT_DECL explicit caching_resolver(std::shared_ptr<resolver> next,
                                           caching_options const& options = {});
    VIADUCT_DECL ~caching_resolver() override;

    VIADUCT_DECL void ask(std::shared_ptr<name_query> query) override;

    /// How many names are remembered.
    [[nodiscard]] VIADUCT_DECL std::size_t size() const;

private:
    std::shared_ptr<resolver> next_;
    std::shared_ptr<detail::joined_lookups> shared_; // with the look-ups under way, which may outlive this
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/caching_resolver.ipp>
#endif

#endif

#ifndef VIADUCT_AUTH_CREDENTIAL_CACHE_HPP
#define VIADUCT_AUTH_CREDENTIAL_CACHE_HPP

#include <viaduct/error.hpp>
#include <viaduct/impl/auth/constant_time.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace viaduct {

/// Remembers for a while which credentials were accepted, so that not every request asks the store.
/**
 * A rule: no clock and no lock of its own. The credentials are kept as they came, and overwritten when their
 * entry goes: they are then as safe as in the request that carried them. Nothing tells them to anybody.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class credential_cache
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// @param ttl How long an acceptance holds, counted from the store's answer; zero or less keeps nothing.
    /// @param most How many entries there may be; the one that was used longest ago makes room for the next.
    VIADUCT_DECL credential_cache(std::chrono::seconds ttl, std::size_t most);
    credential_cache(credential_cache const&) = delete;
    credential_cache& operator=(credential_cache const&) = delete;
    VIADUCT_DECL ~credential_cache();

    /// The user to whom these credentials belong, if they were accepted less than the ttl ago.
    /** @param scheme In the spelling of `put`. @param credentials Untrusted. */
    [[nodiscard]] VIADUCT_DECL std::optional<std::string> find(std::string_view scheme,
                                                               std::string_view credentials, time_point now);

    /// They were accepted as `user`'s. Longer ones than `max_credentials` are not remembered.
    VIADUCT_DECL void put(std::string_view scheme, std::string_view credentials, std::string_view user,
                          time_point now);

    /// Forgets everything, as after a change of the passwords.
    VIADUCT_DECL void clear() noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return by_text_.size(); }

    /// In octets, the name of the scheme included.
    static constexpr std::size_t max_credentials = 4096;

private:
    struct entry
    {
        std::string text; // a secret
        std::string user;
        time_point end;
    };
    using entries = std::list<entry>;

    /// Finding where two secrets differ is nobody's business, although the hash has to be right already.
    struct same_secret
    {
        [[nodiscard]] bool operator()(std::string_view a, std::string_view b) const noexcept
        {
            return detail::constant_time_equal(a, b);
        }
    };

    void erase(entries::iterator at) noexcept;

    std::chrono::seconds ttl_;
    std::size_t most_;
    entries by_use_; // the one used last first
    std::unordered_map<std::string_view, entries::iterator, std::hash<std::string_view>, same_secret>
        by_text_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/credential_cache.ipp>
#endif

#endif

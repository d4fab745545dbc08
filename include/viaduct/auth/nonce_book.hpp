#ifndef VIADUCT_AUTH_NONCE_BOOK_HPP
#define VIADUCT_AUTH_NONCE_BOOK_HPP

// The authentication codes are OpenSSL's, so this header is not part of viaduct.hpp. Link with libcrypto.

#include <viaduct/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// How long a nonce of the Digest scheme is good.
struct nonce_rules
{
    std::chrono::seconds max_age = std::chrono::minutes{30}; ///< Squid's `nonce_max_duration`.
    std::uint32_t max_count = 50; ///< Requests with one nonce, 4096 at most; Squid's `nonce_max_count`.

    /// Each count must be the next one (Squid's `nonce_strictness`). Without it each is good once, in any
    /// order, as it must be for clients that open several tunnels at a time.
    bool strict = false;

    std::size_t max_nonces = 8192; ///< How many nonces in use are remembered.
};

/// What a nonce is worth that came back with a right response.
enum class nonce_use : unsigned char
{
    good,
    good_once_more, ///< Good, but it will not be much longer: time to name the next one.
    stale           ///< Unknown, too old, used up, or used with this count before.
};

/// The server's nonces of the Digest scheme: made, recognised, and good for one request with each count.
/**
 * A rule: no clock and no lock of its own. Making one remembers nothing, so that those who ask and never
 * answer cost no memory: a nonce tells when it was made, under a code that only this book can make. One is
 * remembered, with the counts that it came with, from its first use on; when more are in use than may be, the
 * oldest of them ends before its time.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class nonce_book
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// @param secret At least 32 octets that nobody can guess; empty for random ones. Two books with one
    /// secret must not be used: a nonce would be good in both.
    VIADUCT_DECL explicit nonce_book(nonce_rules rules, std::string secret = {});
    nonce_book(nonce_book const&) = delete;
    nonce_book& operator=(nonce_book const&) = delete;
    VIADUCT_DECL ~nonce_book();

    /// A new nonce, of 64 hexadecimal digits; empty if OpenSSL has no random octets or no HMAC.
    [[nodiscard]] VIADUCT_DECL std::string issue(time_point now);

    /// Uses a nonce up for one count.
    /**
     * To be asked only once the response is known to be right: else anybody could use up another's counts.
     *
     * @param nonce Untrusted. @param nc From 1 on.
     */
    [[nodiscard]] VIADUCT_DECL nonce_use use(std::string_view nonce, std::uint32_t nc, time_point now);

    /// How many nonces are remembered.
    [[nodiscard]] std::size_t in_use() const noexcept { return used_.size(); }

private:
    /// What a nonce says of itself.
    struct stamp
    {
        std::uint64_t milliseconds; // from the book's first one on
        std::uint64_t number;       // in the order in which they were made
    };
    struct counts
    {
        std::uint64_t milliseconds;
        std::uint32_t highest = 0;
        std::vector<bool> seen{};
    };

    [[nodiscard]] std::uint64_t age_of_book(time_point now);
    [[nodiscard]] std::string text_of(stamp const& what) const;
    [[nodiscard]] std::optional<stamp> recognise(std::string_view nonce) const;
    [[nodiscard]] bool take(counts& known, std::uint32_t nc) const;
    [[nodiscard]] counts* find_or_add(stamp const& what);
    void forget_old(std::uint64_t now);

    nonce_rules rules_;
    std::string secret_;
    std::optional<time_point> begin_;
    std::uint64_t next_number_ = 1;
    std::uint64_t forgotten_ = 0; // up to this number a nonce that is not remembered is stale
    std::map<std::uint64_t, counts> used_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/auth/nonce_book.ipp>
#endif

#endif

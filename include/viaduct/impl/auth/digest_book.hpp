#ifndef VIADUCT_IMPL_AUTH_DIGEST_BOOK_HPP
#define VIADUCT_IMPL_AUTH_DIGEST_BOOK_HPP

#include <viaduct/auth/digest.hpp>
#include <viaduct/impl/auth/wipe.hpp>

#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct::detail {

/// A challenge, and which request with its nonce is the next one.
struct digest_turn
{
    digest_challenge offer;
    std::string cnonce; // empty if there were no random bits
    std::uint32_t nc = 0;
};

/// What all tunnels through one proxy share of the Digest scheme.
class digest_book
{
public:
    explicit digest_book(credentials who) : who_{std::move(who)} {}
    digest_book(digest_book const&) = delete;
    digest_book& operator=(digest_book const&) = delete;
    ~digest_book() { wipe(who_.password); }

    [[nodiscard]] credentials const& who() const noexcept { return who_; }

    [[nodiscard]] bool has_nonce() const
    {
        std::lock_guard const lock{mutex_};
        return last_.has_value();
    }

    /// The next request with the nonce that is remembered, if one is.
    [[nodiscard]] std::optional<digest_turn> next()
    {
        std::lock_guard const lock{mutex_};
        return count();
    }

    /// The next request with the nonce of a challenge, which is remembered from now on.
    [[nodiscard]] std::optional<digest_turn> next(digest_challenge offer)
    {
        std::lock_guard const lock{mutex_};
        remember(std::move(offer));
        return count();
    }

    /// The proxy wants a nonce to be used from the next request on.
    void take_over(digest_challenge offer)
    {
        std::lock_guard const lock{mutex_};
        remember(std::move(offer));
    }

    /// Forgets a nonce, unless another tunnel has brought a newer one meanwhile.
    void forget(std::string_view nonce)
    {
        std::lock_guard const lock{mutex_};
        if (last_ && last_->offer.nonce == nonce) last_.reset();
    }

private:
    void remember(digest_challenge offer)
    {
        // A nonce seen before goes on counting: the proxy takes a count that it has seen for a replay.
        if (last_ && last_->offer.nonce == offer.nonce)
            last_->offer = std::move(offer);
        else
            last_ = digest_turn{std::move(offer), make_digest_cnonce()};
    }

    [[nodiscard]] std::optional<digest_turn> count()
    {
        if (!last_) return std::nullopt;
        ++last_->nc;
        auto turn = *last_;
        if (turn.nc == last_count || turn.cnonce.empty()) last_.reset();
        return turn;
    }

    static constexpr auto last_count = std::numeric_limits<std::uint32_t>::max(); // then the nonce is used up

    credentials who_;
    mutable std::mutex mutex_;
    std::optional<digest_turn> last_;
};

} // namespace viaduct::detail

#endif

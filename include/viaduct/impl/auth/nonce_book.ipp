#ifndef VIADUCT_IMPL_AUTH_NONCE_BOOK_IPP
#define VIADUCT_IMPL_AUTH_NONCE_BOOK_IPP

#include <viaduct/auth/nonce_book.hpp>
#include <viaduct/impl/auth/constant_time.hpp>
#include <viaduct/impl/auth/evp.hpp>
#include <viaduct/impl/auth/wipe.hpp>

#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <tuple>
#include <utility>

namespace viaduct {
namespace detail {

inline constexpr std::size_t nonce_digits = 32; // the stamp, and the code behind it

[[nodiscard]] inline std::string random_secret()
{
    openssl_error_mark const mark;
    std::string octets(32, '\0');
    return RAND_bytes(reinterpret_cast<unsigned char*>(octets.data()), 32) == 1 ? octets : std::string{};
}

/// 128 bits of an HMAC with SHA-256, in hexadecimal digits; empty if OpenSSL refuses.
[[nodiscard]] inline std::string nonce_code(std::string_view secret, std::string_view text)
{
    openssl_error_mark const mark;
    unsigned char octets[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    auto const* const from = reinterpret_cast<unsigned char const*>(text.data());
    if (!HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), from, text.size(), octets, &size))
        return {};
    return to_hex(std::span{octets}.first(nonce_digits / 2));
}

[[nodiscard]] inline std::string hex_digits_of(std::uint64_t number)
{
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4)
        text += "0123456789abcdef"[number >> shift & 0x0f];
    return text;
}

[[nodiscard]] inline std::uint64_t number_of(std::string_view digits)
{
    std::uint64_t number = 0;
    std::ignore = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    return number;
}

} // namespace detail

VIADUCT_DECL nonce_book::nonce_book(nonce_rules rules, std::string secret)
    : rules_{rules},
      secret_{secret.empty() ? detail::random_secret() : std::move(secret)}
{
    rules_.max_count = std::clamp<std::uint32_t>(rules_.max_count, 1, 4096);
    rules_.max_nonces = std::max<std::size_t>(rules_.max_nonces, 1);
    rules_.max_age = std::clamp<std::chrono::seconds>(rules_.max_age, std::chrono::seconds{0},
                                                      std::chrono::hours{24 * 365});
}

VIADUCT_DECL nonce_book::~nonce_book()
{
    detail::wipe(secret_);
}

VIADUCT_DECL std::string nonce_book::issue(time_point now)
{
    if (secret_.empty()) return {};
    return text_of({age_of_book(now), next_number_++});
}

VIADUCT_DECL nonce_use nonce_book::use(std::string_view nonce, std::uint32_t nc, time_point now)
{
    auto const time = age_of_book(now);
    forget_old(time);
    auto const what = recognise(nonce);
    auto const limit = static_cast<std::uint64_t>(rules_.max_age.count()) * 1000;
    if (!what || nc == 0 || nc > rules_.max_count || time - std::min(time, what->milliseconds) >= limit)
        return nonce_use::stale;
    auto* const known = find_or_add(*what);
    if (!known || !take(*known, nc)) return nonce_use::stale;
    bool const last = nc == rules_.max_count || time - std::min(time, what->milliseconds) >= limit / 10 * 9;
    return last ? nonce_use::good_once_more : nonce_use::good;
}

VIADUCT_DECL std::uint64_t nonce_book::age_of_book(time_point now)
{
    if (!begin_) begin_ = now; // so that no nonce tells for how long the machine has been up
    auto const age = std::chrono::duration_cast<std::chrono::milliseconds>(now - *begin_).count();
    return age < 0 ? 0 : static_cast<std::uint64_t>(age);
}

VIADUCT_DECL std::string nonce_book::text_of(stamp const& what) const
{
    auto text = detail::hex_digits_of(what.milliseconds) + detail::hex_digits_of(what.number);
    auto const code = detail::nonce_code(secret_, text);
    return code.empty() ? std::string{} : text + code;
}

VIADUCT_DECL std::optional<nonce_book::stamp> nonce_book::recognise(std::string_view nonce) const
{
    if (nonce.size() != 2 * detail::nonce_digits || secret_.empty()) return std::nullopt;
    auto const code = detail::nonce_code(secret_, nonce.substr(0, detail::nonce_digits));
    if (!detail::constant_time_equal(nonce.substr(detail::nonce_digits), code)) return std::nullopt;
    return stamp{detail::number_of(nonce.substr(0, 16)), detail::number_of(nonce.substr(16, 16))};
}

/// Whether the count is good, and was not seen before.
VIADUCT_DECL bool nonce_book::take(counts& known, std::uint32_t nc) const
{
    if (rules_.strict && nc != known.highest + 1) return false;
    if (known.seen.size() <= nc) known.seen.resize(nc + 1);
    if (known.seen[nc]) return false;
    known.seen[nc] = true;
    known.highest = std::max(known.highest, nc);
    return true;
}

/// Null for a nonce that was remembered once, or might have been.
VIADUCT_DECL nonce_book::counts* nonce_book::find_or_add(stamp const& what)
{
    auto const found = used_.find(what.number);
    if (found != used_.end()) return &found->second;
    if (what.number <= forgotten_) return nullptr;
    auto* const added = &used_.emplace(what.number, counts{what.milliseconds, 0, {}}).first->second;
    if (used_.size() <= rules_.max_nonces) return added;
    auto const oldest = used_.begin();
    forgotten_ = oldest->first;
    bool const is_itself = &oldest->second == added;
    used_.erase(oldest);
    return is_itself ? nullptr : added;
}

/// Numbers and times rise together, so the old ones come first.
VIADUCT_DECL void nonce_book::forget_old(std::uint64_t now)
{
    auto const limit = static_cast<std::uint64_t>(rules_.max_age.count()) * 1000;
    while (!used_.empty() && now - std::min(now, used_.begin()->second.milliseconds) >= limit) {
        forgotten_ = std::max(forgotten_, used_.begin()->first);
        used_.erase(used_.begin());
    }
}

} // namespace viaduct

#endif

#ifndef VIADUCT_IMPL_AUTH_DIGEST_HASH_IPP
#define VIADUCT_IMPL_AUTH_DIGEST_HASH_IPP

// What the Digest scheme needs of OpenSSL, and nothing else.

#include <viaduct/auth/digest.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>
#include <span>

namespace viaduct {
namespace detail {

[[nodiscard]] constexpr char const* openssl_name(digest_algorithm algorithm) noexcept
{
    switch (algorithm) {
    case digest_algorithm::sha_256:
    case digest_algorithm::sha_256_sess: return "SHA256";
    case digest_algorithm::sha_512_256:
    case digest_algorithm::sha_512_256_sess: return "SHA512-256";
    default: return "MD5";
    }
}

struct evp_free
{
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
    void operator()(EVP_MD* type) const noexcept
    {
        EVP_MD_free(type);
    }
#else
    void operator()(EVP_MD const*) const noexcept {} // belongs to the library
#endif
};

#if OPENSSL_VERSION_NUMBER >= 0x30000000L
/// Fetched, for only that tells what the providers of this process really offer.
[[nodiscard]] inline std::unique_ptr<EVP_MD, evp_free> evp_type(digest_algorithm algorithm) noexcept
{
    return std::unique_ptr<EVP_MD, evp_free>{EVP_MD_fetch(nullptr, openssl_name(algorithm), nullptr)};
}
#else
[[nodiscard]] inline std::unique_ptr<EVP_MD const, evp_free> evp_type(digest_algorithm algorithm) noexcept
{
    return std::unique_ptr<EVP_MD const, evp_free>{EVP_get_digestbyname(openssl_name(algorithm))};
}
#endif

/// Leaves OpenSSL's queue of errors as it was: TLS on the same thread takes what is in it for its own.
class openssl_error_mark
{
public:
    openssl_error_mark() noexcept { ERR_set_mark(); }
    openssl_error_mark(openssl_error_mark const&) = delete;
    openssl_error_mark& operator=(openssl_error_mark const&) = delete;
    ~openssl_error_mark() { ERR_pop_to_mark(); }
};

[[nodiscard]] inline bool update_joined(EVP_MD_CTX* context, std::initializer_list<std::string_view> texts)
{
    std::string_view separator;
    for (auto const text : texts) {
        if (EVP_DigestUpdate(context, separator.data(), separator.size()) != 1 ||
            EVP_DigestUpdate(context, text.data(), text.size()) != 1)
            return false;
        separator = ":";
    }
    return true;
}

[[nodiscard]] inline std::string to_hex(std::span<unsigned char const> octets)
{
    std::string text;
    text.reserve(octets.size() * 2);
    for (auto const octet : octets) {
        text += "0123456789abcdef"[octet >> 4];
        text += "0123456789abcdef"[octet & 0x0f];
    }
    return text;
}

} // namespace detail

VIADUCT_DECL std::string digest_hash(digest_algorithm algorithm,
                                     std::initializer_list<std::string_view> texts)
{
    detail::openssl_error_mark const mark;
    auto const type = detail::evp_type(algorithm);
    std::unique_ptr<EVP_MD_CTX, detail::evp_free> const context{EVP_MD_CTX_new()};
    unsigned char octets[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (!type || !context || EVP_DigestInit_ex(context.get(), type.get(), nullptr) != 1 ||
        !detail::update_joined(context.get(), texts) || EVP_DigestFinal_ex(context.get(), octets, &size) != 1)
        return {};
    return detail::to_hex(std::span{octets}.first(size));
}

VIADUCT_DECL std::string make_digest_cnonce()
{
    detail::openssl_error_mark const mark;
    unsigned char octets[16];
    if (RAND_bytes(octets, sizeof octets) != 1) return {};
    return detail::to_hex(octets);
}

} // namespace viaduct

#endif

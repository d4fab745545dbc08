#ifndef VIADUCT_IMPL_AUTH_DIGEST_HASH_IPP
#define VIADUCT_IMPL_AUTH_DIGEST_HASH_IPP

// What the Digest scheme needs of OpenSSL, and nothing else.

#include <viaduct/auth/digest.hpp>
#include <viaduct/impl/auth/evp.hpp>

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

} // namespace detail

VIADUCT_DECL std::string digest_hash(digest_algorithm algorithm,
                                     std::initializer_list<std::string_view> texts)
{
    detail::openssl_error_mark const mark;
    auto const type = detail::evp_type(detail::openssl_name(algorithm));
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

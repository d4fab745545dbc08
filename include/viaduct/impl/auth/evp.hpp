#ifndef VIADUCT_IMPL_AUTH_EVP_HPP
#define VIADUCT_IMPL_AUTH_EVP_HPP

// What is needed of OpenSSL's hashes, in more than one library.

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>
#include <span>
#include <string>

namespace viaduct::detail {

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
[[nodiscard]] inline std::unique_ptr<EVP_MD, evp_free> evp_type(char const* name) noexcept
{
    return std::unique_ptr<EVP_MD, evp_free>{EVP_MD_fetch(nullptr, name, nullptr)};
}
#else
[[nodiscard]] inline std::unique_ptr<EVP_MD const, evp_free> evp_type(char const* name) noexcept
{
    return std::unique_ptr<EVP_MD const, evp_free>{EVP_get_digestbyname(name)};
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

} // namespace viaduct::detail

#endif

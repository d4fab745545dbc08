#ifndef VIADUCT_IMPL_AUTH_WIPE_HPP
#define VIADUCT_IMPL_AUTH_WIPE_HPP

#include <openssl/crypto.h>

#include <string>

namespace viaduct::detail {

/// Overwrites a secret before its memory goes back, where no optimiser may think it useless.
inline void wipe(std::string& secret) noexcept
{
    OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

} // namespace viaduct::detail

#endif

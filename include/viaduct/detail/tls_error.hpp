#ifndef VIADUCT_DETAIL_TLS_ERROR_HPP
#define VIADUCT_DETAIL_TLS_ERROR_HPP

#include <viaduct/error.hpp>

#include <string_view>

namespace viaduct::detail {

// Asio's categories of such errors belong to a header that only those who link OpenSSL include, so they are
// known by their names here.

/// Whether TLS has ended without its alert: somebody may have cut it off.
[[nodiscard]] inline bool is_tls_truncation(error_code ec) noexcept
{
    return ec && std::string_view{ec.category().name()} == "asio.ssl.stream";
}

/// Whether TLS itself has failed, or its peer has said so by an alert.
[[nodiscard]] inline bool is_tls_failure(error_code ec) noexcept
{
    return ec && std::string_view{ec.category().name()} == "asio.ssl";
}

} // namespace viaduct::detail

#endif

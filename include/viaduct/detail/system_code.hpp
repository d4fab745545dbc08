#ifndef VIADUCT_DETAIL_SYSTEM_CODE_HPP
#define VIADUCT_DETAIL_SYSTEM_CODE_HPP

#include <viaduct/detail/config.hpp>

#include <cerrno>
#include <string_view>

namespace viaduct::detail {

/// Whether an error is this one of the system's, such as ECONNRESET.
/**
 * Asio by itself has a category of its own for them, which does not compare with `std::errc`; Boost's does,
 * and the standard library's. All of them hold values of `errno`.
 */
[[nodiscard]] inline bool is_system_error(error_code ec, int value) noexcept
{
    std::string_view const name = ec.category().name();
    return ec.value() == value && (name == "asio.system" || name == "system" || name == "generic");
}

/// Whether an error comes from the name service.
[[nodiscard]] inline bool is_of_name_service(error_code ec) noexcept
{
    std::string_view const name = ec.category().name();
    return ec && (name == "asio.netdb" || name == "asio.addrinfo");
}

} // namespace viaduct::detail

#endif

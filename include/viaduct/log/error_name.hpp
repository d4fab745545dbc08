#ifndef VIADUCT_LOG_ERROR_NAME_HPP
#define VIADUCT_LOG_ERROR_NAME_HPP

#include <viaduct/error.hpp>

#include <string_view>

namespace viaduct {

/// One word for an error, for programs that read logs: it stays the same whatever the message says.
/**
 * The name of the `errc` (`idle_timeout`), the system's own name (`ECONNRESET`), the name service's
 * (`HOST_NOT_FOUND`), `eof`; for all others the name of the category, such as `asio.ssl`. Letters, digits,
 * `_` and `.` alone, so it can stand in any line as it is. Allocates nothing.
 *
 * @returns Nothing for no error.
 */
[[nodiscard]] VIADUCT_DECL std::string_view error_name(error_code ec) noexcept;

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/error_name.ipp>
#endif

#endif

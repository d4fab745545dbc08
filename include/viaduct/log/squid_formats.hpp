#ifndef VIADUCT_LOG_SQUID_FORMATS_HPP
#define VIADUCT_LOG_SQUID_FORMATS_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/record_format.hpp>

/// Squid's built-in formats besides its native one; for others see `squid_logformat`.
/**
 * Their layout is that of Squid 5.7. Where Squid prints what a client sent as it came (Referer, User-Agent, a
 * user's name with blanks in it), it is escaped here.
 */
namespace viaduct {

/// `CLIENT - USER [TIME] "METHOD TARGET HTTP/1.1" STATUS BYTES TAG:HIERARCHY`, close to Apache's.
[[nodiscard]] VIADUCT_DECL record_format_ptr squid_common();

/// The same with `"REFERER" "USER-AGENT"` before the tag. Wishes for fields.
[[nodiscard]] VIADUCT_DECL record_format_ptr squid_combined();

/// `TIME CLIENT REFERER TARGET`. Wishes for fields.
[[nodiscard]] VIADUCT_DECL record_format_ptr squid_referrer();

/// `CLIENT [TIME] "USER-AGENT"`. Wishes for fields.
[[nodiscard]] VIADUCT_DECL record_format_ptr squid_useragent();

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/squid_formats.ipp>
#endif

#endif

#ifndef VIADUCT_LOG_NAMED_FORMATS_HPP
#define VIADUCT_LOG_NAMED_FORMATS_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/record_format.hpp>

#include <string_view>
#include <vector>

namespace viaduct {

/// The format that an operator knows by a name, with nothing set that an operator could choose.
/**
 * | name | format |
 * |---|---|
 * | `squid` | `squid_native` |
 * | `common`, `combined`, `referrer`, `useragent` | Squid's others: `squid_formats.hpp` |
 * | `envoy` | `envoy_default` |
 * | `istio` | `istio_default` |
 * | `haproxy` | `haproxy_tcp` |
 * | `json` | `json_flat` |
 * | `ecs` | `json_ecs` |
 * | `otlp` | `json_otlp` |
 *
 * @param name In small letters.
 * @returns Null for any other name.
 */
[[nodiscard]] VIADUCT_DECL record_format_ptr format_named(std::string_view name);

/// All of these names.
[[nodiscard]] VIADUCT_DECL std::vector<std::string_view> format_names();

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/named_formats.ipp>
#endif

#endif

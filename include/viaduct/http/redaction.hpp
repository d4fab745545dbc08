#ifndef VIADUCT_HTTP_REDACTION_HPP
#define VIADUCT_HTTP_REDACTION_HPP

#include <viaduct/http/fields.hpp>

#include <string_view>

namespace viaduct {

/// Whether a field with this name holds a secret: credentials, cookies, the usual names for API keys.
[[nodiscard]] VIADUCT_DECL bool is_secret_field(std::string_view name) noexcept;

/// The lines with `***` in place of what is secret in them, so that they can be shown and logged.
/** Of credentials the scheme stays: `Proxy-Authorization: Basic ***`. */
[[nodiscard]] VIADUCT_DECL fields without_secrets(field_list lines);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/http/redaction.ipp>
#endif

#endif

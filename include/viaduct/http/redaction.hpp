#ifndef VIADUCT_HTTP_REDACTION_HPP
#define VIADUCT_HTTP_REDACTION_HPP

#include <viaduct/http/fields.hpp>

#include <string>
#include <string_view>

namespace viaduct {

/// Whether a field with this name holds a secret: credentials, cookies, the usual names for API keys.
[[nodiscard]] VIADUCT_DECL bool is_secret_field(std::string_view name) noexcept;

/// The lines with `***` in place of what is secret in them, so that they can be shown and logged.
/** Of credentials the scheme stays, if it is one of those in use: `Proxy-Authorization: Basic ***`. */
[[nodiscard]] VIADUCT_DECL fields without_secrets(field_list lines);

/// A request's target with `***` for the user and the password in it: `http://***@www.example/`.
/** @param target Any text; only what stands before the `@` of a host is taken for a secret. */
[[nodiscard]] VIADUCT_DECL std::string target_without_user(std::string_view target);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/http/redaction.ipp>
#endif

#endif

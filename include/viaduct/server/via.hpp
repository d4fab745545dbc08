#ifndef VIADUCT_SERVER_VIA_HPP
#define VIADUCT_SERVER_VIA_HPP

#include <viaduct/http/fields.hpp>

#include <string>
#include <string_view>

namespace viaduct {

/// An identifier that no other proxy has: 16 random hexadecimal digits, to be kept for the program's life.
[[nodiscard]] VIADUCT_DECL std::string make_via_id();

/// What a proxy says of itself in Via: `1.1 proxy.example (0123456789abcdef)` (RFC 9110 section 7.6.3).
/**
 * @param name A host name or a pseudonym; what cannot stand there becomes `-`.
 * @param id Goes into the comment, escaped; what nobody may send becomes `?`.
 */
[[nodiscard]] VIADUCT_DECL std::string via_member(std::string_view name, std::string_view id);

/// The Via of a request that is passed on: what it came with, and then our own member.
/** Without what it came with, a circle of several proxies would go unnoticed. */
[[nodiscard]] VIADUCT_DECL std::string via_for(field_list received, std::string_view member);

/// Whether a request has come through the proxy with this identifier before: it goes round in a circle, and
/// is to be refused with `errc::request_loop`.
/**
 * Looks at all Via lines, for a comment that is the identifier. The name is not looked at: several proxies
 * may have the same.
 *
 * @param received Untrusted. The grammar is not looked at, for it could be used to hide the comment.
 */
[[nodiscard]] VIADUCT_DECL bool has_passed(field_list received, std::string_view id);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/via.ipp>
#endif

#endif

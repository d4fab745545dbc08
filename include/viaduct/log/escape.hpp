#ifndef VIADUCT_LOG_ESCAPE_HPP
#define VIADUCT_LOG_ESCAPE_HPP

#include <viaduct/detail/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

/// How untrusted text is put into lines. Each function appends; none of them can append a control character.
namespace viaduct::escape {

inline constexpr std::size_t max_text =
    1024; ///< Octets of one text that get into a line; the rest is cut off.

/// As one column: white space, quotes, `%`, controls and everything beyond ASCII as `%XX`; `-` for nothing.
VIADUCT_DECL void column(std::string& line, std::string_view text);

/// For a place between double quotes: `\"`, `\\`, `\t`, `\r`, `\n`, and `\xXX` for all other controls and
/// everything beyond ASCII, as Apache does it. The quotes are not appended.
VIADUCT_DECL void quoted(std::string& line, std::string_view text);

/// For a JSON string: what RFC 8259 section 7 demands, DEL, and U+FFFD for each octet that is not UTF-8 and
/// for the controls and line separators beyond ASCII. The quotes are not appended.
VIADUCT_DECL void json(std::string& line, std::string_view text);

} // namespace viaduct::escape

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/escape.ipp>
#endif

#endif

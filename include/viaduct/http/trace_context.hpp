#ifndef VIADUCT_HTTP_TRACE_CONTEXT_HPP
#define VIADUCT_HTTP_TRACE_CONTEXT_HPP

#include <viaduct/detail/config.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace viaduct {

/// Which trace a request belongs to, as its client says in `traceparent` (W3C Trace Context, level 1).
struct trace_context
{
    std::string trace_id{};  ///< 32 hexadecimal digits in small letters, not all of them zero.
    std::string parent_id{}; ///< 16 of them: the span that made the request.
    bool sampled = false;    ///< Whether the client records this trace.

    friend bool operator==(trace_context const&, trace_context const&) = default;
};

/// Reads the value of a `traceparent` field; nothing if it is not a valid one.
/**
 * A version above 00 is read as far as 00 goes, as the standard's section 4.1 demands, and version ff is
 * invalid. What is accepted consists of hexadecimal digits alone, so it can stand in any log.
 *
 * @param value Untrusted.
 */
[[nodiscard]] VIADUCT_DECL std::optional<trace_context> parse_traceparent(std::string_view value);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/http/trace_context.ipp>
#endif

#endif

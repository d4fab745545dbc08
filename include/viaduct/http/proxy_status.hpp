#ifndef VIADUCT_HTTP_PROXY_STATUS_HPP
#define VIADUCT_HTTP_PROXY_STATUS_HPP

#include <viaduct/http/fields.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace viaduct {

/// What one proxy on the way says about a response: a member of the Proxy-Status field (RFC 9209 section 2).
struct proxy_status
{
    std::string proxy{};    ///< Who says it: a host name or a label.
    std::string error{};    ///< An error type of RFC 9209 section 2.3, such as `dns_timeout`; empty if none.
    std::string details{};  ///< Free text for people; empty if none.
    std::string next_hop{}; ///< Where the proxy went or wanted to go; empty if not told.
    unsigned received_status = 0; ///< The status that the proxy got from the next hop; 0 if not told.
    std::string rcode{}; ///< With `dns_error`: the DNS response code, such as `NXDOMAIN`; empty if not told.

    friend bool operator==(proxy_status const&, proxy_status const&) = default;
};

/// The error types of RFC 9209 section 2.3 that a CONNECT proxy has a use for.
namespace proxy_error {

inline constexpr std::string_view dns_timeout = "dns_timeout";
inline constexpr std::string_view dns_error = "dns_error";
inline constexpr std::string_view destination_not_found = "destination_not_found";
inline constexpr std::string_view destination_unavailable = "destination_unavailable";
inline constexpr std::string_view destination_ip_prohibited = "destination_ip_prohibited";
inline constexpr std::string_view destination_ip_unroutable = "destination_ip_unroutable";
inline constexpr std::string_view connection_refused = "connection_refused";
inline constexpr std::string_view connection_terminated = "connection_terminated";
inline constexpr std::string_view connection_timeout = "connection_timeout";
inline constexpr std::string_view connection_limit_reached = "connection_limit_reached";
inline constexpr std::string_view http_request_error = "http_request_error";
inline constexpr std::string_view http_request_denied = "http_request_denied";
inline constexpr std::string_view proxy_configuration_error = "proxy_configuration_error";
inline constexpr std::string_view proxy_internal_error = "proxy_internal_error";
inline constexpr std::string_view proxy_loop_detected = "proxy_loop_detected";

} // namespace proxy_error

/// Writes one member: `proxy; error=...; details="..."; next-hop="..."; received-status=502`.
/** Text that a structured field cannot hold (RFC 8941 section 3.3.3: printable ASCII) is replaced by `?`. */
[[nodiscard]] VIADUCT_DECL std::string to_string(proxy_status const& status);

/// Reads the value of a Proxy-Status field: a list of members, the one nearest to the origin first.
/**
 * By the grammar of RFC 8941 for a list of tokens or strings with parameters; unknown parameters are skipped.
 *
 * @param value Untrusted octets; not kept.
 * @return The members, or none at all if the value breaks the grammar (RFC 8941 section 4.2 asks for that).
 */
[[nodiscard]] VIADUCT_DECL std::vector<proxy_status> parse_proxy_status(std::string_view value);

/// The members of all Proxy-Status lines, in their order.
[[nodiscard]] VIADUCT_DECL std::vector<proxy_status> parse_proxy_status(field_list fields);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/http/proxy_status.ipp>
#endif

#endif

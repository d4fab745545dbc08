#ifndef VIADUCT_HTTP_STATUS_HPP
#define VIADUCT_HTTP_STATUS_HPP

#include <string_view>

namespace viaduct {

/// The reason phrase of a status that Viaduct sends (RFC 9110 section 15, RFC 6585); "Error" for any other.
[[nodiscard]] constexpr std::string_view reason_phrase(unsigned status) noexcept
{
    switch (status) {
    case 200: return "Connection established"; // what Squid says, and what some clients look for
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 414: return "URI Too Long";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 508: return "Loop Detected";
    default: return "Error";
    }
}

/// Whether a status is 2xx: with CONNECT, any of them opens the tunnel (RFC 9110 section 9.3.6).
[[nodiscard]] constexpr bool is_success(unsigned status) noexcept
{
    return status / 100 == 2;
}

/// Whether a status is 1xx and another answer follows; 101 is final, for it ends HTTP on the connection.
[[nodiscard]] constexpr bool is_interim(unsigned status) noexcept
{
    return status / 100 == 1 && status != 101;
}

} // namespace viaduct

#endif

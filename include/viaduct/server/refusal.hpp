#ifndef VIADUCT_SERVER_REFUSAL_HPP
#define VIADUCT_SERVER_REFUSAL_HPP

#include <viaduct/error.hpp>
#include <viaduct/http/fields.hpp>
#include <viaduct/server/status_profile.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace viaduct {

/// What becomes of the connection behind an answer.
enum class after_answer : unsigned char
{
    close,     ///< `Connection: close`, as RFC 9931 wants it behind a refused CONNECT.
    keep_alive ///< `Connection: keep-alive`, for a 407 in a conversation that belongs to its connection.
};

/// A negative answer to a request.
struct refusal
{
    unsigned status = 403;
    std::string content{};        ///< Plain text for people; sent with its length.
    viaduct::fields fields{};     ///< Further fields, such as Proxy-Authenticate or Allow.
    std::string proxy_error{};    ///< The error type of RFC 9209; sent in Proxy-Status if it is not empty.
    std::string next_hop{};       ///< The parent that was asked, for Proxy-Status; empty without.
    unsigned received_status = 0; ///< What it has answered, likewise; 0 for nothing.
    std::string squid_error{};    ///< Sent in X-Squid-Error if it is not empty: `ERR_DNS_FAIL 0`.

    static constexpr std::string_view content_type = "text/plain";

    /// The refusal as it goes over the wire.
    /**
     * @param name Who answers, for Proxy-Status.
     * @param then What it says of the connection.
     */
    [[nodiscard]] VIADUCT_DECL std::string text(std::string_view name = "viaduct",
                                                after_answer then = after_answer::close) const;

    /// Octets of content that `text` sends: `content` and the end of its line, or none at all.
    [[nodiscard]] std::size_t content_length() const noexcept
    {
        return content.empty() ? 0 : content.size() + 1;
    }
};

/// The status for an error: what went wrong, in HTTP's terms.
/**
 * A malformed request 400, a refused destination 403, missing or wrong credentials 407, another method 405, a
 * slow head 408, too long a request line 414, a limit of the client's 429, too large a head 431, an upstream
 * that fails 502, a limit of the proxy's 503, an upstream that does not answer 504, another HTTP version 505,
 * a request that goes round 508; 500 for anything else. Other profiles differ in some of them.
 */
[[nodiscard]] VIADUCT_DECL unsigned status_of(error_code ec,
                                              status_profile profile = status_profile::standard) noexcept;

/// The error type of RFC 9209 section 2.3 for an error.
[[nodiscard]] VIADUCT_DECL std::string_view proxy_error_of(error_code ec) noexcept;

/// The whole answer for an error.
/** Its content says what was wrong, and nothing that the client does not know: no address that a name
 * resolved to. */
[[nodiscard]] VIADUCT_DECL refusal refusal_for(error_code ec,
                                               status_profile profile = status_profile::standard);

/// The same for one that holds only for a while.
/** @param retry_after What Retry-After says (RFC 9110 section 10.2.3); with zero there is no such field. */
[[nodiscard]] VIADUCT_DECL refusal refusal_for(error_code ec, std::chrono::seconds retry_after,
                                               status_profile profile = status_profile::standard);

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/refusal.ipp>
#endif

#endif

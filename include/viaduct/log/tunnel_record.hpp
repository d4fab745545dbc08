#ifndef VIADUCT_LOG_TUNNEL_RECORD_HPP
#define VIADUCT_LOG_TUNNEL_RECORD_HPP

#include <viaduct/error.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace viaduct {

/// What became of a request.
enum class request_outcome : unsigned char
{
    unread, ///< No valid request came: garbage, silence, an early end.
    denied, ///< A valid request that was refused before anything was tried: by a rule, by a limit, or because
            ///< nobody could tell.
    tunnel  ///< The target was tried; the status tells whether it was reached.
};

/// Everything that is known about one request when it is over: one record each, whatever became of it.
/**
 * A plain value: a format turns it into a line. Text that came from a client is kept as it came, and is for
 * the format to escape.
 */
struct tunnel_record
{
    using duration = std::chrono::steady_clock::duration;

    std::chrono::system_clock::time_point ended{}; ///< When the record was made.
    duration elapsed{};                            ///< From the accepted connection to its end.

    std::string client{}; ///< The client's address, without port.
    std::uint16_t client_port = 0;
    std::string method{}; ///< As it came; empty if no request line could be read.
    std::string target{}; ///< As it came; empty likewise.
    std::string user{};   ///< Who the client proved to be; empty if nobody asked.
    std::string scheme{}; ///< By which scheme of authentication; empty without, `TLS` for a certificate.

    std::string rule{}; ///< The rule that decided, as it was written; empty if none did.

    /// The rule on trial that would have denied the request, or in parentheses what the rules on trial would
    /// have had to find out first; empty if they would have let it pass.
    std::string reported{};

    request_outcome outcome = request_outcome::unread;
    unsigned status = 0;       ///< The status sent; 0 if none was.
    std::string peer{};        ///< The address that was connected to, or tried last; empty if none was.
    std::string hierarchy{};   ///< How it was chosen, in Squid's words (`HIER_DIRECT`); empty if none was.
    std::string parent{};      ///< The name of the parent proxy that was asked; empty without.
    std::string proxy_error{}; ///< The error type of RFC 9209, as sent in Proxy-Status; empty if none was.
    error_code error{};        ///< What ended it, if not an orderly close.

    std::string content_type{};          ///< Of the refusal that was sent.
    std::uint64_t bytes_to_client = 0;   ///< Everything sent to the client, heads included.
    std::uint64_t bytes_from_client = 0; ///< Octets of the tunnel, without the request head.
};

} // namespace viaduct

#endif

#ifndef VIADUCT_LOG_TUNNEL_RECORD_HPP
#define VIADUCT_LOG_TUNNEL_RECORD_HPP

#include <viaduct/error.hpp>
#include <viaduct/http/fields.hpp>
#include <viaduct/http/trace_context.hpp>
#include <viaduct/log/tunnel_course.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace viaduct {

/// Everything that is known about one request when it is over: one record each, whatever became of it.
/**
 * A plain value: a format turns it into a line. Text that came from a client is kept as it came, and is for
 * the format to escape. What it costs memory to keep while a tunnel is open is there only if somebody wants
 * it (`record_wishes`). There are no credentials in it.
 */
struct tunnel_record
{
    using duration = std::chrono::steady_clock::duration;

    // ---- the request, and the connection it came on

    record_event event = record_event::end;

    /// Tells this request from all others of this process: 16 hexadecimal digits when printed.
    std::uint64_t id = 0;
    std::optional<trace_context> trace{}; ///< As the client says in `traceparent`.

    std::string client{}; ///< The client's address, without port: the one a trusted PROXY header names.
    std::uint16_t client_port = 0;
    std::string connection{}; ///< The other end of the connection: a load balancer behind a PROXY header.
    std::uint16_t connection_port = 0;
    std::string local{}; ///< Where the client connected to.
    std::uint16_t local_port = 0;
    std::string listener{}; ///< The listener's name; empty without one.
    tls_of_client tls{};    ///< Empty without TLS.

    std::string method{}; ///< As it came; empty if no request line could be read.
    /// As it came, but for a user and a password in it (`***`), and the query of a page; empty likewise.
    std::string target{};
    int minor_version = 1;       ///< Of HTTP/1.
    fields request_fields{};     ///< With `***` for credentials. If wished for.
    std::uint64_t head_size = 0; ///< Octets of the request head, as far as it came.

    // ---- what was decided

    std::string user{};   ///< Who the client proved to be; empty if nobody asked.
    std::string scheme{}; ///< By which scheme of authentication; empty without, `TLS` for a certificate.

    std::string rule{}; ///< The rule that decided, as it was written; empty if none did.

    /// The rule on trial that would have denied the request, or in parentheses what the rules on trial would
    /// have had to find out first; empty if they would have let it pass.
    std::string reported{};

    request_outcome outcome = request_outcome::unread;

    // ---- the way to the target

    std::vector<std::string> resolved{}; ///< The addresses that the target's name has. If wished for.
    std::vector<std::string> tried{};    ///< Those that were tried, in order. If wished for.
    unsigned attempts = 0;               ///< Connections that were tried, parents among them.
    std::string peer{}; ///< The address that was connected to, or tried last; empty if none was.
    std::uint16_t peer_port = 0;
    std::string outgoing{}; ///< This end of that connection; empty if there was none.
    std::uint16_t outgoing_port = 0;
    std::string hierarchy{}; ///< How it was chosen, in Squid's words (`HIER_DIRECT`); empty if none was.
    std::string parent{};    ///< The name of the parent proxy that was asked; empty without.

    // ---- the answer

    unsigned status = 0;        ///< The status sent; 0 if none was.
    std::string proxy_error{};  ///< The error type of RFC 9209, as sent in Proxy-Status; empty if none was.
    std::string content_type{}; ///< Of the refusal, or the page, that was sent; without parameters.
    fields answer_fields{};     ///< Those of the refusal that tell of its cause. If wished for.
    std::uint64_t answer_size = 0; ///< Octets of the answer's head and content.
    std::uint64_t answer_head = 0; ///< Those of its head among them.

    // ---- the tunnel, and the end

    request_times times{};
    std::uint64_t bytes_to_client = 0;   ///< Everything sent to the client, heads included.
    std::uint64_t bytes_from_client = 0; ///< Octets of the tunnel, without the request head.
    std::uint64_t early_bytes = 0;       ///< Those that lay there when the 200 was sent. If wished for.

    request_phase phase = request_phase::arrival; ///< How far it had come.
    tunnel_party ended_by = tunnel_party::nobody; ///< Who ended it.
    error_code error{};                           ///< What ended it, if not an orderly close.

    std::chrono::system_clock::time_point ended{}; ///< Its end, or now. A refusal is the end.
    duration elapsed{};                            ///< From the accepted connection to then.
};

} // namespace viaduct

#endif

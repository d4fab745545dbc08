#ifndef VIADUCT_SERVER_CONNECT_REQUEST_HPP
#define VIADUCT_SERVER_CONNECT_REQUEST_HPP

#include <viaduct/http/authority.hpp>
#include <viaduct/http/fields.hpp>
#include <viaduct/http/head.hpp>
#include <viaduct/server/status_profile.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace viaduct {

/// Which requests are valid.
enum class request_kinds : unsigned char
{
    tunnels, ///< CONNECT, and nothing else.

    /// GET, HEAD and DELETE with a target in origin-form (`/path?query`, RFC 9112 section 3.2.1), too: they
    /// ask for a `page` of the server's own.
    tunnels_and_pages,

    pages ///< Those alone; a CONNECT is `errc::method_not_allowed`.
};

/// How a request head is read.
struct request_options
{
    /// Of the request head.
    head_limits limits{16 * 1024, 16 * 1024, 64};

    /// How long a client may take for its whole head; `errc::head_timeout` and status 408 afterwards.
    std::chrono::milliseconds head_timeout = std::chrono::seconds{10};

    /// Whether HTTP/1.1 without Host is refused, as RFC 9112 section 3.2 demands. The request's target counts
    /// in any case.
    bool require_host = true;

    /// Who answers, for Proxy-Status: a host name or a label.
    std::string name = "viaduct";

    /// How many times `request::async_challenge` may ask on one connection; afterwards it is closed. NTLM
    /// needs two.
    std::size_t max_challenges = 4;

    /// Whose statuses the answers to heads that are no valid CONNECT have.
    status_profile statuses = status_profile::standard;

    /// Whoever switches pages on gets requests without a target: see `connect_request::asks_for_page`. A
    /// `service` sets this itself.
    request_kinds kinds = request_kinds::tunnels;
};

/// A request head as it was read, and what was answered if it was no valid request.
struct connect_request
{
    std::string method{};              ///< Empty if no request line could be read. Untrusted.
    std::string target_text{};         ///< The target as it came. Untrusted.
    std::optional<authority> target{}; ///< Set for a valid CONNECT, and only then.
    bool asks_for_page = false; ///< Whether it is a valid request for a page; there is no `target` then.
    int minor_version = 1;
    viaduct::fields fields{};
    std::size_t head_size = 0;                       ///< Octets of the head, as far as it came.
    bool complete = false;                           ///< Whether all of it came.
    std::chrono::steady_clock::time_point read_at{}; ///< When the head had been read, or given up.

    std::string answered_by = "viaduct"; ///< Who answers: `request_options::name`.
    unsigned answered_status = 0;        ///< The status of the refusal that has been sent; 0 if none has.
    std::size_t answer_size = 0;         ///< Its octets.
    std::size_t answer_content = 0;      ///< Those of its content among them.
};

} // namespace viaduct

#endif

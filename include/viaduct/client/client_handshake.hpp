#ifndef VIADUCT_CLIENT_CLIENT_HANDSHAKE_HPP
#define VIADUCT_CLIENT_CLIENT_HANDSHAKE_HPP

#include <viaduct/action.hpp>
#include <viaduct/client/connect_options.hpp>
#include <viaduct/client/connect_reply.hpp>
#include <viaduct/detail/head_reader.hpp>
#include <viaduct/http/authority.hpp>
#include <viaduct/http/head.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace viaduct {

/// Asks for a tunnel and judges the answer: the client's side of a CONNECT, without any I/O.
/**
 * See `action` for how to drive it. It writes the request, reads heads until the final one, and ends with
 *
 *   - success for any 2xx (RFC 9110 section 9.3.6). Content-Length and Transfer-Encoding in it mean nothing:
 * the tunnel begins behind the empty line, and `surplus()` octets of the last read are its first ones;
 *   - `errc::proxy_auth_required`, `proxy_auth_rejected` or `proxy_auth_unsupported` for a 407;
 *   - `errc::proxy_denied`, `target_unreachable` or `target_timeout` for a refusal that says so with its
 * Proxy-Status or its status, see `refusal_error`;
 *   - `errc::proxy_refused` for any other final status. 3xx is not followed, 101 is no tunnel;
 *   - `errc::too_many_interim_responses` after more 1xx answers than `connect_options::max_interim`;
 *   - `errc::proxy_closed` when the stream ends before the final head does;
 *   - what `head_parser` and `parse_status_line` report for an answer that is not HTTP/1;
 *   - `errc::credentials_invalid`, `field_name_invalid` or `field_value_invalid`, before anything is sent;
 *   - the error of a read or write that failed.
 *
 * A refusal's content is not read here: see `refusal_body`.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class client_handshake
{
public:
    /// Prepares the request; target and options are copied as far as they are needed.
    /// @param authorization The value of Proxy-Authorization, checked for what a field may hold; if it is
    /// empty, `options.who` makes it.
    VIADUCT_DECL client_handshake(authority const& target, connect_options const& options,
                                  std::string_view authorization = {});

    /// Takes the outcome of the last action and returns the next one; the arguments of the first call are not
    /// looked at.
    VIADUCT_DECL action resume(error_code ec, std::size_t bytes_transferred);

    /// How many octets of the last read lie behind the head.
    [[nodiscard]] std::size_t surplus() const noexcept { return head_.surplus(); }

    /// The request as it is sent. Holds the credentials: never log it as it is.
    [[nodiscard]] std::string_view request() const noexcept { return request_; }

    /// The scheme of the credentials in the request; empty if there are none.
    [[nodiscard]] std::string const& scheme() const noexcept { return scheme_; }

    /// The request as it may be shown: with `***` for the credentials.
    [[nodiscard]] VIADUCT_DECL std::string redacted_request() const;

    /// Overwrites the request, which is of no more use once it was sent.
    VIADUCT_DECL void erase_request() noexcept;

    /// Whether any octet of an answer came.
    [[nodiscard]] bool has_received() const noexcept { return !head_.empty() || !reply_.heads.empty(); }

    /// What is known of the final answer.
    [[nodiscard]] connect_reply const& reply() const noexcept { return reply_; }
    [[nodiscard]] connect_reply& reply() noexcept { return reply_; }

private:
    enum class phase : unsigned char
    {
        start,
        writing,
        reading
    };

    action on_octets(std::size_t n);
    action break_off(error_code ec, std::string_view lines);
    action on_head();
    action on_final_head();
    [[nodiscard]] errc judge_407() const;

    error_code invalid_; // of the options; before the request, whose making sets it
    std::string request_;
    detail::head_reader head_;
    status_line line_; // of the head being read; points into head_
    connect_reply reply_;
    unsigned max_interim_;
    std::string scheme_; // of the credentials that are sent; empty if none are
    phase phase_ = phase::start;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/client/client_handshake.ipp>
#endif

#endif

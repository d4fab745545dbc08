#ifndef VIADUCT_SERVER_SERVER_HANDSHAKE_HPP
#define VIADUCT_SERVER_SERVER_HANDSHAKE_HPP

#include <viaduct/action.hpp>
#include <viaduct/detail/head_reader.hpp>
#include <viaduct/server/connect_request.hpp>

#include <cstddef>
#include <string>

namespace viaduct {

/// Reads one request and judges whether it is a valid CONNECT, or a valid one for a page where
/// `request_options::kinds` has those: the server's side, without any I/O.
/**
 * See `action` for how to drive it. It ends with
 *
 *   - success for a valid request, which is unanswered: `request()` has it, and `surplus()` octets of the
 * last read lie behind its head. They are the first ones of the tunnel, and must not go anywhere before the
 * 2xx has been sent;
 *   - the error that made the request invalid, after the one answer to it was written. By RFC 9931 the
 * connection is then to be closed, without looking at another octet of it;
 *   - `errc::client_closed_before_head` when the stream ends first, without an answer;
 *   - the error of a read or write that failed.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class server_handshake
{
public:
    VIADUCT_DECL explicit server_handshake(request_options const& options);

    /// Takes the outcome of the last action and returns the next one; the arguments of the first call are not
    /// looked at.
    VIADUCT_DECL action resume(error_code ec, std::size_t bytes_transferred);

    /// The time for the head is over: the next `resume` starts the answer to that.
    /** Only after the action under way has been given up. Nothing happens if an answer has been started
     * before. */
    VIADUCT_DECL void expire();

    [[nodiscard]] std::size_t surplus() const noexcept { return head_.surplus(); }

    [[nodiscard]] connect_request const& request() const noexcept { return request_; }
    [[nodiscard]] connect_request& request() noexcept { return request_; }

private:
    enum class phase : unsigned char
    {
        start,
        reading,
        refusing, // the refusal is ready
        refused   // and being written
    };

    [[nodiscard]] action on_octets(std::size_t n);
    [[nodiscard]] error_code read_request_line();
    [[nodiscard]] error_code judge() const;
    [[nodiscard]] error_code judge_method() const;
    [[nodiscard]] error_code read_target();
    [[nodiscard]] bool is_for_page() const noexcept;
    [[nodiscard]] action refuse(error_code why);

    request_options options_;
    detail::head_reader head_;
    connect_request request_;
    error_code why_;
    std::string refusal_;
    phase phase_ = phase::start;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/server/server_handshake.ipp>
#endif

#endif
